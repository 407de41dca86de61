/* SPDX-License-Identifier: MIT */
/*
 * Owns the signature of webhooks.
 * Must never leave a secret in memory that is given back, or in a text for people.
 */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/key.h>
#include <holdfast/str.h>

#include "controller/notify/hook_sign.h"

#define SHARED "whsec_"
#define PRIVATE "whsk_"
#define SECRET_MIN 24
#define SECRET_MAX 64
#define SEED 32

struct secret {
	bool ed25519;
	uint8_t bytes[SECRET_MAX + 2]; /* what base64 of 64 bytes could need while it is read */
	size_t len;
};

static void secret_done(struct secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}

#define auto_secret __attribute__((cleanup(secret_done)))

static enum hf_rc read_secret(const char *text, struct secret *ret, struct hf_err *err)
{
	bool shared = strncmp(text, SHARED, strlen(SHARED)) == 0, private = strncmp(text, PRIVATE, strlen(PRIVATE)) == 0;
	const char *base64 = text + (shared ? strlen(SHARED) : strlen(PRIVATE));
	enum hf_rc rc = HF_E_SHAPE;
	if (shared || private)
		rc = hf_base64_decode(base64, strlen(base64), ret->bytes, sizeof(ret->bytes), &ret->len);
	ret->ed25519 = private;
	if (rc == HF_OK && shared && ret->len >= SECRET_MIN && ret->len <= SECRET_MAX)
		return HF_OK;
	if (rc == HF_OK && private && (ret->len == SEED || ret->len == 2 * SEED))
		return HF_OK;
	return hf_err_set(err, HF_E_SHAPE, "a secret is whsec_ with 24 to 64 bytes, or whsk_ with an Ed25519 key, in base64");
}

enum hf_rc hf_hook_secret_ok(const char *secret, struct hf_err *err)
{
	auto_secret struct secret read = {.len = 0};
	return read_secret(secret, &read, err);
}

static enum hf_rc sign_shared(const struct secret *secret, const char *text, size_t len, uint8_t ret[HF_SIG_LEN],
			      size_t *ret_len)
{
	unsigned int made = 0;
	if (!HMAC(EVP_sha256(), secret->bytes, (int)secret->len, (const unsigned char *)text, len, ret, &made))
		return HF_E_SYSTEM;
	*ret_len = made;
	return HF_OK;
}

static enum hf_rc sign_private(const struct secret *secret, const char *text, size_t len, uint8_t ret[HF_SIG_LEN],
			       size_t *ret_len)
{
	hf_auto_key struct hf_key *key = NULL;
	enum hf_rc rc = hf_key_from_seed(secret->bytes, &key);
	*ret_len = HF_SIG_LEN;
	return rc == HF_OK ? hf_key_sign(key, (const uint8_t *)text, len, ret) : rc;
}

static enum hf_rc write_signature(bool ed25519, const uint8_t *sig, size_t len, char ret[HF_HOOK_SIGNATURE_SIZE])
{
	char base64[HF_BASE64_LEN(HF_SIG_LEN) + 1];
	enum hf_rc rc = hf_base64_encode(sig, len, base64, sizeof(base64));
	return rc == HF_OK ? hf_str_printf(ret, HF_HOOK_SIGNATURE_SIZE, "%s,%s", ed25519 ? "v1a" : "v1", base64) : rc;
}

/* "id.time.body": what is signed. */
static char *signed_text(const struct hf_hook_message *message, size_t *ret_len)
{
	size_t size = strlen(message->id) + message->len + 32;
	char *text = malloc(size);
	int head = text ? snprintf(text, size, "%s.%" PRId64 ".", message->id, message->at.s) : -1;
	if (head < 0 || (size_t)head + message->len > size) {
		free(text);
		return NULL;
	}
	memcpy(text + head, message->body, message->len);
	*ret_len = (size_t)head + message->len;
	return text;
}

enum hf_rc hf_hook_sign(const char *secret, const struct hf_hook_message *message, char ret[HF_HOOK_SIGNATURE_SIZE],
			struct hf_err *err)
{
	auto_secret struct secret read = {.len = 0};
	hf_auto_free char *text = NULL;
	uint8_t sig[HF_SIG_LEN];
	size_t len = 0, sig_len = 0;
	enum hf_rc rc = read_secret(secret, &read, err);
	if (rc != HF_OK)
		return rc;
	text = signed_text(message, &len);
	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a signature");
	rc = (read.ed25519 ? sign_private : sign_shared)(&read, text, len, sig, &sig_len);
	if (rc == HF_OK)
		rc = write_signature(read.ed25519, sig, sig_len, ret);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "a message cannot be signed");
}
