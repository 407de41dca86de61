/* SPDX-License-Identifier: MIT */
/*
 * Owns where the calendar is found, and its renewal by the officer's files.
 * Must never count on without a calendar, or let one file take the place of another.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/names.h>
#include <holdfast/paths.h>
#include <holdfast/str.h>

#include "controller/office/calendar_files.h"
#include "controller/office/council_folder.h"

/* The folder of this very program, without the last slash. */
static bool folder_of_program(char folder[HF_FOLDER_PATH_SIZE])
{
	char *slash;

	if (hf_host_program(folder, HF_FOLDER_PATH_SIZE) != HF_OK)
		return false;
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

static bool is_there(char path[HF_FOLDER_PATH_SIZE], const char *folder, const char *name)
{
	return hf_str_printf(path, HF_FOLDER_PATH_SIZE, "%s/%s", folder, name) == HF_OK && access(path, F_OK) == 0;
}

static enum hf_rc find_file(const char *said, char path[HF_FOLDER_PATH_SIZE], struct hf_err *err)
{
	char folder[HF_FOLDER_PATH_SIZE];

	if (said && said[0])
		return hf_str_copy(path, HF_FOLDER_PATH_SIZE, said) == HF_OK
			       ? HF_OK
			       : hf_err_set(err, HF_E_SIZE, "The path of the calendar is too long.");
	if (folder_of_program(folder) &&
	    (is_there(path, folder, HF_CALENDAR_NAME) || is_there(path, folder, "../share/holdfast/" HF_CALENDAR_NAME)))
		return HF_OK;
	if (hf_str_copy(path, HF_FOLDER_PATH_SIZE, HF_CALENDAR_FILE) == HF_OK)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "The path %s is too long.", HF_CALENDAR_FILE);
}

static enum hf_rc read_file(const char *path, struct hf_calendar *ret_calendar, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	struct hf_err why = {0};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, HF_CALENDAR_FILE_MAX, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_calendar_read(text, len, ret_calendar, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "%s is no calendar: %s", path, why.text);
}

/* @calendar is renewed in place. */
static enum hf_rc renew(struct hf_calendar *calendar, const char *path, struct hf_err *err)
{
	hf_auto_calendar struct hf_calendar newer = {0};
	struct hf_calendar merged = {0};
	struct hf_err why = {0};
	enum hf_rc rc = read_file(path, &newer, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_calendar_merge(calendar, &newer, &merged, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s cannot renew the calendar: %s", path, why.text);
	hf_calendar_done(calendar);
	*calendar = merged;
	return HF_OK;
}

enum hf_rc hf_calendar_files_open(const struct hf_office *office, const struct hf_list *renewed_by,
				  struct hf_calendar *ret_calendar, struct hf_err *err)
{
	hf_auto_calendar struct hf_calendar calendar = {0};
	char path[HF_FOLDER_PATH_SIZE];
	enum hf_rc rc = find_file(office->calendar, path, err);

	if (rc == HF_OK)
		rc = read_file(path, &calendar, err);
	for (size_t i = 0; rc == HF_OK && i < renewed_by->n; i++)
		rc = renew(&calendar, renewed_by->v[i], err);
	if (rc != HF_OK)
		return rc;
	*ret_calendar = calendar;
	calendar = (struct hf_calendar){0};
	return HF_OK;
}
