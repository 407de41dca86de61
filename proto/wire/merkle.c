/* SPDX-License-Identifier: MIT */
/*
 * Owns the arithmetic of the tree head.
 * Must never read a clock, a file or the journal.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* see digest_of */
#include <openssl/sha.h>
#include <string.h>

#include <holdfast/merkle.h>

#define DIGEST_LEN sizeof(struct hf_digest)

/*
 * The calls that need no memory, and so cannot fail: SHA256() asks for some, and without it a true proof would not fit and
 * a device raise a false alarm, or a controller say a tree head that is none.
 */
static struct hf_digest digest_of(const uint8_t *bytes, size_t len)
{
	struct hf_digest digest;
	SHA256_CTX ctx;
	SHA256_Init(&ctx);
	SHA256_Update(&ctx, bytes, len);
	SHA256_Final(digest.b, &ctx);
	return digest;
}

struct hf_digest hf_merkle_node(const struct hf_digest *left, const struct hf_digest *right)
{
	uint8_t bytes[1 + 2 * DIGEST_LEN] = {0x01};
	memcpy(bytes + 1, left->b, DIGEST_LEN);
	memcpy(bytes + 1 + DIGEST_LEN, right->b, DIGEST_LEN);
	return digest_of(bytes, sizeof(bytes));
}

struct hf_digest hf_merkle_leaf(const uint8_t data[HF_MERKLE_LEAF_LEN])
{
	uint8_t bytes[1 + HF_MERKLE_LEAF_LEN] = {0x00};
	memcpy(bytes + 1, data, HF_MERKLE_LEAF_LEN);
	return digest_of(bytes, sizeof(bytes));
}

void hf_merkle_add(struct hf_merkle *tree, const uint8_t data[HF_MERKLE_LEAF_LEN])
{
	struct hf_digest head = hf_merkle_leaf(data);
	/* Every trailing one bit of the old size is a full subtree that the new leaf completes into a larger one. */
	for (uint64_t full = tree->size; full & 1; full >>= 1)
		head = hf_merkle_node(&tree->heads[--tree->n_heads], &head);
	tree->heads[tree->n_heads++] = head;
	tree->size++;
}

struct hf_digest hf_merkle_root(const struct hf_merkle *tree)
{
	struct hf_digest root;
	if (!tree->size)
		return digest_of((const uint8_t *)"", 0);
	root = tree->heads[tree->n_heads - 1];
	for (size_t i = tree->n_heads - 1; i > 0; i--)
		root = hf_merkle_node(&tree->heads[i - 1], &root);
	return root;
}
