/* SPDX-License-Identifier: MIT */
/*
 * Holds the envelope to DSSE and to the contract's limits.
 * Must never judge who may sign what.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/envelope.h>
#include <holdfast/str.h>

#include "tests/help/sample.h"

#define ORDER_URI "application/vnd.holdfast.order.v1+json"
#define SIG0 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define KEYID0 "0000000000000000"
#define ONE_SIG "{\"keyid\":\"" KEYID0 "\",\"sig\":\"" SIG0 "\"}"
#define WITH(payload, type, signatures)                                                                                \
	"{\"payload\":" payload ",\"payloadType\":" type ",\"signatures\":" signatures "}"
#define URI "\"" ORDER_URI "\""

static struct hf_envelope *order_envelope(const char *payload)
{
	struct hf_envelope *envelope = NULL;
	cr_assert_eq(hf_envelope_new(HF_DOC_ORDER, payload, strlen(payload), &envelope, NULL), HF_OK);
	return envelope;
}

static void sign_as(struct hf_envelope *envelope, const char *name)
{
	hf_auto_key struct hf_key *key = sample_key(name);
	cr_assert_eq(hf_envelope_sign(envelope, key, NULL), HF_OK);
}

Test(envelope, decode)
{
	static const struct {
		const char *what, *text;
		enum hf_rc want;
	} rows[] = {
		{"Envelope: unsigned is well-formed", WITH("\"e30=\"", URI, "[]"), HF_OK},
		{"Envelope: one signature", WITH("\"e30=\"", URI, "[" ONE_SIG "]"), HF_OK},
		{"Envelope: an empty hint", WITH("\"e30=\"", URI, "[{\"keyid\":\"\",\"sig\":\"" SIG0 "\"}]"), HF_OK},
		{"a payload that is no JSON is for the document to refuse", WITH("\"AAAA\"", URI, "[]"), HF_OK},
		{"no JSON", "release", HF_E_JSON},
		{"a list", "[]", HF_E_JSON},
		{"nothing in it", "{}", HF_E_SHAPE},
		{"payload missing", "{\"payloadType\":" URI ",\"signatures\":[]}", HF_E_SHAPE},
		{"type missing", "{\"payload\":\"e30=\",\"signatures\":[]}", HF_E_SHAPE},
		{"signatures missing", "{\"payload\":\"e30=\",\"payloadType\":" URI "}", HF_E_SHAPE},
		{"one member more", "{\"x\":1,\"payload\":\"e30=\",\"payloadType\":" URI ",\"signatures\":[]}",
		 HF_E_SHAPE},
		{"payload empty", WITH("\"\"", URI, "[]"), HF_E_SHAPE},
		{"payload a number", WITH("1", URI, "[]"), HF_E_SHAPE},
		{"payload not canonical", WITH("\"e31=\"", URI, "[]"), HF_E_BASE64},
		{"payload without padding", WITH("\"e30\"", URI, "[]"), HF_E_BASE64},
		{"payload with a newline", WITH("\"e30=\\n\"", URI, "[]"), HF_E_BASE64},
		{"unknown type", WITH("\"e30=\"", "\"application/vnd.holdfast.wish.v1+json\"", "[]"), HF_E_TYPE},
		{"next version", WITH("\"e30=\"", "\"application/vnd.holdfast.order.v2+json\"", "[]"), HF_E_TYPE},
		{"type with a parameter", WITH("\"e30=\"", "\"" ORDER_URI ";q=1\"", "[]"), HF_E_TYPE},
		{"type in capitals", WITH("\"e30=\"", "\"APPLICATION/vnd.holdfast.order.v1+json\"", "[]"), HF_E_TYPE},
		{"type short", WITH("\"e30=\"", "\"order\"", "[]"), HF_E_TYPE},
		{"type empty", WITH("\"e30=\"", "\"\"", "[]"), HF_E_TYPE},
		{"type a number", WITH("\"e30=\"", "1", "[]"), HF_E_SHAPE},
		{"signatures an object", WITH("\"e30=\"", URI, "{}"), HF_E_SHAPE},
		{"signature a text", WITH("\"e30=\"", URI, "[\"" SIG0 "\"]"), HF_E_SHAPE},
		{"signature without hint", WITH("\"e30=\"", URI, "[{\"sig\":\"" SIG0 "\"}]"), HF_E_SHAPE},
		{"signature with a certificate",
		 WITH("\"e30=\"", URI, "[{\"keyid\":\"\",\"sig\":\"" SIG0 "\",\"cert\":\"\"}]"), HF_E_SHAPE},
		{"signature of 63 bytes",
		 WITH("\"e30=\"", URI, "[{\"keyid\":\"\",\"sig\":\"" KEYID0 KEYID0 KEYID0 KEYID0 KEYID0 "0000\"}]"),
		 HF_E_BASE64},
		{"signature not canonical", WITH("\"e30=\"", URI, "[{\"keyid\":\"\",\"sig\":\"AB==\"}]"), HF_E_BASE64},
		{"hint of 65 characters",
		 WITH("\"e30=\"", URI, "[{\"keyid\":\"" KEYID0 KEYID0 KEYID0 KEYID0 "0\",\"sig\":\"" SIG0 "\"}]"),
		 HF_E_SIZE},
		{"17 signatures",
		 WITH("\"e30=\"", URI,
		      "[" ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG
		      "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG "," ONE_SIG
		      "," ONE_SIG "]"),
		 HF_E_SIZE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		struct hf_err err = {0};
		cr_expect_eq(hf_envelope_decode(rows[i].text, strlen(rows[i].text), &envelope, &err), rows[i].want,
			     "%s: %s", rows[i].what, err.text);
		cr_expect_eq(envelope != NULL, rows[i].want == HF_OK, "%s: untouched unless HF_OK", rows[i].what);
		cr_expect_eq(err.text[0] != '\0', rows[i].want != HF_OK, "%s: says why", rows[i].what);
	}
}

Test(envelope, size_before_anything_else)
{
	static char text[HF_MESSAGE_MAX + 1];
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	memset(text, ' ', sizeof(text));
	memcpy(text, WITH("\"e30=\"", URI, "[]"), strlen(WITH("\"e30=\"", URI, "[]")));
	cr_expect_eq(hf_envelope_decode(text, HF_MESSAGE_MAX, &envelope, NULL), HF_OK, "Envelope: 65,536 bytes");
	hf_envelope_free(&envelope);
	cr_expect_eq(hf_envelope_decode(text, sizeof(text), &envelope, NULL), HF_E_SIZE, "Envelope: one byte more");
	memset(text, '[', sizeof(text));
	cr_expect_eq(hf_envelope_decode(text, sizeof(text), &envelope, NULL), HF_E_SIZE, "size is told before depth");
	cr_expect_eq(hf_envelope_decode(text, HF_MESSAGE_MAX, &envelope, NULL), HF_E_JSON, "65,536 levels");
	cr_expect_null(envelope);
}

Test(envelope, payload_sizes)
{
	static char payload[HF_PAYLOAD_MAX + 1];
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	memset(payload, 'x', sizeof(payload));
	cr_expect_eq(hf_envelope_new(HF_DOC_STATE, payload, 0, &envelope, NULL), HF_E_SIZE, "no payload");
	cr_expect_eq(hf_envelope_new(HF_DOC_STATE, payload, sizeof(payload), &envelope, NULL), HF_E_SIZE, "too large");
	cr_assert_eq(hf_envelope_new(HF_DOC_STATE, payload, HF_PAYLOAD_MAX, &envelope, NULL), HF_OK, "the largest");
	sign_as(envelope, "controller-main");
	cr_expect_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK, "the largest fits into a message");
	cr_expect_leq(len, HF_MESSAGE_MAX, "Envelope: 65,536 bytes");
}

Test(envelope, digest_is_that_of_the_pae)
{
	/* Computed by an independent implementation: SHA-256 of "DSSEv1 38 application/... 2 {}". */
	static const char want[] = "634c9dcdac3022f64bb16e2b0ebd84a2a7853d0b5aa30fb078e48d5c2af14554";
	hf_auto_envelope struct hf_envelope *a = order_envelope("{}"), *b = NULL;
	char hex[HF_DIGEST_HEX_SIZE];
	cr_expect_str_eq(hf_digest_hex(&a->digest, hex), want, "Envelope: SHA-256 of the PAE");
	sign_as(a, "comms-1");
	cr_expect_str_eq(hf_digest_hex(&a->digest, hex), want, "Envelope: signatures are no part of it");
	cr_assert_eq(hf_envelope_new(HF_DOC_STATE, "{}", 2, &b, NULL), HF_OK);
	cr_expect_neq(hf_digest_cmp(&a->digest, &b->digest), 0, "DSSE: the type is part of it");
}

Test(envelope, there_and_back)
{
	for (int type = 0; type < HF_DOC_COUNT; type++) {
		hf_auto_envelope struct hf_envelope *a = NULL, *b = NULL;
		hf_auto_free char *text = NULL;
		size_t len = 0;
		cr_assert_eq(hf_envelope_new((enum hf_doc_type)type, "{\"a\":1}", 7, &a, NULL), HF_OK);
		sign_as(a, "comms-1");
		sign_as(a, "comms-2");
		cr_assert_eq(hf_envelope_encode(a, &text, &len, NULL), HF_OK);
		cr_expect_eq(strlen(text), len);
		cr_assert_eq(hf_envelope_decode(text, len, &b, NULL), HF_OK);
		cr_expect_eq((int)b->type, type, "Envelope: the type comes back");
		cr_expect_eq(hf_digest_cmp(&a->digest, &b->digest), 0, "Envelope: the digest comes back");
		cr_expect_eq(b->payload_len, 7);
		cr_expect_arr_eq(b->payload, "{\"a\":1}", 7, "Envelope: the payload comes back");
		cr_expect_eq(b->n_signatures, 2, "Envelope: both signatures come back");
		cr_expect(strstr(text, hf_doc_type_name((enum hf_doc_type)type)), "Envelope: the type stands in it");
	}
}

Test(envelope, keyid_is_a_hint)
{
	hf_auto_envelope struct hf_envelope *envelope = order_envelope("{}");
	hf_auto_key struct hf_key *one = sample_key("comms-1"), *two = sample_key("comms-2");
	struct hf_pub pub_1 = hf_key_pub(one), pub_2 = hf_key_pub(two);
	size_t index = 99;
	sign_as(envelope, "comms-1");
	cr_expect(hf_envelope_signed_by(envelope, &pub_1, &index), "DSSE: signed");
	cr_expect_eq(index, 0);
	index = 99;
	cr_expect_not(hf_envelope_signed_by(envelope, &pub_2, &index), "forged: not signed by this one");
	cr_expect_eq(index, 99, "untouched unless true");

	hf_pub_keyid(&pub_2, envelope->signatures[0].keyid);
	cr_expect(hf_envelope_signed_by(envelope, &pub_1, NULL), "DSSE: a lying hint hides no signature");
	cr_expect_not(hf_envelope_signed_by(envelope, &pub_2, NULL), "forged: a borrowed hint makes no signature");
	cr_expect(hf_envelope_signature_ok(envelope, 0, &pub_1), "DSSE: this one");
	cr_expect_not(hf_envelope_signature_ok(envelope, 0, &pub_2), "forged: not this one");
	cr_expect_not(hf_envelope_signature_ok(envelope, 1, &pub_1), "there is no second");
	envelope->signatures[0].keyid[0] = '\0';
	cr_expect(hf_envelope_signed_by(envelope, &pub_1, NULL), "DSSE: no hint at all");
}

Test(envelope, type_and_payload_are_signed)
{
	hf_auto_envelope struct hf_envelope *order = order_envelope("{}"), *state = NULL,
					    *other = order_envelope("{ }");
	hf_auto_key struct hf_key *key = sample_key("comms-1");
	struct hf_pub pub = hf_key_pub(key);
	sign_as(order, "comms-1");
	cr_assert_eq(hf_envelope_new(HF_DOC_STATE, "{}", 2, &state, NULL), HF_OK);
	state->signatures[state->n_signatures++] = order->signatures[0];
	cr_expect_not(hf_envelope_signed_by(state, &pub, NULL), "attack: an approval of an order under another type");
	other->signatures[other->n_signatures++] = order->signatures[0];
	cr_expect_not(hf_envelope_signed_by(other, &pub, NULL), "attack: an approval of another payload");
}

Test(envelope, signing_twice_changes_nothing)
{
	hf_auto_envelope struct hf_envelope *envelope = order_envelope("{}");
	sign_as(envelope, "comms-1");
	sign_as(envelope, "comms-1");
	cr_expect_eq(envelope->n_signatures, 1, "Approval: one person is one person");
	for (int i = 0; i < HF_SIGNATURES_MAX - 1; i++) {
		char name[16];
		cr_assert_eq(hf_str_printf(name, sizeof(name), "k%d", i), HF_OK);
		sign_as(envelope, name);
	}
	cr_expect_eq(envelope->n_signatures, HF_SIGNATURES_MAX, "Envelope: 16 signatures");
	sign_as(envelope, "k3");
	hf_auto_key struct hf_key *more = sample_key("one more");
	cr_expect_eq(hf_envelope_sign(envelope, more, NULL), HF_E_SIZE, "Envelope: no 17th");
	cr_expect_eq(envelope->n_signatures, HF_SIGNATURES_MAX, "a refused one changes nothing");
}

/* The text of an envelope: two that are equal in every byte have the same. */
static char *text_of(const struct hf_envelope *envelope)
{
	char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	return text;
}

/* Signed by the names whose bits are set, later ones first when backwards. */
static struct hf_envelope *signed_by_set(unsigned set, bool backwards)
{
	static const char *const names[] = {"comms-1", "comms-2", "monitoring-1", "elections-1"};
	struct hf_envelope *envelope = order_envelope("{}");
	for (unsigned i = 0; i < 4; i++) {
		unsigned at = backwards ? 3 - i : i;
		if (set & 1u << at)
			sign_as(envelope, names[at]);
	}
	return envelope;
}

Test(envelope, merge_is_union)
{
	for (unsigned a = 0; a < 16; a++) {
		for (unsigned b = 0; b < 16; b++) {
			hf_auto_envelope struct hf_envelope *mine = signed_by_set(a, false),
							    *heard = signed_by_set(b, true);
			hf_auto_envelope struct hf_envelope *other = signed_by_set(b, false),
							    *want = signed_by_set(a | b, true);
			hf_auto_envelope struct hf_envelope *first = signed_by_set(a, true);
			bool grew = false;
			cr_assert_eq(hf_envelope_merge(mine, heard, &grew), HF_OK);
			cr_expect_eq(grew, (b & ~a) != 0, "The join: %u with %u is new or not", a, b);
			cr_assert_eq(hf_envelope_merge(other, first, NULL), HF_OK);
			hf_auto_free char *text = text_of(mine), *back = text_of(other), *whole = text_of(want);
			cr_expect_str_eq(text, back, "The join: %u and %u in either order", a, b);
			cr_expect_str_eq(text, whole, "The join: %u and %u are their union", a, b);
			cr_assert_eq(hf_envelope_merge(mine, heard, &grew), HF_OK);
			cr_expect_not(grew, "The join: %u heard again is nothing new", b);
		}
	}
}

Test(envelope, signatures_stand_in_a_fixed_order)
{
	hf_auto_envelope struct hf_envelope *envelope = signed_by_set(15, false);
	for (size_t i = 1; i < envelope->n_signatures; i++)
		cr_expect_lt(strcmp(envelope->signatures[i - 1].keyid, envelope->signatures[i].keyid), 0,
			     "The join: in the order of their hints");
}

/* A broker that changes hints must not make two devices keep different bytes, nor fill the list with one signature. */
Test(envelope, merge_with_changed_hints)
{
	hf_auto_envelope struct hf_envelope *a = signed_by_set(3, false), *b = signed_by_set(3, false);
	for (size_t i = 0; i < 2; i++)
		strcpy(b->signatures[i].keyid, i ? "zz" : "");
	hf_auto_envelope struct hf_envelope *c = NULL;
	cr_assert_eq(hf_envelope_copy(a, &c), HF_OK);
	cr_assert_eq(hf_envelope_merge(a, b, NULL), HF_OK);
	cr_assert_eq(hf_envelope_merge(b, c, NULL), HF_OK);
	cr_expect_eq(a->n_signatures, 2, "attack: one signature under two hints counts once");
	hf_auto_free char *text = text_of(a), *back = text_of(b);
	cr_expect_str_eq(text, back, "The join: the same whichever hint was heard first");
}

Test(envelope, merge_refuses)
{
	hf_auto_envelope struct hf_envelope *mine = order_envelope("{}"), *other = order_envelope("{ }");
	hf_auto_envelope struct hf_envelope *full = order_envelope("{}");
	bool grew = true;
	sign_as(mine, "comms-1");
	cr_expect_eq(hf_envelope_merge(mine, other, &grew), HF_E_MISMATCH, "another document's signatures");
	for (int i = 0; i < HF_SIGNATURES_MAX; i++) {
		char name[16];
		cr_assert_eq(hf_str_printf(name, sizeof(name), "k%d", i), HF_OK);
		sign_as(full, name);
	}
	hf_auto_free char *before = text_of(mine);
	cr_expect_eq(hf_envelope_merge(mine, full, &grew), HF_E_SIZE, "17 together");
	hf_auto_free char *after = text_of(mine);
	cr_expect_str_eq(before, after, "a refused merge changes nothing");
	cr_expect(grew, "untouched unless HF_OK");
}

/* What verified once is remembered for a moment, to the last bit of message, key and signature. */
Test(envelope, what_verified_a_moment_ago_proves_nothing_else)
{
	struct hf_envelope *envelope = order_envelope("{\"a\":1}"), *other = order_envelope("{\"a\":2}");
	hf_auto_key struct hf_key *key = sample_key("comms-1"), *wrong = sample_key("comms-2");
	struct hf_pub pub = hf_key_pub(key), wrong_pub = hf_key_pub(wrong);
	sign_as(envelope, "comms-1");
	other->signatures[0] = envelope->signatures[0];
	other->n_signatures = 1;
	for (int again = 0; again < 2; again++) {
		cr_expect(hf_envelope_signature_ok(envelope, 0, &pub));
		cr_expect(hf_envelope_signed_by(envelope, &pub, NULL));
		cr_expect_not(hf_envelope_signature_ok(envelope, 0, &wrong_pub), "another's key");
		cr_expect_not(hf_envelope_signature_ok(other, 0, &pub), "attack: other bytes, the same signature");
		cr_expect_not(hf_envelope_signature_ok(envelope, 1, &pub), "no signature");
	}
	for (size_t bit = 0; bit < 8 * HF_SIG_LEN; bit++) {
		envelope->signatures[0].sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		cr_expect_not(hf_envelope_signature_ok(envelope, 0, &pub), "forged: bit %zu", bit);
		envelope->signatures[0].sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	hf_envelope_free(&envelope);
	hf_envelope_free(&other);
}
