/* SPDX-License-Identifier: MIT */
/*
 * people.h - the socket to which the people of this device come: one question, one answer
 */
#ifndef HOLDFAST_AGENT_TALK_PEOPLE_H
#define HOLDFAST_AGENT_TALK_PEOPLE_H

#include <jansson.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>
#include <holdfast/user.h>

#include "agent/talk/question.h"

#define HF_PEOPLE_MAX_AT_ONCE 128
#define HF_PEOPLE_MAX_PER_USER 16    /* a window, some browsers, a terminal; one user cannot keep others from asking */
#define HF_PEOPLE_PIECE 32768	     /* bytes of an answer in one frame */
#define HF_PEOPLE_ANSWER_MAX 33554432 /* bytes: 32 lockdowns of 200 holding messages of 3,000 bytes, and half as much again */

struct hf_people;

#define hf_auto_people __attribute__((cleanup(hf_people_free)))

/* Where people come, and who answers them. */
struct hf_people_conf {
	const char *path; /* of the socket */
	/* answers a question of this user: a new reference; NULL: no answer */
	json_t *(*answer)(void *arg, hf_user uid, const struct hf_question *question);
	void *arg;
};

/*
 * hf_people_new - listen for people
 *
 * Anybody on this device may connect (mode 0666); who it is, the kernel says.
 * @conf     copied, its path borrowed for this call
 * @ret_people  to hf_people_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_people_new(struct hf_loop *loop, const struct hf_people_conf *conf,
				      struct hf_people **ret_people, struct hf_err *err);

/*
 * hf_people_tell - an event for those who watch (HF_ASK_WATCH)
 *
 * Events: {"event": "changed"}: ask again; {"event": "blocked", "tool": name}: this user tried what is blocked;
 * {"event": "ending", "tool": name, "left_s": n, "pid": n}: a program of theirs that cannot be frozen is ended then.
 * The first frame of a watcher is {"event": "watching"}. Who does not read is let go, and comes again.
 * @uid      of whom; NULL: of everybody
 */
void hf_people_tell(struct hf_people *people, const hf_user *uid, const json_t *event);

/*
 * hf_people_free - close all, set to NULL; accepts NULL
 *
 * @people   address of the pointer
 */
void hf_people_free(struct hf_people **people);

/*
 * hf_people_ask - the other end: ask the agent of this device
 *
 * @question    what
 * @ret_answer  a new reference, the caller's; untouched unless HF_OK
 * Owner        the caller's
 * Returns   HF_OK; HF_E_ABSENT no agent is running here; why the agent refused; HF_E_SYSTEM; HF_E_JSON; HF_E_SIZE;
 *           HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_people_ask(const char *path, const struct hf_question *question, json_t **ret_answer,
				      struct hf_err *err);

/*
 * hf_people_watch - come to the agent and stay; hf_people_event - the next event
 *
 * @ret_fd     non-blocking; the caller's to close; readable when an event has come
 * @ret_event  a new reference, the caller's; untouched unless HF_OK
 * Owner       the caller's
 * Returns   HF_OK; HF_E_ABSENT no agent (event: none has come yet); HF_E_SYSTEM it has gone: come again; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_people_watch(const char *path, int *ret_fd, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_people_event(int fd, json_t **ret_event, struct hf_err *err);

#endif
