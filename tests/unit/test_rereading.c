/* SPDX-License-Identifier: MIT */
/*
 * Holds that a controller serves what is in force before it has read again what every device said, and that nothing
 * which a device said before can be believed in the meantime. Policy D9.2: a raise does not wait for a start.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/clock.h>

#include "controller/reports.h"
#include "controller/rereading.h"
#include "controller/web/show_attention.h"
#include "controller/web/show.h"
#include "tests/unit/help_server.h"

#define BEFORE 64 /* rows are read before it serves: d1's must stand behind them */
#define ENOUGH 20000 /* looks, each a millisecond or more: then it will not come */
#define A_LIFE 40 /* reports that are recorded at once of one device; the bucket is full again after a start */

static struct server server;
static struct hf_err err;
static struct hf_digest raised;

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(rereading, .init = setup, .fini = teardown);

static void report_as(int64_t counter, bool unknown)
{
	const struct hf_report doc = {.council = COUNCIL_NAME,
				      .device = COUNCIL_DEVICE,
				      .counter = counter,
				      .at = {COUNCIL_T + counter},
				      .unknown = unknown,
				      .controller = ""};
	server_report(&server, NULL, &doc, DEVICE);
}

static int64_t last(void)
{
	const struct hf_report *report = hf_estate_find(&server.c.estate, COUNCIL_DEVICE)->report;
	return report ? report->counter : 0;
}

/* Rows of devices that are gone, which stand before d1's. */
static void others_before(void)
{
	for (int i = 0; i < BEFORE; i++) {
		char sql[128];
		snprintf(sql, sizeof(sql), "INSERT INTO report VALUES ('a%02d', 1, 1, 'x')", i);
		server_damage(&server, sql);
	}
}

static void restart(void)
{
	server.threads = true;
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
}

struct wait {
	struct hf_watch *timer;
	int64_t rollbacks; /* reports that are to be refused as old */
	int64_t least;	   /* what d1 has said by then: a report that comes is read by a thread */
	int looks;
};

static void look(void *arg, uint32_t events)
{
	struct wait *wait = arg;
	bool done = hf_rereading_left(&server.c) == 0 && server.c.bad_reports[HF_E_ROLLBACK] >= wait->rollbacks &&
		    last() >= wait->least;
	(void)events;
	if (done || wait->looks++ == ENOUGH)
		hf_loop_stop(server.c.loop);
	else
		cr_assert_eq(hf_timer_arm(wait->timer, 1), HF_OK);
}

static void run_until(int64_t rollbacks, int64_t least)
{
	struct wait wait = {.rollbacks = rollbacks, .least = least};
	cr_assert_eq(hf_loop_add_timer(server.c.loop, look, &wait, &wait.timer), HF_OK);
	look(&wait, 0);
	cr_assert_eq(hf_loop_run(server.c.loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&wait.timer);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], rollbacks, "attack: an old report is believed");
}

static void run_until_read(int64_t rollbacks)
{
	run_until(rollbacks, 0);
}

static bool attention_says(const char *words)
{
	hf_auto_json json_t *unheard = hf_show_unheard(&server.c), *list = hf_show_attention(&server.c, unheard);
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (strstr(json_string_value(one), words))
			return true;
	}
	return false;
}

static int64_t unread(void)
{
	hf_auto_json json_t *status = hf_show_status(&server.c);
	cr_assert(status);
	return json_integer_value(json_object_get(status, "unread"));
}

Test(rereading, what_is_in_force_is_served_before_all_reports_are_read)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_json json_t *status = NULL;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK, "%s",
		     err.text);
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
	restart();
	status = hf_show_status(&server.c);
	cr_expect_eq(json_array_size(json_object_get(status, "lockdowns")), 1, "D9.2: the emergency is known");
	cr_expect_eq(unread(), 1, "and of one device it is said that it is not read yet");
	cr_expect(attention_says("still reading what devices said before: 64 of 65"));
	cr_expect_eq(last(), 0, "nothing counts that is not verified");
	run_until_read(0);
	cr_expect_eq(last(), 5, "then it is known again");
	cr_expect_eq(unread(), 0);
	cr_expect_not(attention_says("still reading"));
}

Test(rereading, an_old_report_that_comes_meanwhile_is_not_believed)
{
	report_as(5, false);
	report_as(9, false);
	hf_reports_flush(&server.c);
	others_before();
	restart();
	report_as(8, true);
	cr_assert_eq(last(), 0);
	report_as(10, true);
	report_as(7, true);
	run_until_read(2);
	cr_expect_eq(last(), 10, "9 only repeated 5, and is known all the same");
}

Test(rereading, while_a_lost_row_is_looked_for_reports_of_its_device_wait)
{
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
	server_damage(&server, "UPDATE report SET body = 'damaged' WHERE device = 'd1'");
	restart();
	report_as(4, true);
	report_as(6, true);
	report_as(3, true);
	run_until_read(2);
	cr_expect_eq(last(), 6, "what is new was not lost");
}

/* A controller whose clock was ahead for an hour: a device that is silent since must not be fresh until that hour comes. */
Test(rereading, who_was_heard_tomorrow_was_heard_now)
{
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
	server_damage(&server, "UPDATE report SET heard = 9223372036854775807");
	restart();
	run_until_read(0);
	cr_expect_eq(last(), 5);
	cr_expect_leq(hf_estate_find(&server.c.estate, COUNCIL_DEVICE)->heard.s, hf_clock_wall().s);
}

/* More records of reports than one turn reads, and the table of the last ones is gone. */
static void lose_the_table(void)
{
	for (int64_t life = 0; life < 2; life++) {
		for (int64_t i = 1; i <= A_LIFE; i++)
			report_as(life * A_LIFE + i, i & 1);
		hf_reports_flush(&server.c);
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	}
	server_damage(&server, "DELETE FROM report");
	restart();
}

Test(rereading, a_lost_table_is_made_again_in_turns)
{
	lose_the_table();
	cr_expect_eq(unread(), 1, "more records than one turn reads");
	report_as(2, true);
	run_until_read(1);
	cr_expect_eq(last(), 2 * A_LIFE);
}

/* What one of IT gives another key has said nothing yet: the word of the old key does not come back. */
Test(rereading, a_key_that_changes_meanwhile_has_said_nothing)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
	restart();
	doc.version = 2;
	doc.pub = council_pub(&server.council, STRANGER);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), NULL, &err), HF_OK,
		     "%s", err.text);
	run_until_read(0);
	cr_expect_eq(last(), 0);
}

/* controller/API.md "The journal": a controller that ends before it has read all has lost nothing. */
Test(rereading, it_may_end_at_once)
{
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
	restart();
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	run_until_read(0);
	cr_expect_eq(last(), 5);
}

static enum hf_rc raise_now(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;
	enum hf_rc rc = server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, &err);
	if (rc == HF_OK)
		raised = taken.digest;
	return rc;
}

static void release_now(void)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &raised, 1);
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1 | MONITORING_1), &taken, &err), HF_OK,
		     "%s", err.text);
	cr_assert_eq(taken.outcome, HF_OUTCOME_RECORDED);
}

static const char *phase(void)
{
	static char text[32];
	hf_auto_json json_t *status = hf_show_status(&server.c);
	json_t *first = json_array_get(json_object_get(status, "lockdowns"), 0);
	const char *said = first ? json_string_value(json_object_get(first, "phase")) : "none";
	cr_assert_eq(hf_str_copy(text, sizeof(text), said), HF_OK);
	return text;
}

/* What d1 said is known to the disk, and its row stands behind those that are read before it serves. */
static void d1_said_5(void)
{
	report_as(5, false);
	hf_reports_flush(&server.c);
	others_before();
}

/* Begins, takes an order while it reads, and is gone without another word. */
static void start_and_be_killed(void)
{
	server.threads = true;
	if (server_start(&server, &err) != HF_OK || hf_rereading_left(&server.c) == 0 || raise_now() != HF_OK)
		_exit(1);
	(void)raise(SIGKILL);
}

/* A loss of power while it reads: what was told as recorded is there, and all is read at the next start. */
Test(rereading, killed_in_the_middle_it_reads_all_at_the_next_start)
{
	for (int i = 0; i < 2; i++) {
		pid_t child;
		int status = 0;
		if (i == 0)
			d1_said_5();
		server_stop(&server);
		child = fork();
		if (child == 0)
			start_and_be_killed();
		cr_assert_eq(waitpid(child, &status, 0), child);
		cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%d", status);
		server.threads = true;
		cr_assert_eq(server_start(&server, &err), HF_OK, "%s", err.text);
		cr_expect_str_eq(phase(), "in force", "D9.2: the order that it took");
		cr_expect_eq(unread(), 1);
		run_until_read(0);
		cr_expect_eq(last(), 5, "killed %d times", i + 1);
	}
}

/* policy D9.2, D9.3: neither waits for what devices said before. */
Test(rereading, an_order_and_its_release_count_meanwhile)
{
	d1_said_5();
	restart();
	cr_assert_eq(raise_now(), HF_OK, "%s", err.text);
	cr_expect_str_eq(phase(), "in force");
	cr_expect_eq(last(), 0, "nothing of the reports is read yet");
	release_now();
	cr_expect_str_eq(phase(), "released");
	run_until_read(0);
	cr_expect_eq(last(), 5);
	cr_expect_str_eq(phase(), "released");
	restart();
	cr_expect_str_eq(phase(), "released", "on the record");
}

/* Attack, or a disk that fails, while it reads: what was given to be read is verified, and it serves on. */
Test(rereading, rows_that_are_damaged_meanwhile_end_nothing)
{
	static const char *const rows[] = {"DELETE FROM report", "UPDATE report SET body = 'x', heard = 1", "DROP TABLE report"};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		server_close(&server);
		server_open(&server);
		d1_said_5();
		restart();
		server_damage(&server, rows[i]);
		report_as(4, true);
		run_until_read(1);
		cr_expect_eq(last(), 5, "%s", rows[i]);
		cr_expect_eq(raise_now(), HF_OK, "D9.2: %s: %s", rows[i], err.text);
	}
}

/* The table is gone, so the journal is searched; its own reports go while that lasts: devices say it anew. */
Test(rereading, records_that_go_while_they_are_searched_end_the_search)
{
	lose_the_table();
	cr_assert_eq(unread(), 1);
	server_damage(&server, "DROP TRIGGER journal_no_delete; DELETE FROM journal WHERE kind IN ('report', 'start')");
	report_as(2 * A_LIFE + 1, true);
	run_until(0, 2 * A_LIFE + 1);
	cr_expect_eq(last(), 2 * A_LIFE + 1, "what it says now counts, and waited for nothing that is gone");
	cr_expect_eq(raise_now(), HF_E_STALE_HEAD, "and whoever orders something is told that it was not recorded, and why");
	cr_expect(strstr(err.text, "another program wrote to the journal"), "%s", err.text);
}

/* The journal's file is removed while it reads: it reads on; what comes then is told as what it is, and the next start refuses. */
Test(rereading, a_journal_that_is_gone_meanwhile_is_missed_at_the_next_start)
{
	char file[PATH_MAX];
	d1_said_5();
	restart();
	cr_assert_eq(unlink(test_path(file, server.folder, "journal.db")), 0);
	run_until_read(0);
	cr_expect_eq(last(), 5);
	cr_expect_eq(server_restart(&server, &err), HF_E_ABSENT, "%s", err.text);
	cr_expect(strstr(err.text, "journal"), "%s", err.text);
}
