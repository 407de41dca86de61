/* SPDX-License-Identifier: MIT */
/*
 * day.h - calendar days, without asking the machine
 */
#ifndef HOLDFAST_DAY_H
#define HOLDFAST_DAY_H

#include <stdint.h>

#include <holdfast/err.h>

/* Whole days since 1970-01-01, in the calendar of the place that is spoken of. */
struct hf_day {
	int32_t n;
};

struct hf_day_parts {
	int year;  /* 1970..9999 */
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

#define HF_DAY_TEXT_SIZE 11 /* "2027-05-06" */
#define HF_DAY_MAX 2932896  /* 9999-12-31 */

/* Monday is 0, as in ISO 8601 less one. */
enum { HF_MONDAY, HF_TUESDAY, HF_WEDNESDAY, HF_THURSDAY, HF_FRIDAY, HF_SATURDAY, HF_SUNDAY };

/*
 * hf_day_make - the day of a date
 *
 * @parts    year 1970..9999
 * @ret_day  untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE there is no such date
 * Source    ISO 8601; proleptic Gregorian calendar
 */
HF_NODISCARD enum hf_rc hf_day_make(struct hf_day_parts parts, struct hf_day *ret_day);

/*
 * hf_day_parts, hf_day_weekday - year, month and day of a day; HF_MONDAY .. HF_SUNDAY
 *
 * @day      0..HF_DAY_MAX
 * Returns   the parts; the weekday
 * Source    ISO 8601
 */
struct hf_day_parts hf_day_parts(struct hf_day day);
int hf_day_weekday(struct hf_day day);

/*
 * hf_day_parse, hf_day_text - "YYYY-MM-DD" and back
 *
 * @text     exactly ten characters and an end mark; room for HF_DAY_TEXT_SIZE
 * @ret_day  untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SHAPE not that form, or no such date; text
 * Source    ISO 8601
 */
HF_NODISCARD enum hf_rc hf_day_parse(const char *text, struct hf_day *ret_day);
const char *hf_day_text(struct hf_day day, char text[HF_DAY_TEXT_SIZE]);

#endif
