/* SPDX-License-Identifier: MIT */
/*
 * Notes for the record, and what of it is erased (policy D5.6-5.7; Freedom of Information Act 2000 s.77). Attack: one officer, the
 * server, or whoever has the file lets go what a council could be asked for; what is let go is not.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "controller/journal/copy_check.h"
#include "tests/unit/help_server.h"

static struct server server;
static struct hf_err err;
static struct hf_digest lockdown;

static void setup(void)
{
	lockdown = server_open_shut(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(erasures, .init = setup, .fini = teardown);

static enum hf_rc note_by(unsigned who, const char *text, struct hf_digest of, enum hf_outcome *ret_outcome)
{
	const struct hf_remark doc = {.council = COUNCIL_NAME,
				      .act = HF_REMARK_NOTE,
				      .of = &of,
				      .n_of = 1,
				      .at = {COUNCIL_T + 200},
				      .happened = {COUNCIL_T + 100},
				      .reason = text};
	struct hf_taken taken = {.outcome = HF_OUTCOME_COUNT};
	enum hf_rc rc = server_post(&server, council_sign(&server.council, HF_DOC_REMARK, hf_remark_encode(&doc), who), &taken, &err);
	*ret_outcome = taken.outcome;
	return rc;
}

static int64_t size_now(void)
{
	return (int64_t)hf_journal_tree(server.c.journal)->size;
}

/* What the rows of some records say. */
struct rows {
	struct hf_erase_kept kept[8];
	char kinds[8][16];
	size_t bodies[8], n;
	char piece[64]; /* out of the middle of the first body */
};

static enum hf_rc take_row(void *arg, const struct hf_chain_row *row, struct hf_err *ret_err)
{
	struct rows *rows = arg;
	struct hf_erase_kept *kept = &rows->kept[rows->n];
	(void)ret_err;
	kept->seq = row->seq;
	kept->at = row->at;
	kept->kind = rows->kinds[rows->n];
	cr_assert_eq(hf_str_copy(rows->kinds[rows->n], sizeof(rows->kinds[0]), row->kind), HF_OK);
	cr_assert_eq(hf_digest_from_hex(row->digest, &kept->digest), HF_OK);
	cr_assert_eq(hf_digest_from_hex(row->hash, &kept->hash), HF_OK);
	if (rows->n == 0 && row->body_len > 200)
		cr_assert_eq(hf_str_printf(rows->piece, sizeof(rows->piece), "%.60s", row->body + 100), HF_OK);
	rows->bodies[rows->n++] = row->body_len;
	return HF_OK;
}

static void read_rows(int64_t first, size_t n, struct rows *ret)
{
	struct hf_stretch stretch = {.upto = first - 1, .most = n};
	ret->n = 0;
	cr_assert_eq(hf_journal_some_rows(server.c.journal, &stretch, take_row, ret, &err), HF_OK, "%s", err.text);
}

static struct hf_envelope *erasure_of(int64_t first, int64_t last, unsigned who)
{
	struct hf_erase_range range = {first, last};
	struct hf_erase doc = {
		.council = COUNCIL_NAME, .at = {COUNCIL_T + 300}, .why = "Asked for.", .records = &range, .n_records = 1};
	struct rows rows;
	read_rows(first, (size_t)(last - first + 1), &rows);
	for (size_t i = 0; i < rows.n; i++)
		cr_assert_eq(hf_erase_add(&doc.of, &rows.kept[i]), HF_OK);
	return council_sign(&server.council, HF_DOC_ERASE, hf_erase_encode(&doc), who);
}

static enum hf_rc erase(int64_t first, int64_t last, unsigned who, enum hf_outcome *ret_outcome)
{
	struct hf_taken taken = {.outcome = HF_OUTCOME_COUNT};
	enum hf_rc rc = server_post(&server, erasure_of(first, last, who), &taken, &err);
	*ret_outcome = taken.outcome;
	return rc;
}

/* The number of the newest note. */
static int64_t note_it(const char *text)
{
	enum hf_outcome outcome;
	cr_assert_eq(note_by(COMMS_1, text, lockdown, &outcome), HF_OK, "%s", err.text);
	cr_assert_eq(outcome, HF_OUTCOME_RECORDED);
	return size_now();
}

static bool file_has(const char *text)
{
	static const char *const names[] = {"journal.db", "journal.db-wal"};
	for (size_t i = 0; i < HF_LEN(names); i++) {
		char path[PATH_MAX];
		hf_auto_free char *all = NULL;
		size_t len = 0;
		if (hf_fs_read(test_path(path, server.folder, names[i]), 64 * 1024 * 1024, &all, &len, NULL) == HF_OK &&
		    memmem(all, len, text, strlen(text)))
			return true;
	}
	return false;
}

/* JESIP: reasons as well as decisions. One officer's word, once, that opens and approves nothing. */
Test(erasures, a_note_is_of_one_officer_and_about_what_is_known)
{
	struct hf_digest other = {{1}};
	enum hf_outcome outcome;
	cr_expect_eq(note_by(COMMS_1, "The fire service asked.", other, &outcome), HF_E_ABSENT, "of nothing known");
	cr_expect_eq(note_by(COMMS_1 | COMMS_2, "The fire service asked.", lockdown, &outcome), HF_E_MISMATCH, "of two");
	cr_expect_eq(note_by(0, "The fire service asked.", lockdown, &outcome), HF_E_UNSIGNED);
	(void)note_it("The fire service asked.");
	cr_expect_eq(note_by(COMMS_1, "The fire service asked.", lockdown, &outcome), HF_OK);
	cr_expect_eq(outcome, HF_OUTCOME_KNOWN, "the very same");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(note_by(COMMS_1, "The fire service asked.", lockdown, &outcome), HF_OK);
	cr_expect_eq(outcome, HF_OUTCOME_KNOWN, "also after a start");
}

/* Attack: one key fills the record with notes. */
Test(erasures, a_flood_of_notes_ends)
{
	char text[32];
	enum hf_outcome outcome;
	for (int i = 0; i < HF_NOTES_OF_ONE_MAX; i++) {
		cr_assert_eq(hf_str_printf(text, sizeof(text), "Note %d.", i), HF_OK);
		cr_assert_eq(note_by(COMMS_1, text, lockdown, &outcome), HF_OK, "%d: %s", i, err.text);
	}
	cr_expect_eq(note_by(COMMS_1, "One more.", lockdown, &outcome), HF_E_SIZE);
	cr_expect_eq(note_by(COMMS_2, "One more.", lockdown, &outcome), HF_OK, "others go on: %s", err.text);
}

/* Two let it go: the body is nowhere in the file, all else stays, and every start says the same. */
Test(erasures, a_body_goes_by_two_and_its_hash_stays)
{
	int64_t seq = note_it("Unobtainium ward."), size;
	struct rows before = {.n = 0}, after = {.n = 0};
	enum hf_outcome outcome;
	struct hf_copy copy = {.n_heads = 0};
	struct hf_digest root;
	cr_expect_eq(erase(seq, seq, COMMS_1, &outcome), HF_OK, "%s", err.text);
	cr_expect_eq(outcome, HF_OUTCOME_DRAFT, "one alone");
	read_rows(seq, 1, &before);
	cr_expect_gt(before.bodies[0], 0);
	cr_assert_neq(before.piece[0], '\0');
	cr_expect(file_has(before.piece), "until then");
	cr_assert_eq(erase(seq, seq, MONITORING_1, &outcome), HF_OK, "%s", err.text);
	cr_assert_eq(outcome, HF_OUTCOME_RECORDED);
	read_rows(seq, 1, &after);
	cr_expect_eq(after.bodies[0], 0, "the body is gone");
	cr_expect_not(file_has(before.piece), "from the file and its log, too");
	cr_expect_eq(hf_digest_cmp(&before.kept[0].hash, &after.kept[0].hash), 0, "its hash stays");
	cr_expect_eq(erase(seq, seq, COMMS_1 | COMMS_2, &outcome), HF_OK, "%s", err.text);
	cr_expect_eq(outcome, HF_OUTCOME_KNOWN, "the very same again");
	cr_expect_eq(erase(seq - 1, seq, COMMS_1 | COMMS_2, &outcome), HF_E_MISMATCH, "it is gone already, or stays");
	size = size_now();
	root = hf_merkle_root(hf_journal_tree(server.c.journal));
	for (int i = 0; i < 2; i++) {
		struct hf_digest again;
		server.rebuilds = i == 1;
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
		cr_assert_eq(hf_journal_head_at(server.c.journal, size, &again, &err), HF_OK, "%s", err.text);
		cr_expect_eq(hf_digest_cmp(&root, &again), 0, "the tree proves on");
	}
	server_stop(&server);
	cr_assert_eq(hf_copy_check(server.folder, &copy, &err), HF_OK, "%s", err.text);
	cr_expect_eq(copy.bad, 0, "%s", copy.why);
	cr_expect_eq(copy.erased, 1);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
}

/* Attack: an order, what it was approved by, or who brought it, is let go; or what is not there. */
Test(erasures, what_the_law_follows_from_stays)
{
	static const enum hf_rc want[] = {HF_E_MISMATCH, HF_E_ABSENT};
	int64_t seqs[2] = {1, 0};
	enum hf_outcome outcome;
	seqs[1] = size_now() + 5;
	for (size_t i = 0; i < HF_LEN(want); i++)
		cr_expect_eq(erase(seqs[i], seqs[i], COMMS_1 | MONITORING_1, &outcome), want[i], "%zu: %s", i, err.text);
	cr_expect_eq(erase(1, 3, COMMS_1, &outcome), HF_E_MISMATCH, "nor does it wait: %s", err.text);
	cr_expect_eq(erase(1, 1, IT_1, &outcome), HF_E_ROLE, "who runs the server has no say");
}

/* Attack: the erasure of one journal is brought to another, where that number is another record. */
Test(erasures, of_another_record_it_is_refused)
{
	int64_t seq = note_it("One.");
	struct hf_envelope *other = erasure_of(seq, seq, COMMS_1 | MONITORING_1);
	struct hf_erase_range range = {seq + 1, seq + 1};
	hf_auto_erase struct hf_erase *doc = NULL;
	cr_assert_eq(hf_erase_decode(other, &doc, &err), HF_OK);
	(void)note_it("Two.");
	*doc->records = range;
	cr_expect_eq(server_post(&server, council_sign(&server.council, HF_DOC_ERASE, hf_erase_encode(doc), COMMS_1 | MONITORING_1), NULL,
				 &err),
		     HF_E_MISMATCH);
	hf_envelope_free(&other);
}

static void with_file(const char *sql)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	char *why = NULL;
	cr_assert_eq(sqlite3_open(test_path(path, server.folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK, "%s", why);
	sqlite3_close(db);
}

/* Attack: whoever has the file empties a body; or changes what is left of one that was erased. */
Test(erasures, a_body_that_nobody_let_go_stops_the_start)
{
	static const char *const guard = "DROP TRIGGER journal_no_update; UPDATE journal SET %s WHERE seq = %lld; CREATE TRIGGER "
					 "journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is "
					 "append-only'); END";
	int64_t seq = note_it("One."), other = note_it("Two.");
	enum hf_outcome outcome;
	char sql[512];
	cr_assert_eq(erase(seq, seq, COMMS_1 | MONITORING_1, &outcome), HF_OK, "%s", err.text);
	server_stop(&server);
	cr_assert_eq(hf_str_printf(sql, sizeof(sql), guard, "at = at - 3600", (long long)seq), HF_OK);
	with_file(sql);
	cr_expect_eq(server_start(&server, &err), HF_E_SHAPE);
	cr_expect_not_null(strstr(err.text, "is not what was erased"), "%s", err.text);
	cr_assert_eq(hf_str_printf(sql, sizeof(sql), guard, "at = at + 3600", (long long)seq), HF_OK);
	server_stop(&server);
	with_file(sql);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
	server_stop(&server);
	cr_assert_eq(hf_str_printf(sql, sizeof(sql), guard, "body = ''", (long long)other), HF_OK);
	with_file(sql);
	cr_expect_eq(server_start(&server, &err), HF_E_SHAPE);
	cr_expect_not_null(strstr(err.text, "no erasure says so"), "%s", err.text);
}
