/* SPDX-License-Identifier: MIT */
/*
 * when.h - times as officers write and read them: Europe/London, or UTC with a Z
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CLI_WHEN_H
#define HOLDFAST_CLI_WHEN_H

#include <holdfast/time.h>

#define HF_WHEN_TEXT_SIZE 72 /* "2027-03-30 00:01 BST (2027-03-29 23:01:00 UTC)" */
#define HF_UTC_TEXT_SIZE 24  /* "2027-03-29T23:01:00Z" */

/*
 * hf_when_parse - "YYYY-MM-DD HH:MM" of clocks in London, "YYYY-MM-DDTHH:MM:SSZ", or whole seconds
 *
 * @ret_t    untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE none of these, or no such time
 * Source    include/holdfast/day.h
 */
HF_NODISCARD enum hf_rc hf_when_parse(const char *text, struct hf_wall *ret_t);

/*
 * hf_when_text - a moment in local time with UTC beside it; hf_when_utc - in the form that hf_when_parse reads
 *
 * @text     room for HF_WHEN_TEXT_SIZE; for HF_UTC_TEXT_SIZE
 * Owner     the caller's buffer
 * Returns   text; "no end" for 0
 */
const char *hf_when_text(struct hf_wall t, char text[HF_WHEN_TEXT_SIZE]);
const char *hf_when_utc(struct hf_wall t, char text[HF_UTC_TEXT_SIZE]);

#endif
