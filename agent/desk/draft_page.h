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

/*
 * hf_desk_check - look through a draft
 *
 * @answer    of the question `words`
 * @text      the draft, which is not kept
 * @exercise  of an exercise: each line says so
 * @ret_marks, @ret_page  to hf_draft_marks_done, hf_desk_page_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE longer than HF_DRAFT_MAX; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_desk_check(const json_t *answer, const char *text, bool exercise,
				      struct hf_draft_marks *ret_marks, struct hf_desk_page *ret_page,
				      struct hf_err *err);

#endif
