/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of notify.c and watchdog.c.
 * Must never speak to a real service manager.
 */
#include <holdfast/notify.h>

#include <fcntl.h>
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

/* What one message says, and whether a descriptor that reads this came with it. */
static bool was_kept(int fd, const char *want, const char *text)
{
	char said[128] = "", room[CMSG_SPACE(sizeof(int))], read_back[32] = "";
	struct iovec part = {said, sizeof(said) - 1};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
	int came = -1;

	if (recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) < 0 || strcmp(said, want) != 0)
		return false;
	if (CMSG_FIRSTHDR(&msg))
		memcpy(&came, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(came));
	if (!text || came < 0)
		return !text && came < 0;
	bool same = pread(came, read_back, sizeof(read_back) - 1, 0) >= 0 && strcmp(read_back, text) == 0;
	hf_fd_close(&came);
	return same;
}

Test(notify, a_descriptor_is_kept_in_place_of_the_one_before)
{
	char folder[TEST_FOLDER_SIZE], name[PATH_MAX], path[PATH_MAX];
	int fd, file;

	test_folder_make(folder);
	fd = manager(test_path(name, folder, "n"));
	file = open(test_path(path, folder, "kept"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_eq(write(file, "rules", 5), 5);
	hf_notify_keep("rules", file);
	cr_expect(was_kept(fd, "FDSTORE=1\nFDPOLL=0\nFDNAME=rules", "rules"), "it goes along");
	cr_expect(was_kept(fd, "FDSTOREREMOVE=1\nFDNAME=rules.other", NULL));
	hf_notify_keep("rules", file);
	cr_expect(was_kept(fd, "FDSTORE=1\nFDPOLL=0\nFDNAME=rules.other", "rules"), "killed now, the one before is there");
	cr_expect(was_kept(fd, "FDSTOREREMOVE=1\nFDNAME=rules", NULL));
	hf_notify_forget("rules");
	cr_expect(was_kept(fd, "FDSTOREREMOVE=1\nFDNAME=rules", NULL));
	cr_expect(was_kept(fd, "FDSTOREREMOVE=1\nFDNAME=rules.other", NULL));
	unsetenv("NOTIFY_SOCKET");
	hf_notify_keep("rules", file);
	hf_notify_forget("rules");
	hf_fd_close(&file);
	hf_fd_close(&fd);
	test_folder_remove(folder);
}

Test(notify, what_is_handed_to_another_process_is_not_ours)
{
	static const struct {
		const char *what, *fds, *names, *wanted;
		bool other;
		int want; /* 0: none */
	} rows[] = {
		{"the socket", "1", "listen", "listen", false, 3},
		{"the second of two", "2", "listen:rules", "rules", false, 4},
		{"no name fits in part", "2", "listening:rules", "listen", false, 0},
		{"more names than descriptors", "1", "listen:rules", "rules", false, 0},
		{"killed while it was replaced", "2", "rules.other:rules", "rules", false, 3},
		{"in its turn", "2", "listen:rules.other", "rules", false, 4},
		{"another process", "1", "listen", "listen", true, 0},
		{"nothing was handed", NULL, NULL, "listen", false, 0},
	};
	char pid[16];

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		int fd = 0;

		cr_assert_eq(hf_str_printf(pid, sizeof(pid), "%d", rows[i].other ? 1 : (int)getpid()), HF_OK);
		setenv("LISTEN_PID", pid, 1);
		rows[i].fds ? setenv("LISTEN_FDS", rows[i].fds, 1) : unsetenv("LISTEN_FDS");
		rows[i].names ? setenv("LISTEN_FDNAMES", rows[i].names, 1) : unsetenv("LISTEN_FDNAMES");
		/* Two that are there, whatever stood in their place. */
		int kept[2] = {fcntl(3, F_DUPFD_CLOEXEC, 10), fcntl(4, F_DUPFD_CLOEXEC, 10)};
		cr_assert(dup2(1, 3) == 3 && dup2(1, 4) == 4);
		bool handed = hf_notify_handed(rows[i].wanted, &fd);
		bool closes = handed && (fcntl(fd, F_GETFD) & FD_CLOEXEC);
		for (int k = 0; k < 2; k++) {
			close(3 + k);
			if (kept[k] >= 0) {
				dup2(kept[k], 3 + k);
				close(kept[k]);
			}
		}
		cr_expect(handed == (rows[i].want > 0) && fd == rows[i].want, "%s", rows[i].what);
		cr_expect(closes == handed, "%s: it is handed to nobody else", rows[i].what);
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
