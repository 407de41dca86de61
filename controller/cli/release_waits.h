/* SPDX-License-Identifier: MIT */
/*
 * release_waits.h - does an all-clear of the same wait for its second officer already
 */
#ifndef HOLDFAST_CLI_RELEASE_WAITS_H
#define HOLDFAST_CLI_RELEASE_WAITS_H

#include "controller/office/council_view.h"

/* What is to be released: a lockdown, or all of one kind that a person alone has raised. */
struct hf_release_of {
	const struct hf_digest *lockdown; /* NULL: a person */
	const char *person;
	enum hf_kind kind; /* of what the person raised */
};

/*
 * hf_release_waits - no draft that somebody has signed releases that
 *
 * Two officers who each write a release of their own wait for each other for ever.
 * Returns   HF_OK none does; HF_E_PENDING one waits: its digest and what to do are in the text; as hf_client_list
 * Source    policy D9.3; proto/README.md "Shares"
 */
HF_NODISCARD enum hf_rc hf_release_waits(const struct hf_view *view, const struct hf_release_of *what,
					 struct hf_err *err);

#endif
