/* SPDX-License-Identifier: MIT */
/*
 * Owns the record of postings, from a device's report to the state that repeats it and the officers' status.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/reports.h"
#include "controller/web/api.h"
#include "tests/unit/help_server.h"

#define A "x:CannockChaseDC" /* its poster is comms-2 */

static struct server server;
static struct hf_err err;
static struct hf_digest emergency;

/* Device d1 is comms-2's; d2 is another of theirs, with the key of nobody else. */
static void assign_d2(void)
{
	struct hf_assignment doc = council_assignment_doc(&server.council);

	doc.device = "d2";
	doc.pub = council_pub(&server.council, STRANGER);
	doc.people[0].rank = 2;
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), NULL, &err), HF_OK, "%s",
		     err.text);
}

static void setup(void)
{
	emergency = server_open_shut(&server);
	assign_d2();
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(postbook, .init = setup, .fini = teardown);

static struct hf_posting posting_of(enum hf_posting_state state)
{
	return (struct hf_posting){emergency, A, "comms-2", NULL, state, {COUNCIL_T + 500}, "", "", {{0}}};
}

static void hear(const char *device, const struct hf_posting *postings, size_t n)
{
	struct hf_report doc = {.device = device, .postings = (struct hf_posting *)postings, .n_postings = n};
	server_hear(&server, doc, strcmp(device, "d2") == 0 ? STRANGER : DEVICE);
}

static void says(const char *device, enum hf_posting_state state)
{
	struct hf_posting posting = posting_of(state);
	hear(device, &posting, 1);
}

/* "d1 open", as the officers read it. */
static const char *shown(void)
{
	static char text[HF_ID_SIZE + 32];
	struct hf_web_request request = {.method = "GET", .path = "/v1/status"};
	struct hf_web_answer answer = hf_web_answer(&server.c, &request);
	json_t *json = json_loadb(answer.text, answer.len, 0, NULL);
	json_t *lockdown = json_array_get(json_object_get(json, "lockdowns"), 0);
	json_t *posting = json_object_get(json_array_get(json_object_get(lockdown, "holding"), 0), "posting");
	cr_assert_eq(hf_str_printf(text, sizeof(text), "%s %s", json_string_value(json_object_get(posting, "device")),
				   json_string_value(json_object_get(posting, "state"))),
		     HF_OK);
	json_decref(json);
	free(answer.text);
	return text;
}

static size_t claims(struct hf_posting *ret)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	cr_assert_eq(hf_controller_lockdowns(&server.c, &lockdowns, NULL), HF_OK);
	return hf_post_book_claims(&server.c.posts, &lockdowns, ret, HF_CLAIMS_MAX);
}

/* clang-format off */
static const struct {
	const char *what;
	struct { const char *device; enum hf_posting_state state; } said[4];
	size_t n;
	const char *want;
} rows[] = {
	{ "nothing", { { "d1", 0 } }, 0, " asked" },
	{ "a claim", { { "d1", HF_POSTING_CLAIMED } }, 1, "d1 claimed" },
	{ "to its end", { { "d1", HF_POSTING_CLAIMED }, { "d1", HF_POSTING_OPEN }, { "d1", HF_POSTING_ENDED }, { "d1", HF_POSTING_POSTED } }, 4, "d1 posted" },
	{ "the first claim wins", { { "d2", HF_POSTING_CLAIMED }, { "d1", HF_POSTING_CLAIMED } }, 2, "d2 claimed" },
	{ "attack: another device says that it is posted", { { "d1", HF_POSTING_OPEN }, { "d2", HF_POSTING_POSTED } }, 2, "d1 open" },
	{ "attack: back to the beginning", { { "d1", HF_POSTING_ENDED }, { "d1", HF_POSTING_CLAIMED }, { "d1", HF_POSTING_OPEN } }, 3, "d1 ended" },
	{ "posted is final", { { "d1", HF_POSTING_POSTED }, { "d1", HF_POSTING_CANNOT } }, 2, "d1 posted" },
	{ "cannot is final", { { "d1", HF_POSTING_CANNOT }, { "d1", HF_POSTING_POSTED } }, 2, "d1 cannot" },
};
/* clang-format on */

Test(postbook, d9_3_first_device_has_it_and_only_goes_forward)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		if (i > 0) {
			teardown();
			setup();
		}
		for (size_t k = 0; k < rows[i].n; k++)
			says(rows[i].said[k].device, rows[i].said[k].state);
		cr_expect_str_eq(shown(), rows[i].want, "%s", rows[i].what);
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
		cr_expect_str_eq(shown(), rows[i].want, "%s, after a restart", rows[i].what);
	}
}

Test(postbook, d5_each_change_is_journalled_at_once_and_repetition_is_not)
{
	uint64_t before;
	hear("d1", NULL, 0);
	hf_reports_flush(&server.c);
	before = server_records(&server);
	says("d1", HF_POSTING_CLAIMED);
	cr_expect_eq(server_records(&server), before + 1, "D5.6");
	says("d1", HF_POSTING_CLAIMED);
	hf_reports_flush(&server.c);
	cr_expect_eq(server_records(&server), before + 1, "the same again is no news");
	hf_estate_find(&server.c.estate, "d1")->bucket = 0;
	says("d1", HF_POSTING_OPEN);
	cr_expect_eq(server_records(&server), before + 2, "D5.6: although the device has used up its share");
}

Test(postbook, d5_the_table_is_made_again_from_the_journal)
{
	static const char *const damages[] = {"DROP TABLE message", "DELETE FROM message",
					      "UPDATE message SET lockdown = 'damaged'"};
	says("d1", HF_POSTING_CLAIMED);
	says("d1", HF_POSTING_OPEN);
	says("d2", HF_POSTING_POSTED);
	for (size_t i = 0; i < HF_LEN(damages); i++) {
		server_damage(&server, damages[i]);
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s: %s", damages[i], err.text);
		cr_expect_str_eq(shown(), "d1 open", "D5.6: %s", damages[i]);
	}
}

Test(postbook, d9_3_it_counts_for_that_poster_account_and_lockdown_alone)
{
	struct hf_posting postings[4] = {posting_of(HF_POSTING_POSTED), posting_of(HF_POSTING_POSTED),
					 posting_of(HF_POSTING_POSTED), posting_of(HF_POSTING_POSTED)};
	postings[0].lockdown = (struct hf_digest){{7}};
	postings[1].person = "comms-1"; /* not of this device */
	postings[2].account = "facebook:cannockchasedc";
	postings[3].account = "x:nobody";
	hear("d1", postings, HF_LEN(postings));
	cr_expect_eq(server.c.posts.n, 0, "attack: of what no order asks");
}

Test(postbook, d9_3_an_amended_poster_has_a_posting_of_their_own)
{
	const struct hf_heard *raise = hf_orders_find(&server.c.known.orders, &emergency);
	struct hf_order amend = council_amend_doc(HF_KIND_EMERGENCY, raise->envelope, 1);
	struct hf_holding holding = amend.body.holding[0];
	says("d1", HF_POSTING_OPEN);
	holding.poster = "comms-1";
	amend.body.holding = &holding;
	cr_assert_eq(server_post(&server, council_order(&server.council, &amend, COMMS_1), NULL, &err), HF_OK, "%s",
		     err.text);
	cr_expect_str_eq(shown(), " asked", "the new poster is asked");
	cr_expect_eq(server.c.posts.n, 1, "D5.6: and what the other did is kept");
}

Test(postbook, a_state_repeats_what_is_live)
{
	static struct hf_posting repeated[HF_CLAIMS_MAX];
	struct hf_order release = council_release_doc(HF_KIND_EMERGENCY, &emergency, 1);
	says("d1", HF_POSTING_OPEN);
	cr_assert_eq(claims(repeated), 1);
	cr_expect_str_eq(repeated[0].device, "d1");
	cr_expect_eq(repeated[0].state, HF_POSTING_OPEN);
	cr_assert_eq(server_post(&server, council_order(&server.council, &release, COMMS_1 | MONITORING_1), NULL, &err),
		     HF_OK, "%s", err.text);
	cr_expect_eq(claims(repeated), 0, "nobody posts for it any more");
}

Test(postbook, what_could_not_be_recorded_counts_for_nothing)
{
	struct hf_post_book book = {0};
	struct hf_post_entry entry = {.lockdown = emergency, .account = A, .person = "comms-2"};
	bool is_new = false;
	memcpy(entry.word.device, "d1", 3);
	cr_assert_eq(hf_post_book_put(&book, &entry, &is_new), HF_OK);
	hf_post_book_forget(&book);
	cr_expect_eq(book.n, 0, "D5.6: it is heard anew");
	cr_assert_eq(hf_post_book_put(&book, &entry, &is_new), HF_OK);
	cr_expect(is_new);
	hf_post_book_saved(&book);
	entry.word.state = HF_POSTING_OPEN;
	cr_assert_eq(hf_post_book_put(&book, &entry, &is_new), HF_OK);
	cr_expect(!book.v[0].saved && book.n_unsaved == 1, "the new word is to be written, too");
	entry.word.state = HF_POSTING_POSTED;
	cr_assert_eq(hf_post_book_put(&book, &entry, &is_new), HF_OK);
	cr_expect_eq(book.n_unsaved, 1, "once, whatever came of it meanwhile");
	hf_post_book_forget(&book);
	cr_assert_eq(book.n, 1);
	cr_expect_eq(book.v[0].word.state, HF_POSTING_CLAIMED, "D5.6: back to what is recorded");
	hf_post_book_done(&book);
}
