/* SPDX-License-Identifier: MIT */
/*
 * words_inside.h - how the files that make sentences take values out of a view; nobody else includes it
 */
#ifndef HOLDFAST_AGENT_WORDS_INSIDE_H
#define HOLDFAST_AGENT_WORDS_INSIDE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/time.h>

static inline const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static inline bool is(const json_t *object, const char *name, const char *word)
{
	return strcmp(text_of(object, name), word) == 0;
}

static inline bool says(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static inline struct hf_wall time_of(const json_t *object, const char *name)
{
	return (struct hf_wall){json_integer_value(json_object_get(object, name))};
}

static inline bool is_exercise(const json_t *row)
{
	return is(row, "mode", "exercise");
}

static inline const char *mark(const json_t *row)
{
	return is_exercise(row) ? "EXERCISE: " : "";
}

/*
 * hf_words_time - universal time, and what clocks here show
 *
 * Owner     nothing is kept
 * Returns   nothing
 * Source    -
 */
void hf_words_time(struct hf_wall t, FILE *out);

#endif
