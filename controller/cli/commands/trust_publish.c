/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast trust publish`: a trust that enough roots have signed goes to the controller, and is seen arriving.
 * Must never publish one that would change what is in force without being told to.
 */
#include <poll.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/post.h"
#include "controller/office/proposal_words.h"

#define LOOK_EVERY_MS 500
#define DEVICES_PATH_SIZE 80
#define PROOFS_AT_ONCE 48 /* as many as the controller takes */

struct publishing {
	struct hf_cli *cli;
	bool void_too;
	int64_t seconds;
	struct hf_proposal proposal;
	struct hf_view view;
	json_t *effects;
	size_t on_it, of; /* devices that said that they hold it */
	size_t proofs;	  /* that the controller has by now */
};

static void publishing_done(struct publishing *p)
{
	hf_proposal_done(&p->proposal);
	hf_view_done(&p->view);
	json_decref(p->effects);
}

#define auto_publishing __attribute__((cleanup(publishing_done)))

/* Each root may have signed a copy of its own. */
static enum hf_rc add_copy(struct publishing *p, const char *path, struct hf_err *err)
{
	hf_auto_proposal struct hf_proposal other = {.envelope = NULL};
	enum hf_rc rc = hf_proposal_read(&p->cli->office, path, &other, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_envelope_merge(p->proposal.envelope, other.envelope, NULL);
	if (rc == HF_E_MISMATCH)
		return hf_err_set(err, rc,
				  "%s proposes another trust than the first file: the roots have not signed the same.", path);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s has too many signatures.", path);
}

static enum hf_rc read_copies(struct publishing *p, const struct hf_args *args, struct hf_err *err)
{
	enum hf_rc rc = hf_proposal_read(&p->cli->office, args->rest[0], &p->proposal, err);

	for (size_t i = 1; rc == HF_OK && i < args->n_rest; i++)
		rc = add_copy(p, args->rest[i], err);
	return rc;
}

static enum hf_rc not_enough(struct publishing *p, struct hf_err *err)
{
	struct hf_words words = {.out = p->cli->talk, .view = &p->proposal.view};

	hf_proposal_signers(&words, &p->proposal);
	return hf_err_set(err, HF_E_SIGNATURE, "Too few roots have signed it: nothing was published.");
}

static enum hf_rc compare_estate(struct publishing *p, struct hf_err *err)
{
	hf_auto_json json_t *council = NULL;
	enum hf_rc rc = hf_client_get(&p->cli->office, "/v1/council", &council, err);

	if (rc == HF_OK && hf_estate_root_effects(&p->proposal.estate, p->view.known.trust, p->proposal.next,
						  json_object_get(council, "assignments"), p->effects) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc;
}

/* Between the proposal and now the council went on: what is known now decides. */
static enum hf_rc compare_now(struct publishing *p, struct hf_err *err)
{
	const struct hf_trust *now = p->view.known.trust, *before = p->proposal.view.known.trust;
	enum hf_rc rc;

	if (hf_digest_cmp(&now->digest, &p->proposal.next->digest) == 0)
		return HF_OK;
	if (hf_digest_cmp(&now->digest, &before->digest) != 0)
		return hf_err_set(err, HF_E_EPOCH,
				  "It follows epoch %lld as the roots knew it, and epoch %lld is in force by now: propose it anew.",
				  (long long)before->epoch, (long long)now->epoch);
	if (!hf_proposal_signed(&p->proposal))
		return not_enough(p, err);
	rc = hf_trust_effects(&p->view, p->proposal.next, &p->effects, err);
	if (rc == HF_OK)
		rc = compare_estate(p, err);
	if (rc == HF_OK && json_array_size(p->effects) > 0) {
		struct hf_words words = {.out = p->cli->talk, .view = &p->view};

		hf_effects_words(&words, p->effects);
		if (!p->void_too)
			rc = hf_err_set(err, HF_E_VOID,
					"It would change what is in force: nothing was published. Propose it anew so that what is "
					"in force is affirmed, or say --void.");
	}
	return rc;
}

static enum hf_rc post_trust(struct publishing *p, struct hf_err *err)
{
	struct hf_words words = {.out = p->cli->talk, .view = &p->view};
	struct hf_err why = {0};
	hf_auto_json json_t *said = NULL;
	enum hf_rc rc = hf_post(&p->cli->office, p->proposal.envelope, &said, err);

	if (rc != HF_OK)
		return rc;
	if (!json_object_get(said, "outcome") || strcmp(hf_client_text(said, "outcome", ""), "draft") == 0)
		return hf_err_set(err, HF_E_TOO_FEW, "The controller holds it back (%s).", hf_client_text(said, "reason", "?"));
	if (hf_folder_put_trust(p->cli->office.folder, p->proposal.envelope, &why) != HF_OK)
		hf_office_warn(&p->cli->office,
			       "the council folder here has no copy of it, which only a new beginning would need: %s",
			       why.text);
	hf_words_line(&words, "The trust of epoch %lld is recorded and published.", (long long)p->proposal.next->epoch);
	return HF_OK;
}

/* The copies here, which only a new beginning would need. */
static void keep_copies(struct publishing *p, const json_t *proofs)
{
	const char *folder = p->cli->office.folder;
	json_t *one;
	size_t index;

	json_array_foreach(proofs, index, one)
	{
		const char *device = hf_client_text(one, "device", "");
		hf_auto_envelope struct hf_envelope *copy = NULL;
		char path[HF_FOLDER_PATH_SIZE];

		if (hf_folder_path(folder, path, NULL, "assignments/%s.json", device) != HF_OK ||
		    hf_folder_get(path, &copy, NULL) != HF_OK)
			continue;
		if (hf_estate_root_prove(&p->proposal.estate, device, copy) == HF_OK && copy->proof &&
		    hf_folder_put_assignment(folder, copy, device, NULL) != HF_OK)
			hf_office_warn(&p->cli->office, "the council folder here has no copy of the proof of %s.", device);
	}
}

/* After the trust that they are true by; whatever was posted before is known by now. */
static enum hf_rc post_proofs(struct publishing *p, struct hf_err *err)
{
	const struct hf_estate_root *estate = &p->proposal.estate;
	struct hf_words words = {.out = p->cli->talk, .view = &p->view};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < estate->n; i += PROOFS_AT_ONCE) {
		hf_auto_json json_t *proofs = hf_estate_root_proofs(estate, i, PROOFS_AT_ONCE);
		hf_auto_json json_t *said = NULL;

		rc = proofs ? hf_post_proofs(&p->cli->office, proofs, &said, err)
			    : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
		p->proofs += (size_t)(hf_client_number(said, "recorded") + hf_client_number(said, "known"));
		if (hf_client_number(said, "recorded") > 0)
			keep_copies(p, json_object_get(proofs, "proofs"));
	}
	if (rc == HF_OK && estate->n > 0)
		hf_words_line(&words, hf_text_n("The proof of %zu assignment is recorded, and goes to its device.",
						"The proofs of %zu assignments are recorded, and go to their devices.", p->proofs),
			      p->proofs);
	return rc;
}

static enum hf_rc count_devices(struct publishing *p, struct hf_err *err)
{
	hf_auto_json json_t *page = NULL;
	char path[DEVICES_PATH_SIZE];
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/devices?limit=1&epoch=%lld",
				      (long long)p->proposal.next->epoch);

	if (rc != HF_OK)
		return hf_err_set(err, rc, "The number of the epoch is too long.");
	rc = hf_client_get(&p->cli->office, path, &page, err);
	if (rc != HF_OK)
		return rc;
	p->on_it = (size_t)hf_client_number(page, "total");
	p->of = (size_t)hf_client_number(page, "of");
	return HF_OK;
}

static enum hf_rc watch_devices(struct publishing *p, struct hf_err *err)
{
	struct hf_words words = {.out = p->cli->talk, .view = &p->view};
	int64_t until = hf_clock_boot().ms + p->seconds * 1000;
	enum hf_rc rc = count_devices(p, err);

	while (rc == HF_OK && p->on_it < p->of && hf_clock_boot().ms < until) {
		(void)poll(NULL, 0, LOOK_EVERY_MS);
		rc = count_devices(p, err);
	}
	if (rc == HF_OK)
		hf_words_line(&words, "%zu of %zu devices on epoch %lld.", p->on_it, p->of,
			      (long long)p->proposal.next->epoch);
	if (rc == HF_OK && p->on_it < p->of)
		hf_words_line(&words, "The others take it when they are reached: say the same again to see how many.");
	return rc;
}

static enum hf_rc answer_published(struct publishing *p, struct hf_err *err)
{
	char digest[HF_DIGEST_HEX_SIZE];

	hf_digest_hex(&p->proposal.next->digest, digest);
	return hf_cli_answer(p->cli,
			     json_pack("{s:s, s:I, s:s, s:o, s:I, s:I, s:I}", "outcome", "recorded", "epoch",
				       (json_int_t)p->proposal.next->epoch, "digest", digest, "effects",
				       p->effects ? json_incref(p->effects) : json_array(), "on_it", (json_int_t)p->on_it,
				       "of", (json_int_t)p->of, "proofs",
				       (json_int_t)p->proofs),
			     err);
}

enum hf_rc hf_cli_trust_publish(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	auto_publishing struct publishing p = {.cli = cli, .seconds = HF_WAIT_S};
	const struct hf_arg rows[] = {
		{"void", HF_ARG_FLAG, &p.void_too, NULL, HF_TEXT("though what is in force changes by it"), 0},
		{"wait", HF_ARG_INT, &p.seconds, "S", HF_TEXT("watch so many seconds how it arrives (10)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = read_copies(&p, args, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &p.view, err);
	if (rc == HF_OK)
		rc = compare_now(&p, err);
	if (rc == HF_OK && hf_digest_cmp(&p.view.known.trust->digest, &p.proposal.next->digest) != 0)
		rc = post_trust(&p, err);
	if (rc == HF_OK)
		rc = post_proofs(&p, err);
	if (rc == HF_OK)
		rc = watch_devices(&p, err);
	return rc == HF_OK && cli->json ? answer_published(&p, err) : rc;
}
