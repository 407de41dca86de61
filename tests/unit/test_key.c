/* SPDX-License-Identifier: MIT */
/*
 * Holds Ed25519 keys to RFC 8032, and keys that anybody could sign for out of the house.
 * Must never use a key of a real council.
 */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/key.h>
#include <holdfast/str.h>

#include "tests/help/sample.h"

static void unhex(const char *hex, uint8_t *bytes, size_t len)
{
	cr_assert_eq(hf_hex_decode(hex, bytes, len), HF_OK, "%s", hex);
}

static struct hf_pub pub_of_hex(const char *hex)
{
	struct hf_pub pub;
	unhex(hex, pub.b, sizeof(pub.b));
	return pub;
}

/* RFC 8032 section 7.1, tests 1 and 2. */
static const struct {
	const char *seed, *pub, *msg;
	size_t msg_len;
	const char *sig;
} RFC8032[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", 0,
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
	 "e24"
	 "655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", 1,
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
	 "aee"
	 "b00d291612bb0c00"},
};

Test(key, rfc_8032)
{
	for (size_t i = 0; i < HF_LEN(RFC8032); i++) {
		uint8_t seed[32], msg[8], want[HF_SIG_LEN], sig[HF_SIG_LEN];
		hf_auto_key struct hf_key *key = NULL;
		unhex(RFC8032[i].seed, seed, sizeof(seed));
		unhex(RFC8032[i].msg, msg, RFC8032[i].msg_len);
		unhex(RFC8032[i].sig, want, sizeof(want));
		cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
		struct hf_pub pub = hf_key_pub(key), want_pub = pub_of_hex(RFC8032[i].pub);
		cr_expect_arr_eq(pub.b, want_pub.b, sizeof(pub.b), "RFC 8032 7.1, public key of test %zu", i + 1);
		cr_assert_eq(hf_key_sign(key, msg, RFC8032[i].msg_len, sig), HF_OK);
		cr_expect_arr_eq(sig, want, sizeof(sig), "RFC 8032 7.1, signature of test %zu", i + 1);
		cr_expect(hf_pub_verify(&pub, msg, RFC8032[i].msg_len, sig), "RFC 8032 7.1, test %zu", i + 1);
		cr_expect_eq(hf_pub_check(&pub, NULL), HF_OK, "RFC 8032 7.1, a right key, test %zu", i + 1);
	}
}

Test(key, any_change_breaks_a_signature)
{
	hf_auto_key struct hf_key *key = sample_key("comms-1"), *other = sample_key("comms-2");
	struct hf_pub pub = hf_key_pub(key), other_pub = hf_key_pub(other);
	uint8_t msg[] = "release everything", sig[HF_SIG_LEN];
	cr_assert_eq(hf_key_sign(key, msg, sizeof(msg), sig), HF_OK);
	cr_assert(hf_pub_verify(&pub, msg, sizeof(msg), sig));
	for (size_t bit = 0; bit < 8 * HF_SIG_LEN; bit++) {
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		cr_expect_not(hf_pub_verify(&pub, msg, sizeof(msg), sig), "forged: bit %zu of the signature", bit);
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t i = 0; i < sizeof(msg); i++) {
		msg[i] ^= 1;
		cr_expect_not(hf_pub_verify(&pub, msg, sizeof(msg), sig), "altered: byte %zu of the message", i);
		msg[i] ^= 1;
	}
	cr_expect_not(hf_pub_verify(&pub, msg, sizeof(msg) - 1, sig), "altered: one byte short");
	cr_expect_not(hf_pub_verify(&other_pub, msg, sizeof(msg), sig), "another officer's key");
}

/* The group order L added to the second half gives a second signature of the same bytes, if nobody looks. */
Test(key, malleated_signature)
{
	static const char order[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	hf_auto_key struct hf_key *key = sample_key("comms-1");
	struct hf_pub pub = hf_key_pub(key);
	uint8_t l[32], sig[HF_SIG_LEN];
	unhex(order, l, sizeof(l));
	cr_assert_eq(hf_key_sign(key, l, sizeof(l), sig), HF_OK);
	unsigned carry = 0;
	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)sig[32 + i] + l[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	cr_expect_not(hf_pub_verify(&pub, l, sizeof(l), sig), "RFC 8032 5.1.7: S must be below L");
}

/* Every encoding of the eight points of small order, canonical and not, and what OpenSSL would let pass with them. */
static const char *const SMALL[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

Test(key, small_order_is_refused)
{
	for (size_t i = 0; i < HF_LEN(SMALL); i++) {
		struct hf_pub pub = pub_of_hex(SMALL[i]);
		struct hf_err err = {0};
		cr_expect_eq(hf_pub_check(&pub, &err), HF_E_KEY, "Envelope: small order %s", SMALL[i]);
		cr_expect_neq(err.text[0], '\0', "Envelope: says why, %s", SMALL[i]);
	}
}

Test(key, points_and_others)
{
	static const struct {
		const char *what, *hex;
		enum hf_rc want;
	} rows[] = {
		{"y = 2 is no point", "0200000000000000000000000000000000000000000000000000000000000000", HF_E_KEY},
		{"y = 3 is one", "0300000000000000000000000000000000000000000000000000000000000000", HF_OK},
		{"y = 3, the other x", "0300000000000000000000000000000000000000000000000000000000000080", HF_OK},
		{"y = 4 is one", "0400000000000000000000000000000000000000000000000000000000000000", HF_OK},
		{"y = 7 is no point", "0700000000000000000000000000000000000000000000000000000000000000", HF_E_KEY},
		{"y = 8 is no point", "0800000000000000000000000000000000000000000000000000000000000080", HF_E_KEY},
		{"y = 9 is one", "0900000000000000000000000000000000000000000000000000000000000000", HF_OK},
		{"no point", "8c2e0718822ce47ca8c74107e66cb0e4b2b3f4d58d82ca6386d2c96e3b87c04d", HF_E_KEY},
		{"no point", "3129903ac1d45597a242fdf11f8f2b1a39f3c3e693114351dcbed4077173db02", HF_E_KEY},
		{"a point", "7bd5d47e446fcec2a3d811736110e5781bcccea696762e6116c6e9c996ccdf1a", HF_OK},
		{"a point", "85c924c3597164c4a6058a00581a22b22de50472433d2e44fed8b6b81a3fa266", HF_OK},
		{"p + 3: the point y = 3, unreduced",
		 "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", HF_E_KEY},
		{"2^255 - 1", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", HF_E_KEY},
		{"all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", HF_E_KEY},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_pub pub = pub_of_hex(rows[i].hex);
		cr_expect_eq(hf_pub_check(&pub, NULL), rows[i].want, "RFC 8032 5.1.3: %s", rows[i].what);
	}
}

/* Multiples of one point by OpenSSL: all that it makes are keys that may stand. */
Test(key, every_made_key_may_stand)
{
	for (int i = 0; i < 200; i++) {
		char name[16];
		cr_assert_eq(hf_str_printf(name, sizeof(name), "key %d", i), HF_OK);
		hf_auto_key struct hf_key *key = sample_key(name);
		struct hf_pub pub = hf_key_pub(key);
		cr_expect_eq(hf_pub_check(&pub, NULL), HF_OK, "RFC 8032 5.1.5: key %d", i);
	}
}

Test(key, new_keys_differ)
{
	hf_auto_key struct hf_key *a = NULL, *b = NULL;
	cr_assert_eq(hf_key_new(&a, NULL), HF_OK);
	cr_assert_eq(hf_key_new(&b, NULL), HF_OK);
	struct hf_pub pub_a = hf_key_pub(a), pub_b = hf_key_pub(b);
	cr_expect_arr_neq(pub_a.b, pub_b.b, sizeof(pub_a.b), "two devices must not share a key");
	hf_key_free(&a);
	cr_expect_null(a, "freed is NULL");
	hf_key_free(&a);
	cr_expect_null(a, "NULL may be freed");
}

Test(key, keyid)
{
	struct hf_pub pub = pub_of_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	char keyid[HF_KEYID_SIZE], hex[65];
	uint8_t hash[EVP_MAX_MD_SIZE];
	cr_assert_eq(EVP_Digest(pub.b, sizeof(pub.b), hash, NULL, EVP_sha256(), NULL), 1);
	hf_hex_encode(hash, 32, hex);
	hex[16] = '\0';
	cr_expect_str_eq(hf_pub_keyid(&pub, keyid), hex, "Envelope: the first 8 bytes of SHA-256 of the key");
}

static void expect_same_key(const struct hf_key *a, const struct hf_key *b, const char *what)
{
	struct hf_pub pub_a = hf_key_pub(a), pub_b = hf_key_pub(b);
	cr_expect_arr_eq(pub_a.b, pub_b.b, sizeof(pub_a.b), "%s", what);
}

Test(key, pem_there_and_back)
{
	static const struct {
		const char *what, *written, *read;
		enum hf_rc want;
	} rows[] = {
		{"not locked, none given", NULL, NULL, HF_OK},
		{"not locked, one given", NULL, "x", HF_OK},
		{"locked, the right one", "correct horse", "correct horse", HF_OK},
		{"locked, letters beyond ASCII", "fern\xc3\xa9", "fern\xc3\xa9", HF_OK},
		{"locked, a wrong one", "correct horse", "Correct horse", HF_E_KEY},
		{"locked, an empty one given", "correct horse", "", HF_E_KEY},
		{"locked, none given: refused, never asked for", "correct horse", NULL, HF_E_KEY},
	};
	hf_auto_key struct hf_key *key = sample_key("comms-1");
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *pem = NULL;
		hf_auto_key struct hf_key *back = NULL;
		struct hf_err err = {0};
		size_t len = 0;
		cr_assert_eq(hf_key_to_pem(key, rows[i].written, &pem, &len, &err), HF_OK, "%s", err.text);
		cr_expect_eq(strlen(pem), len, "%s: the length is that of the text", rows[i].what);
		cr_expect_eq(strstr(pem, "ENCRYPTED") != NULL, rows[i].written != NULL, "%s", rows[i].what);
		cr_expect_eq(hf_key_from_pem(pem, len, rows[i].read, &back, &err), rows[i].want, "RFC 8410: %s: %s",
			     rows[i].what, err.text);
		cr_expect_eq(back != NULL, rows[i].want == HF_OK, "%s: untouched unless HF_OK", rows[i].what);
		if (back)
			expect_same_key(key, back, rows[i].what);
	}
}

/* The stolen key file: guessing a passphrase must cost memory and time. */
Test(key, locked_with_scrypt)
{
	static const uint8_t scrypt_oid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
	static const uint8_t cost[] = {0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x05};
	static const uint8_t aes_256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
	hf_auto_key struct hf_key *key = sample_key("comms-1");
	hf_auto_free char *pem = NULL, *again = NULL;
	size_t len = 0;
	cr_assert_eq(hf_key_to_pem(key, "p", &pem, &len, NULL), HF_OK);
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long data_len = 0;
	cr_assert_eq(PEM_read_bio(bio, &name, &header, &data, &data_len), 1);
	cr_expect_not_null(memmem(data, (size_t)data_len, scrypt_oid, sizeof(scrypt_oid)), "RFC 7914: scrypt");
	cr_expect_not_null(memmem(data, (size_t)data_len, cost, sizeof(cost)), "RFC 7914: N 16384, r 8, p 5");
	cr_expect_not_null(memmem(data, (size_t)data_len, aes_256_cbc, sizeof(aes_256_cbc)), "RFC 8018: AES-256-CBC");
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	BIO_free(bio);
	cr_assert_eq(hf_key_to_pem(key, "p", &again, &len, NULL), HF_OK);
	cr_expect_str_neq(pem, again, "RFC 8018: a new salt each time");
}

static char *foreign_pem(int type)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY *pkey = NULL;
	char *data = NULL;
	cr_assert_eq(EVP_PKEY_keygen_init(ctx), 1);
	cr_assert_eq(EVP_PKEY_keygen(ctx, &pkey), 1);
	BIO *bio = BIO_new(BIO_s_mem());
	cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
	long len = BIO_get_mem_data(bio, &data);
	char *pem = strndup(data, (size_t)len);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	return pem;
}

Test(key, what_is_no_key)
{
	hf_auto_free char *x25519 = foreign_pem(EVP_PKEY_X25519), *ed448 = foreign_pem(EVP_PKEY_ED448);
	const struct {
		const char *what, *pem;
	} rows[] = {
		{"a key for another use", x25519},
		{"a key of another curve", ed448},
		{"empty", ""},
		{"words", "my key"},
		{"a frame with nothing in it", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"},
		{"a frame with other bytes", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
		{"locked bytes that are none",
		 "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"},
		{"a public key",
		 "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
		 "\n-----END PUBLIC KEY-----\n"},
		{"the old way of locking",
		 "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
		 "-----END PRIVATE KEY-----\n"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_key struct hf_key *key = NULL;
		struct hf_err err = {0};
		cr_expect_eq(hf_key_from_pem(rows[i].pem, strlen(rows[i].pem), "p", &key, &err), HF_E_KEY,
			     "RFC 8410: %s", rows[i].what);
		cr_expect_null(key, "%s: untouched unless HF_OK", rows[i].what);
		cr_expect_neq(err.text[0], '\0', "%s: says why", rows[i].what);
	}
}

/* The header says that the bytes are locked in PEM's old way; whoever reads on regardless believes a key unlocked. */
Test(key, right_bytes_under_a_header)
{
	hf_auto_key struct hf_key *key = sample_key("comms-1"), *back = NULL;
	hf_auto_free char *pem = NULL;
	char text[400];
	size_t len = 0;
	cr_assert_eq(hf_key_to_pem(key, NULL, &pem, &len, NULL), HF_OK);
	const char *body = strchr(pem, '\n') + 1;
	cr_assert_eq(
		hf_str_printf(text, sizeof(text), "%.*sProc-Type: 4,ENCRYPTED\n\n%s", (int)(body - pem), pem, body),
		HF_OK);
	cr_expect_eq(hf_key_from_pem(text, strlen(text), "p", &back, NULL), HF_E_KEY,
		     "RFC 8410: PKCS #8 has no header");
	cr_expect_null(back);
}

Test(key, damaged_pem)
{
	hf_auto_key struct hf_key *key = sample_key("comms-1");
	hf_auto_free char *pem = NULL;
	size_t len = 0;
	cr_assert_eq(hf_key_to_pem(key, NULL, &pem, &len, NULL), HF_OK);
	for (size_t cut = 0; cut + 2 < len; cut++) {
		hf_auto_key struct hf_key *back = NULL;
		cr_expect_eq(hf_key_from_pem(pem, cut, NULL, &back, NULL), HF_E_KEY, "torn file: %zu bytes", cut);
		cr_expect_null(back, "torn file: untouched unless HF_OK");
	}
}
