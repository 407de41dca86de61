/* SPDX-License-Identifier: MIT */
/*
 * backup_file.h - what a backup is: a tar, sealed to the roots, whose first file says what journal is in it
 */
#ifndef HOLDFAST_CLI_BACKUP_FILE_H
#define HOLDFAST_CLI_BACKUP_FILE_H

#include <stdbool.h>

#include "controller/office/sealed.h"

#define HF_BACKUP_MANIFEST "manifest.json"
#define HF_BACKUP_JOURNAL "journal.db"
#define HF_BACKUP_PATH 512

/*
 * hf_backup_add - one more file of a backup
 *
 * @name     that it has in the backup
 * @path     what is read, at most what was there when it began
 * Returns   HF_OK; HF_E_ABSENT there is no such file; HF_E_SYSTEM; HF_E_SIZE
 * Source    tar(5), ustar
 */
HF_NODISCARD enum hf_rc hf_backup_add(struct hf_seal *seal, const char *name, const char *path, struct hf_err *err);

/*
 * hf_backup_close - the end of a backup
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    tar(5)
 */
HF_NODISCARD enum hf_rc hf_backup_close(struct hf_seal *seal, struct hf_err *err);

/*
 * hf_backup_unpack - all files of a backup, into a folder, each readable by its owner alone
 *
 * Files of other names than a backup has are refused.
 * Returns   HF_OK all of it is there and unchanged; HF_E_SHAPE; HF_E_SYSTEM
 * Source    tar(5)
 */
HF_NODISCARD enum hf_rc hf_backup_unpack(struct hf_seal *seal, const char *folder, struct hf_err *err);

/*
 * hf_backup_is_name - may a file of a backup be called so
 */
bool hf_backup_is_name(const char *name);

#endif
