/* SPDX-License-Identifier: MIT */
/*
 * Who opened a listed file before a raise. Policy D9.2: what runs stops, whatever it calls itself.
 * Must never take another process for the one that opened it.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/enforce/running/openers.h"

static const struct hf_file_id SCRIPT = {1, 2}, OTHER = {1, 3};

static pid_t waits(void)
{
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void ends(pid_t pid)
{
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static size_t known(const struct hf_openers *openers, pid_t pid)
{
	size_t n = 0;
	for (size_t at = 0; hf_openers_next(openers, pid, &at); n++)
		continue;
	return n;
}

Test(openers, each_file_of_each_process_once)
{
	struct hf_openers openers = {.group = -1};
	pid_t one = waits(), two = waits();
	hf_openers_hear(&openers, one, &SCRIPT);
	hf_openers_hear(&openers, one, &SCRIPT);
	hf_openers_hear(&openers, one, &OTHER);
	hf_openers_hear(&openers, two, &SCRIPT);
	cr_expect_eq(openers.n, 3, "%zu", openers.n);
	cr_expect_eq(known(&openers, one), 2);
	cr_expect_eq(known(&openers, two), 1);
	ends(one);
	cr_expect_eq(known(&openers, one), 0, "it is another's number when it comes again");
	ends(two);
	hf_openers_close(&openers);
}

Test(openers, the_number_of_another)
{
	struct hf_openers openers = {.group = -1};
	pid_t one = waits();
	hf_openers_hear(&openers, one, &SCRIPT);
	openers.v[0].proc.start--;
	cr_expect_eq(known(&openers, one), 0, "a number that was given anew");
	hf_openers_hear(&openers, one, &SCRIPT);
	cr_expect_eq(known(&openers, one), 1);
	ends(one);
	hf_openers_hear(&openers, one, &OTHER);
	cr_expect_eq(openers.n, 2, "who has gone is not remembered");
	hf_openers_close(&openers);
}

Test(openers, a_flood_of_one_user)
{
	struct hf_openers openers = {.group = -1};
	pid_t gone = waits(), first = waits(), flood = waits();
	hf_openers_hear(&openers, gone, &SCRIPT);
	hf_openers_hear(&openers, first, &SCRIPT);
	ends(gone);
	for (uint64_t ino = 10; openers.n < HF_OPENERS_MAX; ino++)
		hf_openers_hear(&openers, flood, &(struct hf_file_id){1, ino});
	hf_openers_hear(&openers, flood, &SCRIPT);
	cr_expect_eq(openers.n, HF_OPENERS_MAX);
	cr_expect_eq(known(&openers, first), 1, "who has gone makes room before who runs");
	hf_openers_hear(&openers, flood, &OTHER);
	cr_expect_eq(openers.n, HF_OPENERS_MAX, "a limit is a promise");
	cr_expect_eq(known(&openers, first), 0, "then the oldest");
	ends(first);
	ends(flood);
	hf_openers_close(&openers);
}
