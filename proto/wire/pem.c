/* SPDX-License-Identifier: MIT */
/*
 * Owns the way out of OpenSSL's memory for keys, requests and certificates as text.
 * Must never leave a second copy of a private key behind.
 */
#include "proto/wire/pem.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void hf_bio_free(BIO **bio)
{
	BIO_free(*bio);
}

enum hf_rc hf_bio_text(BIO *bio, char **ret_text, size_t *ret_len)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	char *text = len > 0 ? malloc((size_t)len + 1) : NULL;

	if (text) {
		memcpy(text, data, (size_t)len);
		text[len] = '\0';
		*ret_text = text;
		*ret_len = (size_t)len;
	}
	if (len > 0)
		OPENSSL_cleanse(data, (size_t)len);
	return text ? HF_OK : HF_E_MEMORY;
}
