/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - digests and the two byte encodings of the contract, both strict
 */
#ifndef HOLDFAST_BYTES_H
#define HOLDFAST_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>

#define HF_DIGEST_HEX_SIZE 65

/* A SHA-256 value. */
struct hf_digest {
	uint8_t b[32];
};

/* Length in bytes of the base64 text of len bytes, without the end mark. */
#define HF_BASE64_LEN(len) ((((len) + 2) / 3) * 4)

/*
 * hf_base64_decode - standard base64 with padding, canonical or refused
 *
 * Refuses white space, missing or odd padding, non-zero left-over bits, and any other character.
 * @src, @src_len   text, no end mark needed
 * @dst, @dst_size  room for the bytes; at least src_len / 4 * 3
 * @ret_len         bytes written; untouched unless HF_OK
 * Owner     the caller's buffers
 * Returns   HF_OK; HF_E_BASE64 not canonical; HF_E_SIZE no room
 * Source    RFC 4648 section 3.5 and 4; tests/FACTS.md "Cryptography and JSON"
 */
HF_NODISCARD enum hf_rc hf_base64_decode(const char *src, size_t src_len, uint8_t *dst, size_t dst_size,
					 size_t *ret_len);

/*
 * hf_base64_encode - standard base64 with padding
 *
 * @dst, @dst_size  room for HF_BASE64_LEN(src_len) + 1 bytes; ends with an end mark
 * Owner     the caller's buffers
 * Returns   HF_OK; HF_E_SIZE no room
 * Source    RFC 4648 section 4
 */
HF_NODISCARD enum hf_rc hf_base64_encode(const uint8_t *src, size_t src_len, char *dst, size_t dst_size);

/*
 * hf_hex_decode - lower-case hex of exactly dst_len bytes
 *
 * @src      text with end mark, exactly 2 * dst_len characters of [0-9a-f]
 * Owner     the caller's buffers; dst is untouched unless HF_OK
 * Returns   HF_OK; HF_E_BASE64 anything else
 * Source    proto/README.md "Bytes"
 */
HF_NODISCARD enum hf_rc hf_hex_decode(const char *src, uint8_t *dst, size_t dst_len);

/*
 * hf_hex_encode - lower-case hex with end mark
 *
 * @dst      room for 2 * src_len + 1 bytes
 * Owner     the caller's buffers
 * Source    proto/README.md "Bytes"
 */
void hf_hex_encode(const uint8_t *src, size_t src_len, char *dst);

/*
 * hf_digest_hex, hf_digest_from_hex, hf_digest_cmp - text of a digest, back, and order
 *
 * @hex      room for HF_DIGEST_HEX_SIZE
 * Owner     the caller's buffers; ret_digest untouched unless HF_OK
 * Returns   hex; HF_OK or HF_E_BASE64; memcmp order (0 equal)
 * Source    proto/README.md "Bytes"
 */
const char *hf_digest_hex(const struct hf_digest *digest, char hex[HF_DIGEST_HEX_SIZE]);
HF_NODISCARD enum hf_rc hf_digest_from_hex(const char *hex, struct hf_digest *ret_digest);
int hf_digest_cmp(const struct hf_digest *a, const struct hf_digest *b);

#endif
