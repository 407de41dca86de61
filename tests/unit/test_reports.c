/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a report from the bus into the estate, the projection and the journal.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "controller/reports.h"
#include "tests/unit/help_server.h"

#define TOPIC "holdfast/1/" COUNCIL_NAME "/device/d1/report"

static struct server server;
static struct hf_err err;

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(reports, .init = setup, .fini = teardown);

static struct hf_report report_doc(int64_t counter)
{
	return (struct hf_report){.council = COUNCIL_NAME,
				  .device = COUNCIL_DEVICE,
				  .counter = counter,
				  .at = {COUNCIL_T + counter},
				  .controller = ""};
}

static int64_t counter(void)
{
	const struct hf_report *last = hf_estate_find(&server.c.estate, COUNCIL_DEVICE)->report;
	return last ? last->counter : 0;
}

Test(reports, only_the_device_itself_is_believed)
{
	static const struct {
		const char *what, *topic;
		unsigned who;
		const char *council, *device;
		int64_t counter;
		enum hf_rc want; /* counted as this */
	} rows[] = {
		{"another's key", TOPIC, STRANGER, COUNCIL_NAME, "d1", 10, HF_E_SIGNATURE},
		{"nobody's key", TOPIC, NOBODY, COUNCIL_NAME, "d1", 10, HF_E_SIGNATURE},
		{"an officer's key", TOPIC, COMMS_1, COUNCIL_NAME, "d1", 10, HF_E_SIGNATURE},
		{"for another device", TOPIC, DEVICE, COUNCIL_NAME, "d2", 10, HF_E_DEVICE},
		{"for another council", TOPIC, DEVICE, "lichfield", "d1", 10, HF_E_COUNCIL},
		{"a counter that stands", TOPIC, DEVICE, COUNCIL_NAME, "d1", 5, HF_E_ROLLBACK},
		{"an older counter", TOPIC, DEVICE, COUNCIL_NAME, "d1", 4, HF_E_ROLLBACK},
		{"a device that is not assigned", "holdfast/1/" COUNCIL_NAME "/device/d9/report", DEVICE, COUNCIL_NAME,
		 "d9", 10, HF_E_DEVICE},
		{"another council's topic", "holdfast/1/lichfield/device/d1/report", DEVICE, COUNCIL_NAME, "d1", 10,
		 HF_E_COUNCIL},
		{"no topic of ours", "holdfast/1", DEVICE, COUNCIL_NAME, "d1", 10, HF_E_TYPE},
	};
	struct hf_report doc = report_doc(5);
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(counter(), 5, "its own word is taken");
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		int64_t before = server.c.bad_reports[rows[i].want];
		doc = report_doc(rows[i].counter);
		doc.council = rows[i].council;
		doc.device = rows[i].device;
		server_report(&server, rows[i].topic, &doc, rows[i].who);
		cr_expect_eq(server.c.bad_reports[rows[i].want], before + 1, "attack: %s", rows[i].what);
		cr_expect_eq(counter(), 5, "attack: %s", rows[i].what);
	}
	hf_reports_message(&server.c, TOPIC, "rubbish", 7);
	cr_expect_eq(server.c.bad_reports[HF_E_JSON], 1, "attack: rubbish");
}

Test(reports, the_last_word_is_known_after_a_restart)
{
	struct hf_report doc = report_doc(7);
	struct hf_report_lockdown said = {{{1}}, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, HF_STANDING_ENFORCED_VERIFIED};
	server_report(&server, NULL, &doc, DEVICE);
	doc = report_doc(8);
	doc.lockdowns = &said;
	doc.n_lockdowns = 1;
	server_report(&server, NULL, &doc, DEVICE);
	doc.counter = 9;
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 9, "the projection holds the last, recorded or not");
	cr_expect_eq(hf_estate_find(&server.c.estate, "d1")->report->n_lockdowns, 1);
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 1, "attack: replayed after a restart");
}

Test(reports, a_lost_projection_is_made_again_from_the_journal)
{
	struct hf_report doc = report_doc(3);
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	server_damage(&server, "DELETE FROM report");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 3, "D5.6: from the record of it");
	server_damage(&server, "INSERT OR REPLACE INTO report VALUES ('d1', 9, 9, 'damaged')");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 3, "D5.6: a damaged row is not believed");
	doc = report_doc(4);
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 4, "and the next word takes its place");
}

Test(reports, only_news_is_recorded)
{
	struct hf_report doc = report_doc(1);
	uint64_t before = server_records(&server);
	for (; doc.counter < 20; doc.counter++)
		server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	cr_expect_eq(server_records(&server), before + 1, "D5.6: the same again is no news");
	doc.unknown = true;
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	cr_expect_eq(server_records(&server), before + 2, "D5.6: knowledge was lost");
}

Test(reports, a_device_gone_mad_does_not_fill_the_disk)
{
	struct hf_report doc = report_doc(1);
	uint64_t before = server_records(&server);
	for (; doc.counter < 1000; doc.counter++) {
		doc.unknown = doc.counter & 1;
		server_report(&server, NULL, &doc, DEVICE);
	}
	hf_reports_flush(&server.c);
	cr_expect_geq(server_records(&server) - before, 40, "what is of account is recorded");
	cr_expect_leq(server_records(&server) - before, 45, "attack: a device whose every report is news");
	cr_expect_eq(counter(), 999, "its last word is known all the same");
}

/* How often the table of last reports holds this device's counter. */
static int rows_with_counter(const char *table, int64_t want)
{
	char path[PATH_MAX], sql[128];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int n = -1;
	cr_assert_eq(hf_str_printf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE counter = %lld", table,
				   (long long)want),
		     HF_OK);
	cr_assert_eq(sqlite3_open(test_path(path, server.folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return n;
}

/* proto/README.md "Report": what moves with each beat is no news of this device, and is not written again. */
Test(reports, one_that_only_repeats_the_last_is_not_written)
{
	struct hf_report doc = report_doc(1);
	doc.layers[0] = (struct hf_report_layer){"network", HF_LAYER_VERIFIED, ""};
	doc.n_layers = 1;
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	for (doc.counter = 2; doc.counter <= 30; doc.counter++) {
		doc.state_seq = doc.counter; /* the council's server goes on */
		doc.controller = "main";
		server_report(&server, NULL, &doc, DEVICE);
		cr_expect_eq(server.c.pending.n_rows, 0, "report %d waits for the disk", (int)doc.counter);
	}
	cr_expect_eq(counter(), 30, "it is heard all the same");
	doc.layers[0].saw = "facebook.com was reached";
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(server.c.pending.n_rows, 1, "what a layer saw is no news for the journal, and is kept");
}

Test(reports, when_it_was_heard_last_is_known_after_a_restart)
{
	struct hf_report doc = report_doc(1);
	server_report(&server, NULL, &doc, DEVICE);
	doc.counter = 9;
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(rows_with_counter("report", 1), 1, "its row stands as it was");
	cr_expect_eq(counter(), 9, "and beside it when it was heard last");
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 1, "attack: replayed after a restart");
	doc.counter = 8;
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 2, "attack: an older one");
	doc.counter = 10;
	doc.unknown = true;
	server_report(&server, NULL, &doc, DEVICE);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 10, "an older row of when says nothing");
	cr_expect(hf_estate_find(&server.c.estate, COUNCIL_DEVICE)->report->unknown);
}

Test(reports, what_could_not_be_written_is_written_with_the_next_one)
{
	struct hf_report doc = report_doc(1);
	uint64_t before = server_records(&server);
	server_damage(&server, "ALTER TABLE report RENAME TO elsewhere");
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	cr_expect_eq(server.c.pending.n_rows, 0, "it was tried");
	server_damage(&server, "ALTER TABLE elsewhere RENAME TO report");
	doc.counter = 2;
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	cr_expect_eq(rows_with_counter("report", 2), 1, "the same again, and it is not on disk yet");
	cr_expect_eq(server_records(&server), before + 1, "nor was it recorded that the device had news");
}

/* So many reports of one device, each of which is news. */
static void report_news(int64_t n)
{
	struct hf_report doc = report_doc(1);
	for (; doc.counter <= n; doc.counter++) {
		doc.unknown = doc.counter & 1;
		server_report(&server, NULL, &doc, DEVICE);
	}
}

struct wait {
	struct hf_watch *timer;
	size_t n_journal;
};

static void look(void *arg, uint32_t events)
{
	struct wait *wait = arg;
	(void)events;
	if (server.c.pending.n_journal <= wait->n_journal)
		hf_loop_stop(server.c.loop);
	else
		cr_assert_eq(hf_timer_arm(wait->timer, 1), HF_OK);
}

/* Until no more than so many records wait for the disk. */
static void run_until_wait(size_t n_journal)
{
	struct wait wait = {.n_journal = n_journal};
	cr_assert_eq(hf_loop_add_timer(server.c.loop, look, &wait, &wait.timer), HF_OK);
	look(&wait, 0);
	cr_assert_eq(hf_loop_run(server.c.loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&wait.timer);
}

/* An estate that reports at once: the loop has its turn between one slice and the next, and officers are answered. */
Test(reports, what_waits_goes_to_disk_in_slices)
{
	uint64_t before = server_records(&server);
	report_news(30);
	cr_assert_eq(server.c.pending.n_journal, 30);
	server.c.pending.slice = 16;
	run_until_wait(29);
	cr_expect_eq(server_records(&server), before + 16, "one slice, and then whoever else has waited");
	cr_expect_eq(server.c.pending.n_journal, 14);
	cr_expect_eq(rows_with_counter("report", 30), 0, "no row is there before what it stands for is recorded");
	run_until_wait(0);
	cr_expect_eq(server_records(&server), before + 30, "the rest follows by itself");
	cr_expect_eq(rows_with_counter("report", 30), 1);
	cr_expect_eq(server.c.pending.bytes, 0);
}

Test(reports, a_row_is_written_anew_where_it_waits_and_never_where_another_went_to_disk)
{
	struct hf_report doc = report_doc(100);
	report_news(2);
	cr_expect_eq(server.c.pending.n_rows, 1, "of each device one row waits");
	hf_reports_flush(&server.c);
	doc.layers[0] = (struct hf_report_layer){"network", HF_LAYER_VERIFIED, ""};
	doc.n_layers = 1;
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(server.c.pending.n_rows, 1, "the one before is on disk");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 100);
}

/* A disk that does not keep up: no more waits than the memory that is set aside for it. */
Test(reports, where_too_much_waits_a_report_makes_some_go_to_disk_first)
{
	uint64_t before = server_records(&server);
	report_news(20);
	cr_expect_eq(server_records(&server), before);
	server.c.pending.slice = 16;
	server.c.pending.bytes += HF_REPORTS_PENDING_MAX;
	report_news(21); /* all but the last were said before */
	server.c.pending.bytes -= HF_REPORTS_PENDING_MAX;
	cr_expect_eq(server_records(&server), before + 16);
	hf_reports_flush(&server.c);
	cr_expect_eq(server_records(&server), before + 21);
}
