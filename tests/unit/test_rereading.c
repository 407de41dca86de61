/* SPDX-License-Identifier: MIT */
/*
 * Holds that a controller serves what is in force before it has read again what every device said, and that nothing
 * which a device said before can be believed in the meantime. Policy D9.2: a raise does not wait for a start.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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
	int looks;
};

static void look(void *arg, uint32_t events)
{
	struct wait *wait = arg;
	bool done = hf_rereading_left(&server.c) == 0 && server.c.bad_reports[HF_E_ROLLBACK] >= wait->rollbacks;
	(void)events;
	if (done || wait->looks++ == ENOUGH)
		hf_loop_stop(server.c.loop);
	else
		cr_assert_eq(hf_timer_arm(wait->timer, 1), HF_OK);
}

static void run_until_read(int64_t rollbacks)
{
	struct wait wait = {.rollbacks = rollbacks};
	cr_assert_eq(hf_loop_add_timer(server.c.loop, look, &wait, &wait.timer), HF_OK);
	look(&wait, 0);
	cr_assert_eq(hf_loop_run(server.c.loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&wait.timer);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], rollbacks, "attack: an old report is believed");
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

Test(rereading, a_lost_table_is_made_again_in_turns)
{
	for (int64_t life = 0; life < 2; life++) {
		for (int64_t i = 1; i <= A_LIFE; i++)
			report_as(life * A_LIFE + i, i & 1);
		hf_reports_flush(&server.c);
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	}
	server_damage(&server, "DELETE FROM report");
	restart();
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
