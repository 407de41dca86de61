/* SPDX-License-Identifier: MIT */
/*
 * plan.h - from the posture of each person to what this device is to block; pure
 */
#ifndef HOLDFAST_AGENT_RULES_PLAN_H
#define HOLDFAST_AGENT_RULES_PLAN_H

#include "agent/rules/case.h"
#include "agent/rules/layer.h"

#define HF_PLAN_LISTS 3

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
 * is open. It is machine_wide unless somebody is logged in, and it is open for all who are. Whoever is logged in and is
 * none of the device's people is judged as anybody else, which is as shut as any of them: it may be one whose login this
 * machine does not know yet.
 * @logins    of the pairs of what is known
 * @ret_plan  to hf_plan_done; untouched unless HF_OK
 * Returns    HF_OK; HF_E_MEMORY
 * Source     proto/README.md "Posture"; policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_plan_make(const struct hf_case *matter, const struct hf_logins *logins,
				     struct hf_own_plan *ret_plan, struct hf_err *err);

/*
 * hf_plan_all - every tool of a register, shut for everybody: what may have to be blocked one day
 *
 * Pure.
 * @reg       NULL: no tool
 * @ret_plan  as hf_plan_make
 * Returns    HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_plan_all(const struct hf_register *reg, struct hf_own_plan *ret_plan, struct hf_err *err);

/*
 * hf_plan_join - a plan that blocks all that either plan blocks
 *
 * Pure. What a device holds while a release is being written down.
 * @ret_plan  as hf_plan_make; neither a nor b
 * Returns    HF_OK; HF_E_MEMORY
 * Source     proto/README.md "Failing"
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
 */
void hf_plan_done(struct hf_own_plan *plan);

#endif
