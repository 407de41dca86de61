/* SPDX-License-Identifier: MIT */
/*
 * Owns the proofs of the tree: that a leaf is in it, and that it only grew.
 * Must never read a clock or a file, or know what a leaf is.
 */
#include <string.h>

#include <holdfast/merkle.h>

/* Leaves [first, end) of a tree; first is a multiple of the largest power of two in it. */
struct span {
	uint64_t first, end;
};

static unsigned log2_of(uint64_t n)
{
	unsigned level = 0;
	while (n >>= 1)
		level++;
	return level;
}

/* Where a tree of more than one leaf is parted: the largest power of two below their number. */
static uint64_t part_of(const struct span *span)
{
	return (uint64_t)1 << log2_of(span->end - span->first - 1);
}

static enum hf_rc span_head(const struct hf_merkle_nodes *nodes, struct span span, struct hf_digest *ret,
			    struct hf_err *err)
{
	struct hf_digest heads[HF_MERKLE_DEPTH];
	size_t n = 0;
	while (span.first < span.end) {
		unsigned level = log2_of(span.end - span.first);
		enum hf_rc rc = nodes->fn(nodes->arg, level, span.first >> level, &heads[n], err);
		if (rc != HF_OK)
			return rc;
		n++;
		span.first += (uint64_t)1 << level;
	}
	while (n > 1) {
		heads[n - 2] = hf_merkle_node(&heads[n - 2], &heads[n - 1]);
		n--;
	}
	*ret = heads[0];
	return HF_OK;
}

enum hf_rc hf_merkle_head_of(const struct hf_merkle_nodes *nodes, uint64_t size, struct hf_digest *ret,
			     struct hf_err *err)
{
	static const struct hf_merkle none = {0};
	if (size > 0)
		return span_head(nodes, (struct span){0, size}, ret, err);
	*ret = hf_merkle_root(&none);
	return HF_OK;
}

static enum hf_rc add_span(const struct hf_merkle_nodes *nodes, struct span span, struct hf_merkle_proof *proof,
			   struct hf_err *err)
{
	enum hf_rc rc = span_head(nodes, span, &proof->v[proof->n], err);
	proof->n += rc == HF_OK;
	return rc;
}

/* Found from the top down; read from the bottom up. */
static void give_proof(const struct hf_merkle_proof *found, struct hf_merkle_proof *ret)
{
	for (size_t i = 0; i < found->n; i++)
		ret->v[i] = found->v[found->n - 1 - i];
	ret->n = found->n;
}

enum hf_rc hf_merkle_prove_leaf(const struct hf_merkle_nodes *nodes, uint64_t index, uint64_t size,
				struct hf_merkle_proof *ret, struct hf_err *err)
{
	struct hf_merkle_proof found = {.n = 0};
	struct span span = {0, size};
	enum hf_rc rc = HF_OK;
	if (index >= size)
		return hf_err_set(err, HF_E_ABSENT, "The tree has no such leaf.");
	while (rc == HF_OK && span.end - span.first > 1) {
		uint64_t middle = span.first + part_of(&span);
		bool left = index < middle;
		rc = add_span(nodes, left ? (struct span){middle, span.end} : (struct span){span.first, middle}, &found,
			      err);
		*(left ? &span.end : &span.first) = middle;
	}
	if (rc == HF_OK)
		give_proof(&found, ret);
	return rc;
}

/* Of trees where neither is empty and the first is the smaller one. */
static enum hf_rc find_growth(const struct hf_merkle_nodes *nodes, uint64_t before, struct span span,
			      struct hf_merkle_proof *found, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	while (rc == HF_OK && before != span.end) {
		uint64_t middle = span.first + part_of(&span);
		bool left = before <= middle;
		rc = add_span(nodes, left ? (struct span){middle, span.end} : (struct span){span.first, middle}, found,
			      err);
		*(left ? &span.end : &span.first) = middle;
	}
	/* Whoever has the first head knows it, if it is a node by itself. */
	return rc == HF_OK && span.first > 0 ? add_span(nodes, span, found, err) : rc;
}

enum hf_rc hf_merkle_prove_growth(const struct hf_merkle_nodes *nodes, uint64_t before, uint64_t size,
				  struct hf_merkle_proof *ret, struct hf_err *err)
{
	struct hf_merkle_proof found = {.n = 0};
	enum hf_rc rc = HF_OK;
	if (before > size)
		return hf_err_set(err, HF_E_ABSENT, "The tree had never so many leaves.");
	if (before > 0 && before < size)
		rc = find_growth(nodes, before, (struct span){0, size}, &found, err);
	if (rc == HF_OK)
		give_proof(&found, ret);
	return rc;
}

static bool same_node(const struct hf_digest *a, const struct hf_digest *b)
{
	return hf_digest_cmp(a, b) == 0;
}

/* A place in a row of nodes, and the last place of that row. */
struct place {
	uint64_t at, last;
};

static void go_up(struct place *place)
{
	place->at >>= 1;
	place->last >>= 1;
}

/* The next node of a proof is the left neighbour, or there is none to the right: up to where there is one. */
static bool takes_left(struct place *place)
{
	if (!(place->at & 1) && place->at != place->last)
		return false;
	while (!(place->at & 1) && place->at > 0)
		go_up(place);
	return true;
}

bool hf_merkle_leaf_fits(const struct hf_digest *leaf, uint64_t index, const struct hf_merkle_proof *proof,
			 const struct hf_merkle_head *head)
{
	struct place place = {index, head->size - 1};
	struct hf_digest node = *leaf;
	if (index >= head->size)
		return false;
	for (size_t i = 0; i < proof->n; i++) {
		if (place.last == 0)
			return false;
		node = takes_left(&place) ? hf_merkle_node(&proof->v[i], &node) : hf_merkle_node(&node, &proof->v[i]);
		go_up(&place);
	}
	return place.last == 0 && same_node(&node, &head->root);
}

/* Both heads grow from the node where the first tree ended. */
static bool grows(struct place place, const struct hf_merkle_head *before, const struct hf_merkle_head *after,
		  const struct hf_merkle_proof *proof)
{
	bool alone = !(before->size & (before->size - 1)); /* the first tree is one node: it is left out */
	struct hf_digest old = alone ? before->root : proof->v[0], now = old;
	for (size_t i = !alone; i < proof->n; i++) {
		if (place.last == 0)
			return false;
		if (takes_left(&place)) {
			old = hf_merkle_node(&proof->v[i], &old);
			now = hf_merkle_node(&proof->v[i], &now);
		} else {
			now = hf_merkle_node(&now, &proof->v[i]);
		}
		go_up(&place);
	}
	return place.last == 0 && same_node(&old, &before->root) && same_node(&now, &after->root);
}

bool hf_merkle_growth_fits(const struct hf_merkle_head *before, const struct hf_merkle_head *after,
			   const struct hf_merkle_proof *proof)
{
	static const struct hf_merkle none = {0};
	struct hf_digest nothing = hf_merkle_root(&none);
	struct place place = {before->size - 1, after->size - 1};
	if (before->size > after->size)
		return false;
	if (before->size == after->size)
		return proof->n == 0 && same_node(&before->root, &after->root);
	if (before->size == 0)
		return proof->n == 0 && same_node(&before->root, &nothing);
	if (proof->n == 0)
		return false;
	while (place.at & 1)
		go_up(&place);
	return grows(place, before, after, proof);
}
