/* SPDX-License-Identifier: MIT */
/*
 * time.c - owns the text of a time and its way back, in UTC and the Gregorian calendar.
 * Room: proto/base (libc only).
 * Must never look at a clock or a time zone: the same number is the same text everywhere.
 */
#include <holdfast/time.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <holdfast/str.h>

#define DAY 86400

struct date {
	int64_t year, month, day;
};

/* Days of the calendar before 1 January of this year, counted from 1 January of the year 1. */
static int64_t days_before_year(int64_t year)
{
	int64_t y = year - 1;
	return y * 365 + y / 4 - y / 100 + y / 400;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01. */
static int64_t days_of_date(const struct date *d)
{
	int64_t days = days_before_year(d->year) - days_before_year(1970) + d->day - 1;
	for (int64_t month = 1; month < d->month; month++)
		days += days_in_month(d->year, month);
	return days;
}

static struct date date_of_days(int64_t days)
{
	struct date d = {.year = 1970 + days / 366, .month = 1, .day = 1};
	while (days_of_date(&(struct date){d.year + 1, 1, 1}) <= days)
		d.year++;
	days -= days_of_date(&d);
	while (days >= days_in_month(d.year, d.month))
		days -= days_in_month(d.year, d.month++);
	d.day += days;
	return d;
}

const char *hf_wall_text(struct hf_wall t, char text[HF_WALL_TEXT_SIZE])
{
	enum hf_rc rc;
	if (t.s == 0) {
		rc = hf_str_copy(text, HF_WALL_TEXT_SIZE, "no end");
	} else if (t.s < 0 || t.s > HF_WALL_MAX) {
		rc = hf_str_copy(text, HF_WALL_TEXT_SIZE, "an impossible time");
	} else {
		struct date d = date_of_days(t.s / DAY);
		int64_t s = t.s % DAY;
		rc = hf_str_printf(text, HF_WALL_TEXT_SIZE,
				   "%04" PRId64 "-%02" PRId64 "-%02" PRId64 " %02" PRId64 ":%02" PRId64 ":%02" PRId64
				   " UTC",
				   d.year, d.month, d.day, s / 3600, s / 60 % 60, s % 60);
	}
	return rc == HF_OK ? text : "?";
}

/* n digits and nothing else; -1 for anything else. */
static int64_t digits(const char *s, size_t n)
{
	int64_t value = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

static enum hf_rc parse_seconds(const char *text, struct hf_wall *ret_t)
{
	size_t len = strlen(text);
	if (len < 1 || len > 12)
		return HF_E_SHAPE;
	int64_t s = digits(text, len);
	if (s < 0 || s > HF_WALL_MAX)
		return HF_E_SHAPE;
	ret_t->s = s;
	return HF_OK;
}

enum hf_rc hf_wall_parse(const char *text, struct hf_wall *ret_t)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	if (strlen(text) != strlen(form))
		return parse_seconds(text, ret_t);
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? digits(text + i, 1) < 0 : text[i] != form[i])
			return HF_E_SHAPE;

	struct date d = {digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
	int64_t h = digits(text + 11, 2), m = digits(text + 14, 2), s = digits(text + 17, 2);
	if (d.year < 1970 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > days_in_month(d.year, d.month))
		return HF_E_SHAPE;
	if (h > 23 || m > 59 || s > 59)
		return HF_E_SHAPE;
	ret_t->s = days_of_date(&d) * DAY + h * 3600 + m * 60 + s;
	return HF_OK;
}
