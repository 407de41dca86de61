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

#define HF_LIST_MAX 256 /* words of one wish: more than accounts in a register */

/* Words that somebody gave for one thing. Borrowed. */
struct hf_list {
	const char *v[HF_LIST_MAX];
	size_t n;
};

struct hf_office {
	const char *folder; /* the council folder; NULL: not said */
	const char *socket; /* of the controller */
	void (*on_warning)(void *arg, const char *text);
	void *arg;
};

/*
 * hf_office_warn - say something that the officer must know and that stops nothing
 */
void hf_office_warn(const struct hf_office *office, const char *fmt, ...) HF_PRINTF(2, 3);

#endif
