/* SPDX-License-Identifier: MIT */
/*
 * apart.h - have something done by a child of the agent's, of which the answer alone is left here
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_APART_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_APART_H

#include <stdio.h>

#include <holdfast/err.h>

/* Does it, in the child, and writes its answer as text. */
typedef enum hf_rc (*hf_apart_act)(const void *arg, FILE *answer);

struct hf_apart_answer {
	enum hf_rc rc; /* what it returned */
	char *text;    /* the owner's; free(3) frees it */
};

/*
 * hf_apart - have it done: what it loads and allocates goes with the child, and no plug-in of names can hold the agent
 * up
 *
 * The agent has one thread, so its child may do whatever the agent may. It ends with the agent.
 * @arg         borrowed
 * @ret_answer  untouched unless HF_OK
 * Owner        the answer's text is the caller's
 * Returns      HF_OK it has answered, whatever; HF_E_SYSTEM no child could be started, it died, or said nothing for
 * half a minute; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_apart(hf_apart_act act, const void *arg, struct hf_apart_answer *ret_answer,
				 struct hf_err *err);

#endif
