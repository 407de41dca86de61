/* SPDX-License-Identifier: MIT */
/*
 * retire.h - `holdfast-agent retire`: agreed, the council is told, the agent ends; then its traces are removed
 */
#ifndef HOLDFAST_AGENT_TERMINAL_RETIRE_H
#define HOLDFAST_AGENT_TERMINAL_RETIRE_H

#include <stdbool.h>

#include <holdfast/err.h>

struct hf_retire_how {
	const char *socket; /* the agent's person.socket */
	bool yes;	    /* nobody is to be asked */
	bool json;
};

/*
 * hf_retire_agree - may this user retire this device, and do they mean it
 *
 * @etc           the folder of the agent's settings
 * @ret_enrolled  is it kept by an agent, which has to be asked; untouched unless HF_OK
 * Returns        HF_OK; HF_E_USAGE not root, or not confirmed; HF_E_SIZE
 * Source         policy D9.2
 */
HF_NODISCARD enum hf_rc hf_retire_agree(const char *etc, const struct hf_retire_how *how, bool *ret_enrolled,
					struct hf_err *err);

/*
 * hf_retire_leave - the agent tells the council, waits a while for its server, and leaves
 *
 * @ret_told  did the server answer; untouched unless HF_OK
 * Returns    HF_OK; HF_E_PENDING something is shut here; HF_E_ABSENT no agent runs that could say so; HF_E_SYSTEM;
 *            HF_E_JSON; HF_E_MEMORY
 * Source     policy D9.2
 */
HF_NODISCARD enum hf_rc hf_retire_leave(const struct hf_retire_how *how, bool *ret_told, struct hf_err *err);

/*
 * hf_retire_say - what was done
 *
 * Returns   HF_OK; HF_E_SYSTEM it cannot be written
 */
HF_NODISCARD enum hf_rc hf_retire_say(const struct hf_retire_how *how, bool enrolled, bool told, struct hf_err *err);

#endif
