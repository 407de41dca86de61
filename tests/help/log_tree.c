/* SPDX-License-Identifier: MIT */
/*
 * Owns a journal's tree in memory, for tests.
 * Must never share a step with what it is to test but the making of a node.
 */
#include "tests/help/log_tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

static uint64_t n_made; /* records that were ever made: none is like another */

static void push(struct log_tree *tree, size_t level, const struct hf_digest *node)
{
	cr_assert(level < LOG_TREE_LEVELS &&
		  hf_rows_reserve(&tree->level[level].v, &tree->level[level].room, tree->level[level].n + 1,
				  sizeof(*node)) == HF_OK);
	tree->level[level].v[tree->level[level].n++] = *node;
}

static void add_data(struct log_tree *tree, const struct hf_digest *data)
{
	struct hf_digest node = hf_merkle_leaf(data->b);

	push(tree, 0, data);
	push(tree, 1, &node);
	for (size_t level = 1; tree->level[level].n % 2 == 0; level++) {
		const struct hf_digest *last = &tree->level[level].v[tree->level[level].n - 2];

		node = hf_merkle_node(&last[0], &last[1]);
		push(tree, level + 1, &node);
	}
}

void log_tree_add(struct log_tree *tree, uint64_t what)
{
	struct hf_digest data = {{0}};

	memcpy(data.b, &what, sizeof(what));
	add_data(tree, &data);
}

void log_tree_grow(struct log_tree *tree, size_t n)
{
	while (n-- > 0)
		log_tree_add(tree, ++n_made);
}

int64_t log_tree_size(const struct log_tree *tree)
{
	return (int64_t)tree->level[0].n;
}

static enum hf_rc node_of_tree(void *arg, unsigned level, uint64_t place, struct hf_digest *ret, struct hf_err *err)
{
	const struct log_tree *tree = arg;

	(void)err;
	cr_assert_lt(place, tree->level[level + 1].n, "a node of level %u that is not there", level);
	*ret = tree->level[level + 1].v[place];
	return HF_OK;
}

static struct hf_merkle_nodes nodes_of(const struct log_tree *tree)
{
	return (struct hf_merkle_nodes){node_of_tree, (void *)(uintptr_t)tree};
}

struct hf_merkle_head log_tree_head(const struct log_tree *tree)
{
	const struct hf_merkle_nodes nodes = nodes_of(tree);
	struct hf_merkle_head head = {.size = tree->level[0].n};

	cr_assert_eq(hf_merkle_head_of(&nodes, head.size, &head.root, NULL), HF_OK);
	return head;
}

void log_tree_say(const struct log_tree *tree, struct hf_state *state)
{
	struct hf_merkle_head head = log_tree_head(tree);

	state->log_size = (int64_t)head.size;
	state->log_root = head.root;
}

struct hf_log_from log_tree_prove(const struct log_tree *tree, int64_t size)
{
	const struct hf_merkle_nodes nodes = nodes_of(tree);
	struct hf_log_from from = {.size = size};

	cr_assert_eq(hf_merkle_prove_growth(&nodes, (uint64_t)size, tree->level[0].n, &from.proof, NULL), HF_OK);
	return from;
}

struct log_tree log_tree_rewrite(const struct log_tree *tree, size_t at, const size_t drop_put[2], bool chained)
{
	struct log_tree other = {0};

	for (size_t i = 0; i < at; i++)
		add_data(&other, &tree->level[0].v[i]);
	log_tree_grow(&other, drop_put[1]);
	for (size_t i = at + drop_put[0]; i < tree->level[0].n; i++) {
		if (chained)
			log_tree_grow(&other, 1);
		else
			add_data(&other, &tree->level[0].v[i]);
	}
	return other;
}

void log_tree_done(struct log_tree *tree)
{
	for (size_t i = 0; i < LOG_TREE_LEVELS; i++)
		free(tree->level[i].v);
	memset(tree, 0, sizeof(*tree));
}
