/* SPDX-License-Identifier: MIT */
/*
 * Owns SHA-256 of bytes that lie in memory.
 * Must never ask for memory: a digest that fails would be one that does not fit.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* EVP_Digest() and SHA256() ask for memory; the calls of before do not */
#include <holdfast/digest.h>

#include <openssl/sha.h>

enum hf_rc hf_digest_of(const void *buf, size_t len, struct hf_digest *ret)
{
	SHA256_CTX ctx;

	if (SHA256_Init(&ctx) != 1 || SHA256_Update(&ctx, buf, len) != 1 || SHA256_Final(ret->b, &ctx) != 1)
		return HF_E_SYSTEM;
	return HF_OK;
}
