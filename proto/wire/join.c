/* SPDX-License-Identifier: MIT */
/*
 * Owns the shapes of a token and of what a laptop asks with it, and the four words by which people know a request.
 * Must never take a laptop's word for more than that it said it.
 */
#include <holdfast/join.h>

#include <string.h>

#include <openssl/crypto.h>

#include <holdfast/digest.h>

#define PORT_MAX 65535
#define HOST_MAX 253

static void token_members(struct hf_join_token *t, struct hf_json_member rows[6])
{
	const struct hf_json_member all[6] = {
		{.name = "council", .kind = HF_JSON_ID, .ret = &t->council},
		{.name = "secret", .kind = HF_JSON_BYTES32, .ret = t->secret},
		{.name = "host", .kind = HF_JSON_LINE, .ret = &t->host, .max = HOST_MAX},
		{.name = "port", .kind = HF_JSON_INT, .ret = &t->port, .max = PORT_MAX},
		{.name = "trust", .kind = HF_JSON_DIGEST, .ret = &t->trust},
		{.name = "ca", .kind = HF_JSON_TEXT, .ret = &t->ca, .max = HF_JOIN_PEM_MAX},
	};

	memcpy(rows, all, sizeof(all));
}

enum hf_rc hf_join_token_read(const char *text, size_t len, struct hf_join_token *ret, struct hf_err *err)
{
	hf_auto_join_token struct hf_join_token token = {0};
	struct hf_json_member rows[6];
	enum hf_rc rc = hf_json_read(text, len, HF_JOIN_TOKEN_MAX, &token.doc, err);

	token_members(&token, rows);
	if (rc == HF_OK)
		rc = hf_json_take(token.doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK && token.port == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "it has no port");
	if (rc != HF_OK)
		return rc;
	*ret = token;
	memset(&token, 0, sizeof(token));
	return HF_OK;
}

json_t *hf_join_token_put(const struct hf_join_token *token)
{
	struct hf_join_token copy = *token;
	struct hf_json_member rows[6];
	json_t *put;

	token_members(&copy, rows);
	put = hf_json_put(rows, HF_LEN(rows));
	OPENSSL_cleanse(&copy, sizeof(copy));
	return put;
}

void hf_join_token_done(struct hf_join_token *token)
{
	json_decref(token->doc);
	OPENSSL_cleanse(token, sizeof(*token));
}

static void ask_members(struct hf_join_ask *a, json_t **machine, struct hf_json_member rows[6])
{
	const struct hf_json_member all[6] = {
		{.name = "token", .kind = HF_JSON_BYTES32, .ret = a->secret},
		{.name = "public", .kind = HF_JSON_BYTES32, .ret = a->pub.b},
		{.name = "csr", .kind = HF_JSON_TEXT, .ret = &a->csr, .max = HF_JOIN_CSR_MAX},
		{.name = "serial", .kind = HF_JSON_LINE0, .ret = &a->serial, .max = HF_JOIN_LINE_MAX},
		{.name = "name", .kind = HF_JSON_LINE0, .ret = &a->name, .max = HF_JOIN_LINE_MAX},
		{.name = "machine", .kind = HF_JSON_OBJECT, .ret = machine, .optional = true},
	};

	memcpy(rows, all, sizeof(all));
}

enum hf_rc hf_join_ask_read(const char *buf, size_t len, struct hf_join_ask *ret, struct hf_err *err)
{
	hf_auto_join_ask struct hf_join_ask ask = {0};
	struct hf_json_member rows[6];
	json_t *machine = NULL;
	enum hf_rc rc = hf_json_read(buf, len, HF_JOIN_ASK_MAX, &ask.doc, err);

	ask_members(&ask, &machine, rows);
	if (rc == HF_OK)
		rc = hf_json_take(ask.doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_pub_check(&ask.pub, err);
	if (rc == HF_OK && machine)
		rc = hf_machine_take(machine, &ask.machine, err);
	if (rc != HF_OK)
		return rc;
	*ret = ask;
	memset(&ask, 0, sizeof(ask));
	return HF_OK;
}

json_t *hf_join_ask_put(const struct hf_join_ask *ask)
{
	const bool any = hf_machine_any(&ask->machine);
	hf_auto_json json_t *machine = any ? hf_machine_put(&ask->machine) : NULL;
	struct hf_join_ask copy = *ask;
	struct hf_json_member rows[6];
	json_t *put = NULL;

	ask_members(&copy, &machine, rows);
	rows[5].optional = false;
	if (machine || !any)
		put = hf_json_put(rows, any ? 6 : 5);
	OPENSSL_cleanse(&copy, sizeof(copy));
	return put;
}

void hf_join_ask_done(struct hf_join_ask *ask)
{
	json_decref(ask->doc);
	OPENSSL_cleanse(ask, sizeof(*ask));
}

enum hf_rc hf_join_id(const struct hf_pub *pub, const char *csr, struct hf_digest *ret_id)
{
	struct hf_digest of_csr;
	struct {
		char what[16];
		uint8_t pub[sizeof(pub->b)], csr[sizeof(of_csr.b)];
	} said = {.what = "holdfast-join 1"};
	enum hf_rc rc = hf_digest_of(csr, strlen(csr), &of_csr);

	if (rc != HF_OK)
		return rc;
	memcpy(said.pub, pub->b, sizeof(said.pub));
	memcpy(said.csr, of_csr.b, sizeof(said.csr));
	return hf_digest_of(&said, sizeof(said), ret_id);
}

/* Sixteen bits are a consonant, a vowel, a consonant, a vowel, a consonant: each such word can be said in any language. */
const char *hf_join_words(const struct hf_digest *id, char words[HF_JOIN_WORDS_SIZE])
{
	static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
	char *at = words;

	for (size_t i = 0; i < 4; i++) {
		const unsigned n = (unsigned)id->b[2 * i] << 8 | id->b[2 * i + 1];

		*at++ = consonants[n >> 12];
		*at++ = vowels[n >> 10 & 3];
		*at++ = consonants[n >> 6 & 15];
		*at++ = vowels[n >> 4 & 3];
		*at++ = consonants[n & 15];
		*at++ = i < 3 ? '-' : '\0';
	}
	return words;
}
