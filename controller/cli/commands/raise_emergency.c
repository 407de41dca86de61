/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast raise emergency`.
 * Must never put anything between the designated officer and a raise but their own confirmation.
 */
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/compose.h"

static enum hf_rc raise_emergency(struct hf_officer *officer, enum hf_mode mode, const struct hf_wishes *wishes,
				  int64_t seconds, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_officer_open(officer, err);

	if (rc == HF_OK)
		rc = hf_compose_wished(officer->view, wishes,
				       hf_compose_raise(officer->view, mode, officer->person->id), &envelope, err);
	if (rc != HF_OK)
		return rc;
	return hf_send(officer, envelope, seconds, err);
}

enum hf_rc hf_cli_raise_emergency(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	struct hf_wishes wishes = {.minutes = HF_POSTING_MINUTES};
	int64_t seconds = HF_WAIT_S;
	bool exercise = false;
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wishes.reason, "TEXT", HF_TEXT("why, as staff read it"), 0},
		{"exercise", HF_ARG_FLAG, &exercise, NULL, HF_TEXT("practice: nothing is blocked"), 0},
		{"contact", HF_ARG_TEXT, &wishes.contact, "TEXT", HF_TEXT("whom staff ring (Policy & Communications)"),
		 0},
		{"account", HF_ARG_IDS, &wishes.accounts, "ACCOUNT", HF_TEXT("only this account (all)"), 0},
		{"group", HF_ARG_IDS, &wishes.groups, "GROUP", HF_TEXT("only devices of this group (all)"), 0},
		{"exempt", HF_ARG_IDS, &wishes.exempt, "PERSON", HF_TEXT("who goes on posting, or none (you)"), 0},
		HF_ARG_MESSAGES(&wishes.holding),
		{"holding-file", HF_ARG_TEXT, &wishes.holding_file, "FILE",
		 HF_TEXT("{\"holding\": [...]} as in an order"), 0},
		{"minutes", HF_ARG_INT, &wishes.minutes, "N", HF_TEXT("the posting window of each (15)"), 0},
		{"wait", HF_ARG_INT, &seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!wishes.reason)
		return hf_err_set(err, HF_E_USAGE, "Say why with --reason TEXT: staff will read it.");
	rc = hf_view_open(&cli->office, &view, err);
	return rc == HF_OK
		       ? raise_emergency(&officer, exercise ? HF_MODE_EXERCISE : HF_MODE_LIVE, &wishes, seconds, err)
		       : rc;
}
