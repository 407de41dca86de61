/* SPDX-License-Identifier: MIT */
/*
 * Owns the folders that tests write in.
 * Must never touch anything outside them.
 */
#include "tests/help/folder.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

void test_folder_make(char path[TEST_FOLDER_SIZE])
{
	snprintf(path, TEST_FOLDER_SIZE, "/tmp/hf-test-XXXXXX");
	cr_assert_not_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

void test_folder_remove(const char *path)
{
	cr_expect_eq(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

size_t test_folder_count(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	cr_assert_not_null(dir);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

const char *test_path(char path[PATH_MAX], const char *folder, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);

	cr_assert(n > 0 && n < PATH_MAX);
	return path;
}
