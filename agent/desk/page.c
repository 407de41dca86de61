/* SPDX-License-Identifier: MIT */
/*
 * Owns the writing of a page, item by item.
 * Must never let a line about an exercise go without the word.
 */
#include "agent/desk/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

void hf_desk_section(struct hf_desk_writer *w, const char *name, const char *id, bool exercise)
{
	w->exercise = exercise || w->page.exercise;
	if (hf_str_printf(w->section, sizeof(w->section), "%s %.128s", name, id) != HF_OK)
		w->failed = true;
}

/* A copy, each line of which begins with the word when it belongs to an exercise; of the first, so many bytes less. */
static char *marked(const char *text, bool exercise, size_t skip)
{
	size_t lines = 1;
	char *copy, *end;

	for (const char *p = text; *p; p++)
		lines += *p == '\n' && p[1];
	copy = malloc(strlen(text) + 1 + (exercise ? lines * strlen(HF_DESK_EXERCISE) : 0));
	if (!copy)
		return NULL;
	end = copy;
	while (*text) {
		size_t len = strcspn(text, "\n") + (strchr(text, '\n') ? 1 : 0);

		if (exercise)
			end = stpcpy(end, &HF_DESK_EXERCISE[skip]);
		skip = 0;
		memcpy(end, text, len);
		end += len;
		text += len;
	}
	*end = '\0';
	return copy;
}

static void item_done(struct hf_desk_item *item)
{
	free(item->key);
	free(item->label);
	free(item->text);
	free(item->spoken);
	free(item->target);
	free(item->about);
}

/* The how-manieth of its kind in its section this is. */
static char *key_of(const struct hf_desk_writer *w, const struct hf_desk_put *put)
{
	char key[256];
	size_t n = 0;

	for (size_t i = 0; i < w->page.n; i++) {
		const struct hf_desk_item *item = &w->page.v[i];

		n += item->kind == put->kind && item->act == put->act &&
		     strncmp(item->key, w->section, strlen(w->section)) == 0 && item->key[strlen(w->section)] == '/';
	}
	if (hf_str_printf(key, sizeof(key), "%s/%d/%d/%zu", w->section, put->kind, put->act, n) != HF_OK)
		return NULL;
	return strdup(key);
}

void hf_desk_put(struct hf_desk_writer *w, const struct hf_desk_put *put)
{
	const char *label = put->label ? put->label : "", *text = put->text ? put->text : "";
	const char *target = put->target ? put->target : "", *about = put->about ? put->about : target;
	/* The first line of a fact stands behind its label, which has the word. */
	size_t skip = w->exercise && put->kind == HF_DESK_FACT ? strlen(HF_DESK_EXERCISE) : 0;
	struct hf_desk_item item;

	if (w->failed || hf_rows_reserve(&w->page.v, &w->page.room, w->page.n + 1, sizeof(*w->page.v)) != HF_OK) {
		w->failed = true;
		return;
	}
	item = (struct hf_desk_item){
		.kind = put->kind,
		.act = put->act,
		.exercise = w->exercise,
		.key = key_of(w, put),
		.label = marked(label, w->exercise, 0),
		.text = marked(text, w->exercise && put->act != HF_DESK_ACKNOWLEDGE, skip),
		.spoken = put->spoken ? marked(put->spoken, w->exercise, 0) : NULL,
		.target = strdup(target),
		.about = strdup(about),
	};
	if (!item.key || !item.label || !item.text || !item.target || !item.about || (put->spoken && !item.spoken)) {
		item_done(&item);
		w->failed = true;
		return;
	}
	w->page.v[w->page.n++] = item;
}

static void put_text(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *label, const char *text)
{
	hf_desk_put(w,
		    &(const struct hf_desk_put){
			    .kind = kind, .label = label, .text = text, .spoken = kind <= HF_DESK_ALERT ? text : NULL});
}

HF_PRINTF(4, 0)
static void put_made(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *label, const char *fmt, va_list args)
{
	hf_auto_free char *text = NULL;

	if (vasprintf(&text, hf_text(fmt), args) < 0)
		text = NULL;
	w->failed = w->failed || !text;
	if (text)
		put_text(w, kind, label, text);
}

void hf_desk_say(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_made(w, kind, NULL, fmt, args);
	va_end(args);
}

void hf_desk_fact(struct hf_desk_writer *w, const char *label, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_made(w, HF_DESK_FACT, label, fmt, args);
	va_end(args);
}

void hf_desk_text(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *text)
{
	put_text(w, kind, NULL, text);
}

void hf_desk_button(struct hf_desk_writer *w, enum hf_desk_act act, const char *label, const char *target,
		    const char *text)
{
	hf_desk_put(w, &(const struct hf_desk_put){
			       .kind = HF_DESK_BUTTON, .act = act, .label = label, .target = target, .text = text});
}

enum hf_rc hf_desk_writer_end(struct hf_desk_writer *w, struct hf_desk_page *ret_page, struct hf_err *err)
{
	if (!w->failed) {
		*ret_page = w->page;
		memset(w, 0, sizeof(*w));
		return HF_OK;
	}
	hf_desk_page_done(&w->page);
	return hf_err_set(err, HF_E_MEMORY, "no memory for the window: close other programs");
}

void hf_desk_page_done(struct hf_desk_page *page)
{
	for (size_t i = 0; i < page->n; i++)
		item_done(&page->v[i]);
	free(page->v);
	free(page->title);
	memset(page, 0, sizeof(*page));
}

const char *hf_desk_time(struct hf_wall t, char text[HF_DESK_TIME_SIZE])
{
	static const char *const days[] = {HF_TEXT("Monday"),	HF_TEXT("Tuesday"), HF_TEXT("Wednesday"),
					   HF_TEXT("Thursday"), HF_TEXT("Friday"),  HF_TEXT("Saturday"),
					   HF_TEXT("Sunday")};
	static const char *const months[] = {HF_TEXT("January"), HF_TEXT("February"), HF_TEXT("March"),
					     HF_TEXT("April"),	 HF_TEXT("May"),      HF_TEXT("June"),
					     HF_TEXT("July"),	 HF_TEXT("August"),   HF_TEXT("September"),
					     HF_TEXT("October"), HF_TEXT("November"), HF_TEXT("December")};
	char local[HF_WALL_TEXT_SIZE], date[HF_DAY_TEXT_SIZE];
	struct hf_day day;

	/* "2027-05-06 07:00 BST" */
	hf_london_text(t, local);
	if (strlen(local) < 18 || hf_str_printf(date, sizeof(date), "%.10s", local) != HF_OK ||
	    hf_day_parse(date, &day) != HF_OK ||
	    hf_str_printf(text, HF_DESK_TIME_SIZE, hf_text("%s %d %s %d at %s"), hf_text(days[hf_day_weekday(day)]),
			  hf_day_parts(day).day, hf_text(months[hf_day_parts(day).month - 1]), hf_day_parts(day).year,
			  local + 11) != HF_OK)
		text[0] = '\0';
	return text;
}

const char *hf_desk_span(int64_t seconds, char text[HF_DESK_TIME_SIZE])
{
	long long m = seconds > 0 ? seconds / 60 : 0, s = seconds > 0 ? seconds % 60 : 0;
	char minutes[HF_DESK_TIME_SIZE] = "";
	enum hf_rc rc = HF_OK;

	if (m > 0)
		rc = hf_str_printf(minutes, sizeof(minutes), hf_text_n("%lld minute ", "%lld minutes ", (unsigned long)m), m);
	if (rc == HF_OK)
		rc = hf_str_printf(text, HF_DESK_TIME_SIZE, "%s", minutes);
	if (rc == HF_OK)
		rc = hf_str_printf(text + strlen(text), HF_DESK_TIME_SIZE - strlen(text),
				   hf_text_n("%lld second", "%lld seconds", (unsigned long)s), s);
	if (rc != HF_OK)
		text[0] = '\0';
	return text;
}
