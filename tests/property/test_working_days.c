/* SPDX-License-Identifier: MIT */
/*
 * The count by arithmetic agrees with a count day by day (policy D10).
 * Must never share a step with the count that it checks.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/timetable.h>

#define HOLIDAYS HF_SOURCE_DIR "/deploy/calendar/bank-holidays.json"

static struct hf_day day_by_day(const struct hf_disregard *disregard, struct hf_day day, int n, int step)
{
	while (n > 0) {
		day.n += step;
		n -= hf_disregarded(disregard, day, NULL) == HF_WORKS;
	}
	return day;
}

static size_t compare_days(const struct hf_disregard *disregard, struct hf_day day, int n)
{
	struct hf_day before = {-1}, after = {-1};
	size_t compared = 0;
	if (hf_working_days_before(disregard, day, n, &before, NULL) == HF_OK) {
		cr_assert_eq(before.n, day_by_day(disregard, day, n, -1).n, "%d before day %d", n, day.n);
		compared++;
	}
	if (hf_working_days_after(disregard, day, n, &after, NULL) == HF_OK) {
		cr_assert_eq(after.n, day_by_day(disregard, day, n, 1).n, "%d after day %d", n, day.n);
		compared++;
	}
	return compared;
}

Test(working_days, d10_every_weekday_of_2015_to_2028)
{
	static const int counts[] = {1, 5, 6, 11, 12, 18, 19, 22, 24, 25, 28, 30, 35, 60};
	static const unsigned divisions[] = {1u << HF_ENGLAND_AND_WALES, HF_DIVISIONS_ALL};
	struct hf_calendar calendar = {0};
	struct hf_day first, last;
	char *text = NULL;
	size_t len = 0, compared = 0;
	cr_assert_eq(hf_fs_read(HOLIDAYS, HF_CALENDAR_FILE_MAX, &text, &len, NULL), HF_OK);
	cr_assert_eq(hf_calendar_read(text, len, &calendar, NULL), HF_OK);
	free(text);
	cr_assert(hf_calendar_reach(&calendar, HF_DIVISIONS_ALL, &first, &last));
	for (size_t d = 0; d < HF_LEN(divisions); d++) {
		/* A day of mourning in the middle, so that officers' days are counted too. */
		struct hf_day also = {(first.n + last.n) / 2};
		struct hf_disregard disregard = {&calendar, divisions[d], &also, 1};
		for (struct hf_day day = first; day.n <= last.n; day.n++)
			for (size_t i = 0; hf_day_weekday(day) < HF_SATURDAY && i < HF_LEN(counts); i++)
				compared += compare_days(&disregard, day, counts[i]);
	}
	/* 14 years of 260 weekdays, 14 counts, 2 calendars, 2 directions, less the edges */
	cr_assert_gt(compared, 195000);
	hf_calendar_done(&calendar);
}
