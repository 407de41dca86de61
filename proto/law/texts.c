/* SPDX-License-Identifier: MIT */
/*
 * Owns the long texts of orders on disk: each is written once, by its digest, however many orders carry it.
 * Must never give an order back with other bytes than went in: its digest and its signatures are over these.
 *
 * How we read it
 *  An amendment says all texts of its raise again, so that it can be read alone. What is cut out are the JSON strings of
 *  a payload, as they stand in it, escapes and all: so no member has to be known by name. What is put together again is
 *  verified like an order that is heard; a text that was changed or left out makes its orders fail.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>

#include "proto/law/law.h"

#define CUT_MIN 256 /* bytes of a string; a shorter one is hardly longer than its digest and place */

/* A payload on its way into the file. */
struct cutting {
	const uint8_t *from;
	size_t len;
	uint8_t *rest; /* what is left of it; room for len */
	size_t n_rest;
	json_t *texts, *cuts;
};

/* Of a string whose first byte stands at `at`: where its closing quote stands; len if nowhere. */
static size_t string_end(const uint8_t *from, size_t len, size_t at)
{
	while (at < len && from[at] != '"')
		at += from[at] == '\\' ? 2 : 1;
	return at < len ? at : len;
}

static bool cut_out(struct cutting *c, size_t begin, size_t end)
{
	const char *text = (const char *)c->from + begin;
	hf_auto_json json_t *cut = json_object();
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_digest digest;

	if (hf_digest_of(text, end - begin, &digest) != HF_OK)
		return false;
	hf_digest_hex(&digest, hex);
	if (!json_object_get(c->texts, hex) &&
	    json_object_set_new(c->texts, hex, json_stringn(text, end - begin)) != 0)
		return false;
	return json_object_set_new(cut, "at", json_integer((json_int_t)c->n_rest)) == 0 &&
	       json_object_set_new(cut, "text", json_string(hex)) == 0 && json_array_append(c->cuts, cut) == 0;
}

static void leave(struct cutting *c, size_t begin, size_t end)
{
	memcpy(c->rest + c->n_rest, c->from + begin, end - begin);
	c->n_rest += end - begin;
}

static bool cut_all(struct cutting *c)
{
	size_t at = 0;

	while (at < c->len) {
		size_t quote = string_end(c->from, c->len, at), end;

		if (quote == c->len)
			break;
		end = string_end(c->from, c->len, quote + 1);
		leave(c, at, quote + 1);
		if (end - quote > CUT_MIN && end < c->len) {
			if (!cut_out(c, quote + 1, end))
				return false;
		} else {
			leave(c, quote + 1, end);
		}
		at = end;
		if (at < c->len)
			leave(c, at, at + 1);
		at++;
	}
	if (at < c->len)
		leave(c, at, c->len);
	return true;
}

json_t *hf_texts_cut(const struct hf_envelope *envelope, json_t *texts)
{
	hf_auto_json json_t *cuts = json_array(), *json = NULL;
	hf_auto_free uint8_t *rest = malloc(envelope->payload_len + 1);
	struct hf_envelope written = *envelope;
	struct cutting c = {.from = envelope->payload,
			    .len = envelope->payload_len,
			    .rest = rest,
			    .texts = texts,
			    .cuts = cuts};

	if (!rest || !cuts || !cut_all(&c))
		return NULL;
	written.payload = rest;
	written.payload_len = c.n_rest;
	json = hf_envelope_to_json(&written);
	if (!json || (json_array_size(cuts) > 0 && json_object_set(json, "texts", cuts) != 0))
		return NULL;
	return json_incref(json);
}

/* A payload on its way back. */
struct joining {
	uint8_t whole[HF_ORDER_PAYLOAD_MAX];
	size_t n_whole;
	const uint8_t *rest;
	size_t n_rest, at;
};

static enum hf_rc add(struct joining *j, const void *bytes, size_t n, struct hf_err *err)
{
	if (n > sizeof(j->whole) - j->n_whole)
		return hf_err_set(err, HF_E_SIZE, "A stored order is longer than an order can be.");
	memcpy(j->whole + j->n_whole, bytes, n);
	j->n_whole += n;
	return HF_OK;
}

static enum hf_rc add_rest(struct joining *j, size_t upto, struct hf_err *err)
{
	size_t at = j->at;

	if (upto < at || upto > j->n_rest)
		return hf_err_set(err, HF_E_SHAPE, "The texts of a stored order are not in its order.");
	j->at = upto;
	return add(j, j->rest + at, upto - at, err);
}

/* NULL: there is none of this digest. A text that was changed is none: an order with other bytes would be dropped. */
static const json_t *text_of(const json_t *texts, const struct hf_digest *digest)
{
	char hex[HF_DIGEST_HEX_SIZE];
	const json_t *text = json_object_get(texts, hf_digest_hex(digest, hex));
	struct hf_digest is;

	if (!json_is_string(text) || hf_digest_of(json_string_value(text), json_string_length(text), &is) != HF_OK ||
	    hf_digest_cmp(&is, digest) != 0)
		return NULL;
	return text;
}

static enum hf_rc join_one(struct joining *j, json_t *cut, const json_t *texts, struct hf_err *err)
{
	int64_t at = 0;
	struct hf_digest digest;
	const json_t *text;
	const struct hf_json_member members[] = {
		{.name = "at", .kind = HF_JSON_INT, .ret = &at, .max = HF_ORDER_PAYLOAD_MAX},
		{.name = "text", .kind = HF_JSON_DIGEST, .ret = &digest},
	};
	enum hf_rc rc = hf_json_take(cut, members, HF_LEN(members), err);

	if (rc == HF_OK)
		rc = add_rest(j, (size_t)at, err);
	if (rc != HF_OK)
		return rc;
	text = text_of(texts, &digest);
	if (!text)
		return hf_err_set(err, HF_E_SHAPE, "A text of a stored order is missing.");
	return add(j, json_string_value(text), json_string_length(text), err);
}

static enum hf_rc join_all(struct joining *j, const json_t *cuts, const json_t *texts, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < json_array_size(cuts); i++)
		rc = join_one(j, json_array_get(cuts, i), texts, err);
	return rc == HF_OK ? add_rest(j, j->n_rest, err) : rc;
}

static enum hf_rc join_payload(const json_t *row, const json_t *texts, json_t **ret_payload, struct hf_err *err)
{
	const char *text = json_string_value(json_object_get(row, "payload"));
	hf_auto_free struct joining *j = calloc(1, sizeof(*j));
	hf_auto_free uint8_t *rest = malloc(HF_PAYLOAD_MAX);
	enum hf_rc rc;

	if (!text)
		return hf_err_set(err, HF_E_SHAPE, "A stored order has no payload.");
	if (!j || !rest)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for a stored order.");
	rc = hf_base64_decode(text, strlen(text), rest, HF_PAYLOAD_MAX, &j->n_rest);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The payload of a stored order is no base64.");
	j->rest = rest;
	rc = join_all(j, json_object_get(row, "texts"), texts, err);
	if (rc == HF_OK)
		*ret_payload = hf_json_from_bytes(j->whole, j->n_whole);
	return rc;
}

enum hf_rc hf_texts_join(json_t *row, const json_t *texts, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_json json_t *whole = NULL, *payload = NULL;
	enum hf_rc rc;

	if (!json_object_get(row, "texts"))
		return hf_envelope_from_json(row, ret_envelope, err);
	rc = join_payload(row, texts, &payload, err);
	if (rc != HF_OK)
		return rc;
	whole = json_copy(row);
	if (!whole || json_object_del(whole, "texts") != 0 || json_object_set(whole, "payload", payload) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory for a stored order.");
	return hf_envelope_from_json(whole, ret_envelope, err);
}
