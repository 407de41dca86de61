/* SPDX-License-Identifier: MIT */
/*
 * Owns that devices come in pages of which none leaves out a device, and that a question is read strictly. Policy D9.2
 * (who has not stopped is named). Must never let a filter that is not known pass as no filter.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/web/api.h"
#include "controller/web/show_devices.h"
#include "tests/unit/help_server.h"

#define QUERY_TEXT 8192

static struct server server;
static struct hf_digest lockdown;
static char raise_id[HF_DIGEST_HEX_SIZE];
static int64_t counter;

/* d1, that the council begins with, is in "civic-centre" of its own; these are in one group each. */
static void add(const char *id, const char *group, int64_t version)
{
	const char *groups[] = {group};
	struct hf_assignment doc = council_assignment_doc(&server.council);
	struct hf_key *key = NULL;
	struct hf_err err = {""};

	cr_assert_eq(hf_key_from_seed((const uint8_t[32]){77, (uint8_t)id[0], (uint8_t)id[1]}, &key), HF_OK);
	doc.device = id;
	doc.version = version;
	doc.pub = hf_key_pub(key);
	doc.groups = (struct hf_strs){groups, 1};
	hf_key_free(&key);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &doc, IT_1 | COMMS_1), NULL, &err), HF_OK,
		     "%s: %s", id, err.text);
}

static void report_d1(enum hf_standing standing)
{
	struct hf_report_lockdown said = {lockdown, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, standing};
	counter++;
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = counter,
				.at = {COUNCIL_T + counter},
				.controller = "",
				.lockdowns = &said,
				.n_lockdowns = 1};

	server_report(&server, NULL, &doc, DEVICE);
}

static void setup(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_taken taken;

	server_open(&server);
	add("a1", "depot", 1);
	add("b2", "depot", 1);
	add("c3", "library", 1);
	add("e5", "library", 1);
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, NULL), HF_OK);
	lockdown = taken.digest;
	hf_digest_hex(&lockdown, raise_id);
	report_d1(HF_STANDING_ENFORCED_VERIFIED);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(device_pages, .init = setup, .fini = teardown);

/* "a=b&c=d" as the library hands it on; L stands for the lockdown's id. Texts live until the next one. */
static void read_query(const char *text, struct hf_query *ret)
{
	static char buf[QUERY_TEXT];
	char *rest = buf;

	*ret = (struct hf_query){.n = 0};
	cr_assert_eq(hf_str_copy(buf, sizeof(buf), text), HF_OK);
	for (char *member; buf[0] && (member = strsep(&rest, "&"));) {
		char *value = strchr(member, '=');

		if (value)
			*value++ = '\0';
		if (ret->n == HF_QUERY_MAX) {
			ret->too_many = true;
			return;
		}
		ret->v[ret->n].name = member;
		ret->v[ret->n++].value = value && strcmp(value, "L") == 0 ? raise_id : value;
	}
}

static unsigned get(const char *path, const char *query, json_t **ret)
{
	struct hf_web_request request = {.method = "GET", .path = path, .body = ""};
	struct hf_web_answer answer;

	read_query(query, &request.query);
	answer = hf_web_answer(&server.c, &request);
	cr_assert_not_null(answer.text, "%s", query);
	cr_assert_eq(hf_json_read(answer.text, answer.len, answer.len, ret, NULL), HF_OK, "%s", query);
	free(answer.text);
	return answer.status;
}

/* "a1 b2|7/9>b2": the ids of one page, how many match, of how many, and where the next page begins. */
static const char *page_of(const char *query)
{
	static char text[512];
	hf_auto_json json_t *page = NULL;
	json_t *one, *rows;
	size_t i, len = 0;
	const char *next;

	cr_assert_eq(get("/v1/devices", query, &page), 200, "%s", query);
	rows = json_object_get(page, "devices");
	next = json_string_value(json_object_get(page, "next"));
	json_array_foreach(rows, i, one) len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
								 json_string_value(json_object_get(one, "device")));
	snprintf(text + len, sizeof(text) - len, "|%lld/%lld%s%s",
		 (long long)json_integer_value(json_object_get(page, "total")),
		 (long long)json_integer_value(json_object_get(page, "of")), next ? ">" : "", next ? next : "");
	return text;
}

Test(device_pages, pages_and_filters)
{
	static const struct {
		const char *what, *query, *want;
	} rows[] = {
		{"all, in order of their ids", "", "a1 b2 c3 d1 e5|5/5"},
		{"the first page says where the next begins", "limit=2", "a1 b2|5/5>b2"},
		{"the next one", "limit=2&after=b2", "c3 d1|5/5>d1"},
		{"the last page says that it is", "limit=2&after=d1", "e5|5/5"},
		{"a page that is just full is the last", "limit=5", "a1 b2 c3 d1 e5|5/5"},
		{"after the last there is nothing, and the totals stay", "after=e5", "|5/5"},
		{"after a device that is gone, or never was", "limit=2&after=b9", "c3 d1|5/5>d1"},
		{"one device alone", "id=c3", "c3|1/1"},
		{"one that nobody knows", "id=zz", "|0/0"},
		{"one group", "group=depot", "a1 b2|2/2"},
		{"any of two groups", "group=depot&group=library", "a1 b2 c3 e5|4/4"},
		{"a group of nobody", "group=nobody", "|0/0"},
		{"not enforced", "not-enforced=1", "a1 b2 c3 e5|4/5"},
		{"enforced", "not-enforced=0", "d1|1/5"},
		{"on which a live lockdown bears", "bears=1", "a1 b2 c3 d1 e5|5/5"},
		{"those that it does not bear on", "bears=0", "|0/5"},
		{"not enforced, of one group, by pages", "not-enforced=1&group=library&limit=1", "c3|2/2>c3"},
		{"one state", "state=enforced-verified", "d1|1/5"},
		{"any of two states", "state=enforced-verified&state=unreached", "a1 b2 c3 d1 e5|5/5"},
		{"not heard lately", "unreached=1", "a1 b2 c3 e5|4/5"},
		{"heard lately", "unreached=0", "d1|1/5"},
		{"none has lost what it knew", "unknown=1", "|0/5"},
		{"on which a lockdown bears", "lockdown=L", "a1 b2 c3 d1 e5|5/5"},
		{"by how it stands there", "lockdown=L&standing=enforced-verified&standing=exempt", "d1|1/5"},
		{"all filters at once", "lockdown=L&standing=unreached&not-enforced=1&group=depot&limit=1&after=a1",
		 "b2|2/2"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_str_eq(page_of(rows[i].query), rows[i].want, "D9.2: %s: %s", rows[i].what,
				 page_of(rows[i].query));
}

/* D9.2: what becomes of devices between two pages neither hides one nor shows one twice. */
Test(device_pages, stable_under_change_between_pages)
{
	cr_expect_str_eq(page_of("limit=2"), "a1 b2|5/5>b2");
	add("a0", "depot", 1);
	cr_expect_str_eq(page_of("limit=2&after=b2"), "c3 d1|6/6>d1", "one came before the cut: none is shown twice");
	report_d1(HF_STANDING_RECEIVED);
	cr_expect_str_eq(page_of("limit=2&after=d1"), "e5|6/6", "one changed its state: none is left out");
	cr_expect_str_eq(page_of("not-enforced=1&limit=3"), "a0 a1 b2|6/6>b2");
	report_d1(HF_STANDING_ENFORCED_VERIFIED);
	cr_expect_str_eq(page_of("not-enforced=1&limit=3&after=b2"), "c3 e5|5/6", "the count is that of now");
	add("b2", "library", 2);
	cr_expect_str_eq(page_of("group=library&limit=3"), "b2 c3 e5|3/3", "an assignment moves it to another group");
}

/* Attack: a question that two readers could read in two ways, or that passes for no filter at all. */
Test(device_pages, a_hostile_query_is_one_sentence)
{
	static char long_list[QUERY_TEXT] = "id=a1";
	static const char *const rows[] = {
		"nonsense=1",
		"not-enforced",
		"not-enforced=",
		"not-enforced=yes",
		"not-enforced=2",
		"not-enforced=1&not-enforced=0",
		"limit=0",
		"limit=501",
		"limit=-1",
		"limit=+1",
		"limit= 1",
		"limit=1e2",
		"limit=0x10",
		"limit=99999999999999999999",
		"limit=",
		"limit=1&limit=2",
		"after=",
		"after=../../etc",
		"after=A1",
		"after=a1&after=b2",
		"id=*",
		"id=a1%00",
		"id=",
		"group=*",
		"group=",
		"group=a b",
		"state=UNREACHED",
		"state=",
		"state=unreached,stale",
		"standing=unreached",
		"lockdown=",
		"lockdown=ab",
		"lockdown=L&lockdown=L",
		"lockdown=L&standing=no",
		"unknown=true",
		"unreached=on",
		"=1",
		"",
	};

	for (size_t i = 0; i + 1 < HF_LEN(rows); i++) {
		hf_auto_json json_t *said = NULL;
		const char *sentence;

		cr_expect_eq(get("/v1/devices", rows[i], &said), 400, "%s", rows[i]);
		sentence = json_string_value(json_object_get(said, "message"));
		cr_expect_str_eq(json_string_value(json_object_get(said, "error")), "shape", "%s", rows[i]);
		cr_expect(sentence && sentence[0] && !strchr(sentence, '\n'), "%s", rows[i]);
	}
	for (size_t i = 0; i < HF_QUERY_MAX; i++)
		strcat(long_list, "&state=stale");
	hf_auto_json json_t *said = NULL;
	cr_expect_eq(get("/v1/devices", long_list, &said), 400, "more members than a question has");
}

Test(device_pages, other_addresses_take_their_own_and_nothing_else)
{
	static const struct {
		const char *path, *query;
		unsigned want;
	} rows[] = {
		{"/v1/status", "", 200},
		{"/v1/status", "not-enforced=1", 400},
		{"/v1/drafts", "limit=1", 400},
		{"/v1/orders", "x", 400},
		{"/v1/council", "", 200},
		{"/v1/council", "device=", 200},
		{"/v1/council", "device=a1", 200},
		{"/v1/council", "device=A1", 400},
		{"/v1/council", "device=a1&device=b2", 400},
		{"/v1/devices", "lockdown=0000000000000000000000000000000000000000000000000000000000000000", 404},
		{"/v1/acknowledgements", "", 400},
		{"/v1/acknowledgements", "lockdown=L&csv=1", 400},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *said = NULL;

		cr_expect_eq(get(rows[i].path, rows[i].query, &said), rows[i].want, "%s?%s", rows[i].path,
			     rows[i].query);
	}
}

/* A terminal that shows one device's draft asks for that device's assignments alone. */
Test(device_pages, the_council_shows_the_assignments_that_were_asked_for)
{
	static const struct {
		const char *query;
		size_t want;
	} rows[] = {{"", 5}, {"device=", 0}, {"device=a1", 1}, {"device=zz", 0}};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *said = NULL;

		cr_assert_eq(get("/v1/council", rows[i].query, &said), 200);
		cr_expect_eq(json_array_size(json_object_get(said, "assignments")), rows[i].want, "?%s", rows[i].query);
		cr_expect_eq(json_array_size(json_object_get(said, "trusts")), 1);
	}
}

/* D9.2: in quiet times a device that nobody hears from is not one on which a lockdown is not enforced. */
Test(device_pages, what_no_lockdown_bears_on_is_not_wanting)
{
	struct hf_order order = council_release_doc(HF_KIND_EMERGENCY, &lockdown, 1);

	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1 | MONITORING_1), NULL, NULL), HF_OK);
	cr_expect_str_eq(page_of("not-enforced=1&bears=1"), "|0/5");
	cr_expect_str_eq(page_of("not-enforced=1"), "a1 b2 c3 e5|4/5", "they are looked into, all the same");
}
