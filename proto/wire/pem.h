/* SPDX-License-Identifier: MIT */
/*
 * pem.h - the text that OpenSSL wrote into memory, as ours; a private key of whatever kind, with a passphrase or without
 */
#ifndef HOLDFAST_WIRE_PEM_H
#define HOLDFAST_WIRE_PEM_H

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <holdfast/key.h>

#define hf_auto_bio __attribute__((cleanup(hf_bio_free)))

/*
 * hf_bio_free - give back; NULL may be given back
 */
void hf_bio_free(BIO **bio);

/*
 * hf_bio_text - the bytes of a memory BIO, with an end mark; the BIO's own copy is wiped
 *
 * @ret_text malloc'ed, the caller's; untouched unless HF_OK
 * @ret_len  bytes without the end mark
 * Returns   HF_OK; HF_E_MEMORY, also when there are none
 */
HF_NODISCARD enum hf_rc hf_bio_text(BIO *bio, char **ret_text, size_t *ret_len);

#define hf_auto_pkcs8 __attribute__((cleanup(hf_pkcs8_free)))

/*
 * hf_pkcs8_free - give back; NULL may be given back
 */
void hf_pkcs8_free(PKCS8_PRIV_KEY_INFO **p);

/*
 * hf_pkcs8_read - a private key of whatever kind from PEM text
 *
 * @pass     passphrase with end mark, or NULL: then an encrypted key is refused, never asked for
 * @ret      to hf_pkcs8_free; untouched unless HF_OK
 * Owner     nothing of pass is kept
 * Returns   HF_OK; HF_E_KEY no private key, wrong passphrase, or damaged
 * Source    RFC 5958, RFC 8018
 */
HF_NODISCARD enum hf_rc hf_pkcs8_read(const char *text, size_t len, const char *pass, PKCS8_PRIV_KEY_INFO **ret,
				      struct hf_err *err);

/*
 * hf_pkcs8_write - a private key as PEM text
 *
 * @key      NULL: there was no memory for it
 * @pass     as hf_key_to_pem
 * @ret_text, @ret_len  malloc'ed with end mark; the caller wipes and frees; untouched unless HF_OK
 * Owner     see ret_text
 * Returns   HF_OK; HF_E_MEMORY; HF_E_KEY OpenSSL refused
 * Source    RFC 5958, RFC 8018
 */
HF_NODISCARD enum hf_rc hf_pkcs8_write(PKCS8_PRIV_KEY_INFO *key, const char *pass, char **ret_text, size_t *ret_len,
				       struct hf_err *err);

/*
 * hf_key_of_pkcs8 - the Ed25519 key in it
 *
 * Owner     as hf_key_new
 * Returns   HF_OK; HF_E_KEY not Ed25519, or damaged; HF_E_MEMORY
 * Source    RFC 8410
 */
HF_NODISCARD enum hf_rc hf_key_of_pkcs8(const PKCS8_PRIV_KEY_INFO *pkcs8, struct hf_key **ret_key, struct hf_err *err);

#endif
