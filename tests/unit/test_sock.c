/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of sock.c.
 * Must never listen outside its own folder.
 */
#include <holdfast/sock.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "tests/help/folder.h"

static char folder[TEST_FOLDER_SIZE];
static char path[PATH_MAX];

static void make_folder(void)
{
	test_folder_make(folder);
	test_path(path, folder, "s");
}

static void remove_folder(void)
{
	test_folder_remove(folder);
}

TestSuite(sock, .init = make_folder, .fini = remove_folder);

struct pair {
	int listener, here, there;
	uid_t uid;
};

static struct pair make_pair(void)
{
	struct pair p = {-1, -1, -1, (uid_t)-1};
	struct hf_err err = {{0}};

	cr_assert_eq(hf_sock_listen(path, 0600, &p.listener, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_sock_connect(path, &p.here, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_sock_accept(p.listener, &p.there, &p.uid, &err), HF_OK, "%s", err.text);
	return p;
}

static void end_pair(struct pair *p)
{
	hf_fd_close(&p->listener);
	hf_fd_close(&p->here);
	hf_fd_close(&p->there);
}

static void expect_quiet(int fd)
{
	cr_expect(fcntl(fd, F_GETFL) & O_NONBLOCK, "it never makes the loop wait");
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC, "no child inherits it");
}

Test(sock, messages_keep_their_bounds_and_the_kernel_says_who)
{
	struct pair p = make_pair();
	char buf[16];
	size_t len = 0;

	cr_expect_eq(p.uid, getuid(), "the peer's uid is checked");
	expect_quiet(p.listener);
	expect_quiet(p.here);
	expect_quiet(p.there);
	cr_assert_eq(hf_sock_send(p.here, "one", 3, NULL), HF_OK);
	cr_assert_eq(hf_sock_send(p.here, "second", 6, NULL), HF_OK);
	cr_assert_eq(hf_sock_receive(p.there, buf, sizeof(buf), &len, NULL), HF_OK);
	cr_expect_eq(len, 3);
	cr_expect_eq(memcmp(buf, "one", 3), 0);
	cr_assert_eq(hf_sock_receive(p.there, buf, sizeof(buf), &len, NULL), HF_OK);
	cr_expect_eq(len, 6);
	end_pair(&p);
}

Test(sock, nothing_there_and_closed_are_two_answers)
{
	struct pair p = make_pair();
	char buf[16];
	size_t len = 77;
	int fd = -1;
	uid_t uid;

	cr_expect_eq(hf_sock_receive(p.there, buf, sizeof(buf), &len, NULL), HF_E_ABSENT);
	cr_expect_eq(len, 77);
	cr_expect_eq(hf_sock_accept(p.listener, &fd, &uid, NULL), HF_E_ABSENT);
	cr_expect_eq(fd, -1);
	cr_assert_eq(hf_sock_send(p.there, "unread", 6, NULL), HF_OK);
	hf_fd_close(&p.here);
	cr_expect_eq(hf_sock_receive(p.there, buf, sizeof(buf), &len, NULL), HF_OK);
	cr_expect_eq(len, 0, "closed, also with something of ours unread");
	signal(SIGPIPE, SIG_DFL);
	cr_expect_eq(hf_sock_send(p.there, "x", 1, NULL), HF_E_SYSTEM, "and no signal ends the program");
	end_pair(&p);
}

Test(sock, a_message_is_refused_never_cut)
{
	static const struct {
		const char *what;
		size_t len, room;
		enum hf_rc sent, received;
	} rows[] = {
		{"empty: it would look like the end", 0, 10, HF_E_SIZE, HF_E_ABSENT},
		{"exactly the room", 10, 10, HF_OK, HF_OK},
		{"one byte too many", 11, 10, HF_OK, HF_E_SIZE},
		{"the largest", HF_SOCK_MESSAGE_MAX, HF_SOCK_MESSAGE_MAX, HF_OK, HF_OK},
		{"larger than the largest", HF_SOCK_MESSAGE_MAX + 1, 10, HF_E_SIZE, HF_E_ABSENT},
	};
	static char out[HF_SOCK_MESSAGE_MAX + 1], in[HF_SOCK_MESSAGE_MAX];
	struct pair p = make_pair();

	memset(out, 'x', sizeof(out));
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		size_t len = 77;

		cr_expect_eq(hf_sock_send(p.here, out, rows[i].len, NULL), rows[i].sent, "%s", rows[i].what);
		cr_expect_eq(hf_sock_receive(p.there, in, rows[i].room, &len, NULL), rows[i].received, "%s",
			     rows[i].what);
		cr_expect_eq(len, rows[i].received == HF_OK ? rows[i].len : 77, "%s", rows[i].what);
	}
	cr_expect_eq(hf_sock_receive(p.there, in, sizeof(in), &(size_t){0}, NULL), HF_E_ABSENT, "no rest stays behind");
	end_pair(&p);
}

/* A link that does not read must not make the keeper wait. */
Test(sock, a_peer_that_does_not_read_is_said)
{
	static char big[HF_SOCK_MESSAGE_MAX], in[HF_SOCK_MESSAGE_MAX];
	struct pair p = make_pair();
	enum hf_rc rc = HF_OK;
	size_t len;
	int sent = 0;

	while (rc == HF_OK && sent < 1000) {
		rc = hf_sock_send(p.here, big, sizeof(big), NULL);
		sent += rc == HF_OK;
	}
	cr_expect_eq(rc, HF_E_ABSENT);
	cr_expect_geq(sent, 2, "at least one waits while the next is made: %d", sent);
	while (sent-- > 0)
		cr_assert_eq(hf_sock_receive(p.there, in, sizeof(in), &len, NULL), HF_OK);
	cr_expect_eq(hf_sock_send(p.here, big, sizeof(big), NULL), HF_OK, "there is room again");
	end_pair(&p);
}

Test(sock, the_mode_is_exact_whatever_the_umask)
{
	int fd = -1;
	struct stat st;

	umask(0177);
	cr_assert_eq(hf_sock_listen(path, 0666, &fd, NULL), HF_OK);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0666);
	hf_fd_close(&fd);
	umask(0);
	cr_assert_eq(hf_sock_listen(path, 0600, &fd, NULL), HF_OK);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	hf_fd_close(&fd);
}

Test(sock, a_dead_socket_is_replaced)
{
	int dead = -1, fd = -1;

	cr_assert_eq(hf_sock_listen(path, 0600, &dead, NULL), HF_OK);
	hf_fd_close(&dead);
	cr_expect_eq(access(path, F_OK), 0, "a killed program leaves its socket");
	cr_expect_eq(hf_sock_connect(path, &fd, NULL), HF_E_ABSENT, "nobody listens there");
	cr_assert_eq(hf_sock_listen(path, 0600, &dead, NULL), HF_OK);
	cr_expect_eq(hf_sock_connect(path, &fd, NULL), HF_OK);
	hf_fd_close(&fd);
	hf_fd_close(&dead);
}

/* Attack: another program of the same user takes the socket of one that is alive. */
Test(sock, a_live_socket_and_other_files_are_left_alone)
{
	int live = -1, fd = -1;
	struct hf_err err = {{0}};

	cr_assert_eq(hf_sock_listen(path, 0600, &live, NULL), HF_OK);
	cr_expect_eq(hf_sock_listen(path, 0600, &fd, &err), HF_E_SYSTEM);
	cr_expect_not_null(strstr(err.text, "stop it first"), "%s", err.text);
	cr_expect_eq(hf_sock_connect(path, &fd, NULL), HF_OK, "it still listens");
	hf_fd_close(&fd);
	hf_fd_close(&live);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(hf_fs_replace(path, "mine", 4, 0600, NULL), HF_OK);
	cr_expect_eq(hf_sock_listen(path, 0600, &fd, &err), HF_E_SYSTEM);
	cr_expect_not_null(strstr(err.text, "no socket"), "%s", err.text);
	cr_expect_eq(access(path, F_OK), 0);
	cr_expect_eq(fd, -1);
}

/* Attack on whoever puts it right: sent to look for a program that is not there. */
Test(sock, one_that_may_not_be_looked_at_is_not_called_alive)
{
	struct hf_err err = {{0}};
	uid_t own = geteuid();
	int fd = -1;

	cr_assert_eq(hf_sock_listen(path, 0600, &fd, &err), HF_OK, "%s", err.text);
	hf_fd_close(&fd);
	cr_assert_eq(chmod(path, 0), 0);
	cr_assert_eq(chmod(folder, 0777), 0);
	/* Root would be let in. */
	cr_assert_eq(own == 0 ? seteuid(65534) : 0, 0);
	enum hf_rc rc = hf_sock_listen(path, 0600, &fd, &err);
	cr_assert_eq(own == 0 ? seteuid(own) : 0, 0);
	cr_expect_eq(rc, HF_E_SYSTEM);
	cr_expect(strstr(err.text, "may not be looked at") && strstr(err.text, "Permission denied"), "%s", err.text);
}

Test(sock, absent_wrong_and_too_long_are_three_answers)
{
	static char longest[200];
	struct hf_err err = {{0}};
	int fd = -1;

	memset(longest, 'x', sizeof(longest) - 1);
	cr_expect_eq(hf_sock_connect(path, &fd, &err), HF_E_ABSENT);
	cr_expect_not_null(strstr(err.text, path), "%s", err.text);
	cr_expect_eq(hf_sock_connect(longest, &fd, NULL), HF_E_SIZE);
	cr_expect_eq(hf_sock_listen(longest, 0600, &fd, NULL), HF_E_SIZE);
	cr_expect_eq(hf_sock_listen("/nonexistent-folder/s", 0600, &fd, NULL), HF_E_SYSTEM);
	cr_expect_eq(fd, -1);
}
