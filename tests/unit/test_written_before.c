/* SPDX-License-Identifier: MIT */
/*
 * Owns that what any earlier version wrote is read: an upgrade forgets nothing, and makes no device unknown.
 * Must never change the files of tests/fixtures: each test works on a copy.
 */
#include <criterion/criterion.h>
#include <dirent.h>
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

Test(written_before, an_agents_memory_is_read)
{
	each_version(read_memory);
}

Test(written_before, an_upgrade_makes_no_device_unknown)
{
	each_version(upgrade_device);
}
