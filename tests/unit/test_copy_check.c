/* SPDX-License-Identifier: MIT */
/*
 * A copy of the record is verified offline (policy D5.6-5.7; s.77 of the Freedom of Information Act: records altered to
 * prevent disclosure). Attack: each kind of entry is edited, removed, swapped, inserted; the last ones are cut; the
 * chain is made anew; an old backup, or nothing, lies in its place; a body is gone. Each is named, by its number or between
 * two heads. One record is erased as two officers approved: that is whole, and as little else of it can be changed.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/str.h>

#include "controller/journal/copy_check.h"
#include "tests/help/folder.h"

#define N_KINDS ((int64_t)HF_RECORD_KIND_COUNT)
#define N_BEFORE 3			  /* records before the one of each kind */
#define ERASED 1 /* the place of the record that is erased, from 0; its number is one more */
#define ERASURE (N_BEFORE + (int64_t)HF_RECORD_ERASURE)
#define N_ALL (N_BEFORE + N_KINDS + 1000) /* and a thousand behind */

static char folder[TEST_FOLDER_SIZE];
static struct hf_err err;

/* One record of the copy that is made. */
struct made {
	int64_t seq, at;
	char kind[16], digest[HF_DIGEST_HEX_SIZE], body[768], prev[HF_DIGEST_HEX_SIZE], hash[HF_DIGEST_HEX_SIZE];
};

static struct made records[N_ALL + 2];
static int64_t n_records;

static void link_from(int64_t first)
{
	for (int64_t i = first; i < n_records; i++) {
		struct made *m = &records[i];
		struct hf_record r = {.seq = i + 1, .entry = {.at = {m->at}, .body = m->body, .body_len = strlen(m->body)}};
		struct hf_digest prev = {{0}};
		cr_assert_eq(hf_digest_from_hex(m->digest, &r.entry.digest), HF_OK);
		if (i > 0)
			cr_assert_eq(hf_digest_from_hex(records[i - 1].hash, &prev), HF_OK);
		if (m->body[0] == '\0' && i == ERASED && m->hash[0])
			continue;
		cr_assert_eq(hf_chain_hash(&r, m->kind, &prev, &r.hash), HF_OK);
		m->seq = i + 1;
		hf_digest_hex(&prev, m->prev);
		hf_digest_hex(&r.hash, m->hash);
	}
}

/* What says that a record is erased: who approves it is not looked at here. */
static void erase_one(void)
{
	struct made *gone = &records[ERASED];
	struct hf_erase_range range = {ERASED + 1, ERASED + 1};
	struct hf_erase doc = {.council = "test", .at = {2000}, .why = "Asked for.", .records = &range, .n_records = 1};
	struct hf_erase_kept kept = {.seq = ERASED + 1, .at = gone->at, .kind = gone->kind};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *json = NULL, *body = NULL;
	char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_digest_from_hex(gone->digest, &kept.digest), HF_OK);
	cr_assert_eq(hf_digest_from_hex(gone->hash, &kept.hash), HF_OK);
	cr_assert_eq(hf_erase_add(&doc.of, &kept), HF_OK);
	json = hf_erase_encode(&doc);
	cr_assert_eq(hf_envelope_of_json(HF_DOC_ERASE, json, &envelope, &err), HF_OK, "%s", err.text);
	body = json_pack("{s:s, s:o}", "salt", "AAAA", "erase", hf_envelope_to_json(envelope));
	cr_assert_eq(hf_json_bytes(body, &text, &len), HF_OK);
	cr_assert_eq(hf_str_copy(records[ERASURE].body, sizeof(records[ERASURE].body), text), HF_OK);
	free(text);
	gone->body[0] = '\0';
	link_from(ERASURE);
}

static void make_records(void)
{
	n_records = N_ALL;
	for (int64_t i = 0; i < n_records; i++) {
		struct made *m = &records[i];
		bool one_of_each = i >= N_BEFORE && i < N_BEFORE + N_KINDS;
		enum hf_record_kind kind = one_of_each ? (enum hf_record_kind)(i - N_BEFORE) : HF_RECORD_REPORT;
		*m = (struct made){.at = 1000 + i};
		cr_assert_eq(hf_str_copy(m->kind, sizeof(m->kind), hf_record_kind_name(kind)), HF_OK);
		memset(m->digest, 'a' + (int)(i % 6), sizeof(m->digest) - 1);
		snprintf(m->body, sizeof(m->body), "{\"it is\":\"body\\n %lld\"}", (long long)i);
	}
	link_from(0);
	erase_one();
}

static void write_lines(void)
{
	char path[PATH_MAX];
	FILE *out = fopen(test_path(path, folder, "records.jsonl"), "w");
	cr_assert_not_null(out);
	for (int64_t i = 0; i < n_records; i++) {
		const struct made *m = &records[i];
		hf_auto_json json_t *row =
			json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)m->seq, "at", (json_int_t)m->at,
				  "kind", m->kind, "digest", m->digest, "body", m->body, "prev", m->prev, "hash", m->hash);
		cr_assert_eq(json_dumpf(row, out, JSON_COMPACT), 0);
		fputc('\n', out);
	}
	cr_assert_eq(fclose(out), 0);
}

/* By the same columns as the journal; rows whose numbers collide stand in the order of the file. */
static void write_database(void)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	remove(test_path(path, folder, "journal.db"));
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "CREATE TABLE journal (seq, at, kind, digest, body, prev, hash); BEGIN", NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1, &stmt, NULL), SQLITE_OK);
	for (int64_t i = 0; i < n_records; i++) {
		const struct made *m = &records[i];
		const char *texts[] = {m->kind, m->digest, m->body, m->prev, m->hash};
		sqlite3_reset(stmt);
		sqlite3_bind_int64(stmt, 1, m->seq);
		sqlite3_bind_int64(stmt, 2, m->at);
		for (int k = 0; k < 5; k++)
			sqlite3_bind_text(stmt, 3 + k, texts[k], -1, SQLITE_STATIC);
		cr_assert_eq(sqlite3_step(stmt), SQLITE_DONE);
	}
	sqlite3_finalize(stmt);
	cr_assert_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static struct hf_merkle_head head_at(int64_t size)
{
	struct hf_merkle tree = {0};
	for (int64_t i = 0; i < size; i++) {
		struct hf_digest hash;
		cr_assert_eq(hf_digest_from_hex(records[i].hash, &hash), HF_OK);
		hf_merkle_add(&tree, hash.b);
	}
	return (struct hf_merkle_head){(uint64_t)size, hf_merkle_root(&tree)};
}

static void remove_one(int64_t i)
{
	memmove(&records[i], &records[i + 1], (size_t)(n_records - i - 1) * sizeof(records[0]));
	n_records--;
}

static void edit(int64_t i)
{
	records[i].body[2] ^= 1;
}

static void change_time(int64_t i)
{
	records[i].at -= 3600;
}

static void swap(int64_t i)
{
	struct made first = records[i];
	records[i] = records[i + 1];
	records[i + 1] = first;
	records[i].seq = i + 1;
	records[i + 1].seq = i + 2;
}

static void insert(int64_t i)
{
	memmove(&records[i + 1], &records[i], (size_t)(n_records - i) * sizeof(records[0]));
	n_records++;
	records[i].body[2] ^= 1;
	for (int64_t k = i; k < n_records; k++)
		records[k].seq = k + 1;
}

static void edit_with_its_hash(int64_t i)
{
	struct hf_record r = {.seq = i + 1, .entry = {.at = {records[i].at}}};
	struct hf_digest prev;
	edit(i);
	r.entry.body = records[i].body;
	r.entry.body_len = strlen(records[i].body);
	cr_assert_eq(hf_digest_from_hex(records[i].digest, &r.entry.digest), HF_OK);
	cr_assert_eq(hf_digest_from_hex(records[i].prev, &prev), HF_OK);
	cr_assert_eq(hf_chain_hash(&r, records[i].kind, &prev, &r.hash), HF_OK);
	hf_digest_hex(&r.hash, records[i].hash);
}

static void anew_edited(int64_t i)
{
	edit(i);
	link_from(i);
}

static void anew_removed(int64_t i)
{
	remove_one(i);
	link_from(i);
}

static void anew_swapped(int64_t i)
{
	swap(i);
	link_from(i);
}

static void anew_inserted(int64_t i)
{
	insert(i);
	link_from(i);
}

static void body_gone(int64_t i)
{
	records[i].body[0] = '\0';
}

static void anew_body_gone(int64_t i)
{
	body_gone(i);
	link_from(i);
}

static void cut(int64_t i)
{
	n_records = i;
}

static void emptied(int64_t i)
{
	(void)i;
	n_records = 0;
}

/* What is done to the record of each kind, whose place is i from 0, and what is found. */
static const struct {
	const char *what;
	void (*act)(int64_t i);
	int later;   /* the first bad one is so many behind it; -1: its chain is whole, and the heads tell */
	bool keeps; /* every record before it stays */
} attacks[] = {
	{"edited", edit, 0, true},
	{"its time changed", change_time, 0, true},
	{"removed", remove_one, 0, true},
	{"swapped with the next", swap, 0, true},
	{"another one before it", insert, 0, true},
	{"edited with its hash", edit_with_its_hash, 1, true},
	{"its body gone", body_gone, 0, true},
	{"its body gone, the chain made anew", anew_body_gone, 0, true},
	{"edited, the chain made anew", anew_edited, -1, true},
	{"removed, the chain made anew", anew_removed, -1, true},
	{"swapped, the chain made anew", anew_swapped, -1, true},
	{"another one before it, the chain made anew", anew_inserted, -1, true},
	{"cut off from it on, or an old backup", cut, -1, true},
	{"all of it gone", emptied, -1, false},
};

/* The erasure went with it, or stands there twice: then what it has erased is the first that is not as it should be. */
static bool bares_erased(size_t attack, int64_t i)
{
	void (*act)(int64_t) = attacks[attack].act;
	return (act == cut && i <= ERASURE) || (i == ERASURE && (act == anew_removed || act == anew_inserted));
}

static void expect_found(size_t attack, int64_t i, struct hf_copy *copy)
{
	const char *what = attacks[attack].what, *kind = hf_record_kind_name((enum hf_record_kind)(i - N_BEFORE));
	int64_t between[2] = {0, 0};
	cr_assert_eq(hf_copy_check(folder, copy, &err), HF_OK, "%s", err.text);
	if (bares_erased(attack, i)) {
		cr_expect_eq(copy->bad, ERASED + 1, "D5.6: %s: %s: named %d", kind, what, (int)copy->bad);
		return;
	}
	if (attacks[attack].later >= 0) {
		cr_expect_eq(copy->bad, i + 1 + attacks[attack].later, "D5.6: %s: %s: named %d", kind, what, (int)copy->bad);
		cr_expect_neq(copy->why[0], '\0', "%s: %s: and why", kind, what);
		return;
	}
	cr_expect_eq(copy->bad, 0, "%s: %s: whole in itself", kind, what);
	cr_expect(hf_copy_between(copy, between), "D5.6: %s: %s: it does not fit what others saw", kind, what);
	cr_expect_eq(between[0], attacks[attack].keeps ? i + 1 : 1, "%s: %s: behind the last head that fits", kind, what);
	cr_expect_eq(between[1], attacks[attack].keeps ? i + 3 : 0 + i, "%s: %s: up to the first that does not", kind, what);
}

static void setup(void)
{
	test_folder_make(folder);
}

static void teardown(void)
{
	test_folder_remove(folder);
}

TestSuite(copy_check, .init = setup, .fini = teardown);

/* Heads that were seen: right before it, two behind, and now; a thousand records later. */
static void each_attack(void (*write_copy)(void))
{
	for (size_t attack = 0; attack < HF_LEN(attacks); attack++) {
		for (int64_t i = N_BEFORE; i < N_BEFORE + N_KINDS; i++) {
			struct hf_copy_head heads[3];
			struct hf_copy copy = {.heads = heads, .n_heads = HF_LEN(heads)};
			make_records();
			heads[0].head = head_at(N_ALL);
			heads[1].head = head_at(i);
			heads[2].head = head_at(i + 3);
			for (size_t k = 0; k < HF_LEN(heads); k++)
				heads[k].fit = HF_COPY_NOT_REACHED;
			attacks[attack].act(i);
			write_copy();
			expect_found(attack, i, &copy);
		}
	}
}

Test(copy_check, each_kind_of_entry_and_each_attack_in_lines)
{
	each_attack(write_lines);
}

Test(copy_check, each_kind_of_entry_and_each_attack_in_a_database)
{
	each_attack(write_database);
}

Test(copy_check, what_is_whole_is_whole)
{
	void (*const writes[])(void) = {write_lines, write_database};
	for (size_t w = 0; w < HF_LEN(writes); w++) {
		struct hf_copy_head heads[2] = {{.fit = HF_COPY_NOT_REACHED}, {.fit = HF_COPY_NOT_REACHED}};
		struct hf_copy copy = {.heads = heads, .n_heads = HF_LEN(heads)};
		int64_t between[2];
		make_records();
		heads[0].head = head_at(N_ALL);
		heads[1].head = head_at(0);
		writes[w]();
		cr_assert_eq(hf_copy_check(folder, &copy, &err), HF_OK, "%s", err.text);
		cr_expect_eq(copy.bad, 0, "%s", copy.why);
		cr_expect_eq(copy.erased, 1, "and what is erased was approved");
		cr_expect_eq(copy.chain.tree.size, N_ALL);
		cr_expect_not(hf_copy_between(&copy, between));
	}
}

/* Attack: what is left of an erased record is changed, or its body comes back, or never went. */
Test(copy_check, nothing_else_of_an_erased_record_can_be_changed)
{
	for (int i = 0; i < 4; i++) {
		struct hf_copy copy = {.n_heads = 0};
		struct made *gone = &records[ERASED];
		make_records();
		if (i == 0)
			gone->at -= 3600;
		else if (i == 1)
			gone->digest[0] = gone->digest[0] == 'a' ? 'b' : 'a';
		else if (i == 2)
			cr_assert_eq(hf_str_copy(gone->kind, sizeof(gone->kind), "notice"), HF_OK);
		else
			snprintf(gone->body, sizeof(gone->body), "{\"it is\":\"body\\n %d\"}", ERASED);
		write_lines();
		cr_assert_eq(hf_copy_check(folder, &copy, &err), HF_OK, "%s", err.text);
		cr_expect_eq(copy.bad, ERASED + 1, "%d: %s", i, copy.why);
		cr_expect_eq(copy.erased, 0);
	}
}

/* A later version's entry is followed; a blank in its kind would make two texts of one hash. */
Test(copy_check, kinds_that_are_not_known_here)
{
	struct hf_copy later = {.n_heads = 0}, blank = {.n_heads = 0};
	make_records();
	cr_assert_eq(hf_str_copy(records[5].kind, sizeof(records[5].kind), "outcome-2"), HF_OK);
	link_from(5);
	write_lines();
	cr_assert_eq(hf_copy_check(folder, &later, &err), HF_OK);
	cr_expect_eq(later.bad, 0);
	cr_assert_eq(hf_str_copy(records[5].kind, sizeof(records[5].kind), "a b"), HF_OK);
	link_from(5);
	write_lines();
	cr_assert_eq(hf_copy_check(folder, &blank, &err), HF_OK);
	cr_expect_eq(blank.bad, 6);
}

/* Attack: lines that are none, or not all of one. */
Test(copy_check, lines_that_are_no_records)
{
	static const char *const lines[] = {"", "x\n", "{}\n", "[]\n", "{\"seq\":1}\n", "{\"seq\":1,\"seq\":1}\n", "{\"seq\":\"1\"}\n"};
	char path[PATH_MAX];
	for (size_t i = 0; i < HF_LEN(lines); i++) {
		struct hf_copy copy = {.n_heads = 0};
		FILE *out = fopen(test_path(path, folder, "records.jsonl"), "w");
		cr_assert_not_null(out);
		fputs(lines[i], out);
		cr_assert_eq(fclose(out), 0);
		cr_assert_eq(hf_copy_check(folder, &copy, &err), HF_OK);
		cr_expect_eq(copy.bad, i > 0, "%s", lines[i]);
	}
	cr_expect_eq(hf_copy_check("/nowhere", &(struct hf_copy){.n_heads = 0}, &err), HF_E_ABSENT);
	remove(path);
	cr_expect_eq(hf_copy_check(folder, &(struct hf_copy){.n_heads = 0}, &err), HF_E_ABSENT, "nothing in it");
	FILE *out = fopen(test_path(path, folder, "journal.db"), "w");
	fputs("this is no database at all, however long it may be said to be", out);
	cr_assert_eq(fclose(out), 0);
	cr_expect_eq(hf_copy_check(folder, &(struct hf_copy){.n_heads = 0}, &err), HF_E_SHAPE, "no database");
}
