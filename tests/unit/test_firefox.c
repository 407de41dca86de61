/* SPDX-License-Identifier: MIT */
/*
 * The texts that Firefox reads, beside those of other vendors, and which processes are Firefoxes. Policy D9.2, D9.3.
 * Must never touch the machine's own settings.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/firefox/firefox_policy.h"

static const char *const TWO[] = {"mastodon.social", "x.com"};
static const struct hf_strs ADDRESSES = {.v = (const char **)(uintptr_t)TWO, .n = 2};

struct merge_row {
	const char *what;
	const char *theirs; /* NULL: none is there */
	const char *want;   /* its policies */
};

#define OURS "\"*://*.mastodon.social/*\",\"*://*.x.com/*\""

/* clang-format off */
static const struct merge_row MERGES[] = {
	{ "D9.2 none is there", NULL, "{\"WebsiteFilter\":{\"Block\":[" OURS "]}}" },
	{ "what Firefox cannot read", "{\"policies\":{,}}", "{\"WebsiteFilter\":{\"Block\":[" OURS "]}}" },
	{ "no policies in it", "{\"other\":1}", "{\"WebsiteFilter\":{\"Block\":[" OURS "]}}" },
	{ "their other settings stay", "{\"policies\":{\"Proxy\":{\"Mode\":\"manual\",\"Locked\":true},\"n\":1.5}}",
	  "{\"Proxy\":{\"Mode\":\"manual\",\"Locked\":true},\"n\":1.5,\"WebsiteFilter\":{\"Block\":[" OURS "]}}" },
	{ "what they forbid stays forbidden", "{\"policies\":{\"WebsiteFilter\":{\"Block\":[\"*://games.example/*\"]}}}",
	  "{\"WebsiteFilter\":{\"Block\":[" OURS ",\"*://games.example/*\"]}}" },
	{ "a filter that is written as a text", "{\"policies\":{\"WebsiteFilter\":\"{\\\"Block\\\":[\\\"<all_urls>\\\"]}\"}}",
	  "{\"WebsiteFilter\":{\"Block\":[" OURS ",\"<all_urls>\"]}}" },
	{ "attack: what they allow does not open what is blocked",
	  "{\"policies\":{\"WebsiteFilter\":{\"Block\":[\"<all_urls>\"],\"Exceptions\":[\"https://x.com/help\",\"*://*.www.x.com/*\","
	  "\"<all_urls>\",\"*://*/*\",\"*://*.com/*\",\"*://fine.example/*\",\"https://notx.com/*\"]}}}",
	  "{\"WebsiteFilter\":{\"Block\":[" OURS ",\"<all_urls>\"],\"Exceptions\":[\"*://fine.example/*\",\"https://notx.com/*\"]}}" },
};
/* clang-format on */

static bool is_ours(const char *text)
{
	bool ours = false;
	cr_assert_eq(hf_firefox_policies_ours(text, strlen(text), &ours), HF_OK);
	return ours;
}

Test(firefox, policies_keep_what_theirs_say)
{
	for (size_t i = 0; i < HF_LEN(MERGES); i++) {
		const struct merge_row *r = &MERGES[i];
		const struct hf_firefox_text theirs = {r->theirs, r->theirs ? strlen(r->theirs) : 0};
		hf_auto_free char *text = NULL;
		cr_assert_eq(hf_firefox_policies(&theirs, &ADDRESSES, &text), HF_OK, "%s", r->what);
		hf_auto_json json_t *doc = json_loads(text, 0, NULL);
		hf_auto_json json_t *want = json_loads(r->want, 0, NULL);
		cr_assert_not_null(want, "%s", r->what);
		cr_expect(json_equal(json_object_get(doc, "policies"), want), "%s: %s", r->what, text);
		cr_expect(is_ours(text), "%s", r->what);
		cr_expect(!r->theirs || !is_ours(r->theirs), "%s", r->what);
	}
}

Test(firefox, d9_1_what_is_ours_in_the_filter_can_be_told_from_theirs)
{
	static const char text[] = "{\"policies\":{\"WebsiteFilter\":{\"Block\":[\"*://*.x.com/*\"],"
				   "\"Exceptions\":[\"*://x.com/help\"]}}}";
	const struct hf_firefox_text theirs = {text, strlen(text)};
	hf_auto_free char *made = NULL;
	cr_assert_eq(hf_firefox_policies(&theirs, &ADDRESSES, &made), HF_OK);
	hf_auto_json json_t *doc = json_loads(made, 0, NULL);
	hf_auto_json json_t *added = json_loads("[\"*://*.mastodon.social/*\"]", 0, NULL);
	hf_auto_json json_t *dropped = json_loads("[\"*://x.com/help\"]", 0, NULL);
	json_t *ours = json_object_get(doc, "holdfast");
	cr_expect(json_equal(json_object_get(ours, "added"), added), "what they block themselves is theirs");
	cr_expect(json_equal(json_object_get(ours, "dropped"), dropped));
}

static bool block_lock(bool machine_wide, uid_t open_for, char **text, char id[HF_DIGEST_HEX_SIZE])
{
	struct hf_block block = {.tool = "t", .name = "T", .addresses = &ADDRESSES, .machine_wide = machine_wide};
	if (open_for > 0)
		block.open_for[block.n_open_for++] = open_for;
	const struct hf_plan plan = {.blocks = &block, .n_blocks = 1};
	return hf_firefox_lock(&plan, "", text, id) == HF_OK;
}

Test(firefox, d9_1_the_lock_names_those_for_whom_it_is_open)
{
	char id[2][HF_DIGEST_HEX_SIZE];
	hf_auto_free char *all = NULL;
	hf_auto_free char *some = NULL;
	cr_assert(block_lock(true, 0, &all, id[0]) && block_lock(false, 1000, &some, id[1]));
	hf_auto_json json_t *doc = json_loads(some, 0, NULL);
	json_t *first = json_array_get(json_object_get(doc, "blocks"), 0);
	cr_expect_eq(json_integer_value(json_array_get(json_object_get(first, "open_for"), 0)), 1000);
	cr_expect_eq(json_array_size(json_object_get(first, "hosts")), 2);
	cr_expect_str_eq(json_string_value(json_object_get(doc, "id")), id[1]);
	cr_expect_str_neq(id[0], id[1], "another content has another id");
	cr_expect_eq(strchr(some, '\n'), some + strlen(some) - 1, "one line");
}

struct said_row {
	const char *line;
	enum hf_rc want;
	bool refused;
};

Test(firefox, an_engine_is_not_believed_without_a_refusal)
{
	static const struct said_row rows[] = {
		{"{\"holds\":\"ab\",\"refused\":true}", HF_OK, true},
		{"{\"holds\":\"ab\",\"refused\":false}", HF_OK, false},
		{"{\"holds\":\"ab\",\"refused\":\"yes\"}", HF_OK, false},
		{"{\"holds\":\"ab\"}", HF_OK, false},
		{"{\"refused\":true}", HF_E_SHAPE, false},
		{"{\"holds\":1,\"refused\":true}", HF_E_SHAPE, false},
		{"[]", HF_E_JSON, false},
		{"\n", HF_E_JSON, false},
		{"{\"holds\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}", HF_E_SHAPE,
		 false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_firefox_said said = {.refused = false};
		enum hf_rc rc = hf_firefox_said_parse(rows[i].line, strlen(rows[i].line), &said);
		cr_expect_eq(rc, rows[i].want, "%s: %s", rows[i].line, hf_rc_name(rc));
		cr_expect_eq(said.refused, rows[i].refused, "%s", rows[i].line);
	}
}

Test(firefox, the_autoconfig_of_another_vendor_is_found)
{
	struct hf_firefox_auto found = {.name = "", .shift = HF_FIREFOX_SHIFT};
	hf_firefox_auto_read("// pref(\"general.config.filename\", \"old.cfg\");\npref(\"a.b\", 1);\n", &found);
	cr_expect_str_eq(found.name, "", "a comment says nothing");
	hf_firefox_auto_read(
		"pref('general.config.filename', 'corp.cfg');\n pref(\"general.config.obscure_value\", 0);", &found);
	cr_expect_str_eq(found.name, "corp.cfg");
	cr_expect_eq(found.shift, 0);
	hf_firefox_auto_read("pref(\"general.config.filename\", \"../../tmp/x.cfg\");", &found);
	cr_expect_str_eq(found.name, "corp.cfg", "attack: a path out of the folders is not followed");
}

Test(firefox, the_engine_has_its_paths)
{
	const struct hf_firefox_paths paths = {"/etc/f\"x/lock", "/run/s", "/etc/p", "/usr/corp.cfg", 13};
	hf_auto_free char *text = NULL;
	cr_assert_eq(hf_firefox_engine(&paths, &text), HF_OK);
	cr_expect_not_null(strstr(text, "const LOCK = \"/etc/f\\\"x/lock\";"));
	cr_expect_not_null(strstr(text, "{\"path\":\"/usr/corp.cfg\",\"shift\":13}"));
	cr_expect_null(strstr(text, "@THEIRS@"));
	cr_expect(strncmp(text, "//", 2) == 0, "Firefox does not read the first line");
}
