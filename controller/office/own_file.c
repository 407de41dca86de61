/* SPDX-License-Identifier: MIT */
/*
 * Owns the reading of the officer's own files of JSON.
 * Must never read a signed document: those are what their bytes are.
 */
#include <string.h>

#include <holdfast/fs.h>

#include "controller/office/own_file.h"

static const char MARK[] = "\xEF\xBB\xBF";

const char *hf_own_text(const char *text, size_t *len)
{
	size_t n = strlen(MARK);

	if (*len < n || memcmp(text, MARK, n) != 0)
		return text;
	*len -= n;
	return text + n;
}

enum hf_rc hf_own_json(const char *path, size_t max, json_t **ret, struct hf_err *ret_why, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, max, &text, &len, err);
	const char *begin = rc == HF_OK ? hf_own_text(text, &len) : NULL;

	return rc == HF_OK ? hf_json_read(begin, len, max, ret, ret_why) : rc;
}
