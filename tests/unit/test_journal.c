/* SPDX-License-Identifier: MIT */
/*
 * Owns the journal: written, closed, opened and read again; two writers; damage; its guards.
 * Must never leave its folder behind.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/journal/journal.h"

static char folder[64], file[96];
#define STEP 13 /* a prime: every part of the file is hit */
static struct hf_err err;

static void remove_files(void)
{
	static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm"};
	char path[128];
	for (size_t i = 0; i < HF_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static void setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/hf-journal-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/journal.db", folder);
}

static void teardown(void)
{
	remove_files();
	rmdir(folder);
}

TestSuite(journal, .init = setup, .fini = teardown);

static struct hf_entry entry(int i, enum hf_record_kind kind, const char *body)
{
	struct hf_entry e = {.at = {1000 + i}, .kind = kind, .body = body, .body_len = strlen(body)};
	memset(e.digest.b, i, sizeof(e.digest.b));
	return e;
}

static struct hf_journal *open_read(hf_record_fn fn, void *arg)
{
	struct hf_journal *journal = NULL;
	cr_assert_eq(hf_journal_open(folder, &journal, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_journal_replay(journal, fn, arg, &err), HF_OK, "%s", err.text);
	return journal;
}

static void append(struct hf_journal *journal, int i, enum hf_record_kind kind, const char *body)
{
	struct hf_entry e = entry(i, kind, body);
	cr_assert_eq(hf_journal_append(journal, &e, 1, &err), HF_OK, "%s", err.text);
}

static enum hf_rc collect(void *arg, const struct hf_record *record, struct hf_err *ret_err)
{
	char *text = arg;
	(void)ret_err;
	snprintf(text + strlen(text), 512 - strlen(text), "%d %d %s %d %.*s;", (int)record->seq,
		 (int)record->entry.at.s, hf_record_kind_name(record->entry.kind), record->entry.digest.b[0],
		 (int)record->entry.body_len, record->entry.body);
	return HF_OK;
}

Test(journal, what_was_recorded_is_read_again_in_order)
{
	char text[512] = "";
	hf_auto_journal struct hf_journal *journal = open_read(NULL, NULL);
	struct hf_entry two[] = {entry(2, HF_RECORD_REGISTER, "b"), entry(3, HF_RECORD_ORDER, "c")};
	append(journal, 1, HF_RECORD_TRUST, "a");
	cr_assert_eq(hf_journal_append(journal, two, 2, &err), HF_OK, "%s", err.text);
	struct hf_digest before = hf_merkle_root(hf_journal_tree(journal));
	hf_journal_close(&journal);
	journal = open_read(collect, text);
	struct hf_digest after = hf_merkle_root(hf_journal_tree(journal));
	cr_expect_str_eq(text, "1 1001 trust 1 a;2 1002 register 2 b;3 1003 order 3 c;", "D5.6: records in order");
	cr_expect_eq(hf_digest_cmp(&before, &after), 0, "D5.6: the tree head survives a restart");
	append(journal, 4, HF_RECORD_REPORT, "d");
	cr_expect_eq(hf_journal_tree(journal)->size, 4, "D5.6: it goes on where it stopped");
}

/* Every head and every proof, at each size up to 70, against the tree of the records themselves. */
static void expect_levels(struct hf_journal *journal, const struct hf_merkle_head *heads, const struct hf_digest *hashes,
			  int64_t n)
{
	for (int64_t size = 0; size <= n; size++) {
		struct hf_digest root = {{0}};
		cr_assert_eq(hf_journal_head_at(journal, size, &root, &err), HF_OK, "%s", err.text);
		cr_expect_eq(hf_digest_cmp(&root, &heads[size].root), 0, "D5.6: the head of %d of %d", (int)size,
			     (int)n);
	}
	for (int64_t seq = 1; seq <= n; seq++) {
		struct hf_merkle_proof proof;
		struct hf_digest leaf = hf_merkle_leaf(hashes[seq].b);
		cr_assert_eq(hf_journal_prove(journal, seq, &proof, &err), HF_OK, "%s", err.text);
		cr_expect(hf_merkle_leaf_fits(&leaf, (uint64_t)seq - 1, &proof, &heads[n]), "D5.6: record %d of %d",
			  (int)seq, (int)n);
	}
	for (int64_t size = 1; size <= n; size++) {
		struct hf_merkle_proof proof;
		cr_assert_eq(hf_journal_prove_growth(journal, size, &proof, &err), HF_OK, "%s", err.text);
		cr_expect(hf_merkle_growth_fits(&heads[size], &heads[n], &proof), "D5.6: it goes on from %d to %d", (int)size,
			  (int)n);
	}
	for (int64_t size = 0; size <= n + 1; size += n + 1)
		cr_expect_eq(hf_journal_prove_growth(journal, size, &(struct hf_merkle_proof){.n = 0}, &err), HF_E_ABSENT,
			     "from %d of %d", (int)size, (int)n);
}

static enum hf_rc take_hash(void *arg, const struct hf_record *record, struct hf_err *ret_err)
{
	struct hf_digest *hashes = arg;
	(void)ret_err;
	hashes[record->seq] = record->hash;
	return HF_OK;
}

#define LEVELS_MOST 70 /* records: past a power of two */

Test(journal, heads_and_proofs_are_of_the_kept_levels)
{
	static const char *const damages[] = {"DELETE FROM tree", "UPDATE tree SET node = zeroblob(32) WHERE level = 2",
					      "DELETE FROM tree WHERE level = 3", "DROP TABLE tree"};
	struct hf_merkle_head heads[LEVELS_MOST + 1];
	struct hf_digest hashes[LEVELS_MOST + 1];
	struct hf_journal *journal = open_read(NULL, NULL);
	heads[0] = (struct hf_merkle_head){0, hf_merkle_root(hf_journal_tree(journal))};
	for (int n = 1; n <= LEVELS_MOST; n++) {
		append(journal, n, HF_RECORD_ORDER, "a");
		heads[n] = (struct hf_merkle_head){(uint64_t)n, hf_merkle_root(hf_journal_tree(journal))};
	}
	cr_assert_eq(hf_journal_replay(journal, take_hash, hashes, &err), HF_OK);
	expect_levels(journal, heads, hashes, LEVELS_MOST);
	cr_expect_eq(hf_journal_head_at(journal, LEVELS_MOST + 1, &heads[0].root, &err), HF_E_ABSENT);
	cr_expect_eq(hf_journal_prove(journal, 0, &(struct hf_merkle_proof){.n = 0}, &err), HF_E_ABSENT);
	hf_journal_close(&journal);
	for (size_t i = 0; i < HF_LEN(damages); i++) {
		sqlite3 *db = NULL;
		cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
		cr_assert_eq(sqlite3_exec(db, damages[i], NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
		sqlite3_close(db);
		journal = open_read(NULL, NULL);
		expect_levels(journal, heads, hashes, LEVELS_MOST);
		hf_journal_close(&journal);
	}
}

/* A projection that somebody changed while it was open: what does not fit is made again, and no wrong head is given. */
Test(journal, levels_that_were_changed_meanwhile_are_made_again)
{
	struct hf_digest root, want;
	sqlite3 *db = NULL;
	hf_auto_journal struct hf_journal *journal = open_read(NULL, NULL);
	for (int n = 1; n <= 5; n++) {
		append(journal, n, HF_RECORD_ORDER, "a");
		if (n == 4)
			want = hf_merkle_root(hf_journal_tree(journal));
	}
	cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "UPDATE tree SET node = zeroblob(32)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	cr_assert_eq(hf_journal_head_at(journal, 4, &root, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_digest_cmp(&root, &want), 0, "D5.6");
}

Test(journal, nothing_is_appended_before_it_was_read)
{
	hf_auto_journal struct hf_journal *journal = NULL;
	struct hf_entry e = entry(1, HF_RECORD_TRUST, "a");
	cr_assert_eq(hf_journal_open(folder, &journal, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_journal_append(journal, &e, 1, &err), HF_E_USAGE, "D5.6: an unread journal takes nothing");
}

Test(journal, the_stale_writer_of_two_is_refused)
{
	hf_auto_journal struct hf_journal *one = open_read(NULL, NULL);
	hf_auto_journal struct hf_journal *two = open_read(NULL, NULL);
	struct hf_entry e = entry(2, HF_RECORD_ORDER, "two");
	append(one, 1, HF_RECORD_TRUST, "one");
	cr_expect_eq(hf_journal_append(two, &e, 1, &err), HF_E_STALE_HEAD, "split brain: the head moved");
	cr_expect_eq(hf_journal_tree(two)->size, 0, "a refused record is not in the tree");
	append(one, 2, HF_RECORD_ORDER, "again");
	cr_assert_eq(hf_journal_replay(two, NULL, NULL, &err), HF_OK, "%s", err.text);
	cr_expect_eq(hf_journal_append(two, &e, 1, &err), HF_OK, "after reading again it may write: %s", err.text);
	cr_expect_eq(hf_journal_append(one, &e, 1, &err), HF_E_STALE_HEAD, "split brain: now the other is stale");
}

Test(journal, the_table_itself_refuses_change)
{
	static const struct {
		const char *what, *sql;
	} rows[] = {
		{"D5.6: a record cannot be changed", "UPDATE journal SET body = 'x' WHERE seq = 1"},
		{"D5.6: a record cannot be removed", "DELETE FROM journal WHERE seq = 2"},
		{"D5.6: a record cannot be replaced",
		 "INSERT OR REPLACE INTO journal VALUES (1, 1, 'order', 'x', 'x', 'x', 'x')"},
		{"D5.6: no record is skipped", "INSERT INTO journal VALUES (9, 1, 'order', 'x', 'x', 'x', 'x')"},
	};
	hf_auto_journal struct hf_journal *journal = open_read(NULL, NULL);
	sqlite3 *db = NULL;
	append(journal, 1, HF_RECORD_TRUST, "a");
	append(journal, 2, HF_RECORD_ORDER, "b");
	cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(sqlite3_exec(db, rows[i].sql, NULL, NULL, NULL), SQLITE_CONSTRAINT, "%s", rows[i].what);
	sqlite3_close(db);
	cr_expect_eq(hf_journal_replay(journal, NULL, NULL, &err), HF_OK, "and it still reads: %s", err.text);
}

/* Runs SQL against the closed file, with the guards taken away first and put back after. */
static enum hf_rc tamper(const char *sql)
{
	hf_auto_journal struct hf_journal *journal = NULL;
	sqlite3 *db = NULL;
	char *guard = NULL, *all = NULL;
	sqlite3_stmt *stmt = NULL;
	cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger'",
					-1, &stmt, NULL),
		     SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	guard = strdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	cr_assert_gt(asprintf(&all,
			      "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; "
			      "DROP TRIGGER journal_in_order; %s; %s",
			      sql, guard),
		     0);
	cr_assert_eq(sqlite3_exec(db, all, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	free(guard);
	free(all);
	sqlite3_close(db);
	cr_assert_eq(hf_journal_open(folder, &journal, &err), HF_OK, "%s", err.text);
	return hf_journal_replay(journal, NULL, NULL, &err);
}

Test(journal, a_changed_record_is_noticed_at_start)
{
	static const struct {
		const char *what, *sql, *says;
	} rows[] = {
		{"another body", "UPDATE journal SET body = 'x' WHERE seq = 2", "record 2: its content"},
		{"another time", "UPDATE journal SET at = 1 WHERE seq = 2", "record 2: its content"},
		{"another kind", "UPDATE journal SET kind = 'draft' WHERE seq = 2", "record 2: its content"},
		{"another digest",
		 "UPDATE journal SET digest = (SELECT digest FROM journal WHERE seq = 1) WHERE seq = 2",
		 "record 2: its content"},
		{"an unknown kind", "UPDATE journal SET kind = 'x' WHERE seq = 2", "record 2: its content"},
		{"another predecessor", "UPDATE journal SET prev = hash WHERE seq = 2", "record 2: it does not follow"},
		{"one left out", "DELETE FROM journal WHERE seq = 2", "record 2: it is missing"},
		{"one renumbered", "UPDATE journal SET seq = 9 WHERE seq = 3", "record 3: it is missing"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_journal *journal = open_read(NULL, NULL);
		append(journal, 1, HF_RECORD_TRUST, "a");
		append(journal, 2, HF_RECORD_ORDER, "b");
		append(journal, 3, HF_RECORD_ORDER, "c");
		hf_journal_close(&journal);
		cr_expect_eq(tamper(rows[i].sql), HF_E_SHAPE, "D5.6: %s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "D5.6: %s: %s", rows[i].what, err.text);
		remove_files();
	}
}

Test(journal, a_guard_taken_away_is_noticed_at_start)
{
	hf_auto_journal struct hf_journal *journal = open_read(NULL, NULL);
	sqlite3 *db = NULL;
	append(journal, 1, HF_RECORD_TRUST, "a");
	hf_journal_close(&journal);
	cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "DROP TRIGGER journal_no_delete", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	cr_expect_eq(hf_journal_open(folder, &journal, &err), HF_E_SHAPE, "D5.6: a missing guard");
	cr_expect(strstr(err.text, "guards"), "%s", err.text);
}

/* Without the sync of a careful write: a thousand of them would be a test of the disk. */
static void write_image(const char *image, size_t len)
{
	FILE *out = fopen(file, "wb");
	cr_assert_not_null(out);
	cr_assert_eq(fwrite(image, 1, len, out), len);
	cr_assert_eq(fclose(out), 0);
}

/* Bytes all over the file, flipped alone: the program refuses to start, or reads exactly what was written. */
Test(journal, a_flipped_byte_never_changes_what_is_read)
{
	char want[512] = "", got[512];
	char *image = NULL;
	size_t len = 0, noticed = 0;
	struct hf_journal *journal = open_read(NULL, NULL);
	append(journal, 1, HF_RECORD_TRUST, "the first body");
	append(journal, 2, HF_RECORD_ORDER, "the second body");
	hf_journal_close(&journal);
	journal = open_read(collect, want);
	hf_journal_close(&journal);
	cr_assert_eq(hf_fs_read(file, 1 << 20, &image, &len, &err), HF_OK, "%s", err.text);
	for (size_t i = 0; i < len; i += STEP) {
		remove_files();
		image[i] = (char)(image[i] ^ 0x55);
		write_image(image, len);
		image[i] = (char)(image[i] ^ 0x55);
		got[0] = '\0';
		enum hf_rc rc = hf_journal_open(folder, &journal, &err);
		if (rc == HF_OK)
			rc = hf_journal_replay(journal, collect, got, &err);
		hf_journal_close(&journal);
		noticed += rc != HF_OK;
		cr_expect(rc != HF_OK || strcmp(got, want) == 0, "D5.6: byte %d flipped: %s", (int)i, got);
		cr_expect(rc == HF_OK || strstr(err.text, file), "which file: %s", err.text);
	}
	free(image);
	cr_expect_gt(noticed, 500 / STEP, "the records alone are more than 500 bytes");
}

static enum hf_rc collect_report(void *arg, const struct hf_report_row *row, struct hf_err *ret_err)
{
	char *text = arg;
	(void)ret_err;
	snprintf(text + strlen(text), 512 - strlen(text), "%s %d %d %.*s;", row->device, (int)row->counter,
		 (int)row->heard.s, (int)row->body_len, row->body);
	return HF_OK;
}

Test(journal, the_last_report_of_each_device_and_the_numbers_are_read_again)
{
	char text[512] = "";
	int64_t seq = -1;
	const struct hf_report_row rows[] = {{"d2", 4, {10}, "four", 4, 0},
					     {"d1", 1, {11}, "one", 3, 0},
					     {"d2", 5, {12}, "five", 4, 0},
					     {"d2", 6, {13}, "six", 3, 0}};
	struct hf_journal *journal = open_read(NULL, NULL);
	cr_assert_eq(hf_journal_save(journal, &(struct hf_batch){.reports = rows, .n_reports = HF_LEN(rows)}, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_journal_number(journal, "seq", &seq, &err), HF_OK, "%s", err.text);
	cr_expect_eq(seq, 0, "a number that was never set");
	cr_assert_eq(hf_journal_set_number(journal, "seq", 7, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_journal_set_number(journal, "seq", 8, &err), HF_OK, "%s", err.text);
	hf_journal_close(&journal);
	journal = open_read(NULL, NULL);
	cr_assert_eq(hf_journal_each_report(journal, collect_report, text, &err), HF_OK, "%s", err.text);
	cr_expect_str_eq(text, "d1 1 11 one;d2 6 13 six;", "one row a device, the last that was kept");
	cr_assert_eq(hf_journal_number(journal, "seq", &seq, &err), HF_OK, "%s", err.text);
	cr_expect_eq(seq, 8, "State: seq survives a restart");
	hf_journal_close(&journal);
}
