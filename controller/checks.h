/* SPDX-License-Identifier: MIT */
/*
 * checks.h - the checklists of this controller: made of all that it knows, and what is ticked off of them recorded
 */
#ifndef HOLDFAST_CONTROLLER_CHECKS_H
#define HOLDFAST_CONTROLLER_CHECKS_H

#include "controller/controller.h"
#include "controller/telling/checklist.h"

#define HF_SCHEDULERS_FILE_MAX (256 * 1024) /* bytes: every scheduler that there is, with a page each */

/* A checklist and what it points into. Start it zeroed. */
struct hf_checks {
	struct hf_standing_list standing;
	struct hf_checklist list;
	struct hf_err trouble; /* what of the council's file counts for nothing */
};

#define hf_auto_checks __attribute__((cleanup(hf_checks_done)))

/*
 * hf_checks_make - all items as they stand now
 *
 * @lockdowns  of now; must live as long as what is made
 * @ret      zeroed before; to hf_checks_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK, with ret->trouble where a file cannot be read; HF_E_MEMORY
 * Source    controller/API.md "Checklists"
 */
HF_NODISCARD enum hf_rc hf_checks_make(const struct hf_controller *c, const struct hf_lockdowns *lockdowns,
				       struct hf_checks *ret, struct hf_err *err);

/* What somebody says of one item. */
struct hf_check_word {
	bool done; /* else it is undone */
	const char *item;
	int64_t count;	  /* -1: not said */
	const char *note; /* "": none */
};

/*
 * hf_checks_say - record it, with who says it
 *
 * @ret_new  false: it stood so already, and nothing was recorded; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT there is no such item; HF_E_MISMATCH it is not done; HF_E_SIZE it was ticked and unticked
 *           too often; as hf_own_record
 * Source    controller/API.md "Checklists"
 */
HF_NODISCARD enum hf_rc hf_checks_say(struct hf_controller *c, const struct hf_check_word *word, bool *ret_new,
				      struct hf_err *err);

/*
 * hf_checks_done - free all, zero
 */
void hf_checks_done(struct hf_checks *checks);

#endif
