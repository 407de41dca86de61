/* SPDX-License-Identifier: MIT */
/*
 * The control groups of frozen programs, as plain folders. Policy D9.3 (whoever was stopped goes on).
 * Must never freeze anything.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agent/enforce/common/frozen.h"
#include "agent/enforce/running/freezer.h"
#include "tests/help/folder.h"

#define MANY 20000 /* lines of 8 bytes: more than 65,536 bytes */
#define FIRST 4000000

static void count(void *arg, pid_t pid)
{
	(void)pid;
	(*(size_t *)arg)++;
}

static bool hold(void *arg, pid_t pid)
{
	count(arg, pid);
	return true;
}

/* Attack: somebody starts so many frozen programs that the list of them is not read, and none is ever thawed. */
Test(freezer, however_many_there_are_each_is_seen)
{
	char folder[TEST_FOLDER_SIZE], path[PATH_MAX];
	struct hf_freezer *freezer = NULL;
	struct hf_freezer_saw saw;
	size_t n = 0;
	FILE *file;

	test_folder_make(folder);
	test_path(path, folder, HF_FROZEN_SLICE);
	cr_assert_eq(mkdir(path, 0755), 0);
	test_path(path, folder, HF_FROZEN_FOLDER);
	cr_assert_eq(mkdir(path, 0755), 0);
	test_path(path, folder, HF_FROZEN_FOLDER "/" HF_FROZEN_PREFIX "1");
	cr_assert_eq(mkdir(path, 0755), 0);
	test_path(path, folder, HF_FROZEN_FOLDER "/" HF_FROZEN_PREFIX "1/cgroup.procs");
	file = fopen(path, "we");
	cr_assert(file);
	for (int i = 0; i < MANY; i++)
		fprintf(file, "%d\n", FIRST + i);
	fclose(file);
	cr_assert_eq(hf_freezer_open(folder, "/nowhere", NULL, &freezer, NULL), HF_OK);
	hf_freezer_each(freezer, count, &n);
	if (n == 0)
		cr_skip_test("no cgroup v2 is mounted here");
	cr_expect_eq(n, (size_t)MANY);
	n = 0;
	(void)!hf_freezer_keep(freezer, hold, &n, &saw, NULL);
	cr_expect_eq(n, (size_t)MANY);
	cr_expect_eq(saw.n_held, (size_t)MANY);
	hf_freezer_close(&freezer);
	test_folder_remove(folder);
}

/* Policy D9.3: after the all-clear nothing is left, also where one of the two folders went at a look before. */
Test(freezer, a_slice_that_was_left_alone_goes)
{
	char folder[TEST_FOLDER_SIZE], path[PATH_MAX];
	struct hf_freezer *freezer = NULL;
	struct hf_freezer_saw saw;
	struct stat st;
	size_t n = 0;

	test_folder_make(folder);
	test_path(path, folder, HF_FROZEN_SLICE);
	cr_assert_eq(mkdir(path, 0755), 0);
	cr_assert_eq(hf_freezer_open(folder, "/nowhere", NULL, &freezer, NULL), HF_OK);
	if (hf_freezer_news(freezer) < 0)
		cr_skip_test("no cgroup v2 is mounted here");
	cr_expect_eq(hf_freezer_keep(freezer, hold, &n, &saw, NULL), HF_OK);
	cr_expect(stat(path, &st) != 0, "%s", path);
	hf_freezer_close(&freezer);
	test_folder_remove(folder);
}
