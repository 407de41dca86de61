/* SPDX-License-Identifier: MIT */
/*
 * Holds the state document.
 * Must never judge the orders in it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/key.h>
#include <holdfast/state.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	enum hf_rc rc = hf_state_decode(envelope, &state, err);
	cr_expect_eq(state != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (state) {
		cr_expect_eq(hf_digest_cmp(&state->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_state_encode(state);
	}
	return rc;
}

Test(state, document)
{
	sample_expect_document(decode, SAMPLE_STATE, SAMPLE_REPORT);
}

#define CLAIM(device, state)                                                                                           \
	"{\"lockdown\":\"abababababababababababababababababababababababababababababababab\",\"account\":\"x:a\","      \
	"\"person\":\"p\",\"device\":\"" device "\",\"state\":\"" state "\",\"at\":5,\"post\":\"\"}"

Test(state, rows)
{
	static const struct sample_row rows[] = {
		{"State: seq begins at 1", "seq", "0", HF_E_SHAPE},
		{"State: a page of many", "pages", "64", HF_OK},
		{"State: more pages than allowed", "pages", "65", HF_E_SHAPE},
		{"State: of no pages", "pages", "0", HF_E_SHAPE},
		{"State: a page beyond them", "page", "1", HF_E_SHAPE},
		{"State: trust is an object", "trust", "1", HF_E_SHAPE},
		{"State: trust with more", "trust.more", "1", HF_E_SHAPE},
		{"State: trust without its digest", "trust.digest", NULL, HF_E_SHAPE},
		{"Bytes: a digest that is none", "trust.digest", "\"00\"", HF_E_BASE64},
		{"State: no register yet", "register.version", "0", HF_OK},
		{"Bytes: the register's digest", "register.digest", "\"00\"", HF_E_BASE64},
		{"State: a log below nothing", "log.size", "-1", HF_E_SHAPE},
		{"Bytes: the log's root", "log.root", "\"x\"", HF_E_BASE64},
		{"State: no orders", "orders", "[]", HF_OK},
		{"State: orders is a list", "orders", "{}", HF_E_SHAPE},
		{"D9.3: a claim", "claims", "[" CLAIM("d1", "claimed") "]", HF_OK},
		{"attack: one window, two devices", "claims", "[" CLAIM("d1", "open") "," CLAIM("d2", "open") "]",
		 HF_E_SHAPE},
		{"D9.3: a claim of no device", "claims", "[" CLAIM("", "open") "]", HF_E_SHAPE},
		{"D9.3: a state that there is not", "claims", "[" CLAIM("d1", "elsewhere") "]", HF_E_SHAPE},
		{"D9.3: none is said by leaving it out", "claims", "[]", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_STATE, rows, HF_LEN(rows));
}

#define ORDER "{\"payload\":\"e30=\",\"payloadType\":\"application/vnd.holdfast.order.v1+json\",\"signatures\":[]}"

Test(state, one_bad_order_hides_no_good_one)
{
	static const struct {
		const char *what, *order;
		enum hf_rc want;
	} rows[] = {
		{"State: a good one", ORDER, HF_OK},
		{"State: a number", "7", HF_E_SHAPE},
		{"State: no envelope", "{\"payload\":\"e30=\"}", HF_E_SHAPE},
		{"State: not canonical",
		 "{\"payload\":\"e31=\",\"payloadType\":"
		 "\"application/vnd.holdfast.order.v1+json\",\"signatures\":[]}",
		 HF_E_BASE64},
		{"State: of an unknown type", "{\"payload\":\"e30=\",\"payloadType\":\"wish\",\"signatures\":[]}",
		 HF_E_TYPE},
		{"State: the last good one", ORDER, HF_OK},
	};
	hf_auto_json json_t *doc = sample_doc(SAMPLE_STATE);
	sample_change(doc, "orders", "[]");
	for (size_t i = 0; i < HF_LEN(rows); i++)
		sample_change(doc, "orders.+", rows[i].order);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_STATE, doc, "");
	hf_auto_state struct hf_state *state = NULL;
	cr_assert_eq(hf_state_decode(envelope, &state, NULL), HF_OK);
	cr_assert_eq(state->n_orders, HF_LEN(rows));
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_expect_eq(state->orders_rc[i], rows[i].want, "%s", rows[i].what);
		cr_expect_eq(state->orders[i] != NULL, rows[i].want == HF_OK, "%s", rows[i].what);
	}
}

Test(state, limit_of_orders)
{
	for (size_t n = HF_PAGE_ORDERS_MAX; n <= HF_PAGE_ORDERS_MAX + 1; n++) {
		hf_auto_json json_t *doc = sample_doc(SAMPLE_STATE);
		while (json_array_size(json_object_get(doc, "orders")) < n)
			sample_change(doc, "orders.+", ORDER);
		hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_STATE, doc, "");
		hf_auto_state struct hf_state *state = NULL;
		cr_expect_eq(hf_state_decode(envelope, &state, NULL), n > HF_PAGE_ORDERS_MAX ? HF_E_SIZE : HF_OK,
			     "State: %zu orders on a page", n);
	}
}

Test(state, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_STATE);
	sample_change(doc, "page", "2");
	sample_change(doc, "pages", "7");
	sample_change(doc, "trust.epoch", "11");
	sample_change(doc, "trust.digest", "\"1111111111111111111111111111111111111111111111111111111111111111\"");
	sample_change(doc, "register.version", "12");
	sample_change(doc, "register.digest", "\"2222222222222222222222222222222222222222222222222222222222222222\"");
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_STATE, doc, "");
	hf_auto_state struct hf_state *state = NULL;
	cr_assert_eq(hf_state_decode(envelope, &state, NULL), HF_OK);
	cr_expect_str_eq(state->council, "cannock-chase");
	cr_expect_str_eq(state->controller, "main");
	cr_expect_eq(state->seq, 5);
	cr_expect_eq(state->issued.s, SAMPLE_T);
	cr_expect_eq(state->valid_until.s, SAMPLE_T + 120);
	cr_expect_eq(state->page, 2);
	cr_expect_eq(state->pages, 7);
	cr_expect_eq(state->trust_epoch, 11);
	cr_expect_eq(state->trust_digest.b[0], 0x11);
	cr_expect_eq(state->register_version, 12);
	cr_expect_eq(state->register_digest.b[0], 0x22);
	cr_expect_eq(state->log_size, 3);
	cr_expect_eq(state->log_root.b[0], 0xab);
}

/* D5.6: the largest page of proofs that there can be, with the longest names. */
Test(state, the_longest_proofs_fit_into_one_message)
{
	static char name[HF_ID_SIZE];
	static struct hf_log_from from[HF_LOG_FROM_MAX];
	struct hf_state doc = {.council = name,
			       .controller = name,
			       .seq = HF_JSON_INT_MAX,
			       .issued = {HF_WALL_MAX - HF_STATE_VALID_S},
			       .valid_until = {HF_WALL_MAX},
			       .page = HF_PAGES_MAX - 1,
			       .pages = HF_PAGES_MAX,
			       .log_size = HF_JSON_INT_MAX,
			       .from = from,
			       .n_from = HF_LOG_FROM_MAX};
	hf_auto_json json_t *json = NULL;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_state struct hf_state *state = NULL;
	hf_auto_key struct hf_key *key = NULL;
	hf_auto_free char *text = NULL;
	size_t len = 0;

	memset(name, 'a', HF_ID_SIZE - 1);
	for (size_t i = 0; i < HF_LOG_FROM_MAX; i++) {
		from[i].size = HF_JSON_INT_MAX - 1 - (int64_t)i;
		for (from[i].proof.n = 0; from[i].proof.n < HF_MERKLE_DEPTH; from[i].proof.n++)
			from[i].proof.v[from[i].proof.n].b[0] = (uint8_t)(from[i].proof.n + 1);
	}
	json = hf_state_encode(&doc);
	cr_assert_eq(hf_envelope_of_json(HF_DOC_STATE, json, &envelope, NULL), HF_OK);
	cr_assert_eq(hf_key_new(&key, NULL), HF_OK);
	cr_assert_eq(hf_envelope_sign(envelope, key, NULL), HF_OK);
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	cr_expect_leq(len, HF_MESSAGE_MAX, "%zu bytes", len);
	cr_assert_eq(hf_state_decode(envelope, &state, NULL), HF_OK);
	cr_assert_eq(state->n_from, HF_LOG_FROM_MAX);
	cr_expect_eq(state->from[7].proof.v[63].b[0], 64);
}
