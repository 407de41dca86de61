/* SPDX-License-Identifier: MIT */
/*
 * Owns that the shipped catalogue reaches every platform of the shipped council (policy D9.2: what no tool reaches, no
 * lockdown blocks), and that a council's own tools come before it.
 * Must never count a tool that has programs alone as a way to a platform's sites.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/office/catalogue.h"
#include "controller/office/council_plan.h"

#define CATALOGUE HF_SOURCE_DIR "/deploy/catalogue/posting-tools.json"
#define PLAN HF_SOURCE_DIR "/deploy/council/cannock-chase.json"

/* Names under which something can be posted, and that were missing once. */
static const struct {
	const char *account, *host;
} posts[] = {
	{"x:a", "x.com"},
	{"x:a", "api.bufferapp.com"},
	{"x:a", "maker.ifttt.com"},
	{"facebook:a", "graph.facebook.com"},
	{"instagram:a", "business.meta.com"},
	{"threads:a", "graph.threads.net"},
	{"youtube:a", "youtube.com"},
	{"youtube:a", "www.googleapis.com"},
	{"youtube:a", "studio.youtube.com"},
	{"linkedin:a", "api.linkedin.com"},
	{"whatsapp:a", "g.whatsapp.net"},
	{"whatsapp:a", "web.whatsapp.com"},
	{"tiktok:a", "open.tiktokapis.com"},
	{"bluesky:a", "bsky.social"},
	{"mastodon:a", "mastodon.social"},
	{"nextdoor:a", "nextdoor.co.uk"},
	{"x:a", "hooks.zapier.com"},
	{"x:a", "app.agorapulse.com"},
	{"facebook:a", "space.sprinklr.com"},
	{"linkedin:a", "app.later.com"},
	{"instagram:a", "www.canva.com"},
	{"x:a", "app.sproutsocial.com"},
	{"facebook:a", "orlo.app"},
	{"x:a", "platform.hootsuite.com"},
	{"facebook:a", "platform.postiz.com"},
};

static bool covers(const char *listed, const char *host)
{
	size_t n = strlen(listed), len = strlen(host);
	return n <= len && strcmp(host + len - n, listed) == 0 && (n == len || host[len - n - 1] == '.');
}

static bool is_shut(const json_t *tools, const char *host)
{
	json_t *tool, *address;
	size_t i, j;
	json_array_foreach(tools, i, tool)
	{
		json_array_foreach(json_object_get(tool, "addresses"), j, address)
		{
			if (covers(json_string_value(address), host))
				return true;
		}
	}
	return false;
}

Test(catalogue, d9_2_every_name_that_posts_is_there_for_an_account_of_its_platform)
{
	hf_auto_catalogue struct hf_catalogue catalogue = {.tools = NULL};
	cr_assert_eq(hf_catalogue_read(CATALOGUE, &catalogue, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(posts); i++) {
		hf_auto_json json_t *accounts = json_pack("[{s:s}]", "id", posts[i].account);
		hf_auto_json json_t *tools = hf_catalogue_tools(&catalogue, accounts, NULL);
		struct hf_err err = {""};
		cr_expect(is_shut(tools, posts[i].host), "%s of %s", posts[i].host, posts[i].account);
		cr_expect_eq(hf_tools_reach_all(accounts, tools, &err), HF_OK, "%s", err.text);
	}
}

Test(catalogue, d9_2_the_shipped_council_is_reached_whole)
{
	hf_auto_council_plan struct hf_council_plan plan = {.doc = NULL};
	struct hf_err err = {""};
	cr_assert_eq(hf_council_plan_read(PLAN, CATALOGUE, &plan, &err), HF_OK, "%s", err.text);
	cr_expect_gt(json_array_size(plan.tools), 20);
	cr_expect(!is_shut(plan.tools, "nextdoor.co.uk"), "a platform without an account of the council is left alone");
}

Test(catalogue, an_own_tool_takes_the_place_of_the_catalogues)
{
	hf_auto_catalogue struct hf_catalogue catalogue = {.tools = NULL};
	hf_auto_json json_t *accounts = json_pack("[{s:s}]", "id", "mastodon:council");
	hf_auto_json json_t *own = json_pack("[{s:s, s:s, s:[s], s:[s], s:[]}]", "id", "mastodon-web", "name", "Ours",
					     "platforms", "mastodon", "addresses", "social.council.test", "programs");
	cr_assert_eq(hf_catalogue_read(CATALOGUE, &catalogue, NULL), HF_OK);
	hf_auto_json json_t *tools = hf_catalogue_tools(&catalogue, accounts, own);
	cr_expect(is_shut(tools, "social.council.test"));
	cr_expect(!is_shut(tools, "mastodon.social"));
	json_t *tool;
	size_t i;
	json_array_foreach(tools, i, tool) cr_expect(!json_object_get(tool, "why"), "a register has no such member");
}

Test(catalogue, d9_2_an_account_that_no_site_reaches_is_named)
{
	hf_auto_json json_t *accounts = json_pack("[{s:s}]", "id", "flickr:council");
	hf_auto_json json_t *tools = json_pack("[{s:s, s:[s], s:[]}]", "id", "f", "platforms", "flickr", "addresses");
	struct hf_err err = {""};
	cr_expect_eq(hf_tools_reach_all(accounts, tools, &err), HF_E_SHAPE);
	cr_expect(strstr(err.text, "flickr:council"), "%s", err.text);
}

Test(catalogue, a_file_that_is_none_is_refused)
{
	hf_auto_catalogue struct hf_catalogue catalogue = {.tools = NULL};
	struct hf_err err = {""};
	cr_expect_eq(hf_catalogue_read(PLAN, &catalogue, &err), HF_E_SHAPE);
	cr_expect(strstr(err.text, PLAN), "%s", err.text);
}
