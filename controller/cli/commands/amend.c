/* SPDX-License-Identifier: MIT */
/*
 * `holdfast amend`: the body that is in force, with what the officer changes.
 * Must never change what was not asked for.
 */
#include <holdfast/str.h>

#include "controller/cli/sign.h"
#include "controller/office/compose.h"
#include "controller/office/times.h"

/* Devices that have seen it begin would not heed it, and those that have not would open. */
static enum hf_rc keeps_start(const struct hf_view *view, const struct hf_body *body, const json_t *payload,
			      struct hf_err *err)
{
	char text[HF_WHEN_TEXT_SIZE];

	if (json_integer_value(json_object_get(payload, "from")) == body->from.s || !hf_compose_begun(view, body->from))
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH, "It began on %s: its start cannot be moved any more.",
			  hf_when_text(body->from, text));
}

enum hf_rc hf_office_amend(struct hf_view *view, const struct hf_lockdown *lockdown, const struct hf_wishes *wishes,
			   int64_t seconds, struct hf_err *err)
{
	hf_auto_officer struct hf_officer officer = {0};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *payload = NULL;
	enum hf_rc rc;

	if (lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER)
		return hf_err_set(err, HF_E_ABSENT, "That lockdown is %s: it cannot be amended.",
				  hf_phase_name(lockdown->phase));
	if (lockdown->n_bodies > 1)
		hf_cli_warn(view->cli,
			    "%zu amendments of revision %lld hold side by side; this one begins with one of "
			    "them.",
			    lockdown->n_bodies, (long long)lockdown->rev);
	payload = hf_compose_amend(view, lockdown);
	if (!payload)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	rc = hf_compose_apply(view, wishes, payload, err);
	if (rc == HF_OK)
		rc = keeps_start(view, &lockdown->bodies[0]->order->body, payload, err);
	if (rc == HF_OK)
		rc = hf_compose_order(view, json_incref(payload), &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(view, &officer, err);
	return rc == HF_OK ? hf_office_carry_out(view, &officer, envelope, seconds, err) : rc;
}

static enum hf_rc amend(struct hf_view *view, const char *prefix, struct hf_wishes *wishes, int64_t seconds,
			const struct hf_polls_wish *polls, struct hf_err *err)
{
	hf_auto_period struct hf_period period = {0};
	const struct hf_lockdown *lockdown = NULL;
	enum hf_rc rc = hf_view_lockdown(view, prefix, &lockdown, err);

	if (rc == HF_OK && polls->polls.n + polls->kinds.n > 0) {
		rc = hf_period_open(polls, true, &period, err);
		wishes->period = view->at_hand = &period;
	}
	if (rc == HF_OK)
		rc = hf_office_amend(view, lockdown, wishes, seconds, err);
	view->at_hand = NULL;
	return rc;
}

static bool is_empty(const struct hf_wishes *w)
{
	return !w->reason && !w->contact && !w->instructions_file && !w->level && !w->from && !w->until &&
	       !w->holding_file && w->accounts.n + w->groups.n + w->exempt.n + w->holding.n + w->no_holding.n == 0;
}

enum hf_rc hf_cli_amend(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	struct hf_wishes wishes = {.minutes = HF_POSTING_MINUTES};
	struct hf_polls_wish polls = {0};
	int64_t seconds = HF_WAIT_S;
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wishes.reason, "TEXT", "why, as staff read it", 0},
		{"contact", HF_ARG_TEXT, &wishes.contact, "TEXT", "whom staff ring", 0},
		{"account", HF_ARG_IDS, &wishes.accounts, "ACCOUNT", "these accounts and no others, or all", 0},
		{"group", HF_ARG_IDS, &wishes.groups, "GROUP", "devices of these groups and no others, or all", 0},
		{"exempt", HF_ARG_IDS, &wishes.exempt, "PERSON", "these persons and no others, or none", 0},
		{"level", HF_ARG_TEXT, &wishes.level, "LEVEL", "block or guard (guard: purdah alone)", 0},
		{"from", HF_ARG_TEXT, &wishes.from, "WHEN", "start, before it has begun; as for raise purdah", 0},
		{"until", HF_ARG_TEXT, &wishes.until, "WHEN", "end (purdah alone)", 0},
		{"poll", HF_ARG_LIST, &polls.polls, "DATE", "restate the polls that it is for, with --kind", 0},
		{"kind", HF_ARG_LIST, &polls.kinds, "KIND", "of that poll", 0},
		{"calendar", HF_ARG_LIST, &polls.calendars, "FILE", "newer bank holidays, merged into those here", 0},
		{"also-disregard", HF_ARG_LIST, &polls.also, "DATE", "a day of thanksgiving or mourning", 0},
		{"instructions", HF_ARG_TEXT, &wishes.instructions_file, "FILE", "the text that staff must read", 0},
		{"holding", HF_ARG_LIST, &wishes.holding, "ACCOUNT=POSTER:TEXT", "one message, and who posts it", 0},
		{"no-holding", HF_ARG_IDS, &wishes.no_holding, "ACCOUNT", "no message on this account", 0},
		{"holding-file", HF_ARG_TEXT, &wishes.holding_file, "FILE", "{\"holding\": [...]}, in place of all", 0},
		{"minutes", HF_ARG_INT, &wishes.minutes, "N", "the posting window of --holding (15)", 0},
		{"wait", HF_ARG_INT, &seconds, "S", "how long to watch it arrive; 0: not (10)", 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (is_empty(&wishes) && polls.polls.n == 0)
		return hf_err_set(err, HF_E_USAGE, "Say what changes: --help lists what can.");
	rc = hf_view_open(cli, &view, err);
	return rc == HF_OK ? amend(&view, args->rest[0], &wishes, seconds, &polls, err) : rc;
}
