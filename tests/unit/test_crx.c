/* SPDX-License-Identifier: MIT */
/*
 * The packed extension is what Chromium's format says, and its signature verifies. Attack: an extension of somebody
 * else under our id.
 * Must never trust the packer about where its own parts are.
 */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include <holdfast/str.h>

#include "agent/enforce/extension/extension_crx.h"

static const char ZIP[] = "PK\003\004 whatever the browser then unpacks";
static const struct hf_crx_zip PACKED = {ZIP, sizeof(ZIP)};

/* A reader of protocol buffers of its own: one field of bytes. */
struct field {
	uint64_t number;
	const uint8_t *v;
	size_t n;
};

static uint64_t varint(const uint8_t **at)
{
	uint64_t value = 0;
	int shift = 0;

	do
		value |= (uint64_t)(**at & 0x7f) << shift;
	while (shift += 7, *(*at)++ & 0x80);
	return value;
}

static struct field next_field(const uint8_t **at)
{
	struct field field;
	uint64_t tag = varint(at);

	cr_assert_eq(tag & 7, 2, "only fields of bytes");
	field.number = tag >> 3;
	field.n = varint(at);
	field.v = *at;
	*at += field.n;
	return field;
}

static bool verifies(const struct field *pub, const struct field *sig, const struct field *about, const void *zip,
		     size_t len)
{
	const uint8_t *der = pub->v;
	const uint8_t size[4] = {(uint8_t)about->n, 0, 0, 0};
	EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)pub->n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = key && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerifyUpdate(ctx, "CRX3 SignedData", 16) == 1 &&
		    EVP_DigestVerifyUpdate(ctx, size, 4) == 1 && EVP_DigestVerifyUpdate(ctx, about->v, about->n) == 1 &&
		    EVP_DigestVerifyUpdate(ctx, zip, len) == 1 && EVP_DigestVerifyFinal(ctx, sig->v, sig->n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

static void check_id(const char *id, const struct field *pub, const struct field *about)
{
	const uint8_t *at = about->v;
	struct field raw = next_field(&at);
	uint8_t hash[32];

	cr_assert_eq(raw.n, 16);
	cr_assert_eq(EVP_Digest(pub->v, pub->n, hash, NULL, EVP_sha256(), NULL), 1);
	cr_expect_arr_eq(raw.v, hash, 16, "the id is that of the key");
	for (int i = 0; i < 16; i++) {
		cr_expect_eq(id[2 * i], 'a' + (raw.v[i] >> 4));
		cr_expect_eq(id[2 * i + 1], 'a' + (raw.v[i] & 15));
	}
}

Test(crx, is_signed_by_its_key_and_named_by_it)
{
	hf_auto_free char *pem = NULL;
	hf_auto_free char *crx = NULL;
	char id[HF_CRX_ID_SIZE];
	size_t len;

	cr_assert_eq(hf_crx_key_make(&pem, NULL), HF_OK);
	cr_assert_eq(hf_crx_id(pem, id, NULL), HF_OK);
	cr_assert_eq(strspn(id, "abcdefghijklmnop"), 32);
	cr_assert_eq(hf_crx_pack(pem, &PACKED, &crx, &len, NULL), HF_OK);
	const uint8_t *at = (const uint8_t *)crx;
	cr_assert_arr_eq(at, "Cr24\3\0\0\0", 8);
	size_t head = at[8] | (size_t)at[9] << 8;
	cr_assert_eq(len, 12 + head + sizeof(ZIP));
	cr_expect_arr_eq(crx + 12 + head, ZIP, sizeof(ZIP), "the zip file as it was");
	at += 12;
	struct field proof = next_field(&at);
	struct field about = next_field(&at);
	cr_assert_eq(proof.number, 2);
	cr_assert_eq(about.number, 10000);
	cr_assert_eq(at, (const uint8_t *)crx + 12 + head);
	struct field pub = next_field(&proof.v);
	struct field sig = next_field(&proof.v);
	cr_expect(verifies(&pub, &sig, &about, ZIP, sizeof(ZIP)));
	cr_expect_not(verifies(&pub, &sig, &about, "PK another", 10), "attack: another content under our signature");
	check_id(id, &pub, &about);
}

Test(crx, same_key_same_bytes_other_key_other_id)
{
	char *pems[2] = {NULL, NULL};
	char *crx[2];
	char ids[2][HF_CRX_ID_SIZE];
	size_t len[2];

	for (int i = 0; i < 2; i++) {
		cr_assert_eq(hf_crx_key_make(&pems[i], NULL), HF_OK);
		cr_assert_eq(hf_crx_id(pems[i], ids[i], NULL), HF_OK);
		cr_assert_eq(hf_crx_pack(pems[0], &PACKED, &crx[i], &len[i], NULL), HF_OK);
	}
	cr_expect_str_neq(ids[0], ids[1]);
	cr_expect(len[0] == len[1] && memcmp(crx[0], crx[1], len[0]) == 0,
		  "a start of the agent changes nothing on disk");
	for (int i = 0; i < 2; i++) {
		free(crx[i]);
		free(pems[i]);
	}
}

Test(crx, what_is_no_key_is_refused)
{
	struct hf_err err = {""};
	char id[HF_CRX_ID_SIZE] = "as it was";

	cr_expect_eq(hf_crx_id("rubbish", id, &err), HF_E_KEY);
	cr_expect(strstr(err.text, "remove it"), "it says what to do: %s", err.text);
	cr_expect_str_eq(id, "as it was");
}
