/* SPDX-License-Identifier: MIT */
/*
 * merkle.h - the RFC 6962 tree, kept as the heads of its full subtrees
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_MERKLE_H
#define HOLDFAST_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>

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

/*
 * hf_merkle_leaf, hf_merkle_node - the node of one leaf, and that over two nodes
 *
 * Returns   the node
 * Source    RFC 6962 section 2.1
 */
struct hf_digest hf_merkle_leaf(const uint8_t data[HF_MERKLE_LEAF_LEN]);
struct hf_digest hf_merkle_node(const struct hf_digest *left, const struct hf_digest *right);

/* A proof: nodes, the lowest first. */
struct hf_merkle_proof {
	struct hf_digest v[HF_MERKLE_DEPTH];
	size_t n;
};

/* Who knows the nodes of a tree: that over the 2^level leaves from place * 2^level on. */
struct hf_merkle_nodes {
	enum hf_rc (*fn)(void *arg, unsigned level, uint64_t place, struct hf_digest *ret, struct hf_err *err);
	void *arg;
};

/*
 * hf_merkle_head_of - the tree head over the first leaves
 *
 * Asks for full subtrees alone, of size at most one a bit.
 * @size     at most as many as there are nodes for
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; what fn returned
 * Source    RFC 6962 section 2.1
 */
HF_NODISCARD enum hf_rc hf_merkle_head_of(const struct hf_merkle_nodes *nodes, uint64_t size, struct hf_digest *ret,
					  struct hf_err *err);

/*
 * hf_merkle_prove_leaf - the proof that a leaf is in the tree of the first leaves
 *
 * @index    of the leaf, from 0; below size
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such leaf; what fn returned
 * Source    RFC 6962 section 2.1.1
 */
HF_NODISCARD enum hf_rc hf_merkle_prove_leaf(const struct hf_merkle_nodes *nodes, uint64_t index, uint64_t size,
					     struct hf_merkle_proof *ret, struct hf_err *err);

/*
 * hf_merkle_prove_growth - the proof that the tree of the first `size` leaves goes on where that of `before` ended
 *
 * @ret      untouched unless HF_OK; empty for 0 and for as many
 * Returns   HF_OK; HF_E_ABSENT before is more than size; what fn returned
 * Source    RFC 6962 section 2.1.2
 */
HF_NODISCARD enum hf_rc hf_merkle_prove_growth(const struct hf_merkle_nodes *nodes, uint64_t before, uint64_t size,
					       struct hf_merkle_proof *ret, struct hf_err *err);

/* One tree head: the root over so many leaves. */
struct hf_merkle_head {
	uint64_t size;
	struct hf_digest root;
};

/*
 * hf_merkle_leaf_fits - does this proof show that the leaf has this index under the head
 *
 * @leaf     hf_merkle_leaf of its data
 * Returns   true or false
 * Source    RFC 6962 section 2.1.1; RFC 9162 section 2.1.3.2
 */
bool hf_merkle_leaf_fits(const struct hf_digest *leaf, uint64_t index, const struct hf_merkle_proof *proof,
			 const struct hf_merkle_head *head);

/*
 * hf_merkle_growth_fits - does this proof show that the second tree goes on where the first ended
 *
 * Every tree goes on from that of no leaves.
 * Returns   true or false
 * Source    RFC 6962 section 2.1.2; RFC 9162 section 2.1.4.2
 */
bool hf_merkle_growth_fits(const struct hf_merkle_head *before, const struct hf_merkle_head *after,
			   const struct hf_merkle_proof *proof);

#endif
