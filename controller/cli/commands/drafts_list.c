/* SPDX-License-Identifier: MIT */
/*
 * `holdfast drafts`.
 * Must never believe what the controller calls a draft: its own bytes say what it is.
 */
#include "controller/cli/commands/commands.h"
#include "controller/office/client.h"
#include "controller/office/sentence.h"
#include "controller/office/weigh.h"

/* What a draft is, in one line. */
static void say_what(const struct hf_words *words, const struct hf_envelope *envelope, const struct hf_weighed *weighed)
{
	char digest[HF_SHORT_ID + 1];

	hf_words_begin(words);
	fprintf(words->out, "%s: ", hf_words_short(&envelope->digest, digest));
	if (!weighed->order) {
		fprintf(words->out, "%s\n", hf_doc_type_name(envelope->type));
		return;
	}
	fprintf(words->out, "%s, %s\n", hf_order_act_name(weighed->order->act),
		hf_words_name(weighed->order->kind, weighed->order->mode));
	hf_words_text(words, "  reason: ", weighed->order->body.reason);
}

static void say_draft(struct hf_words *words, const struct hf_envelope *envelope, const struct hf_weighed *weighed)
{
	hf_auto_json json_t *signers = hf_weighed_signers(weighed);
	hf_auto_json json_t *who = hf_weighed_who_can(words->view, weighed);
	char digest[HF_SHORT_ID + 1];

	words->exercise = weighed->order && weighed->order->mode == HF_MODE_EXERCISE;
	say_what(words, envelope, weighed);
	hf_words_begin(words);
	fprintf(words->out, "  approved by ");
	hf_words_list(words->out, signers);
	fprintf(words->out, " (%zu of %zu); who can: ", weighed->verdict.have, weighed->verdict.need);
	hf_words_list(words->out, who);
	fprintf(words->out, "; holdfast approve %s\n", hf_words_short(&envelope->digest, digest));
}

static json_t *draft_json(const struct hf_view *view, const struct hf_envelope *envelope,
			  const struct hf_weighed *weighed, const json_t *said)
{
	const struct hf_order *order = weighed->order;
	char digest[HF_DIGEST_HEX_SIZE];

	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "digest",
			 hf_digest_hex(&envelope->digest, digest), "type", hf_doc_type_name(envelope->type), "act",
			 order ? hf_order_act_name(order->act) : NULL, "kind", order ? hf_kind_name(order->kind) : NULL,
			 "mode", order ? hf_mode_name(order->mode) : NULL, "since",
			 json_integer_value(json_object_get(said, "since")), "reason", hf_rc_name(weighed->rc), "have",
			 (json_int_t)weighed->verdict.have, "need", (json_int_t)weighed->verdict.need, "roles",
			 hf_weighed_roles(weighed), "signed_by", hf_weighed_signers(weighed), "can_approve",
			 hf_weighed_who_can(view, weighed));
}

/* @list gets the draft if it is not NULL; else it is said. */
static void show_draft(const struct hf_cli *cli, const struct hf_view *view, const json_t *said, json_t *list)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli), .view = view};
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_from_json(json_object_get(said, "envelope"), &envelope, &why);

	if (rc == HF_OK)
		rc = hf_weigh(view, envelope, &weighed, &why);
	if (rc != HF_OK)
		hf_office_warn(view->office, "the controller shows a draft that cannot be read (%s): %s",
			       hf_rc_name(rc), why.text);
	else if (list)
		(void)json_array_append_new(list, draft_json(view, envelope, &weighed, said));
	else
		say_draft(&words, envelope, &weighed);
}

enum hf_rc hf_cli_drafts(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_json json_t *drafts = NULL;
	hf_auto_json json_t *list = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_client_list(&cli->office, "drafts", &drafts, err);
	if (rc != HF_OK)
		return rc;
	list = cli->json ? json_array() : NULL;
	json_array_foreach(drafts, index, one)
	{
		show_draft(cli, &view, one, list);
	}
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:O}", "drafts", list), err);
	if (json_array_size(drafts) == 0)
		fputs("Nothing waits for approval.\n", cli->out);
	return HF_OK;
}
