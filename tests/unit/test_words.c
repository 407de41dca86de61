/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the person at a device reads.
 * Room: tests/unit.
 * Must never: accept an exercise that could be read as the real thing.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/view.h"
#include "agent/words.h"
#include "council.h"

#define NOW ((struct hf_wall){COUNCIL_T + 120})

static struct council council;

/* What one row has in force and who asks. */
struct scene {
	struct hf_memory memory;
	struct hf_envelope *raise, *release;
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
	bool grew;

	memset(s, 0, sizeof(*s));
	s->person = person;
	council_begin(&council, &s->memory.known);
	s->memory.known.issued.s = NOW.s - 10;
	s->memory.known.valid_until.s = NOW.s + 300;
	if (!order)
		return;
	s->raise = council_order(&council, order,
				 order->kind == HF_KIND_PURDAH ? ELECTIONS_1
				 : order->body.exempt.n	       ? COMMS_1 | COMMS_2
							       : COMMS_1);
	cr_assert_eq(hf_orders_add(&s->memory.known.orders, s->memory.known.trust, s->raise, &grew, NULL), HF_OK);
}

static void add_release(struct scene *s, enum hf_mode mode)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &s->raise->digest, 1);
	bool grew;

	order.mode = mode;
	order.at = NOW;
	s->release = council_order(&council, &order, COMMS_1 | MONITORING_1);
	cr_assert_eq(hf_orders_add(&s->memory.known.orders, s->memory.known.trust, s->release, &grew, NULL), HF_OK);
}

static void read_it(struct scene *s)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_facts facts = {.unknown = s->memory.unknown};
	struct hf_layer_seen layers[] = {{"browser", {.state = HF_LAYER_IDLE, .text = "Nothing is blocked"}}};
	struct hf_case matter = {&s->memory.known, &lockdowns, &facts, hf_known_now(&s->memory.known, NOW)};
	struct hf_report_facts report = {&s->memory, &s->plan.plan, !s->waiting, layers, 1};
	struct hf_view_facts view = {s->person, s->waiting ? "the disk is full" : "", s->waiting, true, 1};
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
	hf_envelope_free(&s->raise);
	hf_envelope_free(&s->release);
	hf_plan_done(&s->plan);
	hf_memory_done(&s->memory);
	json_decref(s->view);
	free(s->text);
}

static bool reads(const struct scene *s, const char *words)
{
	return strstr(s->text, words) != NULL;
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
	{ "named, and blocked",  "comms-2", "nobody-1", "You are its named poster. Your posting tools are shut: ring" },
	{ "named, and exempt",   "comms-2", "comms-2", "You are its named poster: post it now, once" },
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
	cr_expect(reads(&s, "All clear. Thank you."), "D9.3: the second message");
	cr_expect(reads(&s, "Released by comms-1 and monitoring-1"), "%s", s.text);
	end(&s);
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

Test(words, purdah_shows_its_instructions_D10)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct scene s;

	begin(&s, &order, "comms-2");
	read_it(&s);
	cr_expect(reads(&s, "pre-election period (purdah)"), "%s", s.text);
	cr_expect(reads(&s, "Nothing party political."), "%s", s.text);
	cr_expect(reads(&s, "Until: 2026-01-31"), "%s", s.text);
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

/* clang-format off */
static const char *const members[] = {
	"council", "device", "person", "unknown", "stale", "waiting", "trouble", "can_report", "heard_s", "now", "issued",
	"valid_until", "trust_epoch", "register_version", "level", "lockdowns", "accounts", "tools", "layers", "refused",
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
