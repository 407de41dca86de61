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

enum hf_rc hf_place_third(const char *etc, const char *state, char copy[HF_PATH_SIZE], char seal[HF_PATH_SIZE],
			  struct hf_err *err)
{
	char folder[HF_PATH_SIZE];

	if (hf_str_printf(folder, sizeof(folder), "%s-copy", state) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the path of the folder %s is too long", state);
	if (hf_place(folder, "memory", copy, err) != HF_OK)
		return HF_E_SIZE;
	return hf_place(etc, "saves", seal, err);
}
