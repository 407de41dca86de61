/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast trust propose`: the file that the roots are to sign.
 * Must never need a private key, nor change anything.
 */
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/commands/named_ids.h"
#include "controller/office/client.h"
#include "controller/office/proposal_words.h"
#include "controller/office/trust_change.h"

struct proposing {
	struct hf_trust_wishes wishes;
	struct hf_list leave_out;
	const char *output;
	bool unproved;
	struct hf_affirming affirming;
	struct hf_proposal proposal;
};

static void proposing_done(struct proposing *p)
{
	hf_affirming_done(&p->affirming);
	hf_proposal_done(&p->proposal);
}

#define auto_proposing __attribute__((cleanup(proposing_done)))

/* Signed by nobody yet: its rules are looked at, and what it must affirm is found with it. */
static enum hf_rc find_affirmed(const struct hf_view *view, json_t *doc, struct proposing *p, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_trust struct hf_trust *next = NULL;
	hf_auto_json json_t *council = NULL;
	enum hf_rc rc = hf_envelope_of_json(HF_DOC_TRUST, doc, &envelope, err);

	if (rc == HF_OK)
		rc = hf_trust_decode(envelope, &next, err);
	if (rc == HF_OK)
		rc = hf_client_get(view->office, "/v1/council", &council, err);
	if (rc != HF_OK)
		return rc;
	hf_named_ids_of_trust(view->office, next, view->known.trust);
	return hf_trust_affirm(&(struct hf_affirm_ask){view, &p->leave_out, json_object_get(council, "assignments"), next},
			       &p->affirming, err);
}

/* Affirmed by the trust in force, and its proof not published yet: the next trust cannot carry what it cannot prove. */
static enum hf_rc nothing_is_lost(const struct hf_view *view, const struct proposing *p, struct hf_err *err)
{
	const struct hf_trust *held = view->known.trust;

	if (p->affirming.n_uncounted == 0 || p->affirming.n_proven >= held->assignments.size || p->unproved)
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH,
			  hf_text_n("The controller has %zu assignment without the proof by which the trust of epoch %lld affirms it: "
				    "publish that trust's file again (`holdfast trust publish FILE`), or say --without-proofs and it is lost.",
				    "The controller has %zu assignments without the proofs by which the trust of epoch %lld affirms them: "
				    "publish that trust's file again (`holdfast trust publish FILE`), or say --without-proofs and they are lost.",
				    p->affirming.n_uncounted),
			  p->affirming.n_uncounted, (long long)held->epoch);
}

static void say_proposed(const struct hf_words *words, const struct proposing *p)
{
	hf_words_line(words, "It is made from what the controller says is in force and recorded now, and from nothing else.");
	hf_words_line(words, "Nothing is changed yet. It is written to %s, for each root: holdfast trust sign %s --root-key FILE",
		      p->output, p->output);
}

static enum hf_rc answer_proposed(struct hf_cli *cli, const struct proposing *p, struct hf_err *err)
{
	json_t *answer = hf_proposal_to_json(&p->proposal);

	if (answer && json_object_set_new(answer, "file", json_string(p->output)) != 0) {
		json_decref(answer);
		answer = NULL;
	}
	return hf_cli_answer(cli, answer, err);
}

static enum hf_rc propose(struct hf_cli *cli, struct proposing *p, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	struct hf_words words = {.out = cli->talk, .marks = hf_cli_marks(cli), .view = &p->proposal.view};
	hf_auto_json json_t *doc = NULL;
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc == HF_OK)
		rc = hf_trust_change(view.known.trust, &p->wishes, view.now, &doc, err);
	if (rc == HF_OK)
		rc = find_affirmed(&view, doc, p, err);
	if (rc == HF_OK)
		rc = nothing_is_lost(&view, p, err);
	if (rc == HF_OK)
		rc = hf_proposal_make(&view, json_incref(doc), &p->affirming, &p->proposal, err);
	if (rc == HF_OK)
		rc = hf_proposal_words(&words, &p->proposal, err);
	if (rc == HF_OK)
		rc = hf_proposal_write(&p->proposal, p->output, err);
	if (rc != HF_OK)
		return rc;
	say_proposed(&words, p);
	return cli->json ? answer_proposed(cli, p, err) : HF_OK;
}

enum hf_rc hf_cli_trust_propose(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_proposing struct proposing p = {.output = NULL};
	struct hf_trust_wishes *w = &p.wishes;
	const struct hf_arg rows[] = {
		{"add", HF_ARG_LIST, &w->add, "PERSON:ROLE,ROLE", HF_TEXT("somebody joins; their key with --new-key"), 0},
		{"roles", HF_ARG_LIST, &w->roles, "PERSON:ROLE,ROLE", HF_TEXT("other roles, in place of theirs"), 0},
		{"name", HF_ARG_LIST, &w->names, "PERSON=NAME", HF_TEXT("what screens call them"), 0},
		{"remove", HF_ARG_LIST, &w->remove, "PERSON", HF_TEXT("somebody leaves"), 0},
		{"new-key", HF_ARG_LIST, &w->new_key, "PERSON=FILE", HF_TEXT("a public key in place of all theirs"), 0},
		{"add-key", HF_ARG_LIST, &w->add_key, "PERSON=FILE", HF_TEXT("a public key beside theirs"), 0},
		{"controller", HF_ARG_LIST, &w->controllers, "ID=FILE", HF_TEXT("a controller's public key, new or in place of its own"), 0},
		{"remove-controller", HF_ARG_LIST, &w->remove_controllers, "ID", HF_TEXT("a controller leaves"), 0},
		{"root", HF_ARG_LIST, &w->roots, "NAME=FILE", HF_TEXT("a root joins: whose, and its public key"), 0},
		{"remove-root", HF_ARG_LIST, &w->remove_roots, "NAME", HF_TEXT("a root leaves (or 8 characters of its keyid)"), 0},
		{"threshold", HF_ARG_INT, &w->threshold, "N", HF_TEXT("how many roots must sign from then on"), 0},
		{"leave-out", HF_ARG_LIST, &p.leave_out, "LOCKDOWN", HF_TEXT("it need not stand: it is not affirmed"), 0},
		{"without-proofs", HF_ARG_FLAG, &p.unproved, NULL, HF_TEXT("though assignments are lost whose proofs nobody has any more"), 0},
		{"output", HF_ARG_TEXT, &p.output, "FILE", HF_TEXT("where it is written"), 'o'},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!p.output)
		return hf_err_set(err, HF_E_USAGE, "Say where it is written: -o FILE.");
	if (w->threshold < 0 || w->threshold > HF_ROOTS_MAX)
		return hf_err_set(err, HF_E_USAGE, "A threshold is a number from 1 to %d.", HF_ROOTS_MAX);
	return propose(cli, &p, err);
}
