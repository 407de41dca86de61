/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast words list`, `words add` and `words remove`: what the draft check marks in an election period (D10).
 * Must never take out a word that was not named.
 */
#include <string.h>

#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"

struct word_wishes {
	const char *kind;
	const struct hf_args *texts;
};

static enum hf_rc add_words(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct word_wishes *wishes = arg;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < wishes->texts->n_rest; i++)
		rc = hf_change_word(change, wishes->texts->rest[i], wishes->kind, err);
	return rc;
}

static enum hf_rc remove_words(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct word_wishes *wishes = arg;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < wishes->texts->n_rest; i++)
		rc = hf_change_word_remove(change, wishes->texts->rest[i], wishes->kind, err);
	return rc;
}

typedef enum hf_rc apply_words(struct hf_change *change, void *arg, struct hf_err *err);

static enum hf_rc edit_words(struct hf_cli *cli, struct hf_args *args, apply_words *apply, struct hf_err *err)
{
	struct word_wishes wishes = {.texts = args};
	struct hf_edit edit = {.apply = apply, .arg = &wishes};
	const struct hf_arg rows[] = {
		{"kind", HF_ARG_TEXT, &wishes.kind, "KIND", HF_TEXT("member, ward, candidate, party or hashtag"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	return rc == HF_OK ? hf_edit_register(cli, &edit, err) : rc;
}

enum hf_rc hf_cli_words_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return edit_words(cli, args, add_words, err);
}

enum hf_rc hf_cli_words_remove(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	return edit_words(cli, args, remove_words, err);
}

static void list_words(FILE *out, const struct hf_register *reg, const char *kind)
{
	for (size_t i = 0; i < reg->n_words; i++) {
		const char *its = hf_word_kind_name(reg->words[i].kind);

		if (!kind || strcmp(kind, its) == 0)
			fprintf(out, "%-9s  %s\n", its, reg->words[i].text);
	}
	if (reg->n_words == 0)
		fputs(hf_text("The draft check has no words of the council's own.\n"), out);
}

static json_t *words_json(const struct hf_register *reg, const char *kind)
{
	json_t *list = json_array();

	for (size_t i = 0; i < reg->n_words; i++) {
		const char *its = hf_word_kind_name(reg->words[i].kind);

		if (!kind || strcmp(kind, its) == 0)
			(void)json_array_append_new(list,
						    json_pack("{s:s, s:s}", "text", reg->words[i].text, "kind", its));
	}
	return json_pack("{s:I, s:o}", "version", (json_int_t)reg->version, "words", list);
}

enum hf_rc hf_cli_words_list(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	const char *kind = NULL;
	const struct hf_arg rows[] = {
		{"kind", HF_ARG_TEXT, &kind, "KIND", HF_TEXT("these alone"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_edit_open(cli, &view, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, words_json(view.known.reg, kind), err);
	list_words(cli->out, view.known.reg, kind);
	return HF_OK;
}
