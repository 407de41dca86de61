/* SPDX-License-Identifier: MIT */
/*
 * Owns what a person's window says and offers, against tests/golden/desk (HF_BLESS=1 writes them anew).
 * Must never accept an exercise that could be read as the real thing, or a button for anybody but the named poster.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>

#include "agent/desk/blocks.h"
#include "agent/desk/draft_page.h"
#include "agent/desk/model.h"

#define GOLDEN HF_SOURCE_DIR "/tests/golden/desk"
#define ID "00000000000000000000000000000000000000000000000000000000000000aa"
#define TEXT_ID "00000000000000000000000000000000000000000000000000000000000000bb"
#define FRAME(level, lockdowns, accounts, counts)                                                                      \
	"{\"council\":\"cannock-chase\",\"device\":\"d1\",\"person\":\"comms-2\",\"unknown\":false,\"stale\":false,"   \
	"\"waiting\":false,\"trouble\":\"\",\"can_report\":true,\"issued\":1790000000,\"level\":\"" level              \
	"\",\"in_force\":{" counts "},\"lockdowns\":[" lockdowns "],\"accounts\":[" accounts "],\"tools\":[]}"
#define NONE "\"emergency\":0,\"purdah\":0,\"exercise\":0"
#define ONE_EMERGENCY "\"emergency\":1,\"purdah\":0,\"exercise\":0"
#define ONE_PURDAH "\"emergency\":0,\"purdah\":1,\"exercise\":0"
#define ONE_EXERCISE "\"emergency\":0,\"purdah\":0,\"exercise\":1"
#define LOCKDOWN(kind, mode, phase, level, more)                                                                       \
	"{\"id\":\"" ID "\",\"kind\":\"" kind "\",\"mode\":\"" mode "\",\"phase\":\"" phase "\",\"level\":\"" level    \
	"\",\"rev\":0,\"at\":1790000000,\"from\":1790000000,\"until\":0,\"reason\":\"A chemical fire.\\nStay "         \
	"inside.\","                                                                                                   \
	"\"contact\":\"Duty officer, 4321\",\"raised_by\":[\"comms-1\"],\"accounts\":[\"*\"],\"yours\":true" more "}"
#define EMERGENCY LOCKDOWN("emergency", "live", "in force", "block", ",\"instructions\":\"\"")
#define EXERCISE                                                                                                       \
	LOCKDOWN("emergency", "exercise", "in force", "block", ",\"instructions\":\"# Do this\\n* One\\n* Two\"")
#define PURDAH(progress)                                                                                               \
	LOCKDOWN("purdah", "live", "in force", "guard", ",\"instructions\":\"Nothing party political.\"," progress)
#define CLEAR(mode)                                                                                                    \
	LOCKDOWN("emergency", mode, "released", "block",                                                               \
		 ",\"released_by\":[\"comms-1\",\"monitoring-1\"],\"released_at\":1790003600,\"message\":\"Thank "     \
		 "you.\\nPost again.\",\"release_reason\":\"The fire is out\",\"standing\":\"released-verified\"")
#define OTHER_ID "00000000000000000000000000000000000000000000000000000000000000cc"
#define OLD_ID "00000000000000000000000000000000000000000000000000000000000000dd"
#define ROW(id, kind, mode, phase, level, more)                                                                        \
	"{\"id\":\"" id "\",\"kind\":\"" kind "\",\"mode\":\"" mode "\",\"phase\":\"" phase "\",\"level\":\"" level    \
	"\",\"rev\":0,\"at\":1790000000,\"reason\":\"Planned.\",\"contact\":\"Elections, 4400\","                      \
	"\"raised_by\":[\"elections-1\"],\"accounts\":[\"*\"],\"yours\":true" more "}"
#define PLANNED(mode) ROW(OTHER_ID, "purdah", mode, "scheduled", "guard", ",\"from\":1809583200,\"until\":1809700000")
#define OVER(id, at, more)                                                                                             \
	ROW(id, "emergency", "live", "released", "block",                                                              \
	    ",\"from\":0,\"until\":0,\"released_by\":[\"comms-1\",\"monitoring-1\"],\"released_at\":" at               \
	    ",\"message\":\"Thank you.\",\"release_reason\":\"It is over\",\"standing\":\"released-unverified\"" more)
#define CANCELLED(mode)                                                                                                \
	ROW(OTHER_ID, "purdah", mode, "released", "guard",                                                             \
	    ",\"from\":1809583200,\"until\":1809700000,\"cancelled\":true,\"released_by\":[\"elections-1\"],"          \
	    "\"released_at\":1790003600,\"message\":\"The poll is off.\",\"release_reason\":\"No poll\","              \
	    "\"standing\":\"released-unverified\"")
#define TWO_ACCOUNTS                                                                                                   \
	"{\"id\":\"facebook:CannockChase\",\"level\":\"block\",\"reach\":\"block\",\"holder\":true,\"posting\":null}," \
	"{\"id\":\"x:CannockChaseDC\",\"level\":\"open\",\"reach\":\"open\",\"holder\":true,\"posting\":null},"        \
	"{\"id\":\"facebook:Museum\",\"level\":\"open\",\"reach\":\"block\",\"holder\":true,\"posting\":null}"
#define ACCOUNT(level, posting)                                                                                        \
	"{\"id\":\"x:CannockChaseDC\",\"level\":\"" level "\",\"holder\":true,\"posting\":" posting "}"
#define POSTING(mode, you, state, more)                                                                                \
	"{\"lockdown\":\"" ID "\",\"mode\":\"" mode "\",\"text\":\"We are dealing with it.\\nMore follows.\","         \
	"\"poster\":\"comms-2\",\"you\":" you ",\"minutes\":15,\"state\":\"" state                                     \
	"\",\"device\":\"d9\",\"at\":1790000600,"                                                                      \
	"\"left_s\":605,\"post\":\"" more "\"}"
#define READINGS(ack)                                                                                                  \
	"{\"person\":\"comms-2\",\"readings\":[{\"lockdown\":\"" ID "\",\"text\":\"" TEXT_ID                           \
	"\",\"instructions\":\"# Until polling day\\n\\n* **Nothing** party political.\\nAsk "                         \
	"[us](https://example.org).\\n\","                                                                             \
	"\"asked\":true,\"acknowledged\":" ack "}]}"

#define DEVICE_ALONE(flags)                                                                                            \
	"{\"council\":\"cannock-chase\",\"device\":\"d1\",\"person\":null," flags ",\"issued\":0,\"level\":\"block\"," \
	"\"in_force\":{" NONE "},\"lockdowns\":[],\"accounts\":[],\"tools\":[{\"id\":\"x\",\"shared\":true}]}"

/* clang-format off */
static const struct scene { const char *name, *clause, *view, *readings, *tried, *away; int64_t age_s; } scenes[] = {
	{ "nothing", "nothing in force", FRAME("open", "", ACCOUNT("open", "null"), NONE), NULL, "", "", 0 },
	{ "not-answered", "the agent is away", NULL, NULL, "", "the agent is not running on this device", 0 },
	{ "out-of-date", "the agent went away", FRAME("block", EMERGENCY, "", ONE_EMERGENCY), NULL, "", "the agent has gone", 0 },
	{ "emergency", "D9.1, D9.2", FRAME("block", EMERGENCY, ACCOUNT("block", "null"), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "tried", "D9.2 a blocked attempt", FRAME("block", EMERGENCY, "", ONE_EMERGENCY), NULL, "toot", "", 0 },
	{ "asked", "D9.3", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "asked", "")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "asked-exempt", "D9.1 the designated officer", FRAME("open", EMERGENCY, ACCOUNT("open", POSTING("live", "true", "asked", "")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "open", "D9.3", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "open", "")), ONE_EMERGENCY), NULL, "", "", 4 },
	{ "posted", "D9.3", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "posted", "https://x.com/1")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "cannot", "D9.3", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "cannot", "")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "ended", "D9.3", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "ended", "")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "elsewhere", "D9.3 a second device", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "true", "elsewhere", "")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "others", "D9.3 everyone else", FRAME("block", EMERGENCY, ACCOUNT("block", POSTING("live", "false", "posted", "https://x.com/1")), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "purdah", "D10", FRAME("guard", PURDAH("\"to_read\":true,\"asked\":true"), ACCOUNT("guard", "null"), ONE_PURDAH), READINGS("0"), "", "", 0 },
	{ "acknowledged", "D10", FRAME("open", PURDAH("\"to_read\":false"), ACCOUNT("open", "null"), ONE_PURDAH), READINGS("1790000700"), "", "", 0 },
	{ "exercise", "an exercise alone", FRAME("open", EXERCISE, ACCOUNT("open", POSTING("exercise", "true", "asked", "")), ONE_EXERCISE), NULL, "", "", 0 },
	{ "exercise-beside", "an exercise beside an emergency", FRAME("block", EMERGENCY "," EXERCISE, ACCOUNT("block", "null"), "\"emergency\":1,\"purdah\":0,\"exercise\":1"), NULL, "", "", 0 },
	{ "lost-memory", "attack: its memory is taken away", DEVICE_ALONE("\"unknown\":true,\"can_report\":true"), NULL, "", "", 0 },
	{ "lost-memory-officer", "D9.1 a designated officer is spared", "{\"council\":\"cannock-chase\",\"device\":\"d1\",\"person\":\"comms-2\",\"unknown\":true,\"can_report\":true,\"issued\":0,\"level\":\"open\",\"in_force\":{" NONE "},\"lockdowns\":[],\"accounts\":[],\"tools\":[]}", NULL, "", "", 0 },
	{ "unwritten", "an all-clear that cannot be kept", DEVICE_ALONE("\"waiting\":true,\"trouble\":\"the disk is full\""), NULL, "", "", 0 },
	{ "clear", "D9.3 all-clear", FRAME("open", CLEAR("live"), ACCOUNT("open", "null"), NONE), NULL, "", "", 0 },
	{ "clear-opening", "an all-clear, and the device is still opening", FRAME("open", OVER(OLD_ID, "1789990000", ""), "", NONE), NULL, "", "", 0 },
	{ "clears-and-emergency", "two all-clears and a new emergency", FRAME("block", EMERGENCY "," OVER(OLD_ID, "1789990000", "") "," OVER(OTHER_ID, "1789999000", ""), ACCOUNT("block", "null"), ONE_EMERGENCY), NULL, "", "", 0 },
	{ "emergency-in-purdah", "D9, D10: the emergency that holds is first", FRAME("block", EMERGENCY "," ROW(OTHER_ID, "purdah", "live", "in force", "guard", ",\"from\":1789000000,\"until\":1809700000,\"to_read\":true,\"instructions\":\"Nothing party political.\""), ACCOUNT("block", "null"), "\"emergency\":1,\"purdah\":1,\"exercise\":0"), NULL, "", "", 0 },
	{ "exercise-asked-beside", "an exercise asks, and an emergency holds", FRAME("block", EMERGENCY "," ROW(OTHER_ID, "emergency", "exercise", "in force", "block", ",\"from\":0,\"until\":0"), "{\"id\":\"x:CannockChaseDC\",\"level\":\"block\",\"holder\":true,\"posting\":{\"lockdown\":\"" OTHER_ID "\",\"mode\":\"exercise\",\"text\":\"Drill.\",\"poster\":\"comms-2\",\"you\":true,\"minutes\":15,\"state\":\"asked\",\"left_s\":0,\"post\":\"\"}}", "\"emergency\":1,\"purdah\":0,\"exercise\":1"), NULL, "", "", 0 },
	{ "cancelled", "released before it began", FRAME("open", CANCELLED("live"), ACCOUNT("open", "null"), NONE), NULL, "", "", 0 },
	{ "cancelled-exercise", "an exercise that was released before it began", FRAME("open", CANCELLED("exercise"), "", NONE), NULL, "", "", 0 },
	{ "coming", "D10: a period that is planned", FRAME("open", PLANNED("live"), ACCOUNT("open", "null"), NONE), NULL, "", "", 0 },
	{ "some-shut", "one headline for who holds several accounts", FRAME("block", EMERGENCY, TWO_ACCOUNTS, ONE_EMERGENCY), NULL, "", "", 0 },
	{ "shared", "one headline for who shares a device", "{\"council\":\"cannock-chase\",\"device\":\"d1\",\"person\":\"comms-2\",\"can_report\":true,\"issued\":1790000000,\"level\":\"open\",\"in_force\":{" ONE_EMERGENCY "},\"lockdowns\":[" EMERGENCY "],\"accounts\":[],\"tools\":[{\"id\":\"x\",\"level\":\"open\",\"shared\":true}]}", NULL, "", "", 0 },
	{ "clear-exercise", "all-clear of an exercise", FRAME("open", CLEAR("exercise"), "", NONE), NULL, "", "", 0 },
};
/* clang-format on */

static json_t *parsed(const char *text)
{
	json_error_t error;
	json_t *json = text ? json_loads(text, 0, &error) : NULL;

	if (text && !json)
		cr_log_error("%s at %d in %s", error.text, error.position, text);
	cr_assert(!text || json);
	return json;
}

static void make(const struct scene *s, const struct hf_desk_attention *attention, struct hf_desk_page *ret)
{
	hf_auto_json json_t *view = parsed(s->view), *readings = parsed(s->readings);
	struct hf_desk_facts facts = {.view = view,
				      .readings = readings,
				      .age_s = s->age_s,
				      .away = s->away,
				      .tried = s->tried,
				      .did = "",
				      .attention = attention};

	cr_assert_eq(hf_desk_model(&facts, ret, NULL), HF_OK);
}

/* A page as text: what a golden file holds. */
static char *dump(const struct hf_desk_page *page)
{
	static const char *const kinds[HF_DESK_KIND_COUNT] = {"HEADLINE", "ALERT",  "HEADING", "SUBHEADING",
							      "TEXT",	  "FACT",   "BULLET",  "QUOTE",
							      "FIELD",	  "BUTTON", "DRAFT"};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "%s\ntone %d%s%s%s%s\n", page->title, page->tone, page->exercise ? " exercise" : "",
		page->speaks ? " speaks" : "", page->ticks ? " ticks" : "", page->clears ? " clears" : "");
	for (size_t i = 0; i < page->n; i++) {
		const struct hf_desk_item *item = &page->v[i];

		fprintf(out, "%-10s %s%s%s%s%s%s%s%s%s\n", kinds[item->kind], item->label, item->label[0] ? " | " : "",
			item->text, item->target[0] ? " -> " : "", item->target, item->spoken ? " SPOKEN " : "",
			item->spoken && strcmp(item->spoken, item->text) != 0 ? item->spoken : "",
			strcmp(item->about, item->target) != 0 ? " NAMED " : "",
			strcmp(item->about, item->target) != 0 ? item->about : "");
	}
	fclose(out);
	return text;
}

static void compare_page(const char *name, const char *text)
{
	hf_auto_free char *wanted = NULL;
	char path[512];
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/%s.txt", GOLDEN, name);
	if (getenv("HF_BLESS")) {
		FILE *out = fopen(path, "w");

		cr_assert_not_null(out);
		fputs(text, out);
		fclose(out);
	}
	cr_assert_eq(hf_fs_read(path, 65536, &wanted, &len, NULL), HF_OK, "%s is not there", path);
	cr_expect(strlen(text) == len && memcmp(wanted, text, len) == 0, "%s: the page reads\n%s", name, text);
}

Test(desk_model, each_scene_reads_as_its_golden_text)
{
	for (size_t i = 0; i < HF_LEN(scenes); i++) {
		hf_auto_page struct hf_desk_page page = {0};
		hf_auto_free char *text = NULL;

		make(&scenes[i], NULL, &page);
		text = dump(&page);
		compare_page(scenes[i].name, text);
	}
}

static const struct scene *scene(const char *name)
{
	for (size_t i = 0; i < HF_LEN(scenes); i++) {
		if (strcmp(scenes[i].name, name) == 0)
			return &scenes[i];
	}
	cr_assert(false, "no scene %s", name);
	return NULL;
}

static bool each_line_says_exercise(const char *text)
{
	for (const char *line = text; line && *line;) {
		if (strncmp(line, HF_DESK_EXERCISE, strlen(HF_DESK_EXERCISE)) != 0)
			return false;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return true;
}

Test(desk_model, an_exercise_says_so_in_every_line_of_every_item)
{
	static const char *const names[] = {"exercise", "clear-exercise", "cancelled-exercise"};

	for (size_t n = 0; n < HF_LEN(names); n++) {
		hf_auto_page struct hf_desk_page page = {0};

		make(scene(names[n]), NULL, &page);
		cr_expect(strstr(page.title, "EXERCISE"));
		cr_expect_eq(page.tone, HF_DESK_DRILL);
		for (size_t i = 0; i < page.n; i++) {
			const struct hf_desk_item *item = &page.v[i];
			const char *more = item->kind == HF_DESK_FACT ? strchr(item->text, '\n') : item->text;

			cr_expect(each_line_says_exercise(item->label), "%s: %s", names[n], item->label);
			cr_expect(!more || each_line_says_exercise(more + (*more == '\n')), "%s: %s", names[n], more);
			cr_expect(!item->spoken || each_line_says_exercise(item->spoken), "%s", item->spoken);
		}
	}
}

Test(desk_model, an_exercise_beside_the_real_thing_marks_its_own_section_alone)
{
	hf_auto_page struct hf_desk_page page = {0};
	size_t marked = 0, plain = 0;

	make(scene("exercise-beside"), NULL, &page);
	cr_expect_eq(page.tone, HF_DESK_SHUT);
	for (size_t i = 0; i < page.n; i++) {
		marked += page.v[i].exercise &&
			  each_line_says_exercise(page.v[i].label[0] ? page.v[i].label : page.v[i].text);
		plain += !page.v[i].exercise && !strstr(page.v[i].text, "EXERCISE");
	}
	cr_expect_gt(marked, 5);
	cr_expect_eq(marked + plain, page.n);
}

Test(desk_model, nobody_but_the_named_poster_has_a_button_D9_3)
{
	static const char *const names[] = {"emergency", "others", "posted", "cannot", "elsewhere", "nothing", "clear"};

	for (size_t n = 0; n < HF_LEN(names); n++) {
		hf_auto_page struct hf_desk_page page = {0};

		make(scene(names[n]), NULL, &page);
		for (size_t i = 0; i < page.n; i++)
			cr_expect(page.v[i].act == HF_DESK_NOTHING || page.v[i].act == HF_DESK_CLOSE, "%s: %s",
				  names[n], page.v[i].label);
	}
}

Test(desk_model, keys_are_different_and_stay_when_a_countdown_goes_on)
{
	hf_auto_page struct hf_desk_page first = {0}, later = {0};
	struct scene s = *scene("open");

	make(&s, NULL, &first);
	s.age_s = 590;
	make(&s, NULL, &later);
	cr_assert_eq(first.n, later.n);
	for (size_t i = 0; i < first.n; i++) {
		cr_expect_str_eq(first.v[i].key, later.v[i].key);
		for (size_t j = 0; j < i; j++)
			cr_expect_str_neq(first.v[i].key, first.v[j].key);
	}
}

Test(desk_model, a_countdown_is_spoken_at_its_marks_alone)
{
	/* clang-format off */
	static const struct { int64_t age_s; const char *text, *spoken; } rows[] = {
		{ 0,   "10 minutes 5 seconds left",  "Your posting window is open." },
		{ 5,   "10 minutes 0 seconds left",  "Less than 10 minutes" },
		{ 100, "8 minutes 25 seconds left",  "Less than 10 minutes" },
		{ 305, "5 minutes 0 seconds left",   "Less than 5 minutes" },
		{ 600, "5 seconds left",             "Less than 10 seconds" },
		{ 604, "1 second left",              "Less than 10 seconds" },
		{ 900, "0 seconds left",             "Less than 10 seconds" },
	};
	/* clang-format on */
	for (size_t r = 0; r < HF_LEN(rows); r++) {
		hf_auto_page struct hf_desk_page page = {0};
		struct scene s = *scene("open");
		bool found = false;

		s.age_s = rows[r].age_s;
		make(&s, NULL, &page);
		cr_expect(page.ticks);
		for (size_t i = 0; i < page.n; i++)
			found = found || (page.v[i].kind == HF_DESK_ALERT && strstr(page.v[i].text, rows[r].text) &&
					  strstr(page.v[i].spoken, rows[r].spoken));
		cr_expect(found, "%s", rows[r].text);
	}
}

Test(desk_model, a_running_tool_is_counted_down)
{
	hf_auto_json json_t *view = parsed(scene("emergency")->view);
	const struct hf_desk_ending endings[] = {{"toot", 42}, {"Tootle", 0}};
	struct hf_desk_facts facts = {
		.view = view, .away = "", .tried = "", .did = "", .endings = endings, .n_endings = HF_LEN(endings)};
	hf_auto_page struct hf_desk_page page = {0};

	cr_assert_eq(hf_desk_model(&facts, &page, NULL), HF_OK);
	cr_expect(page.ticks);
	cr_expect_str_eq(page.v[1].text, "Save your work in toot now: it will be closed in 42 seconds.");
	cr_expect_str_eq(page.v[1].spoken,
			 "Save your work in toot now: it will be closed in less than 1 minute 0 seconds.");
	cr_expect_str_eq(page.v[2].text, "Save your work in Tootle now: it will be closed in 0 seconds.");
}

static size_t place_of(const struct hf_desk_page *page, const char *words)
{
	for (size_t i = 0; i < page->n; i++) {
		if (strstr(page->v[i].text, words))
			return i;
	}
	cr_assert(false, "not on the page: %s", words);
	return 0;
}

static size_t times_on(const struct hf_desk_page *page, const char *words)
{
	size_t n = 0;

	for (size_t i = 0; i < page->n; i++)
		n += strstr(page->v[i].text, words) != NULL;
	return n;
}

Test(desk_model, what_holds_is_first_and_one_all_clear_is_below_it)
{
	/* clang-format off */
	static const struct { const char *name, *first, *then; } rows[] = {
		{ "clears-and-emergency",  "An emergency lockdown is in force", "All clear: the emergency lockdown is over" },
		{ "emergency-in-purdah",   "An emergency lockdown is in force", "A pre-election period (purdah) is in force" },
		{ "exercise-asked-beside", "An emergency lockdown is in force", "For you to post" },
		{ "asked",                 "For you to post", "An emergency lockdown is in force" },
		{ "coming",                "Your accounts", "is planned" },
	};
	/* clang-format on */
	for (size_t r = 0; r < HF_LEN(rows); r++) {
		hf_auto_page struct hf_desk_page page = {0};

		make(scene(rows[r].name), NULL, &page);
		cr_expect_lt(place_of(&page, rows[r].first), place_of(&page, rows[r].then), "%s", rows[r].name);
		cr_expect_leq(times_on(&page, "All clear: the"), 1, "%s", rows[r].name);
		cr_expect_eq(times_on(&page, "This device is opening"), 0, "%s: something is shut", rows[r].name);
	}
}

Test(desk_model, an_all_clear_is_said_once_D9_3)
{
	hf_auto_attention struct hf_desk_attention a = {0}, next = {0};
	hf_auto_json json_t *view = parsed(scene("clear")->view);
	hf_auto_page struct hf_desk_page first = {0}, again = {0};
	hf_auto_free char *kept = NULL;

	cr_expect(hf_desk_notice(&a, view), "it is new");
	cr_expect_not(hf_desk_notice(&a, view), "it is not new twice");
	make(scene("clear"), &a, &first);
	cr_expect(first.speaks && first.clears);
	cr_expect(hf_desk_say_clear(&a, view));
	cr_expect_not(hf_desk_say_clear(&a, view));
	kept = hf_desk_said_text(&a);
	hf_desk_said_read(&next, kept);
	hf_desk_said_read(&next, "nonsense\n\n");
	cr_expect_eq(next.n_said, 1);
	cr_expect_not(hf_desk_notice(&next, view), "nor in the next session");
	make(scene("clear"), &next, &again);
	cr_expect(!again.speaks && !again.clears);
	cr_expect_str_eq(again.v[0].text, "Open: no lockdown is in force here.");
}

Test(desk_model, what_is_new_brings_the_window_up)
{
	/* clang-format off */
	static const struct { const char *first, *then; bool is_new; } rows[] = {
		{ "nothing",   "emergency", true },
		{ "emergency", "tried",     false },
		{ "emergency", "asked",     true },
		{ "emergency", "others",    false },
		{ "asked",     "open",      true },
		{ "emergency", "clear",     true },
		{ "exercise",  "clear-exercise", true },
	};
	/* clang-format on */
	for (size_t r = 0; r < HF_LEN(rows); r++) {
		hf_auto_attention struct hf_desk_attention a = {0};
		hf_auto_json json_t *first = parsed(scene(rows[r].first)->view),
				    *then = parsed(scene(rows[r].then)->view);

		hf_desk_notice(&a, first);
		cr_expect_eq(hf_desk_notice(&a, then), rows[r].is_new, "%s then %s", rows[r].first, rows[r].then);
	}
}

Test(desk_model, more_lines_than_are_kept_lose_the_oldest)
{
	hf_auto_attention struct hf_desk_attention a = {0};
	char line[80];

	for (int i = 0; i < HF_DESK_SAID_MAX + 10; i++) {
		snprintf(line, sizeof(line), "%064d\n", i);
		hf_desk_said_read(&a, line);
	}
	snprintf(line, sizeof(line), "%064d", HF_DESK_SAID_MAX + 9);
	cr_expect_eq(a.n_said, HF_DESK_SAID_MAX);
	cr_expect(hf_desk_is_said(&a, line));
	snprintf(line, sizeof(line), "%064d", 0);
	cr_expect_not(hf_desk_is_said(&a, line));
}

Test(desk_model, instructions_are_headings_rows_and_paragraphs_and_nothing_acts_D10)
{
	static const char text[] =
		"# Until *polling* day\n\nTwo lines\nof one.\n* **Nothing** here\n  - [us](https://e.org)\n"
		"\n<b>html</b> [bad](javascript:x)\n#\n- - -\n";
	static const char wanted[] = "\ntone 0\n"
				     "SUBHEADING Until polling day\n"
				     "TEXT       Two lines\nof one.\n"
				     "BULLET     Nothing here\n"
				     "BULLET     us (https://e.org)\n"
				     "TEXT       <b>html</b> [bad](javascript:x)\n#\n"
				     "BULLET     - -\n";
	struct hf_desk_writer w = {.failed = false};
	hf_auto_page struct hf_desk_page page = {0};
	hf_auto_free char *said = NULL;

	hf_desk_section(&w, "x", "", false);
	hf_desk_blocks(&w, text);
	w.page.title = strdup("");
	cr_assert_eq(hf_desk_writer_end(&w, &page, NULL), HF_OK);
	said = dump(&page);
	cr_expect_str_eq(said, wanted);
}

Test(desk_model, a_draft_is_looked_through_D10)
{
	/* clang-format off */
	static const struct { const char *text, *first; size_t n_marks; bool exercise; } rows[] = {
		{ "Jane Example opened it, and Jane Example closed it.", "2 places are marked: look", 2, false },
		{ "The bins.", "Nothing in your draft needs a second look", 0, false },
		{ "", "Nothing in your draft needs a second look", 0, false },
		{ "jane example", "EXERCISE: 1 place is marked: look", 1, true },
	};
	/* clang-format on */
	hf_auto_json json_t *answer =
		parsed("{\"words\":[{\"text\":\"Jane Example\",\"kind\":\"member\"},{\"text\":1}]}");

	for (size_t r = 0; r < HF_LEN(rows); r++) {
		hf_auto_desk_draft struct hf_desk_draft draft = {0};
		const struct hf_desk_page *page = &draft.page;

		cr_assert_eq(hf_desk_check(answer, rows[r].text, rows[r].exercise, &draft, NULL), HF_OK);
		cr_expect_eq(draft.marks.n, rows[r].n_marks);
		cr_expect_eq(page->n, 1 + rows[r].n_marks);
		cr_expect_eq(strncmp(page->v[0].text, rows[r].first, strlen(rows[r].first)), 0, "%s", page->v[0].text);
		cr_expect(page->n == 1 || strstr(page->v[1].text, "a Councillor's name (Jane Example)"));
	}
}

Test(desk_model, times_and_spans)
{
	/* clang-format off */
	static const struct { int64_t s; const char *time; } times[] = {
		{ 1809583200, "Thursday 6 May 2027 at 07:00 BST" }, { 1790000000, "Monday 21 September 2026 at 15:13 BST" },
		{ 1796083200, "Tuesday 1 December 2026 at 00:00 GMT" },
	};
	static const struct { int64_t s; const char *span; } spans[] = {
		{ -5, "0 seconds" }, { 1, "1 second" }, { 60, "1 minute 0 seconds" }, { 905, "15 minutes 5 seconds" },
	};
	/* clang-format on */
	char text[HF_DESK_TIME_SIZE];

	for (size_t i = 0; i < HF_LEN(times); i++)
		cr_expect_str_eq(hf_desk_time((struct hf_wall){times[i].s}, text), times[i].time);
	for (size_t i = 0; i < HF_LEN(spans); i++)
		cr_expect_str_eq(hf_desk_span(spans[i].s, text), spans[i].span);
}

/* What was done, and what was not: whole sentences, each with one full stop. */
Test(desk_model, what_was_said_has_one_full_stop)
{
	static const struct {
		const char *did, *text;
	} rows[] = {
		{"the agent does not answer", "The agent does not answer."},
		{"Thank you: it is noted that you have posted it.", "Thank you: it is noted that you have posted it."},
		{"", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_page struct hf_desk_page page = {0};
		hf_auto_attention struct hf_desk_attention attention = {0};
		hf_auto_json json_t *view = json_pack("{s:s, s:[], s:[], s:[]}", "level", "open", "lockdowns", "accounts", "attention");
		const struct hf_desk_facts facts = {
			.view = view, .away = "", .tried = "", .did = rows[i].did, .attention = &attention};
		const char *found = NULL;

		cr_assert_eq(hf_desk_model(&facts, &page, NULL), HF_OK);
		for (size_t k = 0; k < page.n; k++)
			found = page.v[k].kind == HF_DESK_ALERT ? page.v[k].text : found;
		cr_expect(rows[i].text ? found && strcmp(found, rows[i].text) == 0 : !found, "%s: %s", rows[i].did, found ? found : "none");
	}
}
