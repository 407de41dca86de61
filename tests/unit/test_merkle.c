/* SPDX-License-Identifier: MIT */
/*
 * Owns the tree head against RFC 6962's own recursive definition, written a second time here.
 * Must never call the code under test to make what it expects.
 */
#include <criterion/criterion.h>
#include <openssl/sha.h>
#include <string.h>

#include <holdfast/merkle.h>

#define LEAVES_MOST 130 /* past two powers of two */

static void leaf_of(uint64_t i, uint8_t data[HF_MERKLE_LEAF_LEN])
{
	memset(data, (int)(i % 251), HF_MERKLE_LEAF_LEN);
	memcpy(data, &i, sizeof(i));
}

/* MTH(D[first:first + n]): section 2.1, k the largest power of two smaller than n. */
static void mth(uint64_t first, uint64_t n, uint8_t out[32])
{
	uint8_t bytes[1 + 64] = {0};
	uint64_t k = 1;
	if (n == 0) {
		SHA256(bytes, 0, out);
		return;
	}
	if (n == 1) {
		leaf_of(first, bytes + 1);
		SHA256(bytes, 33, out);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	bytes[0] = 1;
	mth(first, k, bytes + 1);
	mth(first + k, n - k, bytes + 33);
	SHA256(bytes, sizeof(bytes), out);
}

Test(merkle, every_size_has_the_head_of_the_definition)
{
	struct hf_merkle tree = {0};
	uint8_t want[32], data[HF_MERKLE_LEAF_LEN];
	for (uint64_t n = 0; n <= LEAVES_MOST; n++) {
		struct hf_digest root = hf_merkle_root(&tree);
		mth(0, n, want);
		cr_expect_eq(memcmp(root.b, want, 32), 0, "D5.6: tree head over %d records", (int)n);
		cr_expect_eq(tree.size, n, "size after %d leaves", (int)n);
		leaf_of(n, data);
		hf_merkle_add(&tree, data);
	}
}

/* Heads made outside this program, with a general SHA-256 tool. */
Test(merkle, known_answers)
{
	static const struct {
		const char *what;
		int leaves;
		const char *root;
	} rows[] = {
		{"the tree of nothing", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"one leaf of zeros", 1, "7f9c9e31ac8256ca2f258583df262dbc7d6f68f2a03043d5c99a4ae5a7396ce9"},
		{"two leaves of zeros", 2, "a4b8c7873a49d5d53af0b2a0202486483020d95935d763edc4ef2f602200d8de"},
		{"three leaves of zeros", 3, "f6d1543b16c810e99a8ee38d619474a2c63bfd1a5a205688a3cc15c74350ddb5"},
	};
	const uint8_t zeros[HF_MERKLE_LEAF_LEN] = {0};
	char hex[HF_DIGEST_HEX_SIZE];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hf_merkle tree = {0};
		for (int n = 0; n < rows[i].leaves; n++)
			hf_merkle_add(&tree, zeros);
		struct hf_digest root = hf_merkle_root(&tree);
		cr_expect_str_eq(hf_digest_hex(&root, hex), rows[i].root, "D5.6: %s", rows[i].what);
	}
}
