/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a folder of one test's own
 */
#ifndef HOLDFAST_TESTS_FOLDER_H
#define HOLDFAST_TESTS_FOLDER_H

#include <limits.h>
#include <stddef.h>

#define TEST_FOLDER_SIZE 64

/*
 * test_folder_make - a new empty folder; the test fails when there is none
 *
 * @path     filled
 * Owner     the caller's buffer; test_folder_remove ends the folder
 */
void test_folder_make(char path[TEST_FOLDER_SIZE]);

/*
 * test_folder_remove - remove it with all that is in it
 *
 * Owner     ends
 */
void test_folder_remove(const char *path);

/*
 * test_folder_count - how many files are in it, hidden ones too
 *
 * Returns   the number
 */
size_t test_folder_count(const char *path);

/*
 * test_path - "folder/name"
 *
 * @path     room for PATH_MAX
 * Owner     the caller's buffer
 * Returns   path
 */
const char *test_path(char path[PATH_MAX], const char *folder, const char *name);

#endif
