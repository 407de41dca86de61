/* SPDX-License-Identifier: MIT */
/*
 * named_poster.h - the named poster at a terminal: open the posting window, say what came of it
 */
#ifndef HOLDFAST_AGENT_TERMINAL_NAMED_POSTER_H
#define HOLDFAST_AGENT_TERMINAL_NAMED_POSTER_H

#include <stdbool.h>

#include <holdfast/err.h>

/* What is asked for, and how it is answered. */
struct hf_post_how {
	const char *socket;  /* the agent's person.socket */
	const char *account; /* platform:handle */
	const char *post;    /* address of the post, or NULL */
	const char *why;     /* one line, or NULL */
	bool json;	     /* for programs; else in sentences */
};

/*
 * hf_post_pass - open the posting window of an account; hf_post_posted, hf_post_cannot - say that it is posted, or
 * cannot be: both close it at once
 *
 * hf_post_pass waits some seconds while the council's server is asked whether no other device has it.
 * Returns   HF_OK; why the agent refuses; HF_E_USAGE; HF_E_ABSENT no agent is running; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_post_pass(const struct hf_post_how *how, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_post_posted(const struct hf_post_how *how, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_post_cannot(const struct hf_post_how *how, struct hf_err *err);

#endif
