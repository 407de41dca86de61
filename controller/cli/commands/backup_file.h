/* SPDX-License-Identifier: MIT */
/*
 * backup_file.h - what a backup is: a tar, sealed to the roots, whose first file says what journal is in it
 */
#ifndef HOLDFAST_CLI_BACKUP_FILE_H
#define HOLDFAST_CLI_BACKUP_FILE_H

#include <signal.h>
#include <stdbool.h>

#include "controller/cli/cli.h"
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
 * hf_backup_scratch - a new folder on this machine for what lies in the clear for a while, its owner's alone
 *
 * @purpose  a word of its name
 * @ret      "" unless HF_OK; the caller removes it
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    mkdtemp(3)
 */
HF_NODISCARD enum hf_rc hf_backup_scratch(const struct hf_cli *cli, const char *purpose, char ret[HF_BACKUP_PATH],
					  struct hf_err *err);

/*
 * hf_backup_hold - signals that end this program wait from now on, so that nothing stays in the clear
 *
 * Those that are ignored stay ignored.
 * @ret_before  to sigprocmask(SIG_SETMASK), once all of it is removed: then what waited ends the program
 * Source    signal(7)
 */
void hf_backup_hold(sigset_t *ret_before);

/*
 * hf_backup_ends - does such a signal wait
 *
 * Returns   true: whoever works on it stops
 */
bool hf_backup_ends(void);

/*
 * hf_backup_is_name - may a file of a backup be called so
 */
bool hf_backup_is_name(const char *name);

#endif
