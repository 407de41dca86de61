/* SPDX-License-Identifier: MIT */
/*
 * programs_folder.h - what lies below a listed folder
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_PROGRAMS_FOLDER_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_PROGRAMS_FOLDER_H

#include <stdbool.h>

#include <holdfast/err.h>

#include "agent/machine/procs.h"

#define HF_FOLDER_DEPTH_MAX 24	 /* folders one in the other; an electron program with its modules has some 12 */
#define HF_FOLDER_FILES_MAX 8192 /* files and folders below one listed folder; toot has 60, an electron program 500 */

/* Called for the folder itself (first), for each folder below it, and for each regular file (id is that of the file).
 */
struct hf_folder_calls {
	bool (*folder)(void *arg, const char *path);				/* false: give up */
	bool (*file)(void *arg, const char *path, const struct hf_file_id *id); /* false: give up */
	void *arg;
};

/*
 * hf_is_folder - does a path lead to a folder, through links
 *
 * Returns   true or false
 */
bool hf_is_folder(const char *path);

/*
 * hf_folder_walk - look at everything below a folder; opens no file
 *
 * Links below it are not followed, nor is another file system that is mounted below it. What comes or goes meanwhile is
 * seen or not: who watches the folders looks again.
 * @path     of the folder; may lead there through links
 * Returns   HF_OK; HF_E_ABSENT it is no folder, or cannot be read; HF_E_SIZE more, deeper or longer than can be
 *           blocked, what was found until then was told; HF_E_SYSTEM a call gave up
 * Source    policy D9.2: a posting tool can be a package
 */
HF_NODISCARD enum hf_rc hf_folder_walk(const char *path, const struct hf_folder_calls *calls);

/*
 * hf_folder_is_everybodys - is this one of the folders in which many programs have their files
 *
 * @real     absolute and without links
 * Returns   true or false
 * Source    hier(7)
 */
bool hf_folder_is_everybodys(const char *real);

/*
 * hf_path_below - is path this folder or something below it; by their text alone
 *
 * Returns   true or false
 */
bool hf_path_below(const char *folder, const char *path);

#endif
