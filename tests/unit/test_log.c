/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of log.c.
 * Must never leave standard error pointing elsewhere.
 */
#include <holdfast/log.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/names.h>
#include <holdfast/str.h>

/* What one call of hf_log leaves on standard error. */
static const char *logged_line(enum hf_log_level level, const char *event, const struct hf_log_about *about, const char *text)
{
	static char got[8192];
	int end[2], before = dup(STDERR_FILENO);
	ssize_t n;

	cr_assert_eq(pipe(end), 0);
	cr_assert_geq(dup2(end[1], STDERR_FILENO), 0);
	close(end[1]);
	hf_log_about(level, event, about, "%s", text);
	dup2(before, STDERR_FILENO);
	close(before);
	n = read(end[0], got, sizeof(got) - 1);
	close(end[0]);
	cr_assert_geq(n, 0);
	got[n] = '\0';
	return got;
}

static const char *logged(enum hf_log_level level, const char *event, const char *text)
{
	return logged_line(level, event, HF_ABOUT(.reason = NULL), text);
}

static const char *logged_about(const struct hf_log_about *about)
{
	return logged_line(HF_LOG_NOTICE, HF_EV_CHANGED, about, "text");
}

Test(log, one_line_an_event)
{
	hf_log_init(HF_LOG_INFO);
	cr_expect_str_eq(logged(HF_LOG_NOTICE, HF_EV_PUBLISHED, "seq=7"), "<5>event=published seq=7\n");
	cr_expect_str_eq(logged(HF_LOG_ERROR, HF_EV_FAILED, ""), "<3>event=failed \n");
}

/* What a machine reads stands before the text, and no value makes another. */
Test(log, what_a_line_is_about)
{
	static const char id[] = "b7f76799a8da12340000000000000000000000000000000000000000000000aa";
	static const struct {
		const char *what;
		struct hf_log_about about;
		const char *device, *want;
	} rows[] = {
		{"nothing", {.reason = NULL}, "", "<5>event=changed text\n"},
		{"all", {.lockdown = id, .device = "d1", .reason = "too-few"}, "", "<5>event=changed lockdown=b7f76799a8da1234 device=d1 reason=too-few text\n"},
		{"a device's own log", {.reason = "key"}, "lap-0042", "<5>event=changed device=lap-0042 reason=key text\n"},
		{"another device in it", {.device = "d1"}, "lap-0042", "<5>event=changed device=d1 text\n"},
		{"attack: a device that makes words", {.device = "d1 reason=none\n<3>"}, "", "<5>event=changed device=d1?reason?none??3? text\n"},
		{"attack: one without end", {.device = "0123456789012345678901234567890123456789012345678901234567890123456789"}, "",
		 "<5>event=changed device=0123456789012345678901234567890123456789012345678901234567890123 text\n"},
		{"a short id", {.lockdown = "b7f7"}, "", "<5>event=changed lockdown=b7f7 text\n"},
	};

	hf_log_init(HF_LOG_INFO);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_log_device(rows[i].device);
		cr_expect_str_eq(logged_about(&rows[i].about), rows[i].want, "%s", rows[i].what);
	}
	hf_log_device("");
}

Test(log, levels_below_the_chosen_one_are_silent)
{
	hf_log_init(HF_LOG_NOTICE);
	cr_expect_str_empty(logged(HF_LOG_INFO, HF_EV_BUS, "not shown"));
	cr_expect_str_not_empty(logged(HF_LOG_NOTICE, HF_EV_BUS, "shown"));
	hf_log_init(HF_LOG_DEBUG);
	cr_expect_str_not_empty(logged(HF_LOG_DEBUG, HF_EV_BUS, "shown"));
}

/* Attack: a topic or a reason that writes a second log line, or moves the cursor of whoever reads the log. */
Test(log, no_text_makes_a_second_line_or_moves_a_terminal)
{
	static const struct {
		const char *what, *text, *want;
	} rows[] = {
		{"newline", "a\n<3>event=release", "a?<3>event=release"},
		{"carriage return", "a\rb", "a?b"},
		{"escape", "a\033[2Jb", "a?[2Jb"},
		{"tab and bell", "\t\a", "??"},
		{"delete", "a\177b", "a?b"},
		{"U+009B, an escape in two bytes", "a\302\2332Jb", "a??2Jb"},
		{"U+00E9 stays", "caf\303\251", "caf\303\251"},
		{"U+00A3 stays", "\302\243", "\302\243"},
		{"a cut sequence at the end", "a\302", "a\302"},
	};
	char want[256];

	hf_log_init(HF_LOG_INFO);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		cr_assert_eq(hf_str_printf(want, sizeof(want), "<6>event=bus %s\n", rows[i].want), HF_OK);
		cr_expect_str_eq(logged(HF_LOG_INFO, HF_EV_BUS, rows[i].text), want, "%s", rows[i].what);
	}
}

Test(log, a_long_text_is_cut_and_still_one_line)
{
	static char big[5000];
	const char *got;

	memset(big, 'x', sizeof(big) - 1);
	hf_log_init(HF_LOG_INFO);
	got = logged(HF_LOG_INFO, HF_EV_BUS, big);
	cr_expect_lt(strlen(got), 4096, "one write of one line");
	cr_expect_gt(strlen(got), 2000);
	cr_expect_eq(strchr(got, '\n'), got + strlen(got) - 1);
	got = logged(HF_LOG_INFO, big, "text");
	cr_expect_eq(strchr(got, '\n'), got + strlen(got) - 1, "also when the event is long");
}

/* A log call keeps errno for whoever looks at it next. */
Test(log, keeps_errno_and_can_print_it)
{
	int null[2], before = dup(STDERR_FILENO);
	char got[256];
	ssize_t n;

	cr_assert_eq(pipe(null), 0);
	hf_log_init(HF_LOG_INFO);
	cr_assert_geq(dup2(null[1], STDERR_FILENO), 0);
	errno = ENOSPC;
	hf_log(HF_LOG_INFO, HF_EV_STORE, "%m");
	cr_expect_eq(errno, ENOSPC);
	errno = EIO;
	hf_log(HF_LOG_DEBUG, HF_EV_STORE, "silent");
	cr_expect_eq(errno, EIO);
	dup2(before, STDERR_FILENO);
	n = read(null[0], got, sizeof(got) - 1);
	cr_assert_gt(n, 0);
	got[n] = '\0';
	cr_expect_str_eq(got, "<6>event=store No space left on device\n");
}

enum { TO_PIPE, TO_OWN_PIPE, TO_STREAM };

/* Standard error becomes one end of it, without a free byte; the other end is answered. */
static int make_full(int way, int *ret_before)
{
	static const char much[512];
	int end[2], rc, how;

	*ret_before = dup(STDERR_FILENO);
	rc = way == TO_STREAM ? socketpair(AF_UNIX, SOCK_STREAM, 0, end) : pipe(end);
	cr_assert_eq(rc, 0);
	how = fcntl(end[1], F_GETFL);
	cr_assert_eq(fcntl(end[1], F_SETFL, how | O_NONBLOCK), 0);
	while (write(end[1], much, sizeof(much)) > 0)
		continue;
	cr_assert_eq(fcntl(end[1], F_SETFL, how), 0);
	cr_assert_geq(dup2(end[1], STDERR_FILENO), 0);
	close(end[1]);
	return end[0];
}

static void drain(int fd)
{
	char gone[65536];

	while (recv(fd, gone, sizeof(gone), MSG_DONTWAIT) > 0)
		continue;
	if (errno == ENOTSOCK && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		while (read(fd, gone, sizeof(gone)) > 0)
			continue;
}

/* Attack: the journal is stopped or its disk is full, and a service waits in its first line: a raise is not enforced. */
Test(log, never_waits_and_says_what_was_dropped)
{
	static const struct {
		const char *what;
		int way;
	} rows[] = {
		{"a pipe that others write to as well", TO_PIPE},
		{"a pipe, at the start of a program", TO_OWN_PIPE},
		{"the journal's stream", TO_STREAM},
	};
	char got[512];

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		int before, fd;
		size_t len = 0;
		ssize_t n;

		hf_log_init(HF_LOG_INFO);
		fd = make_full(rows[i].way, &before);
		if (rows[i].way == TO_OWN_PIPE)
			hf_log_init(HF_LOG_INFO);
		for (int line = 0; line < 3; line++)
			hf_log(HF_LOG_ERROR, HF_EV_FAILED, "line %d", line);
		drain(fd);
		hf_log(HF_LOG_NOTICE, HF_EV_START, "again");
		hf_log(HF_LOG_NOTICE, HF_EV_START, "and again");
		dup2(before, STDERR_FILENO);
		close(before);
		while ((n = read(fd, got + len, sizeof(got) - 1 - len)) > 0)
			len += (size_t)n;
		got[len] = '\0';
		close(fd);
		cr_expect_str_eq(got,
				 "<4>event=dropped lines=3: nobody read the log, and nothing waits for it\n"
				 "<5>event=start again\n<5>event=start and again\n",
				 "%s", rows[i].what);
	}
}

/* Whoever shares the pipe keeps it as it was. */
Test(log, does_not_change_what_is_shared)
{
	int end[2], before = dup(STDERR_FILENO);

	cr_assert_eq(pipe(end), 0);
	cr_assert_geq(dup2(end[1], STDERR_FILENO), 0);
	hf_log_init(HF_LOG_INFO);
	cr_expect_eq(fcntl(end[1], F_GETFL) & O_NONBLOCK, 0);
	cr_expect_neq(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	dup2(before, STDERR_FILENO);
	close(before);
	close(end[0]);
	close(end[1]);
}

/* Attack: the reader of a pipe ends, and with it by SIGPIPE the service that writes to it. */
Test(log, a_reader_that_has_gone_ends_nothing)
{
	int end[2], before = dup(STDERR_FILENO);

	cr_assert_eq(pipe(end), 0);
	cr_assert_geq(dup2(end[1], STDERR_FILENO), 0);
	close(end[1]);
	close(end[0]);
	hf_log(HF_LOG_ERROR, HF_EV_FAILED, "to nobody");
	dup2(before, STDERR_FILENO);
	close(before);
}
