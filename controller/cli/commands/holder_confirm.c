/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast holder confirm`: one officer's signed word that at the platform an access is gone (policy D2.9).
 * Must never confirm what nobody was withdrawn from.
 */
#include <string.h>

#include <holdfast/remark.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/history.h"
#include "controller/office/message_words.h"
#include "controller/office/post.h"

/* The word of one call: PERSON ACCOUNT... */
struct confirming {
	struct hf_officer *officer;
	const struct hf_args *args;
	const char *reason;
	struct hf_envelope *v[HF_REST_MAX];
	size_t n;
};

#define auto_confirming __attribute__((cleanup(confirming_done)))

static void confirming_done(struct confirming *confirming)
{
	for (size_t i = 0; i < confirming->n; i++)
		hf_envelope_free(&confirming->v[i]);
}

static bool is_open(const json_t *open, const char *person, const char *account)
{
	json_t *event;
	size_t index;

	json_array_foreach(open, index, event)
	{
		if (strcmp(hf_client_text(event, "person", ""), person) == 0 &&
		    strcmp(hf_client_text(event, "account", ""), account) == 0)
			return true;
	}
	return false;
}

static enum hf_rc all_are_open(const struct confirming *confirming, struct hf_err *err)
{
	const struct hf_args *args = confirming->args;
	hf_auto_json json_t *events = NULL;
	hf_auto_json json_t *open = NULL;
	enum hf_rc rc = hf_history_read(confirming->officer->view, &events, err);

	if (rc != HF_OK)
		return rc;
	open = hf_history_open(events);
	for (size_t i = 1; i < args->n_rest; i++)
		if (!is_open(open, args->rest[0], args->rest[i]))
			return hf_err_set(err, HF_E_ABSENT,
					  "Nothing is open of %s and %s: `holdfast holder checklist` lists what is.", args->rest[0],
					  args->rest[i]);
	return HF_OK;
}

static enum hf_rc make_confirmations(struct confirming *confirming, struct hf_err *err)
{
	const struct hf_view *view = confirming->officer->view;
	struct hf_digest of = view->known.reg->digest;
	enum hf_rc rc = HF_OK;

	for (size_t i = 1; rc == HF_OK && i < confirming->args->n_rest; i++) {
		const struct hf_remark doc = {.council = view->known.trust->council,
					      .act = HF_REMARK_CONFIRM,
					      .of = &of,
					      .n_of = 1,
					      .at = view->now,
					      .reason = confirming->reason,
					      .account = confirming->args->rest[i],
					      .person = confirming->args->rest[0]};

		rc = hf_folder_envelope(HF_DOC_REMARK, hf_remark_encode(&doc), &confirming->v[confirming->n], err);
		confirming->n += rc == HF_OK;
	}
	return rc;
}

static enum hf_rc show_confirmations(const struct confirming *confirming, struct hf_err *err)
{
	struct hf_cli *cli = confirming->officer->cli;
	struct hf_words words = {.out = cli->talk, .marks = hf_cli_marks(cli), .view = confirming->officer->view};
	char who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < confirming->n; i++) {
		hf_auto_remark struct hf_remark *remark = NULL;
		struct hf_err why = {0};

		if (hf_remark_decode(confirming->v[i], &remark, &why) != HF_OK)
			return hf_err_set(err, HF_E_USAGE, "This cannot be written: %s", why.text);
		rc = hf_words_envelope(&words, confirming->v[i], err);
	}
	if (rc == HF_OK)
		hf_words_line(&words, "You sign as %s.", hf_words_who(&words, confirming->officer->person->id, who));
	return rc;
}

static enum hf_rc post_confirmations(const struct confirming *confirming, struct hf_err *err)
{
	const struct hf_officer *officer = confirming->officer;
	hf_auto_json json_t *list = json_array();
	enum hf_rc rc = HF_OK;

	hf_ask_interrupts(HF_COME_SIGNED);
	for (size_t i = 0; rc == HF_OK && i < confirming->n; i++) {
		hf_auto_json json_t *said = NULL;

		rc = hf_envelope_sign(confirming->v[i], officer->key, err);
		if (rc == HF_OK)
			rc = hf_post(officer->view->office, confirming->v[i], &said, err);
		if (rc == HF_OK)
			(void)json_array_append_new(list, json_pack("{s:s, s:s}", "account", confirming->args->rest[i + 1], "outcome",
								    hf_client_text(said, "outcome", "?")));
	}
	if (rc != HF_OK)
		return rc;
	if (officer->cli->json)
		return hf_cli_answer(officer->cli, json_pack("{s:s, s:O}", "person", confirming->args->rest[0], "confirmed", list),
				     err);
	fputs(hf_text("It is recorded, and open no more.\n"), officer->cli->out);
	return HF_OK;
}

static enum hf_rc confirm_gone(struct confirming *confirming, struct hf_err *err)
{
	enum hf_rc rc = all_are_open(confirming, err);

	if (rc == HF_OK)
		rc = hf_officer_open(confirming->officer, err);
	if (rc == HF_OK)
		rc = make_confirmations(confirming, err);
	if (rc == HF_OK)
		rc = show_confirmations(confirming, err);
	if (rc == HF_OK)
		rc = hf_ask_word(confirming->officer->cli, "CONFIRM", hf_text("Have you seen that?"), err);
	return rc == HF_OK ? post_confirmations(confirming, err) : rc;
}

enum hf_rc hf_cli_holder_confirm(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	auto_confirming struct confirming confirming = {.officer = &officer, .args = args};
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &confirming.reason, "TEXT", HF_TEXT("what was done there (none)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_edit_open(cli, &view, err);
	return rc == HF_OK ? confirm_gone(&confirming, err) : rc;
}
