/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast timetable`: from a polling day to the dates that the law gives (policy D10); offline.
 * Must never ask a controller or a council folder, or show a date without the calendar that it was counted by.
 */
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"
#include "controller/office/period.h"
#include "controller/office/sentence.h"
#include "controller/office/times.h"

static const char *division_of(enum hf_poll_kind kind)
{
	unsigned divisions = hf_poll_kind_divisions(kind);

	if (divisions == 0)
		return "none";
	return divisions == HF_DIVISIONS_ALL ? "united-kingdom" : hf_division_name(HF_ENGLAND_AND_WALES);
}

static json_t *json_of_day(struct hf_day day)
{
	char text[HF_DAY_TEXT_SIZE];

	return json_string(hf_day_text(day, text));
}

static json_t *json_of_calendar(const struct hf_period *period, enum hf_poll_kind kind)
{
	unsigned divisions = hf_poll_kind_divisions(kind);
	struct hf_day first = {0}, last = {0};
	bool reaches = divisions && hf_calendar_reach(&period->calendar, divisions, &first, &last);
	char version[HF_DIGEST_HEX_SIZE];

	return json_pack("{s:s, s:s, s:o, s:o}", "division", division_of(kind), "version",
			 hf_digest_hex(&period->calendar.version, version), "from",
			 reaches ? json_of_day(first) : json_null(), "until",
			 reaches ? json_of_day(last) : json_null());
}

static json_t *json_of_disregarded(const struct hf_timetable *poll)
{
	json_t *list = json_array();

	for (size_t i = 0; i < poll->n_left_out; i++) {
		const struct hf_left_out *one = &poll->left_out[i];

		(void)json_array_append_new(list, json_pack("{s:o, s:s, s:s*}", "date", json_of_day(one->day), "why",
							    hf_why_not_name(one->why), "title", one->title));
	}
	return list;
}

static bool is_left_out(const struct hf_timetable *poll, int32_t day)
{
	for (size_t i = 0; i < poll->n_left_out; i++)
		if (poll->left_out[i].day.n == day)
			return true;
	return false;
}

/* The day after the last one that is counted: of calendar days the poll itself counts. */
static int32_t count_ends(const struct hf_timetable *poll)
{
	return poll->poll.n + (poll->calendar_days ? 1 : 0);
}

static json_t *json_of_counted(const struct hf_timetable *poll)
{
	json_t *list = json_array();

	for (int32_t day = poll->notice_by.n; day < count_ends(poll); day++)
		if (!is_left_out(poll, day))
			(void)json_array_append_new(list, json_of_day((struct hf_day){day}));
	return list;
}

static json_t *json_of_deadlines(const struct hf_timetable *poll)
{
	json_t *object = json_object();

	for (size_t i = 0; i < poll->n_deadlines; i++)
		(void)json_object_set_new(object, poll->deadlines[i].name, json_of_day(poll->deadlines[i].day));
	return object;
}

static json_t *json_of_times(const struct hf_timetable *poll)
{
	json_t *object = json_object();
	char text[8];

	for (size_t i = 0; i < poll->n_deadlines; i++) {
		int minute = poll->deadlines[i].minute;

		if (minute >= 0 && hf_str_printf(text, sizeof(text), "%02d:%02d", minute / 60, minute % 60) == HF_OK)
			(void)json_object_set_new(object, poll->deadlines[i].name, json_string(text));
	}
	return object;
}

static json_t *json_of_span(struct hf_wall from, struct hf_wall until)
{
	char utc[2][HF_TIMES_UTC_SIZE], local[2][HF_WALL_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s}", "from", hf_times_utc(from, utc[0]), "from_local",
			 hf_london_text(from, local[0]), "until", hf_times_utc(until, utc[1]), "until_local",
			 hf_london_text(until, local[1]));
}

static json_t *json_of_poll(const struct hf_period *period, const struct hf_timetable *poll)
{
	return json_pack("{s:o, s:s, s:o, s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "poll", json_of_day(poll->poll),
			 "kind", hf_poll_kind_name(poll->kind), "notice_by", json_of_day(poll->notice_by), "days",
			 poll->days, "calendar_days", poll->calendar_days, "calendar",
			 json_of_calendar(period, poll->kind), "counted", json_of_counted(poll), "disregarded",
			 json_of_disregarded(poll), "deadlines", json_of_deadlines(poll), "deadline_times",
			 json_of_times(poll), "suggested", json_of_span(poll->from, poll->until));
}

static json_t *json_of_vacancy(const struct hf_period *period)
{
	const struct hf_vacancy *vacancy = &period->vacancy;

	return json_pack("{s:s, s:o, s:o, s:o}", "kind", hf_poll_kind_name(vacancy->kind), "notice",
			 json_of_day(vacancy->notice), "last_poll", json_of_day(vacancy->last_poll), "calendar",
			 json_of_calendar(period, vacancy->kind));
}

/* One poll alone stands at the top as well; of several only the union of their periods does. */
static json_t *json_of_all(const struct hf_period *period)
{
	json_t *list = json_array(), *answer = NULL;

	for (size_t i = 0; i < period->n_polls; i++)
		(void)json_array_append_new(list, json_of_poll(period, &period->polls[i]));
	answer = period->n_polls == 1 ? json_deep_copy(json_array_get(list, 0)) : json_object();
	if (period->n_polls > 1)
		(void)json_object_set_new(answer, "suggested", json_of_span(period->from, period->until));
	(void)json_object_set_new(answer, "polls", list);
	if (period->vacancy.said)
		(void)json_object_set_new(answer, "vacancy", json_of_vacancy(period));
	return answer;
}

static void say_day(FILE *out, struct hf_day day)
{
	char text[HF_DAY_TEXT_SIZE];

	fprintf(out, "%s %s", hf_period_weekday(day), hf_day_text(day, text));
}

static void say_counted(FILE *out, const struct hf_timetable *poll)
{
	int n = 0;

	fprintf(out, hf_text("Counted, %d %s:\n"), poll->days,
		poll->calendar_days ? hf_text("calendar days") : hf_text("working days"));
	for (int32_t day = poll->notice_by.n; day < count_ends(poll); day++) {
		char text[HF_DAY_TEXT_SIZE];

		if (is_left_out(poll, day))
			continue;
		fprintf(out, "%s%s", n % 7 == 0 ? (n ? "\n  " : "  ") : " ", hf_day_text((struct hf_day){day}, text));
		n++;
	}
	fputc('\n', out);
	fputs(poll->n_left_out ? hf_text("Left out:\n") : hf_text("No day is left out.\n"), out);
	for (size_t i = 0; i < poll->n_left_out; i++) {
		const struct hf_left_out *one = &poll->left_out[i];
		char text[HF_DAY_TEXT_SIZE];

		fprintf(out, "  %s  %s%s%s%s\n", hf_day_text(one->day, text), hf_text(hf_why_not_name(one->why)),
			one->title ? " (" : "", one->title ? one->title : "", one->title ? ")" : "");
	}
}

static void say_deadlines(FILE *out, const struct hf_timetable *poll)
{
	if (poll->n_deadlines > 0)
		fputs(hf_text("Other deadlines:\n"), out);
	for (size_t i = 0; i < poll->n_deadlines; i++) {
		const struct hf_deadline *one = &poll->deadlines[i];
		char text[HF_DAY_TEXT_SIZE];

		if (one->minute >= 0)
			fprintf(out, "  %s %02d:%02d  %s\n", hf_day_text(one->day, text), one->minute / 60,
				one->minute % 60, hf_text(one->name));
		else
			fprintf(out, "  %s        %s\n", hf_day_text(one->day, text), hf_text(one->name));
	}
}

static void say_calendar(FILE *out, const struct hf_period *period, enum hf_poll_kind kind)
{
	struct hf_day first = {0}, last = {0};
	char id[HF_SHORT_ID + 1], until[HF_DAY_TEXT_SIZE];

	hf_words_short(&period->calendar.version, id);
	if (hf_poll_kind_divisions(kind) == 0)
		fputs(hf_text("Calendar: none is needed, every day counts.\n"), out);
	else if (hf_calendar_reach(&period->calendar, hf_poll_kind_divisions(kind), &first, &last))
		fprintf(out, hf_text("Calendar: %s, version %s, reaches to %s.\n"), division_of(kind), id,
			hf_day_text(last, until));
}

static void say_span(FILE *out, const char *what, struct hf_wall from, struct hf_wall until)
{
	char text[HF_TIMES_TEXT_SIZE];

	fprintf(out, hf_text("%s\n  from  %s\n"), what, hf_times_text(from, text));
	fprintf(out, hf_text("  until %s\n"), hf_times_text(until, text));
}

static void say_poll(FILE *out, const struct hf_period *period, const struct hf_timetable *poll)
{
	fprintf(out, hf_text("Poll (%s) on "), hf_poll_kind_name(poll->kind));
	say_day(out, poll->poll);
	fputs(poll->calendar_days ? hf_text("\nThe referendum period begins on ")
				  : hf_text("\nLast lawful date of the notice: "),
	      out);
	say_day(out, poll->notice_by);
	fputc('\n', out);
	say_counted(out, poll);
	say_deadlines(out, poll);
	say_calendar(out, period, poll->kind);
	say_span(out, hf_text("Suggested period; the computed start is the latest lawful one:"), poll->from,
		 poll->until);
	fputc('\n', out);
}

static void say_all(FILE *out, const struct hf_period *period)
{
	const struct hf_vacancy *vacancy = &period->vacancy;

	for (size_t i = 0; i < period->n_polls; i++)
		say_poll(out, period, &period->polls[i]);
	if (period->n_polls > 1)
		say_span(out, hf_text("All polls together, suggested:"), period->from, period->until);
	if (!vacancy->said)
		return;
	fprintf(out, hf_text("Last lawful polling day (%s) after the notice of vacancy on "),
		hf_poll_kind_name(vacancy->kind));
	say_day(out, vacancy->notice);
	fputs(": ", out);
	say_day(out, vacancy->last_poll);
	fputc('\n', out);
	say_calendar(out, period, vacancy->kind);
}

static void warn_of_polls(struct hf_cli *cli, const struct hf_period *period)
{
	char slips[HF_PERIOD_SLIPS][HF_PERIOD_SLIP_SIZE];

	for (size_t i = 0; i < period->n_polls; i++) {
		size_t n = hf_period_slips(period, &period->polls[i], slips);

		for (size_t k = 0; k < n; k++)
			hf_office_warn(&cli->office, "%s.", slips[k]);
	}
}

static enum hf_rc answer_timetable(struct hf_cli *cli, const struct hf_period *period,
				   struct hf_err *err)
{
	warn_of_polls(cli, period);
	if (cli->json)
		return hf_cli_answer(cli, json_of_all(period), err);
	say_all(cli->out, period);
	return HF_OK;
}

enum hf_rc hf_cli_timetable(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_period struct hf_period period = {0};
	struct hf_polls_wish wish = {0};
	const struct hf_arg rows[] = {
		{"poll", HF_ARG_LIST, &wish.polls, "DATE",
		 HF_TEXT("a polling day, YYYY-MM-DD; again for combined polls"), 0},
		{"kind", HF_ARG_LIST, &wish.kinds, "KIND", HF_TEXT("of that poll, once for each; one of"), 0},
		{"calendar", HF_ARG_LIST, &wish.calendars, "FILE",
		 HF_TEXT("newer bank holidays, merged into those here"), 0},
		{"also-disregard", HF_ARG_LIST, &wish.also, "DATE", HF_TEXT("a day of thanksgiving or mourning"), 0},
		{"vacancy-notice", HF_ARG_TEXT, &wish.vacancy, "DATE",
		 HF_TEXT("of a by-election: its last polling day"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	/* Without a polling day the vacancy alone is asked about. */
	rc = wish.vacancy && wish.polls.n == 0 ? hf_period_begin(&cli->office, &wish, &period, err)
					       : hf_period_open(&cli->office, &wish, false, &period, err);
	return rc == HF_OK ? answer_timetable(cli, &period, err) : rc;
}
