/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast verify FILE`: what a message says, who approved it, whether that is enough; offline.
 * Must never ask a controller: the council folder alone is trusted.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"
#include "controller/office/message_words.h"
#include "controller/office/period.h"
#include "controller/office/weigh.h"

/* What is known besides, so that an amendment can be compared and a release named. */
static enum hf_rc hear_with(struct hf_view *view, const struct hf_list *with, struct hf_err *err)
{
	for (size_t i = 0; i < with->n; i++) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		struct hf_err why = {0};
		enum hf_rc rc = hf_folder_get(with->v[i], &envelope, err);

		if (rc != HF_OK)
			return rc;
		rc = hf_view_hear(view, envelope, &why);
		if (rc != HF_OK && rc != HF_E_OTHER)
			return hf_err_set(err, rc, "%s is refused (%s): %s", with->v[i], hf_rc_name(rc), why.text);
	}
	return hf_view_judge(view, err);
}

static void say_signers(const struct hf_words *words, const struct hf_weighed *weighed, enum hf_doc_type type)
{
	hf_auto_json json_t *ids = hf_weighed_signers(weighed);
	const struct hf_signers *signers = &weighed->signers;

	hf_words_begin(words);
	fputs(type == HF_DOC_REMARK ? hf_text("Said by: ") : hf_text("Approved by: "), words->out);
	hf_words_people(words, ids);
	fprintf(words->out, hf_text_n(" (%zu signature", " (%zu signatures", signers->n_signatures), signers->n_signatures);
	if (signers->n_broken > 0)
		fprintf(words->out, hf_text(", %zu broken"), signers->n_broken);
	if (signers->n_strangers > 0)
		fprintf(words->out, hf_text(", %zu of no person in the trust"), signers->n_strangers);
	fputs(").\n", words->out);
}

static bool is_signed_by_people(enum hf_doc_type type)
{
	return type == HF_DOC_ORDER || type == HF_DOC_REGISTER || type == HF_DOC_ASSIGNMENT ||
	       type == HF_DOC_RECOVER || type == HF_DOC_REMARK || type == HF_DOC_ERASE || type == HF_DOC_GLASS;
}

static void say_verdict(const struct hf_words *words, const struct hf_weighed *weighed)
{
	const struct hf_verdict *verdict = &weighed->verdict;

	hf_words_begin(words);
	if (weighed->rc == HF_OK && verdict->affirmed) {
		fputs(hf_text("ENOUGH: the roots of the council affirm it.\n"), words->out);
		return;
	}
	if (weighed->rc == HF_OK && !verdict->rule) {
		fputs(hf_text("ENOUGH: it is signed as it must be.\n"), words->out);
		return;
	}
	fprintf(words->out, "%s (%s)", weighed->rc == HF_OK ? hf_text("ENOUGH") : hf_text("NOT ENOUGH"),
		hf_rc_name(weighed->rc));
	if (verdict->rule) {
		fprintf(words->out, hf_text(": it has %zu of %zu approvals by "), verdict->have, verdict->need);
		hf_words_roles(words->out, &verdict->rule->roles);
	}
	fputs(".\n", words->out);
	if (weighed->rc != HF_OK && weighed->text.text[0])
		hf_words_line(words, "%s", weighed->text.text);
}

static enum hf_rc print(struct hf_cli *cli, const struct hf_view *view, const struct hf_envelope *envelope,
			const struct hf_weighed *weighed, struct hf_err *err)
{
	struct hf_words words = {.out = cli->out, .marks = hf_cli_marks(cli), .view = view};
	char digest[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_words_envelope(&words, envelope, err);

	if (rc != HF_OK)
		return rc;
	hf_words_line(&words, "Digest: %s", hf_digest_hex(&envelope->digest, digest));
	if (is_signed_by_people(envelope->type))
		say_signers(&words, weighed, envelope->type);
	say_verdict(&words, weighed);
	return HF_OK;
}

static json_t *lines_of(const struct hf_view *view, const struct hf_envelope *envelope)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct hf_words words = {.out = out, .view = view};
	json_t *lines = json_array();
	char *rest;

	if (!out)
		return lines;
	if (hf_words_envelope(&words, envelope, NULL) != HF_OK)
		fputs(hf_text("It cannot be read."), out);
	(void)fclose(out);
	rest = text;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0])
			(void)json_array_append_new(lines, json_string(line));
	return lines;
}

static json_t *payload_of(const struct hf_envelope *envelope)
{
	json_t *payload = NULL;

	if (hf_json_read((const char *)envelope->payload, envelope->payload_len, HF_PAYLOAD_MAX, &payload, NULL) !=
	    HF_OK)
		return json_null();
	return payload;
}

static enum hf_rc print_json(struct hf_cli *cli, const struct hf_view *view, const struct hf_envelope *envelope,
			     const struct hf_weighed *weighed, struct hf_err *err)
{
	char digest[HF_DIGEST_HEX_SIZE];

	hf_digest_hex(&envelope->digest, digest);
	return hf_cli_answer(
		cli,
		json_pack("{s:s, s:s, s:b, s:s, s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:o}", "type",
			  hf_doc_type_name(envelope->type), "digest", digest, "enough", weighed->rc == HF_OK, "reason",
			  hf_rc_name(weighed->rc), "message", weighed->text.text, "have",
			  (json_int_t)weighed->verdict.have, "need", (json_int_t)weighed->verdict.need, "roles",
			  hf_weighed_roles(weighed), "signed_by", hf_weighed_signers(weighed), "signatures",
			  (json_int_t)weighed->signers.n_signatures, "broken", (json_int_t)weighed->signers.n_broken,
			  "strangers", (json_int_t)weighed->signers.n_strangers, "words", lines_of(view, envelope),
			  "payload", payload_of(envelope)),
		err);
}

enum hf_rc hf_cli_verify(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};
	hf_auto_period struct hf_period period = {0};
	struct hf_polls_wish wish = {0};
	struct hf_list with = {.n = 0};
	const struct hf_arg rows[] = {
		{"with", HF_ARG_LIST, &with, "FILE",
		 HF_TEXT("a message heard before it, such as the raise of an amendment"), 0},
		{"calendar", HF_ARG_LIST, &wish.calendars, "FILE", HF_TEXT("newer bank holidays, to check a start by"),
		 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_view_folder(&cli->office, &view, err);
	if (rc == HF_OK && wish.calendars.n > 0) {
		rc = hf_period_begin(&cli->office, &wish, &period, err);
		view.at_hand = &period;
	}
	if (rc == HF_OK)
		rc = hear_with(&view, &with, err);
	if (rc == HF_OK)
		rc = hf_folder_get(args->rest[0], &envelope, err);
	if (rc == HF_OK)
		rc = hf_weigh(&view, envelope, &weighed, err);
	if (rc == HF_OK)
		rc = cli->json ? print_json(cli, &view, envelope, &weighed, err)
			       : print(cli, &view, envelope, &weighed, err);
	return rc == HF_OK ? weighed.rc : rc;
}
