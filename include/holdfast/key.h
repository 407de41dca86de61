/* SPDX-License-Identifier: MIT */
/*
 * key.h - Ed25519 keys: public ones as 32 bytes, private ones behind an opaque struct that wipes itself
 */
#ifndef HOLDFAST_KEY_H
#define HOLDFAST_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>

#define HF_SIG_LEN 64
#define HF_KEYID_SIZE 17 /* first 8 bytes of SHA-256 of the public key, in hex */

#define HF_X25519_LEN 32

struct hf_pub {
	uint8_t b[32];
};

struct hf_key; /* a private key */

#define hf_auto_key __attribute__((cleanup(hf_key_free)))

/*
 * hf_pub_check - may this public key stand in a trust or an assignment
 *
 * Refuses points of small order (also in non-canonical encodings) and bytes that are no point.
 * @pub      32 bytes
 * Returns   HF_OK; HF_E_KEY; HF_E_MEMORY
 * Source    RFC 8032 section 5.1.3; tests/FACTS.md "Cryptography and JSON"
 */
HF_NODISCARD enum hf_rc hf_pub_check(const struct hf_pub *pub, struct hf_err *err);

/*
 * hf_pub_keyid - the hint that says which key made a signature
 *
 * @keyid    room for HF_KEYID_SIZE
 * Owner     the caller's buffer
 * Returns   keyid; "" without memory
 * Source    proto/README.md "Envelope"
 */
const char *hf_pub_keyid(const struct hf_pub *pub, char keyid[HF_KEYID_SIZE]);

/*
 * hf_pub_verify - is this Ed25519 signature of these bytes by this key
 *
 * @msg, @len  the signed bytes
 * @sig      64 bytes
 * Returns   true only if OpenSSL says exactly 1; false for all else, no memory included
 * Source    RFC 8032 section 5.1.7
 */
bool hf_pub_verify(const struct hf_pub *pub, const uint8_t *msg, size_t len, const uint8_t sig[HF_SIG_LEN]);

/*
 * hf_key_new - make a private key from the operating system's randomness
 *
 * @ret_key  the caller's, to hf_key_free; untouched unless HF_OK
 * Owner     see ret_key
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM no randomness
 * Source    RFC 8032 section 5.1.5
 */
HF_NODISCARD enum hf_rc hf_key_new(struct hf_key **ret_key, struct hf_err *err);

/*
 * hf_key_from_seed - the private key of 32 given bytes (tests and vectors)
 *
 * @seed     32 bytes
 * Owner     as hf_key_new
 * Returns   HF_OK; HF_E_MEMORY
 * Source    RFC 8032 section 5.1.5
 */
HF_NODISCARD enum hf_rc hf_key_from_seed(const uint8_t seed[32], struct hf_key **ret_key);

/*
 * hf_key_from_pem - read a private key from PEM text (PKCS #8)
 *
 * @pem, @len     text
 * @pass          passphrase with end mark, or NULL: then an encrypted key is refused, never asked for
 * @ret_key       untouched unless HF_OK
 * Owner     as hf_key_new; nothing of pass is kept
 * Returns   HF_OK; HF_E_KEY not Ed25519, or wrong passphrase, or damaged; HF_E_MEMORY
 * Source    RFC 8410
 */
HF_NODISCARD enum hf_rc hf_key_from_pem(const char *pem, size_t len, const char *pass, struct hf_key **ret_key,
					struct hf_err *err);

/*
 * hf_key_to_pem - write a private key as PEM text
 *
 * @pass     passphrase (PBES2, AES-256-CBC, scrypt or at least 600,000 rounds of PBKDF2), or NULL: not encrypted
 * @ret_pem, @ret_len  malloc'ed with end mark; the caller wipes and frees; untouched unless HF_OK
 * Owner     see ret_pem
 * Returns   HF_OK; HF_E_MEMORY; HF_E_KEY OpenSSL refused
 * Source    RFC 8410, RFC 8018
 */
HF_NODISCARD enum hf_rc hf_key_to_pem(const struct hf_key *key, const char *pass, char **ret_pem, size_t *ret_len,
				      struct hf_err *err);

/*
 * hf_key_pub - the public key of a private key
 *
 * Owner     a copy
 * Returns   the public key
 * Source    RFC 8032 section 5.1.5
 */
struct hf_pub hf_key_pub(const struct hf_key *key);

/*
 * hf_key_sign - sign bytes
 *
 * @sig      64 bytes, untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_MEMORY
 * Source    RFC 8032 section 5.1.6
 */
HF_NODISCARD enum hf_rc hf_key_sign(const struct hf_key *key, const uint8_t *msg, size_t len, uint8_t sig[HF_SIG_LEN]);

/*
 * hf_pub_x25519, hf_key_x25519 - the X25519 public key that follows from an Ed25519 one; the secret that such a
 * private key shares with an X25519 public key
 *
 * @ret      untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_KEY; HF_E_MEMORY
 * Source    RFC 7748 section 4.1, RFC 8032 section 5.1.5
 */
HF_NODISCARD enum hf_rc hf_pub_x25519(const struct hf_pub *pub, uint8_t ret[HF_X25519_LEN]);
HF_NODISCARD enum hf_rc hf_key_x25519(const struct hf_key *key, const uint8_t peer[HF_X25519_LEN],
				      uint8_t ret[HF_X25519_LEN]);

/*
 * hf_key_derive - bytes that follow from a private key and a purpose, and say nothing of either (HKDF with SHA-256)
 *
 * @info, @info_len  the purpose: of two, neither's bytes say anything of the other's
 * @out, @out_len    the caller's, which wipes them; written only on HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    RFC 5869
 */
HF_NODISCARD enum hf_rc hf_key_derive(const struct hf_key *key, const void *info, size_t info_len, uint8_t *out,
				      size_t out_len);

/*
 * hf_key_random - as many bytes as a digest has, that nobody can foretell
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_key_random(struct hf_digest *ret);

/*
 * hf_key_free - wipe and free, set the pointer to NULL
 *
 * @key      may point to NULL
 * Owner     ends
 */
void hf_key_free(struct hf_key **key);

#endif
