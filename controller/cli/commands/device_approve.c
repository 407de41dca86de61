/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast device approve`: laptops that ask become the council's, all that the list bears out by one command, or
 * one by the words on its screen.
 * Must never approve one that anything speaks against but by its words, or tell the door of one that is not assigned.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/cli/ask.h"
#include "controller/cli/commands/commands.h"
#include "controller/cli/door_ask.h"
#include "controller/cli/taking_in.h"
#include "controller/office/assigned.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/join_match.h"

#define LIST_MAX (16 * 1024 * 1024) /* bytes: an estate with all its people */
#define BROKER_PORT 8883
#define ANSWERS_AT_ONCE 24 /* certificates of a few kilobytes, in a body that is taken */
#define SHOWN_MAX 12	   /* of each kind: all of it stays one screen */

/* What the command line says, and what comes of it. */
struct approving {
	const char *words, *csv, *device, *host, *ca_key;
	int64_t port;
	struct hf_list people, groups;
	struct hf_officer *officer;
	struct hf_assets assets;
	struct hf_join_matched matched;
	struct hf_pki_pair ca;
	json_t *answers;	 /* that the door is to be told yet */
	json_t *done, *refused; /* rows of the answer */
	size_t n_waits;
};

static void approving_done(struct approving *a)
{
	hf_assets_done(&a->assets);
	hf_join_matched_done(&a->matched);
	hf_pki_done(&a->ca);
	json_decref(a->answers);
	json_decref(a->done);
	json_decref(a->refused);
}

#define auto_approving __attribute__((cleanup(approving_done)))

static enum hf_rc read_assets(struct approving *a, struct hf_err *err)
{
	struct hf_err why = {""};
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = a->csv ? hf_fs_read(a->csv, LIST_MAX, &text, &len, err) : HF_OK;

	if (rc != HF_OK || !a->csv)
		return rc;
	rc = hf_assets_read(text, &a->assets, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s: %s.", a->csv, why.text);
}

static enum hf_rc read_pending(struct approving *a, struct hf_err *err)
{
	json_t *shown = NULL;
	enum hf_rc rc = hf_door_get(a->officer->cli, "/v1/joins", &shown, err);

	return rc == HF_OK ? hf_join_match(shown, &a->assets, &a->officer->view->assigned, &a->matched, err) : rc;
}

static void say_one_seen(FILE *out, const struct hf_join_seen *seen)
{
	fprintf(out, hf_text("  %s: serial number %s, from %s"), seen->words, seen->serial[0] ? seen->serial : hf_text("not known"),
		hf_client_text(seen->row, "source", "?"));
	if (seen->asset)
		fprintf(out, hf_text(", to be %s of %s"), seen->asset->device,
			seen->asset->people.n ? seen->asset->people.v[0] : hf_text("nobody"));
	if (seen->replaces[0])
		fprintf(out, hf_text(", replaces %s"), seen->replaces);
	fputc('\n', out);
}

static void say_kind(FILE *out, const struct hf_join_matched *m, enum hf_join_verdict verdict, const char *heading)
{
	size_t said = 0;

	if (m->counts[verdict] == 0)
		return;
	fprintf(out, "%s: %zu\n", heading, m->counts[verdict]);
	for (size_t i = 0; i < m->n && said < SHOWN_MAX; i++) {
		if (m->v[i].verdict == verdict) {
			say_one_seen(out, &m->v[i]);
			said++;
		}
	}
	if (m->counts[verdict] > said)
		fprintf(out, hf_text("  and %zu more: holdfast device pending\n"), m->counts[verdict] - said);
}

/* Who has none in the list gets those of its token: that is the door's word, so the officer reads them. */
static const json_t *token_groups(const struct hf_join_seen *seen)
{
	const json_t *groups = json_object_get(seen->row, "groups");

	return seen->verdict == HF_JOIN_MATCH && seen->asset->groups.n == 0 && json_array_size(groups) > 0 ? groups : NULL;
}

/* Each token's, and each list that the door says for one: none that counts is left unsaid. */
static bool was_said(const struct hf_join_matched *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(m->v[k].batch, m->v[i].batch) == 0 && token_groups(&m->v[k]) &&
		    json_equal(token_groups(&m->v[k]), token_groups(&m->v[i])))
			return true;
	return false;
}

static void say_token_groups(FILE *out, const struct hf_join_matched *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const json_t *groups = token_groups(&m->v[i]);

		if (!groups || was_said(m, i))
			continue;
		fprintf(out, hf_text("For whom the list has no group, those of the token %s count:"), m->v[i].batch);
		for (size_t k = 0; k < json_array_size(groups); k++)
			fprintf(out, " %s", json_string_value(json_array_get(groups, k)));
		fputc('\n', out);
	}
}

/* One screen, before anything is signed. */
static void say_matched(const struct approving *a)
{
	const struct hf_join_matched *m = &a->matched;
	FILE *out = a->officer->cli->talk;

	say_kind(out, m, HF_JOIN_CONTESTED,
		 hf_text("CONTESTED, two keys ask for one laptop: look at its screen, and approve it by its words"));
	say_kind(out, m, HF_JOIN_STRANGER, hf_text("Strangers, whose serial number is not in the list: left out"));
	say_kind(out, m, HF_JOIN_DUPLICATE, hf_text("Twice in the list: left out"));
	say_kind(out, m, HF_JOIN_REPLACES,
		 hf_text("In the place of a device that there is: look at its screen, and approve it by its words"));
	say_kind(out, m, HF_JOIN_SPENT, hf_text("Their token is over, or has no use left: left out"));
	say_kind(out, m, HF_JOIN_MATCH, hf_text("In the list, and to be taken in"));
	say_token_groups(out, m);
	fprintf(out, hf_text("Of the list have not asked yet: %zu.\n"), m->missing);
}

/* Those of the list; where it says none, those of the token, which the officer has read on the screen. */
static void groups_of(const struct hf_join_seen *seen, const struct hf_list *said, struct hf_list *ret)
{
	const json_t *token = json_object_get(seen->row, "groups");

	*ret = *said;
	for (size_t i = 0; said->n == 0 && i < json_array_size(token) && ret->n < HF_LIST_MAX; i++)
		ret->v[ret->n++] = json_string_value(json_array_get(token, i));
}

/* In bulk they are not shown one by one: the screen before had them. */
static enum hf_rc sign_quietly(const struct hf_officer *officer, struct hf_envelope *envelope,
			       struct hf_weighed *ret_weighed, struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed before = {0};
	enum hf_rc rc = hf_weigh(officer->view, envelope, &before, err);

	if (rc == HF_OK)
		rc = hf_signing_may(officer->view, officer->person, &before, err);
	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, officer->key, err);
	return rc == HF_OK ? hf_weigh(officer->view, envelope, ret_weighed, err) : rc;
}

static enum hf_rc remember(struct hf_view *view, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_json json_t *list = json_pack("[o]", hf_envelope_to_json(envelope));

	return list ? hf_assigned_read(&view->assigned, view->known.trust, list, NULL, err)
		    : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

/* One that was assigned before, when this was broken off, needs its certificate alone. */
static enum hf_rc assign(struct approving *a, const struct hf_join_seen *seen, const struct hf_taken_in *in,
			 struct hf_err *err)
{
	struct hf_view *view = a->officer->view;
	const struct hf_assignment *held = hf_assigned_find(&view->assigned, in->device);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};
	hf_auto_posted struct hf_posted posted = {0};
	enum hf_rc rc;

	if (held && memcmp(&held->pub, &seen->pub, sizeof(held->pub)) == 0)
		return HF_OK;
	rc = hf_taking_assignment(view, in, &envelope, err);
	if (rc == HF_OK)
		rc = a->words ? hf_officer_sign(a->officer, envelope, false, &weighed, err)
			      : sign_quietly(a->officer, envelope, &weighed, err);
	if (rc == HF_OK)
		rc = hf_signing_post(view, envelope, &weighed, &posted, err);
	if (rc != HF_OK)
		return rc;
	hf_ask_interrupts(HF_COME_TAKEN);
	if (!posted.recorded) {
		a->n_waits++;
		return HF_OK;
	}
	return remember(view, envelope, err);
}

static enum hf_rc tell_door(struct approving *a, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	json_t *place, *refused;
	enum hf_rc rc;

	if (json_array_size(a->answers) == 0)
		return HF_OK;
	place = json_pack("{s:s, s:I, s:s}", "host", a->host, "port", (json_int_t)a->port, "ca", a->ca.cert);
	rc = hf_door_say(a->officer->cli, "/v1/joins", json_pack("{s:o, s:O}", "place", place, "answers", a->answers), &answer,
			 err);
	if (rc != HF_OK)
		return rc;
	refused = json_object_get(answer, "refused");
	if (json_is_array(refused))
		(void)json_array_extend(a->refused, refused);
	return json_array_clear(a->answers) == 0 ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

static enum hf_rc approve_one(struct approving *a, const struct hf_join_seen *seen, const struct hf_taken_in *in,
			      struct hf_err *err)
{
	hf_auto_free char *cert = NULL;
	const struct hf_pki_request request = {seen->csr, in->device};
	char id[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_pki_sign(&a->ca, &request, a->officer->view->now, &cert, err);

	if (rc == HF_OK)
		rc = assign(a, seen, in, err);
	if (rc != HF_OK)
		return rc;
	hf_digest_hex(&seen->id, id);
	if (json_array_append_new(a->answers, json_pack("{s:s, s:s, s:s}", "id", id, "device", in->device, "certificate", cert)) != 0 ||
	    json_array_append_new(a->done, json_pack("{s:s, s:s, s:s, s:s}", "id", id, "device", in->device, "words",
						     seen->words, "serial", seen->serial)) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return json_array_size(a->answers) >= ANSWERS_AT_ONCE ? tell_door(a, err) : HF_OK;
}

static enum hf_rc approve_matches(struct approving *a, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < a->matched.n; i++) {
		const struct hf_join_seen *seen = &a->matched.v[i];
		struct hf_list groups;

		if (seen->verdict != HF_JOIN_MATCH)
			continue;
		groups_of(seen, &seen->asset->groups, &groups);
		rc = approve_one(a, seen,
				 &(const struct hf_taken_in){seen->asset->device, &seen->pub, &seen->asset->people, &groups}, err);
	}
	return rc;
}

static const struct hf_join_seen *seen_named(const struct approving *a)
{
	char id[HF_DIGEST_HEX_SIZE];

	for (size_t i = 0; i < a->matched.n; i++)
		if (strcmp(a->matched.v[i].words, a->words) == 0 || strcmp(hf_digest_hex(&a->matched.v[i].id, id), a->words) == 0)
			return &a->matched.v[i];
	return NULL;
}

/* What the officer says of it counts; what is not said stands in the list. */
static enum hf_rc approve_named(struct approving *a, const struct hf_join_seen *seen, struct hf_err *err)
{
	const struct hf_asset none = {0}, *asset = seen->asset ? seen->asset : &none;
	const char *device = a->device ? a->device : seen->token_device[0] ? seen->token_device : asset->device;
	struct hf_list groups;

	if (!device || !hf_id_ok(device))
		return hf_err_set(err, HF_E_USAGE, "Say which device it becomes: --device ID (a-z, 0-9 and -), or a --csv that has it.");
	groups_of(seen, a->groups.n ? &a->groups : &asset->groups, &groups);
	return approve_one(a, seen,
			   &(const struct hf_taken_in){device, &seen->pub, a->people.n ? &a->people : &asset->people, &groups}, err);
}

static json_t *seen_json(const struct hf_join_matched *m)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < m->n; i++)
		if (m->v[i].verdict != HF_JOIN_MATCH)
			(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "words", m->v[i].words, "serial",
								    m->v[i].serial, "why",
								    hf_join_verdict_text(m->v[i].verdict)));
	return list;
}

static enum hf_rc answer_approved(struct approving *a, struct hf_err *err)
{
	struct hf_cli *cli = a->officer->cli;
	const size_t n = json_array_size(a->done) - json_array_size(a->refused);
	json_t *one;
	size_t i;

	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:O, s:O, s:o, s:I, s:I}", "approved", a->done, "refused", a->refused, "left_out",
					       a->words ? json_array() : seen_json(&a->matched), "waits", (json_int_t)a->n_waits,
					       "missing", (json_int_t)a->matched.missing),
				     err);
	json_array_foreach(a->refused, i, one)
		fprintf(cli->out, hf_text("The door did not take one: %s.\n"), hf_client_text(one, "message", "?"));
	if (a->n_waits > 0)
		fprintf(cli->out, hf_text("Of these wait for the approval of a second person: %zu (holdfast drafts).\n"), a->n_waits);
	if (n == 0)
		return hf_err_set(err, HF_E_VOID,
				  "Nobody was taken in: the door took no answer. Make another token, let the laptop ask with it, and approve it again.");
	fprintf(cli->out,
		hf_text_n("%zu laptop is taken in. It fetches its bundle within a minute, and is shut at once if anything is in force.\n",
			  "%zu laptops are taken in. Each fetches its bundle within a minute, and is shut at once if anything is in force.\n",
			  n),
		n);
	return HF_OK;
}

/* All that can be wrong comes before the first signature. */
static enum hf_rc open_all(struct approving *a, struct hf_err *err)
{
	enum hf_rc rc = hf_taking_ca(a->officer, a->ca_key, &a->ca, err);

	if (rc == HF_OK)
		rc = hf_officer_open(a->officer, err);
	if (rc == HF_OK)
		rc = hf_signing_may_assign(a->officer->view, a->officer->person, err);
	if (rc == HF_OK)
		hf_taking_look_at_host(a->officer->view, a->host);
	return rc;
}

static enum hf_rc approve_bulk(struct approving *a, struct hf_err *err)
{
	struct hf_cli *cli = a->officer->cli;
	enum hf_rc rc;

	say_matched(a);
	if (a->matched.counts[HF_JOIN_MATCH] == 0)
		return hf_err_set(err, HF_E_ABSENT, "Nobody who asks is in %s and without doubt: nothing was signed.", a->csv);
	rc = hf_ask_word(cli, "APPROVE", hf_text("Do you take these laptops in?"), err);
	if (rc == HF_OK)
		rc = open_all(a, err);
	if (rc == HF_OK)
		hf_ask_interrupts(HF_COME_SIGNED);
	return rc == HF_OK ? approve_matches(a, err) : rc;
}

static enum hf_rc approve_by_words(struct approving *a, struct hf_err *err)
{
	const struct hf_join_seen *seen = seen_named(a);
	enum hf_rc rc;

	if (!seen)
		return hf_err_set(err, HF_E_ABSENT, "No laptop that asks has the words %s: `holdfast device pending` lists them.",
				  a->words);
	rc = open_all(a, err);
	return rc == HF_OK ? approve_named(a, seen, err) : rc;
}

static enum hf_rc approve_all(struct approving *a, struct hf_err *err)
{
	struct hf_view *view = a->officer->view;
	struct hf_err told = {""};
	enum hf_rc rc = hf_view_folder(&a->officer->cli->office, view, err), last;

	a->answers = json_array();
	a->done = json_array();
	a->refused = json_array();
	if (!a->answers || !a->done || !a->refused)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (rc == HF_OK)
		rc = hf_view_ask(view, err);
	if (rc == HF_OK)
		rc = hf_view_assigned(view, err);
	if (rc == HF_OK)
		rc = read_assets(a, err);
	if (rc == HF_OK)
		rc = read_pending(a, err);
	if (rc == HF_OK)
		rc = a->words ? approve_by_words(a, err) : approve_bulk(a, err);
	/* Who was assigned before it was broken off gets the answer all the same. */
	last = tell_door(a, rc == HF_OK ? err : &told);
	return rc == HF_OK ? last : rc;
}

enum hf_rc hf_cli_device_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	auto_approving struct approving a = {.officer = &officer, .host = "localhost", .port = BROKER_PORT};
	const struct hf_arg rows[] = {
		{"csv", HF_ARG_TEXT, &a.csv, "FILE", HF_TEXT("the council's list: serial, device, person, login, groups"), 0},
		{"device", HF_ARG_TEXT, &a.device, "ID", HF_TEXT("with WORDS: which device it becomes"), 0},
		{"person", HF_ARG_LIST, &a.people, "PERSON:LOGIN", HF_TEXT("with WORDS: who uses it, and their login name there"), 0},
		{"group", HF_ARG_IDS, &a.groups, "GROUP", HF_TEXT("with WORDS: a group of devices that it belongs to"), 0},
		{"host", HF_ARG_TEXT, &a.host, "HOST", HF_TEXT("the broker, by a name in its certificate (localhost)"), 0},
		{"port", HF_ARG_INT, &a.port, "PORT", HF_TEXT("of the broker (8883)"), 0},
		{"ca-key", HF_ARG_TEXT, &a.ca_key, "FILE", HF_TEXT("the key of the certificates, ca.key, on its stick"), 0},
		HF_ARG_DOOR(cli),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	a.words = args->n_rest ? args->rest[0] : NULL;
	if (!a.words && !a.csv)
		return hf_err_set(err, HF_E_USAGE, "Give the council's list with --csv, or the four words of one laptop.");
	if (!a.words && (a.device || a.people.n || a.groups.n))
		return hf_err_set(err, HF_E_USAGE, "--device, --person and --group are of one laptop: give its four words, too.");
	if (a.port < 1 || a.port > 65535)
		return hf_err_set(err, HF_E_USAGE, "--port is between 1 and 65535.");
	rc = approve_all(&a, err);
	return rc == HF_OK ? answer_approved(&a, err) : rc;
}
