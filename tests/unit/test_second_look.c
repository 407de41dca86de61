/* SPDX-License-Identifier: MIT */
/*
 * Slips are said before they are signed. Policy D9.1: none of it stands between an officer and an emergency.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/office/second_look.h"
#include "tests/unit/help_view.h"

/* clang-format off */
static const struct { const char *what, *account, *text; bool known; size_t count, most; } texts[] = {
	{ "Latin letters count one",            "x:a",         "abc",                            true,  3,  280 },
	{ "a letter with an accent, too",       "x:a",         "caf\xc3\xa9",                   true,  4,  280 },
	{ "a typographic quote, too",           "x:a",         "\xe2\x80\x9c",                 true,  1,  280 },
	{ "a picture counts two",               "x:a",         "\xf0\x9f\x94\xa5",             true,  2,  280 },
	{ "an address counts 23",               "x:a",         "See https://example.org/a/very/long/way/to/it now", true, 31, 280 },
	{ "on Mastodon, too",                   "mastodon:a",  "http://e.org",                   true,  23, 500 },
	{ "and a picture one there",            "mastodon:a",  "\xf0\x9f\x94\xa5",             true,  1,  500 },
	{ "on Instagram an address is letters", "instagram:a", "http://e.org",                   true,  12, 2200 },
	{ "LinkedIn",                           "linkedin:a",  "abc",                            true,  3,  3000 },
	{ "of others nothing is known",         "facebook:a",  "abc",                            false, 0,  0 },
};
/* clang-format on */

Test(second_look, a_text_counts_as_its_platform_counts)
{
	for (size_t i = 0; i < HF_LEN(texts); i++) {
		size_t count = 0, most = 0;

		cr_expect_eq(hf_look_counts(texts[i].account, texts[i].text, &count, &most), texts[i].known, "%s",
			     texts[i].what);
		cr_expect(count == texts[i].count && most == texts[i].most, "%s: %zu of %zu", texts[i].what, count,
			  most);
	}
}

static enum hf_rc no_devices(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	(void)arg, (void)err;
	*ret = json_pack("{s:[], s:i, s:i}", "devices", "total", 0, "of", strstr(path, "group=nowhere") ? 0 : 5);
	return HF_OK;
}

/* What is said of this order; borrowed from the desk. */
static const char *look(struct desk *desk, const struct hf_order *order)
{
	const struct hf_words words = {.out = open_memstream(&desk->text, &desk->len), .view = &desk->view};

	hf_look_words(&words, order, &order->body);
	fclose(words.out);
	return desk->text;
}

static void good(struct hf_order *order)
{
	(void)order;
}

static void long_text(struct hf_order *order)
{
	static char text[300];
	static struct hf_holding holding = {"x:CannockChaseDC", text, "comms-2", 15};

	memset(text, 'a', 281);
	order->body.holding = &holding;
	order->body.n_holding = 1;
}

static void unknown_exempt(struct hf_order *order)
{
	static const char *exempt[] = {"comms-9"};

	order->body.exempt = (struct hf_strs){exempt, 1};
}

static void unknown_poster(struct hf_order *order)
{
	static struct hf_holding holding = {"x:CannockChaseDC", "Hello.", "comsm-2", 15};

	order->body.holding = &holding;
	order->body.n_holding = 1;
}

/* The same for every account: eleven lines of it would push out of sight what is signed. */
static void many_alike(struct hf_order *order)
{
	static char text[300];
	static struct hf_holding holding[] = {{"x:CannockChaseDC", text, "comsm-2", 15},
					      {"facebook:cannockchasedc", text, "comsm-2", 15},
					      {"x:CCDCYourVoice", text, "comsm-2", 15}};
	static const char *exempt[] = {"comsm-2"};

	memset(text, 'a', 281);
	order->body.holding = holding;
	order->body.n_holding = HF_LEN(holding);
	order->body.exempt = (struct hf_strs){exempt, 1};
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void unknown_group(struct hf_order *order)
{
	static const char *groups[] = {"staff", "nowhere"};

	order->body.groups = (struct hf_strs){groups, 2};
}

static void past(struct hf_order *order)
{
	order->body.until.s = COUNCIL_T;
}

Test(second_look, each_slip_is_said)
{
	/* clang-format off */
	static const struct { void (*slip)(struct hf_order *order); const char *wanted; } rows[] = {
		{ good,           "" },
		{ long_text,      "the message of x:CannockChaseDC counts about 281 there, and 280 are taken" },
		{ unknown_exempt, "neither the trust nor the register knows comms-9" },
		{ unknown_poster, "neither the trust nor the register knows comsm-2" },
		{ unknown_group,  "no device is in the group nowhere" },
		{ past,           "it ended on" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		desk_auto struct desk desk;
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

		desk_open(&desk);
		desk.office.get = no_devices;
		desk.view.online = true;
		rows[i].slip(&order);
		look(&desk, &order);
		cr_expect(rows[i].wanted[0] ? strstr(desk.text, rows[i].wanted) != NULL : !desk.text[0], "%s: %s",
			  rows[i].wanted, desk.text);
	}
}

Test(second_look, what_many_accounts_share_is_said_once)
{
	desk_auto struct desk desk;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	desk_open(&desk);
	desk.office.get = no_devices;
	desk.view.online = true;
	many_alike(&order);
	look(&desk, &order);
	cr_expect(strstr(desk.text, "the message of x:CannockChaseDC and x:CCDCYourVoice counts about 281 there"), "%s",
		  desk.text);
	cr_expect_eq(count_lines(desk.text), 2, "the other is of the name: %s", desk.text);
}

Test(second_look, a_raise_beside_one_of_the_same_is_asked_about)
{
	/* clang-format off */
	static const struct { const char *what; enum hf_kind kind; enum hf_mode mode; const char *account; bool said; } rows[] = {
		{ "the same again",          HF_KIND_EMERGENCY, HF_MODE_LIVE,     NULL,               true },
		{ "a part of it",            HF_KIND_EMERGENCY, HF_MODE_LIVE,     "x:CannockChaseDC", true },
		{ "an exercise beside it",   HF_KIND_EMERGENCY, HF_MODE_EXERCISE, NULL,               false },
		{ "a period beside it, D10", HF_KIND_PURDAH,    HF_MODE_LIVE,     NULL,               false },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		desk_auto struct desk desk;
		hf_auto_envelope struct hf_envelope *first = NULL;
		struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

		desk_open(&desk);
		desk.office.get = no_devices;
		desk.view.online = true;
		first = council_order(&desk.council, &order, COMMS_1);
		cr_assert_eq(hf_view_hear(&desk.view, first, NULL), HF_OK);
		cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
		order = council_raise_doc(rows[i].kind);
		order.mode = rows[i].mode;
		if (rows[i].account)
			order.body.accounts = (struct hf_strs){(const char **)&rows[i].account, 1};
		look(&desk, &order);
		cr_expect_eq(strstr(desk.text, "one is in force already") != NULL, rows[i].said, "%s: %s",
			     rows[i].what, desk.text);
	}
}
