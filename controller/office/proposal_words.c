/* SPDX-License-Identifier: MIT */
/*
 * Owns a proposed trust in plain words.
 * Must never leave out what a signature would make true.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/office/council_slips.h"
#include "controller/office/message_words.h"
#include "controller/office/proposal_words.h"

#define GROUP 5

const char *hf_read_out(const struct hf_digest *digest, char text[HF_READ_OUT + 4])
{
	char hex[HF_DIGEST_HEX_SIZE], *to = text;

	hf_digest_hex(digest, hex);
	for (size_t i = 0; i < HF_READ_OUT; i++) {
		if (i > 0 && i % GROUP == 0)
			*to++ = ' ';
		*to++ = hex[i];
	}
	*to = '\0';
	return text;
}

bool hf_read_out_is(const struct hf_digest *digest, const char *typed)
{
	char hex[HF_DIGEST_HEX_SIZE];
	size_t n = 0;

	hf_digest_hex(digest, hex);
	for (; *typed; typed++) {
		if (isspace((unsigned char)*typed))
			continue;
		if (n == HF_DIGEST_HEX_SIZE - 1 || tolower((unsigned char)*typed) != hex[n])
			return false;
		n++;
	}
	return n >= HF_READ_OUT;
}

static bool has_pub(const struct hf_pub *keys, size_t n, const struct hf_pub *pub)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].b, pub->b, sizeof(pub->b)) == 0)
			return true;
	return false;
}

static void say_keys(const struct hf_words *words, const char *fmt, const struct hf_person *of,
		     const struct hf_person *in)
{
	char keyid[HF_KEYID_SIZE];

	for (size_t i = 0; i < of->n_keys; i++)
		if (!in || !has_pub(in->keys, in->n_keys, &of->keys[i]))
			hf_words_line(words, "%s %s.", fmt, hf_pub_keyid(&of->keys[i], keyid));
}

static bool same_strs(const struct hf_strs *a, const struct hf_strs *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!hf_strs_has(b, a->v[i]))
			return false;
	return a->n == b->n;
}

static void say_joins(const struct hf_words *words, const struct hf_person *is)
{
	char who[HF_PERSON_TEXT_SIZE];

	hf_words_begin(words);
	fprintf(words->out, hf_text("JOINS: %s, with "), hf_person_text(is, who));
	hf_words_roles(words->out, &is->roles);
	fputs(".\n", words->out);
	say_keys(words, hf_text("  signs with the key"), is, NULL);
}

static void say_stays(const struct hf_words *words, const struct hf_person *was, const struct hf_person *is)
{
	char who[HF_PERSON_TEXT_SIZE], before[HF_PERSON_TEXT_SIZE];

	hf_person_text(is, who);
	if (strcmp(hf_person_text(was, before), hf_person_text(is, who)) != 0)
		hf_words_line(words, "%s is called %s from then on.", hf_person_text(was, before), hf_person_text(is, who));
	if (!same_strs(&was->roles, &is->roles)) {
		hf_words_begin(words);
		fprintf(words->out, hf_text("CHANGES ROLES: %s, from "), hf_person_text(is, who));
		hf_words_roles(words->out, &was->roles);
		fputs(hf_text(" to "), words->out);
		hf_words_roles(words->out, &is->roles);
		fputs(".\n", words->out);
	}
	if (was->n_keys == is->n_keys && memcmp(was->keys, is->keys, is->n_keys * sizeof(is->keys[0])) == 0)
		return;
	hf_words_line(words, "CHANGES KEYS: %s.", hf_person_text(is, who));
	say_keys(words, hf_text("  signs no more with the key"), was, is);
	say_keys(words, hf_text("  signs from then on with the key"), is, was);
}

static void say_people(const struct hf_words *words, const struct hf_trust *held, const struct hf_trust *next)
{
	char who[HF_PERSON_TEXT_SIZE];

	for (size_t i = 0; i < held->n_people; i++) {
		const struct hf_person *is = hf_trust_person(next, held->people[i].id);

		if (is)
			say_stays(words, &held->people[i], is);
		else
			hf_words_line(words, "LEAVES: %s.", hf_person_text(&held->people[i], who));
	}
	for (size_t i = 0; i < next->n_people; i++)
		if (!hf_trust_person(held, next->people[i].id))
			say_joins(words, &next->people[i]);
}

static void say_controllers(const struct hf_words *words, const struct hf_trust *held, const struct hf_trust *next)
{
	char keyid[HF_KEYID_SIZE];

	for (size_t i = 0; i < held->n_controllers; i++)
		if (!hf_trust_controller(next, held->controllers[i].id))
			hf_words_line(words, "The controller %s LEAVES: devices believe it no more.",
				      held->controllers[i].id);
	for (size_t i = 0; i < next->n_controllers; i++) {
		const struct hf_controller_key *is = &next->controllers[i];
		const struct hf_controller_key *was = hf_trust_controller(held, is->id);

		if (!was)
			hf_words_line(words, "The controller %s JOINS, with the key %s.", is->id,
				      hf_pub_keyid(&is->pub, keyid));
		else if (!has_pub(&was->pub, 1, &is->pub))
			hf_words_line(words, "The controller %s CHANGES its key to %s: its old one is believed no more.",
				      is->id, hf_pub_keyid(&is->pub, keyid));
	}
}

static void say_roots(const struct hf_words *words, const struct hf_trust *held, const struct hf_trust *next)
{
	char who[HF_ROOT_TEXT_SIZE];

	for (size_t i = 0; i < held->n_roots; i++)
		if (!hf_trust_is_root(next, &held->roots[i]))
			hf_words_line(words, "A ROOT LEAVES: %s.", hf_trust_root_text(held, i, who));
	for (size_t i = 0; i < next->n_roots; i++)
		if (!hf_trust_is_root(held, &next->roots[i]))
			hf_words_line(words, "A ROOT JOINS: %s.", hf_trust_root_text(next, i, who));
	if (held->threshold != next->threshold)
		hf_words_line(words, "%lld of %zu roots must sign from then on, in place of %lld of %zu.",
			      (long long)next->threshold, next->n_roots, (long long)held->threshold, held->n_roots);
	if ((size_t)next->threshold == next->n_roots)
		hf_words_line(words,
			      "ATTENTION: all %zu roots must sign: if one is lost, nothing of this can ever be changed "
			      "again, and each device has to be enrolled anew.",
			      next->n_roots);
}

/* Members that no wish changes: whoever wrote the file may have. */
static void say_others(const struct hf_words *words, const struct hf_trust *held, const struct hf_trust *next)
{
	static const char *const others[] = {"rules", "void", "void_before", "root_names"};

	for (size_t i = 0; i < HF_LEN(others); i++) {
		json_t *was = json_object_get(held->doc, others[i]), *is = json_object_get(next->doc, others[i]);
		hf_auto_free char *text = is ? json_dumps(is, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

		if (was == is || json_equal(was, is) || (strcmp(others[i], "root_names") == 0 && was && is))
			continue;
		hf_words_line(words, "It CHANGES `%s` to: %s", others[i], text ? text : "-");
	}
}

static enum hf_rc say_affirmed(struct hf_words *words, const struct hf_proposal *p, struct hf_err *err)
{
	size_t n_new = 0, index;
	enum hf_rc rc = HF_OK;
	json_t *one;

	for (size_t i = 0; i < p->next->n_affirmed; i++)
		n_new += hf_proposal_affirms(p, &p->next->affirmed[i]);
	if (p->next->n_affirmed == 0)
		return HF_OK;
	hf_words_line(words,
		      hf_text_n("It AFFIRMS %zu document, which stands whoever leaves: %zu that the trust before it affirmed, "
				"and %zu that were approved by it. These are:",
				"It AFFIRMS %zu documents, which stand whoever leaves: %zu that the trust before it affirmed, "
				"and %zu that were approved by it. These are:",
				p->next->n_affirmed),
		      p->next->n_affirmed, p->next->n_affirmed - n_new, n_new);
	json_array_foreach(p->documents, index, one)
	{
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		char id[HF_SHORT_ID + 1];

		if (rc == HF_OK)
			rc = hf_envelope_from_json(one, &envelope, err);
		if (rc != HF_OK || !hf_proposal_affirms(p, &envelope->digest))
			continue;
		hf_words_line(words, "AFFIRMED, %s:", hf_words_short(&envelope->digest, id));
		rc = hf_words_envelope(words, envelope, err);
		words->exercise = false;
	}
	return rc;
}

/* Not one by one: each was approved by the trust before, and stays approved by as many. */
static void say_estate(const struct hf_words *words, const struct hf_proposal *p)
{
	const struct hf_estate_root *estate = &p->estate;

	if (estate->n == 0)
		return;
	hf_words_line(words,
		      hf_text_n("It AFFIRMS %zu device's assignments, which stand whoever leaves. By two are approved, and stay "
				"so: %zu; by one: %zu.",
				"It AFFIRMS %zu devices' assignments, which stand whoever leaves. By two are approved, and stay "
				"so: %zu; by one: %zu.",
				estate->n_devices),
		      estate->n_devices, estate->n_by_two, estate->n - estate->n_by_two);
}

/* Whoever signs compares it with what they know: a server that was broken into may have left one out. */
static void say_shown(const struct hf_words *words, const struct hf_lockdowns *lockdowns)
{
	char id[HF_SHORT_ID + 1], at[HF_WALL_TEXT_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *one = &lockdowns->v[i];
		const struct hf_order *order = one->raise->order;

		if (order->mode != HF_MODE_LIVE || (one->phase != HF_PHASE_IN_FORCE && one->phase != HF_PHASE_SCHEDULED))
			continue;
		n++;
		hf_words_line(words, "The file shows the %s lockdown %s, %s, raised on %s.", hf_kind_name(order->kind),
			      hf_words_short(&one->id, id), hf_phase_name(one->phase), hf_london_text(order->at, at));
	}
	if (n == 0)
		hf_words_line(words, "The file shows no live lockdown: neither in force nor to come.");
}

void hf_effects_words(const struct hf_words *words, const json_t *effects)
{
	static const struct {
		const char *change, *words;
	} rows[] = {
		{"void", HF_TEXT("It ENDS, as nobody who stays has approved it")},
		{"changes", HF_TEXT("It CHANGES, as other orders of it count from then on")},
		{"returns", HF_TEXT("It COMES BACK, as its all-clear counts no more")},
	};
	size_t n_devices = 0;
	json_t *one;
	size_t index;

	json_array_foreach(effects, index, one)
	{
		const char *change = json_string_value(json_object_get(one, "change"));
		const char *id = json_string_value(json_object_get(one, "lockdown"));
		const char *kind = json_string_value(json_object_get(one, "kind"));
		char who[HF_PERSON_TEXT_SIZE];

		for (size_t i = 0; id && i < HF_LEN(rows); i++)
			if (strcmp(change, rows[i].change) == 0)
				hf_words_line(words, "WHAT IS IN FORCE WOULD CHANGE: the %s %.12s. %s.", kind, id,
					      hf_text(rows[i].words));
		if (json_object_get(one, "device"))
			n_devices++;
		else if (!id)
			hf_words_line(words, "WHAT IS IN FORCE WOULD CHANGE: all that is shut because %s is over (%s) opens.",
				      hf_words_who(words, json_string_value(json_object_get(one, "person")), who), kind);
	}
	if (n_devices > 0)
		hf_words_line(words,
			      hf_text_n("WHAT IS IN FORCE WOULD CHANGE: %zu device's assignment would count as approved by fewer "
					"people, or by nobody: one that is away and does not hold it yet would refuse it.",
					"WHAT IS IN FORCE WOULD CHANGE: %zu devices' assignments would count as approved by fewer "
					"people, or by nobody: those that are away and do not hold them yet would refuse them.",
					n_devices),
			      n_devices);
}

static void list_roots(const struct hf_words *words, const struct hf_trust *trust, const struct hf_envelope *envelope,
		       bool signed_it)
{
	char who[HF_ROOT_TEXT_SIZE];
	size_t n = 0, i = 0;

	for (size_t k = 0; k < trust->n_roots; k++)
		n += hf_envelope_signed_by(envelope, &trust->roots[k], NULL) == signed_it;
	if (n == 0)
		fputs(hf_text("nobody"), words->out);
	for (size_t k = 0; k < trust->n_roots; k++)
		if (hf_envelope_signed_by(envelope, &trust->roots[k], NULL) == signed_it)
			hf_words_item(words->out, i++, n, hf_trust_root_text(trust, k, who));
}

static void say_side(const struct hf_words *words, const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	size_t have = hf_trust_roots_signed(trust, envelope);

	hf_words_begin(words);
	fprintf(words->out, hf_text("Of the roots of epoch %lld it needs %lld, and has %zu: "), (long long)trust->epoch,
		(long long)trust->threshold, have);
	list_roots(words, trust, envelope, true);
	fputs(hf_text(". Can sign yet: "), words->out);
	list_roots(words, trust, envelope, false);
	fputs(".\n", words->out);
}

void hf_proposal_signers(const struct hf_words *words, const struct hf_proposal *p)
{
	say_side(words, p->view.known.trust, p->envelope);
	say_side(words, p->next, p->envelope);
	if (hf_proposal_signed(p))
		hf_words_line(words, "ENOUGH have signed: it can be published.");
}

/* Never a reason to refuse: whoever has a stolen key leaves at once, and somebody else comes tomorrow. */
static void say_slips(struct hf_words *words, const struct hf_proposal *p)
{
	struct hf_err slip = {0};

	if (hf_council_slips(p->view.office, p->next, &slip) != HF_OK)
		hf_words_line(words, "ATTENTION: %s", slip.text);
}

enum hf_rc hf_proposal_words(struct hf_words *words, const struct hf_proposal *p, struct hf_err *err)
{
	const struct hf_trust *held = p->view.known.trust;
	char hex[HF_DIGEST_HEX_SIZE], text[HF_READ_OUT + 4];
	struct hf_digest anchor;
	enum hf_rc rc;

	hf_words_heading(words, HF_TONE_PLAIN, "PROPOSED TRUST of %s, epoch %lld", p->next->council,
			 (long long)p->next->epoch);
	hf_words_line(words, "Its digest: %s", hf_digest_hex(&p->next->digest, hex));
	hf_words_line(words, "To be read out aloud: %s", hf_read_out(&p->next->digest, text));
	if (hf_proposal_anchor(p, &anchor, err) != HF_OK)
		return HF_E_SHAPE;
	hf_words_line(words, "The first trust that it goes back to: %s", hf_digest_hex(&anchor, hex));
	hf_words_line(words, "Against epoch %lld:", (long long)held->epoch);
	say_people(words, held, p->next);
	say_controllers(words, held, p->next);
	say_roots(words, held, p->next);
	say_others(words, held, p->next);
	say_slips(words, p);
	rc = say_affirmed(words, p, err);
	if (rc != HF_OK)
		return rc;
	say_estate(words, p);
	say_shown(words, &p->view.lockdowns);
	if (json_array_size(p->effects) == 0)
		hf_words_line(words, "Of the lockdowns that the file shows, none changes.");
	hf_effects_words(words, p->effects);
	hf_proposal_signers(words, p);
	return HF_OK;
}

static json_t *roots_json(const struct hf_trust *trust, const struct hf_envelope *envelope, bool signed_it)
{
	json_t *list = json_array();
	char who[HF_ROOT_TEXT_SIZE];

	for (size_t k = 0; k < trust->n_roots; k++)
		if (hf_envelope_signed_by(envelope, &trust->roots[k], NULL) == signed_it)
			(void)json_array_append_new(list, json_string(hf_trust_root_text(trust, k, who)));
	return list;
}

static json_t *side_json(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	return json_pack("{s:I, s:I, s:o, s:o}", "epoch", (json_int_t)trust->epoch, "need",
			 (json_int_t)trust->threshold, "signed", roots_json(trust, envelope, true), "can",
			 roots_json(trust, envelope, false));
}

json_t *hf_proposal_to_json(const struct hf_proposal *p)
{
	char text[HF_READ_OUT + 4];

	return json_pack("{s:s, s:I, s:o, s:s, s:b, s:O?, s:{s:I, s:I, s:I}, s:O, s:o, s:o}", "council", p->next->council, "epoch",
			 (json_int_t)p->next->epoch, "digest", hf_json_from_digest(&p->next->digest), "read_out",
			 hf_read_out(&p->next->digest, text), "enough", hf_proposal_signed(p), "affirms",
			 json_object_get(p->next->doc, "affirmed"), "assignments", "devices",
			 (json_int_t)p->estate.n_devices, "by_two", (json_int_t)p->estate.n_by_two, "by_one",
			 (json_int_t)(p->estate.n - p->estate.n_by_two), "effects", p->effects, "old",
			 side_json(p->view.known.trust, p->envelope), "new", side_json(p->next, p->envelope));
}
