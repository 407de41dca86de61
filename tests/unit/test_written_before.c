/* SPDX-License-Identifier: MIT */
/*
 * Owns that what any earlier version wrote is read: an upgrade forgets nothing, and makes no device unknown.
 * Must never change the files of tests/fixtures: each test works on a copy.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "agent/disk/store.h"
#include "controller/recall.h"
#include "tests/help/device.h"
#include "tests/help/folder.h"
#include "tests/help/written.h"
#include "tests/unit/help_server.h"

#define FIXTURES HF_SOURCE_DIR "/tests/fixtures"
#define FILE_MAX 8388608 /* the largest of them, with room */

static int is_version(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

/* Each folder is tried in turn; there is at least one. */
static void each_version(void (*try)(const char *version))
{
	struct dirent **names = NULL;
	int n = scandir(FIXTURES, &names, is_version, alphasort);
	cr_assert_gt(n, 0, "there are files of an earlier version in " FIXTURES);
	for (int i = 0; i < n; i++) {
		try(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static void copy_fixture(const char *version, const char *name, const char *to_folder)
{
	hf_auto_free char *from = NULL, *text = NULL;
	char to[PATH_MAX];
	size_t len = 0;
	cr_assert_geq(asprintf(&from, FIXTURES "/%s/%s", version, name), 0);
	cr_assert_eq(hf_fs_read(from, FILE_MAX, &text, &len, NULL), HF_OK, "%s", from);
	cr_assert_eq(hf_fs_replace(test_path(to, to_folder, name), text, len, 0600, NULL), HF_OK);
}

static enum hf_phase phase_of(const struct hf_known *known, const struct hf_envelope *raise)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	const struct hf_lockdown *one;
	cr_assert_eq(hf_known_lockdowns(known, (struct hf_wall){COUNCIL_T + 400}, &all, NULL), HF_OK);
	one = hf_lockdowns_find(&all, &raise->digest);
	return one ? one->phase : HF_PHASE_COUNT;
}

static void expect_orders(const char *version, const struct hf_known *known)
{
	struct written w;
	written_open(&w);
	cr_expect_eq(known->orders.n, WRITTEN_ORDERS, "%s: no order was lost", version);
	cr_expect_eq(phase_of(known, w.amended), HF_PHASE_IN_FORCE, "D9.2 %s: what held, holds", version);
	cr_expect_eq(phase_of(known, w.released), HF_PHASE_RELEASED, "D9.3 %s: what was released stays so", version);
	cr_expect_eq(phase_of(known, w.purdah), HF_PHASE_IN_FORCE, "D10 %s: the period goes on", version);
	cr_assert_not_null(known->reg, "%s", version);
	cr_expect_eq(known->reg->version, 1);
	written_close(&w);
}

/* Its records as they were: made outside of this program, from the hashes in the file. */
static void expect_head(const char *version, struct hf_journal *journal)
{
	static const struct {
		const char *version;
		int64_t size;
		const char *root;
	} rows[] = {
		{"2026-11", 10, "a8f28d7eab72efb53232f4a14f8e071ff314d98d4816771633982301bb341e4a"},
		{"2026-12", 10, "ff2e9fa4bacf78e540f87a48f0ee468ed13927fc3ff3b2411e696e663f2dd90d"},
	};
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_digest root;
	bool found = false;
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (strcmp(rows[i].version, version) != 0)
			continue;
		found = true;
		cr_assert_eq(hf_journal_head_at(journal, rows[i].size, &root, NULL), HF_OK, "%s", version);
		cr_expect_str_eq(hf_digest_hex(&root, hex), rows[i].root, "D5.6 %s: the rule of its hashes stays", version);
	}
	cr_expect(found, "the head of the journal of %s stands in this test", version);
}

static void read_journal(const char *version)
{
	struct server server;
	struct hf_err err = {""};
	const struct hf_device *device;
	char path[PATH_MAX];
	server_open(&server);
	server_stop(&server);
	/* Nor were there marks in that version. */
	test_folder_remove(test_path(path, server.folder, "mark"));
	test_folder_remove(test_path(path, server.folder, "outside"));
	copy_fixture(version, "journal.db", server.folder);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s: %s", version, err.text);
	expect_orders(version, &server.c.known);
	device = hf_estate_find(&server.c.estate, COUNCIL_DEVICE);
	cr_assert_not_null(device, "D2.3 %s: the device is known", version);
	cr_assert_not_null(device->report, "%s: its last word is known", version);
	cr_expect_eq(device->report->counter, WRITTEN_COUNTER, "%s", version);
	cr_expect_eq(device->report->n_lockdowns, 2, "%s", version);
	cr_expect_eq(server.c.acks.n, 1, "D10 %s: who acknowledged", version);
	cr_expect_eq(server.c.posts.n, 1, "D9.3 %s: who posted", version);
	expect_head(version, server.c.journal);
	cr_expect_eq(server_records_of(&server, "start"), 1, "D5.6 %s: that a newer version began is on the record", version);
	cr_expect_eq(server_records_of(&server, "lapse"), 0, "%s: nor is it said of what lapsed before that", version);
	server_close(&server);
}

/* All rows of the tables that are made from the journal: of the tree those over the first records. */
static char *dump_tables(const struct server *server, int64_t n_records)
{
	char path[PATH_MAX];
	hf_auto_free char *sql = NULL;
	char *dump = NULL;
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	cr_assert_geq(asprintf(&sql,
			       "SELECT group_concat(line, '\n') FROM ("
			       "SELECT device || counter || ' ' || heard || body AS line FROM report UNION ALL "
			       "SELECT lockdown || text || person || device || at || ' ' || heard FROM acknowledgement UNION ALL "
			       "SELECT lockdown || account || person || text || device || state || at || ' ' || heard || post || "
			       "why FROM message UNION ALL "
			       "SELECT level || ' ' || place || hex(node) FROM tree WHERE (place + 1) << level <= %lld UNION ALL "
			       "SELECT name || value FROM number WHERE name LIKE '%%-count' ORDER BY line)",
			       (long long)n_records),
		      0);
	cr_assert_eq(sqlite3_open(test_path(path, server->folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	dump = strdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return dump;
}

/* Somebody wrote into them, or a fault of the program did: they say what the journal says, or nothing. */
static void rebuild_tables_of(const char *version)
{
	static const char *const damages[] = {
		"SELECT 1",
		"DELETE FROM report; DELETE FROM tree; DELETE FROM acknowledgement",
		("UPDATE report SET counter = 1, body = 'x'; UPDATE message SET why = 'because'; "
		 "UPDATE acknowledgement SET person = 'comms-2'; UPDATE tree SET node = zeroblob(32)"),
	};
	struct server server;
	struct hf_err err = {""};
	char path[PATH_MAX];
	hf_auto_free char *before = NULL;
	int64_t n;
	server_open(&server);
	server_stop(&server);
	test_folder_remove(test_path(path, server.folder, "mark"));
	test_folder_remove(test_path(path, server.folder, "outside"));
	copy_fixture(version, "journal.db", server.folder);
	cr_assert_eq(server_start(&server, &err), HF_OK, "%s: %s", version, err.text);
	n = (int64_t)server_records(&server);
	before = dump_tables(&server, n);
	cr_expect(strstr(before, COUNCIL_DEVICE), "there is something to compare: %s", before);
	for (size_t i = 0; i < HF_LEN(damages); i++) {
		hf_auto_free char *after = NULL;
		server_stop(&server);
		server_damage(&server, damages[i]);
		server.rebuilds = true;
		cr_assert_eq(server_start(&server, &err), HF_OK, "%s: %s", version, err.text);
		after = dump_tables(&server, n);
		cr_expect_str_eq(after, before, "%s: %s", version, damages[i]);
	}
	server_close(&server);
}

static void read_memory(const char *version)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory memory = {0};
	struct hf_err err = {""};
	char folder[TEST_FOLDER_SIZE];
	bool doubt = true;
	test_folder_make(folder);
	copy_fixture(version, "slot-0", folder);
	copy_fixture(version, "slot-1", folder);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &memory, &doubt, &err), HF_OK, "%s: %s", version, err.text);
	cr_expect(!doubt && !memory.unknown, "%s: an upgrade makes no device unknown", version);
	expect_orders(version, &memory.known);
	cr_expect_geq(memory.counter, WRITTEN_COUNTER, "%s: reports are counted on", version);
	cr_expect_eq(memory.acked.n, 1, "D10 %s: nobody acknowledges twice", version);
	cr_expect_eq(memory.windows.n, 1, "D9.3 %s: nobody has a second window", version);
	cr_expect_eq(memory.refused[HF_E_TOO_FEW], 3, "%s", version);
	cr_expect_eq(hf_store_save(store, &memory, &err), HF_OK, "%s: and written anew: %s", version, err.text);
	test_folder_remove(folder);
}

/* The whole agent, with the new program over the old files. */
static void upgrade_device(const char *version)
{
	struct device *device = device_open(0, NULL);
	device_kill();
	copy_fixture(version, "slot-0", device->state);
	copy_fixture(version, "slot-1", device->state);
	cr_assert_eq(device_start(), HF_OK, "%s", version);
	cr_expect(!device->keeper->memory.unknown, "%s: an upgrade makes no device unknown", version);
	cr_expect_gt(device_n_shut(), 0, "D9.2 %s: what was shut stays shut", version);
	cr_expect_gt(device_report()->counter, WRITTEN_COUNTER, "%s", version);
	device_restart();
	cr_expect(!device->keeper->memory.unknown, "%s: nor does the start after it", version);
	device_close();
}

Test(written_before, a_journal_is_read)
{
	each_version(read_journal);
}

Test(written_before, the_tables_beside_the_journal_are_made_again)
{
	each_version(rebuild_tables_of);
}

Test(written_before, an_agents_memory_is_read)
{
	each_version(read_memory);
}

Test(written_before, an_upgrade_makes_no_device_unknown)
{
	each_version(upgrade_device);
}
