/* SPDX-License-Identifier: MIT */
/*
 * Owns that whoever watches hears of each change that is theirs, and nobody of another's.
 * Must never wait without end.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/talk/people.h"
#include "tests/help/folder.h"

#define FLOOD 100000 /* more events than a socket holds */
#define TURN_MS 10
#define TURNS 200 /* two seconds, then it has not come */

static struct scene {
	char folder[TEST_FOLDER_SIZE];
	char path[PATH_MAX];
	struct hf_loop *loop;
	struct hf_people *people;
	struct hf_watch *timer;
} s;

static json_t *no_answer(void *arg, uid_t uid, const struct hf_question *question)
{
	(void)arg, (void)uid, (void)question;
	return NULL;
}

static void turn_over(void *arg, uint32_t events)
{
	(void)arg, (void)events;
	hf_loop_stop(s.loop);
}

static void begin(void)
{
	test_folder_make(s.folder);
	test_path(s.path, s.folder, "p");
	cr_assert_eq(hf_loop_new(&s.loop, NULL), HF_OK);
	cr_assert_eq(hf_loop_add_timer(s.loop, turn_over, NULL, &s.timer), HF_OK);
	cr_assert_eq(hf_people_new(s.loop, &(struct hf_people_conf){s.path, no_answer, NULL}, &s.people, NULL), HF_OK);
}

static void finish(void)
{
	hf_people_free(&s.people);
	hf_watch_remove(&s.timer);
	hf_loop_free(&s.loop);
	test_folder_remove(s.folder);
}

TestSuite(people, .init = begin, .fini = finish);

/* The next event that comes while the loop runs, as its words; what it ends with otherwise. */
static enum hf_rc next(int fd, char *ret_words, size_t size)
{
	hf_auto_json json_t *event = NULL;
	enum hf_rc rc = HF_E_ABSENT;

	for (int i = 0; i < TURNS && rc == HF_E_ABSENT; i++) {
		cr_assert_eq(hf_timer_arm(s.timer, TURN_MS), HF_OK);
		cr_assert_eq(hf_loop_run(s.loop, NULL), HF_OK);
		rc = hf_people_event(fd, &event, NULL);
	}
	if (rc == HF_OK)
		rc = hf_str_printf(ret_words, size, "%s:%s", json_string_value(json_object_get(event, "event")),
				   json_string_value(json_object_get(event, "tool")));
	return rc;
}

static int watcher(void)
{
	char words[64];
	int fd = -1;

	cr_assert_eq(hf_people_watch(s.path, &fd, NULL), HF_OK);
	cr_assert_eq(next(fd, words, sizeof(words)), HF_OK);
	cr_assert_str_eq(words, "watching:(null)");
	return fd;
}

static void tell(const uid_t *uid, const char *tool)
{
	hf_auto_json json_t *event = json_pack("{s:s, s:s}", "event", "blocked", "tool", tool);

	hf_people_tell(s.people, uid, event);
}

Test(people, who_watches_hears_what_is_theirs_and_stays)
{
	const uid_t mine = getuid(), other = mine + 1;
	hf_auto_fd int fd = watcher();
	char words[64];

	tell(&other, "another's");
	tell(&mine, "mine");
	tell(NULL, "everybody's");
	cr_expect_eq(next(fd, words, sizeof(words)), HF_OK);
	cr_expect_str_eq(words, "blocked:mine", "each hears of their own alone: %s", words);
	cr_expect_eq(next(fd, words, sizeof(words)), HF_OK);
	cr_expect_str_eq(words, "blocked:everybody's");
}

Test(people, who_does_not_read_is_let_go_and_comes_again)
{
	hf_auto_fd int fd = watcher(), again = -1;
	char words[64];
	enum hf_rc rc;

	for (int i = 0; i < FLOOD; i++)
		tell(NULL, "flood");
	do
		rc = next(fd, words, sizeof(words));
	while (rc == HF_OK);
	cr_expect_eq(rc, HF_E_SYSTEM, "attack: a reader that never reads must not hold the agent");
	again = watcher();
	tell(NULL, "after");
	cr_expect_eq(next(again, words, sizeof(words)), HF_OK);
	cr_expect_str_eq(words, "blocked:after");
}

Test(people, the_agent_that_goes_is_noticed)
{
	hf_auto_fd int fd = watcher();
	char words[64];

	hf_people_free(&s.people);
	cr_expect_eq(next(fd, words, sizeof(words)), HF_E_SYSTEM, "D9.2: the window says that the agent is away");
	cr_assert_eq(hf_people_new(s.loop, &(struct hf_people_conf){s.path, no_answer, NULL}, &s.people, NULL), HF_OK);
}
