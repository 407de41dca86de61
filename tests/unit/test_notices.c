/* SPDX-License-Identifier: MIT */
/*
 * Owns the outbox beside the journal: written with its order, handed out once, settled by what became of each message.
 * Must never let a message hold an order back (policy D9.3).
 */
#include <criterion/criterion.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "controller/notices.h"
#include "controller/web/api.h"
#include "tests/unit/help_server.h"

#define ROW(state, again) "INSERT INTO letter VALUES (1, 's', 'b'); INSERT INTO outbox VALUES (1, "                           \
	"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'holder', 'h1', 'h1@example.org', 1, " #state   \
	", 1, 1, 0, 0, " #again ", 0, '', 0, 'me', 'mail')"
#define THOUSANDS                                                                                                      \
	"INSERT INTO letter VALUES (1, 's', 'b'); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) "    \
	"INSERT INTO outbox SELECT i, '', 'draft', 'h1', 'h1@example.org', 1, 0, 1, 1, 0, 0, 0, 0, '', 0, '', 'mail' FROM n"

static struct server server;
static struct hf_err err;

static void write_people(const char *text)
{
	char path[TEST_FOLDER_SIZE + 32];
	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/people.csv", server.folder), HF_OK);
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), 0600, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_str_copy(server.settings.notify_people, sizeof(server.settings.notify_people), path), HF_OK);
}

static void setup(void)
{
	server_open(&server);
	cr_assert_eq(hf_str_copy(server.settings.notify_user, sizeof(server.settings.notify_user), getpwuid(geteuid())->pw_name), HF_OK);
	cr_assert_eq(hf_str_copy(server.settings.notify_templates, sizeof(server.settings.notify_templates), server.folder), HF_OK);
	write_people("*list,,,all@example.org,\n");
	cr_assert_eq(hf_notices_start(&server.c, &err), HF_OK, "%s", err.text);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(notices, .init = setup, .fini = teardown);

static enum hf_rc raise(void)
{
	struct hf_order raise = council_raise_doc(HF_KIND_EMERGENCY);
	return server_post(&server, council_order(&server.council, &raise, COMMS_1), NULL, &err);
}

static int64_t count(enum hf_notice_state state)
{
	struct hf_notice_counts counts = {{0}, 0, 0};
	cr_assert_eq(hf_journal_count_notices(server.c.journal, NULL, &counts, &err), HF_OK, "%s", err.text);
	return counts.n[state];
}

Test(notices, a_row_is_written_with_its_order)
{
	cr_assert_eq(raise(), HF_OK, "%s", err.text);
	cr_expect_eq(count(HF_NOTICE_WAITING), 1, "the list");
	cr_expect(strstr(server.c.notices.trouble, "have no address"), "%s", server.c.notices.trouble);
}

Test(notices, nothing_of_it_holds_an_order_back)
{
	static const struct {
		const char *what, *sql, *people, *says;
	} rows[] = {
		{"no table", "DROP TABLE outbox", NULL, "outbox"},
		{"20,000 that are not gone", THOUSANDS, NULL, "20000 messages"},
		{"a people file that is none", "SELECT 1", "\"\n", "line 1"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (i > 0) {
			server_close(&server);
			setup();
		}
		server_damage(&server, rows[i].sql);
		if (rows[i].people)
			write_people(rows[i].people);
		uint64_t before = server_records(&server);
		cr_expect_eq(raise(), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect(server_records(&server) > before, "%s: recorded", rows[i].what);
		cr_expect(strstr(server.c.notices.trouble, rows[i].says), "%s: %s", rows[i].what, server.c.notices.trouble);
	}
}

Test(notices, what_becomes_of_a_message)
{
	static const struct {
		const char *what, *sql;
		enum hf_sent outcome;
		enum hf_notice_state want;
	} rows[] = {
		{"gone", ROW(1, 0), HF_SENT_GONE, HF_NOTICE_SENT},
		{"refused for good", ROW(0, 0), HF_SENT_REFUSED, HF_NOTICE_FAILED},
		{"put off before it began", ROW(0, 0), HF_SENT_LATER, HF_NOTICE_WAITING},
		{"put off in the middle", ROW(1, 0), HF_SENT_LATER, HF_NOTICE_WAITING},
		{"put off, and cancelled meanwhile", ROW(1, 2), HF_SENT_LATER, HF_NOTICE_CANCELLED},
		{"no answer", ROW(1, 0), HF_SENT_UNKNOWN, HF_NOTICE_UNKNOWN},
		{"no answer again", ROW(1, 1), HF_SENT_UNKNOWN, HF_NOTICE_UNKNOWN},
		{"unknown, and refused the second time: it may have arrived", ROW(1, 1), HF_SENT_REFUSED, HF_NOTICE_UNKNOWN},
		{"unknown, and put off the second time", ROW(1, 1), HF_SENT_LATER, HF_NOTICE_UNKNOWN},
		{"unknown, and no server there", ROW(3, 0), HF_SENT_LATER, HF_NOTICE_UNKNOWN},
		{"unknown, and refused before it began", ROW(3, 0), HF_SENT_REFUSED, HF_NOTICE_UNKNOWN},
		{"unknown, and sent", ROW(1, 1), HF_SENT_GONE, HF_NOTICE_SENT},
		{"the channel is stopped", ROW(0, 0), HF_SENT_STOPPED, HF_NOTICE_WAITING},
		{"the channel is stopped when it had begun", ROW(1, 0), HF_SENT_STOPPED, HF_NOTICE_WAITING},
		{"and its lockdown is over meanwhile", ROW(1, 2), HF_SENT_STOPPED, HF_NOTICE_CANCELLED},
		{"unknown, and stopped the second time", ROW(1, 1), HF_SENT_STOPPED, HF_NOTICE_UNKNOWN},
		{"said twice", ROW(2, 0), HF_SENT_LATER, HF_NOTICE_SENT},
		{"cancelled stays so", ROW(5, 0), HF_SENT_LATER, HF_NOTICE_CANCELLED},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hf_sending sending = {1, "me", rows[i].outcome, 250, "550 no"};
		enum hf_notice_state state = HF_NOTICE_STATE_COUNT;
		server_damage(&server, "DELETE FROM outbox; DELETE FROM letter");
		server_damage(&server, rows[i].sql);
		cr_expect_eq(hf_notices_outcome(&server.c, &sending, &state, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect_eq(state, rows[i].want, "%s: %s", rows[i].what, hf_notice_state_name(state));
	}
}

static enum hf_rc count_row(void *arg, const struct hf_notice_row *row, struct hf_err *why)
{
	int *n = arg;
	(void)row, (void)why;
	(*n)++;
	return HF_OK;
}

static int taken_by(const char *channel, const char *session)
{
	const struct hf_taker taker = {channel, session};
	int n = 0;
	cr_assert_eq(hf_notices_take(&server.c, &taker, count_row, &n, &err), HF_OK, "%s", err.text);
	return n;
}

static int taken(const char *session)
{
	return taken_by("mail", session);
}

Test(notices, what_is_handed_out)
{
	static const struct {
		const char *what, *sql;
		bool go;
		int n;
	} rows[] = {
		{"what waits", ROW(0, 0), true, 1},	   {"what is going out, of this life", ROW(1, 0), false, 0},
		{"what is sent", ROW(2, 0), false, 0},	   {"what is unknown, once more", ROW(3, 0), true, 1},
		{"but not twice", ROW(3, 1), false, 0},   {"nor when its lockdown is over", ROW(3, 2), false, 0},
		{"what failed", ROW(4, 0), false, 0},	   {"what is cancelled", ROW(5, 0), false, 0},
		{"what is dropped", ROW(6, 0), false, 0},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hf_sending sending = {.id = 1, .session = "me"};
		bool go = !rows[i].go;
		server_damage(&server, "DELETE FROM outbox; DELETE FROM letter");
		(void)taken("me");
		server_damage(&server, rows[i].sql);
		cr_expect_eq(taken("me"), rows[i].n, "%s", rows[i].what);
		cr_expect_eq(hf_notices_begin(&server.c, &sending, &go, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect_eq(go, rows[i].go, "%s", rows[i].what);
	}
}

Test(notices, what_another_life_was_sending_is_unknown)
{
	(void)taken("me");
	server_damage(&server, ROW(1, 0));
	cr_expect_eq(taken("you"), 0, "in half a minute");
	cr_expect_eq(count(HF_NOTICE_UNKNOWN), 1);
}

Test(notices, a_stopped_channel_is_looked_at_once_in_five_minutes_whoever_is_started_anew)
{
	const struct hf_sending stopped = {1, "me", HF_SENT_STOPPED, 535, "535 no"}, gone = {1, "me", HF_SENT_GONE, 250, ""};
	enum hf_notice_state state;
	server_damage(&server, ROW(0, 0) "; INSERT INTO outbox SELECT 2, lockdown, what, person, address, letter, 0, 1, 1, 0, 0, 0, 0, '', 0, '', 'mail' FROM outbox");
	cr_expect_eq(taken("me"), 2);
	cr_expect_eq(hf_notices_outcome(&server.c, &stopped, &state, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken("me"), 0, "stopped");
	cr_expect_eq(taken("you"), 0, "also for another life of who sends");
	server.c.notices = (struct hf_notices){0};
	cr_expect_eq(hf_notices_start(&server.c, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken("me"), 0, "and for another life of the controller");
	server.c.notices.channels[0].probe.s = hf_clock_wall().s;
	cr_expect_eq(taken("me"), 1, "one, when it is time");
	cr_expect_eq(taken("me"), 0, "and no second, whatever became of it");
	cr_expect_eq(hf_notices_outcome(&server.c, &gone, &state, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken("me"), 1, "sent: it goes on");
}

static unsigned status_of(const char *body, hf_user uid)
{
	const struct hf_web_request request = {.method = "POST", .path = "/v1/outbox", .body = body, .body_len = strlen(body), .speaker = {uid}};
	struct hf_web_answer answer = hf_web_answer(&server.c, &request);
	free(answer.text);
	return answer.status;
}

Test(notices, who_may_do_what)
{
	static const struct {
		const char *body;
		unsigned sender, root, other;
	} rows[] = {
		{"{\"act\": \"take\", \"session\": \"me\"}", 200, 403, 403},
		{"{\"act\": \"begin\", \"id\": 9, \"session\": \"me\"}", 404, 403, 403},
		{"{\"act\": \"outcome\", \"id\": 9, \"outcome\": \"sent\"}", 400, 403, 403}, /* it is not to be said again */
		{"{\"act\": \"outcome\", \"id\": 9, \"outcome\": \"eaten\"}", 400, 403, 403},
		{"{\"act\": \"retry\", \"id\": 9}", 403, 404, 403},
		{"{\"act\": \"drop\", \"id\": 9}", 403, 404, 403},
		{"{\"act\": \"test\", \"to\": \"a@example.org\"}", 403, 200, 403},
		{"{\"act\": \"test\", \"to\": \"nobody\"}", 403, 404, 403},
		{"{\"act\": \"test\", \"to\": \"a@b@c d\"}", 403, 400, 403},
		{"{\"act\": \"take\", \"channel\": \"fax\", \"session\": \"me\"}", 404, 403, 403},
		{"{\"act\": \"test\", \"to\": \"07700 900123\"}", 403, 200, 403},
		{"{\"act\": \"test\", \"to\": \"0770\"}", 403, 400, 403},
		{"{\"act\": \"seen\"}", 200, 200, 200},
		{"{\"act\": \"explode\"}", 400, 400, 400},
		{"{\"act\": \"seen\", \"more\": 1}", 400, 400, 400},
		{"{}", 400, 400, 400},
		{"", 400, 400, 400},
	};
	server.c.notices.sender = 77;
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_expect_eq(status_of(rows[i].body, 77), rows[i].sender, "the sender: %s", rows[i].body);
		cr_expect_eq(status_of(rows[i].body, 0), rows[i].root, "root: %s", rows[i].body);
		cr_expect_eq(status_of(rows[i].body, 78), rows[i].other, "anybody else: %s", rows[i].body);
	}
	server.settings.notify_user[0] = '\0';
	cr_expect_eq(status_of("{\"act\": \"test\", \"to\": \"a@example.org\"}", 0), 400, "nobody is told of anything");
}

/* Each hook has a row; what one channel is sending, and whether it is stopped, is nothing to another. */
Test(notices, each_channel_is_its_own)
{
	const struct hf_sending stopped = {1, "me", HF_SENT_STOPPED, 404, "HTTP 404"};
	enum hf_notice_state state;
	cr_assert_eq(hf_str_copy(server.settings.notify_hooks, sizeof(server.settings.notify_hooks), "teams"), HF_OK);
	cr_assert_eq(hf_str_copy(server.settings.notify_alerts, sizeof(server.settings.notify_alerts), "cap"), HF_OK);
	cr_assert_eq(hf_notices_start(&server.c, &err), HF_OK, "%s", err.text);
	cr_assert_eq(raise(), HF_OK, "%s", err.text);
	cr_expect_eq(taken_by("mail", "me"), 1);
	cr_expect_eq(taken_by("teams", "me"), 1);
	cr_expect_eq(taken_by("cap", "me"), 1);
	cr_expect_eq(taken_by("sms", "me"), 0);
	server_damage(&server, "UPDATE outbox SET id = id + 10; UPDATE outbox SET id = 1 WHERE channel = 'teams'; "
			       "UPDATE outbox SET state = 1, session = 'me' WHERE channel = 'cap'");
	cr_expect_eq(hf_notices_outcome(&server.c, &stopped, &state, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken_by("teams", "me"), 0, "stopped");
	cr_expect_eq(taken_by("mail", "you"), 1, "the others go on");
	cr_expect_eq(count(HF_NOTICE_UNKNOWN), 0, "another life of one channel leaves what others are sending");
	cr_expect_eq(taken_by("cap", "you"), 0);
	cr_expect_eq(count(HF_NOTICE_UNKNOWN), 1);
}

Test(notices, a_journal_of_before_channels_still_opens)
{
	server_damage(&server, "DROP TABLE outbox; CREATE TABLE outbox (id INTEGER PRIMARY KEY, lockdown TEXT NOT NULL, what TEXT NOT "
			       "NULL, person TEXT NOT NULL, address TEXT NOT NULL, letter INTEGER NOT NULL, state INTEGER NOT NULL, "
			       "made INTEGER NOT NULL, due INTEGER NOT NULL, first INTEGER NOT NULL, tries INTEGER NOT NULL, again "
			       "INTEGER NOT NULL, code INTEGER NOT NULL, line TEXT NOT NULL, seen INTEGER NOT NULL, session TEXT NOT "
			       "NULL) STRICT; CREATE INDEX outbox_state ON outbox (state, seen, due)");
	server_damage(&server, "INSERT INTO letter VALUES (1, 's', 'b'); INSERT INTO outbox VALUES (1, "
			       "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'holder', 'h1', 'h1@example.org', 1, 0, 1, "
			       "1, 0, 0, 0, 0, '', 0, '')");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_notices_start(&server.c, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken_by("mail", "me"), 1, "its messages are e-mails");
}
