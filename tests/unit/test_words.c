/* SPDX-License-Identifier: MIT */
/*
 * Owns what the person at a device reads.
 * Must never accept an exercise that could be read as the real thing.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/enforce.h"
#include "agent/rules/readings.h"
#include "agent/rules/view.h"
#include "agent/terminal/words.h"
#include "tests/help/judged.h"

#define NOW ((struct hf_wall){COUNCIL_T + 120})

static struct council council;

/* What one row has in force and who asks. */
struct scene {
	struct hf_memory memory;
	struct hf_digest raise;
	const char *person;
	bool waiting;
	struct hf_own_plan plan;
	char *text; /* what is read */
	json_t *view;
};

static void set_up(void)
{
	council_open(&council);
}

static void tear_down(void)
{
	council_close(&council);
}

TestSuite(words, .init = set_up, .fini = tear_down);

static void begin(struct scene *s, const struct hf_order *order, const char *person)
{
	memset(s, 0, sizeof(*s));
	s->person = person;
	council_begin(&council, &s->memory.known);
	s->memory.known.issued.s = NOW.s - 10;
	s->memory.known.valid_until.s = NOW.s + 300;
	if (!order)
		return;
	s->raise = judged_order(&s->memory.known, &council, order,
				order->kind == HF_KIND_PURDAH ? ELECTIONS_1
				: order->body.exempt.n	      ? COMMS_1 | COMMS_2
							      : COMMS_1);
}

/* A second order beside the first. */
static struct hf_digest add_order(struct scene *s, const struct hf_order *order, unsigned who)
{
	return judged_order(&s->memory.known, &council, order, who);
}

/* comms-2 has acknowledged this text of the first order. */
static void acknowledge(struct scene *s, const char *text)
{
	struct hf_ack ack = {.lockdown = s->raise, .person = "comms-2", .at = {COUNCIL_T + 90}};
	bool is_new;

	cr_assert_eq(hf_instructions_digest(text, &ack.text), HF_OK);
	cr_assert_eq(hf_acks_add(&s->memory.acked, &ack, &is_new), HF_OK);
}

static void add_release(struct scene *s, enum hf_mode mode)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &s->raise, 1);

	order.mode = mode;
	order.at = NOW;
	add_order(s, &order, COMMS_1 | MONITORING_1);
}

static void read_it(struct scene *s)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_facts facts = {.acks = s->memory.acked.v, .n_acks = s->memory.acked.n, .unknown = s->memory.unknown};
	struct hf_layer_seen layers[] = {
		{"browser", hf_layer_browser.has_work, {.state = HF_LAYER_IDLE, .text = "Nothing is blocked"}}};
	struct hf_case matter = {&s->memory.known, &lockdowns, &facts, hf_known_now(&s->memory.known, NOW)};
	struct hf_report_facts report = {&s->memory, &s->plan.plan, true, !s->waiting, layers, 1, 0, NULL};
	struct hf_view_facts view = {COUNCIL_PAIR(s->person), s->waiting ? "the disk is full" : "", s->waiting, true, NULL, 1};
	struct hf_logins logins = {.n = 1};
	size_t len = 0;
	FILE *out;

	cr_assert_eq(hf_known_lockdowns(&s->memory.known, NOW, &lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_plan_make(&matter, &logins, &s->plan, NULL), HF_OK);
	s->view = hf_view_make(&matter, &report, &view, NULL);
	cr_assert_not_null(s->view);
	out = open_memstream(&s->text, &len);
	hf_words_view(s->view, out);
	fclose(out);
}

static void end(struct scene *s)
{
	hf_plan_done(&s->plan);
	hf_memory_done(&s->memory);
	json_decref(s->view);
	free(s->text);
}

static bool reads(const struct scene *s, const char *words)
{
	return strstr(s->text, words);
}

Test(words, staff_see_what_why_since_when_by_whom_and_whom_to_ring_D9_1)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	static const char *const wanted[] = {
		"BLOCKED: you cannot post",
		"An emergency lockdown is in force",
		"Why: A major incident has been declared.",
		"Accounts: every account of the council",
		"Since: 2026-01-01 00:01:00 UTC",
		"By: comms-1",
		"Until: the council's all-clear",
		"Whom to ring: Communications duty officer, extension 4000",
		"Blocked here: X in a browser, Facebook in a browser",
		"Accounts that you hold: x:CannockChaseDC",
		"used by you as comms-2",
	};
	struct scene s;

	begin(&s, &order, "comms-2");
	read_it(&s);
	for (size_t i = 0; i < HF_LEN(wanted); i++)
		cr_expect(reads(&s, wanted[i]), "not read: %s in\n%s", wanted[i], s.text);
	cr_expect_not(reads(&s, "EXERCISE"), "the real thing is not called an exercise");
	end(&s);
}

/* clang-format off */
static const struct poster_row { const char *what, *person, *exempt, *wanted; } posters[] = {
	{ "named, and blocked",  "comms-2", "nobody-1", "Open it for 15 minutes: holdfast-agent pass x:CannockChaseDC" },
	{ "named, and exempt",   "comms-2", "comms-2", "Post it now, once, and nothing else; then: holdfast-agent posted x:CannockChaseDC" },
	{ "a holder, not named", "comms-1", "nobody-1", "Its named poster is comms-2; nobody else posts it." },
	{ "IT, at the device",   NULL, "nobody-1", "Its named poster is comms-2; nobody else posts it." },
};
/* clang-format on */

Test(words, one_holding_message_and_one_named_poster_D9_3)
{
	for (size_t i = 0; i < HF_LEN(posters); i++) {
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
		struct scene s;

		order.body.exempt = COUNCIL_LIST(posters[i].exempt);
		begin(&s, &order, posters[i].person);
		read_it(&s);
		cr_expect(reads(&s, "We know of an incident"), "D9.3: the text, to %s", posters[i].what);
		cr_expect(reads(&s, posters[i].wanted), "D9.3: %s\n%s", posters[i].what, s.text);
		end(&s);
	}
}

Test(words, somebody_who_holds_nothing_is_not_shown_the_message)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	begin(&s, &order, "it-1");
	read_it(&s);
	cr_expect_not(reads(&s, "We know of an incident"), "D9.3: a holding message is for its account's holders");
	end(&s);
}

Test(words, each_line_about_an_exercise_says_EXERCISE)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;
	char *line, *rest = NULL;

	order.mode = HF_MODE_EXERCISE;
	order.body.instructions = "Do this.\nThen that.";
	begin(&s, &order, "comms-2");
	read_it(&s);
	cr_expect(reads(&s, "OPEN: no lockdown is in force here."), "an exercise never blocks\n%s", s.text);
	rest = strstr(s.text, "EXERCISE");
	cr_assert_not_null(rest);
	*strstr(rest, "\n\n") = '\0';
	for (line = strtok(rest, "\n"); line; line = strtok(NULL, "\n"))
		cr_expect_eq(strncmp(line, "EXERCISE", 8), 0, "this line could be the real thing: %s", line);
	end(&s);
}

Test(words, all_clear_is_said_with_its_message_D9_3)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	begin(&s, &order, "comms-2");
	add_release(&s, HF_MODE_LIVE);
	read_it(&s);
	cr_expect(reads(&s, "OPEN: no lockdown is in force here."));
	cr_expect(reads(&s, "ALL CLEAR: the emergency lockdown"), "%s", s.text);
	cr_expect(reads(&s, "that began at 2026-01-01 00:01:00 UTC"), "an order without a time of its own: %s", s.text);
	cr_expect_not(reads(&s, "no end"), "%s", s.text);
	cr_expect(reads(&s, "All clear. Thank you."), "D9.3: the second message");
	cr_expect(reads(&s, "Released by comms-1 and monitoring-1"), "%s", s.text);
	end(&s);
}

static size_t times_read(const struct scene *s, const char *words)
{
	size_t n = 0;

	for (const char *at = strstr(s->text, words); at; at = strstr(at + 1, words))
		n++;
	return n;
}

Test(words, of_many_all_clears_the_newest_alone_is_said_and_below_what_holds)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	begin(&s, &order, "comms-2");
	add_release(&s, HF_MODE_LIVE);
	order.at.s += 1;
	s.raise = add_order(&s, &order, COMMS_1);
	add_release(&s, HF_MODE_LIVE);
	order.at.s += 1;
	add_order(&s, &order, COMMS_1);
	read_it(&s);
	cr_expect_eq(times_read(&s, "ALL CLEAR"), 1, "%s", s.text);
	cr_expect_lt(strstr(s.text, "An emergency lockdown is in force"), strstr(s.text, "ALL CLEAR"), "%s", s.text);
	cr_expect_not(reads(&s, "This device is opening"), "something is shut: %s", s.text);
	end(&s);
}

Test(words, what_was_cancelled_before_it_began_will_not_begin)
{
	/* clang-format off */
	static const struct { const char *what; int64_t from; const char *wanted, *never; } rows[] = {
		{ "planned for tomorrow", COUNCIL_T + COUNCIL_DAY, "CANCELLED: the pre-election period (purdah) that was to begin at 2026-01-02", "ALL CLEAR" },
		{ "it had begun",         COUNCIL_T + 60,          "ALL CLEAR: the pre-election period (purdah) that began at 2026-01-01", "will not begin" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_order order = council_raise_doc(HF_KIND_PURDAH), release;
		struct scene s;

		order.body.from.s = rows[i].from;
		begin(&s, &order, "comms-2");
		release = council_release_doc(HF_KIND_PURDAH, &s.raise, 1);
		release.at = NOW;
		add_order(&s, &release, ELECTIONS_1 | MONITORING_1);
		read_it(&s);
		cr_expect(reads(&s, rows[i].wanted), "%s: %s", rows[i].what, s.text);
		cr_expect_not(reads(&s, rows[i].never), "%s: %s", rows[i].what, s.text);
		cr_expect_not(reads(&s, "This device is opening") && rows[i].never[0] == 'A', "%s", s.text);
		end(&s);
	}
}

Test(words, all_clear_of_an_exercise_says_so)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	order.mode = HF_MODE_EXERCISE;
	begin(&s, &order, "comms-2");
	add_release(&s, HF_MODE_EXERCISE);
	read_it(&s);
	cr_expect(reads(&s, "EXERCISE: ALL CLEAR"), "%s", s.text);
	cr_expect(reads(&s, "EXERCISE:   Released by"), "%s", s.text);
	cr_expect_not(reads(&s, "\nALL CLEAR"), "%s", s.text);
	end(&s);
}

Test(words, designated_officer_is_told_that_they_are_open_D9_1)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	order.body.exempt = COUNCIL_LIST("comms-2");
	begin(&s, &order, "comms-2");
	read_it(&s);
	cr_expect(reads(&s, "OPEN for you"), "%s", s.text);
	cr_expect(reads(&s, "You are exempt from it"), "%s", s.text);
	end(&s);
}

/* clang-format off */
static const struct guard_row {
	const char *what, *person;
	bool acked, exempt, block, exercise, other_account, planned;
	const char *wanted[4];
	const char *never;
} guards[] = {
	{ "D10: not read yet", "comms-2", false, false, false, false, false, false,
	  { "BLOCKED until you have read and acknowledged", "A pre-election period (purdah) is in force. Posting tools are shut for you",
	    "holdfast-agent acknowledge ", "Until: 2026-01-31 00:00:00 UTC (2026-01-31 00:00 GMT)" }, "REMINDER" },
	{ "D10: acknowledged, with a standing reminder", "comms-2", true, false, false, false, false, false,
	  { "OPEN for you", "REMINDER: until 2026-01-31 00:00:00 UTC", "You have acknowledged its instructions",
	    "you acknowledged them at 2026-01-01 00:01:30 UTC (2026-01-01 00:01 GMT)" }, "BLOCKED" },
	{ "D10: somebody else's acknowledgement", "comms-1", true, false, false, false, false, false,
	  { "BLOCKED until you", "shut for you", "not acknowledged them yet" }, "REMINDER" },
	{ "IT, at the device", NULL, false, false, false, false, false, false,
	  { "BLOCKED for each person of this device", "until that person has read" }, "shut for you" },
	{ "D10: exempt", "comms-2", false, true, false, false, false, false,
	  { "OPEN for you", "You are exempt from it", "REMINDER" }, "BLOCKED" },
	{ "D10: full block, acknowledged", "comms-2", true, false, true, false, false, false,
	  { "BLOCKED: you cannot post", "is blocked on this device" }, "REMINDER" },
	{ "D10: full block, exempt", "comms-2", false, true, true, false, false, false,
	  { "OPEN for you", "REMINDER" }, "BLOCKED" },
	{ "D10: an account that is not theirs", "it-1", false, false, false, false, true, false,
	  { "OPEN for you", "It bears on accounts that you do not hold" }, "holdfast-agent acknowledge" },
	{ "D10: planned", "comms-2", false, false, false, false, false, true,
	  { "OPEN: no lockdown is in force here.", "COMING: a pre-election period (purdah) begins at 2026-01-02 00:00:00 UTC (2026-01-02 00:00 GMT); acknowledge its",
	    "is planned; it begins by itself at 2026-01-02 00:00:00 UTC", "  From: 2026-01-02" }, "REMINDER" },
	{ "D10: planned and acknowledged", "comms-2", true, false, false, false, false, true,
	  { "COMING: a pre-election period (purdah) begins at 2026-01-02 00:00:00 UTC (2026-01-02 00:00 GMT).", "you acknowledged them at" }, "not acknowledged" },
	{ "an exercise", "comms-2", false, false, false, true, false, false,
	  { "OPEN: no lockdown is in force here.", "EXERCISE: this is an EXERCISE of a pre-election period (purdah). Nothing is blocked.",
	    "EXERCISE:   Instructions: `holdfast-agent instructions " }, "REMINDER" },
	{ "an exercise that is planned", "comms-2", false, false, false, true, false, true,
	  { "EXERCISE: an EXERCISE of a pre-election period (purdah) is planned", "Nothing will be blocked" }, "COMING" },
};
/* clang-format on */

static struct hf_order order_of(const struct guard_row *r)
{
	static const char *exempt[] = {"comms-2"}, *account[] = {"instagram:visitcannockchase"};
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);

	if (r->exempt)
		order.body.exempt = (struct hf_strs){exempt, 1};
	if (r->block)
		order.body.level = HF_LEVEL_BLOCK;
	if (r->exercise)
		order.mode = HF_MODE_EXERCISE;
	if (r->other_account)
		order.body.accounts = (struct hf_strs){account, 1};
	if (r->planned)
		order.body.from.s = COUNCIL_T + COUNCIL_DAY;
	return order;
}

Test(words, purdah_by_what_it_means_for_who_reads_D10)
{
	for (size_t i = 0; i < HF_LEN(guards); i++) {
		const struct guard_row *r = &guards[i];
		struct hf_order order = order_of(r);
		struct scene s;

		begin(&s, NULL, r->person);
		s.raise = add_order(&s, &order, ELECTIONS_1 | (r->exempt ? COMMS_1 | COMMS_2 : 0));
		if (r->acked)
			acknowledge(&s, order.body.instructions);
		read_it(&s);
		for (size_t w = 0; w < HF_LEN(r->wanted) && r->wanted[w]; w++)
			cr_expect(reads(&s, r->wanted[w]), "%s: not read: %s in\n%s", r->what, r->wanted[w], s.text);
		cr_expect_not(reads(&s, r->never), "%s: read: %s in\n%s", r->what, r->never, s.text);
		cr_expect_not(reads(&s, "Nothing party political."), "%s: the text is opened by its own command",
			      r->what);
		end(&s);
	}
}

Test(words, emergency_inside_purdah_shows_as_both_and_an_exercise_apart_D9_D10)
{
	struct hf_order purdah = council_raise_doc(HF_KIND_PURDAH), emergency = council_raise_doc(HF_KIND_EMERGENCY);
	const json_t *count;
	struct scene s;

	begin(&s, &purdah, "comms-2");
	add_order(&s, &emergency, COMMS_1);
	emergency.mode = HF_MODE_EXERCISE;
	add_order(&s, &emergency, COMMS_1);
	read_it(&s);
	cr_expect(reads(&s, "BLOCKED: you cannot post"), "%s", s.text);
	cr_expect(reads(&s, "In force together: an emergency lockdown and a pre-election period (purdah); the end of "
			    "one does not end"),
		  "%s", s.text);
	cr_expect(reads(&s, "An emergency lockdown is in force."), "%s", s.text);
	cr_expect(reads(&s, "A pre-election period (purdah) is in force."), "%s", s.text);
	cr_expect(reads(&s, "EXERCISE: this is an EXERCISE of an emergency lockdown."), "%s", s.text);
	count = json_object_get(s.view, "in_force");
	cr_expect_eq(json_integer_value(json_object_get(count, "emergency")), 1);
	cr_expect_eq(json_integer_value(json_object_get(count, "purdah")), 1);
	cr_expect_eq(json_integer_value(json_object_get(count, "exercise")), 1);
	end(&s);
}

/* Everything that hf_words_reading writes of the first text of a scene; the caller frees it. */
static char *reading_text(struct scene *s, const char *person)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_facts none = {.acks = NULL};
	struct hf_case matter = {&s->memory.known, &lockdowns, &none, hf_known_now(&s->memory.known, NOW)};
	const struct hf_readings_ask ask = {&s->memory.shown, &s->memory.acked, person, ""};
	hf_auto_json json_t *json = NULL;
	struct hf_readings readings;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	cr_assert_eq(hf_known_lockdowns(&s->memory.known, NOW, &lockdowns, NULL), HF_OK);
	cr_assert_eq(hf_readings_of(&matter, &ask, &readings, NULL), HF_OK);
	json = hf_readings_json(&readings, person);
	cr_assert_eq(json_array_size(json_object_get(json, "readings")), 1);
	out = open_memstream(&text, &len);
	cr_assert_eq(hf_words_reading(json_array_get(json_object_get(json, "readings"), 0), person, out, NULL), HF_OK);
	fclose(out);
	return text;
}

Test(words, instructions_are_shown_as_plain_text_D10)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct scene s;
	char *text;

	order.body.instructions =
		"# Rules\n\n* **Nothing** party political.\n* See [the guide](https://example.org/g).\n\n"
		"<script>alert(1)</script>";
	begin(&s, &order, "comms-2");
	text = reading_text(&s, "comms-2");
	cr_expect(strstr(text, "Instructions of the pre-election period (purdah) "), "%s", text);
	cr_expect(strstr(text, ", in force\nFrom "), "%s", text);
	cr_expect(strstr(text, "Nothing party political."), "D10: the text\n%s", text);
	cr_expect(strstr(text, "the guide (https://example.org/g)"), "an address is text\n%s", text);
	cr_expect(strstr(text, "<script>"), "attack: markup is text, and does nothing\n%s", text);
	cr_expect_not(strstr(text, "**"), "%s", text);
	cr_expect(strstr(text, "You have not acknowledged them yet: holdfast-agent acknowledge "), "%s", text);
	free(text);
	acknowledge(&s, order.body.instructions);
	text = reading_text(&s, "comms-2");
	cr_expect(strstr(text, "You acknowledged them at 2026-01-01 00:01:30 UTC"), "%s", text);
	free(text);
	text = reading_text(&s, NULL);
	cr_expect(strstr(text, "none of the people of this device"), "%s", text);
	free(text);
	end(&s);
}

Test(words, each_line_of_an_exercise_s_instructions_says_EXERCISE)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct scene s;
	char *text, *line;

	order.mode = HF_MODE_EXERCISE;
	order.body.instructions = "One.\n\nTwo.";
	begin(&s, &order, "comms-2");
	text = reading_text(&s, "comms-2");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		cr_expect_eq(strncmp(line, "EXERCISE", 8), 0, "this line could be the real thing: %s", line);
	free(text);
	end(&s);
}

Test(words, what_is_lost_stale_or_waiting_is_told)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;

	begin(&s, NULL, "comms-2");
	s.memory.unknown = true;
	read_it(&s);
	cr_expect(reads(&s, "BLOCKED: this device has lost what it knew"), "%s", s.text);
	end(&s);
	begin(&s, NULL, "comms-2");
	s.memory.known.valid_until.s = NOW.s - 1;
	read_it(&s);
	cr_expect(reads(&s, "STALE: the council's server was last heard at"), "%s", s.text);
	end(&s);
	begin(&s, &order, "comms-2");
	add_release(&s, HF_MODE_LIVE);
	s.waiting = true;
	read_it(&s);
	cr_expect(reads(&s, "an all-clear has come, but this device cannot write it down (the disk is full)"), "%s",
		  s.text);
	end(&s);
}

Test(words, what_was_shown_is_remembered_once)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_case matter;
	struct scene s;

	begin(&s, &order, "comms-2");
	cr_assert_eq(hf_known_lockdowns(&s.memory.known, NOW, &lockdowns, NULL), HF_OK);
	matter = (struct hf_case){.known = &s.memory.known, .lockdowns = &lockdowns};
	cr_expect(hf_view_shown(&matter, &s.memory.seen), "a person was shown it");
	cr_expect_not(hf_view_shown(&matter, &s.memory.seen), "twice is nothing new");
	end(&s);
}

static void name_person(struct hf_trust *trust, const char *id, const char *name)
{
	for (size_t i = 0; i < trust->n_people; i++)
		if (strcmp(trust->people[i].id, id) == 0)
			trust->people[i].name = name;
}

/* proto/README.md "Trust": a name is shown with the id, and in no id's place. */
Test(words, people_of_the_trust_are_called_by_their_names)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	static const char *const wanted[] = {
		"By: Anna Price (comms-1)",
		"Its named poster is Ben Okafor (comms-2); nobody else posts it.",
		"used by you as Anna Price (comms-1)",
	};
	struct scene s;
	json_t *row;

	order.body.exempt = COUNCIL_LIST("nobody-1");
	begin(&s, &order, "comms-1");
	name_person(s.memory.known.trust, "comms-1", "Anna Price");
	name_person(s.memory.known.trust, "comms-2", "Ben Okafor");
	read_it(&s);
	for (size_t i = 0; i < HF_LEN(wanted); i++)
		cr_expect(reads(&s, wanted[i]), "not read: %s in\n%s", wanted[i], s.text);
	row = json_array_get(json_object_get(s.view, "lockdowns"), 0);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(row, "raised_by"), 0)), "comms-1",
			 "programs go by ids");
	end(&s);
}

/* clang-format off */
static const char *const members[] = {
	"council", "device", "person", "unknown", "stale", "waiting", "trouble", "can_report", "heard_s", "now", "issued",
	"valid_until", "trust_epoch", "register_version", "level", "in_force", "over", "reminder", "lockdowns", "accounts", "tools",
	"layers", "refused", "attention", "moved",
};
/* clang-format on */

Test(words, json_has_all_of_it)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct scene s;
	json_t *row;

	begin(&s, &order, "comms-2");
	read_it(&s);
	for (size_t i = 0; i < HF_LEN(members); i++)
		cr_expect_not_null(json_object_get(s.view, members[i]), "%s is missing", members[i]);
	cr_expect_eq(json_object_size(s.view), HF_LEN(members), "and nothing else");
	row = json_array_get(json_object_get(s.view, "lockdowns"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(row, "standing")), "received");
	end(&s);
}
