/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast glass half` and `glass notes`: one side's half of one device, without a network, and the word of it.
 * Must never show a half of which no signed note is on disk.
 */
#include <string.h>

#include <openssl/crypto.h>

#include <holdfast/remark.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/glass_key.h"
#include "controller/office/glass_papers.h"
#include "controller/office/message_words.h"

#define NOTE_SIZE 512

struct giving {
	struct hf_officer *officer;
	const char *device, *key_path;
	int64_t slot;
	struct hf_envelope *envelope;
	struct hf_glass *glass;
	struct hf_glass_half half;
};

static void giving_done(struct giving *g)
{
	hf_envelope_free(&g->envelope);
	hf_glass_free(&g->glass);
	OPENSSL_cleanse(&g->half, sizeof(g->half));
}

#define auto_giving __attribute__((cleanup(giving_done)))

static struct hf_glass_paper paper_of(const struct giving *g)
{
	return (struct hf_glass_paper){g->key_path, g->device, g->glass ? g->glass->set : 0, g->glass ? g->slot : 0};
}

/* By the trust of the council folder: whose people have changed since has no halves to give. */
static enum hf_rc read_paper(struct giving *g, struct hf_err *err)
{
	const struct hf_view *view = g->officer->view;
	const struct hf_glass_paper paper = paper_of(g);
	enum hf_rc rc = hf_glass_paper_get(&paper, &g->envelope, err);

	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc, "No halves of the device %s were made with this key here: `holdfast glass prepare`.", g->device);
	if (rc == HF_OK)
		rc = hf_glass_open(&view->known, g->envelope, &g->glass, err);
	if (rc != HF_OK)
		return rc;
	if (view->now.s > g->glass->until.s)
		return hf_err_set(err, HF_E_VOID, "The halves of this device have ended: they held for twelve months at most.");
	if (g->slot > (int64_t)g->glass->n_verifiers)
		return hf_err_set(err, HF_E_USAGE, "There are %zu halves of this device: --slot is what its screen says.",
				  g->glass->n_verifiers);
	return HF_OK;
}

/* The half is what the device will look for, or somebody took the wrong key. */
static enum hf_rc make_half(struct giving *g, struct hf_err *err)
{
	const struct hf_glass_slot slot = {g->glass->council, g->glass->device, g->glass->pub, g->glass->side, g->glass->set, g->slot};
	hf_auto_key struct hf_key *key = NULL;
	struct hf_digest made;
	enum hf_rc rc = hf_glass_ask_key(g->officer, g->key_path, &key, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_glass_derive(key, &slot, &g->half);
	if (rc == HF_OK)
		rc = hf_glass_verifier(&g->half, &slot, &made);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is not enough memory.");
	if (hf_digest_cmp(&made, &g->glass->verifiers[g->slot - 1]) != 0)
		return hf_err_set(err, HF_E_KEY, "%s is not the key that the halves of %s were made with.", g->key_path, g->device);
	return HF_OK;
}

static enum hf_rc is_of_this_side(const struct giving *g, struct hf_err *err)
{
	enum hf_glass_side side = HF_GLASS_A;
	enum hf_rc rc = hf_glass_side_of(g->officer, &side, err);

	if (rc == HF_OK && side != g->glass->side)
		rc = hf_err_set(err, HF_E_ROLE, "These halves are those of the other side.");
	return rc;
}

static enum hf_rc write_note(const struct giving *g, struct hf_err *err)
{
	const struct hf_view *view = g->officer->view;
	const struct hf_glass_paper paper = paper_of(g);
	struct hf_digest of = g->glass->digest;
	char text[NOTE_SIZE];
	struct hf_remark remark = {.council = view->known.trust->council,
				   .act = HF_REMARK_NOTE,
				   .of = &of,
				   .n_of = 1,
				   .at = view->now,
				   .happened = view->now,
				   .reason = text};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_str_printf(text, sizeof(text), hf_text("Break-glass: the half of side %s of slot %lld, set %lld, of the device %s was given."),
				      hf_glass_side_name(g->glass->side), (long long)g->slot, (long long)g->glass->set, g->device);

	if (rc == HF_OK)
		rc = hf_folder_envelope(HF_DOC_REMARK, hf_remark_encode(&remark), &envelope, err);
	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, g->officer->key, err);
	return rc == HF_OK ? hf_glass_paper_put(&paper, envelope, err) : rc;
}

static enum hf_rc say_half(const struct giving *g, const struct hf_glass_posted *posted, struct hf_err *err)
{
	struct hf_cli *cli = g->officer->cli;
	char shown[HF_GLASS_SHOWN_SIZE];
	const char *note = posted->waiting > 0 ? "waits" : "posted";
	enum hf_rc rc = HF_OK;

	hf_glass_shown(&g->half, shown);
	if (cli->json) {
		rc = hf_cli_answer(cli,
				   json_pack("{s:s, s:s, s:I, s:I, s:s, s:I, s:s}", "device", g->device, "side",
					     hf_glass_side_name(g->glass->side), "set", (json_int_t)g->glass->set, "slot",
					     (json_int_t)g->slot, "half", shown, "minutes", (json_int_t)g->glass->minutes, "note", note),
				   err);
	} else {
		fprintf(cli->out, "\n    %s\n\n", shown);
		fprintf(cli->out, hf_text("That is the half of side %s of slot %lld of %s. Read it out to whoever is at that device, and to nobody else.\n"),
			hf_glass_side_name(g->glass->side), (long long)g->slot, g->device);
		if (posted->waiting > 0)
			fprintf(cli->out, hf_text("The note that you gave it waits beside the key (%s). Post it when the controller answers: holdfast glass notes\n"),
				posted->why.text);
		else
			fputs(hf_text("That you gave it is on the record.\n"), cli->out);
	}
	OPENSSL_cleanse(shown, sizeof(shown));
	return rc;
}

static enum hf_rc give(struct giving *g, struct hf_err *err)
{
	struct hf_cli *cli = g->officer->cli;
	struct hf_words words = {.out = cli->talk, .marks = hf_cli_marks(cli), .view = g->officer->view};
	struct hf_glass_paper paper;
	struct hf_glass_posted posted;
	enum hf_rc rc = hf_officer_open(g->officer, err);

	if (rc == HF_OK)
		rc = read_paper(g, err);
	if (rc == HF_OK)
		rc = is_of_this_side(g, err);
	if (rc == HF_OK)
		rc = make_half(g, err);
	if (rc != HF_OK)
		return rc;
	paper = paper_of(g);
	if (hf_glass_was_given(&paper))
		hf_office_warn(&cli->office, "this half was given before: a slot that was used opens nothing again.");
	rc = hf_words_envelope(&words, g->envelope, err);
	if (rc == HF_OK)
		rc = hf_ask_word(cli, "GIVE", hf_text("Have you rung that person back on a number that you know, and is this device to be opened?"), err);
	hf_ask_interrupts(HF_COME_SIGNED);
	if (rc == HF_OK)
		rc = write_note(g, err);
	if (rc == HF_OK)
		rc = hf_glass_post_notes(&cli->office, g->key_path, &posted, err);
	return rc == HF_OK ? say_half(g, &posted, err) : rc;
}

enum hf_rc hf_cli_glass_half(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	auto_giving struct giving g = {.officer = &officer};
	const struct hf_arg rows[] = {
		{"device", HF_ARG_TEXT, &g.device, "DEVICE", HF_TEXT("which device is to be opened"), 0},
		{"slot", HF_ARG_INT, &g.slot, "N", HF_TEXT("the slot that its screen says"), 0},
		{"glass-key", HF_ARG_TEXT, &g.key_path, "FILE", HF_TEXT("the key of your side, of no other use"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && (!g.device || g.slot < 1 || !g.key_path))
		rc = hf_err_set(err, HF_E_USAGE, "Say which half: --device DEVICE --slot N --glass-key FILE; its screen says the slot.");
	if (rc == HF_OK)
		rc = hf_view_folder(&cli->office, &view, err);
	return rc == HF_OK ? give(&g, err) : rc;
}

enum hf_rc hf_cli_glass_notes(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	const char *key_path = NULL;
	struct hf_glass_posted posted;
	const struct hf_arg rows[] = {
		{"glass-key", HF_ARG_TEXT, &key_path, "FILE", HF_TEXT("the key of your side, of no other use"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !key_path)
		rc = hf_err_set(err, HF_E_USAGE, "Say with --glass-key FILE which is the key of your side.");
	if (rc == HF_OK)
		rc = hf_glass_post_notes(&cli->office, key_path, &posted, err);
	if (rc == HF_OK && posted.waiting > 0)
		rc = hf_err_set(err, HF_E_ABSENT, "%zu notes wait yet: %.200s", posted.waiting, posted.why.text);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:I, s:I}", "posted", (json_int_t)posted.posted, "waiting", (json_int_t)posted.waiting), err);
	fprintf(cli->out, hf_text_n("%zu note is on the record now; none waits.\n", "%zu notes are on the record now; none waits.\n", posted.posted), posted.posted);
	return HF_OK;
}
