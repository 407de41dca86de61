/* SPDX-License-Identifier: MIT */
/*
 * amend.c - `holdfast amend`: the body that is in force, with what the officer changes
 *
 * Room controller/cli.  Must never change what was not asked for.
 */
#include <holdfast/str.h>

#include "compose.h"
#include "office.h"

static enum hf_rc amend(struct hf_view *view, const char *prefix, const struct hf_wishes *wishes, int64_t seconds,
			struct hf_err *err)
{
	hf_auto_officer struct hf_officer officer = {0};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *payload = NULL;
	const struct hf_lockdown *lockdown = NULL;
	enum hf_rc rc = hf_view_lockdown(view, prefix, &lockdown, err);

	if (rc != HF_OK)
		return rc;
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
		rc = hf_compose_order(json_incref(payload), &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(view, &officer, err);
	return rc == HF_OK ? hf_office_carry_out(view, &officer, envelope, seconds, err) : rc;
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
	int64_t seconds = HF_WAIT_S;
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wishes.reason, "TEXT", "why, as staff read it", 0},
		{"contact", HF_ARG_TEXT, &wishes.contact, "TEXT", "whom staff ring", 0},
		{"account", HF_ARG_IDS, &wishes.accounts, "ACCOUNT", "these accounts and no others, or all", 0},
		{"group", HF_ARG_IDS, &wishes.groups, "GROUP", "devices of these groups and no others, or all", 0},
		{"exempt", HF_ARG_IDS, &wishes.exempt, "PERSON", "these persons and no others, or none", 0},
		{"level", HF_ARG_TEXT, &wishes.level, "LEVEL", "block or guard (guard: purdah alone)", 0},
		{"from", HF_ARG_TEXT, &wishes.from, "TIME", "start, as 2027-03-26T00:00:00Z", 0},
		{"until", HF_ARG_TEXT, &wishes.until, "TIME", "end (purdah alone)", 0},
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
	if (is_empty(&wishes))
		return hf_err_set(err, HF_E_USAGE, "Say what changes: --help lists what can.");
	rc = hf_view_open(cli, &view, err);
	return rc == HF_OK ? amend(&view, args->rest[0], &wishes, seconds, err) : rc;
}
