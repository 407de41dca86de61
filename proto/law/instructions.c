/* SPDX-License-Identifier: MIT */
/*
 * instructions.c - owns the election officer's text: what may stand in it, and its identity (policy D10).
 * Room: proto/law (pure).
 * Must never change a text: what is acknowledged is what was written.
 */
#include <holdfast/instructions.h>

#include <string.h>

#include <holdfast/order.h>
#include <holdfast/utf8.h>
#include <openssl/evp.h>

enum hf_rc hf_instructions_check(const char *text, size_t len, struct hf_err *err)
{
	if (len > HF_INSTRUCTIONS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The instructions have %zu bytes and at most %d are allowed.", len,
				  HF_INSTRUCTIONS_MAX);
	if (len == 0)
		return hf_err_set(err, HF_E_SHAPE, "The instructions are empty; say what staff may and may not post.");
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;
		n = hf_utf8_read((const uint8_t *)text + i, len - i, &c);
		if (n == 0)
			return hf_err_set(err, HF_E_SHAPE,
					  "At byte %zu the instructions are not UTF-8; save the file as UTF-8.", i);
		if (!hf_utf8_shown(c))
			return hf_err_set(
				err, HF_E_SHAPE,
				"At byte %zu the instructions have a control or direction character; take it out.", i);
	}
	return HF_OK;
}

enum hf_rc hf_instructions_digest(const char *text, struct hf_digest *ret)
{
	struct hf_digest digest;
	if (EVP_Digest(text, strlen(text), digest.b, NULL, EVP_sha256(), NULL) != 1)
		return HF_E_MEMORY;
	*ret = digest;
	return HF_OK;
}
