/* SPDX-License-Identifier: MIT */
/*
 * One text for many accounts: from a file, from a template of the council, for every account of an order. Policy D9.3:
 * one message an account, and each is what its officer has read.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#include "controller/office/compose.h"
#include "tests/help/folder.h"
#include "tests/unit/help_view.h"

/* A council folder with one template, and a file of messages beside it. */
struct paper {
	char folder[TEST_FOLDER_SIZE];
	char file[PATH_MAX];
	struct hf_office office;
	struct hf_messages read;
};

static void paper_write(char path[PATH_MAX], const char *folder, const char *name, const char *text)
{
	test_path(path, folder, name);
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), 0600, NULL), HF_OK);
}

static void paper_open(struct paper *paper, const char *template, const char *file)
{
	char folder[PATH_MAX], path[PATH_MAX];

	*paper = (struct paper){.office = {.folder = paper->folder}};
	test_folder_make(paper->folder);
	cr_assert_eq(hf_fs_mkdirs(test_path(folder, paper->folder, "templates"), 0700, NULL), HF_OK);
	paper_write(path, folder, "flooding.txt", template);
	paper_write(paper->file, paper->folder, "messages.txt", file);
}

static void paper_close(struct paper *paper)
{
	hf_messages_done(&paper->read);
	test_folder_remove(paper->folder);
}

Test(messages, a_file_has_one_a_line_whatever_editor_wrote_it)
{
	static const struct {
		const char *what, *file, *account, *poster, *text;
	} rows[] = {
		{"one line", "x:a=comms-2:Stay inside.\n", "x:a", "comms-2", "Stay inside."},
		{"no end of its line", "x:a=comms-2:Stay inside.", "x:a", "comms-2", "Stay inside."},
		{"an editor of Windows", "\xEF\xBB\xBFx:a=comms-2:Stay inside.\r\n", "x:a", "comms-2", "Stay inside."},
		{"room between", "x:a = comms-2 : Stay inside. \n", "x:a", "comms-2", "Stay inside."},
		{"a remark and nothing", "# for floods\n\nx:a=comms-2:Hi.\n", "x:a", "comms-2", "Hi."},
		{"it goes on", "x:a=comms-2:One.\n  Two: =.\n \n\t#three\n", "x:a", "comms-2", "One.\nTwo: =.\n\n#three"},
		{"its text begins below", "*=comms-2:\r\n One.\r\n", "*", "comms-2", "One."},
		{"braces are text in a file", "*=comms-2:{street}\n", "*", "comms-2", "{street}"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct paper paper;
		struct hf_holding_wishes wishes = {0};
		struct hf_err err = {0};

		paper_open(&paper, "", rows[i].file);
		wishes.file = paper.file;
		cr_assert_eq(hf_messages_read(&paper.office, &wishes, &paper.read, &err), HF_OK, "%s: %s", rows[i].what,
			     err.text);
		cr_assert_eq(paper.read.n, 1, "%s", rows[i].what);
		cr_expect_str_eq(paper.read.v[0].account, rows[i].account, "%s", rows[i].what);
		cr_expect_str_eq(paper.read.v[0].poster, rows[i].poster, "%s", rows[i].what);
		cr_expect_str_eq(paper.read.v[0].text, rows[i].text, "%s", rows[i].what);
		paper_close(&paper);
	}
}

Test(messages, a_file_that_is_none_is_refused_with_its_line)
{
	static const struct {
		const char *what, *file, *says;
	} rows[] = {
		{"nothing", "", "has no message"},
		{"remarks alone", "# one\n", "has no message"},
		{"no poster", "*=comms-2:Hi.\nx:a:Hi.\n", "line 2"},
		{"an empty poster", "*=:Hi.\n", "line 1"},
		{"no text", "*=comms-2\n", "line 1"},
		{"it goes on from nothing", "# one\n two\n", "line 2"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct paper paper;
		struct hf_holding_wishes wishes = {0};
		struct hf_err err = {0};

		paper_open(&paper, "", rows[i].file);
		wishes.file = paper.file;
		cr_expect_eq(hf_messages_read(&paper.office, &wishes, &paper.read, &err), HF_E_USAGE, "%s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
		paper_close(&paper);
	}
}

#define FLOODING "# who\n*={poster}: {street} is flooded until {until}.\nx:a=comms-1: {street}: {street}.\n"

Test(messages, a_template_is_filled_wherever_its_places_stand)
{
	struct paper paper;
	const struct hf_holding_wishes wishes = {
		.template_name = "flooding",
		.set = {.v = {"poster=comms-2", "street=old", "street=a={until}\nx:b=comms-9:no", "until=six"}, .n = 4},
	};
	struct hf_err err = {0};

	paper_open(&paper, FLOODING, "");
	cr_assert_eq(hf_messages_read(&paper.office, &wishes, &paper.read, &err), HF_OK, "%s", err.text);
	cr_assert_eq(paper.read.n, 2, "what is filled in makes no message of its own");
	cr_expect_str_eq(paper.read.v[0].poster, "comms-2");
	cr_expect_str_eq(paper.read.v[0].text, "a={until}\nx:b=comms-9:no is flooded until six.",
			 "nor is it filled again; the last of two counts");
	cr_expect_str_eq(paper.read.v[1].text, "a={until}\nx:b=comms-9:no: a={until}\nx:b=comms-9:no.");
	paper_close(&paper);
}

Test(messages, what_a_template_lacks_is_said)
{
	/* clang-format off */
	static const struct { const char *what, *template, *name; struct hf_list set; const char *says; } rows[] = {
		{ "no such template",     FLOODING,      "floding",     {.n = 0},                       "no template `floding`" },
		{ "and which there are",  FLOODING,      "floding",     {.n = 0},                       "there is flooding." },
		{ "no name of a file",    FLOODING,      "../flooding", {.n = 0},                       "no template" },
		{ "nothing is set",       FLOODING,      "flooding",    {.n = 0},                       "wants a text for {poster}, {street}, {until}." },
		{ "one is not",           "*=c:{a} {b}", "flooding",    {.v = {"a=1"}, .n = 1},         "wants a text for {b}." },
		{ "one is set empty",     "*=c:{a}",     "flooding",    {.v = {"a="}, .n = 1},          "wants a text for {a}." },
		{ "a place there is not", "*=c:{a}",     "flooding",    {.v = {"a=1", "aa=2"}, .n = 2}, "no place {aa}: it has {a}." },
		{ "no places at all",     "*=c:Hi.",     "flooding",    {.v = {"a=1"}, .n = 1},         "it has none." },
		{ "no NAME=TEXT",         "*=c:{a}",     "flooding",    {.v = {"a"}, .n = 1},           "said as NAME=TEXT, not `a`" },
		{ "a brace alone",        "*=c:{a",      "flooding",    {.v = {"a=1"}, .n = 1},         "begins no place" },
		{ "capitals",             "*=c:{Street}","flooding",    {.v = {"street=1"}, .n = 1},    "begins no place" },
		{ "no template is named", FLOODING,      NULL,          {.v = {"a=1"}, .n = 1},         "no template is named" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct paper paper;
		const struct hf_holding_wishes wishes = {.template_name = rows[i].name, .set = rows[i].set};
		struct hf_err err = {0};

		paper_open(&paper, rows[i].template, "");
		cr_expect_eq(hf_messages_read(&paper.office, &wishes, &paper.read, &err), HF_E_USAGE, "%s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
		paper_close(&paper);
	}
}

/* The text for an account; NULL: it has none. */
static const char *text_for(const json_t *holding, const char *account)
{
	json_t *one;
	size_t index;

	json_array_foreach(holding, index, one)
	{
		const char *of = json_string_value(json_object_get(one, "text_of"));

		if (strcmp(json_string_value(json_object_get(one, "account")), account) == 0)
			return of ? text_for(holding, of) : json_string_value(json_object_get(one, "text"));
	}
	return NULL;
}

Test(messages, one_text_is_for_every_account_that_is_not_named_otherwise)
{
	/* clang-format off */
	static const struct { const char *what; struct hf_wishes wishes; size_t n; const char *first, *second; } rows[] = {
		{ "all accounts", {.holding = {.v = {{"*", "comms-2", "All."}}, .n = 1}}, 10, "All.", "All." },
		{ "but one that is named, before or after",
		  {.holding = {.v = {{"x:CannockChaseDC", "comms-2", "One."}, {"*", "comms-2", "All."}}, .n = 2}}, 10, "One.", "All." },
		{ "those of the order alone",
		  {.accounts = {.v = {"x:CannockChaseDC"}, .n = 1}, .holding = {.v = {{"*", "comms-2", "All."}}, .n = 1}},
		  1, "All.", NULL },
		{ "but those that are to have none",
		  {.no_holding = {.v = {"x:CannockChaseDC"}, .n = 1}, .holding = {.v = {{"*", "comms-2", "All."}}, .n = 1}},
		  9, NULL, "All." },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		desk_auto struct desk desk;
		hf_auto_json json_t *payload = NULL;
		struct hf_wishes wishes = rows[i].wishes;
		struct hf_err err = {0};
		const json_t *holding;
		const char *first, *second;

		desk_open(&desk);
		wishes.minutes = 15;
		payload = hf_compose_raise(&desk.view, HF_MODE_LIVE, "comms-1");
		cr_assert_eq(hf_compose_apply(&desk.view, &wishes, payload, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		holding = json_object_get(payload, "holding");
		first = text_for(holding, "x:CannockChaseDC");
		second = text_for(holding, desk.view.known.reg->accounts[1].id);
		cr_expect_eq(json_array_size(holding), rows[i].n, "%s: %zu", rows[i].what, json_array_size(holding));
		cr_expect(rows[i].first ? first && strcmp(first, rows[i].first) == 0 : !first, "%s", rows[i].what);
		cr_expect(rows[i].second ? second && strcmp(second, rows[i].second) == 0 : !second, "%s", rows[i].what);
	}
}
