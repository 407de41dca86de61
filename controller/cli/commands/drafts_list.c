/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast drafts`.
 * Must never believe what the controller calls a draft: its own bytes say what it is.
 */
#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/draft_of.h"
#include "controller/office/client.h"
#include "controller/office/register_draft.h"
#include "controller/office/sentence.h"
#include "controller/office/weigh.h"

/* Those of the trust in force, as screens call them; one that joins is counted, and not among them. */
static json_t *roots_who_signed(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	json_t *list = json_array();
	char who[HF_ROOT_TEXT_SIZE];

	for (size_t i = 0; i < trust->n_roots; i++)
		if (hf_envelope_signed_by(envelope, &trust->roots[i], NULL))
			(void)json_array_append_new(list, json_string(hf_trust_root_text(trust, i, who)));
	return list;
}

static void say_draft(struct hf_words *words, const struct hf_envelope *envelope, const struct hf_weighed *weighed,
		      const json_t *said)
{
	hf_auto_json json_t *signers = hf_weighed_signers(weighed);
	hf_auto_json json_t *who = hf_weighed_who_can(words->view, weighed);
	hf_auto_json json_t *roots = weighed->roots ? roots_who_signed(words->view->known.trust, envelope) : NULL;
	char digest[HF_SHORT_ID + 1];

	words->exercise = weighed->order && weighed->order->mode == HF_MODE_EXERCISE;
	hf_draft_say(words, envelope, weighed);
	hf_words_begin(words);
	fprintf(words->out, hf_text("  approved by "));
	if (weighed->roots)
		hf_words_people(words, roots);
	else
		hf_words_people(words, signers);
	fprintf(words->out, hf_text(" (%zu of %zu); who can: "), weighed->verdict.have, weighed->verdict.need);
	if (weighed->roots)
		fputs(hf_text("another root"), words->out);
	else
		hf_words_people(words, who);
	fprintf(words->out, hf_text("; holdfast approve %s\n"), hf_words_short(&envelope->digest, digest));
	hf_draft_refusals(words, said);
}

static json_t *draft_json(const struct hf_view *view, const struct hf_envelope *envelope,
			  const struct hf_weighed *weighed, const json_t *said)
{
	const struct hf_order *order = weighed->order;
	char digest[HF_DIGEST_HEX_SIZE];

	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:I, s:s, s:I, s:I, s:o, s:o, s:o, s:o*, s:O*}", "digest",
			 hf_digest_hex(&envelope->digest, digest), "type", hf_doc_type_name(envelope->type), "act",
			 order ? hf_order_act_name(order->act) : NULL, "kind", order ? hf_kind_name(order->kind) : NULL,
			 "mode", order ? hf_mode_name(order->mode) : NULL, "since",
			 json_integer_value(json_object_get(said, "since")), "reason", hf_rc_name(weighed->rc), "have",
			 (json_int_t)weighed->verdict.have, "need", (json_int_t)weighed->verdict.need, "roles",
			 hf_weighed_roles(weighed), "signed_by", hf_weighed_signers(weighed), "can_approve",
			 hf_weighed_who_can(view, weighed), "roots",
			 weighed->roots ? roots_who_signed(view->known.trust, envelope) : NULL, "refused", json_object_get(said, "refused"));
}

/* What was taken back lately, so that who looks for it knows. */
static void say_withdrawn(const struct hf_words *words, const json_t *withdrawn)
{
	json_t *one;
	size_t index;

	json_array_foreach(withdrawn, index, one)
	{
		char at[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

		fprintf(words->out, hf_text("%.*s: taken back by %s on %s; it waits no more\n"), HF_SHORT_ID,
			hf_client_text(one, "digest", "?"),
			hf_words_who(words, hf_client_text(one, "person", "?"), who),
			hf_london_text((struct hf_wall){hf_client_number(one, "at")}, at));
	}
}

/* @list gets the draft if it is not NULL; else it is said. A register in parts is one draft: the first of them that waits. */
static void show_draft(const struct hf_cli *cli, const struct hf_view *view, json_t *drafts, size_t index, json_t *list)
{
	const json_t *said = json_array_get(drafts, index);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli), .view = view};
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_from_json(json_object_get(said, "envelope"), &envelope, &why);

	if (rc == HF_OK && hf_register_hides(view, drafts, envelope))
		return;
	if (rc == HF_OK)
		rc = hf_weigh(view, envelope, &weighed, &why);
	if (rc != HF_OK)
		hf_office_warn(view->office, "the controller shows a draft that cannot be read (%s): %s",
			       hf_rc_name(rc), why.text);
	else if (list)
		(void)json_array_append_new(list, draft_json(view, envelope, &weighed, said));
	else
		say_draft(&words, envelope, &weighed, said);
}

enum hf_rc hf_cli_drafts(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_json json_t *answer = NULL;
	hf_auto_json json_t *list = NULL;
	json_t *drafts, *withdrawn;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_client_get(&cli->office, "/v1/drafts", &answer, err);
	if (rc != HF_OK)
		return rc;
	drafts = json_object_get(answer, "drafts");
	withdrawn = json_object_get(answer, "withdrawn");
	list = cli->json ? json_array() : NULL;
	for (size_t i = 0; i < json_array_size(drafts); i++)
		show_draft(cli, &view, drafts, i, list);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:O, s:O*}", "drafts", list, "withdrawn", withdrawn), err);
	if (json_array_size(drafts) == 0)
		fputs(hf_text("Nothing waits for approval.\n"), cli->out);
	say_withdrawn(&(const struct hf_words){.out = cli->out, .view = &view}, withdrawn);
	return HF_OK;
}
