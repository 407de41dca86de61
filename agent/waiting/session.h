/* SPDX-License-Identifier: MIT */
/*
 * session.h - one program a session of a person: the first is told of each that comes after it, and of the session's end
 */
#ifndef HOLDFAST_AGENT_WAITING_SESSION_H
#define HOLDFAST_AGENT_WAITING_SESSION_H

#include <stdbool.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>

struct hf_session;

/* A person's session, as its environment says it; "" where it says nothing. Borrowed. */
struct hf_session_place {
	const char *run;     /* XDG_RUNTIME_DIR */
	const char *state;   /* XDG_STATE_HOME */
	const char *home;    /* HOME */
	const char *wayland; /* WAYLAND_DISPLAY */
	const char *x;	     /* DISPLAY */
};

/* What the first is told. */
struct hf_session_calls {
	void (*show)(void *arg); /* somebody asks for the window */
	void (*over)(void *arg); /* the screen of this session is gone */
	void *arg;
};

/*
 * hf_session_tell - does one run in this session already? Then it is told, and has taken it
 *
 * Sessions are told apart by their screen. It waits five seconds at most.
 * @show     that the window is asked for
 * Returns   HF_OK; HF_E_ABSENT none runs; HF_E_SIZE, HF_E_SYSTEM this person has no place where it could be asked, or who
 *           runs does not answer
 */
HF_NODISCARD enum hf_rc hf_session_tell(const struct hf_session_place *place, bool show, struct hf_err *err);

/*
 * hf_session_new - be the one of this session
 *
 * @calls    copied
 * @ret_session  to hf_session_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SIZE; HF_E_SYSTEM, also when another was quicker; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_session_new(struct hf_loop *loop, const struct hf_session_place *place,
				       const struct hf_session_calls *calls, struct hf_session **ret_session,
				       struct hf_err *err);

/*
 * hf_session_free - let another be it; sets to NULL, accepts NULL
 */
void hf_session_free(struct hf_session **session);

#endif
