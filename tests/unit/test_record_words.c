/* SPDX-License-Identifier: MIT */
/*
 * Owns what the record says in plain words, each kind of entry and each figure of a story (policy D5.6, D5.7), in tables.
 * Must never let an entry be shown as something else than it is.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/office/record_words.h"
#include "controller/office/story_words.h"
#include "tests/unit/help_view.h"

#define ID "ab54a98ceb1f0ad2ab54a98ceb1f0ad2ab54a98ceb1f0ad2ab54a98ceb1f0ad2"
#define SHORT "ab54a98ceb1f"
#define AT 1796137200 /* 2026-12-01 15:00 in London */

/* What an entry says: the caller's to free. */
static char *say_entry(const char *kind, json_t *says, json_t *by, struct hf_envelope *envelope)
{
	char *text = NULL;
	size_t len = 0;
	struct hf_words words = {.out = open_memstream(&text, &len)};
	struct hf_record_entry entry = {.seq = 7, .at = {AT}, .kind = kind, .digest = ID, .hash = ID, .says = says, .envelope = envelope, .by = by};

	cr_assert_not_null(words.out);
	hf_words_entry(&words, &entry);
	cr_assert_eq(fclose(words.out), 0);
	return text;
}

Test(record_words, each_kind_of_entry)
{
	static const struct {
		const char *kind, *says, *by, *want;
	} rows[] = {
		{"trust", "{\"epoch\": 2}", "[]", "the roots made the trust of epoch 2."},
		{"register", "{\"version\": 3}", "[\"comms-1\"]", "the register, version 3, approved by comms-1."},
		{"register", "{\"version\": 3}", "[]", "approved by nobody whom a trust bears out."},
		{"report", "{\"device\": \"d1\", \"lockdowns\": [], \"postings\": []}", "[]", "the device d1 reported that it knows of no lockdown."},
		{"report", "{\"device\": \"d1\", \"lockdowns\": [{\"id\": \"" ID "\", \"standing\": \"enforced-verified\"}], \"postings\": [{\"account\": \"x:a\", \"state\": "
			   "\"posted\", \"post\": \"https://x.com/1\"}]}",
		 "[]", "the device d1 reported: " SHORT " enforced-verified.\n    the message of x:a: posted https://x.com/1"},
		{"recover", "{\"devices\": [{\"device\": \"d1\"}, {\"device\": \"d2\"}]}", "[\"it-1\", \"comms-1\"]", "it-1 and comms-1 said what is in force to d1, d2."},
		{"remark", "{\"act\": \"withdraw\", \"reason\": \"A slip\"}", "[\"comms-1\"]", "comms-1 took back an approval.\n    reason: A slip"},
		{"remark", "{\"act\": \"refuse\"}", "[\"comms-2\"]", "comms-2 refused a draft."},
		{"remark", "{\"act\": \"confirm\", \"person\": \"h1\", \"account\": \"x:a\"}", "[\"comms-1\"]",
		 "comms-1 saw that at the platform h1 has no access to x:a any more."},
		{"note", "{\"of\": [\"" ID "\"], \"reason\": \"Because\", \"happened\": 1796136900}", "[\"comms-1\"]", "written 5 min later."},
		{"lapse", "{\"draft\": \"" ID "\", \"by\": \"comms-1\", \"type\": \"order\"}", "[]", "the draft " SHORT " of comms-1 (order) waited too long, and lapsed."},
		{"silence", "{\"device\": \"d1\", \"since\": 1796133600}", "[]", "the device d1 is heard again; it was silent since 2026-12-01 14:00 GMT."},
		{"refusal", "{\"since\": 1, \"counts\": {\"role\": 3}}", "[]", "refused since the last such entry: role 3"},
		{"notice", "{\"of\": \"" ID "\", \"messages\": [{}]}", "[]", "1 message is to tell somebody of " SHORT "."},
		{"notice", "{\"of\": \"" ID "\", \"messages\": [{}, {}]}", "[]", "2 messages are to tell people of " SHORT "."},
		{"outcome", "{\"message\": 4, \"what\": \"poster\", \"person\": \"h1\", \"state\": \"failed\"}", "[]", "message 4 (poster) to h1: failed."},
		{"check", "{\"act\": \"beside\", \"accounts\": [\"x:a\"], \"people\": [\"h1\"]}", "[]",
		 "what is kept beside the register was changed: x:a among accounts, h1 among people."},
		{"check", "{\"act\": \"done\", \"item\": \"12345678\", \"lockdown\": \"" ID "\", \"what\": \"pause\", \"of\": \"x:a\"}", "[]",
		 "the item 12345678 of the checklist of " SHORT " is done: x:a."},
		{"check", "{\"act\": \"undo\", \"item\": \"12345678\", \"lockdown\": \"" ID "\", \"what\": \"standing\", \"of\": \"banner\"}", "[]",
		 "the item 12345678 of the checklist of " SHORT " is open again: banner."},
		{"check", "{\"act\": \"hold\", \"account\": \"x:a\", \"posts\": [\"p\"]}", "[]", "1 scheduled post of x:a is made a draft."},
		{"check", "{\"act\": \"hold\", \"account\": \"x:a\", \"posts\": [\"p\", \"q\"]}", "[]", "2 scheduled posts of x:a are made drafts."},
		{"check", "{\"act\": \"free\", \"account\": \"x:a\", \"posts\": [\"p\"], \"as\": \"left\"}", "[]", "1 post of x:a stays a draft."},
		{"check", "{\"act\": \"free\", \"account\": \"x:a\", \"posts\": [\"p\", \"q\"], \"as\": \"scheduled\"}", "[]", "2 posts of x:a are scheduled again."},
		{"order", "{}", "[]", "an order that cannot be read."},
		{"something-new", "{\"a\":1}", "[]", "something-new: {\"a\":1}"},
	};
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *other = NULL;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	desk_open(&desk);
	other = council_order(&desk.council, &order, COMMS_1);
	other->type = HF_DOC_REMARK; /* no order by its type */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *says = json_loads(rows[i].says, 0, NULL);
		hf_auto_json json_t *by = json_loads(rows[i].by, 0, NULL);
		hf_auto_free char *text = say_entry(rows[i].kind, says, by, other);

		cr_assert_not_null(says, "%s", rows[i].says);
		cr_expect(strncmp(text, "7, 2026-12-01 15:00 GMT: ", 25) == 0, "%s", text);
		cr_expect(strstr(text, rows[i].want), "%s: %s", rows[i].want, text);
	}
}

static void check_order(struct desk *desk, struct hf_order *order, const char *want)
{
	hf_auto_envelope struct hf_envelope *envelope = council_order(&desk->council, order, COMMS_1);
	hf_auto_json json_t *by = json_pack("[s]", "comms-1");
	hf_auto_json json_t *says = json_object();
	hf_auto_free char *text = say_entry("order", says, by, envelope);

	cr_expect(strstr(text, want), "%s: %s", want, text);
}

Test(record_words, orders_and_what_waits)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL;
	hf_auto_json json_t *by = json_pack("[s]", "comms-2");
	hf_auto_json json_t *says = json_object();
	hf_auto_free char *text = NULL;
	struct hf_release_person person = {"comms-2", {HF_WALL_MAX}};
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	desk_open(&desk);
	raise = council_order(&desk.council, &order, COMMS_1);
	check_order(&desk, &order, "comms-1 raised ");
	order = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	check_order(&desk, &order, "comms-1 amended ");
	order = council_release_doc(HF_KIND_EMERGENCY, &raise->digest, 1);
	check_order(&desk, &order, "comms-1 ended ");
	order.releases = NULL;
	order.n_releases = 0;
	order.persons = &person;
	order.n_persons = 1;
	check_order(&desk, &order, "comms-1 ended all that comms-2 alone raised: ");
	text = say_entry("approval", says, by, raise);
	cr_expect(strstr(text, "approvals of ") && strstr(text, " (order), now by comms-2."), "%s", text);
}

/* A story of nothing at all, and one of everything that can happen; as text, or as a page. */
static char *tell_story(const char *story_text, bool page)
{
	hf_auto_json json_t *story = json_loads(story_text, 0, NULL);
	const struct hf_story_face face = {NULL, NULL, NULL};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cr_assert(story && out);
	cr_assert(page ? hf_story_write_page(out, story, &face) : hf_story_say(out, story, &face) == HF_OK);
	cr_assert_eq(fclose(out), 0);
	return text;
}

static void has_all(const char *text, const char *const *wants)
{
	for (size_t i = 0; wants[i]; i++)
		cr_expect(strstr(text, wants[i]), "%s: %s", wants[i], text);
}

Test(record_words, a_story_in_which_nothing_was_reached)
{
	static const char *const wants[] = {"Exercise of a pre-election period", "All-clear: not given", "the first: not reached", "half: not reached",
					    "95 in 100: not reached", "never: d1", "median: none", "no signature yet", "the last of them: none", "Planned until: ", NULL};
	hf_auto_free char *text = tell_story("{\"kind\": \"purdah\", \"mode\": \"exercise\", \"lockdown\": \"" ID "\", \"until\": 1796137200, \"raised\": {\"at\": 1}, \"figures\": {}, "
					    "\"devices\": [{\"device\": \"d1\"}]}", false);

	has_all(text, wants);
}

Test(record_words, a_story_in_which_all_was_reached)
{
	static const char *const wants[] = {"Pre-election period", "the first after 1 s", "half after 2 s", "95 in 100 after 3 s", "never: none", "median: 9 s after the raise", NULL};
	hf_auto_free char *exercise = tell_story("{\"kind\": \"emergency\", \"mode\": \"exercise\", \"figures\": {}}", false);
	hf_auto_free char *text = tell_story("{\"kind\": \"purdah\", \"mode\": \"live\", \"figures\": {\"first_s\": 1, \"half_s\": 2, \"most_s\": 3, \"post_median_s\": 9}, "
					    "\"devices\": [{\"device\": \"d1\", \"verified_s\": 1}]}", false);

	has_all(text, wants);
	cr_expect(strncmp(exercise, "Exercise of an emergency lockdown\n", 34) == 0, "%s", exercise);
}

/* Each event has its words, in the time line of the terminal and in that of the page. */
Test(record_words, what_happened)
{
	static const struct {
		const char *what, *words;
	} rows[] = {
		{"raised", "Raised"}, {"amended", "Amended"}, {"declined", "A draft was refused"}, {"withdrawn", "An approval was taken back"},
		{"lapsed", "A draft lapsed"}, {"most-verified", "95 in 100 of the devices were seen to hold"}, {"heard-again", "A device was heard again"},
		{"started", "The controller was started"}, {"claimed", "A posting window was asked for"}, {"ended", "A posting window ended without a word"},
		{"cannot", "The poster could not post"}, {"check", "A check"}, {"note", "A note"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char story[400];
		hf_auto_free char *text = NULL;

		cr_assert_eq(hf_str_printf(story, sizeof(story), "{\"kind\": \"emergency\", \"raised\": {\"at\": 1796137200}, \"figures\": {}, \"timeline\": [{\"at\": 1796137260, \"record\": 5, "
							       "\"what\": \"%s\"}]}", rows[i].what), HF_OK);
		text = tell_story(story, false);
		cr_expect(strstr(text, "2026-12-01 15:01 GMT, +60 s, record 5: ") && strstr(text, rows[i].words), "%s: %s", rows[i].what, text);
	}
}

Test(record_words, the_heads_of_all_tables)
{
	static const char *const wants[] = {"Item", "By", "It happened", NULL};
	hf_auto_free char *page = tell_story(
		"{\"kind\": \"emergency\", \"mode\": \"live\", \"lockdown\": \"" ID "\", \"raised\": {\"at\": 1796137200}, \"figures\": {}, \"timeline\": [], \"devices\": [{\"device\": \"d1\"}], "
		"\"messages\": [{\"what\": \"poster\"}], \"checks\": [{\"item\": \"pause\", \"texts\": []}], \"notes\": [{\"by\": [\"comms-1\"], \"happened\": 1796137200, \"texts\": []}], "
		"\"refusals\": [], \"posts\": [], \"registers\": []}", true);

	has_all(page, wants);
	cr_expect_str_eq(hf_story_table_title(HF_STORY_REGISTER), "Register");
	cr_expect_str_eq(hf_story_table_title(HF_STORY_DEVICES), "All devices");
	cr_expect_str_eq(hf_story_table_title(HF_STORY_MESSAGES), "All messages");
}
