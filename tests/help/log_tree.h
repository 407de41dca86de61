/* SPDX-License-Identifier: MIT */
/*
 * log_tree.h - a controller's journal as far as its tree goes: leaves that are made up, and every node kept
 */
#ifndef HOLDFAST_TESTS_LOG_TREE_H
#define HOLDFAST_TESTS_LOG_TREE_H

#include <holdfast/merkle.h>
#include <holdfast/state.h>

#define LOG_TREE_LEVELS 24

/* Start it zeroed. */
struct log_tree {
	struct {
		struct hf_digest *v;
		size_t n, room;
	} level[LOG_TREE_LEVELS]; /* 0: the data of leaves; above: nodes of level - 1 */
};

/*
 * log_tree_add - one record more, that is this number's
 */
void log_tree_add(struct log_tree *tree, uint64_t what);

/*
 * log_tree_grow - so many records more, all of them new
 */
void log_tree_grow(struct log_tree *tree, size_t n);

/*
 * log_tree_size, log_tree_head - what a state says of it
 */
int64_t log_tree_size(const struct log_tree *tree);
struct hf_merkle_head log_tree_head(const struct log_tree *tree);

/*
 * log_tree_say - fill in what a state says of it
 */
void log_tree_say(const struct log_tree *tree, struct hf_state *state);

/*
 * log_tree_prove - how it goes on from a size
 *
 * @size     1 to that of the tree
 */
struct hf_log_from log_tree_prove(const struct log_tree *tree, int64_t size);

/*
 * log_tree_rewrite - the same records up to a place, and others from there on
 *
 * @at       the place, from 0
 * @drop, @put  so many are left out there, and so many put in
 * @chained  every record behind it is another one, too, as in a chain of hashes that is computed anew
 */
struct log_tree log_tree_rewrite(const struct log_tree *tree, size_t at, const size_t drop_put[2], bool chained);

/*
 * log_tree_done - free it, zero it
 */
void log_tree_done(struct log_tree *tree);

#endif
