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
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	server_report(&server, NULL, &doc, DEVICE);
	hf_reports_flush(&server.c);
	cr_assert_eq(sqlite3_open(test_path(path, server.folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "DELETE FROM report", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(counter(), 3, "D5.6: from the record of it");
	cr_assert_eq(sqlite3_open(test_path(path, server.folder, "journal.db"), &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "INSERT INTO report VALUES ('d1', 9, 9, 'damaged')", NULL, NULL, NULL),
		     SQLITE_OK);
	sqlite3_close(db);
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
