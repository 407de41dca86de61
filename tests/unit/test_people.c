/* SPDX-License-Identifier: MIT */
/*
 * Owns that whoever watches hears of each change that is theirs, and nobody of another's.
 * Must never wait without end.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/sock.h>
#include <holdfast/str.h>

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

/* Who was answered, one letter each: b another user, a ours. */
static char answered[64];

static json_t *note_answer(void *arg, hf_user uid, const struct hf_question *question)
{
	char letter = uid == getuid() ? 'a' : 'b';

	(void)arg, (void)question;
	answered[strlen(answered)] = letter;
	return json_pack("{s:s}", "ok", "yes");
}

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

static void tell_blocked(const uid_t *uid, const char *tool)
{
	hf_auto_json json_t *event = json_pack("{s:s, s:s}", "event", "blocked", "tool", tool);

	hf_people_tell(s.people, uid, event);
}

Test(people, who_watches_hears_what_is_theirs_and_stays)
{
	const uid_t mine = getuid(), other = mine + 1;
	hf_auto_fd int fd = watcher();
	char words[64];

	tell_blocked(&other, "another's");
	tell_blocked(&mine, "mine");
	tell_blocked(NULL, "everybody's");
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
		tell_blocked(NULL, "flood");
	do
		rc = next(fd, words, sizeof(words));
	while (rc == HF_OK);
	cr_expect_eq(rc, HF_E_SYSTEM, "attack: a reader that never reads must not hold the agent");
	again = watcher();
	tell_blocked(NULL, "after");
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

/* A question from a user of this number: the effective one is who connects. */
static int ask_as(hf_user uid)
{
	static const char question[] = "{\"ask\":\"status\"}";
	int fd = -1;

	cr_assert_eq(seteuid(uid), 0);
	cr_assert_eq(hf_sock_connect(s.path, &fd, NULL), HF_OK);
	cr_assert_eq(seteuid(getuid()), 0);
	cr_assert_eq(hf_sock_send(fd, question, strlen(question), NULL), HF_OK);
	return fd;
}

/* Attack: one user asks in a loop, and another waits behind all that. */
Test(people, another_user_waits_for_one_question_at_most)
{
	int fds[12];

	if (getuid() != 0)
		cr_skip_test("connecting as another user needs root");
	hf_people_free(&s.people);
	cr_assert_eq(hf_people_new(s.loop, &(struct hf_people_conf){s.path, note_answer, NULL}, &s.people, NULL), HF_OK);
	cr_assert_eq(chmod(s.folder, 0711), 0);
	memset(answered, 0, sizeof(answered));
	for (size_t i = 0; i < 10; i++)
		fds[i] = ask_as(0);
	fds[10] = ask_as(65533);
	fds[11] = ask_as(65533);
	for (int i = 0; i < TURNS && strlen(answered) < HF_LEN(fds); i++) {
		cr_assert_eq(hf_timer_arm(s.timer, TURN_MS), HF_OK);
		cr_assert_eq(hf_loop_run(s.loop, NULL), HF_OK);
	}
	cr_expect_eq(strlen(answered), HF_LEN(fds), "everybody is answered: %s", answered);
	cr_expect_not_null(strstr(answered, "bab"), "and each user in turn: %s", answered);
	for (size_t i = 0; i < HF_LEN(fds); i++)
		close(fds[i]);
}

/* A user has a share of the places: more of their own are sent away, another is let in. */
Test(people, one_user_has_a_share_of_the_places)
{
	int fds[HF_PEOPLE_MAX_PER_USER + 8], mine;
	char words[64];

	if (getuid() != 0)
		cr_skip_test("connecting as another user needs root");
	cr_assert_eq(chmod(s.folder, 0711), 0);
	cr_assert_eq(seteuid(65533), 0);
	for (size_t i = 0; i < HF_LEN(fds); i++)
		cr_assert_eq(hf_people_watch(s.path, &fds[i], NULL), HF_OK);
	cr_assert_eq(seteuid(getuid()), 0);
	mine = watcher();
	tell_blocked(NULL, "all");
	cr_expect_eq(next(mine, words, sizeof(words)), HF_OK);
	cr_expect_eq(next(fds[HF_LEN(fds) - 1], words, sizeof(words)), HF_E_SYSTEM, "one more than the share");
	close(mine);
	for (size_t i = 0; i < HF_LEN(fds); i++)
		close(fds[i]);
}
