/* SPDX-License-Identifier: MIT */
/*
 * Owns what one side of break-glass keeps beside its key.
 * Must never lose a note of a half that was given before the record has it.
 */
#include "controller/office/glass_papers.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/office/post.h"

#define WAITS ".note.json"
#define POSTED ".note.posted"

static enum hf_rc path_of(const struct hf_glass_paper *paper, const char *end, char path[HF_FOLDER_PATH_SIZE],
			  struct hf_err *err)
{
	enum hf_rc rc = paper->slot == 0
				? hf_str_printf(path, HF_FOLDER_PATH_SIZE, "%s.d/%s.json", paper->key, paper->device)
				: hf_str_printf(path, HF_FOLDER_PATH_SIZE, "%s.d/%s-%lld-%lld%s", paper->key, paper->device,
						(long long)paper->set, (long long)paper->slot, end);

	return rc == HF_OK ? rc : hf_err_set(err, rc, "The name of the file of the key is too long.");
}

enum hf_rc hf_glass_paper_put(const struct hf_glass_paper *paper, const struct hf_envelope *envelope, struct hf_err *err)
{
	char folder[HF_FOLDER_PATH_SIZE], path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = path_of(paper, WAITS, path, err);

	if (rc == HF_OK && hf_str_printf(folder, sizeof(folder), "%s.d", paper->key) != HF_OK)
		rc = hf_err_set(err, HF_E_SIZE, "The name of the file of the key is too long.");
	if (rc == HF_OK)
		rc = hf_fs_mkdirs(folder, 0700, err);
	return rc == HF_OK ? hf_folder_put(path, envelope, err) : rc;
}

enum hf_rc hf_glass_paper_get(const struct hf_glass_paper *paper, struct hf_envelope **ret_envelope, struct hf_err *err)
{
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = path_of(paper, WAITS, path, err);

	return rc == HF_OK ? hf_folder_get(path, ret_envelope, err) : rc;
}

bool hf_glass_was_given(const struct hf_glass_paper *paper)
{
	char waits[HF_FOLDER_PATH_SIZE], posted[HF_FOLDER_PATH_SIZE];

	return path_of(paper, WAITS, waits, NULL) == HF_OK && path_of(paper, POSTED, posted, NULL) == HF_OK &&
	       (access(waits, F_OK) == 0 || access(posted, F_OK) == 0);
}

/* The note stays beside the key, under the name of what is done. */
static enum hf_rc mark_posted(const char *path, struct hf_err *err)
{
	char posted[HF_FOLDER_PATH_SIZE];
	size_t len = strlen(path) - strlen(WAITS);

	if (hf_str_printf(posted, sizeof(posted), "%.*s%s", (int)len, path, POSTED) == HF_OK && rename(path, posted) == 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "%s cannot be renamed: it will be posted again, which changes nothing.", path);
}

static enum hf_rc post_note(const struct hf_office *office, const char *path, struct hf_glass_posted *ret, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_json json_t *said = NULL;
	struct hf_err why = {""};
	enum hf_rc rc = hf_folder_get(path, &envelope, &why);

	if (rc == HF_OK)
		rc = hf_post(office, envelope, &said, &why);
	if (rc == HF_OK) {
		ret->posted++;
		return mark_posted(path, err);
	}
	if (ret->waiting++ == 0)
		ret->why = why;
	return HF_OK;
}

enum hf_rc hf_glass_post_notes(const struct hf_office *office, const char *key, struct hf_glass_posted *ret,
			       struct hf_err *err)
{
	char folder[HF_FOLDER_PATH_SIZE], path[HF_FOLDER_PATH_SIZE];
	const struct dirent *entry;
	enum hf_rc rc = HF_OK;
	DIR *dir = hf_str_printf(folder, sizeof(folder), "%s.d", key) == HF_OK ? opendir(folder) : NULL;

	*ret = (struct hf_glass_posted){0};
	while (dir && rc == HF_OK && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len <= strlen(WAITS) || strcmp(entry->d_name + len - strlen(WAITS), WAITS) != 0)
			continue;
		if (hf_str_printf(path, sizeof(path), "%s/%s", folder, entry->d_name) != HF_OK)
			rc = hf_err_set(err, HF_E_SIZE, "The name of the file of the key is too long.");
		else
			rc = post_note(office, path, ret, err);
	}
	if (dir)
		closedir(dir);
	return rc;
}
