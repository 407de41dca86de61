/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of traces.c: what the agent made it takes away, and nothing else (policy D9.3).
 * Must never write outside its own folder.
 */
#include "agent/enforce/common/traces.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>

#include "tests/help/folder.h"

static char root[TEST_FOLDER_SIZE];
static char theirs[PATH_MAX], own[PATH_MAX], deep[PATH_MAX], file[PATH_MAX];

static void make_root(void)
{
	test_folder_make(root);
	test_path(theirs, root, "theirs");
	test_path(own, root, "theirs/own");
	test_path(deep, root, "theirs/own/deep/er");
	test_path(file, root, "theirs/own/deep/er/file");
	cr_assert_eq(mkdir(theirs, 0750), 0);
}

static void remove_root(void)
{
	test_folder_remove(root);
}

TestSuite(traces, .init = make_root, .fini = remove_root);

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

Test(traces, what_it_made_goes_and_what_was_there_stays)
{
	struct stat st;

	umask(0077);
	cr_assert_eq(hf_traces_folder(deep, NULL), HF_OK);
	cr_assert_eq(hf_traces_folder(deep, NULL), HF_OK, "there already is well");
	cr_assert_eq(stat(deep, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0755, "every person's browser reads there");
	hf_traces_clear(deep);
	cr_expect(!is_there(own));
	cr_expect(is_there(theirs), "empty, and somebody else's");
	cr_assert_eq(stat(theirs, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0750);
}

Test(traces, a_folder_with_something_in_it_stays)
{
	cr_assert_eq(hf_traces_folder(deep, NULL), HF_OK);
	cr_assert_eq(hf_fs_replace(file, "x", 1, 0600, NULL), HF_OK);
	hf_traces_clear(deep);
	cr_expect(is_there(file), "another vendor's file");
	cr_assert_eq(hf_fs_remove(file, NULL), HF_OK);
	cr_assert_eq(hf_fs_remove(file, NULL), HF_OK, "it need not be there");
	hf_traces_clear(deep);
	cr_expect(!is_there(own));
}

Test(traces, a_folder_that_was_there_empty_is_not_taken)
{
	cr_assert_eq(mkdir(own, 0755), 0);
	cr_assert_eq(hf_traces_folder(deep, NULL), HF_OK);
	hf_traces_clear(deep);
	cr_expect(!is_there(deep));
	cr_expect(is_there(own), "it stood before we came");
}

Test(traces, what_is_no_folder_is_said)
{
	struct hf_err err = {""};

	cr_assert_eq(hf_fs_replace(own, "x", 1, 0600, NULL), HF_OK);
	cr_expect_eq(hf_traces_folder(deep, &err), HF_E_SYSTEM);
	cr_expect_neq(err.text[0], '\0');
	hf_traces_clear(own);
	cr_expect(is_there(own), "a file is not ours to clear");
}
