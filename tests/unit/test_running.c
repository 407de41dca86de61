/* SPDX-License-Identifier: MIT */
/*
 * Programs that cannot be frozen: the countdown, the request, the end; and whose connections are cut. Policy D9.2
 * (what runs stops), D9.3 (nothing is lost that could be saved).
 * Must never signal a process that it did not start.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/enforce/running/running_cut.h"
#include "agent/enforce/running/running_end.h"

#define DUE 60000

struct said {
	size_t n;
	int64_t last;
};

static void hear(void *arg, const struct hf_ending *ending, int64_t left_s)
{
	struct said *said = arg;
	(void)ending;
	said->n++;
	said->last = left_s;
}

/* A child that waits for a signal; which one ended it is told by end_of. */
static pid_t start(bool deaf)
{
	int ends[2];
	char ready;
	cr_assert_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (deaf)
			signal(SIGTERM, SIG_IGN);
		if (write(ends[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	cr_assert_eq(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static struct hf_ending ending_of(pid_t pid)
{
	struct hf_ending ending = {.proc.pid = pid, .due.ms = DUE};
	cr_assert_eq(hf_proc_start(pid, &ending.proc.start), HF_OK);
	return ending;
}

/* clang-format off */
static const struct {
	const char *what;
	int64_t at; /* milliseconds; it is due at 60,000 */
	size_t said; /* how often, from the beginning */
	int64_t left;
} TICKS[] = {
	{ "at once it is said",          0,     1, 60 },
	{ "not at every look",           1000,  1, 60 },
	{ "again after ten seconds",     10000, 2, 50 },
	{ "a look that came late",       55001, 3, 5 },
	{ "its time is up",              60000, 4, 0 },
	{ "that is said once",           61000, 4, 0 },
};
/* clang-format on */

Test(running, countdown)
{
	struct hf_endings endings = {.n = 0};
	struct said said = {0, -1};
	pid_t pid = start(false);
	struct hf_ending ending = ending_of(pid);
	cr_assert_eq(hf_endings_add(&endings, &ending), HF_OK);
	cr_assert_eq(hf_endings_add(&endings, &ending), HF_OK);
	cr_expect_eq(endings.n, 1, "the same one is one");
	cr_expect_eq(hf_endings_left_s(&endings, (struct hf_boot_ms){1}), 60, "rounded up");
	for (size_t i = 0; i < 4; i++) {
		hf_endings_tick(&endings, (struct hf_boot_ms){TICKS[i].at}, hear, &said);
		cr_expect_eq(said.n, TICKS[i].said, "%s: %zu", TICKS[i].what, said.n);
		cr_expect_eq(said.last, TICKS[i].left, "%s: %lld", TICKS[i].what, (long long)said.last);
	}
	cr_expect_eq(kill(pid, 0), 0, "D9.3 until then it runs, and can save");
	hf_endings_tick(&endings, (struct hf_boot_ms){TICKS[4].at}, hear, &said);
	cr_expect_eq(said.last, 0);
	cr_expect_eq(end_of(pid), SIGTERM, "D9.2 asked to end: it may save");
	hf_endings_tick(&endings, (struct hf_boot_ms){TICKS[5].at}, hear, &said);
	cr_expect_eq(said.n, TICKS[5].said, "%s", TICKS[5].what);
	cr_expect_eq(endings.n, 0);
	cr_expect_eq(endings.n_ended, 1);
	hf_endings_done(&endings);
}

Test(running, one_that_does_not_listen_is_ended)
{
	struct hf_endings endings = {.n = 0};
	struct said said = {0, -1};
	pid_t pid = start(true);
	struct hf_ending ending = ending_of(pid);
	cr_assert_eq(hf_endings_add(&endings, &ending), HF_OK);
	hf_endings_tick(&endings, (struct hf_boot_ms){DUE}, hear, &said);
	hf_endings_tick(&endings, (struct hf_boot_ms){DUE + HF_ENDING_GRACE_MS - 1}, hear, &said);
	cr_expect_eq(kill(pid, 0), 0, "it has its time of grace");
	hf_endings_tick(&endings, (struct hf_boot_ms){DUE + HF_ENDING_GRACE_MS}, hear, &said);
	cr_expect_eq(end_of(pid), SIGKILL);
	hf_endings_done(&endings);
}

static bool nobody(void *arg, pid_t pid)
{
	(void)arg, (void)pid;
	return false;
}

Test(running, what_need_not_end_runs_on)
{
	struct hf_endings endings = {.n = 0};
	struct said said = {0, -1};
	pid_t pid = start(false);
	struct hf_ending ending = ending_of(pid);
	struct hf_ending other = ending;
	other.proc.start++;
	cr_expect_eq(hf_endings_add(&endings, &other), HF_E_ABSENT, "attack: a number that another process has now");
	cr_assert_eq(hf_endings_add(&endings, &ending), HF_OK);
	hf_endings_keep(&endings, nobody, NULL);
	cr_expect_eq(endings.n, 0, "D9.3 released in time");
	cr_assert_eq(hf_endings_add(&endings, &ending), HF_OK);
	hf_endings_forget(&endings, &ending.proc);
	cr_expect_eq(endings.n, 0, "frozen after all");
	hf_endings_tick(&endings, (struct hf_boot_ms){DUE * 2}, hear, &said);
	cr_expect_eq(kill(pid, SIGKILL), 0);
	cr_expect_eq(end_of(pid), SIGKILL, "it was ours to end");
	hf_endings_done(&endings);
}

Test(running, sockets_of_a_process_are_found)
{
	struct hf_cut cut = {.n = 0};
	int ends[2];
	cr_assert_eq(hf_cut_add(&cut, getpid()), HF_OK);
	size_t before = cut.n;
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	cr_assert_eq(hf_cut_add(&cut, getpid()), HF_OK);
	cr_expect_eq(cut.n, before * 2 + 2);
	cr_assert_eq(hf_cut_add(&cut, 1 << 22), HF_OK, "one that is gone has none");
	free(cut.inodes);
	cut = (struct hf_cut){.n = 0};
	cr_expect_eq(hf_cut_done(&cut, NULL), HF_OK, "nothing to do needs nothing of the machine");
	close(ends[0]);
	close(ends[1]);
}
