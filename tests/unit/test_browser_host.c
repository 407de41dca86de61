/* SPDX-License-Identifier: MIT */
/*
 * Owns that an agent which was too busy to hear that a browser holds a lockdown hears it again (policy D9.2): told once
 * and in vain, it would call that browser one without our extension until the next change.
 * Must never wait without end, nor leave the host behind.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/browser_host/browser_host.h"
#include "agent/talk/people.h"
#include "tests/help/folder.h"

#define TURN_MS 10
#define TURNS 3000 /* thirty seconds: a host comes again after one */

static struct scene {
	char folder[TEST_FOLDER_SIZE];
	char path[PATH_MAX];
	struct hf_loop *loop;
	struct hf_people *people;
	struct hf_watch *timer;
	int to_host, from_host;
	pid_t host;
	int n_sites, n_told; /* how often each was asked */
	bool deaf;	     /* the first word that the browser holds is lost */
} s;

static json_t *answer(void *arg, hf_user uid, const struct hf_question *question)
{
	(void)arg, (void)uid;
	if (strcmp(question->ask, HF_ASK_SITES) == 0) {
		s.n_sites++;
		return json_pack("{s:i, s:b, s:[]}", "version", 7, "locked", 1, "blocks");
	}
	if (strcmp(question->ask, HF_ASK_TOLD) != 0)
		return NULL;
	cr_assert_eq(question->version, 7);
	return s.n_told++ == 0 && s.deaf ? NULL : json_pack("{s:b}", "ok", 1);
}

static void turn_over(void *arg, uint32_t events)
{
	(void)arg, (void)events;
	hf_loop_stop(s.loop);
}

static void start_host(void)
{
	int in[2], out[2];
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	s.host = fork();
	cr_assert_geq(s.host, 0);
	if (s.host == 0) {
		close(in[1]);
		close(out[0]);
		_exit(hf_browser_host_run(s.path, in[0], out[1], NULL) == HF_OK ? 0 : 1);
	}
	close(in[0]);
	close(out[1]);
	s.to_host = in[1];
	s.from_host = out[0];
}

static void begin(void)
{
	test_folder_make(s.folder);
	test_path(s.path, s.folder, "p");
	cr_assert_eq(hf_loop_new(&s.loop, NULL), HF_OK);
	cr_assert_eq(hf_loop_add_timer(s.loop, turn_over, NULL, &s.timer), HF_OK);
	cr_assert_eq(hf_people_new(s.loop, &(struct hf_people_conf){s.path, answer, NULL}, &s.people, NULL), HF_OK);
	start_host();
}

static void finish(void)
{
	close(s.to_host); /* a host whose browser has gone goes, too */
	cr_expect_eq(waitpid(s.host, NULL, 0), s.host);
	close(s.from_host);
	hf_people_free(&s.people);
	hf_watch_remove(&s.timer);
	hf_loop_free(&s.loop);
	test_folder_remove(s.folder);
}

TestSuite(browser_host, .init = begin, .fini = finish);

/* As the extension does: whatever is said of sites is held, and that is said. */
static void play_extension(void)
{
	static const char held[] = "{\"told\": 7}";
	const uint32_t len = sizeof(held) - 1;
	char said[4096];
	ssize_t n = read(s.from_host, said, sizeof(said));
	if (n > 0 && memmem(said, (size_t)n, "\"sites\"", 7)) {
		cr_assert_eq(hf_fs_write(s.to_host, &len, sizeof(len)), HF_OK);
		cr_assert_eq(hf_fs_write(s.to_host, held, len), HF_OK);
	}
}

static void turn_until_told(int n_told)
{
	for (int i = 0; i < TURNS && s.n_told < n_told; i++) {
		cr_assert_eq(hf_timer_arm(s.timer, TURN_MS), HF_OK);
		cr_assert_eq(hf_loop_run(s.loop, NULL), HF_OK);
		play_extension();
	}
	cr_assert_eq(s.n_told, n_told);
}

Test(browser_host, says_it_once_to_an_agent_that_hears)
{
	turn_until_told(1);
	cr_expect_eq(s.n_sites, 1);
}

Test(browser_host, says_it_again_to_an_agent_that_did_not_hear)
{
	s.deaf = true;
	turn_until_told(2);
	cr_expect_eq(s.n_sites, 2);
}
