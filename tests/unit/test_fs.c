/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of fs.c.
 * Must never write outside its own folder. A full disk is in tests/system/test_full_disk.py.
 */
#include <holdfast/fs.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

#include "tests/help/folder.h"

static char folder[TEST_FOLDER_SIZE];
static char path[PATH_MAX];

static void make_folder(void)
{
	test_folder_make(folder);
	test_path(path, folder, "file");
}

static void remove_folder(void)
{
	test_folder_remove(folder);
}

TestSuite(fs, .init = make_folder, .fini = remove_folder);

static void expect_content(const char *want)
{
	hf_auto_free char *got = NULL;
	size_t len = 0;
	struct hf_err err = {{0}};
	enum hf_rc rc = hf_fs_read(path, 1 << 20, &got, &len, &err);

	cr_assert_eq(rc, HF_OK, "%s", err.text);
	cr_expect_eq(len, strlen(want));
	cr_expect_str_eq(got, want);
}

/* policy D9.2: another's file, or one that others may change, is not taken for ours. */
Test(fs, holds_these_bytes_and_no_other)
{
	char big[10000], other[PATH_MAX];

	memset(big, 'x', sizeof(big));
	cr_assert_eq(hf_fs_replace(path, big, sizeof(big), 0644, NULL), HF_OK);
	cr_expect(hf_fs_holds(path, big, sizeof(big), 0644));
	cr_expect_not(hf_fs_holds(path, big, sizeof(big), 0600), "other permissions");
	cr_expect_not(hf_fs_holds(path, big, sizeof(big) - 1, 0644), "a byte more than wanted");
	big[sizeof(big) - 1] = 'y';
	cr_expect_not(hf_fs_holds(path, big, sizeof(big), 0644), "the last byte is another");
	cr_expect_not(hf_fs_holds(test_path(other, folder, "absent"), "", 0, 0644), "not there");
	cr_assert_eq(symlink(path, test_path(other, folder, "link")), 0);
	big[sizeof(big) - 1] = 'x';
	cr_expect_not(hf_fs_holds(other, big, sizeof(big), 0644), "a link to one that does");
	cr_assert_eq(hf_fs_replace(path, "", 0, 0644, NULL), HF_OK);
	cr_expect(hf_fs_holds(path, "", 0, 0644), "empty");
}

/* policy D9.3: a release leaves nothing, also when a writer was killed between making its temp file and the rename. */
Test(fs, sweeps_what_a_killed_writer_left_and_nothing_else)
{
	static const struct {
		const char *name;
		bool stays;
	} rows[] = {
		{".file.a1B2c3", false}, {"file", true},	 {".file.a1B2c", true}, {".file.a1B2c34", true},
		{".file2.a1B2c3", true}, {".filexa1B2c3", true}, {"file.a1B2c3", true}, {".other.a1B2c3", true},
	};
	char other[PATH_MAX];

	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_assert_eq(hf_fs_replace(test_path(other, folder, rows[i].name), "x", 1, 0600, NULL), HF_OK);
	hf_fs_sweep(path);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(access(test_path(other, folder, rows[i].name), F_OK) == 0, rows[i].stays, "%s",
			     rows[i].name);
	hf_fs_sweep(test_path(other, folder, "no/such/folder"));
}

Test(fs, reads_back_what_was_written)
{
	struct hf_err err;

	cr_assert_eq(hf_fs_replace(path, "one", 3, 0640, &err), HF_OK);
	expect_content("one");
	cr_assert_eq(hf_fs_replace(path, "second", 6, 0640, &err), HF_OK);
	expect_content("second");
	cr_assert_eq(hf_fs_replace(path, "", 0, 0640, &err), HF_OK);
	expect_content("");
	cr_expect_eq(test_folder_count(folder), 1, "no temp file stays");
}

/* Size first: what is larger than the limit is refused before anything looks at it. */
Test(fs, a_limit_is_a_limit)
{
	static const struct {
		const char *what;
		size_t len, max;
		enum hf_rc want;
	} rows[] = {
		{"empty file, no room", 0, 0, HF_OK},
		{"one byte, no room", 1, 0, HF_E_SIZE},
		{"exactly the limit", 100, 100, HF_OK},
		{"one more", 101, 100, HF_E_SIZE},
		{"exactly a first read", 4096, 4096, HF_OK},
		{"one more than a first read", 4097, 4096, HF_E_SIZE},
		{"several reads", 100000, 100000, HF_OK},
		{"several reads, one more", 100001, 100000, HF_E_SIZE},
		{"far below the limit", 100000, 1 << 20, HF_OK},
	};
	static char big[100001];

	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *got = NULL;
		size_t len = 77;
		struct hf_err err = {{0}};

		cr_assert_eq(hf_fs_replace(path, big, rows[i].len, 0600, &err), HF_OK);
		cr_expect_eq(hf_fs_read(path, rows[i].max, &got, &len, &err), rows[i].want, "%s", rows[i].what);
		cr_expect_eq(len, rows[i].want == HF_OK ? rows[i].len : 77, "%s: untouched unless ok", rows[i].what);
		cr_expect(rows[i].want != HF_OK || got[len] == '\0', "%s: end mark", rows[i].what);
	}
}

Test(fs, absent_and_wrong_are_two_answers)
{
	char *got = NULL;
	size_t len = 0;
	struct hf_err err = {{0}};

	cr_expect_eq(hf_fs_read(path, 10, &got, &len, &err), HF_E_ABSENT, "absent is no error of the disk");
	cr_expect_not_null(strstr(err.text, path), "it says where: %s", err.text);
	cr_expect_eq(hf_fs_read(folder, 10, &got, &len, &err), HF_E_SYSTEM, "a folder is no file");
	cr_expect_null(got);
}

/* Attack: who may write in a folder puts a pipe there that nobody fills, and whoever reads it waits for ever. */
Test(fs, waits_for_no_pipe_and_no_device, .timeout = 60)
{
	hf_auto_free char *got = NULL;
	size_t len = 0;
	struct hf_err err = {{0}};

	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(hf_fs_read(path, 10, &got, &len, &err), HF_E_SYSTEM, "nobody writes into it");
	cr_expect_not_null(strstr(err.text, path), "it says which: %s", err.text);
	cr_expect_not_null(strstr(err.text, "no file but a pipe"), "%s", err.text);
	hf_auto_fd int other = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_eq(write(other, "half", 4), 4);
	cr_expect_eq(hf_fs_read(path, 10, &got, &len, &err), HF_E_SYSTEM, "somebody does, and does not end");
	cr_expect_eq(hf_fs_read("/dev/zero", 10, &got, &len, &err), HF_E_SYSTEM, "a device");
	cr_expect_null(got);
}

static void expect_handed_on(const char *name)
{
	hf_auto_free char *got = NULL;
	size_t len = 0;
	struct hf_err err = {{0}};

	cr_expect_eq(hf_fs_read(name, 10, &got, &len, &err), HF_OK, "%s: %s", name, err.text);
	cr_expect(len == 4 && memcmp(got, "text", 4) == 0, "%s", name);
}

/* Whoever says `--message-file <(...)` waits for what they have started: it may take its time. */
Test(fs, reads_what_a_shell_hands_on, .timeout = 60)
{
	char name[32];
	int fd[2], again[2];

	cr_assert(pipe(fd) == 0 && pipe(again) == 0);
	if (fork() == 0) {
		usleep(50000);
		_exit(write(fd[1], "text", 4) != 4 || write(again[1], "text", 4) != 4);
	}
	close(fd[1]);
	close(again[1]);
	(void)snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
	expect_handed_on(name);
	cr_assert_eq(dup2(again[0], STDIN_FILENO), STDIN_FILENO);
	expect_handed_on("/dev/stdin");
	cr_assert_eq(wait(NULL) > 0, true);
}

Test(fs, reads_a_pipe_to_its_end)
{
	hf_auto_free char *got = NULL;
	size_t len = 0;
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(write(fd[1], "pass", 4), 4);
	close(fd[1]);
	cr_expect_eq(hf_fs_read_fd(fd[0], 10, &got, &len, NULL), HF_OK, "a passphrase comes from a descriptor");
	cr_expect_str_eq(got, "pass");
	close(fd[0]);
}

Test(fs, the_mode_is_exact_whatever_the_umask)
{
	struct stat st;

	umask(0077);
	cr_assert_eq(hf_fs_replace(path, "x", 1, 0644, NULL), HF_OK);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0644, "a browser that is not root must read its policy");
	umask(0);
	cr_assert_eq(hf_fs_replace(path, "x", 1, 0600, NULL), HF_OK);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600, "a key is nobody else's");
}

/* A file size limit stands for any write that fails half way. */
Test(fs, a_failed_write_leaves_the_old_file_and_nothing_else)
{
	struct rlimit small = {4, 4};
	struct hf_err err = {{0}};

	cr_assert_eq(hf_fs_replace(path, "old", 3, 0600, &err), HF_OK);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	cr_expect_eq(hf_fs_replace(path, "much longer", 11, 0600, &err), HF_E_SYSTEM);
	cr_expect_not_null(strstr(err.text, "what was there is as it was"), "%s", err.text);
	expect_content("old");
	cr_expect_eq(test_folder_count(folder), 1, "no temp file stays");
}

Test(fs, a_rename_that_fails_leaves_nothing)
{
	char below[PATH_MAX];

	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(hf_fs_replace(test_path(below, path, "inner"), "x", 1, 0600, NULL), HF_OK);
	cr_expect_eq(hf_fs_replace(path, "x", 1, 0600, NULL), HF_E_SYSTEM, "a folder is not replaced by a file");
	cr_expect_eq(test_folder_count(folder), 1);
	cr_expect_eq(hf_fs_replace("/nonexistent-folder/x", "x", 1, 0600, NULL), HF_E_SYSTEM);
}

/* The link is replaced, not what an attacker made it point to. */
Test(fs, a_symbolic_link_is_not_written_through)
{
	char victim[PATH_MAX];
	struct stat st;

	cr_assert_eq(hf_fs_replace(test_path(victim, folder, "victim"), "safe", 4, 0600, NULL), HF_OK);
	cr_assert_eq(symlink(victim, path), 0);
	cr_assert_eq(hf_fs_replace(path, "new", 3, 0600, NULL), HF_OK);
	cr_assert_eq(lstat(path, &st), 0);
	cr_expect(S_ISREG(st.st_mode));
	cr_assert_eq(stat(victim, &st), 0);
	cr_expect_eq(st.st_size, 4);
}

Test(fs, a_name_without_a_folder_is_in_this_folder)
{
	cr_assert_eq(chdir(folder), 0);
	cr_expect_eq(hf_fs_replace("bare", "x", 1, 0600, NULL), HF_OK);
	cr_expect_eq(access("bare", R_OK), 0);
	cr_assert_eq(chdir("/"), 0);
}

Test(fs, makes_folders_above)
{
	char deep[PATH_MAX], at[PATH_MAX];
	struct stat st;

	umask(0077);
	test_path(deep, folder, "a/b//c/");
	cr_expect_eq(hf_fs_mkdirs(deep, 0755, NULL), HF_OK);
	cr_expect_eq(hf_fs_mkdirs(deep, 0700, NULL), HF_OK, "there already is well");
	cr_assert_eq(stat(test_path(at, folder, "a/b"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0755);
	cr_assert_eq(hf_fs_replace(path, "x", 1, 0600, NULL), HF_OK);
	cr_expect_eq(hf_fs_mkdirs(path, 0700, NULL), HF_E_SYSTEM, "a file is no folder");
	cr_expect_eq(hf_fs_mkdirs("", 0700, NULL), HF_E_SYSTEM);
}

Test(fs, closing_keeps_errno_and_stealing_hands_over)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken;

	taken = hf_steal_fd(&fd);
	cr_expect_eq(fd, -1);
	errno = ENOSPC;
	hf_fd_close(&taken);
	hf_fd_close(&taken);
	cr_expect_eq(errno, ENOSPC, "the error that is being reported must survive");
	cr_expect_eq(taken, -1);
}
