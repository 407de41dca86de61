/* SPDX-License-Identifier: MIT */
/*
 * window_process.h - the process that has the window: started when it is needed, told what the agent says, gone when it is not
 */
#ifndef HOLDFAST_AGENT_WAITING_WINDOW_PROCESS_H
#define HOLDFAST_AGENT_WAITING_WINDOW_PROCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>

struct hf_window_process;

/* What it is started with, and what is heard of it. */
struct hf_window_calls {
	char *const *environment; /* of the session; borrowed as socket is */
	const char *socket;	  /* the agent's person.socket; borrowed for as long as the process is kept */
	int64_t linger_s;
	void (*said)(void *arg, const char *text); /* the all-clears that it has said, as attention.h keeps them */
	/* by_itself: it had nothing more to say; false: it failed or was ended. untaken: not all that it was told. */
	void (*ended)(void *arg, bool by_itself, bool untaken);
	void *arg;
};

/*
 * hf_window_has_screen - can a window be opened here at all; what is wrong has been said on standard error
 *
 * Returns   HF_OK; HF_E_ABSENT no; HF_E_SYSTEM the window's program cannot be started
 */
HF_NODISCARD enum hf_rc hf_window_has_screen(char *const *environment, struct hf_err *err);

/*
 * hf_window_start - start it
 *
 * @calls    copied
 * @ret_process  to hf_window_end; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_window_start(struct hf_loop *loop, const struct hf_window_calls *calls,
					struct hf_window_process **ret_process, struct hf_err *err);

/*
 * hf_window_tell - hand an event on to it, which says of each that it was taken
 */
void hf_window_tell(struct hf_window_process *process, const json_t *event);

/*
 * hf_window_end - let it go: it ends when nobody tells it anything any more; sets to NULL, accepts NULL
 */
void hf_window_end(struct hf_window_process **process);

#endif
