/* SPDX-License-Identifier: MIT */
/*
 * Owns what counts as done while an order arrives, and that the controller is asked for all else.
 * Must never count "received" as enforced.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/office/arrival.h"
#include "controller/office/client.h"

#define ID "0700000000000000000000000000000000000000000000000000000000000000"

static char asked[512];
static const char *answer;

/* A controller that answers what it is told to. */
static enum hf_rc get(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	(void)arg;
	cr_assert_eq(hf_str_copy(asked, sizeof(asked), path), HF_OK);
	return hf_json_read(answer, strlen(answer), 4096, ret, err);
}

Test(office_arrival, all_but_what_counts_as_done_is_asked_for)
{
	/* clang-format off */
	static const struct {
		const char *what; struct hf_awaited awaited; const char *done;
	} rows[] = {
		{ "in force: received is not enforced, nor is done but not seen", { .released = false }, "enforced-verified message-seen exempt" },
		{ "an exercise is shown where a lockdown would be enforced", { .exercise = true }, "enforced-verified message-seen exempt" },
		{ "not begun: who holds it has done all that it can", { .scheduled = true }, "received enforced-verified message-seen exempt" },
		{ "a release: opened, but not seen to be, is not done", { .released = true }, "released-verified" },
		{ "a release, on a screen: who never spoke of it has nothing to open", { .released = true, .spoke = true }, "unreached released-verified" },
	};
	/* clang-format on */
	const struct hf_digest id = {{7}};
	const struct hf_office office = {.get = get};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_awaited awaited = rows[i].awaited;
		hf_auto_look struct hf_look look = {0};

		awaited.lockdown = &id;
		answer = "{\"devices\":[],\"total\":0,\"of\":3,\"next\":null}";
		cr_assert_eq(hf_arrival_look(&office, &awaited, 5, &look, NULL), HF_OK);
		cr_expect(strstr(asked, "?lockdown=" ID "&limit=5&standing="), "%s", asked);
		for (size_t s = 0; s < HF_ARRIVAL_STATES; s++) {
			char member[64], list[128];
			bool done, is_asked;

			snprintf(member, sizeof(member), "&standing=%s&", hf_arrival_states[s]);
			snprintf(list, sizeof(list), " %s ", rows[i].done);
			cr_assert_eq(hf_str_copy(asked + strlen(asked), 2, "&"), HF_OK);
			is_asked = strstr(asked, member);
			snprintf(member, sizeof(member), " %s ", hf_arrival_states[s]);
			done = strstr(list, member);
			cr_expect_neq(is_asked, done, "%s: %s", rows[i].what, hf_arrival_states[s]);
			cr_expect_eq(hf_arrival_holds(hf_arrival_states[s], &awaited), done, "%s: %s", rows[i].what,
				     hf_arrival_states[s]);
		}
	}
}

/* Attack: pages that never end, or lead elsewhere. */
Test(office_arrival, pages_go_on_from_device_to_device)
{
	/* clang-format off */
	static const struct {
		const char *what, *answer; enum hf_rc want;
	} rows[] = {
		{ "the last page", "{\"devices\":[{}],\"total\":1,\"of\":1,\"next\":null}", HF_OK },
		{ "a controller that knows no pages", "{\"devices\":[{}]}", HF_OK },
		{ "a page that comes again and again", "{\"devices\":[{}],\"next\":\"a1\"}", HF_E_SHAPE },
		{ "no id", "{\"devices\":[],\"next\":\"a1&id=b2\"}", HF_E_SHAPE },
		{ "a number", "{\"devices\":[],\"next\":7}", HF_E_SHAPE },
		{ "no list", "{\"devices\":7,\"next\":null}", HF_E_SHAPE },
	};
	/* clang-format on */
	const struct hf_office office = {.get = get};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *all = NULL;

		answer = rows[i].answer;
		cr_expect_eq(hf_client_pages(&office, "/v1/devices", &all, NULL), rows[i].want, "%s", rows[i].what);
	}
}
