/* SPDX-License-Identifier: MIT */
/*
 * draft_page.h - what the draft check says, and what it marks; pure
 */
#ifndef HOLDFAST_AGENT_DESK_DRAFT_PAGE_H
#define HOLDFAST_AGENT_DESK_DRAFT_PAGE_H

#include <jansson.h>

#include <holdfast/draft.h>

#include "agent/desk/page.h"

#define HF_DESK_MARKS_SHOWN 100 /* rows; all are marked in the draft itself */

/* A draft that was looked through. Start it zeroed. */
struct hf_desk_draft {
	struct hf_draft_marks marks;
	struct hf_desk_page page; /* what is said of them */
};

#define hf_auto_desk_draft __attribute__((cleanup(hf_desk_draft_done)))

/*
 * hf_desk_check - look through a draft; hf_desk_draft_done - free what was found
 *
 * @answer    of the question `words`
 * @text      the draft, which is not kept
 * @exercise  of an exercise: each line says so
 * @ret       to hf_desk_draft_done; untouched unless HF_OK
 * Returns    HF_OK; HF_E_SIZE longer than HF_DRAFT_MAX; HF_E_MEMORY
 * Source     policy D10
 */
HF_NODISCARD enum hf_rc hf_desk_check(const json_t *answer, const char *text, bool exercise, struct hf_desk_draft *ret,
				      struct hf_err *err);
void hf_desk_draft_done(struct hf_desk_draft *draft);

#endif
