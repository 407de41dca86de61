/* SPDX-License-Identifier: MIT */
/*
 * Owns what is kept beside the register, what of it is to be looked at, and the links that people keep (policy D2.3, D2.9),
 * in tables.
 * Must never ask a clock.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/office/account_link.h"
#include "controller/office/times.h"
#include "controller/telling/review.h"

static struct hf_err err;

static json_t *json_of(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	cr_assert_not_null(json, "%s", text);
	return json;
}

Test(beside, what_may_be_kept)
{
	static const struct {
		const char *what, *text, *says; /* NULL: it is taken */
	} rows[] = {
		{"nothing", "{\"accounts\":[],\"people\":[]}", NULL},
		{"an account and its administrators", "{\"accounts\":[{\"account\":\"x:a\",\"admins\":[\"a@example.org\"]}],\"people\":[]}", NULL},
		{"an account that is none", "{\"accounts\":[{\"account\":\"xa\"}],\"people\":[]}", "'xa' is no account"},
		{"one twice", "{\"accounts\":[{\"account\":\"x:a\"},{\"account\":\"x:a\"}],\"people\":[]}", "x:a stands there twice"},
		{"a person twice", "{\"accounts\":[],\"people\":[{\"person\":\"h1\"},{\"person\":\"h1\"}]}", "h1 stands there twice"},
		{"a day that is none", "{\"accounts\":[{\"account\":\"x:a\",\"reviewed\":\"2026-13-01\"}],\"people\":[]}", "x:a: 'reviewed' must be a day"},
		{"a training on no day", "{\"accounts\":[],\"people\":[{\"person\":\"h1\",\"trained\":\"soon\"}]}", "h1: 'trained' must be a day"},
		{"a line of its own for a mail server", "{\"accounts\":[{\"account\":\"x:a\",\"admins\":[\"a b@example.org\"]}],\"people\":[]}", "an administrator outside"},
		{"a word that nobody knows", "{\"accounts\":[{\"account\":\"x:a\",\"password\":\"x\"}],\"people\":[]}", "x:a: "},
		{"no people", "{\"accounts\":[]}", "people"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_beside struct hf_beside beside = {0};
		enum hf_rc rc = hf_beside_read(json_of(rows[i].text), &beside, &err);
		cr_expect_eq(rc == HF_OK, !rows[i].says, "%s: %s", rows[i].what, err.text);
		cr_expect(!rows[i].says || strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

Test(beside, rows_take_the_place_of_others)
{
	static const struct {
		const char *what, *changes, *want;
	} rows[] = {
		{"another row", "{\"accounts\":[{\"account\":\"x:b\",\"owner\":\"B\"}],\"people\":[]}",
		 "{\"accounts\":[{\"account\":\"x:a\",\"owner\":\"A\"},{\"account\":\"x:b\",\"owner\":\"B\"},{\"account\":\"x:c\",\"owner\":\"C\"}],\"people\":[{\"person\":\"h1\",\"trained\":\"2026-01-01\"}]}"},
		{"the same row", "{\"accounts\":[{\"account\":\"x:c\",\"service\":\"S\"}],\"people\":[]}",
		 "{\"accounts\":[{\"account\":\"x:a\",\"owner\":\"A\"},{\"account\":\"x:c\",\"service\":\"S\"}],\"people\":[{\"person\":\"h1\",\"trained\":\"2026-01-01\"}]}"},
		{"a row that says nothing", "{\"accounts\":[{\"account\":\"x:a\"}],\"people\":[{\"person\":\"h1\"}]}",
		 "{\"accounts\":[{\"account\":\"x:c\",\"owner\":\"C\"}],\"people\":[]}"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_beside struct hf_beside held = {0}, next = {0};
		hf_auto_json json_t *changes = json_of(rows[i].changes), *want = json_of(rows[i].want);
		cr_assert_eq(hf_beside_read(json_of("{\"accounts\":[{\"account\":\"x:a\",\"owner\":\"A\"},{\"account\":\"x:c\",\"owner\":\"C\"}],"
						    "\"people\":[{\"person\":\"h1\",\"trained\":\"2026-01-01\"}]}"), &held, &err), HF_OK);
		cr_assert_eq(hf_beside_merge(&held, changes, &next, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect(json_equal(next.json, want), "%s", rows[i].what);
	}
}

Test(beside, what_is_looked_at)
{
	static struct hf_holder many[11], few[] = {{"h1", {0}}, {"gone", {5}}};
	static struct hf_account accounts[] = {{"x:a", HF_ACCOUNT_CORPORATE, few, 2}, {"x:m", HF_ACCOUNT_CORPORATE, many, 11}};
	static struct hf_register reg = {.accounts = accounts, .n_accounts = 2};
	static const char *const ids[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10"};
	hf_auto_beside struct hf_beside beside = {0};
	hf_auto_reviews struct hf_reviews found = {0};
	char all[600] = "";
	for (size_t i = 0; i < HF_LEN(many); i++)
		many[i] = (struct hf_holder){ids[i], {0}};
	/* The day is 2027-01-02: x:a was reviewed 366 days ago, x:m 365. */
	cr_assert_eq(hf_beside_read(json_of("{\"accounts\":[{\"account\":\"x:a\",\"reviewed\":\"2026-01-01\",\"admins\":[\"a@example.org\"]},"
					    "{\"account\":\"x:m\",\"reviewed\":\"2026-01-02\"},{\"account\":\"x:z\",\"owner\":\"Z\"}],"
					    "\"people\":[{\"person\":\"h1\",\"statement\":\"2026-01-01\"}]}"), &beside, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_review_find(&reg, &beside, (struct hf_wall){1798848000}, &found), HF_OK);
	for (size_t i = 0; i < found.n && found.v[i].why < HF_REVIEW_STATEMENT; i++)
		cr_assert_eq(hf_str_printf(all + strlen(all), sizeof(all) - strlen(all), "%s %s %zu; ", hf_review_name(found.v[i].why),
					   found.v[i].of, found.v[i].n), HF_OK);
	cr_expect_str_eq(all, "no-review x:a 2; many-admins x:m 11; not-enforceable x:a 1; not-registered x:z 0; ");
	for (size_t i = 0; i < found.n; i++)
		cr_expect(strcmp(found.v[i].of, "gone") != 0 && (strcmp(found.v[i].of, "h1") != 0 || found.v[i].why == HF_REVIEW_TRAINING));
	cr_expect_eq(found.n, 4 + 11 + 12, "%zu", found.n);
}

Test(beside, links_to_profiles)
{
	static const struct {
		const char *link, *account; /* NULL: of none */
	} rows[] = {
		{"https://www.facebook.com/cannockchasedc/", "facebook:cannockchasedc"},
		{"http://twitter.com/CannockChaseDC?ref_src=x", "x:CannockChaseDC"},
		{"x.com/CannockChaseDC", "x:CannockChaseDC"},
		{"https://m.facebook.com/cannockchasedc", "facebook:cannockchasedc"},
		{"https://uk.linkedin.com/company/cannock-chase-district-council/", "linkedin:cannock-chase-district-council"},
		{"https://www.youtube.com/@CannockChaseDC", "youtube:CannockChaseDC"},
		{"https://www.youtube.com/user/CannockChaseDC#about", "youtube:CannockChaseDC"},
		{"https://www.tiktok.com/@ccdc", "tiktok:ccdc"},
		{"https://bsky.app/profile/ccdc.bsky.social", "bluesky:ccdc.bsky.social"},
		{"https://x.com/CannockChaseDC/status/1", NULL},
		{"https://www.facebook.com/groups/1", NULL},
		{"https://www.facebook.com/profile.php?id=1", NULL},
		{"https://www.facebook.com/", NULL},
		{"https://www.facebook.com", NULL},
		{"https://facebook.com.example.org/ccdc", NULL},
		{"https://www.tiktok.com/ccdc", NULL},
		{"https://x.com/@ccdc/", "x:ccdc"},
		{"https://x.com/a%20b", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char account[HF_ACCOUNT_SIZE] = "";
		cr_expect(hf_account_is_link(rows[i].link), "%s", rows[i].link);
		cr_expect_eq(hf_account_from_link(rows[i].link, account) == HF_OK, rows[i].account != NULL, "%s: %s", rows[i].link, account);
		cr_expect_str_eq(account, rows[i].account ? rows[i].account : "", "%s", rows[i].link);
	}
	cr_expect_not(hf_account_is_link("x:ccdc.uk"));
}

Test(beside, days_of_spreadsheets)
{
	static const struct {
		const char *text, *day;
	} rows[] = {
		{"2027-05-06", "2027-05-06"}, {"06/05/2027", "2027-05-06"}, {"6/5/2027", "2027-05-06"}, {"31/02/2027", NULL}, {"06/05/27", NULL},
		{"05/2027", NULL}, {"1/1/1969", NULL}, {"", NULL}, {"6/5/2027x", NULL}, {"006/5/2027", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_day day = {0};
		char text[HF_DAY_TEXT_SIZE];
		cr_expect_eq(hf_times_day(rows[i].text, &day) == HF_OK, rows[i].day != NULL, "%s", rows[i].text);
		cr_expect(!rows[i].day || strcmp(hf_day_text(day, text), rows[i].day) == 0, "%s", rows[i].text);
	}
}
