/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast approve`.
 * Must never believe what the controller calls a draft: its own bytes say what it is.
 */
#include "controller/cli/commands/commands.h"
#include "controller/cli/draft_of.h"
#include "controller/cli/register_edit.h"
#include "controller/cli/send.h"
#include "controller/office/client.h"
#include "controller/office/period.h"

#include <holdfast/str.h>
#include <holdfast/text.h>

/* One approval is of the whole register. */
static enum hf_rc send_register(const struct hf_officer *officer, json_t *drafts, const struct hf_envelope *part,
				const struct hf_send_how *how, struct hf_err *err)
{
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	enum hf_rc rc = hf_register_draft_gather(officer->view, drafts, part, &draft, err);

	if (rc == HF_OK)
		hf_edit_warn_of_others(officer->view, drafts, &draft);
	return rc == HF_OK ? hf_send_register(officer, &draft, how, err) : rc;
}

enum hf_rc hf_cli_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *drafts = NULL;
	hf_auto_period struct hf_period period = {0};
	struct hf_polls_wish wish = {0};
	char digest[HF_DIGEST_HEX_SIZE];
	int64_t seconds = HF_WAIT_S;
	struct hf_send_how how = {.removed = HF_REMOVED_NOT_SAID};
	const struct hf_arg rows[] = {
		{"calendar", HF_ARG_LIST, &wish.calendars, "FILE", HF_TEXT("newer bank holidays, to check a start by"),
		 0},
		{"wait", HF_ARG_INT, &seconds, "S", HF_TEXT("how long to watch it arrive; 0: not (10)"), 0},
		{"removed", HF_ARG_INT, &how.removed, "N",
		 HF_TEXT("of a much smaller register, with --yes: how much it takes out"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && wish.calendars.n > 0) {
		rc = hf_period_begin(&cli->office, &wish, &period, err);
		view.at_hand = &period;
	}
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_client_list(view.office, "drafts", &drafts, err);
	if (rc == HF_OK)
		rc = hf_draft_of(&view, drafts, args->rest[0], &envelope, err);
	if (rc == HF_OK)
		officer.said = hf_json_with(drafts, "digest", hf_digest_hex(&envelope->digest, digest));
	if (rc == HF_OK)
		rc = envelope->type == HF_DOC_TRUST ? hf_officer_open_root(&officer, envelope, err)
						    : hf_officer_open(&officer, err);
	if (rc != HF_OK)
		return rc;
	if (envelope->type == HF_DOC_REGISTER)
		return send_register(&officer, drafts, envelope, &how, err);
	return hf_send(&officer, envelope, seconds, err);
}
