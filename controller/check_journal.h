/* SPDX-License-Identifier: MIT */
/*
 * check_journal.h - the journal and its copy, read to their ends for somebody who asks whether they are whole
 */
#ifndef HOLDFAST_CONTROLLER_CHECK_JOURNAL_H
#define HOLDFAST_CONTROLLER_CHECK_JOURNAL_H

#include <holdfast/json.h>

#include "controller/conf/settings.h"

/*
 * hf_check_copy - read a copy of the journal to its end
 *
 * @ret_answer  an object; a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK it was looked at, whatever was found; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_check_copy(const char *path, json_t **ret_answer, struct hf_err *err);

/*
 * hf_check_journal - read the journal to its end, beside a controller that may run
 *
 * @copy     what hf_check_copy said; NULL: there is no copy. "of_this" is added: are its records those of the journal
 * @ret_answer  as hf_check_copy
 * @ret_whole   is all of it whole; untouched unless HF_OK
 * Owner     copy gets a member more, and stays the caller's
 * Returns   as hf_check_copy
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_check_journal(const struct hf_settings *settings, json_t *copy, json_t **ret_answer,
					 bool *ret_whole, struct hf_err *err);

#endif
