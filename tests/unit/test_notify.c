/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of notify.c and watchdog.c.
 * Must never speak to a real service manager.
 */
#include <holdfast/notify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/watchdog.h>

#include "tests/help/folder.h"

static int manager(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	cr_assert_eq(hf_str_copy(addr.sun_path, sizeof(addr.sun_path), name), HF_OK);
	if (name[0] == '@')
		addr.sun_path[0] = '\0';
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, len), 0);
	cr_assert_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void expect_told(int fd, const char *want)
{
	char buf[128];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

	cr_assert_geq(n, 0);
	buf[n] = '\0';
	cr_expect_str_eq(buf, want);
}

Test(notify, tells_by_a_file_and_by_a_name_that_is_none)
{
	char folder[TEST_FOLDER_SIZE], name[PATH_MAX];
	int fd;

	test_folder_make(folder);
	fd = manager(test_path(name, folder, "n"));
	cr_expect_eq(hf_notify(HF_NOTIFY_READY, NULL), HF_OK);
	expect_told(fd, "READY=1");
	hf_fd_close(&fd);
	cr_expect_eq(hf_notify(HF_NOTIFY_READY, NULL), HF_E_SYSTEM, "the manager has gone");
	test_folder_remove(folder);
	cr_assert_eq(hf_str_printf(name, sizeof(name), "@hf-test-%d", (int)getpid()), HF_OK);
	fd = manager(name);
	cr_expect_eq(hf_notify(HF_NOTIFY_STOPPING "\nSTATUS=bye", NULL), HF_OK);
	expect_told(fd, "STOPPING=1\nSTATUS=bye");
	hf_fd_close(&fd);
}

Test(notify, without_a_manager_nothing_happens)
{
	static char longest[200];

	unsetenv("NOTIFY_SOCKET");
	cr_expect_eq(hf_notify(HF_NOTIFY_READY, NULL), HF_E_ABSENT);
	setenv("NOTIFY_SOCKET", "", 1);
	cr_expect_eq(hf_notify(HF_NOTIFY_READY, NULL), HF_E_ABSENT);
	memset(longest, 'x', sizeof(longest) - 1);
	setenv("NOTIFY_SOCKET", longest, 1);
	cr_expect_eq(hf_notify(HF_NOTIFY_READY, NULL), HF_E_SIZE);
}

Test(notify, the_watchdog_is_half_of_what_is_granted)
{
	static const struct {
		const char *what, *usec, *pid;
		int64_t want;
	} rows[] = {
		{"not asked for", NULL, NULL, 0},
		{"thirty seconds", "30000000", NULL, 15000},
		{"another process", "30000000", "1", 0},
		{"no number", "abc", NULL, 0},
		{"negative", "-5", NULL, 0},
		{"less than a tick", "10", NULL, 1},
		{"with a rest", "30000000x", NULL, 0},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (rows[i].usec)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		cr_expect_eq(hf_notify_watchdog_ms(), rows[i].want, "%s", rows[i].what);
	}
}

static int turns;

static void on_told(void *arg, uint32_t events)
{
	struct hf_loop *const *loop = arg;

	(void)events;
	turns++;
	hf_loop_stop(*loop);
}

/* Only a loop that turns says so: between two runs of it nothing comes, however long that lasts. */
Test(notify, a_loop_that_turns_says_so_and_one_that_hangs_does_not)
{
	char folder[TEST_FOLDER_SIZE], name[PATH_MAX];
	struct hf_watchdog watchdog = {0};
	struct hf_loop *loop = NULL;
	struct hf_err err = {0};
	int fd;

	test_folder_make(folder);
	fd = manager(test_path(name, folder, "n"));
	cr_assert_eq(hf_loop_new(&loop, &err), HF_OK);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	cr_expect_eq(hf_watchdog_start(&watchdog, loop, &err), HF_OK);
	cr_expect_null(watchdog.timer, "nobody asks for it");
	setenv("WATCHDOG_USEC", "20000", 1);
	cr_assert_eq(hf_watchdog_start(&watchdog, loop, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_loop_add_fd(loop, fd, on_told, (void *)&loop, NULL), HF_OK);
	for (int i = 1; i <= 3; i++) {
		cr_assert_eq(hf_loop_run(loop, &err), HF_OK);
		cr_expect_eq(turns, i);
		expect_told(fd, "WATCHDOG=1");
		usleep(3 * 20000);
		cr_expect_lt(recv(fd, name, sizeof(name), 0), 0, "the loop stands still");
	}
	hf_loop_free(&loop);
	hf_fd_close(&fd);
	test_folder_remove(folder);
}
