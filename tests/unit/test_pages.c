/* SPDX-License-Identifier: MIT */
/*
 * Owns which orders a state carries, and how they are cut into pages.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/pages.h"
#include "tests/unit/help_server.h"

#define MOST 12

static void split(const char *what, const size_t *sizes, const size_t *group, size_t n, const char *want)
{
	struct hf_pieces pieces = {sizes, group, n, 100, 4, 3};
	size_t page[MOST] = {0}, fit = 99, pages = hf_pages_split(&pieces, page, &fit);
	char got[64] = "";
	for (size_t i = 0; i < fit && i < MOST; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d", (int)page[i]);
	snprintf(got + strlen(got), sizeof(got) - strlen(got), "/%d", (int)pages);
	cr_expect_str_eq(got, want, "State: %s: %s", what, got);
}

/* Pages of 100 bytes and 4 pieces, at most 3 of them; "page of each piece / number of pages". */
Test(pages, groups_stay_together_and_nothing_is_lost)
{
	static const struct {
		const char *what;
		size_t n, sizes[MOST], group[MOST];
		const char *want;
	} rows[] = {
		{"nothing is one empty page", 0, {0}, {0}, "/1"},
		{"all on one page", 3, {30, 30, 40}, {0, 1, 2}, "000/1"},
		{"one more byte", 3, {30, 30, 41}, {0, 1, 2}, "001/2"},
		{"a group is not torn", 3, {60, 30, 30}, {0, 1, 1}, "011/2"},
		{"a group that fits exactly", 3, {40, 30, 30}, {0, 1, 1}, "000/1"},
		{"a group that fits nowhere is torn", 4, {60, 60, 60, 30}, {0, 0, 0, 1}, "0122/3"},
		{"four pieces a page", 5, {1, 1, 1, 1, 1}, {0, 1, 2, 3, 4}, "00001/2"},
		{"the last ones go when there is no room", 5, {90, 90, 90, 90, 5}, {0, 1, 2, 3, 4}, "012/3"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		split(rows[i].what, rows[i].sizes, rows[i].group, rows[i].n, rows[i].want);
}

/* What is carried, from a real set of orders. */
static struct server server;
static struct hf_err err;
static struct hf_carried carried;

static void setup(void)
{
	server_open(&server);
}

static void teardown(void)
{
	hf_carried_done(&carried);
	server_close(&server);
}

TestSuite(carry, .init = setup, .fini = teardown);

static struct hf_digest post(struct hf_order order, unsigned who)
{
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, who), &taken, &err), HF_OK, "%s",
		     err.text);
	cr_assert_eq(taken.outcome, HF_OUTCOME_RECORDED);
	return taken.digest;
}

/* Raises one, and releases it at this time; 0: leaves it. */
static struct hf_digest lockdown(int n, int64_t released)
{
	struct hf_order raise = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest id;
	raise.at.s += n;
	id = post(raise, COMMS_1);
	if (released) {
		struct hf_order release = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
		release.at.s = released;
		post(release, COMMS_1 | MONITORING_1);
	}
	return id;
}

/* The one device of the estate says this of a lockdown, or nothing of any. */
static void device_says(const struct hf_digest *id, enum hf_standing standing, int64_t heard)
{
	struct hf_report *report = calloc(1, sizeof(*report));
	struct hf_report_lockdown *said = calloc(1, sizeof(*said));
	if (id)
		*said = (struct hf_report_lockdown){*id, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, standing};
	report->lockdowns = said;
	report->n_lockdowns = id ? 1 : 0;
	hf_device_heard(hf_estate_find(&server.c.estate, COUNCIL_DEVICE), &report, (struct hf_wall){heard});
}

static void carry_for(const struct hf_estate *estate, int64_t now)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	struct hf_estate_view view = {&all, {now}, 180};
	cr_assert_eq(hf_known_lockdowns(&server.c.known, view.now, &all, &err), HF_OK);
	hf_carried_done(&carried);
	cr_assert_eq(hf_carry(&server.c.known, &view, estate, &carried), HF_OK);
}

static void carry(int64_t now)
{
	carry_for(&server.c.estate, now);
}

static bool carries(const struct hf_digest *digest)
{
	for (size_t i = 0; i < carried.n; i++)
		if (hf_digest_cmp(&carried.v[i]->order->digest, digest) == 0)
			return true;
	return false;
}

Test(carry, live_ones_first_then_what_was_released_lately)
{
	struct hf_digest old = lockdown(1, COUNCIL_T + 1000), late = lockdown(2, COUNCIL_T + 40 * COUNCIL_DAY);
	struct hf_digest live = lockdown(3, 0);
	device_says(NULL, HF_STANDING_RECEIVED, COUNCIL_T + 49 * COUNCIL_DAY);
	carry(COUNCIL_T + 50 * COUNCIL_DAY);
	cr_assert_eq(carried.n, 2, "the live raise; the release of the other, which the device has reported past");
	cr_expect_eq(hf_digest_cmp(&carried.v[0]->order->digest, &live), 0, "D9.1: the live one is said first");
	cr_expect_eq(hf_digest_cmp(&carried.v[1]->order->releases[0], &late), 0, "D9.3: released ten days ago");
	cr_expect_not(carries(&old), "D9.3: released 50 days ago, and nobody holds it");
	device_says(NULL, HF_STANDING_RECEIVED, COUNCIL_T + 39 * COUNCIL_DAY);
	carry(COUNCIL_T + 50 * COUNCIL_DAY);
	cr_assert_eq(carried.n, 3, "a device that has not reported since is told the whole");
	cr_expect(carries(&late));
	cr_expect_eq(carried.group[1], carried.group[2], "State: a raise together with its release");
	device_says(NULL, HF_STANDING_RECEIVED, COUNCIL_T + 999);
	carry(COUNCIL_T + 1001);
	cr_expect(carries(&old), "D9.3: on the day itself");
}

Test(carry, as_long_as_a_device_holds_it_its_release_is_said)
{
	struct hf_digest old = lockdown(1, COUNCIL_T + 1000);
	const struct hf_digest *release;
	device_says(&old, HF_STANDING_ENFORCED_VERIFIED, COUNCIL_T + 299 * COUNCIL_DAY);
	carry(COUNCIL_T + 300 * COUNCIL_DAY);
	cr_assert_eq(carried.n, 1, "State: the release alone, after a while");
	release = &carried.v[0]->order->digest;
	cr_expect_eq(carried.v[0]->order->act, HF_ACT_RELEASE, "D9.3: a laptop from a drawer is let go");
	device_says(NULL, HF_STANDING_RECEIVED, COUNCIL_T + 999);
	carry(COUNCIL_T + 300 * COUNCIL_DAY);
	cr_expect(carries(release), "D9.3: it has not reported since the release, and may not have heard it");
	device_says(&old, HF_STANDING_RELEASED_VERIFIED, COUNCIL_T + 299 * COUNCIL_DAY);
	carry(COUNCIL_T + 300 * COUNCIL_DAY);
	cr_expect_eq(carried.n, 0, "and then it is said no more");
}

/* clang-format off */
static const struct {
	const char *what;
	bool holds;           /* what the device said last of it */
	bool retired;         /* nobody and no group is on that device any more */
	int64_t heard, now;   /* days: when it said so, and what day it is; it was released on day 0 */
	size_t want;          /* 0 nothing, 1 the release alone, 2 with its raise */
} finished[] = {
	{ "not heard since, first month",            true,  false, -1, 29, 2 },
	{ "heard past it, first month",              false, false, 1,  29, 1 },
	{ "still holds it, first month",             true,  false, 1,  29, 1 },
	{ "not heard since, second month",           false, false, -1, 31, 1 },
	{ "heard past it, second month",             false, false, 1,  31, 0 },
	{ "not heard since, day 400",                false, false, -1, 400, 1 },
	{ "not heard since, and never again",        false, false, -1, 401, 0 },
	{ "back from a drawer, and holds it",        true,  false, 600, 601, 1 },
	{ "retired, not heard since, second month",  true,  true,  -1, 31, 0 },
	{ "retired, first month",                    true,  true,  -1, 29, 1 },
};
/* clang-format on */

static void retire(void)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);
	struct hf_taken taken;
	doc.version = 2;
	doc.n_people = 0;
	doc.groups = (struct hf_strs){.n = 0};
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), &taken, &err), HF_OK,
		     "%s", err.text);
}

/* D9.3: a laptop that comes late hears the all-clear; and no state grows for ever. */
Test(carry, what_is_done_is_said_in_short_until_every_device_is_past_it)
{
	for (size_t i = 0; i < HF_LEN(finished); i++) {
		int64_t released = COUNCIL_T + 1000;
		struct hf_digest id;
		server_close(&server);
		setup();
		id = lockdown(1, released);
		device_says(finished[i].holds ? &id : NULL, HF_STANDING_ENFORCED_VERIFIED,
			    released + finished[i].heard * COUNCIL_DAY);
		if (finished[i].retired)
			retire();
		carry(released + finished[i].now * COUNCIL_DAY);
		cr_expect_eq(carried.n, finished[i].want, "%s: %zu orders", finished[i].what, carried.n);
		cr_expect_eq(carries(&id), finished[i].want == 2, "%s", finished[i].what);
		if (finished[i].want == 1)
			cr_expect_eq(carried.v[0]->envelope->n_signatures, 2, "%s: with its signatures", finished[i].what);
	}
}

/* D9.3: an all-clear that everybody has heard is no alarm: officers are shown the orders of all that the status lists. */
Test(carry, officers_are_shown_the_whole_of_what_is_said_in_short_or_no_more)
{
	struct hf_digest id = lockdown(1, COUNCIL_T + 1000);
	device_says(NULL, HF_STANDING_RECEIVED, COUNCIL_T + 1001);
	carry(COUNCIL_T + 2000);
	cr_expect_eq(carried.n, 1);
	cr_expect_not(carries(&id), "devices are told the release alone");
	carry_for(NULL, COUNCIL_T + 2000);
	cr_expect_eq(carried.n, 2);
	cr_expect(carries(&id), "officers its raise too");
	carry_for(NULL, COUNCIL_T + 500 * COUNCIL_DAY);
	cr_expect(carries(&id), "when no state says it any more, too");
}

/* Attack: large raises that are done take the pages of a state for a month. */
Test(carry, only_so_much_of_what_is_done_is_said_whole)
{
	static char text[HF_INSTRUCTIONS_MAX + 1];
	size_t raises = 0, bytes = 0;
	memset(text, 'x', HF_INSTRUCTIONS_MAX);
	for (int i = 0; i < 60; i++) {
		struct hf_order raise = council_raise_doc(HF_KIND_EMERGENCY), release;
		struct hf_digest id;
		raise.at.s += i;
		raise.body.instructions = text;
		id = post(raise, i < 30 ? COMMS_1 : COMMS_2);
		release = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
		release.at.s = COUNCIL_T + 1000 + i;
		post(release, COMMS_1 | COMMS_2);
	}
	carry(COUNCIL_T + 2000);
	for (size_t i = 0; i < carried.n; i++) {
		raises += carried.v[i]->order->act == HF_ACT_RAISE;
		bytes += carried.v[i]->order->act == HF_ACT_RAISE ? carried.v[i]->envelope->payload_len : 0;
	}
	cr_expect_leq(bytes, HF_CARRY_WHOLE_MAX);
	cr_expect_gt(raises, 20, "the newest are said whole");
	cr_expect_eq(carried.n - raises, 60, "and every release is said");
}

Test(carry, amendments_that_count_and_approved_strays)
{
	struct hf_envelope *raise;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY), amend;
	struct hf_digest other = {{5}}, first, stray;
	raise = council_order(&server.council, &order, COMMS_1);
	post(order, COMMS_1);
	amend = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	amend.body.reason = "More is known.";
	first = post(amend, COMMS_1);
	order = council_release_doc(HF_KIND_EMERGENCY, &other, 1);
	stray = post(order, COMMS_1 | MONITORING_1);
	carry(order.at.s + 1);
	cr_expect_eq(carried.n, 3);
	cr_expect(carries(&first), "State: with its amendments");
	cr_expect(carries(&stray), "The join: a release whose raise only others know");
	carry(order.at.s + 31 * COUNCIL_DAY);
	cr_expect_not(carries(&stray), "but not for ever");
	hf_envelope_free(&raise);
}

/* As a device hears it: a controller that is asked first would refuse what counts for nothing. */
static struct hf_digest hear(struct hf_order order, unsigned who)
{
	hf_auto_envelope struct hf_envelope *envelope = council_order(&server.council, &order, who);
	hf_auto_free char *text = NULL;
	struct hf_hearing hearing;
	size_t len = 0;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_known_hear(&server.c.known, &(struct hf_message){text, len, HF_DOC_ORDER}, &hearing, &err), HF_OK,
		     "%s", err.text);
	return envelope->digest;
}

/* proto/README.md "Shares": a device is shut as long as it has not seen all that one person amended; no word of others shows that. */
Test(carry, what_shows_that_somebody_is_over_and_nothing_of_others)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY), amend;
	hf_auto_envelope struct hf_envelope *raise = council_order(&server.council, &order, COMMS_2);
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	struct hf_digest newest = {{0}}, stray;
	post(order, COMMS_2);
	for (int64_t rev = 1; rev <= HF_SHARE_AMENDMENTS_MAX + 1; rev++)
		newest = hear(council_amend_doc(HF_KIND_EMERGENCY, raise, rev), COMMS_1);
	amend = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	memset(amend.of.b, 7, sizeof(amend.of.b));
	stray = hear(amend, COMMS_2);
	cr_assert_eq(hf_known_lockdowns(&server.c.known, (struct hf_wall){order.at.s + 1}, &all, &err), HF_OK);
	cr_assert_eq(all.n_over, 1, "comms-1 is over");
	carry(order.at.s + 1);
	cr_expect(carries(&newest), "attack: a flood by one key");
	cr_expect_not(carries(&stray), "an amendment by comms-2 of what is not known here shows nothing of comms-1");
}
