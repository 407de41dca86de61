/* SPDX-License-Identifier: MIT */
/*
 * help_picture.h - what the files of one folder are at one moment: bytes and all that belongs to them
 */
#ifndef HOLDFAST_TESTS_PICTURE_H
#define HOLDFAST_TESTS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define TEST_PICTURE_MAX 16

struct test_file {
	char name[64];
	char *bytes;
	size_t len;
	struct stat st;
};

struct test_picture {
	struct test_file v[TEST_PICTURE_MAX]; /* in the order of their names */
	size_t n;
};

/*
 * test_picture_take - look at every file, hidden ones too; the test fails when one cannot be read
 *
 * Owner     test_picture_done
 * Source    policy D9.3
 */
void test_picture_take(const char *folder, struct test_picture *picture);

/*
 * test_picture_same - bytes, mode, owner, times and inode
 *
 * Returns   true or false
 * Source    policy D9.3
 */
bool test_picture_same(const struct test_picture *a, const struct test_picture *b);

/*
 * test_foreign_write - a file as somebody else would leave it: its mode, time and owner are thrown (dice.h)
 */
void test_foreign_write(const char *path, const char *text);

/*
 * test_picture_done - free
 */
void test_picture_done(struct test_picture *picture);

#endif
