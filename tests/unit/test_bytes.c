/* SPDX-License-Identifier: MIT */
/*
 * Holds base64, hex and digests to their one canonical form.
 * Must never use the library's encoder to judge its decoder alone.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/str.h>

/* RFC 4648 section 10, and every byte value that shows both odd letters. */
static const struct {
	const char *what;
	const char *bytes;
	size_t len;
	const char *text;
} GOOD[] = {
	{"RFC 4648 section 10, 0", "", 0, ""},
	{"RFC 4648 section 10, 1", "f", 1, "Zg=="},
	{"RFC 4648 section 10, 2", "fo", 2, "Zm8="},
	{"RFC 4648 section 10, 3", "foo", 3, "Zm9v"},
	{"RFC 4648 section 10, 4", "foob", 4, "Zm9vYg=="},
	{"RFC 4648 section 10, 5", "fooba", 5, "Zm9vYmE="},
	{"RFC 4648 section 10, 6", "foobar", 6, "Zm9vYmFy"},
	{"both odd letters", "\xfb\xff\xbf", 3, "+/+/"},
	{"zero bytes", "\0\0\0", 3, "AAAA"},
};

Test(base64, there_and_back)
{
	for (size_t i = 0; i < HF_LEN(GOOD); i++) {
		char text[16];
		uint8_t bytes[16];
		size_t len = 99;
		cr_expect_eq(hf_base64_encode((const uint8_t *)GOOD[i].bytes, GOOD[i].len, text, sizeof(text)), HF_OK);
		cr_expect_str_eq(text, GOOD[i].text, "%s", GOOD[i].what);
		cr_expect_eq(hf_base64_decode(GOOD[i].text, strlen(GOOD[i].text), bytes, sizeof(bytes), &len), HF_OK,
			     "%s", GOOD[i].what);
		cr_expect_eq(len, GOOD[i].len, "%s", GOOD[i].what);
		cr_expect_arr_eq(bytes, GOOD[i].bytes, GOOD[i].len, "%s", GOOD[i].what);
	}
}

Test(base64, anything_else_is_refused)
{
	static const struct {
		const char *what, *text;
	} rows[] = {
		{"section 3.5: bits left over behind one byte", "QR=="},
		{"section 3.5: bits left over behind two bytes", "QUJ="},
		{"padding inside", "QQ=A"},
		{"padding, then more", "QQ==QQ=="},
		{"three padding characters", "Q==="},
		{"padding alone", "===="},
		{"two padding characters alone", "=="},
		{"no padding", "QQ"},
		{"one character", "Q"},
		{"space in front", " QQ="},
		{"newline in it", "QUFB\nUFB"},
		{"newline behind", "QUFB\n"},
		{"base64url", "-_-_"},
		{"no letter of it", "QUF!"},
		{"letter beyond ASCII", "QU\xc3\xa9"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		uint8_t bytes[16];
		size_t len = 99;
		cr_expect_eq(hf_base64_decode(rows[i].text, strlen(rows[i].text), bytes, sizeof(bytes), &len),
			     HF_E_BASE64, "%s", rows[i].what);
		cr_expect_eq(len, 99, "%s: untouched unless HF_OK", rows[i].what);
	}
	uint8_t bytes[16];
	size_t len = 99;
	cr_expect_eq(hf_base64_decode("QU\0B", 4, bytes, sizeof(bytes), &len), HF_E_BASE64, "a zero byte in it");
}

/* Of the 2^12 texts of two letters and padding, exactly the 256 that say one byte each may pass: no byte has two. */
Test(base64, one_text_for_each_byte)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int seen[256] = {0}, accepted = 0;
	for (size_t a = 0; a < 64; a++) {
		for (size_t b = 0; b < 64; b++) {
			char text[] = {letters[a], letters[b], '=', '=', '\0'};
			uint8_t byte;
			size_t len;
			if (hf_base64_decode(text, 4, &byte, 1, &len) != HF_OK)
				continue;
			accepted++;
			seen[byte]++;
		}
	}
	cr_expect_eq(accepted, 256, "section 3.5: %d were accepted", accepted);
	for (int i = 0; i < 256; i++)
		cr_expect_eq(seen[i], 1, "section 3.5: byte %d has one text", i);
}

Test(base64, room)
{
	uint8_t bytes[3] = {0};
	char text[HF_BASE64_LEN(3) + 1];
	size_t len = 99;
	cr_expect_eq(hf_base64_decode("Zm9v", 4, bytes, 2, &len), HF_E_SIZE, "no room for the bytes");
	cr_expect_eq(len, 99, "untouched unless HF_OK");
	cr_expect_eq(hf_base64_decode("Zm8=", 4, bytes, 2, &len), HF_OK, "padding takes no room");
	cr_expect_eq(hf_base64_encode(bytes, 3, text, sizeof(text)), HF_OK, "room to the byte");
	cr_expect_eq(hf_base64_encode(bytes, 3, text, sizeof(text) - 1), HF_E_SIZE, "no room for the end mark");
	cr_expect_eq(hf_base64_encode(bytes, 0, text, 0), HF_E_SIZE, "no room at all");
}

Test(hex, strict)
{
	static const struct {
		const char *what, *text;
		enum hf_rc want;
	} rows[] = {
		{"Bytes: lower case", "00ff7a", HF_OK},
		{"Bytes: capitals are another text of the same bytes", "00FF7A", HF_E_BASE64},
		{"Bytes: one short", "00ff7", HF_E_BASE64},
		{"Bytes: one long", "00ff7a0", HF_E_BASE64},
		{"Bytes: empty", "", HF_E_BASE64},
		{"Bytes: no hex", "00fg7a", HF_E_BASE64},
		{"Bytes: prefix", "0x00ff", HF_E_BASE64},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		uint8_t bytes[3] = {1, 2, 3};
		char text[7];
		cr_expect_eq(hf_hex_decode(rows[i].text, bytes, 3), rows[i].want, "%s", rows[i].what);
		hf_hex_encode(bytes, 3, text);
		cr_expect_str_eq(text, rows[i].want == HF_OK ? rows[i].text : "010203", "%s", rows[i].what);
	}
}

Test(digest, text_and_order)
{
	static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	struct hf_digest a, b;
	char text[HF_DIGEST_HEX_SIZE];
	cr_assert_eq(hf_digest_from_hex(hex, &a), HF_OK);
	cr_expect_str_eq(hf_digest_hex(&a, text), hex, "Bytes: there and back");
	b = a;
	cr_expect_eq(hf_digest_cmp(&a, &b), 0, "equal");
	b.b[31]++;
	cr_expect_lt(hf_digest_cmp(&a, &b), 0, "the last byte counts");
	cr_expect_gt(hf_digest_cmp(&b, &a), 0, "and the other way");
}
