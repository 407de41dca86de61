/* SPDX-License-Identifier: MIT */
/*
 * own_file.h - the officer's own files of JSON: a plan, a catalogue, holding messages
 *
 * They are written with whatever editor is at hand, in quiet times, and used in an emergency. Signed documents stay strict.
 */
#ifndef HOLDFAST_OFFICE_OWN_FILE_H
#define HOLDFAST_OFFICE_OWN_FILE_H

#include <holdfast/json.h>

/*
 * hf_own_text - what an editor put before the text is left out: a byte order mark
 *
 * @len      of the text, and then of what is returned
 * Returns   a place in the text
 */
const char *hf_own_text(const char *text, size_t *len);

/*
 * hf_own_json - the object of JSON in a file
 *
 * @max      the most bytes allowed
 * @ret      the caller's; untouched unless HF_OK
 * @ret_why  what is wrong with the content; "" while the file itself cannot be read
 * Returns   HF_OK; as hf_fs_read and hf_json_read
 */
HF_NODISCARD enum hf_rc hf_own_json(const char *path, size_t max, json_t **ret, struct hf_err *ret_why,
				    struct hf_err *err);

#endif
