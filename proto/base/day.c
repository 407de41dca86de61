/* SPDX-License-Identifier: MIT */
/*
 * Owns calendar days.
 * Must never look at a clock: the same number is the same date everywhere.
 */
#include <holdfast/day.h>

#include <string.h>

#include <holdfast/str.h>

/* Days of the calendar before 1 January of this year, counted from 1 January of the year 1. */
static int32_t days_before_year(int year)
{
	int y = year - 1;
	return y * 365 + y / 4 - y / 100 + y / 400;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

enum hf_rc hf_day_make(struct hf_day_parts parts, struct hf_day *ret_day)
{
	if (parts.year < 1970 || parts.year > 9999 || parts.month < 1 || parts.month > 12)
		return HF_E_SHAPE;
	if (parts.day < 1 || parts.day > days_in_month(parts.year, parts.month))
		return HF_E_SHAPE;
	int32_t n = days_before_year(parts.year) - days_before_year(1970) + parts.day - 1;
	for (int month = 1; month < parts.month; month++)
		n += days_in_month(parts.year, month);
	ret_day->n = n;
	return HF_OK;
}

struct hf_day_parts hf_day_parts(struct hf_day day)
{
	struct hf_day_parts parts = {.year = 1970 + day.n / 366, .month = 1, .day = 1};
	while (parts.year < 9999 && days_before_year(parts.year + 1) - days_before_year(1970) <= day.n)
		parts.year++;
	int32_t left = day.n - (days_before_year(parts.year) - days_before_year(1970));
	while (left >= days_in_month(parts.year, parts.month))
		left -= days_in_month(parts.year, parts.month++);
	parts.day += left;
	return parts;
}

int hf_day_weekday(struct hf_day day)
{
	return (day.n + HF_THURSDAY) % 7; /* 1970-01-01 was a Thursday */
}

enum hf_rc hf_day_parse(const char *text, struct hf_day *ret_day)
{
	if (strlen(text) != HF_DAY_TEXT_SIZE - 1 || text[4] != '-' || text[7] != '-')
		return HF_E_SHAPE;
	struct hf_day_parts parts = {(int)hf_str_digits(text, 4), (int)hf_str_digits(text + 5, 2),
				     (int)hf_str_digits(text + 8, 2)};
	return hf_day_make(parts, ret_day);
}

const char *hf_day_text(struct hf_day day, char text[HF_DAY_TEXT_SIZE])
{
	struct hf_day_parts p = hf_day_parts(day);
	if (hf_str_printf(text, HF_DAY_TEXT_SIZE, "%04d-%02d-%02d", p.year, p.month, p.day) != HF_OK)
		return "?";
	return text;
}
