/* SPDX-License-Identifier: MIT */
/*
 * Owns base64 and hex, in their one canonical form each, and the order of digests.
 * Must never accept two texts for the same bytes: a stranger could make a second document of a signed one.
 */
#include <holdfast/bytes.h>

#include <string.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The six bits of a character; 64 for any other. */
static uint32_t sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : 64;
}

/* One group of four characters, of which n_chars carry bits. False: a stray character or left-over bits. */
static bool decode_group(const char *src, size_t n_chars, uint8_t bytes[3])
{
	uint32_t bits = 0;
	for (size_t i = 0; i < 4; i++) {
		uint32_t six = i < n_chars ? sextet(src[i]) : 0;
		if (six > 63)
			return false;
		bits = bits << 6 | six;
	}
	bytes[0] = (uint8_t)(bits >> 16);
	bytes[1] = (uint8_t)(bits >> 8);
	bytes[2] = (uint8_t)bits;
	return (n_chars > 2 || bytes[1] == 0) && (n_chars > 3 || bytes[2] == 0);
}

enum hf_rc hf_base64_decode(const char *src, size_t src_len, uint8_t *dst, size_t dst_size, size_t *ret_len)
{
	if (src_len % 4 != 0)
		return HF_E_BASE64;
	size_t pad = 0;
	while (pad < 2 && pad < src_len && src[src_len - 1 - pad] == '=')
		pad++;
	size_t len = src_len / 4 * 3 - pad;
	if (len > dst_size)
		return HF_E_SIZE;

	for (size_t in = 0, out = 0; in < src_len; in += 4, out += 3) {
		uint8_t bytes[3];
		size_t n_chars = in + 4 == src_len ? 4 - pad : 4;
		if (!decode_group(src + in, n_chars, bytes))
			return HF_E_BASE64;
		memcpy(dst + out, bytes, n_chars - 1);
	}
	*ret_len = len;
	return HF_OK;
}

enum hf_rc hf_base64_encode(const uint8_t *src, size_t src_len, char *dst, size_t dst_size)
{
	if (dst_size == 0 || src_len > (dst_size - 1) / 4 * 3)
		return HF_E_SIZE;

	for (size_t in = 0; in < src_len; in += 3) {
		size_t n = src_len - in < 3 ? src_len - in : 3;
		uint32_t bits = (uint32_t)src[in] << 16;
		if (n > 1)
			bits |= (uint32_t)src[in + 1] << 8;
		if (n > 2)
			bits |= src[in + 2];
		*dst++ = ALPHABET[bits >> 18];
		*dst++ = ALPHABET[bits >> 12 & 63];
		*dst++ = n > 1 ? ALPHABET[bits >> 6 & 63] : '=';
		*dst++ = n > 2 ? ALPHABET[bits & 63] : '=';
	}
	*dst = '\0';
	return HF_OK;
}

/* The four bits of a character; 16 for any other. */
static unsigned nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return 16;
}

enum hf_rc hf_hex_decode(const char *src, uint8_t *dst, size_t dst_len)
{
	if (strlen(src) != 2 * dst_len)
		return HF_E_BASE64;
	for (size_t i = 0; i < 2 * dst_len; i++)
		if (nibble(src[i]) > 15)
			return HF_E_BASE64;
	for (size_t i = 0; i < dst_len; i++)
		dst[i] = (uint8_t)(nibble(src[2 * i]) << 4 | nibble(src[2 * i + 1]));
	return HF_OK;
}

void hf_hex_encode(const uint8_t *src, size_t src_len, char *dst)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < src_len; i++) {
		*dst++ = digits[src[i] >> 4];
		*dst++ = digits[src[i] & 15];
	}
	*dst = '\0';
}

const char *hf_digest_hex(const struct hf_digest *digest, char hex[HF_DIGEST_HEX_SIZE])
{
	hf_hex_encode(digest->b, sizeof(digest->b), hex);
	return hex;
}

enum hf_rc hf_digest_from_hex(const char *hex, struct hf_digest *ret_digest)
{
	return hf_hex_decode(hex, ret_digest->b, sizeof(ret_digest->b));
}

int hf_digest_cmp(const struct hf_digest *a, const struct hf_digest *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}
