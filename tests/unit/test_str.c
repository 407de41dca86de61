/* SPDX-License-Identifier: MIT */
/*
 * Holds bounded strings, ids, lists, and the names of errors to what they promise.
 * Must never assert what a caller cannot see.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/str.h>

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

Test(str, ids)
{
	static const struct {
		const char *what, *id;
		bool ok;
	} rows[] = {
		{"Bytes: the shortest", "a", true},
		{"Bytes: all kinds of characters", "d1-north-07", true},
		{"Bytes: the longest", X64, true},
		{"Bytes: one too long", X64 "x", false},
		{"Bytes: empty", "", false},
		{"Bytes: none", NULL, false},
		{"Bytes: capitals", "D1", false},
		{"topic with a wild card", "d1/+", false},
		{"topic with a second level", "d1/report", false},
		{"a controller's certificate name is no device", "controller:main", false},
		{"a star is no id", "*", false},
		{"newline behind", "d1\n", false},
		{"letters beyond ASCII", "d\xc3\xa9", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_id_ok(rows[i].id), rows[i].ok, "%s", rows[i].what);
}

Test(str, accounts)
{
	static const struct {
		const char *what, *account;
		bool ok;
	} rows[] = {
		{"Bytes: as the register writes it", "x:CannockChaseDC", true},
		{"Bytes: dots and underscores", "facebook:cannock.chase_dc-1", true},
		{"Bytes: the longest", X16 X16 ":" X64, true},
		{"Bytes: platform one too long", X16 X16 "x:a", false},
		{"Bytes: handle one too long", "x:" X64 "x", false},
		{"Bytes: no platform", ":a", false},
		{"Bytes: no handle", "x:", false},
		{"Bytes: no colon", "x", false},
		{"Bytes: none", NULL, false},
		{"Bytes: empty", "", false},
		{"capitals in the platform", "X:a", false},
		{"a second colon", "x:a:b", false},
		{"an at sign", "x:@a", false},
		{"a space behind", "x:a ", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_account_ok(rows[i].account), rows[i].ok, "%s", rows[i].what);
	cr_expect(hf_account_on("x:a", "x"), "D9.1: an account is on its platform");
	cr_expect_not(hf_account_on("xing:a", "x"), "D9.1: a platform whose name begins alike is another");
	cr_expect_not(hf_account_on("x:a", "x:a"), "D9.1: a platform is not the whole account");
}

Test(str, print_whole_or_not_at_all)
{
	char dst[4] = "abc";
	cr_expect_eq(hf_str_printf(dst, sizeof(dst), "%d", 123), HF_OK, "it fits exactly");
	cr_expect_str_eq(dst, "123");
	cr_expect_eq(hf_str_printf(dst, sizeof(dst), "%d", 1234), HF_E_SIZE, "one too long");
	cr_expect_str_eq(dst, "", "half a path must not be used by accident");
	cr_expect_eq(hf_str_copy(dst, sizeof(dst), "xyz"), HF_OK, "it fits exactly");
	cr_expect_str_eq(dst, "xyz");
	cr_expect_eq(hf_str_copy(dst, sizeof(dst), "wxyz"), HF_E_SIZE, "one too long");
	cr_expect_str_eq(dst, "");
}

Test(str, lists)
{
	const char *two[] = {"a", "b"}, *star[] = {"*"}, *more[] = {"*", "a"};
	struct hf_strs none = {0}, ab = {two, 2}, every = {star, 1}, odd = {more, 2};
	cr_expect(hf_strs_has(&ab, "b"), "Order: named");
	cr_expect_not(hf_strs_has(&ab, "c"), "Order: not named");
	cr_expect_not(hf_strs_has(&every, "a"), "a star is not a name");
	cr_expect(hf_strs_covers(&every, "a"), "Order: a star alone covers all");
	cr_expect_not(hf_strs_covers(&odd, "b"), "Order: a star that is not alone covers nothing");
	cr_expect_not(hf_strs_covers(&none, "a"), "Order: an empty list covers nothing");
}

Test(str, handing_over)
{
	hf_auto_free char *p = strdup("a");
	char *q = hf_steal_ptr(&p);
	cr_expect_null(p, "the first owner has it no more");
	cr_expect_str_eq(q, "a", "the second has it");
	hf_free_ptr(&q);
	cr_expect_null(q, "freed is NULL");
}

Test(err, names_go_there_and_back)
{
	for (int rc = 0; rc < HF_RC_COUNT; rc++) {
		enum hf_rc back = HF_RC_COUNT;
		cr_expect_eq(hf_rc_from_name(hf_rc_name((enum hf_rc)rc), &back), HF_OK, "Reasons: %d has a name", rc);
		cr_expect_eq((int)back, rc, "Reasons: %d comes back", rc);
	}
	enum hf_rc untouched = HF_E_FORK;
	cr_expect_eq(hf_rc_from_name("mood", &untouched), HF_E_ABSENT, "Reasons: an unknown one");
	cr_expect_eq(untouched, HF_E_FORK, "untouched unless HF_OK");
	cr_expect_str_eq(hf_rc_name(HF_RC_COUNT), "?", "a value outside the enum");
	cr_expect_str_eq(hf_rc_name((enum hf_rc) - 1), "?", "a value outside the enum");
}

Test(str, a_slip_of_the_pen_is_near)
{
	static const char long_word[] = "a-word-of-sixty-four-letters-and-more-is-as-far-away-as-it-can-be-";
	static const struct {
		const char *said, *meant;
		size_t slips;
	} rows[] = {
		{"status", "status", 0}, {"statsu", "status", 2}, {"staus", "status", 1}, {"statuss", "status", 1},
		{"", "run", 3},		 {"run", "", 3},	  {"dance", "run", 4},	  {"x", long_word, 64},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_str_slips(rows[i].said, rows[i].meant), rows[i].slips, "%s %s", rows[i].said, rows[i].meant);
}

Test(err, text_is_one_line_and_whole_characters)
{
	struct hf_err err = {0};
	cr_expect_eq(hf_err_set(&err, HF_E_SHAPE, "a\nb\x1b[2J"), HF_E_SHAPE, "the code is handed back");
	cr_expect_str_eq(err.text, "a b [2J", "a stranger's text must not forge a second log line or move the cursor");
	cr_expect_eq(hf_err_set(&err, HF_E_SHAPE, "again: %s", err.text), HF_E_SHAPE);
	cr_expect_str_eq(err.text, "again: a b [2J", "the old text may be part of the new one");
	cr_expect_eq(hf_err_set(&err, HF_E_SHAPE, "%.4s|\xff|\xe2\x80\xae|\xc2\x9b", "caf\xc3\xa9"), HF_E_SHAPE);
	cr_expect_str_eq(err.text, "caf?|?|   |  ", "cut within a character, no UTF-8, text that is turned round, a cursor: %s", err.text);
	cr_expect_eq(hf_err_set(&err, HF_E_SHAPE, "caf\xc3\xa9 \xf0\x9f\x94\xa5"), HF_E_SHAPE);
	cr_expect_str_eq(err.text, "caf\xc3\xa9 \xf0\x9f\x94\xa5", "what is shown as it is stays");
	cr_expect_eq(hf_err_set(NULL, HF_E_JSON, "nobody reads it"), HF_E_JSON, "err may be NULL");

	char much[2 * sizeof(err.text)];
	for (size_t start = 0; start < 4; start++) {
		memset(much, 'x', start);
		for (size_t i = start; i < sizeof(much) - 4; i += 3)
			memcpy(much + i, "\xe2\x82\xac", 4);
		cr_expect_eq(hf_err_set(&err, HF_E_SIZE, "%s", much), HF_E_SIZE);
		size_t len = strlen(err.text);
		cr_expect_geq(len, sizeof(err.text) - 4, "cut at its end alone");
		cr_expect_eq((len - start) % 3, 0, "no half character at the cut, %zu in front", start);
	}
}
