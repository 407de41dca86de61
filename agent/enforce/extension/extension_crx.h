/* SPDX-License-Identifier: MIT */
/*
 * extension_crx.h - a packed extension (CRX, third format), signed by a key that was made on this device
 */
#ifndef HOLDFAST_AGENT_ENFORCE_EXTENSION_EXTENSION_CRX_H
#define HOLDFAST_AGENT_ENFORCE_EXTENSION_EXTENSION_CRX_H

#include <stddef.h>

#include <holdfast/err.h>

#define HF_CRX_ID_SIZE 33 /* 32 letters from a to p */

/*
 * hf_crx_key_make - a new private key
 *
 * @ret_pem  text; untouched unless HF_OK
 * Owner     the caller's, to wipe and free
 * Returns   HF_OK; HF_E_SYSTEM OpenSSL refuses; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_crx_key_make(char **ret_pem, struct hf_err *err);

/*
 * hf_crx_id - the id of extensions signed by this key
 *
 * @pem      of a private key, text
 * @ret_id   filled in; untouched unless HF_OK
 * Returns   HF_OK; HF_E_KEY it is no such key; HF_E_SYSTEM
 * Source    Chromium's components/crx_file
 */
HF_NODISCARD enum hf_rc hf_crx_id(const char *pem, char ret_id[HF_CRX_ID_SIZE], struct hf_err *err);

/* A zip file. */
struct hf_crx_zip {
	const void *v;
	size_t len;
};

/*
 * hf_crx_pack - sign a zip file with the key
 *
 * The same zip and key give the same bytes.
 * @ret, @ret_len  the packed extension; untouched unless HF_OK
 * Owner     the caller's, malloc'ed
 * Returns   HF_OK; HF_E_KEY; HF_E_SYSTEM OpenSSL refuses; HF_E_MEMORY
 * Source    Chromium's components/crx_file/crx3.proto
 */
HF_NODISCARD enum hf_rc hf_crx_pack(const char *pem, const struct hf_crx_zip *zip, char **ret, size_t *ret_len,
				    struct hf_err *err);

#endif
