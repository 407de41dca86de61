/* SPDX-License-Identifier: MIT */
/*
 * merkle.h - the RFC 6962 tree, kept as the heads of its full subtrees
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_MERKLE_H
#define HOLDFAST_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include <holdfast/bytes.h>

#define HF_MERKLE_DEPTH 64    /* one full subtree for each bit of the size */
#define HF_MERKLE_LEAF_LEN 32 /* a leaf's data: of a record its chained hash */

/* Start it zeroed: the tree of no leaves. */
struct hf_merkle {
	uint64_t size;				 /* leaves */
	struct hf_digest heads[HF_MERKLE_DEPTH]; /* of the full subtrees, largest first */
	size_t n_heads;
};

/*
 * hf_merkle_add - add one leaf
 *
 * @tree     zeroed or grown by this function
 * @data     the leaf's data
 * Source    RFC 6962 section 2.1: leaf SHA-256(0x00 || data), node SHA-256(0x01 || left || right)
 */
void hf_merkle_add(struct hf_merkle *tree, const uint8_t data[HF_MERKLE_LEAF_LEN]);

/*
 * hf_merkle_root - the tree head over all leaves
 *
 * Returns   the head; SHA-256 of nothing for the tree of no leaves
 * Source    RFC 6962 section 2.1
 */
struct hf_digest hf_merkle_root(const struct hf_merkle *tree);

#endif
