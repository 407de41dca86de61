/* SPDX-License-Identifier: MIT */
/*
 * pem.h - the text that OpenSSL wrote into memory, as ours
 */
#ifndef HOLDFAST_WIRE_PEM_H
#define HOLDFAST_WIRE_PEM_H

#include <openssl/bio.h>

#include <holdfast/err.h>

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

#endif
