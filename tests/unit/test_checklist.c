/* SPDX-License-Identifier: MIT */
/*
 * Owns which items a checklist has when (policy D4.1), in tables.
 * Must never ask a clock.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/telling/checklist.h"

#define NOW 10000000

static struct hf_err err;
static const char *all[] = {"*"}, *x_alone[] = {"x:a"}, *f_alone[] = {"facebook:b"};
static struct hf_account accounts[] = {{"facebook:b", HF_ACCOUNT_CORPORATE, NULL, 0}, {"x:a", HF_ACCOUNT_CORPORATE, NULL, 0}};
static struct hf_register reg = {.accounts = accounts, .n_accounts = 2};

/* One lockdown that is written by hand; what it points to lives with it. */
struct made {
	struct hf_order raise, body, release;
	struct hf_heard heard[3];
	const struct hf_heard *bodies[1];
	enum hf_phase phase;
};

static struct hf_lockdown make(struct made *m, uint8_t id, enum hf_mode mode, enum hf_phase phase, int64_t ended)
{
	struct hf_lockdown lockdown = {.raise = &m->heard[0], .bodies = m->bodies, .phases = &m->phase, .n_bodies = 1, .phase = phase};
	m->raise.mode = mode;
	m->raise.kind = HF_KIND_EMERGENCY;
	m->release.at.s = ended;
	m->phase = phase;
	m->heard[0].order = &m->raise;
	m->heard[1].order = &m->body;
	m->heard[2].order = &m->release;
	m->bodies[0] = &m->heard[1];
	if (phase == HF_PHASE_RELEASED)
		lockdown.release = &m->heard[2];
	memset(lockdown.id.b, id, sizeof(lockdown.id.b));
	return lockdown;
}

static void list_items(const struct hf_lockdown *v, size_t n, const struct hf_check_book *book, char text[600])
{
	hf_auto_beside struct hf_beside beside = {0};
	hf_auto_standing struct hf_standing_list standing = {0};
	hf_auto_checklist struct hf_checklist list = {0};
	struct hf_lockdowns lockdowns = {.v = (struct hf_lockdown *)v, .n = n};
	struct hf_check_ask ask = {&lockdowns, &reg, &beside, &standing, book, {NOW}};
	json_t *kept = json_loads("{\"accounts\":[{\"account\":\"facebook:b\",\"scheduler\":\"Own\"},{\"account\":\"x:a\",\"scheduler\":\"Buffer\"},"
				  "{\"account\":\"x:none\",\"scheduler\":\"Buffer\"}],\"people\":[]}", 0, NULL);
	cr_assert_eq(hf_beside_read(kept, &beside, &err), HF_OK, "%s", err.text);
	hf_standing_read(strdup("banner,emergency,web,Banner\noff,all-clear,web,Off\n"), &standing);
	cr_assert_eq(hf_checklist_make(&ask, &list), HF_OK);
	text[0] = '\0';
	for (size_t i = 0; i < list.n; i++)
		cr_assert_eq(hf_str_printf(text + strlen(text), 600 - strlen(text), "%02x %s %s; ", list.v[i].lockdown->id.b[0],
					   hf_check_what_name(list.v[i].what), list.v[i].standing ? list.v[i].standing->id : list.v[i].account), HF_OK);
}

static void tick(struct hf_check_book *book, const struct hf_lockdown *lockdown, const char *account)
{
	hf_auto_beside struct hf_beside beside = {0};
	struct hf_standing_list none = {0};
	hf_auto_checklist struct hf_checklist list = {0};
	struct hf_lockdown alone = *lockdown;
	enum hf_phase phase = HF_PHASE_IN_FORCE;
	struct hf_lockdowns lockdowns = {.v = &alone, .n = 1};
	struct hf_check_ask ask = {&lockdowns, &reg, &beside, &none, book, {NOW}};
	alone.phase = phase;
	alone.phases = &phase;
	alone.release = NULL;
	cr_assert_eq(hf_beside_read(json_pack("{s:[{s:s, s:s}], s:[]}", "accounts", "account", account, "scheduler", "Buffer", "people"), &beside, &err), HF_OK);
	cr_assert_eq(hf_checklist_make(&ask, &list), HF_OK);
	cr_assert_eq(list.n, 1);
	hf_auto_json json_t *entry = json_pack("{s:s, s:s}", "act", "done", "item", list.v[0].id);
	cr_assert_eq(hf_check_book_put(book, entry, (struct hf_wall){NOW}, &err), HF_OK, "%s", err.text);
}

Test(checklist, which_items_there_are)
{
	static const struct {
		const char *what;
		const char **scope;
		enum hf_mode mode;
		enum hf_phase phase;
		int64_t ended;
		const char *want;
	} rows[] = {
		{"in force", all, HF_MODE_LIVE, HF_PHASE_IN_FORCE, 0, "01 pause facebook:b; 01 pause x:a; 01 standing banner; "},
		{"one account", x_alone, HF_MODE_LIVE, HF_PHASE_IN_FORCE, 0, "01 pause x:a; 01 standing banner; "},
		{"to come", all, HF_MODE_LIVE, HF_PHASE_SCHEDULED, 0, ""},
		{"an exercise", all, HF_MODE_EXERCISE, HF_PHASE_IN_FORCE, 0, "01 pause facebook:b; 01 pause x:a; 01 standing banner; "},
		{"released", f_alone, HF_MODE_LIVE, HF_PHASE_RELEASED, NOW - 10, "01 resume facebook:b; 01 all-clear off; "},
		{"released more than a week ago", f_alone, HF_MODE_LIVE, HF_PHASE_RELEASED, NOW - HF_CHECK_AFTER_S - 1, ""},
		{"an exercise that is over", all, HF_MODE_EXERCISE, HF_PHASE_RELEASED, NOW - 10, ""},
	};
	struct hf_check_book book = {0};
	char text[600];
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct made m = {.raise.body.accounts = {rows[i].scope, 1}, .body.body.accounts = {rows[i].scope, 1}};
		struct hf_lockdown one = make(&m, 1, rows[i].mode, rows[i].phase, rows[i].ended);
		list_items(&one, 1, &book, text);
		cr_expect_str_eq(text, rows[i].want, "%s: %s", rows[i].what, text);
	}
}

Test(checklist, resumed_once_and_not_before_it_is_free)
{
	struct made m[3] = {{.raise.body.accounts = {x_alone, 1}, .body.body.accounts = {x_alone, 1}},
			    {.raise.body.accounts = {x_alone, 1}, .body.body.accounts = {x_alone, 1}},
			    {.raise.body.accounts = {x_alone, 1}, .body.body.accounts = {x_alone, 1}}};
	struct hf_lockdown v[3] = {make(&m[0], 1, HF_MODE_LIVE, HF_PHASE_RELEASED, NOW - HF_CHECK_AFTER_S - 9),
				   make(&m[1], 2, HF_MODE_LIVE, HF_PHASE_RELEASED, NOW - HF_CHECK_AFTER_S - 5),
				   make(&m[2], 3, HF_MODE_LIVE, HF_PHASE_IN_FORCE, 0)};
	struct hf_check_book book = {0};
	char text[600];
	tick(&book, &v[0], "x:a");
	list_items(v, 2, &book, text);
	cr_expect_str_eq(text, "01 resume x:a; ", "what was ticked is asked for however long ago: %s", text);
	tick(&book, &v[1], "x:a");
	list_items(v, 2, &book, text);
	cr_expect_str_eq(text, "02 resume x:a; ", "once, by the last: %s", text);
	list_items(v, 3, &book, text);
	cr_expect_str_eq(text, "03 pause x:a; 03 standing banner; ", "not while another shuts it: %s", text);
	/* An amendment lets the account go. */
	m[2].body.body.accounts = (struct hf_strs){f_alone, 1};
	v[0].phase = v[1].phase = HF_PHASE_SCHEDULED;
	tick(&book, &(struct hf_lockdown){.id = v[2].id, .raise = v[2].raise, .bodies = (const struct hf_heard *const[]){v[0].bodies[0]}, .n_bodies = 1}, "x:a");
	list_items(&v[2], 1, &book, text);
	cr_expect_str_eq(text, "03 pause facebook:b; 03 standing banner; 03 resume x:a; ", "%s", text);
	hf_check_book_done(&book);
}

Test(checklist, the_book)
{
	struct hf_check_book book = {0};
	hf_auto_json json_t *done = json_pack("{s:s, s:s, s:i, s:s}", "act", "done", "item", "0123abcd", "count", 3, "note", "n");
	hf_auto_json json_t *undo = json_pack("{s:s, s:s}", "act", "undo", "item", "0123abcd");
	hf_auto_json json_t *other = json_pack("{s:s}", "act", "beside"), *bad = json_pack("{s:s, s:s}", "act", "done", "item", "0123ABCD");
	const struct hf_check_entry *e;
	cr_assert_eq(hf_check_book_put(&book, done, (struct hf_wall){5}, &err), HF_OK);
	hf_check_book_by(&book, 7);
	e = hf_check_book_find(&book, "0123abcd");
	cr_expect(e && e->done && e->count == 3 && strcmp(e->note, "n") == 0 && e->uid == 7 && e->at.s == 5 && e->turns == 1);
	cr_assert_eq(hf_check_book_put(&book, other, (struct hf_wall){6}, &err), HF_OK);
	hf_check_book_by(&book, 8);
	cr_expect_eq(hf_check_book_find(&book, "0123abcd")->uid, 7, "an entry of another act has its own bringer");
	cr_assert_eq(hf_check_book_put(&book, undo, (struct hf_wall){7}, &err), HF_OK);
	e = hf_check_book_find(&book, "0123abcd");
	cr_expect(e && !e->done && e->count == -1 && !e->note && e->turns == 2);
	cr_expect_eq(hf_check_book_put(&book, bad, (struct hf_wall){7}, &err), HF_E_SHAPE);
	cr_expect_null(hf_check_book_find(&book, "ffffffff"));
	hf_check_book_done(&book);
}

Test(checklist, standing_items)
{
	static const struct {
		const char *what, *text;
		size_t n, n_bad;
		const char *says;
	} rows[] = {
		{"with a heading, a mark and a comment", "\xef\xbb\xbfitem;when;who;text\r\n# no\r\na;raise;w;T\r\n", 1, 0, ""},
		{"no name", "A B,raise,w,T\nb,raise,w,T\n", 1, 1, "line 1: 'A B' is no name"},
		{"no time", "a,noon,w,T\n", 0, 1, "'noon' is none of raise"},
		{"nothing to be done", "a,raise,w,\n", 0, 1, "line 1: item, when, who"},
		{"twice", "a,raise,w,T\na,purdah,w,T\n", 1, 1, "line 2: a stands there twice"},
		{"behind an open quote nothing", "a,raise,w,T\nb,\"raise\n", 1, 1, "line 2"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_standing struct hf_standing_list list = {0};
		hf_standing_read(strdup(rows[i].text), &list);
		cr_expect(list.n == rows[i].n && list.n_bad == rows[i].n_bad, "%s: %zu %zu", rows[i].what, list.n, list.n_bad);
		cr_expect(strstr(list.bad.text, rows[i].says), "%s: %s", rows[i].what, list.bad.text);
	}
}
