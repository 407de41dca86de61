/* SPDX-License-Identifier: MIT */
/*
 * Owns the ways in which officers write a time, and the way it is shown to them.
 * Must never look at a clock or at the machine's time zone.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>

#include "controller/office/times.h"

#define LOCAL_LEN 16 /* "YYYY-MM-DD HH:MM" */
#define DAY_S 86400
#define HOUR_S 3600
#define LAST_MINUTE 1439
#define LAST_SECOND 59

static int two_digits(const char *s)
{
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return -1;
	return (s[0] - '0') * 10 + (s[1] - '0');
}

/* A day and minutes since its midnight: the first LOCAL_LEN characters. */
static enum hf_rc read_local(const char *text, struct hf_day *ret_day, int *ret_minute)
{
	char date[HF_DAY_TEXT_SIZE];
	int hour, minute;

	if (strlen(text) < LOCAL_LEN || text[HF_DAY_TEXT_SIZE - 1] != ' ')
		return HF_E_SHAPE;
	memcpy(date, text, HF_DAY_TEXT_SIZE - 1);
	date[HF_DAY_TEXT_SIZE - 1] = '\0';
	hour = two_digits(text + HF_DAY_TEXT_SIZE);
	minute = two_digits(text + HF_DAY_TEXT_SIZE + 3);
	if (hf_day_parse(date, ret_day) != HF_OK || text[HF_DAY_TEXT_SIZE + 2] != ':' || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59)
		return HF_E_SHAPE;
	*ret_minute = hour * 60 + minute;
	return HF_OK;
}

enum hf_rc hf_times_parse(const char *text, struct hf_wall *ret_t)
{
	struct hf_day day;
	int minute;
	bool summer;

	if (read_local(text, &day, &minute) != HF_OK)
		return hf_wall_parse(text, ret_t);
	if (text[LOCAL_LEN] == '\0') {
		if (hf_london_often(day, minute) != 1)
			return HF_E_SHAPE;
		*ret_t = hf_london_wall(day, minute);
		return HF_OK;
	}
	summer = strcmp(text + LOCAL_LEN, " BST") == 0;
	if (!summer && strcmp(text + LOCAL_LEN, " GMT") != 0)
		return HF_E_SHAPE;
	*ret_t = (struct hf_wall){(int64_t)day.n * DAY_S + minute * 60 - (summer ? HOUR_S : 0)};
	return HF_OK;
}

enum hf_rc hf_times_wished(const char *what, const char *text, struct hf_wall *ret_t, struct hf_err *err)
{
	struct hf_day day;
	int minute;

	if (hf_times_parse(text, ret_t) == HF_OK)
		return HF_OK;
	if (strlen(text) != LOCAL_LEN || read_local(text, &day, &minute) != HF_OK)
		return hf_err_set(
			err, HF_E_USAGE,
			"The %s must be a time such as \"2027-05-06 22:00\" (local) or 2027-05-06T21:00:00Z, not `%s`.",
			what, text);
	if (hf_london_often(day, minute) == 0)
		return hf_err_set(err, HF_E_USAGE,
				  "The %s is never: the clocks go forward past %s. Say an hour earlier or later.", what,
				  text);
	return hf_err_set(err, HF_E_USAGE,
			  "The %s comes twice, for the clocks go back: say \"%s BST\", which is the first, or \"%s GMT\".",
			  what, text, text);
}

/* A number of at most so many digits, up to one character. */
static const char *number_upto(const char *text, char end, size_t digits, int *ret)
{
	char *stop = NULL;

	if (text[0] < '0' || text[0] > '9')
		return NULL;
	*ret = (int)strtol(text, &stop, 10);
	return *stop == end && (size_t)(stop - text) <= digits ? stop : NULL;
}

enum hf_rc hf_times_day(const char *text, struct hf_day *ret_day)
{
	struct hf_day_parts parts = {0};
	const char *at = number_upto(text, '/', 2, &parts.day);

	if (!at)
		return hf_day_parse(text, ret_day);
	at = number_upto(at + 1, '/', 2, &parts.month);
	at = at ? number_upto(at + 1, '\0', 4, &parts.year) : NULL;
	/* Two digits of a year are nobody's century. */
	return at && parts.year >= 1970 ? hf_day_make(parts, ret_day) : HF_E_SHAPE;
}

enum hf_rc hf_times_last(const char *what, const char *text, struct hf_wall *ret_t, struct hf_err *err)
{
	struct hf_day day;

	if (strcmp(text, "none") == 0) {
		*ret_t = (struct hf_wall){0};
		return HF_OK;
	}
	if (hf_times_day(text, &day) != HF_OK)
		return hf_times_wished(what, text, ret_t, err);
	*ret_t = hf_london_wall(day, LAST_MINUTE);
	ret_t->s += LAST_SECOND;
	return HF_OK;
}

const char *hf_times_text(struct hf_wall t, char text[HF_TIMES_TEXT_SIZE])
{
	char local[HF_WALL_TEXT_SIZE], utc[HF_WALL_TEXT_SIZE];

	hf_london_text(t, local);
	hf_wall_text(t, utc);
	if (hf_str_printf(text, HF_TIMES_TEXT_SIZE, "%s%s%s%s", local, t.s > 0 ? " (" : "", t.s > 0 ? utc : "",
			  t.s > 0 ? ")" : "") != HF_OK)
		return "?";
	return text;
}

const char *hf_times_utc(struct hf_wall t, char text[HF_TIMES_UTC_SIZE])
{
	int s = (int)(t.s % DAY_S);
	char day[HF_DAY_TEXT_SIZE];

	if (hf_str_printf(text, HF_TIMES_UTC_SIZE, "%sT%02d:%02d:%02dZ",
			  hf_day_text((struct hf_day){(int32_t)(t.s / DAY_S)}, day), s / 3600, s % 3600 / 60,
			  s % 60) != HF_OK)
		return "?";
	return text;
}
