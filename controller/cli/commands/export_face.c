/* SPDX-License-Identifier: MIT */
/*
 * Owns to whom the record is handed out: names, titles or ids, and which texts.
 * Must never change a text: it goes out whole, or it is withheld.
 */
#include "controller/cli/commands/export_face.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/csv.h>
#include <holdfast/fs.h>
#include <holdfast/paths.h>
#include <holdfast/text.h>

#include <openssl/sha.h>

#include "controller/office/client.h"
#include "controller/office/csv.h"

#define REVIEW_FILE_MAX (16 * 1024 * 1024) /* bytes: a thousand texts of the longest that there are */
#define ONLY_OURS 0600

const char *hf_export_as_name(enum hf_export_as as)
{
	switch (as) {
	case HF_EXPORT_TITLES:
		return "titles";
	case HF_EXPORT_IDS:
		return "ids";
	case HF_EXPORT_NAMES:
		return "names";
	case HF_EXPORT_ALL:
		return "names-all";
	}
	return "?";
}

/* May this person be named. */
static bool is_named(const struct hf_export_face *face, const struct hf_contact *contact)
{
	return face->as == HF_EXPORT_ALL || (face->as == HF_EXPORT_NAMES && contact && contact->consents);
}

static const char *call_person(void *arg, const char *person, char text[HF_STORY_WHO_SIZE])
{
	const struct hf_export_face *face = arg;
	const struct hf_contact *contact = face->as == HF_EXPORT_IDS ? NULL : hf_contacts_find(&face->people, person);
	const char *title = contact ? contact->title : "";

	if (contact && contact->name[0] && is_named(face, contact))
		return hf_str_printf(text, HF_STORY_WHO_SIZE, title[0] ? "%s (%s)" : "%s", contact->name, title) == HF_OK
			       ? text
			       : person;
	return title[0] ? title : person;
}

static bool writes_are_shown(const struct hf_export_face *face)
{
	return face->as == HF_EXPORT_NAMES || face->as == HF_EXPORT_ALL;
}

static bool shows_text(void *arg, const json_t *text)
{
	const struct hf_export_face *face = arg;

	return writes_are_shown(face) || (face->released && json_object_get(face->released, hf_client_text(text, "text", "")));
}

bool hf_export_may_show(const struct hf_export_face *face, const struct hf_personal *personal)
{
	json_t *one;
	size_t i;

	if (personal->unknown && face->as != HF_EXPORT_ALL)
		return false;
	json_array_foreach(personal->texts, i, one)
	{
		if (!shows_text((void *)face, one))
			return false;
	}
	json_array_foreach(personal->people, i, one)
	{
		if (!is_named(face, hf_contacts_find(&face->people, json_string_value(one))))
			return false;
	}
	return true;
}

static enum hf_rc read_people(struct hf_export_face *face, const char *path, struct hf_err *err)
{
	const char *file = path ? path : HF_CONTROLLER_STATE "/people.csv";
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc;

	if (face->as == HF_EXPORT_IDS)
		return HF_OK;
	rc = hf_fs_read(file, HF_CONTACTS_FILE_MAX, &text, &len, err);
	if (rc == HF_E_ABSENT && !path)
		return HF_OK;
	return rc == HF_OK ? hf_contacts_read(text, &face->people, err) : rc;
}

static enum hf_rc take_row(struct hf_export_face *face, const struct hf_csv_row *row, struct hf_err *err)
{
	const char *release = row->cells[3];

	if (row->line == 1 && strcmp(row->cells[0], "record") == 0)
		return HF_OK;
	if (release[0] == '\0' || strcmp(release, "no") == 0)
		return HF_OK;
	if (strcmp(release, "yes") != 0)
		return hf_err_set(err, HF_E_SHAPE, "Line %zu: release is `yes`, `no` or nothing, not `%.80s`.", row->line,
				  release);
	return json_object_set_new(face->released, row->cells[2], json_integer((json_int_t)row->line)) == 0
		       ? HF_OK
		       : hf_err_set(err, HF_E_SHAPE, "Line %zu: its text cannot be read.", row->line);
}

static enum hf_rc read_reviewed(struct hf_export_face *face, const char *path, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_csv_row row;
	struct hf_csv csv;
	size_t len = 0;
	bool more = true;
	enum hf_rc rc = path ? hf_fs_read(path, REVIEW_FILE_MAX, &text, &len, err) : HF_OK;

	if (rc != HF_OK || !path)
		return rc;
	SHA256((const uint8_t *)text, len, face->reviewed.b);
	face->released = json_object();
	csv = hf_csv_begin(text);
	while (rc == HF_OK && more) {
		rc = hf_csv_next(&csv, &row, &more, err);
		if (rc == HF_OK && more)
			rc = take_row(face, &row, err);
	}
	return rc;
}

enum hf_rc hf_export_face_read(struct hf_export_face *ret, const char *people, const char *reviewed, struct hf_err *err)
{
	enum hf_rc rc = read_people(ret, people, err);

	ret->face = (struct hf_story_face){call_person, shows_text, ret};
	return rc == HF_OK ? read_reviewed(ret, reviewed, err) : rc;
}

enum hf_rc hf_export_review(const char *path, const json_t *texts, struct hf_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ONLY_OURS);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	const char *text;
	json_t *row;
	bool bad;

	if (!out)
		return hf_err_set(err, errno == EEXIST ? HF_E_USAGE : HF_E_SYSTEM, "%s: %m.", path);
	fputs("record,what,text,release\r\n", out);
	json_object_foreach((json_t *)texts, text, row)
	{
		fprintf(out, "%lld,", hf_client_number(row, "record"));
		hf_csv_cell(out, hf_client_text(row, "what", ""), ",");
		hf_csv_cell(out, text, ",");
		fputs("\r\n", out);
	}
	bad = ferror(out) != 0;
	return fclose(out) != 0 || bad ? hf_err_set(err, HF_E_SYSTEM, "%s: %m.", path) : HF_OK;
}

enum hf_rc hf_export_all_known(const struct hf_export_face *face, const json_t *texts, struct hf_err *err)
{
	const char *text;
	json_t *line;

	json_object_foreach(face->released, text, line)
	{
		if (!json_object_get(texts, text))
			return hf_err_set(err, HF_E_MISMATCH,
					  "Line %lld of the review has a text that the record of this lockdown has not: a text "
					  "goes out as it is, or not at all.",
					  (long long)json_integer_value(line));
	}
	return HF_OK;
}

void hf_export_face_done(struct hf_export_face *face)
{
	hf_contacts_done(&face->people);
	json_decref(face->released);
	face->released = NULL;
}
