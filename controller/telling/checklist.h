/* SPDX-License-Identifier: MIT */
/*
 * checklist.h - what people must do by hand at a raise and at the all-clear, because no laptop can
 *
 * Pure: a function of the orders, the register, what is kept beside it, the council's standing items, what was ticked off,
 * and time.
 */
#ifndef HOLDFAST_TELLING_CHECKLIST_H
#define HOLDFAST_TELLING_CHECKLIST_H

#include <holdfast/lockdowns.h>
#include <holdfast/register.h>

#include "controller/telling/beside.h"
#include "controller/telling/check_book.h"
#include "controller/telling/standing_items.h"

#define HF_CHECK_AFTER_S (7 * 24 * 3600) /* after an end, for so long each scheduler in scope is to be looked at */

/* What is to be done. */
#define HF_CHECK_LIST(X)                                                                                               \
	X(HF_CHECK_PAUSE, "pause")	 /* the scheduler of an account */                                             \
	X(HF_CHECK_STANDING, "standing") /* what the council does at every raise */                                    \
	X(HF_CHECK_RESUME, "resume")	 /* the scheduler again, without what is out of date */                        \
	X(HF_CHECK_CLEAR, "all-clear")	 /* what the council does at every all-clear */
#define HF_CHECK_ENUM(code, name) code,
enum hf_check_what { HF_CHECK_LIST(HF_CHECK_ENUM) HF_CHECK_WHAT_COUNT };
#undef HF_CHECK_ENUM

/* One item. Texts belong to what it was made of. */
struct hf_check_item {
	char id[HF_CHECK_ID_SIZE]; /* follows from lockdown, what and whose: the same for all time */
	const struct hf_lockdown *lockdown;
	enum hf_check_what what;
	const char *account;   /* "" of a standing item */
	const char *scheduler; /* "" of a standing item */
	const struct hf_standing_line *standing; /* NULL of an account */
	const struct hf_check_entry *entry;	 /* NULL: it was never ticked */
};

/* All of them; those of an account once. Start it zeroed. */
struct hf_checklist {
	struct hf_check_item *v;
	size_t n, room;
};

/* What it is made of. Borrowed. */
struct hf_check_ask {
	const struct hf_lockdowns *lockdowns;
	const struct hf_register *reg; /* NULL: there is none */
	const struct hf_beside *beside;
	const struct hf_standing_list *standing;
	const struct hf_check_book *book;
	struct hf_wall now;
};

#define hf_auto_checklist __attribute__((cleanup(hf_checklist_done)))

/*
 * hf_check_what_name - "pause", "standing", "resume", "all-clear"
 *
 * Owner     static text
 */
const char *hf_check_what_name(enum hf_check_what what);

/*
 * hf_check_item_id - what an item is called, for all time
 *
 * @whose    the account, or the name of the standing item
 * Source    controller/API.md "Checklists"
 */
void hf_check_item_id(const struct hf_lockdown *lockdown, enum hf_check_what what, const char *whose,
		      char id[HF_CHECK_ID_SIZE]);

/*
 * hf_checklist_make - every item of the lockdowns that are in force, and of those that have ended
 *
 * A scheduler is to be paused in each lockdown that shuts its account, and resumed once, when no live one shuts it any
 * more: where it was ticked as paused, or for a week. An exercise asks for nothing at its end.
 * @ret      zeroed before; to hf_checklist_done, also when it fails; points into ask
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D4.1, D9.3
 */
HF_NODISCARD enum hf_rc hf_checklist_make(const struct hf_check_ask *ask, struct hf_checklist *ret);

/*
 * hf_checklist_find - the item of this id
 *
 * Owner     belongs to the list
 * Returns   NULL: there is none
 */
const struct hf_check_item *hf_checklist_find(const struct hf_checklist *list, const char *id);

/*
 * hf_check_is_open - is it still to be done
 */
bool hf_check_is_open(const struct hf_check_item *item);

/*
 * hf_checklist_open - how many are, of live lockdowns and of exercises
 */
void hf_checklist_open(const struct hf_checklist *list, size_t *ret_live, size_t *ret_exercise);

/*
 * hf_checklist_done - free, zero
 */
void hf_checklist_done(struct hf_checklist *list);

#endif
