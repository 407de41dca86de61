/* SPDX-License-Identifier: MIT */
/*
 * Owns what the files of one folder are at one moment, to be compared with another.
 * Must never change a file.
 */
#include "tests/property/help_picture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "tests/help/dice.h"

void test_picture_done(struct test_picture *picture)
{
	for (size_t i = 0; i < picture->n; i++)
		free(picture->v[i].bytes);
	picture->n = 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct test_file *)a)->name, ((const struct test_file *)b)->name);
}

void test_picture_take(const char *folder, struct test_picture *picture)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	picture->n = 0;
	while (dir && (entry = readdir(dir))) {
		char path[512];
		struct test_file *file = &picture->v[picture->n];
		if (entry->d_name[0] == '.' && (entry->d_name[1] == '\0' || entry->d_name[1] == '.'))
			continue;
		cr_assert_lt(picture->n, TEST_PICTURE_MAX);
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		snprintf(file->name, sizeof(file->name), "%.60s", entry->d_name);
		cr_assert_eq(lstat(path, &file->st), 0);
		if (!S_ISREG(file->st.st_mode))
			continue;
		cr_assert_eq(hf_fs_read(path, 65536, &file->bytes, &file->len, NULL), HF_OK);
		picture->n++;
	}
	if (dir)
		closedir(dir);
	qsort(picture->v, picture->n, sizeof(picture->v[0]), by_name);
}

void test_foreign_write(const char *path, const char *text)
{
	static const mode_t modes[] = {0644, 0600, 0640, 0444};
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), modes[below(HF_LEN(modes))], NULL), HF_OK);
	struct timespec mtime = {.tv_sec = 1500000000 + (time_t)below(400000000), .tv_nsec = (long)below(999999999)};
	cr_assert_eq(utimensat(AT_FDCWD, path, (const struct timespec[2]){mtime, mtime}, 0), 0);
	if (geteuid() == 0)
		cr_assert_eq(chown(path, (uid_t)below(3), (gid_t)below(3)), 0);
}

static bool same_file(const struct test_file *a, const struct test_file *b)
{
	return strcmp(a->name, b->name) == 0 && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0 &&
	       a->st.st_mode == b->st.st_mode && a->st.st_uid == b->st.st_uid && a->st.st_gid == b->st.st_gid &&
	       a->st.st_ino == b->st.st_ino && a->st.st_mtim.tv_sec == b->st.st_mtim.tv_sec &&
	       a->st.st_mtim.tv_nsec == b->st.st_mtim.tv_nsec;
}

bool test_picture_same(const struct test_picture *a, const struct test_picture *b)
{
	bool equal = a->n == b->n;
	for (size_t i = 0; equal && i < a->n; i++)
		equal = same_file(&a->v[i], &b->v[i]);
	return equal;
}
