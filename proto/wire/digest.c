/* SPDX-License-Identifier: MIT */
/*
 * Owns SHA-256 of bytes that lie in memory.
 * Must never leave an error of the library behind for somebody else to find.
 */
#include <holdfast/digest.h>

#include <openssl/err.h>
#include <openssl/evp.h>

enum hf_rc hf_digest_of(const void *buf, size_t len, struct hf_digest *ret)
{
	struct hf_digest digest;

	if (EVP_Digest(buf, len, digest.b, NULL, EVP_sha256(), NULL) != 1) {
		ERR_clear_error();
		return HF_E_MEMORY;
	}
	*ret = digest;
	return HF_OK;
}
