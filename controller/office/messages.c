/* SPDX-License-Identifier: MIT */
/*
 * Owns the officer's holding messages before they are an order: read, and a template's places filled.
 * Must never let what is filled in name an account or a poster that the template has not left open.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/council_folder.h"
#include "controller/office/messages.h"
#include "controller/office/own_file.h"

#define MESSAGES_FILE_MAX 65536 /* as much as a whole order, twice over */
#define BLANK " \t"
#define TEMPLATE_END ".txt"
#define PLACES_SIZE 200 /* of a sentence that lists some */
#define NO_MEMORY HF_TEXT("There is not enough memory.")

/* A file of messages while it is read. */
struct source {
	const char *path;
	char *rest;
	size_t line;
	size_t first; /* of the messages: what is before is of another source */
};

static enum hf_rc add_message(struct hf_messages *messages, const struct hf_holding_wish *wish, struct hf_err *err)
{
	struct hf_message_read *one;

	if (hf_rows_reserve(&messages->v, &messages->room, messages->n + 1, sizeof(*messages->v)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, NO_MEMORY);
	one = &messages->v[messages->n++];
	*one = (struct hf_message_read){strdup(wish->account), strdup(wish->poster), strdup(wish->text)};
	if (!one->account || !one->poster || !one->text)
		return hf_err_set(err, HF_E_MEMORY, NO_MEMORY);
	return HF_OK;
}

static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, BLANK);
	len = strlen(text);
	while (len > 0 && strchr(BLANK, text[len - 1]))
		text[--len] = '\0';
	return text;
}

static enum hf_rc take_message(struct hf_messages *messages, const struct source *source, char *line, struct hf_err *err)
{
	char *equals = strchr(line, '='), *colon = equals ? strchr(equals, ':') : NULL;

	if (!colon || equals == line || colon == equals + 1)
		return hf_err_set(err, HF_E_USAGE,
				  "%s, line %zu: it wants ACCOUNT=POSTER:TEXT, or white space before what goes on with "
				  "the text above, not `%.40s`.",
				  source->path, source->line, line);
	*equals = *colon = '\0';
	return add_message(messages,
			   &(struct hf_holding_wish){trimmed(line), trimmed(equals + 1), trimmed(colon + 1)}, err);
}

static enum hf_rc go_on(struct hf_messages *messages, const struct source *source, const char *line, struct hf_err *err)
{
	char *longer = NULL, **text;

	if (messages->n == source->first)
		return hf_err_set(err, HF_E_USAGE, "%s, line %zu: it begins with white space, and there is no text above.",
				  source->path, source->line);
	text = &messages->v[messages->n - 1].text;
	if (asprintf(&longer, "%s%s%s", *text, **text ? "\n" : "", line) < 0)
		return hf_err_set(err, HF_E_MEMORY, NO_MEMORY);
	free(*text);
	*text = longer;
	return HF_OK;
}

static enum hf_rc take_lines(struct hf_messages *messages, struct source *source, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (char *line; rc == HF_OK && (line = strsep(&source->rest, "\n")) != NULL;) {
		size_t len = strlen(line);

		source->line++;
		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		rc = strchr(BLANK, line[0]) ? go_on(messages, source, trimmed(line), err)
					    : take_message(messages, source, line, err);
	}
	if (rc == HF_OK && messages->n == source->first)
		return hf_err_set(err, HF_E_USAGE, "%s has no message: each is a line ACCOUNT=POSTER:TEXT.",
				  source->path);
	return rc;
}

static enum hf_rc read_file(const char *path, struct hf_messages *messages, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct source source = {.path = path, .first = messages->n};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, MESSAGES_FILE_MAX, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	source.rest = text + (hf_own_text(text, &len) - text);
	if (strlen(source.rest) != len)
		return hf_err_set(err, HF_E_USAGE, "%s is not plain text.", path);
	return take_lines(messages, &source, err);
}

/* What a template is filled with. */
struct filling {
	const char *name; /* of the template */
	const struct hf_list *set;
	struct hf_list places; /* that it has; each once, and owned */
	struct hf_list empty;  /* of those, what nothing is set for; belongs to places */
};

static const char *value_of(const struct filling *filling, const char *place)
{
	const char *value = NULL;
	size_t len = strlen(place);

	for (size_t i = 0; i < filling->set->n; i++)
		if (strncmp(filling->set->v[i], place, len) == 0 && filling->set->v[i][len] == '=')
			value = filling->set->v[i] + len + 1;
	return value && value[0] ? value : NULL;
}

static bool has_place(const struct filling *filling, const char *place, size_t len)
{
	for (size_t i = 0; i < filling->places.n; i++)
		if (strncmp(filling->places.v[i], place, len) == 0 && !filling->places.v[i][len])
			return true;
	return false;
}

static enum hf_rc note_place(struct filling *filling, const char *place, struct hf_err *err)
{
	const char *kept;

	if (has_place(filling, place, strlen(place)))
		return HF_OK;
	if (filling->places.n == HF_LIST_MAX)
		return hf_err_set(err, HF_E_SIZE, "The template %s has more than %d places.", filling->name, HF_LIST_MAX);
	kept = strdup(place);
	if (!kept)
		return hf_err_set(err, HF_E_MEMORY, NO_MEMORY);
	filling->places.v[filling->places.n++] = kept;
	if (!value_of(filling, place))
		filling->empty.v[filling->empty.n++] = kept;
	return HF_OK;
}

/* The name in braces at *at, which is moved behind them. What is no name there would be posted as it stands. */
static enum hf_rc take_place(const struct filling *filling, const char **at, char place[HF_ID_SIZE], struct hf_err *err)
{
	const char *end = strchr(*at, '}');
	size_t len = end ? (size_t)(end - *at - 1) : 0;

	if (hf_str_printf(place, HF_ID_SIZE, "%.*s", (int)len, *at + 1) != HF_OK || !hf_id_ok(place))
		return hf_err_set(err, HF_E_USAGE,
				  "The template %s has a { that begins no place such as {street}: `%.20s`.",
				  filling->name, *at);
	*at = end + 1;
	return HF_OK;
}

/* What was filled in is not looked at again. */
static enum hf_rc fill(struct filling *filling, char **text, struct hf_err *err)
{
	hf_auto_free char *filled = NULL;
	char place[HF_ID_SIZE];
	size_t len = 0;
	FILE *out = open_memstream(&filled, &len);
	enum hf_rc rc = out ? HF_OK : hf_err_set(err, HF_E_MEMORY, NO_MEMORY);

	for (const char *at = *text; rc == HF_OK && *at;) {
		if (*at != '{') {
			fputc(*at++, out);
			continue;
		}
		rc = take_place(filling, &at, place, err);
		if (rc == HF_OK)
			rc = note_place(filling, place, err);
		if (rc == HF_OK && value_of(filling, place))
			fputs(value_of(filling, place), out);
	}
	if (out && fclose(out) != 0 && rc == HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, NO_MEMORY);
	if (rc != HF_OK)
		return rc;
	free(*text);
	*text = hf_steal_ptr(&filled);
	return HF_OK;
}

/* "{street}, {until}"; as many as there is room for. */
static void list_places(const struct hf_list *places, char text[PLACES_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < places->n; i++) {
		if (hf_str_printf(text + len, PLACES_SIZE - len, "%s{%s}", i ? ", " : "", places->v[i]) != HF_OK)
			return;
		len += strlen(text + len);
	}
}

static enum hf_rc check_set(const struct hf_office *office, const struct filling *filling, struct hf_err *err)
{
	char places[PLACES_SIZE];

	list_places(&filling->places, places);
	for (size_t i = 0; i < filling->set->n; i++) {
		const char *set = filling->set->v[i], *equals = strchr(set, '=');

		if (!equals || equals == set)
			return hf_err_set(err, HF_E_USAGE, "What stands for a place is said as NAME=TEXT, not `%.60s`.",
					  set);
		if (!has_place(filling, set, (size_t)(equals - set)))
			return hf_err_set(err, HF_E_USAGE, "The template %s has no place {%.*s}: it has %s.",
					  filling->name, (int)(equals - set), set,
					  places[0] ? places : hf_text("none"));
	}
	list_places(&filling->empty, places);
	if (places[0])
		return hf_err_set(err, HF_E_USAGE, "The template %s wants a text for %s%s.", filling->name, places,
				  hf_office_hint(office, HF_HINT_PLACES));
	return HF_OK;
}

static enum hf_rc fill_all(const struct hf_office *office, const struct hf_holding_wishes *wishes,
			   struct hf_messages *messages, struct hf_err *err)
{
	struct filling filling = {.name = wishes->template_name, .set = &wishes->set};
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < messages->n; i++) {
		rc = fill(&filling, &messages->v[i].account, err);
		if (rc == HF_OK)
			rc = fill(&filling, &messages->v[i].poster, err);
		if (rc == HF_OK)
			rc = fill(&filling, &messages->v[i].text, err);
	}
	if (rc == HF_OK)
		rc = check_set(office, &filling, err);
	for (size_t i = 0; i < filling.places.n; i++)
		free((char *)filling.places.v[i]);
	return rc;
}

static int is_template(const struct dirent *file)
{
	size_t len = strlen(file->d_name), end = strlen(TEMPLATE_END);

	return len > end && strcmp(file->d_name + len - end, TEMPLATE_END) == 0;
}

static enum hf_rc no_template(const struct hf_office *office, const char *name, struct hf_err *err)
{
	struct dirent **files = NULL;
	char folder[HF_FOLDER_PATH_SIZE], names[200] = "";
	enum hf_rc rc = hf_folder_path(office->folder, folder, err, "templates");
	int n = rc == HF_OK ? scandir(folder, &files, is_template, alphasort) : -1;
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		int most = (int)(strlen(files[i]->d_name) - strlen(TEMPLATE_END));

		if (hf_str_printf(names + len, sizeof(names) - len, "%s%.*s", i ? ", " : "", most, files[i]->d_name) == HF_OK)
			len += strlen(names + len);
		free(files[i]);
	}
	free(files);
	if (rc != HF_OK)
		return rc;
	return hf_err_set(err, HF_E_USAGE, "There is no template `%.64s` in %.120s: %s%s.", name, folder,
			  names[0] ? hf_text("there is ") : hf_text("there is none"), names);
}

static enum hf_rc read_template(const struct hf_office *office, const struct hf_holding_wishes *wishes,
				struct hf_messages *messages, struct hf_err *err)
{
	const char *name = wishes->template_name;
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc;

	if (!name && wishes->set.n > 0)
		return hf_err_set(err, HF_E_USAGE, "Something is set for the places of a template, and no template is named%s.",
				  hf_office_hint(office, HF_HINT_TEMPLATES));
	if (!name)
		return HF_OK;
	rc = hf_folder_path(office->folder, path, err, "templates/%s" TEMPLATE_END, hf_id_ok(name) ? name : "-");
	if (rc == HF_OK)
		rc = hf_id_ok(name) ? read_file(path, messages, err) : HF_E_ABSENT;
	if (rc == HF_E_ABSENT)
		return no_template(office, name, err);
	return rc == HF_OK ? fill_all(office, wishes, messages, err) : rc;
}

enum hf_rc hf_messages_read(const struct hf_office *office, const struct hf_holding_wishes *wishes,
			    struct hf_messages *ret, struct hf_err *err)
{
	enum hf_rc rc = read_template(office, wishes, ret, err);

	if (rc == HF_OK && wishes->file)
		rc = read_file(wishes->file, ret, err);
	for (size_t i = 0; rc == HF_OK && i < wishes->n; i++)
		rc = add_message(ret, &wishes->v[i], err);
	return rc;
}

bool hf_messages_wished(const struct hf_holding_wishes *wishes)
{
	return wishes->n > 0 || wishes->file || wishes->template_name || wishes->set.n > 0;
}

bool hf_messages_has(const struct hf_messages *messages, const char *account)
{
	for (size_t i = 0; i < messages->n; i++)
		if (strcmp(messages->v[i].account, account) == 0)
			return true;
	return false;
}

void hf_messages_done(struct hf_messages *messages)
{
	for (size_t i = 0; i < messages->n; i++) {
		free(messages->v[i].account);
		free(messages->v[i].poster);
		free(messages->v[i].text);
	}
	free(messages->v);
	*messages = (struct hf_messages){0};
}
