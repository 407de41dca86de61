/* SPDX-License-Identifier: MIT */
/*
 * Owns the judging of every example of proto/vectors by the libraries that both programs are made of.
 * Must never name an example: the index says what is to come of each; its `clause` names what it stands for.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/key.h>
#include <holdfast/posture.h>

#include "tests/help/vectors.h"

#define PERSON "comms-2" /* who sits at the device */

static const char *name_of(json_t *row)
{
	return vectors_text(row, "name");
}

/* The first trust: there is no party yet. */
static enum hf_rc begin_with_file(json_t *row, struct vectors_party *party)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err;
	size_t len;
	hf_auto_free char *buf = vectors_read(vectors_text(row, "file"), &len);
	enum hf_rc rc = hf_envelope_decode(buf, len, &envelope, &err);

	return rc == HF_OK ? hf_known_begin(envelope, party->device, &party->known, &err) : rc;
}

/* Everything that a party knows, as text. */
static char *known_text(const struct vectors_party *party)
{
	json_t *json = hf_known_encode(&party->known);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	cr_assert_not_null(text);
	json_decref(json);
	return text;
}

static void expect_refused_list(json_t *row, const struct hf_hearing *hearing)
{
	json_t *refused = json_object_get(row, "refused");
	size_t n = json_array_size(refused);

	if (!refused)
		return;
	cr_expect_eq(hearing->n_refused, n, "%s: %zu orders refused and not %zu", name_of(row), hearing->n_refused, n);
	for (size_t i = 0; i < n && i < hearing->n_refused; i++) {
		const char *want = json_string_value(json_array_get(refused, i));
		const char *got = hf_rc_name(hearing->refused[i].rc);
		cr_expect_str_eq(got, want, "%s: refused %zu is %s and not %s (%s)", name_of(row), i, got, want,
				 hearing->refused[i].text);
	}
}

static void expect_level(json_t *row, const struct vectors_party *party, const struct hf_lockdowns *lockdowns,
			 struct hf_wall local)
{
	const char *want = vectors_text(json_object_get(row, "after"), "level");
	const struct hf_known *known = &party->known;
	hf_auto_posture struct hf_posture posture = {0};
	struct hf_facts facts = {0};
	struct hf_pairs pairs;
	const struct hf_pair *who = NULL;

	if (!want)
		return;
	hf_versions_pairs(&known->versions, &pairs);
	for (size_t i = 0; i < pairs.n && !who; i++)
		who = strcmp(pairs.v[i].person, PERSON) == 0 ? &pairs.v[i] : NULL;
	cr_assert_eq(hf_posture_of(&(struct hf_posture_ask){lockdowns, known->reg, &known->versions, &facts, who,
							    hf_known_now(known, local)},
				   &posture, NULL),
		     HF_OK);
	cr_expect_str_eq(hf_level_name(posture.level), want, "%s: %s for %s, and not %s", name_of(row),
			 hf_level_name(posture.level), PERSON, want);
}

static void expect_lockdown(json_t *row, json_t *want, const struct hf_lockdown *got)
{
	char hex[HF_DIGEST_HEX_SIZE];

	cr_expect_str_eq(hf_digest_hex(&got->id, hex), vectors_text(want, "id"), "%s: another lockdown", name_of(row));
	cr_expect_str_eq(hf_phase_name(got->phase), vectors_text(want, "phase"), "%s: %s is %s", name_of(row), hex,
			 hf_phase_name(got->phase));
	cr_expect_eq(got->rev, json_integer_value(json_object_get(want, "rev")), "%s: %s is at revision %lld",
		     name_of(row), hex, (long long)got->rev);
}

static void expect_after(json_t *row, const struct vectors_party *party)
{
	json_t *after = json_object_get(row, "after");
	json_t *want = json_object_get(after, "lockdowns");
	struct hf_wall local = {json_integer_value(json_object_get(after, "local"))};
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};

	if (!after)
		return;
	cr_assert_eq(hf_known_lockdowns(&party->known, local, &lockdowns, NULL), HF_OK);
	cr_expect_eq(lockdowns.n, json_array_size(want), "%s: %zu lockdowns and not %zu", name_of(row), lockdowns.n,
		     json_array_size(want));
	for (size_t i = 0; i < lockdowns.n && i < json_array_size(want); i++)
		expect_lockdown(row, json_array_get(want, i), &lockdowns.v[i]);
	expect_level(row, party, &lockdowns, local);
}

static void expect_brokers(json_t *row, const struct vectors_party *party)
{
	json_t *want = json_object_get(row, "brokers");
	struct hf_brokers_now now;

	if (!want)
		return;
	hf_broker_set_now(&party->known.brokers, &now);
	cr_expect_eq(now.n, json_array_size(want), "%s: %zu brokers and not %zu", name_of(row), now.n, json_array_size(want));
	for (size_t i = 0; i < now.n && i < json_array_size(want); i++)
		cr_expect_str_eq(now.v[i].id, json_string_value(json_array_get(want, i)), "%s: broker %zu is %s", name_of(row), i,
				 now.v[i].id);
}

/* "A refused message changes nothing", but for a replayed or forked state, whose orders stand on their own. */
static bool may_change(const char *expect)
{
	return strcmp(expect, "ok") == 0 || strcmp(expect, "rollback") == 0 || strcmp(expect, "fork") == 0 ||
	       strcmp(expect, "log-fork") == 0;
}

/* Heard once more, nothing is new. */
static void expect_idempotent(json_t *row, struct vectors_party *party)
{
	struct hf_hearing hearing;
	hf_auto_free char *before = known_text(party);

	enum hf_rc rc = vectors_hear(party, vectors_text(row, "file"), NULL, &hearing);
	hf_auto_free char *after = known_text(party);
	cr_expect_eq(rc, HF_OK, "%s: heard twice it is refused: %s", name_of(row), hf_rc_name(rc));
	cr_expect_not(hearing.grew, "%s: heard twice it still brings news", name_of(row));
	cr_expect_str_eq(before, after, "%s: heard twice it changes something", name_of(row));
}

static void judge_heard(json_t *row, struct vectors_party *party)
{
	const char *topic = vectors_text(row, "topic");
	const char *expect = vectors_text(row, "expect");
	struct hf_hearing hearing;
	hf_auto_free char *before = known_text(party);

	enum hf_rc rc = vectors_hear(party, vectors_text(row, "file"), topic, &hearing);
	hf_auto_free char *after = known_text(party);
	cr_expect_str_eq(hf_rc_name(rc), expect, "%s (%s; %s): %s and not %s (%s)", name_of(row),
			 vectors_text(row, "clause"), vectors_text(row, "about"), hf_rc_name(rc), expect,
			 hearing.n_refused ? hearing.refused[0].text : "");
	if (!may_change(expect))
		cr_expect_str_eq(before, after, "%s: it is refused and changes something", name_of(row));
	expect_refused_list(row, &hearing);
	expect_after(row, party);
	expect_brokers(row, party);
	if (rc == HF_OK && !topic)
		expect_idempotent(row, party);
}

static void judge_first(json_t *row, struct vectors_party *party)
{
	const char *expect = vectors_text(row, "expect");
	enum hf_rc rc = begin_with_file(row, party);

	cr_expect_str_eq(hf_rc_name(rc), expect, "%s (%s; %s): %s and not %s", name_of(row),
			 vectors_text(row, "clause"), vectors_text(row, "about"), hf_rc_name(rc), expect);
	if (rc != HF_OK)
		cr_expect_null(party->known.trust, "%s: it is refused and leaves something", name_of(row));
}

Test(vectors, every_row_is_judged_as_the_index_says)
{
	hf_auto_json json_t *index = vectors_index();
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(index, "rows"), i, row)
	{
		struct vectors_party party;
		if (vectors_begin(row, &party))
			judge_heard(row, &party);
		else
			judge_first(row, &party);
		vectors_end(&party);
	}
}

/* Through the disk and back: every signature is verified again on the way. */
static void restart(json_t *row, const struct vectors_party *party, struct vectors_party *ret_back)
{
	hf_auto_json json_t *json = hf_known_encode(&party->known);
	struct hf_err err = {0};

	*ret_back = (struct vectors_party){.device = party->device};
	cr_assert_eq(hf_known_decode(json, &ret_back->known, &err), HF_OK, "%s: %s", name_of(row), err.text);
}

static void expect_same(json_t *row, const struct vectors_party *a, const struct vectors_party *b)
{
	hf_auto_free char *before = known_text(a);
	hf_auto_free char *after = known_text(b);

	cr_expect_str_eq(before, after, "%s: it does not come back as it was", name_of(row));
}

/*
 * What is known survives the disk, and what is in force is the same. Only orders that a newer trust no longer approves
 * are not taken back: they did not count before either.
 */
Test(vectors, what_is_known_comes_back_from_disk)
{
	hf_auto_json json_t *index = vectors_index();
	struct hf_hearing hearing;
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(index, "rows"), i, row)
	{
		struct vectors_party party, back, again;
		if (strcmp(vectors_text(row, "expect"), "ok") != 0 || !vectors_begin(row, &party))
			continue;
		(void)vectors_hear(&party, vectors_text(row, "file"), vectors_text(row, "topic"), &hearing);
		restart(row, &party, &back);
		restart(row, &back, &again);
		expect_after(row, &back);
		expect_brokers(row, &back);
		expect_same(row, &back, &again);
		if (party.known.trust->epoch == 1)
			expect_same(row, &party, &back);
		vectors_end(&again);
		vectors_end(&back);
		vectors_end(&party);
	}
}

/* What another implementation derived from a side's key, and how it knows a half again. */
static void expect_half(json_t *row)
{
	struct hf_glass_slot slot = {.council = vectors_text(row, "council"), .device = vectors_text(row, "device")};
	const char *half = vectors_text(row, "half"), *pub = vectors_text(row, "public");
	hf_auto_key struct hf_key *key = NULL;
	struct hf_glass_half made;
	struct hf_digest verifier;
	uint8_t seed[32];
	char hex[HF_DIGEST_HEX_SIZE];
	size_t len;

	slot.side = strcmp(vectors_text(row, "side"), "a") == 0 ? HF_GLASS_A : HF_GLASS_B;
	slot.set = json_integer_value(json_object_get(row, "set"));
	slot.slot = json_integer_value(json_object_get(row, "slot"));
	cr_assert_eq(hf_hex_decode(vectors_text(row, "seed"), seed, sizeof(seed)), HF_OK);
	cr_assert_eq(hf_base64_decode(pub, strlen(pub), slot.pub.b, sizeof(slot.pub.b), &len), HF_OK);
	cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
	cr_assert_eq(hf_glass_derive(key, &slot, &made), HF_OK);
	cr_expect_str_eq(made.text, half);
	cr_assert_eq(hf_glass_verifier(&made, &slot, &verifier), HF_OK);
	cr_expect_str_eq(hf_digest_hex(&verifier, hex), vectors_text(row, "verifier"), "%s", half);
}

Test(vectors, halves_are_those_of_the_other_implementation)
{
	hf_auto_json json_t *index = vectors_index();
	json_t *row;
	size_t i;

	cr_assert(json_array_size(json_object_get(index, "halves")) >= 4);
	json_array_foreach(json_object_get(index, "halves"), i, row)
	{
		expect_half(row);
	}
}

static struct hf_envelope *open_file(const char *file)
{
	struct hf_envelope *envelope = NULL;
	struct hf_err err;
	size_t len;
	hf_auto_free char *buf = vectors_read(file, &len);

	cr_assert_eq(hf_envelope_decode(buf, len, &envelope, &err), HF_OK, "%s: %s", file, err.text);
	return envelope;
}

/* A document's identity is SHA-256 of its PAE: both implementations must find the same. */
Test(vectors, digests_are_those_of_the_other_implementation)
{
	hf_auto_json json_t *index = vectors_index();
	const char *file;
	json_t *want;

	json_object_foreach(json_object_get(index, "digests"), file, want)
	{
		char hex[HF_DIGEST_HEX_SIZE];
		hf_auto_envelope struct hf_envelope *envelope = open_file(file);
		cr_expect_str_eq(hf_digest_hex(&envelope->digest, hex), json_string_value(want), "%s", file);
	}
}

static void seed_of(json_t *entry, uint8_t seed[32])
{
	cr_assert_eq(hf_hex_decode(vectors_text(entry, "seed"), seed, 32), HF_OK);
}

static struct hf_pub pub_of(json_t *entry)
{
	const char *text = vectors_text(entry, "public");
	struct hf_pub pub;
	size_t len = 0;

	cr_assert_eq(hf_base64_decode(text, strlen(text), pub.b, sizeof(pub.b), &len), HF_OK);
	cr_assert_eq(len, sizeof(pub.b));
	return pub;
}

/* RFC 8032: one seed, one key, whoever computes it. */
Test(vectors, keys_of_seeds_are_those_of_the_other_implementation)
{
	hf_auto_json json_t *index = vectors_index();
	const char *name;
	json_t *entry;

	json_object_foreach(json_object_get(index, "keys"), name, entry)
	{
		uint8_t seed[32];
		hf_auto_key struct hf_key *key = NULL;
		struct hf_pub want = pub_of(entry);
		seed_of(entry, seed);
		cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
		struct hf_pub got = hf_key_pub(key);
		cr_expect_arr_eq(got.b, want.b, sizeof(got.b), "%s", name);
		cr_expect_eq(hf_pub_check(&got, NULL), HF_OK, "%s is refused as a key", name);
	}
}

static bool names(json_t *list, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) if (strcmp(json_string_value(one), name) == 0) return true;
	return false;
}

/* Every key against every example: only the diagonal may verify. */
Test(vectors, only_the_keys_that_signed_verify)
{
	hf_auto_json json_t *index = vectors_index();
	const char *file, *name;
	json_t *signers, *entry;
	size_t verified = 0;

	json_object_foreach(json_object_get(index, "signers"), file, signers)
	{
		hf_auto_envelope struct hf_envelope *envelope = open_file(file);
		json_object_foreach(json_object_get(index, "keys"), name, entry)
		{
			struct hf_pub pub = pub_of(entry);
			bool want = names(signers, name);
			bool got = hf_envelope_signed_by(envelope, &pub, NULL);
			cr_expect_eq(got, want, "%s %s %s", name, got ? "verifies" : "does not verify", file);
			verified += got;
		}
	}
	cr_expect_gt(verified, 80, "hardly anything verified: %zu", verified);
}

static bool has_signature(const struct hf_envelope *envelope, const struct hf_signature *signature)
{
	for (size_t i = 0; i < envelope->n_signatures; i++)
		if (memcmp(envelope->signatures[i].sig, signature->sig, HF_SIG_LEN) == 0)
			return true;
	return false;
}

/* Ed25519 is deterministic: what we sign is, byte for byte, what the other implementation signed. */
Test(vectors, signatures_are_those_of_the_other_implementation)
{
	hf_auto_json json_t *index = vectors_index();
	const char *file, *name;
	json_t *signers, *entry;

	json_object_foreach(json_object_get(index, "signers"), file, signers)
	{
		hf_auto_envelope struct hf_envelope *theirs = open_file(file);
		hf_auto_envelope struct hf_envelope *ours = NULL;
		cr_assert_eq(hf_envelope_new(theirs->type, theirs->payload, theirs->payload_len, &ours, NULL), HF_OK);
		json_object_foreach(json_object_get(index, "keys"), name, entry)
		{
			uint8_t seed[32];
			hf_auto_key struct hf_key *key = NULL;
			if (!names(signers, name))
				continue;
			seed_of(entry, seed);
			cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
			cr_assert_eq(hf_envelope_sign(ours, key, NULL), HF_OK);
		}
		for (size_t i = 0; i < ours->n_signatures; i++)
			cr_expect(has_signature(theirs, &ours->signatures[i]), "%s: another signature", file);
	}
}
