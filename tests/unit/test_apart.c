/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: what is done apart leaves an answer here, and nothing else.
 * Must never leave a child.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/enforce/common/apart.h"

#define LARGE 300000 /* more than a pipe holds */

static int changed;
static int inherited;

static enum hf_rc says(const void *arg, FILE *answer)
{
	changed = 1;
	fputs(arg, answer);
	return HF_OK;
}

static enum hf_rc refuses(const void *arg, FILE *answer)
{
	fputs(arg, answer);
	return HF_E_SYSTEM;
}

static enum hf_rc says_much(const void *arg, FILE *answer)
{
	for (int i = 0; i < LARGE; i++)
		fputc(*(const char *)arg, answer);
	return HF_OK;
}

static enum hf_rc dies(const void *arg, FILE *answer)
{
	fputs(arg, answer);
	raise(SIGKILL);
	return HF_OK;
}

static enum hf_rc has_inherited(const void *arg, FILE *answer)
{
	(void)arg;
	fputs(fcntl(inherited, F_GETFD) >= 0 ? "held" : "free", answer);
	return HF_OK;
}

static bool no_child_is_left(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static char *answer_of(hf_apart_act act, const char *arg, enum hf_rc expected)
{
	struct hf_apart_answer answer = {HF_E_USAGE, NULL};
	struct hf_err err = {""};
	cr_assert_eq(hf_apart(act, arg, &answer, &err), HF_OK, "%s", err.text);
	cr_expect_eq(answer.rc, expected);
	cr_expect(no_child_is_left());
	return answer.text;
}

Test(apart, its_answer_comes_and_nothing_else)
{
	char *said = answer_of(says, "words", HF_OK);
	cr_expect_str_eq(said, "words");
	cr_expect_eq(changed, 0, "what a child changes is the child's");
	free(said);
}

Test(apart, a_refusal_says_why)
{
	char *said = answer_of(refuses, "why", HF_E_SYSTEM);
	cr_expect_str_eq(said, "why");
	free(said);
}

Test(apart, an_answer_may_be_larger_than_a_pipe)
{
	char *said = answer_of(says_much, "a", HF_OK);
	cr_expect_eq(strlen(said), LARGE);
	free(said);
}

Test(apart, one_that_dies_has_not_answered)
{
	struct hf_apart_answer answer = {HF_E_USAGE, NULL};
	struct hf_err err = {""};
	cr_expect_eq(hf_apart(dies, "half", &answer, &err), HF_E_SYSTEM);
	cr_expect(answer.rc == HF_E_USAGE && !answer.text && err.text[0] != '\0');
	cr_expect(no_child_is_left());
}

Test(apart, it_holds_nothing_of_the_agents)
{
	inherited = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cr_assert_geq(inherited, 0);
	char *said = answer_of(has_inherited, "", HF_OK);
	cr_expect_str_eq(said, "free");
	free(said);
	close(inherited);
}
