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

static void carry(int64_t now)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	struct hf_estate_view view = {&all, {now}, 180};
	cr_assert_eq(hf_known_lockdowns(&server.c.known, view.now, &all, &err), HF_OK);
	hf_carried_done(&carried);
	cr_assert_eq(hf_carry(&server.c.known, &view, &server.c.estate, &carried), HF_OK);
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
	cr_assert_eq(carried.n, 3, "the live raise; the released one with its release");
	cr_expect_eq(hf_digest_cmp(&carried.v[0]->order->digest, &live), 0, "D9.1: the live one is said first");
	cr_expect(carries(&late), "D9.3: released ten days ago");
	cr_expect_not(carries(&old), "D9.3: released 50 days ago, and nobody holds it");
	cr_expect_eq(carried.group[1], carried.group[2], "State: a raise together with its release");
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
