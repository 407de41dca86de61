/* SPDX-License-Identifier: MIT */
/*
 * Holds the threads that verify reports to what the loop alone did: the same is refused, and in order.
 * Must never wait for a time; it waits for what is to come.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/readers.h"
#include "controller/reports.h"
#include "tests/unit/help_server.h"

#define MANY 400	/* reports of one device: more than a thread has read by the time that the loop looks */
#define TURNS 6000	/* reports: far more than are taken in one turn of the loop */
#define IDLE_LOOKS 3	/* in a row that found nothing taken: nobody wakes the loop any more */

static struct server server;
static struct hf_err err;

static void setup(void)
{
	server_open(&server);
	cr_assert_eq(hf_readers_new(&server.c, &server.c.readers, &err), HF_OK, "%s", err.text);
}

static void teardown(void)
{
	hf_readers_free(&server.c.readers);
	server_close(&server);
}

TestSuite(readers, .init = setup, .fini = teardown);

static void report_as(int64_t counter, unsigned who)
{
	const struct hf_report doc = {.council = COUNCIL_NAME,
				      .device = COUNCIL_DEVICE,
				      .counter = counter,
				      .at = {COUNCIL_T + counter},
				      .controller = ""};
	server_report(&server, NULL, &doc, who);
}

static int64_t last(void)
{
	const struct hf_report *report = hf_estate_find(&server.c.estate, COUNCIL_DEVICE)->report;
	return report ? report->counter : 0;
}

struct wait {
	struct hf_watch *timer;
	int64_t counter, before;
	int idle;
};

static void look(void *arg, uint32_t events)
{
	struct wait *wait = arg;
	(void)events;
	if (last() >= wait->counter)
		hf_loop_stop(server.c.loop);
	else
		cr_assert_eq(hf_timer_arm(wait->timer, 1), HF_OK);
}

static void run_until(int64_t counter)
{
	struct wait wait = {.counter = counter};
	cr_assert_eq(hf_loop_add_timer(server.c.loop, look, &wait, &wait.timer), HF_OK);
	look(&wait, 0);
	cr_assert_eq(hf_loop_run(server.c.loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&wait.timer);
}

/* proto/README.md "Report": a counter that is not higher than the last is rollback, so order matters. */
Test(readers, reports_of_one_device_are_taken_in_the_order_in_which_they_came)
{
	for (int64_t counter = 1; counter <= MANY; counter++)
		report_as(counter, DEVICE);
	run_until(MANY);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 0, "none overtook another");
	cr_expect_eq(last(), MANY);
}

Test(readers, what_another_key_signed_is_refused)
{
	report_as(1, STRANGER);
	report_as(2, NOBODY);
	report_as(1, DEVICE);
	report_as(1, DEVICE);
	report_as(3, DEVICE);
	run_until(3);
	cr_expect_eq(server.c.bad_reports[HF_E_SIGNATURE], 2, "attack: another's key");
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 1, "attack: said twice");
}

Test(readers, rubbish_does_not_stop_them)
{
	static const char topic[] = "holdfast/1/" COUNCIL_NAME "/device/" COUNCIL_DEVICE "/report";
	hf_reports_message(&server.c, topic, "rubbish", 7);
	hf_reports_message(&server.c, "holdfast/1", "rubbish", 7);
	report_as(1, DEVICE);
	run_until(1);
	cr_expect_eq(server.c.bad_reports[HF_E_JSON], 1, "attack: rubbish");
	cr_expect_eq(server.c.bad_reports[HF_E_TYPE], 1, "attack: no topic of ours");
}

/* Do all threads but this one sleep: then all that was handed to them has been read. */
static bool threads_sleep(void)
{
	DIR *folder = opendir("/proc/self/task");
	const struct dirent *entry;
	bool sleep = true;

	cr_assert(folder);
	while (sleep && (entry = readdir(folder))) {
		char path[300], state = '?';
		FILE *file;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", entry->d_name);
		file = fopen(path, "r");
		sleep = file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state == 'S';
		if (file)
			fclose(file);
	}
	closedir(folder);
	return sleep;
}

static void look_for_idle(void *arg, uint32_t events)
{
	struct wait *wait = arg;

	(void)events;
	wait->idle = last() == wait->before ? wait->idle + 1 : 0;
	wait->before = last();
	if (wait->before >= wait->counter || wait->idle >= IDLE_LOOKS)
		hf_loop_stop(server.c.loop);
	else
		cr_assert_eq(hf_timer_arm(wait->timer, 1), HF_OK);
}

/* No thread says anything any more: what did not fit into one turn of the loop is for the loop itself to go on with. */
Test(readers, what_one_turn_leaves_is_taken_in_the_next)
{
	struct wait wait = {.counter = TURNS};

	for (int64_t counter = 1; counter <= TURNS; counter++)
		report_as(counter, DEVICE);
	while (!threads_sleep())
		sched_yield();
	cr_assert_eq(hf_loop_add_timer(server.c.loop, look_for_idle, &wait, &wait.timer), HF_OK);
	look_for_idle(&wait, 0);
	cr_assert_eq(hf_loop_run(server.c.loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&wait.timer);
	cr_expect_eq(last(), TURNS);
}

/* A controller that is told to end has hundreds of reports in its hands: none is lost twice, nothing is touched after. */
Test(readers, they_end_while_much_waits)
{
	for (int64_t counter = 1; counter <= MANY; counter++)
		report_as(counter, DEVICE);
	hf_readers_free(&server.c.readers);
	cr_expect_not(server.c.readers);
	cr_expect_eq(server.c.bad_reports[HF_E_ROLLBACK], 0);
}
