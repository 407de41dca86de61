/* SPDX-License-Identifier: MIT */
/*
 * pages.h - which orders a state carries, and on which of its pages
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_PAGES_H
#define HOLDFAST_CONTROLLER_PAGES_H

#include <stddef.h>

#include <holdfast/known.h>

#include "controller/estate/estate.h"

#define HF_CARRY_S (30 * 24 * 3600) /* what was released or is over is said for 30 days: a long holiday */
#define HF_CARRY_DONE_MAX 64	    /* and no more of these, the newest: one message is one page */

/* Orders in the order in which they are to be said; those of one group belong together. */
struct hf_carried {
	const struct hf_heard *v[HF_ORDERS_MAX];
	size_t group[HF_ORDERS_MAX]; /* grows */
	size_t n;
};

/*
 * hf_carry - choose the orders that a state carries
 *
 * Every lockdown that is live; then those released or over less than HF_CARRY_S ago, or longer as long as some device
 * last said that it still holds it; each with its amendments that count and its releases. Last, approved releases of
 * lockdowns that are not known here.
 * @ret_carried  points into known
 * Source    proto/README.md "State"
 */
void hf_carry(const struct hf_known *known, const struct hf_estate_view *view, const struct hf_estate *estate,
	      struct hf_carried *ret_carried);

/* What is to be split. */
struct hf_pieces {
	const size_t *sizes; /* bytes of each piece */
	const size_t *group; /* pieces of one group stand together; grows */
	size_t n;
	size_t room; /* bytes of a page */
	size_t most; /* pieces of a page */
	size_t pages_max;
};

/*
 * hf_pages_split - which page each piece goes to
 *
 * In order. A group that fits into one page is not torn. What no longer fits into pages_max is left out, from the end.
 * @ret_page   for each piece its page, growing from 0; n of them
 * @ret_fit    how many pieces, from the first, have a page
 * Returns   number of pages, at least 1
 * Source    proto/README.md "State"
 */
size_t hf_pages_split(const struct hf_pieces *pieces, size_t *ret_page, size_t *ret_fit);

#endif
