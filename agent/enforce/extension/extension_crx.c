/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of a packed extension and its signature.
 * Must never let the private key leave but as the text that is to be kept in its file.
 */
#include "agent/enforce/extension/extension_crx.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#define KEY_BITS 2048
#define ID_BYTES 16
#define SIG_MAX 512 /* of a key of 4096 bits */
#define PUB_MAX 1024
#define HEAD_MAX (SIG_MAX + PUB_MAX + 64)
#define MAGIC_LEN 12 /* "Cr24", the format, the length of the header */

static const char CONTEXT[] = "CRX3 SignedData"; /* its end mark is signed, too */

/* Tags of protocol buffers: (field << 3) | 2, since all fields here are bytes. */
static const uint8_t TAG_ID[] = {0x0a};			/* SignedData.crx_id = 1 */
static const uint8_t TAG_PROOF[] = {0x12};		/* CrxFileHeader.sha256_with_rsa = 2 */
static const uint8_t TAG_PUBLIC[] = {0x0a};		/* AsymmetricKeyProof.public_key = 1 */
static const uint8_t TAG_SIGNATURE[] = {0x12};		/* AsymmetricKeyProof.signature = 2 */
static const uint8_t TAG_SIGNED[] = {0x82, 0xf1, 0x04}; /* CrxFileHeader.signed_header_data = 10000 */

struct bytes {
	uint8_t v[HEAD_MAX];
	size_t n;
};

/* What is known of a key. */
struct signer {
	EVP_PKEY *key;
	struct bytes pub;   /* SubjectPublicKeyInfo, DER */
	struct bytes about; /* SignedData */
	char id[HF_CRX_ID_SIZE];
};

static void signer_done(struct signer *signer)
{
	EVP_PKEY_free(signer->key);
}

static void free_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static void let_bio_go(BIO **bio)
{
	BIO_free(*bio);
}

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void put_le32(uint8_t at[4], size_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> (8 * i));
}

/* One field: tag, length, bytes. All fit into HEAD_MAX. */
static void put_crx_field(struct bytes *to, const uint8_t *tag, size_t tag_len, const struct bytes *value)
{
	size_t n = value->n;
	memcpy(to->v + to->n, tag, tag_len);
	to->n += tag_len;
	for (; n >= 0x80; n >>= 7)
		to->v[to->n++] = (uint8_t)(n | 0x80);
	to->v[to->n++] = (uint8_t)n;
	memcpy(to->v + to->n, value->v, value->n);
	to->n += value->n;
}

#define PUT(to, tag, value) put_crx_field(to, tag, sizeof(tag), value)

static enum hf_rc name_by(struct signer *s)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct bytes id = {.n = ID_BYTES};
	int len = i2d_PUBKEY(s->key, NULL);
	uint8_t *at = s->pub.v;
	if (len <= 0 || len > PUB_MAX)
		return HF_E_KEY;
	s->pub.n = (size_t)i2d_PUBKEY(s->key, &at);
	if (EVP_Digest(s->pub.v, s->pub.n, hash, NULL, EVP_sha256(), NULL) != 1)
		return HF_E_SYSTEM;
	memcpy(id.v, hash, ID_BYTES);
	PUT(&s->about, TAG_ID, &id);
	for (size_t i = 0; i < ID_BYTES; i++) {
		s->id[2 * i] = (char)('a' + (hash[i] >> 4));
		s->id[2 * i + 1] = (char)('a' + (hash[i] & 15));
	}
	return HF_OK;
}

static enum hf_rc signer_of(const char *pem, struct signer *s, struct hf_err *err)
{
	__attribute__((cleanup(let_bio_go))) BIO *bio = BIO_new_mem_buf(pem, -1);
	enum hf_rc rc = HF_E_KEY;
	s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	if (s->key && EVP_PKEY_get_base_id(s->key) == EVP_PKEY_RSA)
		rc = name_by(s);
	if (rc != HF_OK)
		return hf_err_set(err, rc,
				  "The key of the browser extension cannot be used; remove it, and the agent "
				  "makes another when it starts");
	return HF_OK;
}

enum hf_rc hf_crx_key_make(char **ret_pem, struct hf_err *err)
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	__attribute__((cleanup(let_bio_go))) BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;
	if (!key || !bio || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return hf_err_set(err, HF_E_SYSTEM, "No key can be made for the browser extension");
	long len = BIO_get_mem_data(bio, &text);
	char *copy = len > 0 ? strndup(text, (size_t)len) : NULL;
	if (!copy)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the key of the browser extension");
	*ret_pem = copy;
	return HF_OK;
}

enum hf_rc hf_crx_id(const char *pem, char ret_id[HF_CRX_ID_SIZE], struct hf_err *err)
{
	__attribute__((cleanup(signer_done))) struct signer s = {.key = NULL};
	enum hf_rc rc = signer_of(pem, &s, err);
	if (rc == HF_OK)
		memcpy(ret_id, s.id, sizeof(s.id));
	return rc;
}

static bool sign_zip(const struct signer *s, const struct hf_crx_zip *zip, struct bytes *signature)
{
	__attribute__((cleanup(free_ctx))) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t len[4];
	size_t room = SIG_MAX;
	put_le32(len, s->about.n);
	bool done = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->key) == 1 &&
		    EVP_DigestSignUpdate(ctx, CONTEXT, sizeof(CONTEXT)) == 1 &&
		    EVP_DigestSignUpdate(ctx, len, sizeof(len)) == 1 &&
		    EVP_DigestSignUpdate(ctx, s->about.v, s->about.n) == 1 &&
		    EVP_DigestSignUpdate(ctx, zip->v, zip->len) == 1 &&
		    EVP_DigestSignFinal(ctx, signature->v, &room) == 1;
	signature->n = done ? room : 0;
	return done;
}

static void header_of(const struct signer *s, const struct bytes *signature, struct bytes *header)
{
	struct bytes proof = {.n = 0};
	PUT(&proof, TAG_PUBLIC, &s->pub);
	PUT(&proof, TAG_SIGNATURE, signature);
	PUT(header, TAG_PROOF, &proof);
	PUT(header, TAG_SIGNED, &s->about);
}

enum hf_rc hf_crx_pack(const char *pem, const struct hf_crx_zip *zip, char **ret, size_t *ret_len, struct hf_err *err)
{
	__attribute__((cleanup(signer_done))) struct signer s = {.key = NULL};
	struct bytes signature = {.n = 0};
	struct bytes header = {.n = 0};
	enum hf_rc rc = signer_of(pem, &s, err);
	if (rc != HF_OK)
		return rc;
	if (!sign_zip(&s, zip, &signature))
		return hf_err_set(err, HF_E_SYSTEM, "The browser extension cannot be signed");
	header_of(&s, &signature, &header);
	uint8_t *out = malloc(MAGIC_LEN + header.n + zip->len);
	if (!out)
		return hf_err_set(err, HF_E_MEMORY, "No memory to sign the browser extension");
	memcpy(out, "Cr24", 4);
	put_le32(out + 4, 3);
	put_le32(out + 8, header.n);
	memcpy(out + MAGIC_LEN, header.v, header.n);
	memcpy(out + MAGIC_LEN + header.n, zip->v, zip->len);
	*ret = (char *)out;
	*ret_len = MAGIC_LEN + header.n + zip->len;
	return HF_OK;
}
