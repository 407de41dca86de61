/* SPDX-License-Identifier: MIT */
/*
 * Owns the memory of what a person has been shown.
 * Must never take anything new for old.
 */
#include "agent/desk/attention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/str.h>

#include "agent/talk/answer.h"

static bool has_said(char *const *lines, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(lines[i], line) == 0)
			return true;
	}
	return false;
}

/* Returns true if it was new. When the set is full the oldest goes; without memory the line stays new. */
static bool add_said(char ***lines, size_t *n, const char *line)
{
	char *copy;

	if (has_said(*lines, *n, line))
		return false;
	if (!*lines)
		*lines = calloc(HF_DESK_SAID_MAX, sizeof(**lines));
	copy = *lines ? strdup(line) : NULL;
	if (!copy)
		return true;
	if (*n == HF_DESK_SAID_MAX) {
		free((*lines)[0]);
		memmove(*lines, *lines + 1, (HF_DESK_SAID_MAX - 1) * sizeof(**lines));
		--*n;
	}
	(*lines)[(*n)++] = copy;
	return true;
}

static bool notice_lockdown(struct hf_desk_attention *a, const json_t *lockdown)
{
	const char *id = hf_said_text(lockdown, "id");
	char line[256];

	if (hf_said_is(lockdown, "phase", "released") && hf_desk_is_said(a, id))
		return false;
	if (hf_said_is(lockdown, "phase", "scheduled") ||
	    hf_str_printf(line, sizeof(line), "%s %s %lld", id, hf_said_text(lockdown, "phase"),
			  (long long)json_integer_value(json_object_get(lockdown, "rev"))) != HF_OK)
		return false;
	return add_said(&a->shown, &a->n_shown, line);
}

static bool notice_posting(struct hf_desk_attention *a, const json_t *account)
{
	const json_t *posting = json_object_get(account, "posting");
	char line[384];

	if (!hf_said_true(posting, "you") ||
	    hf_str_printf(line, sizeof(line), "%s %s %s", hf_said_text(posting, "lockdown"),
			  hf_said_text(account, "id"), hf_said_text(posting, "state")) != HF_OK)
		return false;
	return add_said(&a->shown, &a->n_shown, line);
}

bool hf_desk_notice(struct hf_desk_attention *a, const json_t *view)
{
	bool is_new = false;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row) is_new = notice_lockdown(a, row) || is_new;
	json_array_foreach(json_object_get(view, "accounts"), i, row) is_new = notice_posting(a, row) || is_new;
	return is_new;
}

bool hf_desk_is_said(const struct hf_desk_attention *a, const char *id)
{
	return a && has_said(a->said, a->n_said, id);
}

static bool is_unsaid(const void *arg, const json_t *lockdown)
{
	return !hf_desk_is_said(arg, hf_said_text(lockdown, "id"));
}

const json_t *hf_desk_clear_of(const struct hf_desk_attention *a, const json_t *view)
{
	return hf_said_clear(view, is_unsaid, a);
}

bool hf_desk_view_speaks(const struct hf_desk_attention *a, const json_t *view)
{
	return !hf_said_is(view, "level", "open") || hf_said_live(view) || hf_said_in_force(view, "exercise") > 0 ||
	       hf_desk_clear_of(a, view);
}

bool hf_desk_say_clear(struct hf_desk_attention *a, const json_t *view)
{
	bool is_new = false;
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "phase", "released"))
			is_new = add_said(&a->said, &a->n_said, hf_said_text(row, "id")) || is_new;
	}
	return is_new;
}

void hf_desk_said_read(struct hf_desk_attention *a, const char *text)
{
	char id[HF_DIGEST_HEX_SIZE];

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		if (len == HF_DIGEST_HEX_SIZE - 1) {
			memcpy(id, text, len);
			id[len] = '\0';
			add_said(&a->said, &a->n_said, id);
		}
		text += len + (text[len] == '\n');
	}
}

char *hf_desk_said_text(const struct hf_desk_attention *a)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < a->n_said; i++)
		fprintf(out, "%s\n", a->said[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void lines_done(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
}

void hf_desk_attention_done(struct hf_desk_attention *a)
{
	lines_done(a->shown, a->n_shown);
	lines_done(a->said, a->n_said);
	memset(a, 0, sizeof(*a));
}
