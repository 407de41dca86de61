/* SPDX-License-Identifier: MIT */
/*
 * Owns nothing but two slots: saves or loads them, so that a test can fill the disk around it.
 * Must never decide whether that was right; test_full_disk.py does.
 *
 * slots_probe FOLDER ROOM save TEXT REPEAT | load | replace FILE TEXT
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/slots.h>
#include <holdfast/str.h>

static enum hf_rc save(struct hf_slots *slots, const char *text, size_t times, struct hf_err *err)
{
	size_t len = strlen(text);
	hf_auto_free char *value = malloc(len * times + 1);

	if (!value)
		return HF_E_MEMORY;
	for (size_t i = 0; i < times; i++)
		memcpy(value + i * len, text, len);
	return hf_slots_save(slots, value, len * times, err);
}

static enum hf_rc load(struct hf_slots *slots, struct hf_err *err)
{
	hf_auto_free char *value = NULL;
	size_t len = 0;
	bool torn = false;
	enum hf_rc rc = hf_slots_load(slots, &value, &len, &torn, err);

	if (rc == HF_OK)
		printf("%zu %.16s%s\n", len, value, torn ? " torn" : "");
	return rc;
}

int main(int argc, char **argv)
{
	hf_auto_slots struct hf_slots *slots = NULL;
	struct hf_err err = {{0}};
	enum hf_rc rc = HF_E_USAGE;

	if (argc == 6 && strcmp(argv[3], "replace") == 0) {
		rc = hf_fs_replace(argv[4], argv[5], strlen(argv[5]), 0600, &err);
	} else if (argc >= 4) {
		rc = hf_slots_open(argv[1], (size_t)atol(argv[2]), &slots, &err);
		if (rc == HF_OK && argc == 6 && strcmp(argv[3], "save") == 0)
			rc = save(slots, argv[4], (size_t)atol(argv[5]), &err);
		else if (rc == HF_OK)
			rc = load(slots, &err);
	}
	printf("%s %s\n", hf_rc_name(rc), err.text);
	return rc == HF_OK ? 0 : 1;
}
