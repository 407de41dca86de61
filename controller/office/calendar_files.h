/* SPDX-License-Identifier: MIT */
/*
 * calendar_files.h - the calendar at hand: the one of the package, renewed by the officer's files
 */
#ifndef HOLDFAST_OFFICE_CALENDAR_FILES_H
#define HOLDFAST_OFFICE_CALENDAR_FILES_H

#include <holdfast/calendar.h>

#include "controller/office/office.h"

/*
 * hf_calendar_files_open - the bank holidays to count with
 *
 * The file that the office names; else the one beside the program or in its package. Then each of the officer's files
 * is merged into it, in their order: a newer file renews, it never replaces.
 * @renewed_by  paths; may be empty
 * @ret_calendar  to hf_calendar_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such file; reasons of hf_calendar_read and hf_calendar_merge, with the file
 * Source    proto/README.md "Working days"
 */
HF_NODISCARD enum hf_rc hf_calendar_files_open(const struct hf_office *office, const struct hf_list *renewed_by,
					       struct hf_calendar *ret_calendar, struct hf_err *err);

#endif
