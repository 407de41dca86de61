/* SPDX-License-Identifier: MIT */
/*
 * Owns the kept levels of the tree over the records: a projection, so that a head or a proof takes few steps.
 * Must never be believed by itself: what is made of it is compared with the head that the records themselves gave.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/journal/db.h"

#define EACH_HASH "SELECT hash FROM journal ORDER BY seq"

static enum hf_rc put_node(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_digest *node,
			   const uint64_t at[2], struct hf_err *err)
{
	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)at[0]);
	sqlite3_bind_int64(stmt, 2, (sqlite3_int64)at[1]);
	sqlite3_bind_blob(stmt, 3, node->b, sizeof(node->b), SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? HF_OK : hf_db_failed(journal, "keeping the tree", err);
}

/* Every trailing one bit of the size is a full subtree that the new leaf completes into a larger one. */
enum hf_rc hf_db_put_nodes(struct hf_journal *journal, sqlite3_stmt *stmt, const struct hf_merkle *tree,
			   const struct hf_digest *data, struct hf_err *err)
{
	struct hf_digest node = hf_merkle_leaf(data->b);
	enum hf_rc rc = HF_OK;
	for (unsigned level = 1; rc == HF_OK && (tree->size >> (level - 1)) & 1; level++) {
		node = hf_merkle_node(&tree->heads[tree->n_heads - level], &node);
		rc = put_node(journal, stmt, &node, (const uint64_t[2]){level, tree->size >> level}, err);
	}
	return rc;
}

static enum hf_rc leaf_of_text(struct hf_journal *journal, const char *hex, struct hf_digest *ret, struct hf_err *err)
{
	if (hex && hf_digest_from_hex(hex, ret) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SHAPE, "the journal %s has a record whose hash is none", journal->path);
}

/* Inside a transaction. */
static enum hf_rc put_levels(struct hf_journal *journal, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *hashes = NULL, *put = NULL;
	struct hf_merkle tree = {0};
	int step = SQLITE_DONE;
	enum hf_rc rc = hf_db_exec(journal, "DELETE FROM tree", err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, EACH_HASH, &hashes, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, HF_DB_PUT_NODE, &put, err);
	while (rc == HF_OK && (step = sqlite3_step(hashes)) == SQLITE_ROW) {
		struct hf_digest hash;
		rc = leaf_of_text(journal, (const char *)sqlite3_column_text(hashes, 0), &hash, err);
		if (rc == HF_OK)
			rc = hf_db_put_nodes(journal, put, &tree, &hash, err);
		if (rc == HF_OK)
			hf_merkle_add(&tree, hash.b);
	}
	if (rc == HF_OK && step != SQLITE_DONE)
		rc = hf_db_failed(journal, "reading its hashes", err);
	return rc;
}

static enum hf_rc make_levels(struct hf_journal *journal, struct hf_err *err)
{
	enum hf_rc rc = hf_db_begin(journal, err);
	return rc == HF_OK ? hf_db_commit(journal, put_levels(journal, err), err) : rc;
}

/* Of n leaves there are n less its number of one bits: half of them, a quarter, an eighth ... */
static int64_t nodes_of(uint64_t size)
{
	int64_t n = (int64_t)size;
	for (; size; size &= size - 1)
		n--;
	return n;
}

enum hf_rc hf_db_settle_tree(struct hf_journal *journal, struct hf_err *err)
{
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = hf_db_prepare(journal, "SELECT count(*) FROM tree", &stmt, err);
	if (rc == HF_OK && sqlite3_step(stmt) != SQLITE_ROW)
		rc = hf_db_failed(journal, "reading the tree", err);
	if (rc == HF_OK && sqlite3_column_int64(stmt, 0) == nodes_of(journal->chain.tree.size))
		return HF_OK;
	hf_db_stmt_free(&stmt);
	if (rc == HF_OK)
		rc = make_levels(journal, err);
	return rc == HF_E_SYSTEM ? HF_OK : rc;
}

/* Who reads nodes: one statement for leaves, one for what is above them. */
struct level_reader {
	struct hf_journal *journal;
	sqlite3_stmt *leaf, *node;
};

static void close_reader(struct level_reader *reader)
{
	sqlite3_finalize(reader->leaf);
	sqlite3_finalize(reader->node);
}

static enum hf_rc open_reader(struct hf_journal *journal, struct level_reader *ret, struct hf_err *err)
{
	enum hf_rc rc = hf_db_prepare(journal, "SELECT hash FROM journal WHERE seq = ?1 + 1", &ret->leaf, err);
	if (rc == HF_OK)
		rc = hf_db_prepare(journal, "SELECT node FROM tree WHERE level = ?2 AND place = ?1", &ret->node, err);
	ret->journal = journal;
	return rc;
}

static enum hf_rc no_node(const struct hf_journal *journal, struct hf_err *err)
{
	return hf_err_set(err, HF_E_SHAPE, "the tree beside the journal %s is not that of its records", journal->path);
}

static enum hf_rc find_node(void *arg, unsigned level, uint64_t place, struct hf_digest *ret, struct hf_err *err)
{
	struct level_reader *reader = arg;
	sqlite3_stmt *stmt = level ? reader->node : reader->leaf;
	struct hf_digest hash;
	enum hf_rc rc;
	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, (sqlite3_int64)place);
	if (level)
		sqlite3_bind_int64(stmt, 2, level);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return no_node(reader->journal, err);
	if (level && sqlite3_column_bytes(stmt, 0) != (int)sizeof(ret->b))
		return no_node(reader->journal, err);
	if (level) {
		memcpy(ret->b, sqlite3_column_blob(stmt, 0), sizeof(ret->b));
		return HF_OK;
	}
	rc = leaf_of_text(reader->journal, (const char *)sqlite3_column_text(stmt, 0), &hash, err);
	if (rc == HF_OK)
		*ret = hf_merkle_leaf(hash.b);
	return rc;
}

/* What is asked of the levels: a head, or the proof of one leaf. */
struct asked {
	int64_t size, seq; /* seq 0: the head over size, and how the journal goes on from there */
	struct hf_digest head;
	struct hf_merkle_proof proof;
};

static struct hf_merkle_head head_now(const struct hf_journal *journal)
{
	return (struct hf_merkle_head){journal->chain.tree.size, hf_merkle_root(&journal->chain.tree)};
}

static enum hf_rc read_head(struct level_reader *reader, struct asked *asked, struct hf_err *err)
{
	const struct hf_merkle_nodes nodes = {find_node, reader};
	const struct hf_merkle_head now = head_now(reader->journal);
	struct hf_merkle_head before = {.size = (uint64_t)asked->size};
	enum hf_rc rc = hf_merkle_head_of(&nodes, before.size, &before.root, err);
	if (rc == HF_OK)
		rc = hf_merkle_prove_growth(&nodes, before.size, now.size, &asked->proof, err);
	if (rc == HF_OK && !hf_merkle_growth_fits(&before, &now, &asked->proof))
		return no_node(reader->journal, err);
	asked->head = before.root;
	return rc;
}

static enum hf_rc read_proof(struct level_reader *reader, struct asked *asked, struct hf_err *err)
{
	const struct hf_merkle_nodes nodes = {find_node, reader};
	const struct hf_merkle_head now = head_now(reader->journal);
	struct hf_digest leaf;
	uint64_t index = (uint64_t)asked->seq - 1;
	enum hf_rc rc = hf_merkle_prove_leaf(&nodes, index, now.size, &asked->proof, err);
	if (rc == HF_OK)
		rc = find_node(reader, 0, index, &leaf, err);
	if (rc == HF_OK && !hf_merkle_leaf_fits(&leaf, index, &asked->proof, &now))
		return no_node(reader->journal, err);
	return rc;
}

static enum hf_rc read_levels(struct hf_journal *journal, struct asked *asked, struct hf_err *err)
{
	struct level_reader reader = {0};
	enum hf_rc rc = open_reader(journal, &reader, err);
	if (rc == HF_OK)
		rc = asked->seq ? read_proof(&reader, asked, err) : read_head(&reader, asked, err);
	close_reader(&reader);
	return rc;
}

/* Levels that do not fit are made again, once. */
static enum hf_rc ask_levels(struct hf_journal *journal, struct asked *asked, struct hf_err *err)
{
	enum hf_rc rc = read_levels(journal, asked, err);
	if (rc != HF_E_SHAPE || journal->only_looks)
		return rc;
	rc = make_levels(journal, err);
	return rc == HF_OK ? read_levels(journal, asked, err) : rc;
}

/* Where the head of this size is kept; NULL: no memory for that. What is kept stays true: records are only added. */
static struct hf_merkle_head *kept_head(struct hf_journal *journal, int64_t size)
{
	if (!journal->heads)
		journal->heads = calloc(HF_DB_HEADS, sizeof(*journal->heads));
	return journal->heads ? &journal->heads[size % HF_DB_HEADS] : NULL;
}

enum hf_rc hf_journal_head_at(struct hf_journal *journal, int64_t size, struct hf_digest *ret, struct hf_err *err)
{
	struct asked asked = {.size = size};
	struct hf_merkle_head *kept;
	enum hf_rc rc;
	if (size < 0 || size > (int64_t)journal->chain.tree.size)
		return hf_err_set(err, HF_E_ABSENT, "the journal never had %" PRId64 " records", size);
	kept = kept_head(journal, size);
	if (kept && size > 0 && kept->size == (uint64_t)size) {
		*ret = kept->root;
		return HF_OK;
	}
	rc = ask_levels(journal, &asked, err);
	if (rc != HF_OK)
		return rc;
	if (kept)
		*kept = (struct hf_merkle_head){(uint64_t)size, asked.head};
	*ret = asked.head;
	return HF_OK;
}

enum hf_rc hf_journal_prove(struct hf_journal *journal, int64_t seq, struct hf_merkle_proof *ret, struct hf_err *err)
{
	struct asked asked = {.seq = seq};
	enum hf_rc rc;
	if (seq < 1 || seq > (int64_t)journal->chain.tree.size)
		return hf_err_set(err, HF_E_ABSENT, "the journal has no record %" PRId64, seq);
	rc = ask_levels(journal, &asked, err);
	if (rc == HF_OK)
		*ret = asked.proof;
	return rc;
}

enum hf_rc hf_journal_prove_growth(struct hf_journal *journal, int64_t before, struct hf_merkle_proof *ret,
				   struct hf_err *err)
{
	struct asked asked = {.size = before};
	enum hf_rc rc;
	if (before < 1 || before > (int64_t)journal->chain.tree.size)
		return hf_err_set(err, HF_E_ABSENT, "the journal never had %" PRId64 " records", before);
	rc = ask_levels(journal, &asked, err);
	if (rc == HF_OK)
		*ret = asked.proof;
	return rc;
}
