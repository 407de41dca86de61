/* SPDX-License-Identifier: MIT */
/*
 * Owns how the path of a file is put together.
 * Must never cut one.
 */
#include "agent/conf/places.h"

#include <holdfast/str.h>

enum hf_rc hf_place(const char *folder, const char *name, char path[HF_PATH_SIZE], struct hf_err *err)
{
	enum hf_rc rc = hf_str_printf(path, HF_PATH_SIZE, "%s/%s", folder, name);

	return rc == HF_OK ? rc : hf_err_set(err, rc, "the path %s/%s is too long", folder, name);
}
