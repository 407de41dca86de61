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

#define HF_CARRY_S (30 * 24 * 3600)	 /* what was released or is over is said for 30 days: a long holiday */
#define HF_CARRY_LAST_S (400 * 24 * 3600) /* and at most for 400 for who has not reported since: a year in a drawer */
#define HF_CARRY_WHOLE_S HF_CARRY_S	 /* with its raise no longer than that: devices that come late show what was */
#define HF_CARRY_WHOLE_MAX (768 * 1024)	 /* bytes of payload of raises and amendments that are done: a third of a state */
#define HF_CARRY_DONE_MAX 400		 /* no more of these, the newest: ten pages of releases */
#define HF_CARRY_EXERCISES_MAX 16	 /* nor of these, which come last */

/* Orders in the order in which they are to be said; those of one group belong together. */
struct hf_carried {
	const struct hf_heard **v;
	size_t *group; /* grows */
	size_t n;
};

#define hf_auto_carried __attribute__((cleanup(hf_carried_done)))

/*
 * hf_carry - choose the orders that a state carries
 *
 * Every live lockdown that holds or is to come, each with its amendments that count; then those released or over less
 * than HF_CARRY_S ago, or up to HF_CARRY_LAST_S until every device that is in use has reported since, and as long as one
 * says that it holds it; then releases of people, and approved ones of lockdowns that are not known here; exercises last.
 * What was released is said as its release alone once every device in use has reported since, after HF_CARRY_WHOLE_S,
 * and beyond HF_CARRY_WHOLE_MAX.
 * @estate       NULL: for officers. Every lockdown is whole, however long ago it was, for a screen believes no word about
 *               one whose orders it has not
 * @ret_carried  to hf_carried_done; untouched unless HF_OK
 * Owner     see ret_carried; points into known
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "State"
 */
HF_NODISCARD enum hf_rc hf_carry(const struct hf_known *known, const struct hf_estate_view *view,
				 const struct hf_estate *estate, struct hf_carried *ret_carried);

/*
 * hf_carried_done - free its arrays, zero it
 *
 * Owner     ends; the orders stay
 */
void hf_carried_done(struct hf_carried *carried);

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
