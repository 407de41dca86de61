/* SPDX-License-Identifier: MIT */
/*
 * One desk a session, at a place of the person's own; it ends with its screen. Policy D9.2: the window comes by itself.
 * Must never touch a session of this machine.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/waiting/session.h"
#include "tests/help/folder.h"

static char folder[TEST_FOLDER_SIZE], home[PATH_MAX], run[PATH_MAX], screen[PATH_MAX];
static struct hf_loop *loop;
static struct hf_err err;
static bool is_over, was_shown;

static void setup(void)
{
	test_folder_make(folder);
	test_path(home, folder, "home");
	test_path(run, folder, "run");
	test_path(screen, folder, "screen");
	cr_assert(mkdir(home, 0700) == 0 && mkdir(run, 0700) == 0);
	close(open(screen, O_CREAT | O_WRONLY, 0600));
	cr_assert_eq(hf_loop_new(&loop, &err), HF_OK, "%s", err.text);
}

static void teardown(void)
{
	hf_loop_free(&loop);
	test_folder_remove(folder);
}

TestSuite(desk_session, .init = setup, .fini = teardown);

static void on_over(void *arg)
{
	(void)arg;
	is_over = true;
	hf_loop_stop(loop);
}

static void on_show(void *arg)
{
	(void)arg;
	was_shown = true;
	hf_loop_stop(loop);
}

static struct hf_session_place place_of(const char *its_run)
{
	return (struct hf_session_place){.run = its_run, .state = "", .home = home, .wayland = screen, .x = ""};
}

/* Where the one of this session is asked. */
static void place_file(char file[PATH_MAX])
{
	char name[PATH_MAX];

	cr_assert_eq(hf_str_copy(name, sizeof(name), screen), HF_OK);
	for (char *at = name; *at; at++)
		*at = *at == '/' ? '_' : *at;
	cr_assert_eq(hf_str_printf(file, PATH_MAX, "%s/holdfast-desk/%s.sock", run, name), HF_OK);
}

static struct hf_session *begin(const char *its_run)
{
	const struct hf_session_calls calls = {on_show, on_over, NULL};
	const struct hf_session_place place = place_of(its_run);
	struct hf_session *session = NULL;

	is_over = was_shown = false;
	cr_assert_eq(hf_session_tell(&place, false, &err), HF_E_ABSENT, "%s", err.text);
	cr_assert_eq(hf_session_new(loop, &place, &calls, &session, &err), HF_OK, "%s", err.text);
	return session;
}

static void give(void *arg, uint32_t events)
{
	(void)arg, (void)events;
	hf_loop_stop(loop);
}

/* Until something stops it, or this long. */
static void run_for(int64_t ms)
{
	struct hf_watch *timer = NULL;

	cr_assert_eq(hf_loop_add_timer(loop, give, NULL, &timer), HF_OK);
	cr_assert_eq(hf_timer_arm(timer, ms), HF_OK);
	cr_assert_eq(hf_loop_run(loop, &err), HF_OK, "%s", err.text);
	hf_watch_remove(&timer);
}

/* Another program of the session tells the one that runs here; returns what it was answered. */
static enum hf_rc told_by_another(const struct hf_session_place *place, bool show, int64_t ms)
{
	pid_t other = fork();
	int status = -1;

	if (other == 0)
		_exit((int)hf_session_tell(place, show, &err));
	run_for(ms);
	cr_assert_eq(waitpid(other, &status, 0), other);
	cr_assert(WIFEXITED(status));
	return (enum hf_rc)WEXITSTATUS(status);
}

/* The screen of the session before has ended, and another began under its name: this one is of no screen any more. */
Test(desk_session, a_screen_that_began_anew_is_another)
{
	struct hf_session *session = begin(run);
	char other[PATH_MAX];

	test_path(other, folder, "other");
	close(open(other, O_CREAT | O_WRONLY, 0600));
	cr_assert_eq(rename(other, screen), 0);
	run_for(30000);
	cr_expect(is_over);
	hf_session_free(&session);
}

Test(desk_session, what_is_done_to_the_screen_and_leaves_it_there_ends_nothing)
{
	struct hf_session *session = begin(run);

	cr_assert_eq(chmod(screen, 0644), 0);
	run_for(200);
	cr_expect_not(is_over);
	hf_session_free(&session);
}

/* Attack, or a race of two: whoever comes later has the place, and the first leaves it alone. */
Test(desk_session, a_place_that_another_took_is_theirs)
{
	const struct hf_session_place place = place_of(run);
	struct hf_session *first = begin(run), *second;
	char mine[PATH_MAX];

	place_file(mine);
	cr_assert_eq(unlink(mine), 0, "%s: %m", mine);
	second = begin(run);
	run_for(30000);
	cr_expect(is_over, "the first ends");
	hf_session_free(&first);
	cr_expect_eq(told_by_another(&place, true, 30000), HF_OK, "and the second is there still");
	hf_session_free(&second);
}

Test(desk_session, what_comes_second_is_shown_by_the_first)
{
	const struct hf_session_place place = place_of(run);
	struct hf_session *session = begin(run);

	cr_expect_eq(told_by_another(&place, true, 30000), HF_OK);
	cr_expect(was_shown);
	hf_session_free(&session);
}

/* Attack: the one that runs was stopped. Whoever asks for the window reads that it does not come. */
Test(desk_session, one_that_does_not_answer_is_told_of)
{
	const struct hf_session_place place = place_of(run);
	struct hf_session *session = begin(run);

	cr_expect_eq(hf_session_tell(&place, true, &err), HF_E_SYSTEM);
	cr_expect(strstr(err.text, "does not answer"), "%s", err.text);
	run_for(200);
	cr_expect(was_shown, "it shows it when it goes on");
	hf_session_free(&session);
}

/* Whoever ends before it took the word has shown nothing: the next one is the first. */
Test(desk_session, one_that_ends_meanwhile_has_taken_nothing)
{
	const struct hf_session_place place = place_of(run);
	char mine[PATH_MAX];
	struct hf_session *session;
	pid_t other = fork(); /* before there is a session, of which it would hold a part */
	int status = -1;

	place_file(mine);
	if (other == 0) {
		while (access(mine, F_OK) != 0)
			usleep(1000);
		_exit((int)hf_session_tell(&place, true, &err));
	}
	session = begin(run);
	usleep(300000); /* comes it later, then nobody is there at all: it ends in the same way */
	hf_session_free(&session);
	cr_assert_eq(waitpid(other, &status, 0), other);
	cr_expect_eq(WEXITSTATUS(status), HF_E_ABSENT);
}

/* A person whose session's folder is broken is told what is in force all the same. */
Test(desk_session, a_folder_that_cannot_be_used_gives_way_to_the_home)
{
	char in_home[PATH_MAX];
	const char *const rows[] = {"/proc/none", screen, ""}; /* may not be made; a file; not named */

	test_path(in_home, folder, "home/.local/state/holdfast-desk");
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_session *session = begin(rows[i]);

		cr_expect_eq(access(in_home, F_OK), 0, "%s", rows[i]);
		hf_session_free(&session);
	}
}
