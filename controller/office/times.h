/* SPDX-License-Identifier: MIT */
/*
 * times.h - times as officers write and read them: Europe/London, or UTC with a Z
 */
#ifndef HOLDFAST_OFFICE_TIMES_H
#define HOLDFAST_OFFICE_TIMES_H

#include <holdfast/day.h>
#include <holdfast/time.h>

#define HF_TIMES_TEXT_SIZE 72 /* "2027-03-30 00:01 BST (2027-03-29 23:01:00 UTC)" */
#define HF_TIMES_UTC_SIZE 24  /* "2027-03-29T23:01:00Z" */

/*
 * hf_times_parse - "YYYY-MM-DD HH:MM" of clocks in London, with BST or GMT behind it if said, "YYYY-MM-DDTHH:MM:SSZ", or
 * whole seconds
 *
 * @ret_t    untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE none of these, no such time, or one that clocks show twice
 * Source    include/holdfast/london.h
 */
HF_NODISCARD enum hf_rc hf_times_parse(const char *text, struct hf_wall *ret_t);

/*
 * hf_times_wished - the same, of what an officer has given, with a sentence for that officer
 *
 * @what     which time, for people: "start"
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_times_wished(const char *what, const char *text, struct hf_wall *ret_t, struct hf_err *err);

/*
 * hf_times_day - a day as officers and their spreadsheets write it: "YYYY-MM-DD" or "DD/MM/YYYY"
 *
 * @ret_day  untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE neither, or no such day
 */
HF_NODISCARD enum hf_rc hf_times_day(const char *text, struct hf_day *ret_day);

/*
 * hf_times_last - the last moment of something, as officers write it: also a day, which ends with it; "none": no end
 *
 * @ret_t    0: no end
 * Returns   as hf_times_wished
 * Source    policy D2.9
 */
HF_NODISCARD enum hf_rc hf_times_last(const char *what, const char *text, struct hf_wall *ret_t, struct hf_err *err);

/*
 * hf_times_text - a moment in local time with UTC beside it; hf_times_utc - in the form that hf_times_parse reads
 *
 * @text     room for HF_TIMES_TEXT_SIZE; for HF_TIMES_UTC_SIZE
 * Returns   text; "no end" for 0
 */
const char *hf_times_text(struct hf_wall t, char text[HF_TIMES_TEXT_SIZE]);
const char *hf_times_utc(struct hf_wall t, char text[HF_TIMES_UTC_SIZE]);

#endif
