/* SPDX-License-Identifier: MIT */
/*
 * export_files.h - the folder of an export: all of it is there, or nothing
 */
#ifndef HOLDFAST_CLI_EXPORT_FILES_H
#define HOLDFAST_CLI_EXPORT_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include <holdfast/err.h>

/* A folder that is being filled beside its place. Start it zeroed. */
struct hf_export_folder {
	char path[PATH_MAX], place[PATH_MAX];
	int lock; /* while it is filled: what nobody has locked was left by a program that was killed */
	bool is_made;
};

#define hf_auto_export_folder __attribute__((cleanup(hf_export_folder_done)))

/*
 * hf_export_folder_make - make a folder beside its place; what a killed program left there goes
 *
 * @place    is not there, or an empty folder
 * @ret      to hf_export_folder_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_USAGE there is something; HF_E_SIZE; HF_E_SYSTEM
 * Source    mkdtemp(3)
 */
HF_NODISCARD enum hf_rc hf_export_folder_make(const char *place, struct hf_export_folder *ret, struct hf_err *err);

/*
 * hf_export_open - a new file in it, that nobody else may read
 *
 * @ret      untouched unless HF_OK
 * Owner     to hf_export_close
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    open(2)
 */
HF_NODISCARD enum hf_rc hf_export_open(const struct hf_export_folder *folder, const char *name, FILE **ret,
				       struct hf_err *err);

/*
 * hf_export_close - see that all of it is on disk, and close it
 *
 * @rc       how writing it went
 * Returns   rc; HF_E_SYSTEM
 * Source    fsync(2)
 */
HF_NODISCARD enum hf_rc hf_export_close(FILE *file, enum hf_rc rc, struct hf_err *err);

/*
 * hf_export_folder_place - put it in its place
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    rename(2)
 */
HF_NODISCARD enum hf_rc hf_export_folder_place(struct hf_export_folder *folder, struct hf_err *err);

/*
 * hf_export_folder_done - remove it, unless it is in its place
 */
void hf_export_folder_done(struct hf_export_folder *folder);

#endif
