/* SPDX-License-Identifier: MIT */
/*
 * Owns the note that says which journal is in a backup, and when it was tested.
 * Must never take for tested what does not say so.
 */
#include "controller/journal/backup_note.h"

#include <holdfast/fs.h>

#define NOTE_MOST 4096

json_t *hf_backup_note(const struct hf_backup *backup, struct hf_wall tested)
{
	json_t *note = json_pack("{s:s, s:I, s:I, s:o}", "council", backup->council, "made", (json_int_t)backup->made.s, "size",
				 (json_int_t)backup->head.size, "root", hf_json_from_digest(&backup->head.root));

	if (note && tested.s > 0)
		(void)json_object_set_new(note, "tested", json_integer((json_int_t)tested.s));
	return note;
}

enum hf_rc hf_backup_read(const char *path, struct hf_backup *ret, struct hf_wall *ret_tested, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *note = NULL;
	const char *council = NULL;
	struct hf_wall tested = {0};
	struct hf_err why = {""};
	int64_t size = 0;
	const struct hf_json_member members[] = {
		{"council", HF_JSON_ID, &council, 0, false},	    {"made", HF_JSON_WALL, &ret->made, 0, false},
		{"size", HF_JSON_INT, &size, HF_JSON_INT_MAX, false},	    {"root", HF_JSON_DIGEST, &ret->head.root, 0, false},
		{"tested", HF_JSON_WALL, &tested, 0, true},
	};
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, NOTE_MOST, &text, &len, err);

	if (rc != HF_OK)
		return rc;
	rc = hf_json_read(text, len, NOTE_MOST, &note, &why);
	if (rc == HF_OK)
		rc = hf_json_take(note, members, HF_LEN(members), &why);
	if (rc == HF_OK)
		rc = hf_str_copy(ret->council, sizeof(ret->council), council);
	if (rc != HF_OK)
		return hf_err_set(err, HF_E_SHAPE, "%s says no backup: %s", path, why.text);
	ret->head.size = (uint64_t)size;
	if (ret_tested)
		*ret_tested = tested;
	return HF_OK;
}
