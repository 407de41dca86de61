/* SPDX-License-Identifier: MIT */
/*
 * Owns the arithmetic of the tree head.
 * Must never read a clock, a file or the journal.
 */
#include <string.h>

#include <holdfast/digest.h>
#include <holdfast/merkle.h>

#define DIGEST_LEN sizeof(struct hf_digest)

/* It asks for no memory: a true proof that did not fit for want of some would be a false alarm. */
static struct hf_digest digest_of(const uint8_t *bytes, size_t len)
{
	struct hf_digest digest = {{0}};
	(void)!hf_digest_of(bytes, len, &digest);
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
