/* SPDX-License-Identifier: MIT */
/*
 * office.h - what a face of the office hands in: where the council's papers and its controller are, and who hears of
 * what is odd
 *
 * The office trusts the council folder, never the controller.
 */
#ifndef HOLDFAST_OFFICE_OFFICE_H
#define HOLDFAST_OFFICE_OFFICE_H

#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/json.h>

#define HF_LIST_MAX 256 /* words of one wish: more than accounts in a register */

/* Words that somebody gave for one thing. Borrowed. */
struct hf_list {
	const char *v[HF_LIST_MAX];
	size_t n;
};

/* What an officer must do about an error, in the way of the face at which that officer sits. */
/* clang-format off */
enum hf_hint { HF_HINT_FOLDER, HF_HINT_SOCKET, HF_HINT_LOCKDOWNS, HF_HINT_DEVICES, HF_HINT_BROKERS, HF_HINT_POLLS, HF_HINT_TEMPLATES,
	       HF_HINT_PLACES, HF_HINT_AGAIN, HF_HINT_UNSURE, HF_HINT_COUNT };
/* clang-format on */

struct hf_line;

struct hf_office {
	const char *folder;   /* the council folder; NULL: not said */
	const char *socket;   /* of the controller */
	const char *calendar; /* the bank holidays to count with; NULL: those beside the program or in its package */
	const char *const *hints; /* HF_HINT_COUNT ends of sentences, with the comma; NULL: it adds nothing */
	void (*on_warning)(void *arg, const char *text);
	void (*on_pages)(void *arg, size_t n, size_t of); /* rows of a long list; 0 of 0: it begins; or NULL */
	void (*on_again)(void *arg, size_t n,
			 size_t of); /* asked the n-th time what became of something; 0 of 0: no more; or NULL */
	struct hf_line *line; /* of client.h; NULL: each question comes by a connection of its own */
	enum hf_rc (*get)(void *arg, const char *path, json_t **ret, struct hf_err *err); /* NULL: over the socket */
	void *arg;
};

/*
 * hf_office_warn - say something that the officer must know and that stops nothing
 */
void hf_office_warn(const struct hf_office *office, const char *fmt, ...) HF_PRINTF(2, 3);

/*
 * hf_office_hint - how this face does what an error asks for, to be put behind the words that ask for it
 *
 * Returns   "" when the face adds nothing
 */
const char *hf_office_hint(const struct hf_office *office, enum hf_hint hint);

#endif
