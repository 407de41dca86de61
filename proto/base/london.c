/* SPDX-License-Identifier: MIT */
/*
 * Owns the local time of Europe/London.
 * Must never look at a clock or a time zone file: summer time is the rule of the Act, not of the machine.
 */
#include <holdfast/london.h>

#include <holdfast/str.h>

#define DAY_S 86400
#define HOUR_S 3600

/* 01:00 UTC on the last Sunday of a month of 31 days, when the clocks change. */
static int64_t change(int year, int month)
{
	struct hf_day last = {0};
	if (hf_day_make((struct hf_day_parts){year, month, 31}, &last) != HF_OK)
		return 0;
	last.n -= (hf_day_weekday(last) + 1) % 7;
	return (int64_t)last.n * DAY_S + HOUR_S;
}

bool hf_london_summer(struct hf_wall t)
{
	int year = hf_day_parts((struct hf_day){(int32_t)(t.s / DAY_S)}).year;
	return t.s >= change(year, 3) && t.s < change(year, 10);
}

struct hf_wall hf_london_wall(struct hf_day day, int minute)
{
	struct hf_wall winter = {(int64_t)day.n * DAY_S + minute * 60};
	struct hf_wall summer = {winter.s - HOUR_S};
	return summer.s >= 0 && hf_london_summer(summer) ? summer : winter;
}

int hf_london_often(struct hf_day day, int minute)
{
	struct hf_wall winter = {(int64_t)day.n * DAY_S + minute * 60};
	struct hf_wall summer = {winter.s - HOUR_S};
	return (summer.s >= 0 && hf_london_summer(summer)) + !hf_london_summer(winter);
}

const char *hf_london_text(struct hf_wall t, char text[HF_WALL_TEXT_SIZE])
{
	if (t.s <= 0 || t.s > HF_WALL_MAX - HOUR_S)
		return hf_wall_text(t, text);
	bool summer = hf_london_summer(t);
	int64_t local = t.s + (summer ? HOUR_S : 0);
	char day[HF_DAY_TEXT_SIZE];
	hf_day_text((struct hf_day){(int32_t)(local / DAY_S)}, day);
	if (hf_str_printf(text, HF_WALL_TEXT_SIZE, "%s %02d:%02d %s", day, (int)(local % DAY_S / HOUR_S),
			  (int)(local % HOUR_S / 60), summer ? "BST" : "GMT") != HF_OK)
		return "?";
	return text;
}
