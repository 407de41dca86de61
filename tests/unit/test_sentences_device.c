/* SPDX-License-Identifier: MIT */
/*
 * Owns the sentences that a person at a device reads seldom, each from what the agent answers to the sentence.
 * Must never let one be there that nothing brings about (tests/reached.py). Policy D9.2.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/str.h>

#include "agent/desk/draft_page.h"
#include "agent/desk/model.h"
#include "agent/talk/question.h"
#include "agent/terminal/words.h"

#define ID "00000000000000000000000000000000000000000000000000000000000000aa"
#define VIEW                                                                                                           \
	"{\"council\":\"cannock-chase\",\"device\":\"d1\",\"person\":\"comms-2\",\"unknown\":false,\"stale\":false,"   \
	"\"waiting\":false,\"trouble\":\"\",\"can_report\":true,\"issued\":1790000000,\"level\":\"block\","            \
	"\"in_force\":{\"emergency\":1,\"purdah\":0,\"exercise\":0},\"lockdowns\":[],\"accounts\":[],\"tools\":[]}"
#define LOCKDOWN                                                                                                       \
	"{\"id\":\"" ID "\",\"kind\":\"emergency\",\"mode\":\"live\",\"phase\":\"in force\",\"level\":\"block\","      \
	"\"rev\":0,\"at\":1790000000,\"from\":1790000000,\"until\":0,\"reason\":\"A fire.\",\"contact\":\"4321\","     \
	"\"raised_by\":[\"comms-1\"],\"accounts\":[\"*\"],\"yours\":true,\"instructions\":\"\"}"
#define POSTING(mode, you, state)                                                                                      \
	"{\"lockdown\":\"" ID "\",\"mode\":\"" mode "\",\"text\":\"We know.\",\"poster\":\"comms-2\",\"you\":" you     \
	",\"minutes\":15,\"state\":\"" state "\",\"device\":\"d9\",\"at\":1790000600,\"left_s\":605,\"post\":\"\"}"
#define ACCOUNT(id, level, posting)                                                                                    \
	"{\"id\":\"" id "\",\"level\":\"" level "\",\"holder\":true,\"posting\":" posting "}"
#define ASKED(mode, you, state) "{\"accounts\":[" ACCOUNT("x:One", "block", POSTING(mode, you, state)) "]}"
#define NOTHING "\"in_force\":{\"emergency\":0,\"purdah\":0,\"exercise\":0}"
#define PERIOD "\"kind\":\"purdah\",\"until\":1809700000"
#define HOLDING "\"holding\":[{\"account\":\"x:One\",\"text\":\"We know.\",\"you\":true,\"poster\":\"comms-2\"}]"
#define FIVE                                                                                                           \
	ACCOUNT("x:1", "block", "null")                                                                                \
	"," ACCOUNT("x:2", "block", "null") "," ACCOUNT("x:3", "block", "null") "," ACCOUNT("x:4", "block", "null")
#define READING                                                                                                        \
	"{\"readings\":[{\"lockdown\":\"" ID "\",\"text\":\"" ID                                                       \
	"\",\"instructions\":\"Nothing.\",\"asked\":true,\"acknowledged\":0}]}"
#define RELEASED                                                                                                       \
	"\"phase\":\"released\",\"released_by\":[\"comms-1\"],\"released_at\":1790003600,\"message\":\"Post "          \
	"again.\",\"release_reason\":\"Out\""

/* clang-format off */
static const struct row { const char *view, *lockdown, *readings, *terminal, *desk; } rows[] = { /* what differs from the usual answer */
	{ "{\"over\":[{\"person\":\"comms-1\"}]}", NULL, NULL, "BLOCKED: comms-1 is over: there are more orders of comms-1 than", "Blocked: comms-1 is over: there are more orders" },
	{ "{\"moved\":true}", NULL, NULL, "BLOCKED: what this device knows was made on another machine", "Blocked: what this device knows was made on another machine" },
	{ "{\"unknown\":true,\"level\":\"open\"}", NULL, NULL, "Open for you, a designated officer: this device has lost", "Open for you, a designated officer: this device has lost" },
	{ "{\"trouble\":\"the disk is full\"}", NULL, NULL, "This device cannot write down what it knows (the disk is full): ring IT.", "This device cannot write down what it knows (the disk is full): ring IT." },
	{ "{\"can_report\":false}", NULL, NULL, "This device has lost its key and cannot report", "This device has lost its key and cannot report" },
	{ "{\"tools\":[{\"id\":\"x\",\"shared\":true}]}", NULL, NULL, "You share this device with somebody who is blocked", "You share this device with somebody who is blocked" },
	{ "{\"stale\":true}", NULL, NULL, "STALE: the council's server was last heard at ", ": there may be news that has not come here." },
	{ "{\"accounts\":[" FIVE "," ACCOUNT("x:5", "open", "null") "]}", NULL, NULL, "BLOCKED for 4 of your accounts: you cannot post there", "Stop posting to 4 of your accounts: you cannot" },
	{ "{}", "{\"raised_by\":[]}", NULL, "By: the council's root officers", "Ordered by: the council's root officers" },
	{ "{}", "{\"changed_by\":[\"comms-2\"]}", NULL, "; changed by comms-2", "Changed by: comms-2" },
	{ "{}", "{\"standing\":\"enforced-unverified\"}", NULL, "This device: blocking; not all of it has been seen to hold yet", NULL },
	{ "{}", "{\"standing\":\"tampered\"}", NULL, "This device: somebody or something undid the block", NULL },
	{ "{}", "{" HOLDING "}", NULL, "You are its named poster: ring 4321 before you post it.", NULL },
	{ "{}", "{\"exempt\":true}", NULL, "You are exempt from it: your posting tools are open.", "You are exempt from it: your posting tools are open." },
	{ "{\"level\":\"open\"}", "{\"glass\":true}", NULL, "This device is open for a while all the same, by the halves of two officers.", "This device is open for a while all the same, by the halves of two officers." },
	{ "{\"level\":\"open\"," NOTHING "}", "{\"phase\":\"scheduled\"," PERIOD "}", NULL, ". From then on posting is blocked.", "From then on posting is blocked." },
	{ "{\"level\":\"open\"," NOTHING "}", "{" RELEASED ",\"standing\":\"released-unverified\"}", NULL, "This device is opening; it has not been seen to be open yet.", "This device is opening" },
	{ "{\"level\":\"guard\",\"person\":null}", "{\"level\":\"guard\"," PERIOD "}", READING, "BLOCKED for each person of this device", "Posting tools are shut for each person of this device" },
	{ "{\"level\":\"guard\",\"person\":null}", "{\"level\":\"guard\"," PERIOD "}", READING, NULL, "You are none of the people of this device, so you cannot acknowledge" },
	{ "{\"level\":\"open\"}", "{\"level\":\"guard\",\"yours\":false," PERIOD "}", NULL, "It bears on accounts that you do not hold", "It bears on accounts that you do not hold: it shuts nothing of yours." },
	{ "{\"level\":\"open\",\"reminder\":\"Keep to it.\",\"in_force\":{\"emergency\":0,\"purdah\":1,\"exercise\":0}}", "{\"level\":\"guard\"," PERIOD "}", NULL, NULL, "Open for you: keep to the instructions of the pre-election period (purdah) in every post." },
	{ ASKED("live", "true", "open"), "{" HOLDING "}", NULL, "BLOCKED, but for your posting window, which is open now.", "Post this message word for word, and nothing else." },
	{ ASKED("live", "false", "elsewhere"), "{" HOLDING "}", NULL, "comms-2 has the posting window.", "comms-2 is posting it now." },
	{ ASKED("exercise", "true", "open"), "{\"mode\":\"exercise\"}", NULL, NULL, "Post nothing: this is an exercise." },
	{ ASKED("live", "true", "claimed"), "{}", NULL, NULL, "Your posting window has been asked for: it opens when" },
	{ ASKED("live", "false", "asked"), "{}", NULL, NULL, "comms-2 was asked to post it; it is not done yet." },
	{ ASKED("live", "false", "claimed"), "{}", NULL, NULL, "comms-2 was asked to post it and is about to." },
	{ ASKED("live", "false", "open"), "{}", NULL, NULL, "comms-2 is posting it now." },
	{ ASKED("live", "false", "cannot"), "{}", NULL, NULL, "comms-2 has said that they cannot post it" },
	{ ASKED("live", "false", "ended"), "{}", NULL, NULL, "comms-2 was asked to post it; their time is over" },
};
/* clang-format on */

static json_t *parsed(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	cr_assert(json, "%s at %d in %s", error.text, error.position, text);
	return json;
}

static json_t *changed(const char *text, const char *by)
{
	hf_auto_json json_t *changes = parsed(by);
	json_t *json = parsed(text);

	cr_assert_eq(json_object_update(json, changes), 0);
	return json;
}

static json_t *view_of(const struct row *row)
{
	json_t *view = changed(VIEW, row->view);

	if (row->lockdown)
		json_array_append_new(json_object_get(view, "lockdowns"), changed(LOCKDOWN, row->lockdown));
	return view;
}

static char *on_terminal(const json_t *view)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	hf_words_view(view, out);
	fclose(out);
	return text;
}

static char *text_of(const struct hf_desk_page *page)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	for (size_t i = 0; i < page->n; i++)
		fprintf(out, "%s%s%s\n", page->v[i].label, page->v[i].label[0] ? ": " : "", page->v[i].text);
	fclose(out);
	return text;
}

static char *in_window(const struct hf_desk_facts *facts)
{
	hf_auto_page struct hf_desk_page page = {0};

	cr_assert_eq(hf_desk_model(facts, &page, NULL), HF_OK);
	return text_of(&page);
}

Test(sentences_device, each_answer_of_the_agent_is_said)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *view = view_of(&rows[i]);
		hf_auto_json json_t *readings = rows[i].readings ? parsed(rows[i].readings) : NULL;
		const struct hf_desk_facts facts = {
			.view = view, .readings = readings, .away = "", .tried = "", .did = ""};
		hf_auto_free char *terminal = on_terminal(view), *window = in_window(&facts);

		cr_expect(!rows[i].terminal || strstr(terminal, rows[i].terminal), "row %zu: %s not in\n%s", i,
			  rows[i].terminal, terminal);
		cr_expect(!rows[i].desk || strstr(window, rows[i].desk), "row %zu: %s not in\n%s", i, rows[i].desk,
			  window);
	}
}

Test(sentences_device, a_window_that_was_just_opened_says_that_it_asks)
{
	const struct hf_desk_facts facts = {.away = "", .tried = "", .did = ""};
	hf_auto_free char *window = in_window(&facts);

	cr_expect(strstr(window, "Asking this device what is in force."), "%s", window);
}

Test(sentences_device, each_month_has_its_name)
{
	static const char *const months[] = {"January", "February", "March",	 "April",   "May",	"June",
					     "July",	"August",   "September", "October", "November", "December"};

	for (size_t i = 0; i < HF_LEN(months); i++) {
		char text[HF_DESK_TIME_SIZE];
		/* The middle of each month of 2027. */
		struct hf_wall t = {1800000000 + (int64_t)i * 30 * 86400 + (i > 6 ? 2 * 86400 : 0)};

		cr_expect(strstr(hf_desk_time(t, text), months[i]), "%s in %s", months[i], text);
	}
}

static char *checked(const char *answer, const char *draft)
{
	hf_auto_json json_t *words = parsed(answer);
	hf_auto_desk_draft struct hf_desk_draft found = {0};

	cr_assert_eq(hf_desk_check(words, draft, false, &found, NULL), HF_OK);
	return text_of(&found.page);
}

Test(sentences_device, a_draft_is_told_what_cannot_be_marked_and_what_does_not_fit_D10)
{
	char draft[HF_DESK_MARKS_SHOWN * 6 + 32] = "Jo Doe ";
	hf_auto_free char *none = checked("{\"words\":[]}", "Vote."), *many = NULL;

	cr_expect(strstr(none, "The council's register names no words that need a second look"), "%s", none);
	for (size_t i = 0; i < HF_DESK_MARKS_SHOWN + 2; i++)
		strcat(draft, "Party ");
	many = checked(
		"{\"words\":[{\"text\":\"Party\",\"kind\":\"party\"},{\"text\":\"Jo Doe\",\"kind\":\"candidate\"}]}",
		draft);
	cr_expect(strstr(many, "And 3 more, marked in your draft."), "%s", many);
	cr_expect(strstr(many, "a political party") && strstr(many, "a candidate's name"), "%s", many);
}

Test(sentences_device, a_refusal_without_a_reason_is_called_that)
{
	hf_auto_json json_t *answer = parsed("{\"refused\":\"usage\"}");
	struct hf_err err = {""};

	cr_expect_eq(hf_refusal_of(answer, &err), HF_E_USAGE);
	cr_expect_str_eq(err.text, "the agent refused, and did not say why");
}
