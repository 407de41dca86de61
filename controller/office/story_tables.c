/* SPDX-License-Identifier: MIT */
/*
 * Owns the story of a lockdown as tables.
 * Must never show what a person wrote to a reader who may not read it, nor let anybody pass for nobody.
 */
#include "controller/office/story_tables.h"

#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/csv.h"
#include "controller/office/times.h"

/* clang-format off */
static const struct hf_story_column TIMES[] = {
	{"at", "", false}, {"record", "", true}, {"seconds", "", true}, {"event", "", false}, {"who", "", false}, {"device", "", false},
	{"account", "", false}, {"words", "", false}, {"devices", "", true}, {"tampered", "", true}, {"unreached", "", true}, {"stale", "", true},
	{"received", "", true}, {"enforced-unverified", "", true}, {"released-unverified", "", true}, {"enforced-verified", "", true},
	{"message-seen", "", true}, {"exempt", "", true}, {"released-verified", "", true},
};
static const struct hf_story_column SHORT_TIMES[] = {
	{"at", HF_TEXT("When"), false}, {"seconds", HF_TEXT("Seconds after the raise"), true}, {"record", HF_TEXT("Record"), true},
	{"event", HF_TEXT("What happened"), false}, {"devices", HF_TEXT("Devices"), true}, {"hold", HF_TEXT("Seen to hold"), true},
	{"released", HF_TEXT("Released"), true}, {"heard", HF_TEXT("Heard, not seen to hold"), true},
	{"silent", HF_TEXT("Silent or unreached"), true}, {"tampered", HF_TEXT("Tampered"), true},
};
static const struct hf_story_column DEVICES[] = {
	{"device", HF_TEXT("Device"), false}, {"state", HF_TEXT("State in the end"), false},
	{"received_s", HF_TEXT("Heard after (seconds)"), true}, {"verified_s", HF_TEXT("Seen to hold after (seconds)"), true},
	{"released_s", HF_TEXT("Released after the all-clear (seconds)"), true}, {"tampered", HF_TEXT("Times tampered"), true},
	{"silent", HF_TEXT("Times silent"), true}, {"silent_s", HF_TEXT("Silent for (seconds)"), true},
};
static const struct hf_story_column POSTINGS[] = {
	{"account", HF_TEXT("Account"), false}, {"poster", HF_TEXT("Poster"), false}, {"state", HF_TEXT("State"), false},
	{"seconds", HF_TEXT("Seconds after the raise"), true}, {"device", HF_TEXT("Device"), false}, {"post", HF_TEXT("Address of the post"), false},
	{"record", HF_TEXT("Record"), true}, {"words", HF_TEXT("Words"), false},
};
static const struct hf_story_column MESSAGES[] = {
	{"at", HF_TEXT("When"), false}, {"record", HF_TEXT("Record"), true}, {"message", HF_TEXT("Message"), true}, {"what", HF_TEXT("Kind"), false},
	{"person", HF_TEXT("To"), false}, {"state", HF_TEXT("State"), false}, {"code", HF_TEXT("Code of the mail server"), true},
};
static const struct hf_story_column CHECKS[] = {
	{"at", HF_TEXT("When"), false}, {"record", HF_TEXT("Record"), true}, {"item", HF_TEXT("Item"), false}, {"account", HF_TEXT("Account"), false},
	{"person", HF_TEXT("By"), false}, {"state", HF_TEXT("State"), false}, {"words", HF_TEXT("Words"), false},
};
static const struct hf_story_column REFUSED[] = {
	{"at", HF_TEXT("When"), false}, {"record", HF_TEXT("Record"), true}, {"reason", HF_TEXT("Reason"), false}, {"count", HF_TEXT("How often"), true},
	{"by", HF_TEXT("Signed by"), false}, {"type", HF_TEXT("Kind"), false}, {"words", HF_TEXT("Words"), false},
};
static const struct hf_story_column REGISTER[] = {
	{"version", "", true}, {"record", "", true}, {"account", "", false}, {"kind", "", false}, {"holder", "", false}, {"until", "", false},
};
static const struct hf_story_column NOTES[] = {
	{"at", HF_TEXT("When"), false}, {"record", HF_TEXT("Record"), true}, {"by", HF_TEXT("By"), false}, {"happened", HF_TEXT("It happened"), false},
	{"words", HF_TEXT("Words"), false},
};

static const struct {
	const char *name, *title, *member; /* member: of the story */
	const struct hf_story_column *columns;
	size_t n;
} TABLES[HF_STORY_TABLE_COUNT] = {
	[HF_STORY_TIMES] = {"story", HF_TEXT("Time line"), "timeline", TIMES, HF_LEN(TIMES)},
	[HF_STORY_DEVICES] = {"devices", HF_TEXT("All devices"), "devices", DEVICES, HF_LEN(DEVICES)},
	[HF_STORY_POSTINGS] = {"postings", HF_TEXT("Each holding message, and what became of it"), "posts", POSTINGS, HF_LEN(POSTINGS)},
	[HF_STORY_MESSAGES] = {"messages", HF_TEXT("All messages"), "messages", MESSAGES, HF_LEN(MESSAGES)},
	[HF_STORY_CHECKS] = {"checks", HF_TEXT("The check list"), "checks", CHECKS, HF_LEN(CHECKS)},
	[HF_STORY_REFUSED] = {"refused", HF_TEXT("What was refused at the door while it lasted"), "refusals", REFUSED, HF_LEN(REFUSED)},
	[HF_STORY_REGISTER] = {"register", HF_TEXT("Register"), "registers", REGISTER, HF_LEN(REGISTER)},
	[HF_STORY_SHORT_TIMES] = {"times", HF_TEXT("Time line, with what the screens showed right after"), "timeline", SHORT_TIMES, HF_LEN(SHORT_TIMES)},
	[HF_STORY_ODD_DEVICES] = {"odd-devices", HF_TEXT("Devices that were late, never seen to hold, silent or tampered"), "devices", DEVICES, HF_LEN(DEVICES)},
	[HF_STORY_UNDELIVERED] = {"undelivered", HF_TEXT("Messages that failed, or may not have arrived"), "messages", MESSAGES, HF_LEN(MESSAGES)},
	[HF_STORY_NOTES] = {"notes", HF_TEXT("What people noted for the record"), "notes", NOTES, HF_LEN(NOTES)},
};

static const struct {
	const char *what, *text;
} EVENTS[] = {
	{"raised", HF_TEXT("Raised")}, {"amended", HF_TEXT("Amended")}, {"released", HF_TEXT("All-clear given")},
	{"signed", HF_TEXT("Signed, and not enough yet or more than enough")}, {"declined", HF_TEXT("A draft was refused")},
	{"withdrawn", HF_TEXT("An approval was taken back")}, {"lapsed", HF_TEXT("A draft lapsed")}, {"refused", HF_TEXT("Refused at the door")},
	{"first-verified", HF_TEXT("The first device was seen to hold")}, {"half-verified", HF_TEXT("Half of the devices were seen to hold")},
	{"most-verified", HF_TEXT("95 in 100 of the devices were seen to hold")}, {"tampered", HF_TEXT("A device was tampered with")},
	{"heard-again", HF_TEXT("A device was heard again")}, {"told", HF_TEXT("People were to be told")},
	{"not-delivered", HF_TEXT("A message was not delivered")}, {"started", HF_TEXT("The controller was started")},
	{"claimed", HF_TEXT("A posting window was asked for")}, {"open", HF_TEXT("A posting window was open")},
	{"ended", HF_TEXT("A posting window ended without a word")}, {"cannot", HF_TEXT("The poster could not post")},
	{"posted", HF_TEXT("Posted")}, {"check", HF_TEXT("A check")}, {"note", HF_TEXT("A note")},
};
/* clang-format on */

const char *hf_story_table_name(enum hf_story_table table)
{
	return TABLES[table].name;
}

const char *hf_story_table_title(enum hf_story_table table)
{
	return hf_text(TABLES[table].title);
}

const struct hf_story_column *hf_story_columns(enum hf_story_table table, size_t *ret_n)
{
	*ret_n = TABLES[table].n;
	return TABLES[table].columns;
}

const char *hf_story_event_text(const char *what)
{
	for (size_t i = 0; i < HF_LEN(EVENTS); i++)
		if (strcmp(EVENTS[i].what, what) == 0)
			return hf_text(EVENTS[i].text);
	return what;
}

const char *hf_story_person(const struct hf_story_face *face, const char *id, char text[HF_STORY_WHO_SIZE])
{
	return face->who ? face->who(face->arg, id, text) : id;
}

json_t *hf_story_people(const struct hf_story_face *face, const json_t *list)
{
	json_t *all = json_string(""), *next, *one;
	char text[HF_STORY_WHO_SIZE];
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *id = json_string_value(one);

		if (!all || !id)
			continue;
		next = json_sprintf("%s%s%s", json_string_value(all), i ? ", " : "", hf_story_person(face, id, text));
		json_decref(all);
		all = next;
	}
	return all;
}

/* A row that is being made. */
struct maker {
	const struct hf_story_face *face;
	const json_t *story, *from; /* the object that the row is of */
	json_t *row;
};

static void put_text(const struct maker *make, const char *text)
{
	json_array_append_new(make->row, json_string(text));
}

static void put_member(const struct maker *make, const char *name)
{
	put_text(make, hf_client_text(make->from, name, ""));
}

/* Nothing where there is none: 0 is a number. */
static void put_number(const struct maker *make, const char *name)
{
	const json_t *value = json_object_get(make->from, name);

	json_array_append_new(make->row, json_is_integer(value)
						 ? json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
						 : json_string(""));
}

static void put_time(const struct maker *make, const char *name)
{
	char text[HF_TIMES_UTC_SIZE];
	long long at = hf_client_number(make->from, name);

	put_text(make, at ? hf_times_utc((struct hf_wall){at}, text) : "");
}

static void put_person(const struct maker *make, const char *name)
{
	char text[HF_STORY_WHO_SIZE];
	const char *id = hf_client_text(make->from, name, "");

	put_text(make, id[0] ? hf_story_person(make->face, id, text) : "");
}

static void put_people(const struct maker *make, const char *name)
{
	json_array_append_new(make->row, hf_story_people(make->face, json_object_get(make->from, name)));
}

/* What people wrote, each on a line of its own. */
static json_t *words_of(const struct maker *make)
{
	json_t *all = json_string(""), *next, *one;
	size_t i;

	json_array_foreach(json_object_get(make->from, "texts"), i, one)
	{
		const char *what = hf_client_text(one, "what", ""), *before = json_string_value(all);

		if (!make->face->shows || make->face->shows(make->face->arg, one))
			next = json_sprintf("%s%s%s: %s", before ? before : "", i ? "\n" : "", what, hf_client_text(one, "text", ""));
		else
			next = json_sprintf("%s%s%s: %s", before ? before : "", i ? "\n" : "", what, hf_text("withheld"));
		json_decref(all);
		all = next;
	}
	return all;
}

static void put_seconds(const struct maker *make, const char *name)
{
	long long raised = hf_client_number(json_object_get(make->story, "raised"), "at");

	json_array_append_new(make->row, json_object_get(make->from, name)
						 ? json_sprintf("%lld", hf_client_number(make->from, name) - raised)
						 : json_string(""));
}

static void put_event_who(const struct maker *make)
{
	if (json_object_get(make->from, "by"))
		put_people(make, "by");
	else
		put_person(make, "person");
}

static void make_times(const struct maker *make)
{
	struct maker counts = *make;

	put_time(make, "at");
	put_number(make, "record");
	put_seconds(make, "at");
	put_member(make, "what");
	put_event_who(make);
	put_member(make, "device");
	put_member(make, "account");
	json_array_append_new(make->row, words_of(make));
	counts.from = json_object_get(make->from, "counts");
	for (size_t i = 8; i < HF_LEN(TIMES); i++)
		put_number(&counts, TIMES[i].name);
}

/* What happened, to whom, and what was written. */
static json_t *sentence_of(const struct maker *make)
{
	const char *device = hf_client_text(make->from, "device", ""), *account = hf_client_text(make->from, "account", "");
	struct maker sub = {make->face, make->story, make->from, json_array()};
	json_t *text, *words = words_of(make);
	const char *who, *said = json_string_value(words);

	put_event_who(&sub);
	who = json_string_value(json_array_get(sub.row, 0));
	text = json_sprintf("%s%s%s%s%s%s%s%s%s", hf_story_event_text(hf_client_text(make->from, "what", "")),
			    who && who[0] ? ": " : "", who ? who : "", device[0] ? ": " : "", device, account[0] ? ", " : "",
			    account, said && said[0] ? "\n" : "", said ? said : "");
	json_decref(words);
	json_decref(sub.row);
	return text;
}

static void put_sum(const struct maker *make, const char *const names[4])
{
	const json_t *counts = json_object_get(make->from, "counts");
	long long sum = 0;

	for (size_t i = 0; i < 4 && names[i]; i++)
		sum += hf_client_number(counts, names[i]);
	json_array_append_new(make->row, json_sprintf("%lld", sum));
}

static void make_short_times(const struct maker *make)
{
	static const char *const sums[][4] = {
		{"devices"},
		{"enforced-verified", "message-seen", "exempt"},
		{"released-verified", "released-unverified"},
		{"received", "enforced-unverified"},
		{"stale", "unreached"},
		{"tampered"},
	};
	char text[HF_WALL_TEXT_SIZE];

	put_text(make, hf_london_text((struct hf_wall){hf_client_number(make->from, "at")}, text));
	put_seconds(make, "at");
	put_number(make, "record");
	json_array_append_new(make->row, sentence_of(make));
	for (size_t i = 0; i < HF_LEN(sums); i++)
		put_sum(make, sums[i]);
}

static void make_devices(const struct maker *make)
{
	const json_t *silent = json_object_get(make->from, "silent"), *one;
	long long seconds = 0;
	size_t i;

	json_array_foreach(silent, i, one)
	{
		seconds += hf_client_number(one, "back") - hf_client_number(one, "since");
	}
	put_member(make, "device");
	put_member(make, "state");
	put_number(make, "received_s");
	put_number(make, "verified_s");
	put_number(make, "released_s");
	put_number(make, "tampered");
	json_array_append_new(make->row, json_sprintf("%zu", json_array_size(silent)));
	json_array_append_new(make->row, json_sprintf("%lld", seconds));
}

static void make_postings(const struct maker *make)
{
	put_member(make, "account");
	put_person(make, "person");
	put_member(make, "state");
	put_seconds(make, "heard");
	put_member(make, "device");
	put_member(make, "post");
	put_number(make, "record");
	json_array_append_new(make->row, words_of(make));
}

static void make_messages(const struct maker *make)
{
	put_time(make, "at");
	put_number(make, "record");
	put_number(make, "message");
	put_member(make, "what");
	put_person(make, "person");
	put_member(make, "state");
	put_number(make, "code");
}

static void make_checks(const struct maker *make)
{
	put_time(make, "at");
	put_number(make, "record");
	put_member(make, "item");
	put_member(make, "account");
	put_person(make, "person");
	put_member(make, "state");
	json_array_append_new(make->row, words_of(make));
}

static void make_refused(const struct maker *make)
{
	put_time(make, "at");
	put_number(make, "record");
	put_member(make, "reason");
	put_number(make, "count");
	put_people(make, "by");
	put_member(make, "type");
	json_array_append_new(make->row, words_of(make));
}

static void make_notes(const struct maker *make)
{
	put_time(make, "at");
	put_number(make, "record");
	put_people(make, "by");
	put_time(make, "happened");
	json_array_append_new(make->row, words_of(make));
}

/* One row a holder; of an account without one a row all the same. */
static void add_account(json_t *rows, const struct maker *make, const json_t *version)
{
	const json_t *holders = json_object_get(make->from, "holders");
	size_t n = json_array_size(holders);

	for (size_t i = 0; i < (n ? n : 1); i++) {
		struct maker of_version = {make->face, make->story, version, json_array()};
		struct maker of_account = *make, of_holder = *make;

		of_account.row = of_holder.row = of_version.row;
		of_holder.from = json_array_get(holders, i);
		put_number(&of_version, "version");
		put_number(&of_version, "record");
		put_member(&of_account, "account");
		put_member(&of_account, "kind");
		put_person(&of_holder, "person");
		put_time(&of_holder, "until");
		json_array_append_new(rows, of_version.row);
	}
}

static void add_registers(json_t *rows, const struct maker *make)
{
	const json_t *version, *account;
	size_t i, k;

	json_array_foreach(json_object_get(make->story, "registers"), i, version)
	{
		json_array_foreach(json_object_get(version, "accounts"), k, account)
		{
			const struct maker of_account = {make->face, make->story, account, NULL};

			add_account(rows, &of_account, version);
		}
	}
}

static bool is_state(const json_t *row, const char *state)
{
	return strcmp(hf_client_text(row, "state", ""), state) == 0;
}

/* Is this row of the story one of the table. */
static bool belongs(const struct maker *make, enum hf_story_table table)
{
	const json_t *figures = json_object_get(make->story, "figures"), *took = json_object_get(make->from, "verified_s");
	const json_t *most = json_object_get(figures, "most_s");

	if (table == HF_STORY_UNDELIVERED)
		return is_state(make->from, "failed") || is_state(make->from, "unknown");
	if (table != HF_STORY_ODD_DEVICES)
		return true;
	return !json_is_integer(took) ||
	       (json_is_integer(most) && json_integer_value(took) > json_integer_value(most)) ||
	       hf_client_number(make->from, "tampered") > 0 || json_array_size(json_object_get(make->from, "silent")) > 0;
}

static void make_row(const struct maker *make, enum hf_story_table table)
{
	static void (*const makes[HF_STORY_TABLE_COUNT])(const struct maker *make) = {
		[HF_STORY_TIMES] = make_times,	       [HF_STORY_DEVICES] = make_devices,
		[HF_STORY_POSTINGS] = make_postings,   [HF_STORY_MESSAGES] = make_messages,
		[HF_STORY_CHECKS] = make_checks,       [HF_STORY_REFUSED] = make_refused,
		[HF_STORY_SHORT_TIMES] = make_short_times, [HF_STORY_ODD_DEVICES] = make_devices,
		[HF_STORY_UNDELIVERED] = make_messages, [HF_STORY_NOTES] = make_notes,
	};

	makes[table](make);
}

json_t *hf_story_rows(const json_t *story, enum hf_story_table table, const struct hf_story_face *face)
{
	struct maker make = {.face = face, .story = story};
	json_t *rows = json_array();
	size_t i;

	if (table == HF_STORY_REGISTER) {
		add_registers(rows, &make);
		return rows;
	}
	json_array_foreach(json_object_get(story, TABLES[table].member), i, make.from)
	{
		if (!belongs(&make, table))
			continue;
		make.row = json_array();
		make_row(&make, table);
		json_array_append_new(rows, make.row);
	}
	return rows;
}

bool hf_story_write_csv(FILE *out, const json_t *story, enum hf_story_table table, const struct hf_story_face *face)
{
	hf_auto_json json_t *rows = hf_story_rows(story, table, face);
	const json_t *row, *cell;
	size_t i, k;

	for (i = 0; i < TABLES[table].n; i++)
		hf_csv_cell(out, TABLES[table].columns[i].name, i + 1 < TABLES[table].n ? "," : "\r\n");
	json_array_foreach(rows, i, row)
	{
		if (json_array_size(row) != TABLES[table].n)
			return false;
		json_array_foreach(row, k, cell)
		{
			hf_csv_cell(out, json_string_value(cell), k + 1 < TABLES[table].n ? "," : "\r\n");
		}
	}
	return rows;
}
