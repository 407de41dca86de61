/* SPDX-License-Identifier: MIT */
/*
 * Owns which scheduled posts are changed, in which order, and which are put back (policy D4.1), in tables.
 * Must never need a scheduler.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/notify/pausing.h"
#include "controller/notify/postiz.h"
#include "controller/telling/held_book.h"
#include "controller/telling/ways.h"

#define NOW 1796137200 /* 2026-12-01T15:00:00Z */

static struct hf_err err;

#define POST(id, channel, state, at, more)                                                                                     \
	"{\"id\":\"" id "\",\"content\":\"x\",\"state\":\"" state "\",\"publishDate\":\"" at "\",\"integration\":{\"id\":\"" channel "\"}" more "}"

static const char list[] = "{\"posts\":[" POST("late", "a", "QUEUE", "2026-12-02T15:00:00.000Z", "") "," POST("soon", "a", "QUEUE", "2026-12-01T15:05:00.000Z", "") ","
	POST("stuck", "b", "QUEUE", "2026-12-01T14:00:00.000Z", "") "," POST("mine", "a", "DRAFT", "2026-12-02T15:00:00.000Z", "") ","
	POST("held", "a", "DRAFT", "2026-12-03T15:00:00.000Z", "") "," POST("past", "a", "DRAFT", "2026-12-01T14:59:00.000Z", "") ","
	POST("near", "a", "DRAFT", "2026-12-01T15:01:00.000Z", "") "," POST("out", "a", "PUBLISHED", "2026-11-30T15:00:00.000Z", "") ","
	POST("again", "b", "PUBLISHED", "2026-11-25T15:00:00.000Z", ",\"actualDate\":\"2026-11-25T15:00:00.000Z\",\"intervalInDays\":7") ","
	POST("again", "b", "PUBLISHED", "2026-12-02T15:00:00.000Z", ",\"actualDate\":\"2026-11-25T15:00:00.000Z\",\"intervalInDays\":7") ","
	POST("again", "b", "PUBLISHED", "2026-12-09T15:00:00.000Z", ",\"actualDate\":\"2026-11-25T15:00:00.000Z\",\"intervalInDays\":7") ","
	POST("other", "c", "QUEUE", "2026-12-01T15:02:00.000Z", "") "]}";

static struct hf_posts read_list(void)
{
	struct hf_posts posts = {0};
	cr_assert_eq(hf_postiz_read(list, sizeof(list) - 1, (struct hf_wall){NOW}, &posts, &err), HF_OK, "%s", err.text);
	return posts;
}

static void plan(bool pause, const char *held, char text[200])
{
	hf_auto_json json_t *names = json_loads(held, 0, NULL);
	const struct hf_pausing_work works[] = {{"x:a", "a", pause, names}, {"facebook:b", "b", pause, names}};
	struct hf_pausing_steps steps = {0};
	struct hf_posts posts = read_list();
	cr_assert_eq(hf_pausing_plan(&posts, works, 2, (struct hf_wall){NOW}, &steps), HF_OK);
	text[0] = '\0';
	for (size_t i = 0; i < steps.n; i++)
		cr_assert_eq(hf_str_printf(text + strlen(text), 200 - strlen(text), "%s ", steps.v[i].post), HF_OK);
	free(steps.v);
	hf_posts_done(&posts);
}

Test(pausing, what_is_changed_and_in_which_order)
{
	static const struct {
		const char *what, *held, *want;
		bool pause;
	} rows[] = {
		{"all that is queued on our channels, what is due first before the others", "[]", "stuck soon again late ", true},
		{"also what we held before", "[\"soon\"]", "stuck soon again late ", true},
		{"put back is what we hold, in time, and nothing else", "[\"held\", \"past\", \"near\", \"out\", \"again\", \"gone\"]", "held ", false},
		{"nothing that somebody else made a draft", "[]", "", false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char text[200];
		plan(rows[i].pause, rows[i].held, text);
		cr_expect_str_eq(text, rows[i].want, "%s: %s", rows[i].what, text);
	}
}

Test(pausing, how_an_account_stands)
{
	hf_auto_json json_t *held = json_loads("[\"held\", \"past\", \"near\", \"out\", \"gone\"]", 0, NULL);
	const struct hf_pausing_work work = {"x:a", "a", true, held}, other = {"facebook:b", "b", true, held};
	struct hf_posts posts = read_list();
	struct hf_pausing_stand stand = hf_pausing_look(&posts, &work), again = hf_pausing_look(&posts, &other);
	hf_auto_json json_t *back = hf_pausing_ended(&posts, &work, (struct hf_wall){NOW}, true);
	hf_auto_json json_t *left = hf_pausing_ended(&posts, &work, (struct hf_wall){NOW}, false);
	hf_auto_json json_t *want_back = json_loads("[\"out\"]", 0, NULL);
	hf_auto_json json_t *want_left = json_loads("[\"past\", \"near\", \"gone\"]", 0, NULL);
	cr_expect_eq(stand.queued, 2);
	cr_expect_eq(stand.held, 3, "what is seen to be a draft, and that we hold: %d", (int)stand.held);
	cr_expect_eq(stand.next.s, NOW + 300);
	cr_expect_eq(again.next.s, NOW - 3600, "what is stuck goes out first");
	cr_expect_eq(again.queued, 2, "one that comes again is one, however often it stands there");
	cr_expect_eq(hf_posts_find(&posts, "again")->due.s, NOW + 86400, "due when it comes next");
	cr_expect(json_equal(back, want_back), "out of our hands: it went out");
	cr_expect(json_equal(left, want_left), "its time has passed, or it is gone");
	hf_posts_done(&posts);
}

Test(pausing, answers_that_are_none)
{
	static const struct {
		const char *what, *text;
	} rows[] = {
		{"no JSON", "<html>"},
		{"no list", "{\"posts\":{}}"},
		{"a name that leads elsewhere", "{\"posts\":[" POST("../integrations/a", "a", "QUEUE", "2026-12-02T15:00:00.000Z", "") "]}"},
		{"no time", "{\"posts\":[" POST("a", "a", "QUEUE", "soon", "") "]}"},
		{"no channel", "{\"posts\":[{\"id\":\"a\",\"state\":\"QUEUE\",\"publishDate\":\"2026-12-02T15:00:00.000Z\"}]}"},
		{"cut off", "{\"posts\":[" POST("a", "a", "QUEUE", "2026-12-02T15:00:00.000Z", "")},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_posts posts = {0};
		cr_expect_neq(hf_postiz_read(rows[i].text, strlen(rows[i].text), (struct hf_wall){NOW}, &posts, &err), HF_OK, "%s", rows[i].what);
		hf_posts_done(&posts);
	}
}

Test(pausing, more_posts_than_there_is_room_for)
{
	hf_auto_json json_t *posts = json_array();
	hf_auto_json json_t *all = json_pack("{s:O}", "posts", posts);
	hf_auto_free char *text = NULL;
	struct hf_posts read = {0};
	for (int i = 0; i <= HF_POSTS_MAX; i++)
		json_array_append_new(posts, json_pack("{s:o, s:s, s:s, s:{s:s}}", "id", json_sprintf("p%d", i), "state", "QUEUE", "publishDate",
						       "2026-12-02T15:00:00.000Z", "integration", "id", "a"));
	text = json_dumps(all, 0);
	cr_expect_eq(hf_postiz_read(text, strlen(text), (struct hf_wall){NOW}, &read, &err), HF_E_SIZE);
	hf_posts_done(&read);
}

static enum hf_rc put(struct hf_held_book *book, const char *act, const char *account, const char *posts, const char *as)
{
	hf_auto_json json_t *entry = json_pack("{s:s, s:s*, s:o, s:s*}", "act", act, "account", account, "posts", json_loads(posts, 0, NULL), "as", as);
	return hf_held_book_put(book, entry, &err);
}

Test(pausing, what_is_held_follows_from_the_record)
{
	struct hf_held_book book = {0};
	const struct hf_held_account *of;
	cr_assert_eq(put(&book, "done", "x:a", "[\"p\"]", NULL), HF_OK);
	cr_expect_eq(book.n, 0, "an entry of another act changes nothing");
	cr_assert_eq(put(&book, "hold", "x:a", "[\"p\", \"q\"]", NULL), HF_OK);
	cr_assert_eq(put(&book, "hold", "x:a", "[\"q\", \"r\"]", NULL), HF_OK);
	cr_assert_eq(put(&book, "hold", "x:b", "[\"q\"]", NULL), HF_OK);
	of = hf_held_book_of(&book, "x:a");
	cr_expect_eq(of->held, 3, "what is held already is held once");
	cr_assert_eq(put(&book, "free", "x:a", "[\"p\", \"nobody\"]", "scheduled"), HF_OK);
	cr_assert_eq(put(&book, "free", "x:a", "[\"q\"]", "left"), HF_OK);
	of = hf_held_book_of(&book, "x:a");
	cr_expect(of->held == 1 && of->back == 1 && of->left == 1);
	cr_expect(hf_held_book_has(&book, "x:b", "q") && !hf_held_book_has(&book, "x:a", "q"), "of that account alone");
	cr_assert_eq(put(&book, "free", "x:a", "[\"r\"]", "left"), HF_OK);
	cr_assert_eq(put(&book, "hold", "x:a", "[\"s\"]", NULL), HF_OK);
	of = hf_held_book_of(&book, "x:a");
	cr_expect(of->held == 1 && of->back == 0 && of->left == 0, "the next lockdown counts anew");
	cr_expect_eq(put(&book, "hold", NULL, "[\"p\"]", NULL), HF_E_SHAPE);
	cr_expect_eq(put(&book, "free", "x:a", "[\"s\"]", NULL), HF_E_SHAPE);
	cr_expect_eq(put(&book, "hold", "x:a", "[\"../p\"]", NULL), HF_E_SHAPE);
	hf_held_book_done(&book);
}

Test(pausing, more_held_than_there_is_room_for)
{
	struct hf_held_book book = {0};
	hf_auto_json json_t *posts = json_array();
	hf_auto_json json_t *entry = json_pack("{s:s, s:s, s:O}", "act", "hold", "account", "x:a", "posts", posts);
	book.n = HF_HELD_MAX - 1; /* of other accounts, which nobody asks for here */
	book.v = calloc(HF_HELD_MAX, sizeof(*book.v));
	book.room = HF_HELD_MAX;
	for (size_t i = 0; i < book.n; i++)
		book.v[i].account = "x:other";
	json_array_append_new(posts, json_string("p"));
	json_array_append_new(posts, json_string("q"));
	cr_expect_eq(hf_held_book_put(&book, entry, &err), HF_E_SIZE);
	cr_expect_eq(book.n, HF_HELD_MAX);
	hf_held_book_done(&book);
}

Test(pausing, names_of_schedulers)
{
	static const struct {
		const char *names;
		enum hf_rc want;
		size_t n;
	} rows[] = {{"", HF_OK, 0}, {"postiz", HF_OK, 1}, {"a, b c", HF_OK, 3}, {"a a", HF_E_SHAPE, 0}, {"A", HF_E_SHAPE, 0}, {"a b c d e", HF_E_SHAPE, 0}};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char names[HF_SCHEDULERS_MAX][HF_ID_SIZE];
		size_t n = 0;
		cr_expect_eq(hf_ways_schedulers(rows[i].names, names, &n, &err), rows[i].want, "%s", rows[i].names);
		cr_expect_eq(n, rows[i].n, "%s", rows[i].names);
	}
}
