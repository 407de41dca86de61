/* SPDX-License-Identifier: MIT */
/*
 * conf_folder.h - a folder of settings that have secrets, a file each: NAME.conf
 */
#ifndef HOLDFAST_NOTIFY_CONF_FOLDER_H
#define HOLDFAST_NOTIFY_CONF_FOLDER_H

#include <stddef.h>

#include <holdfast/err.h>

/* One file: its name without the ending, and what it says, which is wiped behind the call. */
typedef enum hf_rc (*hf_conf_file_fn)(void *arg, const char *name, const char *text, struct hf_err *err);

/*
 * hf_conf_folder_each - every NAME.conf of a folder, in the order of their names
 *
 * @folder   one that is not there has no files
 * Returns   HF_OK; HF_E_KEY others may read one, or change it; as fn, with the file's path
 * Source    holdfast-notify(8) "HOOKS", "SCHEDULERS"
 */
HF_NODISCARD enum hf_rc hf_conf_folder_each(const char *folder, hf_conf_file_fn fn, void *arg, struct hf_err *err);

/*
 * hf_conf_keep_back - in place of a secret that is printed: that there is one
 *
 * @text     size bytes, wiped
 */
void hf_conf_keep_back(char *text, size_t size);

#endif
