/* SPDX-License-Identifier: MIT */
/*
 * Owns the step from an Ed25519 key to the X25519 key on the same curve.
 * Must never leave a private number in memory.
 */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include <holdfast/key.h>

#include "proto/wire/key_secret.h"

static const char PRIME[] = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";

struct numbers {
	BN_CTX *ctx;
	BIGNUM *p, *y, *top, *low;
};

static void numbers_free(struct numbers *n)
{
	BN_free(n->p);
	BN_free(n->y);
	BN_free(n->top);
	BN_free(n->low);
	BN_CTX_free(n->ctx);
}

/* u = (1 + y) / (1 - y); y = 1 is the neutral point, which no trust takes. */
enum hf_rc hf_pub_x25519(const struct hf_pub *pub, uint8_t ret[HF_X25519_LEN])
{
	uint8_t y[HF_X25519_LEN];
	__attribute__((cleanup(numbers_free))) struct numbers n = {BN_CTX_new(), NULL, NULL, BN_new(), BN_new()};

	memcpy(y, pub->b, sizeof(y));
	y[HF_X25519_LEN - 1] &= 0x7f;
	n.y = BN_lebin2bn(y, sizeof(y), NULL);
	if (!n.ctx || !n.y || !n.top || !n.low || BN_hex2bn(&n.p, PRIME) == 0)
		return HF_E_MEMORY;
	if (BN_mod_add(n.top, BN_value_one(), n.y, n.p, n.ctx) != 1 || BN_mod_sub(n.low, BN_value_one(), n.y, n.p, n.ctx) != 1)
		return HF_E_MEMORY;
	if (BN_is_zero(n.low) || !BN_mod_inverse(n.low, n.low, n.p, n.ctx))
		return HF_E_KEY;
	if (BN_mod_mul(n.top, n.top, n.low, n.p, n.ctx) != 1 || BN_bn2lebinpad(n.top, ret, HF_X25519_LEN) != HF_X25519_LEN)
		return HF_E_MEMORY;
	return HF_OK;
}

enum hf_rc hf_key_x25519(const struct hf_key *key, const uint8_t peer[HF_X25519_LEN], uint8_t ret[HF_X25519_LEN])
{
	uint8_t seed[HF_X25519_LEN], hash[64];
	size_t len = sizeof(seed);
	enum hf_rc rc = HF_E_KEY;

	if (EVP_PKEY_get_raw_private_key(hf_key_pkey(key), seed, &len) == 1 && len == sizeof(seed) &&
	    EVP_Q_digest(NULL, "SHA512", NULL, seed, sizeof(seed), hash, NULL) == 1) {
		EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, hash, HF_X25519_LEN);

		rc = mine ? hf_x25519(mine, peer, ret) : HF_E_KEY;
		EVP_PKEY_free(mine);
	}
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(hash, sizeof(hash));
	return rc;
}

enum hf_rc hf_x25519(EVP_PKEY *mine, const uint8_t peer[HF_X25519_LEN], uint8_t ret[HF_X25519_LEN])
{
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, HF_X25519_LEN);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
	size_t len = HF_X25519_LEN;
	bool done = other && ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, other) == 1 &&
		    EVP_PKEY_derive(ctx, ret, &len) == 1 && len == HF_X25519_LEN;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return done ? HF_OK : HF_E_KEY;
}
