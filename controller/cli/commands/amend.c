/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast amend`: the body that is in force, with what the officer changes.
 * Must never change what was not asked for.
 */
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/compose.h"
#include "controller/office/times.h"

static bool is_empty(const struct hf_wishes *w)
{
	return !w->reason && !w->contact && !w->instructions_file && !w->level && !w->from && !w->until &&
	       !w->holding_file && !hf_messages_wished(&w->holding) &&
	       w->accounts.n + w->groups.n + w->exempt.n + w->no_holding.n == 0;
}

enum hf_rc hf_cli_amend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_period struct hf_period period = {0};
	const struct hf_lockdown *lockdown = NULL;
	struct hf_wishes wishes = {.minutes = HF_MINUTES_AS_BEFORE};
	struct hf_polls_wish polls = {0};
	int64_t seconds = HF_WAIT_S;
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wishes.reason, "TEXT", HF_TEXT("why, as staff read it"), 0},
		{"contact", HF_ARG_TEXT, &wishes.contact, "TEXT", HF_TEXT("whom staff ring"), 0},
		{"account", HF_ARG_IDS, &wishes.accounts, "ACCOUNT", HF_TEXT("these accounts and no others, or all"),
		 0},
		{"group", HF_ARG_IDS, &wishes.groups, "GROUP", HF_TEXT("devices of these groups and no others, or all"),
		 0},
		{"exempt", HF_ARG_IDS, &wishes.exempt, "PERSON", HF_TEXT("these persons and no others, or none"), 0},
		{"level", HF_ARG_TEXT, &wishes.level, "LEVEL", HF_TEXT("block or guard (guard: purdah alone)"), 0},
		{"from", HF_ARG_TEXT, &wishes.from, "WHEN", HF_TEXT("start, before it has begun; as for raise purdah"),
		 0},
		{"until", HF_ARG_TEXT, &wishes.until, "WHEN", HF_TEXT("end (purdah alone)"), 0},
		{"poll", HF_ARG_LIST, &polls.polls, "DATE", HF_TEXT("restate the polls that it is for, with --kind"),
		 0},
		{"kind", HF_ARG_LIST, &polls.kinds, "KIND", HF_TEXT("of that poll; one of"), 0},
		{"calendar", HF_ARG_LIST, &polls.calendars, "FILE",
		 HF_TEXT("newer bank holidays, merged into those here"), 0},
		{"also-disregard", HF_ARG_LIST, &polls.also, "DATE", HF_TEXT("a day of thanksgiving or mourning"), 0},
		{"vacancy-notice", HF_ARG_TEXT, &polls.vacancy, "DATE",
		 HF_TEXT("of a by-election, to check its day by"), 0},
		{"instructions", HF_ARG_TEXT, &wishes.instructions_file, "FILE",
		 HF_TEXT("the text that staff must read"), 0},
		HF_ARG_MESSAGES(&wishes.holding),
		{"no-holding", HF_ARG_IDS, &wishes.no_holding, "ACCOUNT", HF_TEXT("no message on this account"), 0},
		{"holding-file", HF_ARG_TEXT, &wishes.holding_file, "FILE",
		 HF_TEXT("{\"holding\": [...]}, in place of all"), 0},
		{"minutes", HF_ARG_INT, &wishes.minutes, "N", HF_TEXT("the posting window of each (as it was, or 15)"),
		 0},
		{"wait", HF_ARG_INT, &seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (polls.polls.n + polls.kinds.n == 0 && (polls.vacancy || polls.calendars.n + polls.also.n > 0))
		return hf_err_set(err, HF_E_USAGE,
				  "--calendar, --also-disregard and --vacancy-notice are about a poll: say which with "
				  "--poll and --kind.");
	if (is_empty(&wishes) && polls.polls.n == 0)
		return hf_err_set(err, HF_E_USAGE, "Say what changes: --help lists what can.");
	rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_view_lockdown(&view, args->rest[0], &lockdown, err);
	if (rc == HF_OK && polls.polls.n + polls.kinds.n > 0) {
		rc = hf_period_open(&cli->office, &polls, true, &period, err);
		wishes.period = view.at_hand = &period;
	}
	return rc == HF_OK ? hf_send_amendment(&officer, lockdown, &wishes, seconds, err) : rc;
}
