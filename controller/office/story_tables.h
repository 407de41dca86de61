/* SPDX-License-Identifier: MIT */
/*
 * story_tables.h - the story of a lockdown as tables: files for spreadsheets and the report show the same rows
 */
#ifndef HOLDFAST_OFFICE_STORY_TABLES_H
#define HOLDFAST_OFFICE_STORY_TABLES_H

#include <stdio.h>

#include <holdfast/err.h>
#include <holdfast/json.h>

#define HF_STORY_WHO_SIZE 400 /* bytes of what a person is called: a name and a title */

/* How a reader is shown the story: what people are called, and whether what somebody wrote may be read. */
struct hf_story_face {
	const char *(*who)(void *arg, const char *person, char text[HF_STORY_WHO_SIZE]); /* NULL: by their ids */
	bool (*shows)(void *arg, const json_t *text); /* a row of `texts`; NULL: all of them */
	void *arg;
};

/* The first are files; the others are in the report alone. */
/* clang-format off */
enum hf_story_table {
	HF_STORY_TIMES, HF_STORY_DEVICES, HF_STORY_POSTINGS, HF_STORY_MESSAGES, HF_STORY_CHECKS, HF_STORY_REFUSED,
	HF_STORY_REGISTER, HF_STORY_FILES,
	HF_STORY_SHORT_TIMES = HF_STORY_FILES, HF_STORY_ODD_DEVICES, HF_STORY_UNDELIVERED, HF_STORY_NOTES,
	HF_STORY_TABLE_COUNT
};
/* clang-format on */

struct hf_story_column {
	const char *name;  /* in files */
	const char *title; /* for people, in English: to be looked up */
	bool number;
};

/*
 * hf_story_table_name, hf_story_table_title - "story", "devices" ...; what it is, for people
 *
 * Owner     static text, or a sentence of the catalogue
 * Returns   the text
 * Source    controller/API.md "The export"
 */
const char *hf_story_table_name(enum hf_story_table table);
const char *hf_story_table_title(enum hf_story_table table);

/*
 * hf_story_columns - the columns of a table
 *
 * Owner     static
 * Returns   *ret_n of them
 */
const struct hf_story_column *hf_story_columns(enum hf_story_table table, size_t *ret_n);

/*
 * hf_story_rows - the rows of a table: a list of lists of texts, one a column
 *
 * @story    of hf_story_tell
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_story_rows(const json_t *story, enum hf_story_table table, const struct hf_story_face *face);

/*
 * hf_story_write_csv - a table as a file for spreadsheets, with its head
 *
 * Returns   false: no memory
 * Source    RFC 4180
 */
bool hf_story_write_csv(FILE *out, const json_t *story, enum hf_story_table table, const struct hf_story_face *face);

/*
 * hf_story_event_text - what a row of the time line says happened, in a few words
 *
 * Owner     a sentence of the catalogue
 * Returns   the text; the word itself where it is not known
 */
const char *hf_story_event_text(const char *what);

/*
 * hf_story_person - what a person is called for this reader
 *
 * Owner     text, or the id
 */
const char *hf_story_person(const struct hf_story_face *face, const char *id, char text[HF_STORY_WHO_SIZE]);

/*
 * hf_story_people - several of them, "comms-1, monitoring-1"
 *
 * @list     of ids, or NULL
 * Owner     a new reference, the caller's
 * Returns   a text; NULL no memory
 */
json_t *hf_story_people(const struct hf_story_face *face, const json_t *list);

#endif
