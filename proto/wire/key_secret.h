/* SPDX-License-Identifier: MIT */
/*
 * key_secret.h - OpenSSL's form of a private key, for the files of this room alone
 */
#ifndef HOLDFAST_KEY_SECRET_H
#define HOLDFAST_KEY_SECRET_H

#include <openssl/evp.h>

#include <holdfast/key.h>

/*
 * hf_key_pkey - what is behind a private key
 *
 * Owner     the key's
 * Returns   never NULL
 */
EVP_PKEY *hf_key_pkey(const struct hf_key *key);

/*
 * hf_x25519 - what these two share
 *
 * @ret      of no use unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_KEY, also when it is all zeros
 * Source    RFC 7748 section 6.1
 */
HF_NODISCARD enum hf_rc hf_x25519(EVP_PKEY *mine, const uint8_t peer[HF_X25519_LEN], uint8_t ret[HF_X25519_LEN]);

#endif
