/* SPDX-License-Identifier: MIT */
/*
 * Owns the story of a lockdown in sentences, and as text.
 * Must never say a figure for which there is none.
 */
#include "controller/office/story_words.h"

#include <stdarg.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/times.h"

const char *hf_story_heading(const json_t *story)
{
	bool purdah = strcmp(hf_client_text(story, "kind", ""), "purdah") == 0;

	if (strcmp(hf_client_text(story, "mode", ""), "exercise") == 0)
		return purdah ? hf_text("Exercise of a pre-election period") : hf_text("Exercise of an emergency lockdown");
	return purdah ? hf_text("Pre-election period") : hf_text("Emergency lockdown");
}

static void add_line(json_t *list, const char *title, json_t *text)
{
	json_array_append_new(list, json_pack("{s:s, s:o}", "title", title, "text", text));
}

/* When, by whom, in which entry. */
static json_t *act_text(const json_t *act, const struct hf_story_face *face)
{
	hf_auto_json json_t *by = hf_story_people(face, json_object_get(act, "by"));
	char at[HF_TIMES_TEXT_SIZE];

	return json_sprintf(hf_text("%s by %s (record %lld)"), hf_times_text((struct hf_wall){hf_client_number(act, "at")}, at),
			    by && json_string_value(by)[0] ? json_string_value(by) : "?", hf_client_number(act, "record"));
}

static json_t *names_text(const json_t *list)
{
	json_t *all = json_string(""), *next, *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		next = json_sprintf("%s%s%s", json_string_value(all) ? json_string_value(all) : "", i ? ", " : "",
				    json_string_value(one));
		json_decref(all);
		all = next;
	}
	return all;
}

static json_t *scope_text(const json_t *list)
{
	const char *first = json_string_value(json_array_get(list, 0));

	return first && strcmp(first, "*") == 0 ? json_string(hf_text("all")) : names_text(list);
}

static void add_scope(json_t *list, const json_t *story)
{
	char text[HF_TIMES_TEXT_SIZE];
	long long until = hf_client_number(story, "until");

	add_line(list, hf_text("Level"), json_string(hf_client_text(story, "level", "?")));
	add_line(list, hf_text("Accounts"), scope_text(json_object_get(story, "accounts")));
	add_line(list, hf_text("Groups of devices"), scope_text(json_object_get(story, "groups")));
	if (until)
		add_line(list, hf_text("Planned until"), json_string(hf_times_text((struct hf_wall){until}, text)));
	add_line(list, hf_text("Amendments"), json_sprintf("%lld", hf_client_number(story, "revision")));
}

static void add_record(json_t *list, const json_t *record)
{
	if (!record)
		return;
	add_line(list, hf_text("Record"),
		 json_sprintf(hf_text("whole, each entry follows the one before it: %lld entries, tree head %s"),
			      hf_client_number(record, "size"), hf_client_text(record, "root", "?")));
	add_line(list, hf_text("Devices that signed a head of it"), json_sprintf("%lld", hf_client_number(record, "witnesses")));
}

json_t *hf_story_head_lines(const json_t *story, const struct hf_story_face *face)
{
	const json_t *released = json_object_get(story, "released");
	json_t *list = json_array();

	add_line(list, hf_text("Lockdown"), json_string(hf_client_text(story, "lockdown", "?")));
	add_line(list, hf_text("Raised"), act_text(json_object_get(story, "raised"), face));
	add_line(list, hf_text("All-clear"), released ? act_text(released, face) : json_string(hf_text("not given")));
	add_scope(list, story);
	add_record(list, json_object_get(story, "record"));
	return list;
}

/* One figure that is being made. */
struct figure {
	json_t *list, *lines;
	const json_t *from;
};

static void begin_figure(struct figure *figure, const char *title)
{
	figure->lines = json_array();
	json_array_append_new(figure->list, json_pack("{s:s, s:o}", "title", title, "lines", figure->lines));
}

static void add_words(const struct figure *figure, const char *format, ...) HF_PRINTF(2, 3);

static void add_words(const struct figure *figure, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	json_array_append_new(figure->lines, json_vsprintf(format, values));
	va_end(values);
}

static long long number_of(const struct figure *figure, const char *name)
{
	return hf_client_number(figure->from, name);
}

static bool has(const struct figure *figure, const char *name)
{
	return json_is_integer(json_object_get(figure->from, name));
}

/* Who was never seen to hold, by name. */
static void add_never(const struct figure *figure, const json_t *story)
{
	hf_auto_json json_t *never = json_array();
	hf_auto_json json_t *text = NULL;
	json_t *device;
	size_t i;

	json_array_foreach(json_object_get(story, "devices"), i, device)
	{
		if (!json_is_integer(json_object_get(device, "verified_s")))
			json_array_append(never, json_object_get(device, "device"));
	}
	text = names_text(never);
	json_array_append_new(figure->lines, json_array_size(never) == 0
						     ? json_string(hf_text("never: none"))
						     : json_sprintf(hf_text("never: %s"), json_string_value(text)));
}

static void add_verified(struct figure *figure, const json_t *story)
{
	begin_figure(figure, hf_text("Devices seen to hold"));
	add_words(figure, hf_text("%lld of %lld"), number_of(figure, "verified"), number_of(figure, "devices"));
	if (has(figure, "first_s"))
		add_words(figure, hf_text("the first after %lld s"), number_of(figure, "first_s"));
	else
		add_words(figure, "%s", hf_text("the first: not reached"));
	if (has(figure, "half_s"))
		add_words(figure, hf_text("half after %lld s"), number_of(figure, "half_s"));
	else
		add_words(figure, "%s", hf_text("half: not reached"));
	if (has(figure, "most_s"))
		add_words(figure, hf_text("95 in 100 after %lld s"), number_of(figure, "most_s"));
	else
		add_words(figure, "%s", hf_text("95 in 100: not reached"));
	add_never(figure, story);
}

static void add_people(struct figure *figure)
{
	begin_figure(figure, hf_text("Posts made"));
	add_words(figure, hf_text("%lld of %lld"), number_of(figure, "posts_made"), number_of(figure, "posts_asked"));
	if (has(figure, "post_median_s"))
		add_words(figure, hf_text("median: %lld s after the raise"), number_of(figure, "post_median_s"));
	else
		add_words(figure, "%s", hf_text("median: none"));
	begin_figure(figure, hf_text("People told"));
	add_words(figure, hf_text("%lld of %lld"), number_of(figure, "people_told"), number_of(figure, "people_asked"));
	add_words(figure, hf_text("messages: %lld sent, %lld failed"), number_of(figure, "messages_sent"), number_of(figure, "messages_failed"));
	add_words(figure, hf_text("messages that may not have arrived: %lld"), number_of(figure, "messages_unknown"));
	begin_figure(figure, hf_text("Schedulers paused"));
	add_words(figure, "%lld", number_of(figure, "schedulers_paused"));
}

json_t *hf_story_figures(const json_t *story)
{
	struct figure figure = {json_array(), NULL, json_object_get(story, "figures")};

	add_verified(&figure, story);
	add_people(&figure);
	begin_figure(&figure, hf_text("Refusals"));
	add_words(&figure, "%lld", number_of(&figure, "refused_signed") + number_of(&figure, "refused_other"));
	add_words(&figure, hf_text("signed by somebody with a say: %lld"), number_of(&figure, "refused_signed"));
	add_words(&figure, hf_text("others: %lld"), number_of(&figure, "refused_other"));
	begin_figure(&figure, hf_text("All-clear"));
	if (has(&figure, "allclear_s"))
		add_words(&figure, hf_text("after %lld s"), number_of(&figure, "allclear_s"));
	else
		add_words(&figure, "%s", hf_text("not given"));
	if (has(&figure, "allclear_signing_s"))
		add_words(&figure, hf_text("%lld s from its first signature"), number_of(&figure, "allclear_signing_s"));
	else
		add_words(&figure, "%s", hf_text("no signature yet"));
	add_words(&figure, hf_text("devices seen to be open again: %lld of %lld"), number_of(&figure, "released_verified"), number_of(&figure, "devices"));
	if (has(&figure, "released_last_s"))
		add_words(&figure, hf_text("the last of them %lld s after it"), number_of(&figure, "released_last_s"));
	else
		add_words(&figure, "%s", hf_text("the last of them: none"));
	return figure.list;
}

/* What has several lines stays below its row. */
static void put_indented(FILE *out, const char *text)
{
	for (; *text; text++) {
		fputc(*text, out);
		if (*text == '\n')
			fputs("      ", out);
	}
}

static void say_table(FILE *out, const json_t *story, enum hf_story_table table, const struct hf_story_face *face)
{
	hf_auto_json json_t *rows = hf_story_rows(story, table, face);
	const json_t *row, *cell;
	size_t i, k, n = 0;
	const struct hf_story_column *columns = hf_story_columns(table, &n);

	fprintf(out, "\n%s\n", hf_story_table_title(table));
	if (json_array_size(rows) == 0)
		fputs(hf_text("  none\n"), out);
	json_array_foreach(rows, i, row)
	{
		const char *before = "  ";

		json_array_foreach(row, k, cell)
		{
			const char *text = json_string_value(cell);

			if (k >= n || !text || !text[0])
				continue;
			fputs(before, out);
			if (columns[k].number)
				fprintf(out, "%s: ", hf_text(columns[k].title));
			put_indented(out, text);
			before = "; ";
		}
		fputc('\n', out);
	}
}

static void say_times(FILE *out, const json_t *story, const struct hf_story_face *face)
{
	hf_auto_json json_t *rows = hf_story_rows(story, HF_STORY_SHORT_TIMES, face);
	const json_t *row;
	size_t i;

	fprintf(out, "\n%s\n", hf_story_table_title(HF_STORY_SHORT_TIMES));
	json_array_foreach(rows, i, row)
	{
		const char *cells[10] = {""};

		for (size_t k = 0; k < HF_LEN(cells); k++)
			cells[k] = json_string_value(json_array_get(row, k));
		fprintf(out, hf_text("  %s, +%s s, record %s: "), cells[0], cells[1], cells[2]);
		put_indented(out, cells[3]);
		fprintf(out,
			hf_text("\n      devices: %s; seen to hold %s, released %s, heard %s, silent or unreached %s, tampered %s\n"),
			cells[4], cells[5], cells[6], cells[7], cells[8], cells[9]);
	}
}

enum hf_rc hf_story_say(FILE *out, const json_t *story, const struct hf_story_face *face)
{
	static const enum hf_story_table tables[] = {HF_STORY_POSTINGS, HF_STORY_ODD_DEVICES, HF_STORY_UNDELIVERED,
						     HF_STORY_REFUSED,	HF_STORY_CHECKS,      HF_STORY_NOTES};
	hf_auto_json json_t *head = hf_story_head_lines(story, face);
	hf_auto_json json_t *figures = hf_story_figures(story);
	json_t *one, *line;
	size_t i, k;

	fprintf(out, "%s\n", hf_story_heading(story));
	json_array_foreach(head, i, one)
	{
		fprintf(out, "  %s: %s\n", hf_client_text(one, "title", ""), hf_client_text(one, "text", "?"));
	}
	fputc('\n', out);
	json_array_foreach(figures, i, one)
	{
		fprintf(out, "%s\n", hf_client_text(one, "title", ""));
		json_array_foreach(json_object_get(one, "lines"), k, line)
		{
			fprintf(out, "  %s\n", json_string_value(line) ? json_string_value(line) : "?");
		}
	}
	say_times(out, story, face);
	for (i = 0; i < HF_LEN(tables); i++)
		say_table(out, story, tables[i], face);
	return head && figures ? HF_OK : HF_E_MEMORY;
}
