/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast drafts withdraw` and `holdfast drafts refuse`: one officer's signed word on a draft.
 * Must never say that a draft is stopped: others may approve it all the same.
 */
#include <string.h>

#include <holdfast/remark.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/draft_of.h"
#include "controller/cli/sign.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/message_words.h"
#include "controller/office/post.h"
#include "controller/office/register_draft.h"

/* The drafts that it is about: of a register all parts that wait. */
struct about {
	struct hf_digest v[HF_REMARK_OF_MAX];
	size_t n;
	const struct hf_envelope *draft; /* that was named */
};

static enum hf_rc gather_parts(const struct hf_view *view, json_t *drafts, struct about *about, struct hf_err *err)
{
	hf_auto_register_draft struct hf_register_draft parts = {.n = 0};
	enum hf_rc rc = HF_OK;

	if (about->draft->type != HF_DOC_REGISTER) {
		about->v[about->n++] = about->draft->digest;
		return HF_OK;
	}
	rc = hf_register_draft_gather(view, drafts, about->draft, &parts, err);
	for (size_t i = 0; rc == HF_OK && i < parts.n && about->n < HF_LEN(about->v); i++)
		if (hf_register_draft_waits(drafts, &parts.v[i]->digest))
			about->v[about->n++] = parts.v[i]->digest;
	return rc;
}

/* Said before it is signed; who has no say in it at all is told by the controller. */
static enum hf_rc may_remark(const struct hf_officer *officer, const struct about *about, enum hf_remark_act act,
			     struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed weighed = {0};
	char id[HF_SHORT_ID + 1];
	enum hf_rc rc = hf_weigh(officer->view, about->draft, &weighed, err);
	bool mine = rc == HF_OK && hf_weighed_signed(&weighed, officer->person);

	hf_words_short(&about->draft->digest, id);
	if (rc == HF_OK && act == HF_REMARK_WITHDRAW && !mine)
		return hf_err_set(err, HF_E_ROLE, "You (%s) have not approved %s: there is nothing of yours to take back.",
				  officer->person->id, id);
	if (rc == HF_OK && act == HF_REMARK_REFUSE && mine)
		return hf_err_set(err, HF_E_MISMATCH,
				  "You (%s) have approved %s: take that back with `holdfast drafts withdraw %s`.",
				  officer->person->id, id, id);
	return rc;
}

static enum hf_rc show_remark(const struct hf_officer *officer, const struct about *about, const struct hf_envelope *remark,
		       struct hf_err *err)
{
	struct hf_words words = {.out = officer->cli->talk, .marks = hf_cli_marks(officer->cli), .view = officer->view};
	hf_auto_weighed struct hf_weighed weighed = {0};
	char who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = hf_words_envelope(&words, remark, err);

	if (rc == HF_OK)
		rc = hf_weigh(officer->view, about->draft, &weighed, err);
	if (rc != HF_OK)
		return rc;
	words.exercise = weighed.order && weighed.order->mode == HF_MODE_EXERCISE;
	hf_draft_say(&words, about->draft, &weighed);
	hf_words_line(&words, "You sign as %s.", hf_words_who(&words, officer->person->id, who));
	return HF_OK;
}

static enum hf_rc post_remark(const struct hf_officer *officer, const struct hf_envelope *envelope,
		       const struct hf_remark *remark, struct hf_err *err)
{
	hf_auto_json json_t *said = NULL;
	struct hf_cli *cli = officer->cli;
	char of[HF_DIGEST_HEX_SIZE], digest[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_post(officer->view->office, envelope, &said, err);

	if (rc != HF_OK)
		return rc;
	hf_digest_hex(&remark->of[0], of);
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s, s:s, s:s, s:s, s:s}", "digest", hf_digest_hex(&envelope->digest, digest),
						    "act", hf_remark_act_name(remark->act), "draft", of, "person",
						    officer->person->id, "outcome", hf_client_text(said, "outcome", "?")),
				     err);
	fprintf(cli->out,
		remark->act == HF_REMARK_WITHDRAW
			? hf_text("It is recorded: your approval of %.*s does not count any more.\n")
			: hf_text("It is recorded: %.*s is shown as refused by you. Others may approve it all the "
				  "same.\n"),
		HF_SHORT_ID, of);
	return HF_OK;
}

static enum hf_rc make_remark(struct hf_officer *officer, const struct about *about, const struct hf_remark *wish,
		       struct hf_envelope **ret, struct hf_err *err)
{
	struct hf_remark doc = *wish;
	struct hf_digest of[HF_REMARK_OF_MAX];

	memcpy(of, about->v, sizeof(of));
	doc.of = of;
	doc.n_of = about->n;
	doc.council = officer->view->known.trust->council;
	doc.at = officer->view->now;
	return hf_folder_envelope(HF_DOC_REMARK, hf_remark_encode(&doc), ret, err);
}

static enum hf_rc sign_remark(struct hf_officer *officer, const struct about *about, const struct hf_remark *wish,
			     struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_remark struct hf_remark *remark = NULL;
	struct hf_err why = {0};
	bool takes_back = wish->act == HF_REMARK_WITHDRAW;
	enum hf_rc rc = make_remark(officer, about, wish, &envelope, err);

	if (rc == HF_OK && hf_remark_decode(envelope, &remark, &why) != HF_OK)
		rc = hf_err_set(err, HF_E_USAGE, "This cannot be written: %s", why.text);
	if (rc == HF_OK)
		rc = show_remark(officer, about, envelope, err);
	if (rc == HF_OK)
		rc = hf_ask_word(officer->cli, takes_back ? "WITHDRAW" : "REFUSE",
				 takes_back ? hf_text("Do you take it back?") : hf_text("Do you refuse it?"), err);
	if (rc != HF_OK)
		return rc;
	hf_ask_interrupts(HF_COME_SIGNED);
	rc = hf_envelope_sign(envelope, officer->key, err);
	return rc == HF_OK ? post_remark(officer, envelope, remark, err) : rc;
}

static enum hf_rc remark_on(struct hf_cli *cli, const char *prefix, const struct hf_remark *wish, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *draft = NULL;
	hf_auto_json json_t *drafts = NULL;
	struct about about = {.n = 0};
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc == HF_OK)
		rc = hf_client_list(view.office, "drafts", &drafts, err);
	if (rc == HF_OK)
		rc = hf_draft_of(&view, drafts, prefix, &draft, err);
	about.draft = draft;
	if (rc == HF_OK)
		rc = gather_parts(&view, drafts, &about, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	if (rc == HF_OK)
		rc = may_remark(&officer, &about, wish->act, err);
	return rc == HF_OK ? sign_remark(&officer, &about, wish, err) : rc;
}

enum hf_rc hf_cli_drafts_withdraw(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct hf_remark wish = {.act = HF_REMARK_WITHDRAW};
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wish.reason, "TEXT", HF_TEXT("why, for the other officers (none)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	return rc == HF_OK ? remark_on(cli, args->rest[0], &wish, err) : rc;
}

enum hf_rc hf_cli_drafts_refuse(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct hf_remark wish = {.act = HF_REMARK_REFUSE};
	const struct hf_arg rows[] = {
		{"reason", HF_ARG_TEXT, &wish.reason, "TEXT", HF_TEXT("why, for the other officers"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!wish.reason)
		return hf_err_set(err, HF_E_USAGE, "Say why with --reason TEXT: the other officers will read it.");
	return remark_on(cli, args->rest[0], &wish, err);
}
