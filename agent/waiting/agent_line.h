/* SPDX-License-Identifier: MIT */
/*
 * agent_line.h - the connection to the agent that stays: one blocked poll, no timer while the agent is there
 */
#ifndef HOLDFAST_AGENT_WAITING_AGENT_LINE_H
#define HOLDFAST_AGENT_WAITING_AGENT_LINE_H

#include <jansson.h>
#include <stdbool.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>

struct hf_agent_line;

/* What is heard on it. */
struct hf_agent_line_calls {
	void (*event)(void *arg, const json_t *event); /* each event of people.h; borrowed */
	void (*away)(void *arg, const char *why);      /* why there is no agent; it may be said again */
	void *arg;
};

/*
 * hf_agent_line_new - come to the agent, and come again whenever it has been away
 *
 * While it is away the folder of its socket is watched; there is a look after five minutes all the same.
 * @path     of the people's socket
 * @calls    copied; called before this returns, too
 * @ret_line  to hf_agent_line_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_agent_line_new(struct hf_loop *loop, const char *path, const struct hf_agent_line_calls *calls,
					  struct hf_agent_line **ret_line, struct hf_err *err);

/*
 * hf_agent_line_free - close it, set to NULL; accepts NULL
 */
void hf_agent_line_free(struct hf_agent_line **line);

#endif
