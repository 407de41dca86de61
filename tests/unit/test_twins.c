/* SPDX-License-Identifier: MIT */
/*
 * Owns that two laptops with one identity are told apart: by the memory that finds itself on another machine, and by
 * the controller, which shows the weaker of them and says what to do. Must never take a repair, a reboot or a report
 * that is sent again for a second laptop.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/machine/serials.h"
#include "controller/web/show_devices.h"
#include "tests/help/device.h"
#include "tests/help/folder.h"
#include "tests/unit/help_server.h"

#define FRESH_S 600

static struct hf_machine machine(const char *id, const char *board, const char *disk)
{
	struct hf_machine m;

	cr_assert_eq(hf_machine_of((const char *const[]){id, board, disk}, "c", "d", &m), HF_OK);
	return m;
}

Test(twins, two_of_three_must_be_the_same)
{
	static const struct {
		const char *what, *a[3], *b[3];
		enum hf_machine_same want;
	} rows[] = {
		{"itself", {"i", "b", "d"}, {"i", "b", "d"}, HF_MACHINE_SAME},
		{"a new mainboard", {"i", "b", "d"}, {"i", "B", "d"}, HF_MACHINE_SAME},
		{"a new disk, copied from the old one", {"i", "b", "d"}, {"i", "b", "D"}, HF_MACHINE_SAME},
		{"installed anew", {"i", "b", "d"}, {"I", "b", "d"}, HF_MACHINE_SAME},
		{"an image: the machine id came along", {"i", "b", "d"}, {"i", "B", "D"}, HF_MACHINE_OTHER},
		{"the disk put into another laptop, and installed anew",
		 {"i", "b", "d"},
		 {"I", "B", "d"},
		 HF_MACHINE_OTHER},
		{"an image, on a machine whose disk has no number", {"i", "b", ""}, {"i", "B", ""}, HF_MACHINE_OTHER},
		{"itself, without a number of the disk", {"i", "b", ""}, {"i", "b", "d"}, HF_MACHINE_SAME},
		{"only the machine id can be read", {"i", "", ""}, {"i", "b", "d"}, HF_MACHINE_UNTOLD},
		{"nothing was read", {"", "", ""}, {"i", "b", "d"}, HF_MACHINE_UNTOLD},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_machine a = machine(rows[i].a[0], rows[i].a[1], rows[i].a[2]);
		struct hf_machine b = machine(rows[i].b[0], rows[i].b[1], rows[i].b[2]);

		cr_expect_eq(hf_machine_compare(&a, &b), rows[i].want, "%s", rows[i].what);
		cr_expect_eq(hf_machine_compare(&b, &a), rows[i].want, "%s, the other way round", rows[i].what);
	}
}

Test(twins, a_memory_on_another_machine_locks_itself)
{
	struct device *device = device_open(0, NULL);
	const struct hf_report *report = device_report();
	hf_auto_json json_t *view = NULL;

	cr_expect(report->machine.has[HF_MACHINE_BOARD] && report->boot, "the report says which machine and boot");
	cr_expect_eq(device_n_shut(), 0);
	device->serials = (struct hf_serials){.id = "installation-1", .board = "board-2", .disk = "disk-2"};
	device_restart();
	cr_expect(device_report()->unknown, "attack: a copy of the disk in another laptop");
	cr_expect_not(device_report()->has_nonce, "there is nothing that officers could approve in vain");
	cr_expect_gt(device_n_shut(), 0, "all is shut");
	device->seq = 100;
	device->wall.s = COUNCIL_T + 165;
	device_hear(NULL, 0, NULL, 0);
	cr_expect(device_report()->unknown, "and no state opens it");
	device_recover(NULL, 0, COMMS_1 | MONITORING_1);
	cr_expect(device_report()->unknown, "nor do two officers");
	view = hf_keeper_answer(device->keeper, DEVICE_COMMS_2, &(struct hf_question){.ask = HF_ASK_STATUS});
	cr_expect(json_is_true(json_object_get(view, "moved")));
	cr_expect(strstr(json_string_value(json_array_get(json_object_get(view, "attention"), 0)),
			 "enrol this device anew"));
	device->serials = (struct hf_serials){.id = "installation-1", .board = "board-1", .disk = "disk-1"};
	device_restart();
	cr_expect(device_report()->unknown, "put back it is not believed either: it was somewhere else meanwhile");
	device_kill();
	device->layer.n_blocks = 0; /* what is left over of a former life would keep it shut until the council is heard */
	device_enrol();
	cr_assert_eq(device_start(), HF_OK);
	cr_expect_not(device_report()->unknown, "enrolled anew it is a device like any other");
	device_close();
}

Test(twins, a_repair_and_an_upgrade_lock_nothing)
{
	struct device *device = device_open(0, NULL);
	static const struct hf_serials later[] = {
		{.id = "installation-1", .board = "board-2", .disk = "disk-1"},
		{.id = "installation-1", .board = "board-2", .disk = "disk-2"},
		{.id = "installation-3", .board = "board-2", .disk = "disk-2"},
		{.id = "installation-3", .board = "", .disk = ""},
		{.id = "installation-3", .board = "board-2", .disk = "disk-2"},
	};

	for (size_t i = 0; i < HF_LEN(later); i++) {
		device->serials = later[i];
		device_restart();
		cr_expect_not(device_report()->unknown, "step %zu: one part after the other was changed", i);
	}
	device_close();
}

Test(twins, others_hands_on_the_memory_are_noticed)
{
	static const char *const names[] = {"", "slot-0", "slot-1"};
	struct device *device = device_open(0, NULL);

	for (size_t i = 0; i < HF_LEN(names); i++) {
		char path[PATH_MAX];
		struct stat st;

		device_kill();
		device_enrol();
		cr_assert_eq(chmod(test_path(path, device->state, names[i]), 0777), 0);
		cr_assert_eq(device_start(), HF_OK);
		cr_expect(device_report()->unknown, "attack: '%s' could be written by everybody", names[i]);
		cr_assert_eq(stat(path, &st), 0);
		cr_expect_eq(st.st_mode & 0022, 0, "and is taken back");
	}
	device_close();
}

/* The controller -------------------------------------------------------------------------------------------------- */

static struct server server;

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(twins_seen, .init = setup, .fini = teardown);

static struct hf_digest lockdown;

static void raise_one(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	struct hf_err err = {""};

	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, &err), HF_OK, "%s",
		     err.text);
	lockdown = taken.digest;
}

static void hear_report(int64_t counter, const char *boot, const struct hf_machine *on, enum hf_standing standing)
{
	struct hf_report_lockdown said = {lockdown, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, standing};
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = counter,
				.at = {COUNCIL_T + counter},
				.controller = "",
				.lockdowns = &said,
				.n_lockdowns = 1,
				.boot = boot};

	if (on)
		doc.machine = *on;
	server_report(&server, NULL, &doc, DEVICE);
}

static const struct hf_device *row(void)
{
	return hf_estate_find(&server.c.estate, COUNCIL_DEVICE);
}

static json_t *show_all(void)
{
	const struct hf_query none = {.n = 0};
	struct hf_devices_ask ask;
	json_t *shown = NULL;

	cr_assert_eq(hf_devices_ask_read(&none, &ask, NULL), HF_OK);
	cr_assert_eq(hf_show_devices(&server.c, &ask, &shown, NULL), HF_OK);
	return shown;
}

static enum hf_device_state state(struct hf_wall now, bool *ret_not_enforced)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	const struct hf_estate_view view = {&all, now, FRESH_S};

	cr_assert_eq(hf_controller_lockdowns(&server.c, &all, NULL), HF_OK);
	return hf_device_state_of(row(), &view, ret_not_enforced);
}

Test(twins_seen, the_weaker_of_two_is_shown_with_what_to_do)
{
	struct hf_machine one = machine("i", "b1", "d1"), two = machine("i", "b2", "d2");
	struct hf_wall now = hf_clock_wall();
	bool wanting = false;
	hf_auto_json json_t *shown = NULL, *status = NULL;

	raise_one();
	hear_report(100, "boot-1", &one, HF_STANDING_ENFORCED_VERIFIED);
	cr_expect_eq(state(now, &wanting), HF_DEVICE_ENFORCED_VERIFIED);
	hear_report(50, "boot-2", &two, HF_STANDING_RECEIVED);
	cr_assert_not_null(row()->other, "seen with the first report of the second laptop, whatever its counter");
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 0);
	cr_expect_eq(state(now, &wanting), HF_DEVICE_RECEIVED, "one that enforces does not hide one that does not");
	cr_expect(wanting);
	hear_report(101, "boot-1", &one, HF_STANDING_ENFORCED_VERIFIED);
	hear_report(51, "boot-2", &two, HF_STANDING_RECEIVED);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 0, "each counts for itself");
	hear_report(51, "boot-2", &two, HF_STANDING_ENFORCED_VERIFIED);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 1, "attack: a report of the second sent again");
	shown = show_all();
	cr_expect_str_eq(
		json_string_value(json_array_get(
			json_object_get(json_array_get(json_object_get(shown, "devices"), 0), "attention"), 0)),
		"two-machines");
	status = hf_show_status(&server.c);
	cr_expect(strstr(json_string_value(json_array_get(json_object_get(status, "attention"), 0)), "two machines"));
	cr_assert_eq(server_restart(&server, NULL), HF_OK);
	cr_expect_not_null(row()->other, "and known after a restart");
	cr_expect_eq(row()->report->counter, 101);
	cr_expect_eq(row()->other->counter, 51);
}

/* controller/API.md "Device": its standings are the weaker of the two, whichever of them says it. */
Test(twins_seen, of_each_lockdown_the_weaker_standing_is_listed)
{
	static const struct {
		enum hf_standing one, two;
		const char *want;
	} rows[] = {
		{HF_STANDING_ENFORCED_VERIFIED, HF_STANDING_RECEIVED, "received"},
		{HF_STANDING_RECEIVED, HF_STANDING_ENFORCED_VERIFIED, "received"},
		{HF_STANDING_ENFORCED_VERIFIED, HF_STANDING_TAMPERED, "tampered"},
		{HF_STANDING_TAMPERED, HF_STANDING_ENFORCED_VERIFIED, "tampered"},
		{HF_STANDING_TAMPERED, HF_STANDING_TAMPERED, "tampered"},
		{HF_STANDING_EXEMPT, HF_STANDING_MESSAGE_SEEN, "message-seen"},
	};
	struct hf_machine one = machine("i", "b1", "d1"), two = machine("i", "b2", "d2");

	raise_one();
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *shown = NULL;
		const json_t *device, *said;

		hear_report(100 + (int64_t)i, "boot-1", &one, rows[i].one);
		hear_report(50 + (int64_t)i, "boot-2", &two, rows[i].two);
		shown = show_all();
		device = json_array_get(json_object_get(shown, "devices"), 0);
		said = json_array_get(json_object_get(device, "lockdowns"), 0);
		cr_expect_str_eq(json_string_value(json_object_get(said, "standing")), rows[i].want, "row %zu", i);
	}
}

Test(twins_seen, when_one_falls_silent_the_other_is_shown_again)
{
	struct hf_machine one = machine("i", "b1", "d1"), two = machine("i", "b2", "d2");
	bool wanting = false;
	struct hf_wall now = hf_clock_wall();

	raise_one();
	hear_report(100, "boot-1", &one, HF_STANDING_ENFORCED_VERIFIED);
	hear_report(900, "boot-2", &two, HF_STANDING_RECEIVED);
	((struct hf_device *)row())->other_heard.s = now.s - FRESH_S - 1;
	hear_report(101, "boot-1", &one, HF_STANDING_ENFORCED_VERIFIED);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 0, "a copy with a higher counter silences nobody");
	cr_expect_eq(state(now, &wanting), HF_DEVICE_ENFORCED_VERIFIED);
	cr_expect_not_null(row()->other, "attention stays until it is enrolled anew");
}

Test(twins_seen, a_new_key_ends_it)
{
	struct hf_machine one = machine("i", "b1", "d1"), two = machine("i", "b2", "d2");
	struct hf_assignment doc = council_assignment_doc(&server.council);

	raise_one();
	hear_report(100, "boot-1", &one, HF_STANDING_RECEIVED);
	hear_report(50, "boot-2", &two, HF_STANDING_RECEIVED);
	doc.version = 2;
	doc.pub = council_pub(&server.council, STRANGER);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), NULL, NULL), HF_OK);
	cr_expect_null(row()->other);
	cr_assert_eq(server_restart(&server, NULL), HF_OK);
	cr_expect_null(row()->other, "also after a restart");
}

Test(twins_seen, where_the_machine_cannot_be_told_the_boot_tells)
{
	raise_one();
	hear_report(100, "boot-1", NULL, HF_STANDING_ENFORCED_VERIFIED);
	hear_report(101, "boot-2", NULL, HF_STANDING_ENFORCED_VERIFIED);
	cr_expect_null(row()->other, "a reboot");
	hear_report(100, "boot-1", NULL, HF_STANDING_RECEIVED);
	cr_expect_null(row()->other, "attack: a report of the boot before sent again");
	hear_report(102, "boot-1", NULL, HF_STANDING_RECEIVED);
	cr_expect_not_null(row()->other, "a boot that has ended speaks on: there are two");
}

static void hear_of_state(int64_t counter, int64_t seq, bool unknown)
{
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = counter,
				.at = {COUNCIL_T + counter},
				.controller = seq > 0 ? "main" : "",
				.state_seq = seq,
				.unknown = unknown};

	if (unknown)
		doc.nonce.b[0] = 1;
	server_report(&server, NULL, &doc, DEVICE);
}

/* proto/README.md "Report": a memory that is lost takes the counter with it, and what each start had reserved. */
Test(twins_seen, a_lost_memory_is_heard_whatever_its_counter)
{
	server.c.seq = server.c.since = 1000;
	hear_of_state(9000, 900, false);
	hear_of_state(9000 - 1, 900, false);
	cr_expect_eq(row()->report->counter, 9000);
	hear_of_state(9001, 800, false);
	cr_expect_eq(row()->report->counter, 9001, "started again, it names a state that it had written down");
	server.c.seq = 1002;
	hear_of_state(5000, 0, true);
	cr_expect_eq(row()->report->counter, 9001, "not before it has heard of a state that is new");
	hear_of_state(9002, 1002, false);
	hear_of_state(5001, 1002, true);
	cr_expect_eq(row()->report->counter, 9002, "nor of the last one");
	server.c.seq = 1003;
	hear_of_state(5002, 1003, true);
	cr_expect(row()->report->unknown, "what names a later state was said later");
	cr_expect_eq(row()->report->counter, 5002);
	hear_of_state(9002, 1002, false);
	cr_expect(row()->report->unknown, "attack: what it said before the loss, sent again, of a higher counter");
	hear_of_state(5003, 1004, true);
	cr_expect_eq(row()->report->counter, 5003, "a state that was never said says nothing, its counter does");
	hear_of_state(5001, 1003, true);
	cr_expect_eq(row()->report->counter, 5003, "attack: sent again");
	cr_assert_eq(server_restart(&server, NULL), HF_OK);
	server.c.seq = server.c.since = 1010;
	hear_of_state(9000, 900, false);
	hear_of_state(9001, 1002, false);
	cr_expect_eq(row()->report->counter, 5003, "attack: sent again to a controller that has just begun");
	server.c.seq = 1011;
	hear_of_state(8, 1011, true);
	cr_expect_eq(row()->report->counter, 8);
	cr_expect_not(row()->apart, "a device that says what it lost is one device");
}

/* Copies of a running machine have one machine and one boot: their counters run apart. */
Test(twins_seen, where_nothing_tells_them_apart_their_counters_do)
{
	hf_auto_json json_t *status = NULL;

	server.c.seq = server.c.since = 1000;
	hear_of_state(500, 0, false);
	server.c.seq = 1001;
	hear_of_state(501, 1001, false);
	cr_expect_not(row()->apart);
	server.c.seq = 1002;
	hear_of_state(300, 1002, false);
	cr_expect(row()->apart, "seen with the second report, whatever its counter");
	status = hf_show_status(&server.c);
	cr_expect(strstr(json_string_value(json_array_get(json_object_get(status, "attention"), 0)), "two machines"));
}

/* "attack": one of IT gives a device another key and reports in its name that it is enforced. */
Test(twins_seen, a_device_whose_key_was_replaced_is_not_hidden)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);
	struct hf_report said = {.council = COUNCIL_NAME, .device = COUNCIL_DEVICE, .counter = 1, .controller = ""};
	hf_auto_json json_t *status = NULL, *shown = NULL;

	doc.version = 2;
	doc.pub = council_pub(&server.council, STRANGER);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1), NULL, NULL), HF_OK);
	server_report(&server, NULL, &said, STRANGER);
	cr_expect_not(hf_device_disowned(row(), hf_clock_boot(), FRESH_S));
	said.counter = 2;
	server_report(&server, NULL, &said, DEVICE);
	cr_expect_eq(row()->report->counter, 1, "it speaks for nobody now");
	status = hf_show_status(&server.c);
	cr_expect(strstr(json_string_value(json_array_get(json_object_get(status, "attention"), 0)), "another key"));
	shown = show_all();
	cr_expect_str_eq(
		json_string_value(json_array_get(
			json_object_get(json_array_get(json_object_get(shown, "devices"), 0), "attention"), 0)),
		"other-key");
}

/* Who holds a device's key for a while could say the highest counter there is. */
Test(twins_seen, the_highest_counter_silences_nobody)
{
	server.c.seq = server.c.since = 1000;
	hear_of_state(HF_JSON_INT_MAX, 0, false);
	server.c.seq = 1001;
	hear_of_state(7, 1001, false);
	cr_expect_eq(row()->report->counter, 7);
}

Test(twins_seen, reports_of_before_are_judged_as_before)
{
	raise_one();
	hear_report(100, NULL, NULL, HF_STANDING_ENFORCED_VERIFIED);
	hear_report(50, NULL, NULL, HF_STANDING_RECEIVED);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 1);
	cr_expect_null(row()->other);
}

/* The machine ----------------------------------------------------------------------------------------------------- */

static void put(const char *root, const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX], file[PATH_MAX];

	cr_assert_eq(hf_fs_mkdirs(test_path(path, root, folder), 0700, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(test_path(file, path, name), text, strlen(text), 0600, NULL), HF_OK);
}

Test(twins, words_that_many_machines_share_are_no_serial)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"4c4c4544-0043-3510-8052-b9c04f4a4d32\n", "4c4c4544-0043-3510-8052-b9c04f4a4d32"},
		{"  WD-WX11A  \n", "WD-WX11A"},
		{"00000000-0000-0000-0000-000000000000\n", ""},
		{"ffffffff-ffff-ffff-ffff-ffffffffffff\n", ""},
		{"To Be Filled By O.E.M.\n", ""},
		{"Default string\n", ""},
		{"None\n", ""},
		{"12\n", ""},
		{"\n", ""},
		{"a\tb\x01\n", ""},
	};
	char root[TEST_FOLDER_SIZE];
	struct hf_serials serials;

	test_folder_make(root);
	hf_serials_read(root, &serials);
	cr_expect(!serials.id[0] && !serials.board[0] && !serials.disk[0], "nothing can be read");
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		put(root, "sys/class/dmi/id", "product_uuid", rows[i].text);
		hf_serials_read(root, &serials);
		cr_expect_str_eq(serials.board, rows[i].want, "'%s'", rows[i].text);
	}
	put(root, "etc", "machine-id", "b08dfa6083e7567a1921a715000001fb\n");
	hf_serials_read(root, &serials);
	cr_expect_str_eq(serials.id, "b08dfa6083e7567a1921a715000001fb");
	test_folder_remove(root);
}
