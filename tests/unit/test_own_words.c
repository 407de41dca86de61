/* SPDX-License-Identifier: MIT */
/*
 * What the controller itself puts on the record (policy D5.6-5.7): starts, by which way something came, drafts that
 * lapsed, silences, refusals. Attack: one key's refusals must not fill the journal, or hide those of another.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <openssl/sha.h>

#include "controller/begin.h"
#include "controller/own_words.h"
#include "controller/reports.h"
#include "controller/web/api.h"
#include "tests/unit/help_server.h"

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

TestSuite(own_words, .init = setup, .fini = teardown);

/* Attack: the door that strangers ask was taken over; it is in the group of the officers. */
Test(own_words, the_door_of_laptops_gets_what_a_bundle_needs_alone)
{
	static const struct {
		const char *method, *path;
		unsigned status;
	} rows[] = {
		{"GET", "/v1/council", 200}, {"GET", "/v1/states", 200},      {"GET", "/v1/devices", 403}, {"GET", "/v1/record", 403},
		{"GET", "/v1/status", 403},  {"POST", "/v1/envelopes", 403}, {"POST", "/v1/checks", 403}, {"POST", "/v1/council", 403},
		{"GET", "/metrics", 403},    {"GET", "/v1/nothing", 403},
	};
	struct hf_web_answer answer;
	server.c.joiner = 4711;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct hf_web_request request = {.method = rows[i].method, .path = rows[i].path, .speaker = {4711}};
		answer = hf_web_answer(&server.c, &request);
		cr_expect_eq(answer.status, rows[i].status, "%s %s: %u", rows[i].method, rows[i].path, answer.status);
		free(answer.text);
		request.speaker.uid = 4712;
		answer = hf_web_answer(&server.c, &request);
		cr_expect_neq(answer.status, 403, "an officer: %s %s", rows[i].method, rows[i].path);
		free(answer.text);
	}
	server.c.joiner = 0;
	answer = hf_web_answer(&server.c, &(struct hf_web_request){.method = "GET", .path = "/v1/devices", .speaker = {0}});
	cr_expect_eq(answer.status, 200, "root is never taken for it");
	free(answer.text);
}

/* The records of one kind, as an array of their bodies with `seq`. */
struct search {
	enum hf_record_kind kind;
	json_t *found;
};

static enum hf_rc take_kind(void *arg, const struct hf_record *record, struct hf_err *why)
{
	struct search *search = arg;
	json_t *body = NULL;
	struct hf_digest digest;
	(void)why;
	if (record->entry.kind != search->kind)
		return HF_OK;
	cr_assert_eq(hf_json_load(record->entry.body, record->entry.body_len, 0, &body), HF_OK);
	if (!hf_record_is_document(search->kind)) {
		SHA256((const uint8_t *)record->entry.body, record->entry.body_len, digest.b);
		cr_expect_eq(hf_digest_cmp(&digest, &record->entry.digest), 0, "its digest is that of its body");
		cr_expect_eq(strlen(json_string_value(json_object_get(body, "salt"))), 24, "16 bytes of salt");
	}
	json_object_set_new(body, "seq_here", json_integer((json_int_t)record->seq));
	return json_array_append_new(search->found, body) == 0 ? HF_OK : HF_E_MEMORY;
}

static json_t *all_of(enum hf_record_kind kind)
{
	struct search search = {kind, json_array()};
	cr_assert_eq(hf_journal_replay(server.c.journal, take_kind, &search, &err), HF_OK, "%s", err.text);
	return search.found;
}

static json_t *last_of(enum hf_record_kind kind)
{
	hf_auto_json json_t *all = all_of(kind);
	return json_incref(json_array_get(all, json_array_size(all) - 1));
}

/* As the beat does. */
static void tick(struct hf_controller *c, struct hf_wall now)
{
	hf_own_lapses(c, now);
	hf_refusals_say(c, now, false);
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void expect_start(const char *why, json_int_t n_before)
{
	hf_auto_json json_t *start = last_of(HF_RECORD_START);
	cr_expect_str_eq(text_of(start, "why"), why);
	cr_expect_str_eq(text_of(start, "version"), HF_VERSION);
	cr_expect_eq(number_of(start, "size"), n_before, "%s: what it found", why);
	cr_expect_eq(number_of(start, "seq_here"), n_before + 1, "%s: it stands behind it", why);
}

Test(own_words, each_start_says_why)
{
	int64_t n = 0;
	expect_start("first", (json_int_t)server_records(&server) - 1);
	n = (int64_t)server_records(&server);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	expect_start("broken-off", n);
	hf_own_stop(&server.c);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	expect_start("stopped", n + 1);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	expect_start("broken-off", n + 2);
	server_stop(&server);
	cr_assert_eq(hf_begin_accept(&server.c, &(struct hf_keeper_of_files){.gives = false}, &n, &err), HF_OK);
	hf_journal_close(&server.c.journal);
	cr_assert_eq(server_start(&server, &err), HF_OK);
	expect_start("accepted", n);
}

static struct hf_web_answer post_over_socket(struct hf_envelope *envelope, hf_user uid)
{
	char *text = NULL;
	size_t len = 0;
	struct hf_web_request request = {.method = "POST", .path = "/v1/envelopes", .speaker = {uid}};
	struct hf_web_answer answer;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	request.body = text;
	request.body_len = len;
	answer = hf_web_answer(&server.c, &request);
	free(text);
	free(answer.text);
	hf_envelope_free(&envelope);
	return answer;
}

/* It is said of whoever the kernel says is there, right behind what they brought; of nobody's nothing. */
Test(own_words, by_which_way_something_came)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_json json_t *via = NULL, *raise = NULL, *none = NULL;
	cr_expect_eq(post_over_socket(council_order(&server.council, &order, COMMS_1), 4711).status, 200);
	via = last_of(HF_RECORD_VIA);
	raise = last_of(HF_RECORD_ORDER);
	cr_expect_eq(number_of(via, "uid"), 4711);
	cr_expect_eq(number_of(via, "seq"), number_of(raise, "seq_here"));
	cr_expect_eq(number_of(via, "seq_here"), number_of(raise, "seq_here") + 1);
	cr_expect_null(server.c.speaker, "nobody speaks when it is taken");
	order.at.s++;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK);
	none = all_of(HF_RECORD_VIA);
	cr_expect_eq(json_array_size(none), 1, "what came over no socket has no such entry");
}

static struct hf_digest half_release(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY), release;
	struct hf_taken taken;
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, &err), HF_OK);
	release = council_release_doc(HF_KIND_EMERGENCY, &taken.digest, 1);
	cr_assert_eq(server_post(&server, council_order(&server.council, &release, COMMS_1), &taken, &err), HF_OK);
	return taken.digest;
}

Test(own_words, a_draft_that_lapses_is_on_the_record)
{
	char hex[HF_DIGEST_HEX_SIZE];
	struct hf_digest draft = half_release();
	struct hf_wall since = server.c.drafts.v[0].since;
	hf_auto_json json_t *lapse = NULL, *again = NULL;
	tick(&server.c, (struct hf_wall){since.s + HF_DRAFT_LIFE_S});
	cr_expect_eq(server.c.drafts.n, 1, "not yet");
	tick(&server.c, (struct hf_wall){since.s + HF_DRAFT_LIFE_S + 1});
	cr_expect_eq(server.c.drafts.n, 0);
	lapse = last_of(HF_RECORD_LAPSE);
	cr_expect_str_eq(text_of(lapse, "draft"), hf_digest_hex(&draft, hex));
	cr_expect_str_eq(text_of(lapse, "type"), "order");
	cr_expect_str_eq(text_of(lapse, "by"), "comms-1");
	cr_expect_eq(number_of(lapse, "since"), since.s);
	cr_assert_eq(server_restart(&server, &err), HF_OK);
	cr_expect_eq(server.c.drafts.n, 0, "and it does not wait again, by that record alone");
	again = all_of(HF_RECORD_LAPSE);
	cr_expect_eq(json_array_size(again), 1, "said once");
}

/* While nobody was there to see it: it is said at the next start. */
Test(own_words, a_draft_that_lapsed_meanwhile_is_said_at_the_start)
{
	hf_auto_json json_t *lapses = NULL;
	half_release();
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_assert_eq(server.c.drafts.n, 1);
	server.c.drafts.v[0].since.s -= HF_DRAFT_LIFE_S + 1;
	server.c.start_said = false;
	hf_own_start(&server.c);
	lapses = all_of(HF_RECORD_LAPSE);
	cr_expect_eq(json_array_size(lapses), 1);
	cr_expect_eq(server.c.drafts.n, 0);
}

static void hear_d1_at(int64_t ago, int64_t listens)
{
	struct hf_device *device = hf_estate_find(&server.c.estate, COUNCIL_DEVICE);
	struct hf_report doc = {.device = COUNCIL_DEVICE};
	server_hear(&server, doc, DEVICE);
	hf_reports_flush(&server.c);
	device->heard.s = hf_clock_wall().s - ago;
	server.c.listens_since.s = listens ? hf_clock_wall().s - listens : 0;
	server_hear(&server, doc, DEVICE);
	hf_reports_flush(&server.c);
}

/* Three times 60 s without a report, with a lockdown that bears on it; in quiet times a week. */
Test(own_words, a_device_that_was_silent_is_on_the_record)
{
	static const struct {
		const char *what;
		bool raised;
		int64_t ago, listens;
		int said;
	} rows[] = {
		{"it was heard in time", true, 180, 9999, 0},
		{"it was silent while a lockdown bore on it", true, 300, 9999, 1},
		{"nobody listened here meanwhile", true, 300, 100, 0},
		{"the broker is not there", true, 300, 0, 0},
		{"in quiet times a night is nothing", false, 50000, 99999, 0},
		{"a week is", false, 700000, 999999, 1},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
		teardown();
		setup();
		if (rows[i].raised)
			cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), NULL, &err), HF_OK);
		hear_d1_at(rows[i].ago, rows[i].listens);
		cr_expect_eq(server_records_of(&server, "silence"), rows[i].said, "%s", rows[i].what);
		if (!rows[i].said)
			continue;
		hf_auto_json json_t *silence = last_of(HF_RECORD_SILENCE);
		cr_expect_str_eq(text_of(silence, "device"), COUNCIL_DEVICE);
		cr_expect_eq(number_of(silence, "back") - number_of(silence, "since"), rows[i].ago, "%s", rows[i].what);
	}
}

static enum hf_rc post_empty_release(unsigned who, int64_t later)
{
	struct hf_digest invented = {{9}};
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &invented, 1);
	order.at.s += later;
	return server_post(&server, council_order(&server.council, &order, who), NULL, &err);
}

Test(own_words, what_somebody_with_a_say_signed_is_refused_on_the_record)
{
	hf_auto_json json_t *refusal = NULL;
	cr_expect_eq(post_empty_release(COMMS_1, 0), HF_E_OTHER);
	refusal = last_of(HF_RECORD_REFUSAL);
	cr_expect_str_eq(text_of(refusal, "reason"), "other-lockdown");
	cr_expect_str_eq(text_of(refusal, "type"), "order");
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(refusal, "signed_by"), 0)), "comms-1");
	cr_expect(strstr(text_of(refusal, "said"), "no lockdown that is known here"), "%s", text_of(refusal, "said"));
	cr_expect_eq(strlen(text_of(refusal, "digest")), 64);
}

/* Attack: a stolen key, or none at all, posts for an hour. */
Test(own_words, a_flood_of_refusals_has_its_share)
{
	hf_auto_json json_t *counts = NULL, *row = NULL;
	struct hf_wall now = hf_clock_wall();
	for (int i = 0; i < 3 * HF_REFUSALS_OF_ONE_MAX; i++)
		cr_assert_eq(post_empty_release(COMMS_1, i), HF_E_OTHER);
	cr_expect_eq(server_records_of(&server, "refusal"), HF_REFUSALS_OF_ONE_MAX, "one key has a share");
	cr_expect_eq(post_empty_release(MONITORING_1, 1), HF_E_OTHER);
	cr_expect_eq(server_records_of(&server, "refusal"), HF_REFUSALS_OF_ONE_MAX + 1, "another key has its own");
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(post_empty_release(0, i), HF_E_UNSIGNED);
		cr_assert_eq(hf_door_take(&server.c, "{", 1, &(struct hf_taken){0}, &err), HF_E_JSON);
	}
	cr_expect_eq(server_records_of(&server, "refusal"), HF_REFUSALS_OF_ONE_MAX + 1, "strangers write nothing");
	tick(&server.c, (struct hf_wall){now.s + HF_REFUSALS_COUNTED_S - 60});
	cr_expect_eq(server_records_of(&server, "refusal"), HF_REFUSALS_OF_ONE_MAX + 1, "not within the hour");
	tick(&server.c, (struct hf_wall){now.s + HF_REFUSALS_COUNTED_S + 60});
	row = last_of(HF_RECORD_REFUSAL);
	counts = json_incref(json_object_get(row, "counts"));
	cr_expect_eq(number_of(counts, "unsigned"), 100);
	cr_expect_eq(number_of(counts, "json"), 100);
	cr_expect_eq(number_of(counts, "other-lockdown"), 2 * HF_REFUSALS_OF_ONE_MAX);
	tick(&server.c, (struct hf_wall){now.s + 3 * HF_REFUSALS_COUNTED_S});
	cr_expect_eq(server_records_of(&server, "refusal"), HF_REFUSALS_OF_ONE_MAX + 2, "nothing is said of nothing");
}

Test(own_words, a_share_fills_again_with_time)
{
	static struct hf_refusals refusals;
	struct hf_boot_ms at = {1000};
	int n = 0;
	while (hf_refusals_take(&refusals, "comms-1", at))
		n++;
	cr_expect_eq(n, HF_REFUSALS_OF_ONE_MAX);
	at.ms += HF_REFUSALS_EACH_S * 1000;
	cr_expect(hf_refusals_take(&refusals, "comms-1", at), "one more");
	cr_expect_not(hf_refusals_take(&refusals, "comms-1", at));
	for (int i = 1; i < HF_PEOPLE_MAX; i++) {
		char id[HF_ID_SIZE];
		snprintf(id, sizeof(id), "p-%d", i);
		cr_assert(hf_refusals_take(&refusals, id, at), "everybody of a trust has a share");
	}
	cr_expect_not(hf_refusals_take(&refusals, "one-more", at), "there are no more people");
	at.ms += (int64_t)HF_REFUSALS_OF_ONE_MAX * HF_REFUSALS_EACH_S * 1000;
	cr_expect(hf_refusals_take(&refusals, "one-more", at), "who came after those who left");
}
