/* SPDX-License-Identifier: MIT */
/*
 * Owns whose line of the people file is to go: who left the trust and every account some days ago.
 * Must never remove a line of somebody of whom nothing says that they left.
 */
#include "controller/cli/commands/retention_people.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/history.h"
#include "controller/office/record_read.h"

#define DAY_S 86400
#define PEOPLE_FILE_MAX (4 * 1024 * 1024)

/* What says who left when. */
struct leavers {
	const struct hf_view *view;
	struct hf_past_trusts past;
	json_t *events;
};

static bool is_here(const struct leavers *l, const char *person)
{
	const struct hf_register *reg = l->view->known.reg;

	if (hf_trust_person(l->view->known.trust, person))
		return true;
	for (size_t i = 0; reg && i < reg->n_accounts; i++)
		for (size_t k = 0; k < reg->accounts[i].n_holders; k++)
			if (strcmp(reg->accounts[i].holders[k].person, person) == 0)
				return true;
	return false;
}

/* 0: nothing says that. */
static int64_t left_at(const struct leavers *l, const char *person)
{
	int64_t at = 0;
	json_t *event;
	size_t i;

	for (size_t k = 1; k < l->past.n; k++)
		if (hf_trust_person(l->past.v[k - 1], person) && !hf_trust_person(l->past.v[k], person))
			at = l->past.v[k]->issued.s;
	json_array_foreach(l->events, i, event)
	{
		if (strcmp(hf_client_text(event, "change", ""), "withdrawn") == 0 &&
		    strcmp(hf_client_text(event, "person", ""), person) == 0 && hf_client_number(event, "at") > at)
			at = hf_client_number(event, "at");
	}
	return at;
}

/* The first cell, without quotes and blanks. */
static bool first_cell(const char *line, size_t len, char person[HF_ID_SIZE])
{
	const char *end = line + len;
	size_t n;

	while (line < end && (*line == '"' || *line == ' ' || *line == '\t'))
		line++;
	n = strcspn(line, ",;\" \t\r\n");
	if (n == 0 || n >= HF_ID_SIZE || line + n > end)
		return false;
	memcpy(person, line, n);
	person[n] = '\0';
	return hf_id_ok(person);
}

/* True: the line stays. */
static bool weigh_line(const struct leavers *l, const char *line, size_t len, struct hf_contacts_left *ret)
{
	char person[HF_ID_SIZE];
	int64_t at;

	if (!first_cell(line, len, person) || strcmp(person, "person") == 0 || is_here(l, person))
		return true;
	at = left_at(l, person);
	if (at == 0)
		(void)json_array_append_new(ret->unknown, json_string(person));
	if (at == 0 || at > l->view->now.s - ret->days * DAY_S)
		return true;
	(void)json_array_append_new(ret->gone, json_string(person));
	return false;
}

static enum hf_rc weigh_lines(const struct leavers *l, const char *text, struct hf_contacts_left *ret, struct hf_err *err)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		size_t quotes = 0;

		len += line[len] == '\n';
		for (size_t i = 0; i < len; i++)
			quotes += line[i] == '"';
		if (quotes % 2 != 0)
			return hf_err_set(err, HF_E_SHAPE, "The people file has a cell of several lines: write it in one first.");
		if (weigh_line(l, line, len, ret)) {
			memcpy(ret->text + ret->len, line, len);
			ret->len += len;
		}
		line += len;
	}
	return HF_OK;
}

enum hf_rc hf_contacts_find_left(const struct hf_view *view, const char *path, struct hf_contacts_left *ret, struct hf_err *err)
{
	struct leavers l = {.view = view};
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, PEOPLE_FILE_MAX, &text, &len, err);

	if (rc == HF_OK)
		rc = hf_past_read(view, &l.past, err);
	if (rc == HF_OK)
		rc = hf_history_read(view, &l.events, err);
	if (rc == HF_OK) {
		ret->text = malloc(len + 1);
		ret->gone = json_array();
		ret->unknown = json_array();
		rc = ret->text && ret->gone && ret->unknown ? weigh_lines(&l, text, ret, err)
							    : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	}
	hf_past_done(&l.past);
	json_decref(l.events);
	return rc;
}

static void say_ids(FILE *out, const char *what, const json_t *ids)
{
	json_t *id;
	size_t i;

	if (json_array_size(ids) == 0)
		return;
	fputs(what, out);
	json_array_foreach(ids, i, id)
	{
		fprintf(out, "%s%s", i ? ", " : "", json_string_value(id));
	}
	fputs(".\n", out);
}

void hf_contacts_say_left(FILE *out, const struct hf_contacts_left *left)
{
	say_ids(out, hf_text("Left, and their contact data goes: "), left->gone);
	say_ids(out, hf_text("In no trust and no register, then or now; look whether they are to stay: "), left->unknown);
}

enum hf_rc hf_contacts_remove_left(const char *path, const struct hf_contacts_left *left, struct hf_err *err)
{
	struct stat st;
	enum hf_rc rc;

	if (!path || json_array_size(left->gone) == 0)
		return HF_OK;
	if (stat(path, &st) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path);
	rc = hf_fs_replace(path, left->text, left->len, S_IRUSR | S_IWUSR, err);
	if (rc == HF_OK && chown(path, st.st_uid, st.st_gid) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path);
	return rc;
}

void hf_contacts_left_done(struct hf_contacts_left *left)
{
	json_decref(left->gone);
	json_decref(left->unknown);
	free(left->text);
	*left = (struct hf_contacts_left){0};
}
