/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast raise purdah`: a pre-election period from its polls and the election officer's instructions (D10).
 * Must never choose a later start than the law allows by itself, or sign a text that was not shown.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/compose.h"
#include "controller/office/times.h"

/* The officer's own start is accepted; one that is late is said before anything else, and asked about. */
static enum hf_rc ask_late(struct hf_cli *cli, const struct hf_period *period, struct hf_wall from, struct hf_err *err)
{
	char start[HF_TIMES_TEXT_SIZE], latest[HF_TIMES_TEXT_SIZE];

	if (period->from.s == 0 || from.s <= period->from.s)
		return HF_OK;
	hf_office_warn(&cli->office, "it starts on %s, LATER THAN THE LAW ALLOWS: the notice of election is due by %s.",
		       hf_times_text(from, start), hf_times_text(period->from, latest));
	return hf_ask_word(cli, "LATE", hf_text("It starts later than the law allows."), err);
}

static void warn_of_period(const struct hf_view *view, const struct hf_period *period, const struct hf_body *body)
{
	char text[HF_TIMES_TEXT_SIZE], until[HF_TIMES_TEXT_SIZE];

	if (hf_compose_begun(view, body->from))
		hf_office_warn(view->office, "its start, %s, is past: it begins as soon as it is approved.",
			       hf_times_text(body->from, text));
	if (body->until.s < period->until.s)
		hf_office_warn(view->office, "it ends on %s, before the polls close on %s.",
			       hf_times_text(body->until, text), hf_times_text(period->until, until));
}

static enum hf_rc raise_purdah(struct hf_officer *officer, enum hf_mode mode, const struct hf_wishes *wishes,
			       int64_t seconds, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_order struct hf_order *order = NULL;
	struct hf_view *view = officer->view;
	enum hf_rc rc = hf_officer_open(officer, err);

	if (rc == HF_OK)
		rc = hf_compose_wished(view, wishes, hf_compose_purdah(view, mode, officer->person->id, wishes->period),
				       &envelope, err);
	if (rc == HF_OK)
		rc = hf_order_decode(envelope, &order, err);
	if (rc == HF_OK)
		rc = ask_late(officer->cli, wishes->period, order->body.from, err);
	if (rc != HF_OK)
		return rc;
	warn_of_period(view, wishes->period, &order->body);
	return hf_send(officer, envelope, seconds, err);
}

static enum hf_rc check_wishes(const struct hf_wishes *wishes, struct hf_err *err)
{
	if (!wishes->instructions_file)
		return hf_err_set(err, HF_E_USAGE, "Give the text that staff must follow with --instructions FILE.");
	if (!wishes->level || (strcmp(wishes->level, "guard") != 0 && strcmp(wishes->level, "block") != 0))
		return hf_err_set(err, HF_E_USAGE,
				  "Say --level guard (tools open to those who have read the instructions) or --level "
				  "block (to nobody but the exempt).");
	if (!wishes->reason)
		return hf_err_set(err, HF_E_USAGE, "Say why with --reason TEXT: staff will read it.");
	return HF_OK;
}

static enum hf_rc open_period(const struct hf_cli *cli, const struct hf_polls_wish *polls,
			      const struct hf_wishes *wishes, struct hf_period *period, struct hf_err *err)
{
	enum hf_rc rc = hf_period_open(&cli->office, polls, true, period, err);

	if (rc == HF_OK && period->from.s == 0 && !wishes->from)
		return hf_err_set(
			err, HF_E_ABSENT,
			"The timetable of a parliamentary by-election runs from its writ: say with --from when "
			"the period starts.");
	return rc;
}

enum hf_rc hf_cli_raise_purdah(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_period struct hf_period period = {0};
	struct hf_wishes wishes = {.minutes = HF_POSTING_MINUTES, .period = &period};
	struct hf_polls_wish polls = {0};
	int64_t seconds = HF_WAIT_S;
	bool exercise = false;
	const struct hf_arg rows[] = {
		{"poll", HF_ARG_LIST, &polls.polls, "DATE",
		 HF_TEXT("a polling day, YYYY-MM-DD; again for combined polls"), 0},
		{"kind", HF_ARG_LIST, &polls.kinds, "KIND", HF_TEXT("of that poll, such as principal or parish-by"), 0},
		{"instructions", HF_ARG_TEXT, &wishes.instructions_file, "FILE",
		 HF_TEXT("the text that staff must read"), 0},
		{"level", HF_ARG_TEXT, &wishes.level, "LEVEL",
		 HF_TEXT("guard: opens to who has read it; block: to nobody"), 0},
		{"reason", HF_ARG_TEXT, &wishes.reason, "TEXT", HF_TEXT("why, as staff read it"), 0},
		{"contact", HF_ARG_TEXT, &wishes.contact, "TEXT", HF_TEXT("whom staff ring (Electoral Services)"), 0},
		{"from", HF_ARG_TEXT, &wishes.from, "WHEN",
		 HF_TEXT("\"YYYY-MM-DD HH:MM\" local, or UTC with Z (latest lawful)"), 0},
		{"until", HF_ARG_TEXT, &wishes.until, "WHEN", HF_TEXT("end (22:00 on the last polling day)"), 0},
		{"account", HF_ARG_IDS, &wishes.accounts, "ACCOUNT", HF_TEXT("only this account (all)"), 0},
		{"group", HF_ARG_IDS, &wishes.groups, "GROUP", HF_TEXT("only devices of this group (all)"), 0},
		{"exempt", HF_ARG_IDS, &wishes.exempt, "PERSON", HF_TEXT("who goes on posting (none)"), 0},
		HF_ARG_MESSAGES(&wishes.holding),
		{"holding-file", HF_ARG_TEXT, &wishes.holding_file, "FILE",
		 HF_TEXT("{\"holding\": [...]} as in an order"), 0},
		{"minutes", HF_ARG_INT, &wishes.minutes, "N", HF_TEXT("the posting window of each (15)"), 0},
		{"calendar", HF_ARG_LIST, &polls.calendars, "FILE",
		 HF_TEXT("newer bank holidays, merged into those here"), 0},
		{"also-disregard", HF_ARG_LIST, &polls.also, "DATE", HF_TEXT("a day of thanksgiving or mourning"), 0},
		{"vacancy-notice", HF_ARG_TEXT, &polls.vacancy, "DATE",
		 HF_TEXT("of a by-election, to check its day by"), 0},
		{"exercise", HF_ARG_FLAG, &exercise, NULL, HF_TEXT("practice: nothing is blocked"), 0},
		{"wait", HF_ARG_INT, &seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = open_period(cli, &polls, &wishes, &period, err);
	if (rc == HF_OK)
		rc = check_wishes(&wishes, err);
	if (rc != HF_OK)
		return rc;
	view.at_hand = &period;
	rc = hf_view_open(&cli->office, &view, err);
	return rc == HF_OK ? raise_purdah(&officer, exercise ? HF_MODE_EXERCISE : HF_MODE_LIVE, &wishes, seconds, err)
			   : rc;
}
