/* SPDX-License-Identifier: MIT */
/*
 * Owns what officers read at a glance, against tests/golden/status (HF_BLESS=1 writes them anew): what holds is first,
 * every line fits 80 columns, each screen 24 lines. Policy D9.2. Must never let a screen look usual while something
 * holds, or claim what nobody counted.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "controller/cli/status_screen.h"
#include "tests/unit/help_view.h"

#define GOLDEN HF_SOURCE_DIR "/tests/golden/status"
#define LINES 24
#define DAY 86400

static struct desk desk;
static json_t *rows; /* that the controller names */
static size_t n_rows;
static json_t *drafts; /* that wait */

/* The controller's page of the devices that are asked for. */
static enum hf_rc get(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	json_t *page;

	(void)arg;
	(void)err;
	if (strcmp(path, "/v1/drafts") == 0) {
		*ret = json_pack("{s:O}", "drafts", drafts);
		return HF_OK;
	}
	page = json_array();
	cr_assert(strncmp(path, "/v1/devices?", 12) == 0, "%s is not shown and is asked for", path);
	for (size_t i = 0; i < json_array_size(rows) && i < (strstr(path, "limit=10&") ? 10 : n_rows); i++)
		json_array_append(page, json_array_get(rows, i));
	*ret = json_pack("{s:o, s:I, s:i, s:n}", "devices", page, "total", (json_int_t)n_rows, "of", 102, "next");
	return HF_OK;
}

static void row(const char *device, const char *standing, const char *partly)
{
	json_t *one = json_pack("{s:s, s:s, s:[]}", "device", device, "standing", standing, "partly");

	if (partly)
		json_array_append_new(json_object_get(one, "partly"), json_string(partly));
	json_array_append_new(rows, one);
	n_rows++;
}

static void setup(void)
{
	desk_open(&desk);
	desk.office.get = get;
	desk.view.online = true;
	desk.view.now = (struct hf_wall){COUNCIL_T + 40 * DAY};
	rows = json_array();
	drafts = json_array();
	n_rows = 0;
	desk.view.status = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:[], s:[], s:[]}", "controller", "main",
				     "bus", "up", "seq", 7, "devices", 102, "accounts", 2, "drafts", 0, "unknown", 0,
				     "attention", "unheard", "lockdowns");
}

static void teardown(void)
{
	json_decref(rows);
	json_decref(drafts);
	desk_close(&desk);
}

TestSuite(status_screen, .init = setup, .fini = teardown);

static struct hf_digest hear(struct hf_envelope *envelope)
{
	hf_auto_envelope struct hf_envelope *mine = envelope;

	cr_assert_eq(hf_view_hear(&desk.view, mine, NULL), HF_OK);
	cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
	return mine->digest;
}

/* What the controller counts for it. */
static void count(const struct hf_digest *id, const char *phase, int devices, json_t *counts)
{
	char hex[HF_DIGEST_HEX_SIZE];

	json_array_append_new(json_object_get(desk.view.status, "lockdowns"),
			      json_pack("{s:s, s:s, s:i, s:i, s:o}", "id", hf_digest_hex(id, hex), "phase", phase,
					"rev", 0, "devices", devices, "counts", counts));
}

static struct hf_digest raise(enum hf_kind kind, enum hf_mode mode, int day, const char *reason)
{
	struct hf_order order = council_raise_doc(kind);

	order.mode = mode;
	order.at.s = COUNCIL_T + day * DAY + 600;
	order.body.from = order.at;
	if (kind == HF_KIND_PURDAH)
		order.body.until.s = COUNCIL_T + 60 * DAY;
	order.body.reason = reason;
	return hear(council_order(&desk.council, &order, kind == HF_KIND_PURDAH ? ELECTIONS_1 : COMMS_1));
}

static void release(struct hf_digest id, int day)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);

	order.at.s = COUNCIL_T + day * DAY + 7200;
	order.body.reason = "The fire is out.";
	hear(council_order(&desk.council, &order, COMMS_1 | MONITORING_1));
	count(&id, "released", 102, json_pack("{s:i}", "released-verified", 102));
}

static struct hf_digest emergency(int day)
{
	return raise(HF_KIND_EMERGENCY, HF_MODE_LIVE, day, "A chemical fire at the depot.");
}

static const char *draw_in(bool all, size_t columns)
{
	struct hf_words words = {.view = &desk.view, .columns = columns};

	free(desk.text);
	desk.text = NULL;
	words.out = open_memstream(&desk.text, &desk.len);
	cr_assert_not_null(words.out);
	cr_assert_eq(hf_status_say(&words, all), HF_OK);
	cr_assert_eq(fclose(words.out), 0);
	return desk.text;
}

static const char *draw(bool all)
{
	return draw_in(all, 0);
}

static size_t widest(const char *text)
{
	size_t most = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t width = 0;

		for (const char *c = line; *c != '\n'; c++)
			width += ((unsigned char)*c & 0xc0) != 0x80;
		most = width > most ? width : most;
	}
	return most;
}

static void fits(const char *name, const char *text)
{
	size_t lines = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t width = 0;

		for (const char *c = line; *c != '\n'; c++)
			width += ((unsigned char)*c & 0xc0) != 0x80;
		cr_expect_leq(width, (size_t)HF_SCREEN_COLUMNS, "%s: %.*s", name, (int)strcspn(line, "\n"), line);
		lines++;
	}
	cr_expect_leq(lines, (size_t)LINES, "%s: %zu lines", name, lines);
}

static void golden(const char *name)
{
	hf_auto_free char *wanted = NULL;
	const char *text = draw(false);
	char path[512];
	size_t len = 0;

	fits(name, text);
	snprintf(path, sizeof(path), "%s/%s.txt", GOLDEN, name);
	if (getenv("HF_BLESS"))
		cr_assert_eq(hf_fs_replace(path, text, strlen(text), 0644, NULL), HF_OK);
	cr_assert_eq(hf_fs_read(path, 65536, &wanted, &len, NULL), HF_OK, "%s is not there", path);
	cr_expect(strlen(text) == len && memcmp(wanted, text, len) == 0, "%s: the screen reads\n%s", name, text);
}

Test(status_screen, nothing)
{
	golden("nothing");
}

Test(status_screen, emergency)
{
	struct hf_digest id = emergency(39);

	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	golden("emergency");
}

Test(status_screen, emergency_in_purdah)
{
	struct hf_digest purdah = raise(HF_KIND_PURDAH, HF_MODE_LIVE, 10, "The election of 7 May."), id = emergency(39);

	count(&purdah, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	count(&id, "in force", 102, json_pack("{s:i, s:i}", "enforced-verified", 101, "exempt", 1));
	golden("emergency-in-purdah");
	cr_expect(strstr(desk.text, "EMERGENCY") < strstr(desk.text, "PURDAH"),
		  "the emergency stands above the period");
}

Test(status_screen, exercise)
{
	struct hf_digest id = raise(HF_KIND_EMERGENCY, HF_MODE_EXERCISE, 39, "Practice of the quarter.");

	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	golden("exercise");
}

Test(status_screen, partly_enforced)
{
	struct hf_digest id = emergency(39);

	row("laptop-17", "enforced-unverified", "network");
	row("laptop-18", "received", NULL);
	json_object_set_new(desk.view.status, "drafts", json_integer(1));
	count(&id, "in force", 102,
	      json_pack("{s:i, s:i, s:i}", "enforced-unverified", 1, "received", 1, "enforced-verified", 100));
	golden("partly-enforced");
}

/* Whoever is asked to approve a draft sees at a glance that a colleague said no. */
Test(status_screen, a_refused_draft_is_named)
{
	json_object_set_new(desk.view.status, "drafts", json_integer(2));
	json_array_append_new(drafts, json_pack("{s:s, s:[]}", "digest", "111111111111aaaa", "refused"));
	json_array_append_new(drafts, json_pack("{s:s, s:[{s:s}, {s:s}]}", "digest", "4dd521e6595bffff", "refused", "person",
						"comms-2", "person", "monitoring-1"));
	cr_expect(strstr(draw(false), "2 drafts wait for approval: `holdfast drafts`.\n"
				      "4dd521e6595b is REFUSED by comms-2 and monitoring-1.\n"),
		  "%s", desk.text);
	cr_expect_null(strstr(desk.text, "111111111111"), "%s", desk.text);
	for (int i = 0; i < 5; i++)
		json_array_append(drafts, json_array_get(drafts, 1));
	cr_expect(strstr(draw(false), "monitoring-1.\n3 more are refused.\n"), "one who refuses all of them fills no screen: %s",
		  desk.text);
}

/* One message for many accounts is read once; what came of one of them is said apart. */
Test(status_screen, one_message_for_many_accounts_is_said_once)
{
	static struct hf_holding many[] = {{"x:CannockChaseDC", "Stay inside.", "comms-2", 15},
					   {"x:CCDCYourVoice", "Stay inside.", "comms-2", 15},
					   {"facebook:cannockchasedc", "Stay inside.", "comms-2", 15}};
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest id;

	order.body.holding = many;
	order.body.n_holding = HF_LEN(many);
	id = hear(council_order(&desk.council, &order, COMMS_1));
	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	cr_expect(strstr(draw(false), "x:CannockChaseDC, x:CCDCYourVoice and facebook:cannockchasedc, poster comms-2:\n"
				      "  asked.\n  Stay inside.\nWhom"),
		  "%s", desk.text);
	json_object_set_new(json_array_get(json_object_get(desk.view.status, "lockdowns"), 0), "holding",
			    json_pack("[{s:s, s:s, s:{s:s, s:i, s:s}}]", "account", "x:CCDCYourVoice", "poster", "comms-2",
				      "posting", "state", "posted", "at", COUNCIL_T + 39 * DAY, "device", "d1"));
	cr_expect(strstr(draw(false), "x:CannockChaseDC and facebook:cannockchasedc, poster comms-2: asked.\n"
				      "  Stay inside.\nx:CCDCYourVoice, poster comms-2: posted, "),
		  "%s", desk.text);
	cr_expect(strstr(desk.text, "  The same message.\n"), "%s", desk.text);
}

Test(status_screen, after_all_clear)
{
	release(emergency(38), 38);
	golden("after-all-clear");
	cr_expect(strstr(draw(true), "Released: LIVE EMERGENCY"), "with --all it is shown");
	cr_expect(strstr(desk.text, "Released by monitoring-1 and comms-1, in an order that was written on"), "%s",
		  desk.text);
}

/* A release takes effect by its last approval, which may come an hour after it was written. */
Test(status_screen, a_release_is_dated_by_the_record)
{
	json_t *row;

	release(emergency(38), 38);
	row = json_array_get(json_object_get(desk.view.status, "lockdowns"), 0);
	json_object_set_new(row, "released_at", json_integer(COUNCIL_T + 38 * DAY + 10800));
	cr_expect(strstr(draw(true), "recorded by the controller on 2026-02-08\n  03:00 GMT: The fire is out."), "%s",
		  desk.text);
}

/* Of what ended more than 30 days ago the controller shows no order any more: nothing holds by it. */
Test(status_screen, what_has_long_ended_is_no_forgery)
{
	/* clang-format off */
	static const struct { const char *phase; bool alarms; } phases[] = {
		{ "released", false }, { "over", false }, { "in force", true }, { "scheduled", true },
	};
	/* clang-format on */
	const struct hf_digest unknown = {{7}};

	for (size_t i = 0; i < HF_LEN(phases); i++) {
		json_array_clear(json_object_get(desk.view.status, "lockdowns"));
		count(&unknown, phases[i].phase, 102, json_object());
		cr_expect_eq(strstr(draw(true), "ATTENTION: the controller lists") != NULL, phases[i].alarms, "%s: %s",
			     phases[i].phase, desk.text);
	}
}

/* A device that a new lockdown shuts was not shut by the old one again. */
Test(status_screen, a_past_release_stays_seen_when_a_new_lockdown_begins)
{
	release(emergency(30), 30);
	raise(HF_KIND_EMERGENCY, HF_MODE_LIVE, 39, "A gas leak.");
	json_array_clear(json_object_get(desk.view.status, "lockdowns"));
	for (size_t i = 0; i < desk.view.lockdowns.n; i++) {
		const struct hf_lockdown *one = &desk.view.lockdowns.v[i];

		count(&one->id, hf_phase_name(one->phase), 102, json_pack("{s:i}", "released-unverified", 102));
	}
	row("laptop-9", "released-unverified", NULL);
	cr_expect(strstr(draw(true), "cannot be seen while another lockdown holds"), "%s", desk.text);
	cr_expect_not(strstr(desk.text, "NOT YET SEEN"), "%s", desk.text);
}

/* Who raised it said why; what an amendment says now is told as that. */
Test(status_screen, the_reason_of_the_raise_is_not_that_of_an_amendment)
{
	struct hf_order order;
	struct hf_digest id = emergency(39);

	order = council_amend_doc(HF_KIND_EMERGENCY, desk.view.lockdowns.v[0].raise->envelope, 1);
	order.body.reason = "A flood.";
	hear(council_order(&desk.council, &order, COMMS_1));
	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	cr_expect(strstr(draw(false), "GMT: A chemical fire at the depot."), "%s", desk.text);
	cr_expect(strstr(desk.text, "Reason, as amended: A flood."), "%s", desk.text);
}

Test(status_screen, two_all_clears_and_a_new_emergency)
{
	struct hf_digest id;

	release(emergency(30), 30);
	release(raise(HF_KIND_EMERGENCY, HF_MODE_LIVE, 35, "A gas leak."), 35);
	id = emergency(39);
	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	golden("two-all-clears-and-a-new-emergency");
}

Test(status_screen, eighty_two_unreached)
{
	struct hf_digest id = emergency(39);

	for (int i = 1; i <= 82; i++) {
		char name[32];

		snprintf(name, sizeof(name), "laptop-%03d", i);
		row(name, "unreached", NULL);
	}
	count(&id, "in force", 102, json_pack("{s:i, s:i}", "unreached", 82, "enforced-verified", 20));
	golden("82-unreached");
	cr_expect(strstr(desk.text, "and 72 more:"), "D9.2: ten are named, the rest counted");
}

/* Attack: whoever has one officer's key raises so many that the true one is far below. */
Test(status_screen, one_person_does_not_hide_what_others_raised)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	size_t shown = 0;

	for (int i = 0; i < 30; i++)
		emergency(i);
	order.at.s = COUNCIL_T + 31 * DAY;
	order.body.from = order.at;
	order.body.reason = "The true one.";
	hear(council_order(&desk.council, &order, COMMS_2));
	json_array_append_new(json_object_get(desk.view.status, "attention"), json_string("comms-1 is over"));
	for (const char *at = draw(false); (at = strstr(at, "IN FORCE: ")); at++)
		shown++;
	cr_expect_eq(shown, 9, "eight of the one, and the other's: %zu", shown);
	cr_expect(strstr(desk.text, "The true one."));
	cr_expect(strstr(desk.text, "22 more of the same people are in force: `holdfast status --all`."));
	cr_expect_eq(strncmp(desk.text, "ATTENTION: comms-1 is over.", 27), 0, "and why stands above it: %s", desk.text);
	shown = 0;
	for (const char *at = draw(true); (at = strstr(at, "IN FORCE: ")); at++)
		shown++;
	cr_expect_eq(shown, 31);
}

/* One device is one device; a lockdown that bears on none is enforced on none. */
Test(status_screen, one_and_none)
{
	struct hf_digest id = emergency(39);

	count(&id, "in force", 1, json_pack("{s:i}", "exempt", 1));
	cr_expect(strstr(draw(false), "Of 1 device: 1 exempt."), "%s", desk.text);
	json_array_clear(json_object_get(desk.view.status, "lockdowns"));
	count(&id, "in force", 0, json_object());
	cr_expect(strstr(draw(false), "It bears on no device."), "%s", desk.text);
	cr_expect_not(strstr(desk.text, "nforced and verified"));
}

/* A device that a release has not reached is told while nothing else shuts it, and not taken for a lockdown. */
Test(status_screen, still_shut_after_a_release)
{
	release(emergency(38), 38);
	json_array_clear(json_object_get(desk.view.status, "lockdowns"));
	count(&desk.view.lockdowns.v[0].id, "released", 102,
	      json_pack("{s:i, s:i}", "released-verified", 101, "stale", 1));
	row("laptop-9", "stale", NULL);
	cr_expect(strstr(draw(false), "NOT YET SEEN TO BE RELEASED on 1 device: laptop-9\n  (stale)."), "%s",
		  desk.text);
	cr_expect(strncmp(desk.text, "No live lockdown is in force", 28) == 0);
}

/* A narrower screen, and one that says nonsense of itself. */
Test(status_screen, narrower_screens)
{
	static const struct hf_mark marks[HF_TONE_COUNT] = {
		[HF_TONE_LIVE] = {"\033[1;37;41m", "\033[0m"}, [HF_TONE_EXERCISE] = {"\033[1;30;43m", "\033[0m"}};
	static const size_t columns[] = {79, 40, 20};
	struct hf_digest purdah = raise(HF_KIND_PURDAH, HF_MODE_LIVE, 10, "The election of 7 May."), id = emergency(39);
	struct hf_words words = {.view = &desk.view, .marks = marks, .columns = 40};

	count(&purdah, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	for (size_t i = 0; i < HF_LEN(columns); i++)
		cr_expect_leq(widest(draw_in(false, columns[i])), columns[i], "%s", desk.text);
	cr_expect_leq(widest(draw_in(false, 3)), (size_t)HF_SCREEN_COLUMNS_MIN);
	cr_expect_leq(widest(draw_in(false, 300)), (size_t)HF_SCREEN_COLUMNS);
	free(desk.text);
	words.out = open_memstream(&desk.text, &desk.len);
	cr_assert_eq(hf_status_say(&words, false), HF_OK);
	fclose(words.out);
	cr_expect(strstr(desk.text, "\033[1;37;41mIN FORCE: LIVE PRE-ELECTION PERIOD\n  (PURDAH)"),
		  "a colour takes no place: %s", desk.text);
}

/* Attack: a text of somebody's own that is as long as it may be passes for no sentence of ours. */
Test(status_screen, long_texts_are_set_in)
{
	static char reason[501];
	struct hf_digest id;

	for (size_t i = 0; i < 500; i++)
		reason[i] = i % 10 == 9 ? ' ' : 'R';
	reason[499] = 'R';
	id = raise(HF_KIND_EMERGENCY, HF_MODE_LIVE, 39, reason);
	count(&id, "in force", 102, json_pack("{s:i}", "enforced-verified", 102));
	draw(false);
	for (const char *line = desk.text; *line; line = strchr(line, '\n') + 1)
		cr_expect(strncmp(line, "RRR", 3) != 0, "%.*s", (int)strcspn(line, "\n"), line);
	cr_expect(strstr(desk.text, " ...\n"), "above it is cut, to keep three lines");
	fits("long", desk.text);
}

static void is_said(const char *words)
{
	cr_expect(strstr(draw(true), words), "%s not in\n%s", words, desk.text);
}

/* A controller that lost its journal knows of nothing, and devices know better. */
Test(status_screen, quiet_is_not_usual_while_a_device_may_hold_something)
{
	json_object_set_new(desk.view.status, "unread", json_integer(3));
	is_said("and has NOT READ YET what devices\n  hold: see ATTENTION. Look again in a moment.");
	json_object_set_new(desk.view.status, "strangers", json_pack("[s]", "d7"));
	is_said("BUT NOT OF EVERY DEVICE: see\n  ATTENTION. Whether posting is as usual, only these devices can tell.");
	json_object_set_new(desk.view.status, "unheard", json_pack("[{s:s}]", "device", "d8"));
	is_said("BUT DEVICES HOLD ONE: see ATTENTION.\n  Posting is not as usual.");
}

static enum hf_rc no_page(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	(void)arg;
	(void)path;
	(void)ret;
	return hf_err_set(err, HF_E_SYSTEM, "The page cannot be had.");
}

Test(status_screen, devices_that_lost_what_they_knew_are_named_and_the_rest_counted)
{
	json_object_set_new(desk.view.status, "unknown", json_integer(2));
	row("d7", "enforced-verified", NULL);
	json_object_set_new(json_array_get(rows, 0), "open_for", json_pack("[s]", "comms-2"));
	is_said("The device d7 LOST WHAT IT KNEW and is locked: tampered with, or replaced?");
	is_said("`holdfast recover d7`; open all the same for comms-2.");
	is_said("2 devices LOST WHAT THEY KNEW in all: `holdfast devices` names them.");
	desk.office.get = no_page;
	is_said("2 devices LOST WHAT THEY KNEW, and which cannot be said: The page cannot be had.");
}

Test(status_screen, a_period_that_is_planned_names_its_poll_and_who_holds_it_D10)
{
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);
	struct hf_digest id;

	order.body.from.s = COUNCIL_T + 50 * DAY;
	order.body.until.s = COUNCIL_T + 60 * DAY;
	id = hear(council_order(&desk.council, &order, ELECTIONS_1));
	count(&id, "scheduled", 102, json_pack("{s:i, s:i}", "received", 101, "stale", 1));
	row("d7", "stale", NULL);
	is_said("Scheduled: LIVE PRE-ELECTION PERIOD");
	is_said("NOT YET HELD on 1 device: d7 (stale)");
	json_array_clear(json_object_get(desk.view.status, "lockdowns"));
	count(&id, "scheduled", 102, json_pack("{s:i}", "received", 102));
	is_said("Held, to start by itself, on every device.");
	desk.view.now.s = COUNCIL_T + 61 * DAY;
	cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
	is_said("Over: LIVE PRE-ELECTION PERIOD");
}

Test(status_screen, a_lockdown_of_some_groups_names_them)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest id;

	order.body.groups = COUNCIL_LIST("depot");
	id = hear(council_order(&desk.council, &order, COMMS_1));
	count(&id, "in force", 3, json_pack("{s:i}", "enforced-verified", 3));
	is_said("3 devices (group depot)");
}
