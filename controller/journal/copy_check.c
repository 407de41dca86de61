/* SPDX-License-Identifier: MIT */
/*
 * Owns how a copy of a journal is verified without the controller: a database file, or lines of JSON.
 * Must never write, or believe what the file says of itself.
 */
#include "controller/journal/copy_check.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/json.h>
#include <holdfast/str.h>

#include "controller/journal/db.h"
#include "controller/journal/gaps.h"

#define LINES ".jsonl"

static int by_size(const void *a, const void *b)
{
	const struct hf_copy_head *x = a, *y = b;
	return x->head.size < y->head.size ? -1 : x->head.size > y->head.size;
}

/* The heads of the size that the copy has now. */
static void judge_heads(struct hf_copy *copy, size_t *next)
{
	struct hf_digest root;
	bool asked = false;
	for (; *next < copy->n_heads && copy->heads[*next].head.size == copy->chain.tree.size; (*next)++) {
		if (!asked)
			root = hf_merkle_root(&copy->chain.tree);
		asked = true;
		copy->heads[*next].fit = hf_digest_cmp(&root, &copy->heads[*next].head.root) == 0 ? HF_COPY_FITS
												  : HF_COPY_DIFFERS;
	}
}

/* A copy that is being read. */
struct copy_reader {
	struct hf_copy *copy;
	size_t next; /* head */
	struct hf_gaps gaps;
	enum hf_rc rc; /* of what kept it from reading on */
};

static void note_bad_at(struct hf_copy *copy, int64_t seq, const char *why)
{
	copy->bad = seq;
	if (hf_str_printf(copy->why, sizeof(copy->why), "%.120s", why) != HF_OK)
		copy->why[0] = '\0';
}

static void note_bad(struct hf_copy *copy, const char *why)
{
	note_bad_at(copy, (int64_t)copy->chain.tree.size + 1, why);
}

/* What the record is about: gaps, and what whoever asked looks at. */
static enum hf_rc look_at_record(struct copy_reader *reader, const struct hf_record *record, struct hf_err *why)
{
	struct hf_copy *copy = reader->copy;
	enum hf_rc rc = hf_gaps_take(&reader->gaps, record, why);
	if (rc == HF_E_SHAPE)
		note_bad_at(copy, reader->gaps.bad, reader->gaps.why);
	if (rc != HF_OK || !copy->judge)
		return rc;
	rc = copy->judge(copy->arg, record, why);
	if (rc != HF_OK && rc != HF_E_MEMORY)
		note_bad_at(copy, record->seq, why->text);
	return rc;
}

/* False: there is no use in reading on. */
static bool take_next(struct copy_reader *reader, const struct hf_chain_row *row)
{
	struct hf_record record;
	struct hf_err why = {""};
	if (hf_chain_follow(&reader->copy->chain, row, &record, &why) != HF_OK) {
		note_bad(reader->copy, why.text);
		return false;
	}
	judge_heads(reader->copy, &reader->next);
	reader->rc = look_at_record(reader, &record, &why);
	return reader->rc == HF_OK;
}

static void close_db(sqlite3 **db)
{
	sqlite3_close(*db);
}

/* One that nobody writes to now, in a folder where nothing may be written, is read as it lies there. */
static enum hf_rc open_copy(const char *path, sqlite3 **ret_db, sqlite3_stmt **ret_stmt, struct hf_err *err)
{
	hf_auto_free char *uri = NULL, *log = NULL;
	struct stat st;
	bool plain = !strpbrk(path, "?#%");
	if (asprintf(&uri, "file:%s?immutable=1", path) < 0 || asprintf(&log, "%s-wal", path) < 0)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to read %s.", path);
	if (sqlite3_open_v2(path, ret_db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(*ret_db, HF_DB_EACH_ROW, -1, ret_stmt, NULL) == SQLITE_OK)
		return HF_OK;
	if (sqlite3_errcode(*ret_db) == SQLITE_CANTOPEN && plain && stat(log, &st) != 0) {
		sqlite3_close(*ret_db);
		*ret_db = NULL;
		if (sqlite3_open_v2(uri, ret_db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK &&
		    sqlite3_prepare_v2(*ret_db, HF_DB_EACH_ROW, -1, ret_stmt, NULL) == SQLITE_OK)
			return HF_OK;
	}
	return hf_err_set(err, HF_E_SHAPE, "%s cannot be read as a journal: %s.", path, sqlite3_errmsg(*ret_db));
}

static enum hf_rc read_database(const char *path, struct copy_reader *reader, struct hf_err *err)
{
	__attribute__((cleanup(close_db))) sqlite3 *db = NULL;
	hf_auto_stmt sqlite3_stmt *stmt = NULL;
	enum hf_rc rc = open_copy(path, &db, &stmt, err);
	int step = SQLITE_DONE;
	if (rc != HF_OK)
		return rc;
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		const struct hf_chain_row row = hf_db_row(stmt);
		if (!take_next(reader, &row))
			return HF_OK;
	}
	if (step != SQLITE_DONE)
		note_bad(reader->copy, "the file cannot be read from here on");
	return HF_OK;
}

/* Each member that is wrong or not there is a column that is none of a record. */
static bool take_text_line(struct copy_reader *reader, const char *line, size_t len)
{
	hf_auto_json json_t *object = NULL;
	struct hf_chain_row row = {.seq = -1};
	if (hf_json_load(line, len, JSON_REJECT_DUPLICATES, &object) != HF_OK) {
		note_bad(reader->copy, "its line cannot be read");
		return false;
	}
	row.seq = json_integer_value(json_object_get(object, "seq"));
	row.at = json_integer_value(json_object_get(object, "at"));
	row.kind = json_string_value(json_object_get(object, "kind"));
	row.digest = json_string_value(json_object_get(object, "digest"));
	row.body = json_string_value(json_object_get(object, "body"));
	row.body_len = json_string_length(json_object_get(object, "body"));
	row.prev = json_string_value(json_object_get(object, "prev"));
	row.hash = json_string_value(json_object_get(object, "hash"));
	return take_next(reader, &row);
}

static void close_lines(FILE **file)
{
	if (*file)
		fclose(*file);
}

static enum hf_rc read_lines(const char *path, struct copy_reader *reader, struct hf_err *err)
{
	__attribute__((cleanup(close_lines))) FILE *file = fopen(path, "re");
	hf_auto_free char *line = NULL;
	size_t room = 0;
	ssize_t len;
	if (!file)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path);
	while ((len = getline(&line, &room, file)) > 0)
		if (!take_text_line(reader, line, (size_t)len))
			return HF_OK;
	return ferror(file) ? hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path) : HF_OK;
}

static bool is_lines(const char *path)
{
	size_t len = strlen(path), end = strlen(LINES);
	return len > end && strcmp(path + len - end, LINES) == 0;
}

/* The file that is meant: of a folder the journal in it, or what was made of it. */
static enum hf_rc find_copy(const char *path, char **ret_file, struct hf_err *err)
{
	static const char *const names[] = {"journal.db", "records" LINES};
	struct stat st;
	if (stat(path, &st) != 0)
		return hf_err_set(err, HF_E_ABSENT, "%s: %m.", path);
	if (!S_ISDIR(st.st_mode)) {
		*ret_file = strdup(path);
		return *ret_file ? HF_OK : hf_err_set(err, HF_E_MEMORY, "There is no memory to read %s.", path);
	}
	for (size_t i = 0; i < HF_LEN(names); i++) {
		hf_auto_free char *file = NULL;
		if (asprintf(&file, "%s/%s", path, names[i]) < 0)
			return hf_err_set(err, HF_E_MEMORY, "There is no memory to read %s.", path);
		if (stat(file, &st) != 0)
			continue;
		*ret_file = hf_steal_ptr(&file);
		return HF_OK;
	}
	return hf_err_set(err, HF_E_ABSENT, "In %s there is neither journal.db nor records.jsonl.", path);
}

/* Of a chain that broke nobody knows what erasures stood behind. */
static void end_gaps(struct copy_reader *reader)
{
	struct hf_copy *copy = reader->copy;
	if (!copy->bad && hf_gaps_end(&reader->gaps, NULL) != HF_OK)
		note_bad_at(copy, reader->gaps.bad, reader->gaps.why);
	copy->erased = copy->bad ? 0 : (int64_t)reader->gaps.n;
	hf_gaps_done(&reader->gaps);
}

enum hf_rc hf_copy_check(const char *path, struct hf_copy *copy, struct hf_err *err)
{
	struct copy_reader reader = {.copy = copy};
	hf_auto_free char *file = NULL;
	enum hf_rc rc = find_copy(path, &file, err);
	if (rc != HF_OK)
		return rc;
	if (copy->n_heads)
		qsort(copy->heads, copy->n_heads, sizeof(copy->heads[0]), by_size);
	judge_heads(copy, &reader.next);
	rc = is_lines(file) ? read_lines(file, &reader, err) : read_database(file, &reader, err);
	if (rc == HF_OK && reader.rc == HF_E_MEMORY)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory to read %s.", path);
	end_gaps(&reader);
	return rc;
}

/* A smaller head that does not fit is no tale of a larger one that does: the tree of that holds all before it. */
bool hf_copy_between(const struct hf_copy *copy, int64_t ret[2])
{
	int64_t fits = 0, differs = -1;
	for (size_t i = 0; i < copy->n_heads; i++)
		if (copy->heads[i].fit == HF_COPY_FITS)
			fits = (int64_t)copy->heads[i].head.size;
	for (size_t i = copy->n_heads; i > 0; i--)
		if (copy->heads[i - 1].fit != HF_COPY_FITS && (int64_t)copy->heads[i - 1].head.size >= fits)
			differs = (int64_t)copy->heads[i - 1].head.size;
	if (differs < 0)
		return false;
	ret[0] = fits + 1;
	ret[1] = differs;
	return true;
}
