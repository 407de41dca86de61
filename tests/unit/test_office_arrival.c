/* SPDX-License-Identifier: MIT */
/*
 * Owns what counts as done, device by device, while an order arrives.
 * Must never count "received" as enforced.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/office/arrival.h"

#define ID "0700000000000000000000000000000000000000000000000000000000000000"
#define OTHER "0800000000000000000000000000000000000000000000000000000000000000"

/* clang-format off */
static const struct {
	const char *what, *state, *id; int rev; const char *standing;
	bool released; int want_rev; const char *expect; bool done;
} rows[] = {
	{ "seen to hold",                    "enforced-verified",   ID, 0, "enforced-verified",   false, 0, "enforced-verified",   true },
	{ "message seen",                    "message-seen",        ID, 0, "message-seen",        false, 0, "message-seen",        true },
	{ "exempt",                          "exempt",              ID, 0, "exempt",              false, 0, "exempt",              true },
	{ "received is not enforced",        "received",            ID, 0, "received",            false, 0, "received",            false },
	{ "done but not seen",               "enforced-unverified", ID, 0, "enforced-unverified", false, 0, "enforced-unverified", false },
	{ "another lockdown's report",       "enforced-verified",   OTHER, 0, "enforced-verified", false, 0, "unreached",          false },
	{ "an earlier revision's report",    "enforced-verified",   ID, 0, "enforced-verified",   false, 1, "unreached",           false },
	{ "this revision's report",          "enforced-verified",   ID, 1, "enforced-verified",   false, 1, "enforced-verified",   true },
	{ "silent since",                    "stale",               ID, 0, "enforced-verified",   false, 0, "stale",               false },
	{ "tampered with",                   "tampered",            ID, 0, "enforced-verified",   false, 0, "tampered",            false },
	{ "a release: still enforced",       "enforced-verified",   ID, 0, "enforced-verified",   true,  0, "enforced-verified",   false },
	{ "a release: opened, not seen",     "released-unverified", ID, 0, "released-unverified", true,  0, "released-unverified", false },
	{ "a release: seen to be open",      "released-verified",   ID, 0, "released-verified",   true,  0, "released-verified",   true },
	{ "a release is for ever",           "stale",               ID, 0, "released-verified",   true,  0, "released-verified",   true },
};
/* clang-format on */

Test(office_arrival, what_counts_as_done)
{
	const struct hf_digest id = {{7}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hf_awaited awaited = {
			.lockdown = &id, .rev = rows[i].want_rev, .released = rows[i].released};
		json_t *device = json_pack("{s:s, s:[{s:s, s:i, s:s}]}", "state", rows[i].state, "lockdowns", "id",
					   rows[i].id, "rev", rows[i].rev, "standing", rows[i].standing);
		const char *standing = hf_arrival_standing(device, &awaited);

		cr_expect_str_eq(standing, rows[i].expect, "%s: %s", rows[i].what, standing);
		cr_expect_eq(hf_arrival_is_done(standing, rows[i].released), rows[i].done, "%s", rows[i].what);
		json_decref(device);
	}
}
