/* SPDX-License-Identifier: MIT */
/*
 * Owns the file of the register beside.
 * Must never write over one that it could not read.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/beside_book.h"
#include "controller/own_words.h"

#define PATH_SIZE 300
#define ONLY_OURS (S_IRUSR | S_IWUSR)

static enum hf_rc path_of(const struct hf_controller *c, char path[PATH_SIZE], struct hf_err *err)
{
	enum hf_rc rc = hf_str_printf(path, PATH_SIZE, "%s/beside.json", c->settings->state_folder);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "state.folder is too long");
}

static enum hf_rc read_beside(struct hf_controller *c, struct hf_err *err)
{
	char path[PATH_SIZE];
	hf_auto_free char *text = NULL;
	json_t *json = NULL;
	size_t len = 0;
	enum hf_rc rc = path_of(c, path, err);
	if (rc == HF_OK)
		rc = hf_fs_read(path, HF_BESIDE_FILE_MAX, &text, &len, err);
	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_BESIDE_FILE_MAX, &json, err);
	return rc == HF_OK ? hf_beside_read(json, &c->beside, err) : rc;
}

void hf_beside_start(struct hf_controller *c)
{
	struct hf_err err = {""};
	enum hf_rc rc = read_beside(c, &err);
	if (rc == HF_OK)
		return;
	hf_beside_done(&c->beside);
	if (hf_str_printf(c->beside_why, sizeof(c->beside_why), "%.200s", err.text) != HF_OK)
		c->beside_why[0] = '?';
	hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "the register beside cannot be read");
}

/* Whose rows, and nothing of what they say. */
static json_t *names_of(const json_t *changes, const char *list, const char *key)
{
	json_t *names = json_array();
	const json_t *row;
	size_t i;
	json_array_foreach(json_object_get(changes, list), i, row)
		json_array_append(names, json_object_get(row, key));
	return names;
}

static enum hf_rc save_beside(struct hf_controller *c, const struct hf_beside *next, struct hf_err *err)
{
	char path[PATH_SIZE];
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = path_of(c, path, err);
	if (rc == HF_OK && hf_json_bytes(next->json, &text, &len) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the register beside");
	return rc == HF_OK ? hf_fs_replace(path, text, len, ONLY_OURS, err) : rc;
}

enum hf_rc hf_beside_change(struct hf_controller *c, const json_t *changes, size_t *ret_n, struct hf_err *err)
{
	hf_auto_beside struct hf_beside next = {0};
	struct hf_beside before;
	enum hf_rc rc;
	if (c->beside_why[0])
		return hf_err_set(err, HF_E_MISMATCH, "the register beside cannot be read, and is not written over: %s",
				  c->beside_why);
	rc = hf_beside_merge(&c->beside, changes, &next, err);
	if (rc == HF_OK)
		rc = hf_own_record(c, c->speaker, HF_RECORD_CHECK,
				   json_pack("{s:s, s:o, s:o}", "act", "beside", "accounts",
					     names_of(changes, "accounts", "account"), "people",
					     names_of(changes, "people", "person")),
				   err);
	if (rc == HF_OK)
		rc = save_beside(c, &next, err);
	if (rc != HF_OK)
		return rc;
	*ret_n = json_array_size(json_object_get(changes, "accounts")) + json_array_size(json_object_get(changes, "people"));
	before = c->beside;
	c->beside = next;
	next = before;
	return HF_OK;
}
