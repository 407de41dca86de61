/* SPDX-License-Identifier: MIT */
/*
 * Owns that nothing which is lost of the journal goes unnoticed, and that a controller begins anew on purpose alone.
 * Must never touch anything outside of its own folder.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/begin.h"
#include "controller/enter.h"
#include "tests/unit/help_server.h"

#define COPY_MAX 8388608 /* bytes: any journal of these tests */

static struct server server;
static struct hf_err err;
static const struct hf_keeper_of_files mine = {.gives = false};

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(lost_journal, .init = setup, .fini = teardown);

static void raise_one(const char *reason)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	order.body.reason = reason;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK, "%s",
		     err.text);
}

static const char *in_folder(const char *name)
{
	static char path[PATH_MAX];
	return test_path(path, server.folder, name);
}

static void copy_file(const char *from, const char *to)
{
	hf_auto_free char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	cr_assert_eq(hf_fs_read(in_folder(from), COPY_MAX, &text, &len, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_fs_replace(test_path(path, server.folder, to), text, len, 0600, &err), HF_OK, "%s", err.text);
}

static void remove_journal(void)
{
	unlink(in_folder("journal.db-wal"));
	unlink(in_folder("journal.db-shm"));
	cr_assert_eq(unlink(in_folder("journal.db")), 0);
}

/* What a thief of the file does: the guards are taken away, a change is made, the guards are put back. */
static void change_journal(const char *sql)
{
	static const char *const names[] = {"journal_no_update", "journal_no_delete", "journal_in_order"};
	char *guards[HF_LEN(names)], *drop;
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	cr_assert_eq(sqlite3_open(in_folder("journal.db"), &db), SQLITE_OK);
	for (size_t i = 0; i < HF_LEN(names); i++) {
		cr_assert_eq(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE name = ?1", -1, &stmt, NULL),
			     SQLITE_OK);
		sqlite3_bind_text(stmt, 1, names[i], -1, SQLITE_STATIC);
		cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
		guards[i] = strdup((const char *)sqlite3_column_text(stmt, 0));
		sqlite3_finalize(stmt);
		cr_assert_geq(asprintf(&drop, "DROP TRIGGER %s", names[i]), 0);
		cr_assert_eq(sqlite3_exec(db, drop, NULL, NULL, NULL), SQLITE_OK);
		free(drop);
	}
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	for (size_t i = 0; i < HF_LEN(names); i++) {
		cr_assert_eq(sqlite3_exec(db, guards[i], NULL, NULL, NULL), SQLITE_OK);
		free(guards[i]);
	}
	sqlite3_close(db);
}

static void expect_refused(enum hf_rc want, const char *what)
{
	cr_expect_eq(server_start(&server, &err), want, "%s: %s", what, err.text);
	cr_expect(strstr(err.text, "--accept-journal"), "%s: how to go on on purpose: %s", what, err.text);
	cr_expect(strstr(err.text, "backup"), "%s: how to restore: %s", what, err.text);
	server_stop(&server);
}

Test(lost_journal, a_journal_that_is_gone_is_no_first_start)
{
	raise_one("A fire.");
	server_stop(&server);
	remove_journal();
	expect_refused(HF_E_ABSENT, "the journal is deleted");
	test_folder_remove(in_folder("mark"));
	expect_refused(HF_E_ABSENT, "and the mark beside it");
}

Test(lost_journal, the_mark_beside_it_is_enough)
{
	raise_one("A fire.");
	server_stop(&server);
	remove_journal();
	test_folder_remove(in_folder("outside"));
	expect_refused(HF_E_ABSENT, "the journal and the mark outside are deleted");
}

Test(lost_journal, an_emptied_journal_is_no_first_start)
{
	server_stop(&server);
	cr_assert_eq(truncate(in_folder("journal.db"), 0), 0);
	expect_refused(HF_E_ABSENT, "the journal is emptied");
}

Test(lost_journal, the_last_record_taken_away_is_noticed)
{
	raise_one("A fire.");
	server_stop(&server);
	change_journal("DELETE FROM journal WHERE seq >= (SELECT max(seq) - 1 FROM journal)");
	expect_refused(HF_E_SHAPE, "attack: the raise is taken out of the journal");
}

Test(lost_journal, a_write_ahead_log_taken_away_is_noticed)
{
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text); /* all of it is in the file */
	copy_file("journal.db", "copy");
	raise_one("A fire.");
	server_stop(&server);
	remove_journal();
	copy_file("copy", "journal.db");
	expect_refused(HF_E_SHAPE, "what was not in the file yet is lost");
}

Test(lost_journal, a_chain_computed_anew_is_noticed)
{
	uint64_t records;
	raise_one("A fire.");
	records = server_records(&server);
	server_stop(&server);
	copy_file("journal.db", "true");
	/* The same length (a start is an entry, too), whole in itself, with another raise: what somebody makes who has the program. */
	change_journal("DELETE FROM journal WHERE seq >= (SELECT max(seq) - 1 FROM journal)");
	cr_assert_eq(hf_begin_accept(&server.c, &mine, &(int64_t){0}, &err), HF_OK, "%s", err.text);
	hf_journal_close(&server.c.journal);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
	raise_one("A flood.");
	cr_assert_eq(server_records(&server), records);
	server_stop(&server);
	remove_journal();
	copy_file("true", "journal.db");
	expect_refused(HF_E_SHAPE, "attack: the journal was changed and its chain computed anew");
}

Test(lost_journal, to_begin_anew_is_a_decision)
{
	int64_t records = -1;
	raise_one("A fire.");
	server_stop(&server);
	remove_journal();
	expect_refused(HF_E_ABSENT, "not yet decided");
	cr_assert_eq(hf_begin_accept(&server.c, &mine, &records, &err), HF_OK, "%s", err.text);
	hf_journal_close(&server.c.journal);
	cr_expect_eq(records, 0);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.estate.n, 1, "it begins with the council folder");
	cr_expect_gt(server.c.seq, hf_clock_wall().s + 60,
		     "devices may have heard states of the lost journal that were numbered faster than the clock");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "and stands from then on: %s", err.text);
}

Test(lost_journal, what_cannot_be_applied_is_not_recorded)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_envelope struct hf_envelope *envelope = council_order(&server.council, &order, IT_1);
	uint64_t before = server_records(&server);
	cr_expect_neq(hf_controller_enter(&server.c, HF_RECORD_ORDER, envelope, &err), HF_OK);
	cr_expect_eq(server_records(&server), before, "told as failed, it must not count at the next start");
}

Test(lost_journal, a_record_that_cannot_be_applied_is_named_and_not_fatal)
{
	struct hf_entry bad = {.at = {COUNCIL_T}, .kind = HF_RECORD_ORDER, .body = "{}", .body_len = 2};
	int64_t seq = (int64_t)server_records(&server) + 1;
	cr_assert_eq(hf_journal_append(server.c.journal, &bad, 1, &err), HF_OK);
	raise_one("A fire.");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(server.c.unapplied.n, 1);
	cr_expect_eq(server.c.unapplied.first, seq, "it is named");
	cr_expect_eq(server.c.known.orders.n, 1, "D9.2: what was recorded after it counts");
}

Test(lost_journal, a_first_trust_that_cannot_be_read_is_said)
{
	server_stop(&server);
	/* A whole chain of one record that is no trust. */
	remove_journal();
	cr_assert_eq(hf_begin_accept(&server.c, &mine, &(int64_t){0}, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_journal_append(server.c.journal,
				       &(struct hf_entry){.kind = HF_RECORD_TRUST, .body = "{}", .body_len = 2}, 1,
				       &err),
		     HF_OK);
	hf_journal_close(&server.c.journal);
	cr_expect_eq(server_start(&server, &err), HF_E_SHAPE, "%s", err.text);
	cr_expect(strstr(err.text, "record 1"), "%s", err.text);
}

Test(lost_journal, others_hands_on_folder_and_journal_are_refused)
{
	static const struct {
		const char *name;
		mode_t mode, then;
		enum hf_rc want;
	} rows[] = {
		{"", 0777, 0777, HF_E_KEY},
		{"", 0770, 0770, HF_E_KEY},
		{"", 0755, 0755, HF_OK},
		{"journal.db", 0666, 0666, HF_E_KEY},
		{"journal.db", 0660, 0660, HF_E_KEY},
		{"journal.db", 0644, 0600, HF_OK},
		{"mark", 0777, 0777, HF_E_KEY},
		{"outside", 0777, 0777, HF_E_KEY},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct stat st;
		server_stop(&server);
		cr_assert_eq(chmod(in_folder(rows[i].name), rows[i].mode), 0);
		cr_expect_eq(server_start(&server, &err), rows[i].want, "'%s' %o: %s", rows[i].name, rows[i].mode,
			     err.text);
		cr_assert_eq(stat(in_folder(rows[i].name), &st), 0);
		cr_expect_eq(st.st_mode & 0777, rows[i].then, "'%s' %o", rows[i].name, rows[i].mode);
		cr_assert_eq(chmod(in_folder(rows[i].name), rows[i].name[0] == 'j' ? 0600 : 0700), 0);
		if (rows[i].want != HF_OK) {
			server_stop(&server);
			cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
		}
	}
}

Test(lost_journal, a_clock_that_is_set_back_stops_no_record)
{
	struct hf_device device = {0};
	int n = 0;
	for (int i = 0; i < 200; i++)
		n += hf_device_may_record(&device, (struct hf_boot_ms){1000});
	cr_expect_eq(n, 40, "what is of account is recorded, a device gone mad is not");
	cr_expect(hf_device_may_record(&device, (struct hf_boot_ms){16000}),
		  "one more each 15 s, by the boot-time clock");
	cr_expect(!hf_device_may_record(&device, (struct hf_boot_ms){16001}));
}
