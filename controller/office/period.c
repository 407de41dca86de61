/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from --poll and --kind to one period: earliest start, latest end, every part kept.
 * Must never count a day itself; the law does.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>

#include "controller/office/calendar_files.h"
#include "controller/office/period.h"

#define POLLS_CLOSE (22 * 60)
#define KINDS_TEXT 256 /* all kinds in one sentence */

enum hf_rc hf_period_day(const char *option, const char *text, struct hf_day *ret_day, struct hf_err *err)
{
	if (hf_day_parse(text, ret_day) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "--%s wants a date such as 2027-05-06, not `%s`.", option, text);
}

static void list_kinds(char text[KINDS_TEXT])
{
	size_t len = 0;

	for (int k = 0; k < HF_POLL_KIND_COUNT; k++) {
		const char *name = hf_poll_kind_name((enum hf_poll_kind)k);

		if (hf_str_printf(text + len, KINDS_TEXT - len, "%s%s", k ? ", " : "", name) != HF_OK)
			break;
		len += strlen(text + len);
	}
}

enum hf_rc hf_period_kind(const char *text, enum hf_poll_kind *ret_kind, struct hf_err *err)
{
	char kinds[KINDS_TEXT] = "";

	if (hf_poll_kind_of(text, ret_kind) == HF_OK)
		return HF_OK;
	list_kinds(kinds);
	return hf_err_set(err, HF_E_USAGE, "There is no kind of poll `%s`: say one of %s.", text, kinds);
}

enum hf_rc hf_period_begin(const struct hf_polls_wish *wish, struct hf_period *ret_period, struct hf_err *err)
{
	if (wish->also.n > HF_ALSO_MAX)
		return hf_err_set(err, HF_E_USAGE, "--also-disregard is given more than %d times.", HF_ALSO_MAX);
	for (; ret_period->n_also < wish->also.n; ret_period->n_also++) {
		const char *text = wish->also.v[ret_period->n_also];
		enum hf_rc rc = hf_period_day("also-disregard", text, &ret_period->also[ret_period->n_also], err);

		if (rc != HF_OK)
			return rc;
	}
	return hf_calendar_files_open(&wish->calendars, &ret_period->calendar, err);
}

struct hf_disregard hf_period_disregard(const struct hf_period *period, enum hf_poll_kind kind)
{
	return (struct hf_disregard){.calendar = &period->calendar,
				     .divisions = hf_poll_kind_divisions(kind),
				     .also = period->also,
				     .n_also = period->n_also};
}

static void widen(struct hf_period *period, const struct hf_timetable *poll)
{
	bool first = period->n_polls == 0;

	if (first || poll->from.s < period->from.s)
		period->from = poll->from;
	if (first || poll->until.s > period->until.s)
		period->until = poll->until;
	period->polls[period->n_polls++] = *poll;
}

enum hf_rc hf_period_add(struct hf_period *period, enum hf_poll_kind kind, struct hf_day poll, bool by_writ,
			 struct hf_err *err)
{
	struct hf_timetable one = {.kind = kind, .poll = poll, .until = hf_london_wall(poll, POLLS_CLOSE)};
	enum hf_rc rc;

	if (period->n_polls == HF_POLLS_MAX)
		return hf_err_set(err, HF_E_SIZE, "At most %d polls can be combined.", HF_POLLS_MAX);
	rc = hf_timetable_of(kind, poll, hf_period_disregard(period, kind), &one, err);
	if (rc == HF_E_USAGE && !by_writ)
		return HF_E_ABSENT;
	if (rc != HF_OK && rc != HF_E_USAGE)
		return rc;
	widen(period, &one);
	return HF_OK;
}

enum hf_rc hf_period_open(const struct hf_polls_wish *wish, bool by_writ, struct hf_period *ret_period,
			  struct hf_err *err)
{
	enum hf_poll_kind kinds[HF_POLLS_MAX];
	struct hf_day polls[HF_POLLS_MAX];
	enum hf_rc rc = HF_OK;

	if (wish->polls.n == 0 || wish->polls.n != wish->kinds.n)
		return hf_err_set(err, HF_E_USAGE, "Say each poll as a pair: --poll YYYY-MM-DD --kind KIND.");
	if (wish->polls.n > HF_POLLS_MAX)
		return hf_err_set(err, HF_E_USAGE, "At most %d polls can be combined.", HF_POLLS_MAX);
	for (size_t i = 0; rc == HF_OK && i < wish->polls.n; i++) {
		rc = hf_period_day("poll", wish->polls.v[i], &polls[i], err);
		if (rc == HF_OK)
			rc = hf_period_kind(wish->kinds.v[i], &kinds[i], err);
	}
	if (rc == HF_OK)
		rc = hf_period_begin(wish, ret_period, err);
	for (size_t i = 0; rc == HF_OK && i < wish->polls.n; i++)
		rc = hf_period_add(ret_period, kinds[i], polls[i], by_writ, err);
	return rc;
}

void hf_period_done(struct hf_period *period)
{
	hf_calendar_done(&period->calendar);
	*period = (struct hf_period){0};
}
