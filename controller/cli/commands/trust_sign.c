/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast trust show|sign`: what a proposed trust says, and a root's signature on it, without a network.
 * Must never sign what was not shown, nor what its owner has not compared with what others hold.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/council_folder.h"
#include "controller/office/proposal_words.h"

#define NOTE_MAX 65536 /* hundreds of lines of what a root has signed */

struct signing {
	struct hf_cli *cli;
	const char *file, *root_key, *digest, *first;
	int64_t epoch;
	bool again;
	struct hf_proposal proposal;
	struct hf_key *key;
	char note[HF_FOLDER_PATH_SIZE]; /* beside the key: each epoch that it signed, and the digest */
};

static void signing_done(struct signing *s)
{
	hf_proposal_done(&s->proposal);
	hf_key_free(&s->key);
}

#define auto_signing __attribute__((cleanup(signing_done)))

static enum hf_rc show(struct hf_cli *cli, const struct hf_proposal *proposal, struct hf_err *err)
{
	struct hf_words words = {.out = cli->talk, .marks = hf_cli_marks(cli), .view = &proposal->view};

	return hf_proposal_words(&words, proposal, err);
}

enum hf_rc hf_cli_trust_show(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_proposal struct hf_proposal proposal = {.envelope = NULL};
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_proposal_read(&cli->office, args->rest[0], &proposal, err);
	if (rc == HF_OK)
		rc = show(cli, &proposal, err);
	if (rc != HF_OK)
		return rc;
	return cli->json ? hf_cli_answer(cli, hf_proposal_to_json(&proposal), err) : HF_OK;
}

/* "Chief Executive (root 0b046b83)", of whichever trust has it; NULL: neither. */
static const char *owner_of(const struct hf_proposal *p, const struct hf_pub *pub, char text[HF_ROOT_TEXT_SIZE])
{
	const struct hf_trust *trusts[] = {p->next, p->view.known.trust};

	for (size_t t = 0; t < HF_LEN(trusts); t++)
		for (size_t i = 0; i < trusts[t]->n_roots; i++)
			if (memcmp(trusts[t]->roots[i].b, pub->b, sizeof(pub->b)) == 0)
				return hf_trust_root_text(trusts[t], i, text);
	return NULL;
}

static enum hf_rc no_root(const struct signing *s, const struct hf_pub *pub, struct hf_err *err)
{
	const struct hf_person *person = hf_trust_person_of_key(s->proposal.next, pub);
	char who[HF_PERSON_TEXT_SIZE];

	if (person)
		return hf_err_set(err, HF_E_ROLE, "The key %s is that of %s, who is no root: take the key of a root.",
				  s->root_key, hf_person_text(person, who));
	return hf_err_set(err, HF_E_ROLE, "The key %s is of no root, of neither trust: `holdfast trust show` says who can sign.",
			  s->root_key);
}

static enum hf_rc check_key(struct signing *s, struct hf_err *err)
{
	struct hf_words words = {.out = s->cli->talk, .view = &s->proposal.view};
	const struct hf_pub pub = hf_key_pub(s->key);
	char who[HF_ROOT_TEXT_SIZE];
	const char *owner = owner_of(&s->proposal, &pub, who);

	if (!owner)
		return no_root(s, &pub, err);
	if (hf_envelope_signed_by(s->proposal.envelope, &pub, NULL))
		return hf_err_set(err, HF_E_TOO_FEW, "%s has signed this already: another root must.", owner);
	hf_words_line(&words, "You sign as %s, with the key %s.", owner, s->root_key);
	return HF_OK;
}

static enum hf_rc answer_to(struct signing *s, const char *given, const char *prompt, char ret[HF_ASKED_SIZE],
			    struct hf_err *err)
{
	if (!given)
		return hf_ask_line(s->cli, prompt, hf_text("--epoch and --digest"), ret, err);
	if (hf_str_copy(ret, HF_ASKED_SIZE, given) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "That is too long.");
	return HF_OK;
}

/* What the others hold in their hands: whoever changed the file between two signers is found out here. */
static enum hf_rc compare_digest(struct signing *s, struct hf_err *err)
{
	char typed[HF_ASKED_SIZE] = "";
	enum hf_rc rc = answer_to(s, s->digest, hf_text("The first 20 characters of its digest, as they were read out to you"),
				  typed, err);

	if (rc == HF_OK && !hf_read_out_is(&s->proposal.next->digest, typed))
		rc = hf_err_set(err, HF_E_MISMATCH,
				"That is not the digest of this file: nothing was signed. Somebody may have changed it on its "
				"way: compare the whole of what is shown with the others.");
	return rc;
}

static enum hf_rc compare_epoch(struct signing *s, struct hf_err *err)
{
	char typed[HF_ASKED_SIZE] = "";
	char said[32], wanted[32];
	enum hf_rc rc = hf_str_printf(said, sizeof(said), "%" PRId64, s->epoch);

	if (rc == HF_OK)
		rc = hf_str_printf(wanted, sizeof(wanted), "%" PRId64, s->proposal.next->epoch);
	if (rc == HF_OK)
		rc = answer_to(s, s->epoch > 0 ? said : NULL, hf_text("Which epoch do you sign"), typed, err);
	if (rc == HF_OK && strcmp(typed, wanted) != 0)
		rc = hf_err_set(err, HF_E_EPOCH, "This is epoch %s: nothing was signed.", wanted);
	return rc;
}

/* A key that signed none of the chain has nothing that ties it to this council but the first digest, which is on paper. */
static enum hf_rc compare_first(struct signing *s, struct hf_err *err)
{
	const struct hf_pub pub = hf_key_pub(s->key);
	char typed[HF_ASKED_SIZE] = "";
	struct hf_digest anchor;
	enum hf_rc rc;

	if (hf_proposal_knows(&s->proposal, &pub))
		return HF_OK;
	rc = hf_proposal_anchor(&s->proposal, &anchor, err);
	if (rc == HF_OK)
		rc = answer_to(s, s->first,
			       hf_text("This key has signed no trust yet. The first 20 characters of the council's first "
				       "trust, as they are on paper"),
			       typed, err);
	if (rc == HF_OK && !hf_read_out_is(&anchor, typed))
		rc = hf_err_set(err, HF_E_MISMATCH, "This file goes back to another first trust: nothing was signed.");
	return rc;
}

/* Two trusts of one epoch would split the council: who signs for one does not sign for the other unawares. */
static enum hf_rc compare_note(struct signing *s, char **ret_text, struct hf_err *err)
{
	char *text = NULL, *line, digest[HF_DIGEST_HEX_SIZE];
	const struct hf_trust *next = s->proposal.next;
	size_t len = 0;
	enum hf_rc rc = hf_str_printf(s->note, sizeof(s->note), "%s.signed", s->root_key);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The path of the key is too long.");
	rc = hf_fs_read(s->note, NOTE_MAX, &text, &len, err);
	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc != HF_OK)
		return rc;
	*ret_text = text;
	hf_digest_hex(&next->digest, digest);
	for (line = text; line && *line && !s->again; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		int64_t epoch = strtoll(line, NULL, 10);
		const char *space = strchr(line, ' ');

		if (epoch > next->epoch || (epoch == next->epoch && space && strncmp(space + 1, digest, strlen(digest)) != 0))
			return hf_err_set(err, HF_E_FORK,
					  "This key has signed another trust of epoch %lld before (%s says so). If that one "
					  "was never published and is given up: --again.",
					  (long long)epoch, s->note);
	}
	return HF_OK;
}

static enum hf_rc write_note(struct signing *s, const char *before, struct hf_err *err)
{
	const struct hf_trust *next = s->proposal.next;
	hf_auto_free char *text = NULL;
	char digest[HF_DIGEST_HEX_SIZE];

	if (asprintf(&text, "%s%" PRId64 " %s\n", before ? before : "", next->epoch,
		     hf_digest_hex(&next->digest, digest)) < 0) {
		text = NULL;
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	}
	return hf_fs_replace(s->note, text, strlen(text), 0600, err);
}

/* Noted before it leaves this machine; its own signature is verified as anybody's. */
static enum hf_rc sign_and_write(struct signing *s, const char *note, struct hf_err *err)
{
	const struct hf_pub pub = hf_key_pub(s->key);
	struct hf_err why = {0};
	enum hf_rc rc = hf_envelope_sign(s->proposal.envelope, s->key, err);

	if (rc == HF_OK && !hf_envelope_signed_by(s->proposal.envelope, &pub, NULL))
		rc = hf_err_set(err, HF_E_SIGNATURE, "The signature that was made does not verify: nothing was written.");
	if (rc == HF_OK && write_note(s, note, &why) != HF_OK)
		hf_office_warn(&s->cli->office, "that this key has signed cannot be noted beside it: %s", why.text);
	return rc == HF_OK ? hf_proposal_write(&s->proposal, s->file, err) : rc;
}

static enum hf_rc sign(struct signing *s, struct hf_err *err)
{
	hf_auto_free char *note = NULL;
	enum hf_rc rc = show(s->cli, &s->proposal, err);

	if (rc == HF_OK)
		rc = hf_ask_key(s->cli, s->root_key, &s->key, err);
	if (rc == HF_OK)
		rc = check_key(s, err);
	if (rc == HF_OK)
		rc = compare_note(s, &note, err);
	if (rc == HF_OK)
		rc = compare_first(s, err);
	if (rc == HF_OK)
		rc = compare_epoch(s, err);
	if (rc == HF_OK)
		rc = compare_digest(s, err);
	return rc == HF_OK ? sign_and_write(s, note, err) : rc;
}

enum hf_rc hf_cli_trust_sign(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_signing struct signing s = {.cli = cli};
	const struct hf_arg rows[] = {
		{"root-key", HF_ARG_TEXT, &s.root_key, "FILE", HF_TEXT("the root's key, on its own stick"), 0},
		{"epoch", HF_ARG_INT, &s.epoch, "N", HF_TEXT("the epoch, in place of being asked"), 0},
		{"digest", HF_ARG_TEXT, &s.digest, "TEXT", HF_TEXT("the first 20 characters or more, in place of being asked"), 0},
		{"first", HF_ARG_TEXT, &s.first, "TEXT", HF_TEXT("the same of the first trust, for a new root"), 0},
		{"again", HF_ARG_FLAG, &s.again, NULL, HF_TEXT("though it has signed another of this epoch"), 0},
	};
	struct hf_words words = {.out = cli->talk, .view = &s.proposal.view};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!s.root_key)
		return hf_err_set(err, HF_E_USAGE, "Say where the root's key is: --root-key FILE.");
	s.file = args->rest[0];
	rc = hf_proposal_read(&cli->office, s.file, &s.proposal, err);
	if (rc == HF_OK)
		rc = sign(&s, err);
	if (rc != HF_OK)
		return rc;
	hf_words_line(&words, "SIGNED, and written to %s.", s.file);
	hf_proposal_signers(&words, &s.proposal);
	return cli->json ? hf_cli_answer(cli, hf_proposal_to_json(&s.proposal), err) : HF_OK;
}
