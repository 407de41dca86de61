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

#define PAIRS_MOST 64 /* every two sizes up to it */

/* The nodes by the definition, and not by what the proofs are made from. */
static enum hf_rc node_by_definition(void *arg, unsigned level, uint64_t place, struct hf_digest *ret,
				     struct hf_err *why)
{
	(void)arg;
	(void)why;
	mth(place << level, (uint64_t)1 << level, ret->b);
	return HF_OK;
}

static const struct hf_merkle_nodes nodes = {node_by_definition, NULL};

static struct hf_merkle_head head_of(uint64_t size)
{
	struct hf_merkle_head head = {.size = size};
	mth(0, size, head.root.b);
	return head;
}

/* Every single change of a true proof, of what it proves and of its head. */
static size_t false_leaves(const struct hf_digest *leaf, uint64_t index, const struct hf_merkle_proof *proof,
			   const struct hf_merkle_head *head)
{
	struct hf_digest other = *leaf;
	struct hf_merkle_head wrong = *head;
	size_t n = 0;
	other.b[7] ^= 1;
	n += hf_merkle_leaf_fits(&other, index, proof, head);
	wrong.root.b[0] ^= 0x80;
	n += hf_merkle_leaf_fits(leaf, index, proof, &wrong);
	for (uint64_t i = 0; i <= head->size + 1; i++)
		n += i != index && hf_merkle_leaf_fits(leaf, i, proof, head);
	for (size_t i = 0; i < proof->n; i++) {
		struct hf_merkle_proof bad = *proof;
		bad.v[i].b[31] ^= 1;
		n += hf_merkle_leaf_fits(leaf, index, &bad, head);
		bad = *proof;
		bad.n = i;
		n += hf_merkle_leaf_fits(leaf, index, &bad, head);
	}
	other = *leaf;
	struct hf_merkle_proof longer = *proof;
	longer.v[longer.n++] = other;
	n += hf_merkle_leaf_fits(leaf, index, &longer, head);
	return n;
}

Test(merkle, every_leaf_of_every_size_is_proved_and_nothing_else_is)
{
	struct hf_err err = {""};
	for (uint64_t size = 1; size <= PAIRS_MOST; size++) {
		struct hf_merkle_head head = head_of(size), made = {.size = size};
		cr_assert_eq(hf_merkle_head_of(&nodes, size, &made.root, &err), HF_OK);
		cr_expect_eq(memcmp(made.root.b, head.root.b, 32), 0, "D5.6: head over %d", (int)size);
		for (uint64_t index = 0; index < size; index++) {
			struct hf_merkle_proof proof;
			uint8_t data[HF_MERKLE_LEAF_LEN];
			struct hf_digest leaf;
			leaf_of(index, data);
			leaf = hf_merkle_leaf(data);
			cr_assert_eq(hf_merkle_prove_leaf(&nodes, index, size, &proof, &err), HF_OK);
			cr_expect(hf_merkle_leaf_fits(&leaf, index, &proof, &head), "D5.6: leaf %d of %d", (int)index,
				  (int)size);
			cr_expect_eq(false_leaves(&leaf, index, &proof, &head), 0, "a false proof of leaf %d of %d",
				     (int)index, (int)size);
		}
	}
	cr_expect_eq(hf_merkle_prove_leaf(&nodes, 3, 3, &(struct hf_merkle_proof){.n = 0}, &err), HF_E_ABSENT);
}

static size_t false_growths(const struct hf_merkle_head *before, const struct hf_merkle_head *after,
			    const struct hf_merkle_proof *proof)
{
	struct hf_merkle_head wrong = *before;
	struct hf_merkle_proof longer = *proof;
	size_t n = 0;
	wrong.root.b[3] ^= 1;
	n += hf_merkle_growth_fits(&wrong, after, proof);
	wrong = *after;
	wrong.root.b[3] ^= 1;
	n += before->size > 0 && hf_merkle_growth_fits(before, &wrong, proof);
	n += before->size != after->size && hf_merkle_growth_fits(after, before, proof);
	for (size_t i = 0; i < proof->n; i++) {
		struct hf_merkle_proof bad = *proof;
		bad.v[i].b[31] ^= 1;
		n += hf_merkle_growth_fits(before, after, &bad);
		bad = *proof;
		bad.n = i;
		n += hf_merkle_growth_fits(before, after, &bad);
	}
	longer.v[longer.n++] = after->root;
	return n + hf_merkle_growth_fits(before, after, &longer);
}

/* The proofs of one pair fit no other pair of sizes over the same heads. */
Test(merkle, every_pair_of_sizes_is_proved_and_nothing_else_is)
{
	struct hf_err err = {""};
	for (uint64_t size = 0; size <= PAIRS_MOST; size++) {
		const struct hf_merkle_head after = head_of(size);
		for (uint64_t n = 0; n <= size; n++) {
			const struct hf_merkle_head before = head_of(n);
			struct hf_merkle_proof proof;
			cr_assert_eq(hf_merkle_prove_growth(&nodes, n, size, &proof, &err), HF_OK);
			cr_expect(hf_merkle_growth_fits(&before, &after, &proof), "D5.6: %d goes on to %d", (int)n,
				  (int)size);
			cr_expect_eq(false_growths(&before, &after, &proof), 0, "a false proof of %d to %d", (int)n,
				     (int)size);
		}
	}
	cr_expect_eq(hf_merkle_prove_growth(&nodes, 4, 3, &(struct hf_merkle_proof){.n = 0}, &err), HF_E_ABSENT);
}

/* What a rewriter would want: the first tree had another record, everything else is as it was. */
Test(merkle, a_tree_that_was_made_anew_has_no_proof)
{
	struct hf_err err = {""};
	for (uint64_t size = 2; size <= PAIRS_MOST; size++) {
		for (uint64_t n = 1; n < size; n++) {
			struct hf_merkle_head before = {.size = n}, after = head_of(size);
			struct hf_merkle_proof proof;
			struct hf_merkle tree = {0};
			uint8_t data[HF_MERKLE_LEAF_LEN];
			for (uint64_t i = 0; i < n; i++) {
				leaf_of(i == n / 2 ? i + 1000 : i, data);
				hf_merkle_add(&tree, data);
			}
			before.root = hf_merkle_root(&tree);
			cr_assert_eq(hf_merkle_prove_growth(&nodes, n, size, &proof, &err), HF_OK);
			cr_expect_not(hf_merkle_growth_fits(&before, &after, &proof), "%d to %d", (int)n, (int)size);
		}
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
