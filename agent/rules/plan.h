/* SPDX-License-Identifier: MIT */
/*
 * plan.h - from the posture of each person to what this device is to block; pure
 */
#ifndef HOLDFAST_AGENT_RULES_PLAN_H
#define HOLDFAST_AGENT_RULES_PLAN_H

#include <holdfast/known.h>
#include <holdfast/posture.h>

#include "agent/enforce/enforce.h"

#define HF_PLAN_LISTS 3

/* All that a decision is made from. Borrowed. */
struct hf_case {
	const struct hf_known *known;
	const struct hf_lockdowns *lockdowns;
	const struct hf_facts *facts;
	struct hf_now now;
};

/* The local users of the assignment's people, in its order, and who is at this device now. */
struct hf_logins {
	struct {
		uid_t uid;
		bool there; /* false: this device has no such user now */
		bool in;    /* logged in */
	} v[HF_DEVICE_PEOPLE_MAX];
	size_t n;
	bool strangers; /* somebody is logged in who is none of them */
};

/* A plan that owns its texts, and so outlives the register that it was made from. Sorted by tool. Start it zeroed. */
struct hf_own_plan {
	struct hf_plan plan;
	struct hf_strs *lists; /* HF_PLAN_LISTS of each block in turn: addresses, dedicated, programs */
	json_t *doc;	       /* owns every text */
};

#define hf_auto_plan __attribute__((cleanup(hf_plan_done)))

/*
 * hf_plan_make - what is to be blocked on this device
 *
 * Pure. A tool is blocked if it is guarded or blocked for anybody; it is open for the users of those people for whom it
 * is open. It is machine_wide unless somebody is logged in, and it is open for all who are.
 * @logins    as many as the assignment has people
 * @ret_plan  to hf_plan_done; untouched unless HF_OK
 * Owner      see ret_plan
 * Returns    HF_OK; HF_E_MEMORY
 * Source     protocol.md "Posture"; policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_plan_make(const struct hf_case *matter, const struct hf_logins *logins,
				     struct hf_own_plan *ret_plan, struct hf_err *err);

/*
 * hf_plan_all - every tool of a register, shut for everybody: what may have to be blocked one day
 *
 * Pure.
 * @reg       NULL: no tool
 * @ret_plan  as hf_plan_make
 * Owner      see ret_plan
 * Returns    HF_OK; HF_E_MEMORY
 * Source     architecture.md "Core and shell"
 */
HF_NODISCARD enum hf_rc hf_plan_all(const struct hf_register *reg, struct hf_own_plan *ret_plan, struct hf_err *err);

/*
 * hf_plan_join - a plan that blocks all that either plan blocks
 *
 * Pure. What a device holds while a release is being written down.
 * @ret_plan  as hf_plan_make; neither a nor b
 * Owner      see ret_plan
 * Returns    HF_OK; HF_E_MEMORY
 * Source     protocol.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_plan_join(const struct hf_plan *a, const struct hf_plan *b, struct hf_own_plan *ret_plan,
				     struct hf_err *err);

/*
 * hf_plan_same - do both plans block the same for the same users
 *
 * @a, @b    sorted by tool, as hf_plan_make leaves them
 * Returns   true or false
 */
bool hf_plan_same(const struct hf_plan *a, const struct hf_plan *b);

/*
 * hf_plan_done - free all, zero the struct
 *
 * @plan     may be zeroed
 * Owner     ends
 */
void hf_plan_done(struct hf_own_plan *plan);

#endif
