/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit note`: why something was decided, in the words of whoever signs it (JESIP: reasons as well as decisions).
 * Must never write in anybody else's name.
 */
#include <string.h>

#include <holdfast/remark.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/sign.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/message_words.h"
#include "controller/office/post.h"
#include "controller/office/times.h"

/* What is written, of what. */
struct noting {
	struct hf_officer *officer;
	const char *happened_at;
	struct hf_digest of;
	struct hf_remark remark;
};

static enum hf_rc write_note(struct noting *n, const struct hf_args *args, struct hf_envelope **ret, struct hf_err *err)
{
	const struct hf_view *view = n->officer->view;
	const struct hf_lockdown *lockdown;
	hf_auto_remark struct hf_remark *remark = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_view_lockdown(view, args->rest[0], &lockdown, err);

	if (rc == HF_OK && n->happened_at)
		rc = hf_times_wished(hf_text("moment"), n->happened_at, &n->remark.happened, err);
	if (rc != HF_OK)
		return rc;
	n->of = lockdown->id;
	n->remark.council = view->known.trust->council;
	n->remark.act = HF_REMARK_NOTE;
	n->remark.of = &n->of;
	n->remark.n_of = 1;
	n->remark.at = view->now;
	n->remark.reason = args->rest[1];
	rc = hf_folder_envelope(HF_DOC_REMARK, hf_remark_encode(&n->remark), ret, err);
	if (rc == HF_OK && hf_remark_decode(*ret, &remark, &why) != HF_OK)
		rc = hf_err_set(err, HF_E_USAGE, "This cannot be written: %s", why.text);
	return rc;
}

static enum hf_rc show_note(const struct noting *n, const struct hf_envelope *envelope, struct hf_err *err)
{
	const struct hf_officer *officer = n->officer;
	struct hf_words words = {.out = officer->cli->talk, .marks = hf_cli_marks(officer->cli), .view = officer->view};
	char who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = hf_words_envelope(&words, envelope, err);

	if (rc == HF_OK)
		hf_words_line(&words, "You sign as %s.", hf_words_who(&words, officer->person->id, who));
	return rc;
}

static enum hf_rc post_note(const struct noting *n, struct hf_envelope *envelope, struct hf_err *err)
{
	struct hf_cli *cli = n->officer->cli;
	hf_auto_json json_t *said = NULL;
	char of[HF_DIGEST_HEX_SIZE], digest[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_envelope_sign(envelope, n->officer->key, err);

	if (rc == HF_OK)
		rc = hf_post(n->officer->view->office, envelope, &said, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:s, s:s, s:s}", "digest", hf_digest_hex(&envelope->digest, digest),
						    "lockdown", hf_digest_hex(&n->of, of), "person", n->officer->person->id,
						    "outcome", hf_client_text(said, "outcome", "?")),
				     err);
	fputs(hf_text("It is on the record.\n"), cli->out);
	return HF_OK;
}

enum hf_rc hf_cli_audit_note(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct noting n = {.officer = &officer};
	const struct hf_arg rows[] = {
		{"happened-at", HF_ARG_TEXT, &n.happened_at, "WHEN", HF_TEXT("when that was which it tells of (not said)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = write_note(&n, args, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	if (rc == HF_OK)
		rc = show_note(&n, envelope, err);
	if (rc == HF_OK)
		rc = hf_ask_word(cli, "NOTE", hf_text("Is it to be on the record?"), err);
	if (rc != HF_OK)
		return rc;
	hf_ask_interrupts(HF_COME_SIGNED);
	return post_note(&n, envelope, err);
}
