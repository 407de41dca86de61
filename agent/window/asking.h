/* SPDX-License-Identifier: MIT */
/*
 * asking.h - a question to the agent that keeps no window waiting
 */
#ifndef HOLDFAST_AGENT_WINDOW_ASKING_H
#define HOLDFAST_AGENT_WINDOW_ASKING_H

#include "agent/talk/people.h"

/* The answer, borrowed; or NULL and why there is none. In the thread that asked. */
typedef void (*hf_desk_answer_fn)(void *arg, const json_t *answer, const char *why);

/*
 * hf_desk_ask - ask in a thread of its own, which ends with the answer: it is given once, later
 *
 * @path     of the people's socket
 * Owner     copied
 */
void hf_desk_ask(const char *path, const struct hf_question *question, hf_desk_answer_fn answer, void *arg);

#endif
