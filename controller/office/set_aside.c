/* SPDX-License-Identifier: MIT */
/*
 * Owns how the roots set a register or an assignment aside, and the sentences for it.
 * Must never leave out what a trust changes beside that.
 */
#include <string.h>

#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/set_aside.h"

#define OF_DEVICE "device:"

static struct hf_aside of_register(const struct hf_register *reg)
{
	return (struct hf_aside){.digest = reg->digest, .version = reg->version};
}

/* The assignment in an envelope that the controller shows; an empty one for what is none. */
static struct hf_aside of_shown(const struct hf_view *view, json_t *shown)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_aside aside = {.version = 0};

	if (hf_envelope_from_json(shown, &envelope, NULL) != HF_OK ||
	    hf_assignment_decode(envelope, &assignment, NULL) != HF_OK ||
	    strcmp(assignment->council, view->known.trust->council) != 0 ||
	    hf_str_copy(aside.device, sizeof(aside.device), assignment->device) != HF_OK)
		return aside;
	aside.digest = envelope->digest;
	aside.version = assignment->version;
	return aside;
}

static bool names(const struct hf_aside *aside, const char *what)
{
	if (strncmp(what, OF_DEVICE, strlen(OF_DEVICE)) == 0)
		return strcmp(aside->device, what + strlen(OF_DEVICE)) == 0;
	return hf_digest_has_prefix(&aside->digest, what);
}

static enum hf_rc more_than_one(const struct hf_aside *one, const struct hf_aside *other, const char *what,
				struct hf_err *err)
{
	char a[HF_SHORT_ID + 1], b[HF_SHORT_ID + 1];

	return hf_err_set(err, HF_E_USAGE,
			  "%.80s is more than one document: version %lld is %s, version %lld is %s. Say which by its "
			  "digest.",
			  what, (long long)one->version, hf_words_short(&one->digest, a), (long long)other->version,
			  hf_words_short(&other->digest, b));
}

static enum hf_rc find_shown(const struct hf_view *view, const char *what, struct hf_aside *ret, struct hf_err *err)
{
	hf_auto_json json_t *council = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = view->online ? hf_client_get(view->office, "/v1/council", &council, err) : HF_OK;

	if (rc != HF_OK)
		return rc;
	json_array_foreach(json_object_get(council, "assignments"), index, one)
	{
		struct hf_aside aside = of_shown(view, one);

		if (aside.version == 0 || !names(&aside, what))
			continue;
		if (ret->version != 0)
			return more_than_one(ret, &aside, what, err);
		*ret = aside;
	}
	return HF_OK;
}

enum hf_rc hf_aside_find(const struct hf_view *view, const char *what, struct hf_aside *ret, struct hf_err *err)
{
	const struct hf_register *reg = view->known.reg;
	struct hf_aside found = {.version = 0};
	enum hf_rc rc = HF_OK;

	if (reg && (strcmp(what, "register") == 0 || hf_digest_has_prefix(&reg->digest, what)))
		found = of_register(reg);
	else
		rc = find_shown(view, what, &found, err);
	if (rc != HF_OK)
		return rc;
	/* What thieves wrote may be known to devices alone. */
	if (found.version == 0 && hf_digest_from_hex(what, &found.digest) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT,
				  "No register or assignment in effect here is %.80s: say `register`, `device:ID`, or a "
				  "whole digest.",
				  what);
	*ret = found;
	return HF_OK;
}

static enum hf_rc add_row(struct hf_trust *next, const struct hf_aside *aside, struct hf_err *err)
{
	int64_t from = aside->from_version > 0 ? aside->from_version : aside->version + 1;
	char digest[HF_SHORT_ID + 1];

	hf_words_short(&aside->digest, digest);
	if (hf_trust_void(next, &aside->digest))
		return hf_err_set(err, HF_E_VOID, "The document %s is set aside already.", digest);
	if (aside->from_version == 0 && (aside->version == 0 || from > HF_JSON_INT_MAX))
		return hf_err_set(err, HF_E_USAGE,
				  "Say which version may follow %s: one above all that were ever "
				  "approved in good faith.",
				  digest);
	if (next->n_voids == HF_VOIDS_MAX)
		return hf_err_set(err, HF_E_SIZE, "One trust sets %d documents aside, and no more.", HF_VOIDS_MAX);
	next->voids[next->n_voids++] = (struct hf_void){aside->digest, from};
	return HF_OK;
}

enum hf_rc hf_aside_compose(const struct hf_view *view, const struct hf_aside *asides, size_t n,
			    struct hf_envelope **ret_envelope, struct hf_err *err)
{
	struct hf_trust next = *view->known.trust; /* borrows all that is listed in it */
	enum hf_rc rc = HF_OK;

	next.epoch++;
	next.issued = view->now;
	for (size_t i = 0; i < n && rc == HF_OK; i++)
		rc = add_row(&next, &asides[i], err);
	return rc == HF_OK ? hf_folder_envelope(HF_DOC_TRUST, hf_trust_encode(&next), ret_envelope, err) : rc;
}

static void say_register(const struct hf_words *words, const struct hf_aside *aside, int64_t from)
{
	hf_words_line(words, "It SETS ASIDE the register of version %lld, which is in force.", (long long)aside->version);
	hf_words_line(words,
		      "That register stays in force until one of version %lld or higher is recorded; whoever holds "
		      "another takes it no more.",
		      (long long)from);
}

static void say_assignment(const struct hf_words *words, const struct hf_aside *aside, int64_t from)
{
	hf_words_line(words, "It SETS ASIDE the assignment of the device %s, version %lld, which is in effect.",
		      aside->device, (long long)aside->version);
	hf_words_line(words,
		      "It stays in effect until one of version %lld or higher is recorded; then it gives nobody an "
		      "exemption, a posting window or a first device any more.",
		      (long long)from);
	hf_words_line(words, "What it shuts stays shut until as many approve such a version as may loosen one.");
}

/* Version 0: it is not known here. */
static struct hf_aside of_row(const struct hf_view *view, const struct hf_void *row)
{
	struct hf_aside aside = {.version = 0};
	char digest[HF_DIGEST_HEX_SIZE];

	if (hf_aside_find(view, hf_digest_hex(&row->digest, digest), &aside, NULL) != HF_OK)
		aside.version = 0;
	return aside;
}

static void say_row(const struct hf_words *words, const struct hf_void *row)
{
	struct hf_aside aside = of_row(words->view, row);
	char digest[HF_DIGEST_HEX_SIZE];

	hf_digest_hex(&row->digest, digest);
	if (aside.version == 0) {
		hf_words_line(words, "It SETS ASIDE a register or an assignment that is not in effect here.");
		hf_words_line(words, "Whoever holds it keeps it until one of version %lld or higher comes; whoever "
				     "holds another takes it no more.",
			      (long long)row->from_version);
	} else if (aside.device[0]) {
		say_assignment(words, &aside, row->from_version);
	} else {
		say_register(words, &aside, row->from_version);
	}
	hf_words_line(words, "Its digest: %s", digest);
	hf_words_line(words, "Any other that is approved and has version %lld or higher may follow, an older one too.",
		      (long long)row->from_version);
}

/* Every member but those that such a trust must change. */
static void say_other_changes(const struct hf_words *words, const struct hf_trust *trust, const struct hf_trust *held)
{
	hf_auto_json json_t *others = json_array();
	const char *name;
	json_t *value;

	json_object_foreach(trust->doc, name, value)
	{
		if (strcmp(name, "epoch") != 0 && strcmp(name, "issued") != 0 && strcmp(name, "void") != 0 &&
		    !json_equal(value, json_object_get(held->doc, name)))
			(void)json_array_append_new(others, json_string(name));
	}
	hf_words_begin(words);
	if (json_array_size(others) > 0) {
		fprintf(words->out, hf_text("Against the trust of epoch %lld, which is in force, it CHANGES: "),
			(long long)held->epoch);
		hf_words_list(words->out, others);
		fputs(".\n", words->out);
	} else {
		fprintf(words->out,
			hf_text("Beside that nothing differs from the trust of epoch %lld, which is in force.\n"),
			(long long)held->epoch);
	}
}

static json_t *json_of_row(const struct hf_view *view, const struct hf_void *row)
{
	struct hf_aside aside = of_row(view, row);
	json_t *one = json_pack("{s:o, s:I}", "digest", hf_json_from_digest(&row->digest), "from_version",
				(json_int_t)row->from_version);

	if (!one || aside.version == 0)
		return one;
	(void)json_object_set_new(one, "type", json_string(aside.device[0] ? "assignment" : "register"));
	(void)json_object_set_new(one, "version", json_integer((json_int_t)aside.version));
	if (aside.device[0])
		(void)json_object_set_new(one, "device", json_string(aside.device));
	return one;
}

json_t *hf_aside_to_json(const struct hf_view *view, const struct hf_trust *trust)
{
	const struct hf_trust *held = view->known.trust;
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; i < trust->n_voids; i++)
		if (!hf_trust_void(held, &trust->voids[i].digest) &&
		    json_array_append_new(list, json_of_row(view, &trust->voids[i])) != 0)
			return NULL;
	return json_incref(list);
}

void hf_aside_words(const struct hf_words *words, const struct hf_trust *trust)
{
	const struct hf_trust *held = words->view->known.trust;
	size_t n_new = 0, n_gone = 0;

	if (hf_digest_cmp(&trust->digest, &held->digest) == 0)
		held = trust;
	for (size_t i = 0; i < trust->n_voids; i++) {
		if (held != trust && hf_trust_void(held, &trust->voids[i].digest))
			continue;
		say_row(words, &trust->voids[i]);
		n_new++;
	}
	for (size_t i = 0; i < held->n_voids; i++)
		n_gone += !hf_trust_void(trust, &held->voids[i].digest);
	if (trust->n_voids > n_new)
		hf_words_line(words, "It goes on to set aside %zu that the trust before it did.", trust->n_voids - n_new);
	if (n_gone > 0)
		hf_words_line(words, "It sets %zu aside NO MORE: they count again.", n_gone);
	if (held != trust)
		say_other_changes(words, trust, held);
}
