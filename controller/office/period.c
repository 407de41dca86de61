/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from days and kinds of polls to one period: earliest start, latest end, every part kept.
 * Must never count a day itself; the law does.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/calendar_files.h"
#include "controller/office/period.h"

#define POLLS_CLOSE (22 * 60)
#define KINDS_TEXT 256 /* all kinds in one sentence */

enum hf_rc hf_period_day(const char *what, const char *text, struct hf_day *ret_day, struct hf_err *err)
{
	if (hf_day_parse(text, ret_day) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_USAGE, "The %s must be a date such as 2027-05-06, not `%s`.", what, text);
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

/* Which of the kinds is the by-election that the vacancy is of. */
static enum hf_rc kind_of_vacancy(const struct hf_list *kinds, enum hf_poll_kind *ret_kind, struct hf_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < kinds->n; i++) {
		enum hf_poll_kind kind;
		enum hf_rc rc = hf_period_kind(kinds->v[i], &kind, err);

		if (rc != HF_OK)
			return rc;
		if (kind != HF_POLL_PRINCIPAL_BY && kind != HF_POLL_PARISH_BY)
			continue;
		*ret_kind = kind;
		found++;
	}
	if (found != 1)
		return hf_err_set(err, HF_E_USAGE,
				  "The notice of vacancy is of one by-election: name the kind principal-by or parish-by "
				  "once.");
	return HF_OK;
}

static enum hf_rc take_vacancy(const struct hf_polls_wish *wish, struct hf_period *period, struct hf_err *err)
{
	struct hf_vacancy *vacancy = &period->vacancy;
	enum hf_rc rc = hf_period_day(hf_text("day of the notice of vacancy"), wish->vacancy, &vacancy->notice, err);

	if (rc == HF_OK)
		rc = kind_of_vacancy(&wish->kinds, &vacancy->kind, err);
	if (rc == HF_OK)
		rc = hf_timetable_last_poll(vacancy->kind, vacancy->notice, hf_period_disregard(period, vacancy->kind),
					    &vacancy->last_poll, err);
	vacancy->said = rc == HF_OK;
	return rc;
}

enum hf_rc hf_period_begin(const struct hf_office *office, const struct hf_polls_wish *wish,
			   struct hf_period *ret_period, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	if (wish->also.n > HF_ALSO_MAX)
		return hf_err_set(err, HF_E_USAGE, "More than %d days are to be disregarded besides.", HF_ALSO_MAX);
	for (; rc == HF_OK && ret_period->n_also < wish->also.n; ret_period->n_also++)
		rc = hf_period_day(hf_text("day to disregard"), wish->also.v[ret_period->n_also],
				   &ret_period->also[ret_period->n_also], err);
	if (rc == HF_OK)
		rc = hf_calendar_files_open(office, &wish->calendars, &ret_period->calendar, err);
	return rc == HF_OK && wish->vacancy ? take_vacancy(wish, ret_period, err) : rc;
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

enum hf_rc hf_period_open(const struct hf_office *office, const struct hf_polls_wish *wish, bool by_writ,
			  struct hf_period *ret_period, struct hf_err *err)
{
	enum hf_poll_kind kinds[HF_POLLS_MAX];
	struct hf_day polls[HF_POLLS_MAX];
	enum hf_rc rc = HF_OK;

	if (wish->polls.n == 0 || wish->polls.n != wish->kinds.n)
		return hf_err_set(err, HF_E_USAGE, "Each poll is a pair, its day and its kind%s.",
				  hf_office_hint(office, HF_HINT_POLLS));
	if (wish->polls.n > HF_POLLS_MAX)
		return hf_err_set(err, HF_E_USAGE, "At most %d polls can be combined.", HF_POLLS_MAX);
	for (size_t i = 0; rc == HF_OK && i < wish->polls.n; i++) {
		rc = hf_period_day(hf_text("polling day"), wish->polls.v[i], &polls[i], err);
		if (rc == HF_OK)
			rc = hf_period_kind(wish->kinds.v[i], &kinds[i], err);
	}
	if (rc == HF_OK)
		rc = hf_period_begin(office, wish, ret_period, err);
	for (size_t i = 0; rc == HF_OK && i < wish->polls.n; i++)
		rc = hf_period_add(ret_period, kinds[i], polls[i], by_writ, err);
	return rc;
}

const char *hf_period_weekday(struct hf_day day)
{
	static const char *const names[] = {HF_TEXT("Monday"),	 HF_TEXT("Tuesday"), HF_TEXT("Wednesday"),
					    HF_TEXT("Thursday"), HF_TEXT("Friday"),  HF_TEXT("Saturday"),
					    HF_TEXT("Sunday")};

	return hf_text(names[hf_day_weekday(day)]);
}

/* Ordinary elections are on a Thursday by law, by-elections by custom; on no day that is left out of counts is any. */
static bool is_no_polling_day(const struct hf_period *period, const struct hf_timetable *poll,
			      char text[HF_PERIOD_SLIP_SIZE])
{
	struct hf_disregard disregard = hf_period_disregard(period, poll->kind);
	enum hf_why_not why = hf_disregarded(&disregard, poll->poll, NULL);
	char day[HF_DAY_TEXT_SIZE];

	hf_day_text(poll->poll, day);
	if (why != HF_WORKS)
		return hf_str_printf(text, HF_PERIOD_SLIP_SIZE, hf_text("the polling day %s is no working day (%s)"),
				     day, hf_text(hf_why_not_name(why))) == HF_OK;
	if (hf_day_weekday(poll->poll) == HF_THURSDAY)
		return false;
	return hf_str_printf(text, HF_PERIOD_SLIP_SIZE,
			     hf_text("the polling day %s is a %s, and polls are held on Thursdays"), day,
			     hf_period_weekday(poll->poll)) == HF_OK;
}

size_t hf_period_slips(const struct hf_period *period, const struct hf_timetable *poll,
		       char text[HF_PERIOD_SLIPS][HF_PERIOD_SLIP_SIZE])
{
	const struct hf_vacancy *vacancy = &period->vacancy;
	char day[HF_DAY_TEXT_SIZE], last[HF_DAY_TEXT_SIZE];
	size_t n = is_no_polling_day(period, poll, text[0]);

	if (vacancy->said && poll->kind == vacancy->kind && poll->poll.n > vacancy->last_poll.n &&
	    hf_str_printf(text[n], HF_PERIOD_SLIP_SIZE,
			  hf_text("the polling day %s is later than the last lawful one, %s"),
			  hf_day_text(poll->poll, day), hf_day_text(vacancy->last_poll, last)) == HF_OK)
		n++;
	return n;
}

void hf_period_done(struct hf_period *period)
{
	hf_calendar_done(&period->calendar);
	*period = (struct hf_period){0};
}
