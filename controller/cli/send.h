/* SPDX-License-Identifier: MIT */
/*
 * send.h - the way of every order and of every approval from the terminal to the devices
 */
#ifndef HOLDFAST_CLI_SEND_H
#define HOLDFAST_CLI_SEND_H

#include "controller/cli/sign.h"
#include "controller/office/register_draft.h"

#define HF_WAIT_S 10 /* how long an order is watched arriving, unless said otherwise */

/*
 * hf_send - show, confirm, sign, post and watch it arrive; and answer
 *
 * @officer   opened
 * @envelope  new, or a draft with the approvals of others
 * @seconds   how long to watch; 0: not
 * Returns   HF_OK also when it waits for others; reasons of the steps
 * Source    policy D9.1-9.3
 */
HF_NODISCARD enum hf_rc hf_send(const struct hf_officer *officer, struct hf_envelope *envelope, int64_t seconds,
				struct hf_err *err);

/*
 * hf_send_amendment - amend a lockdown as the wishes say, the way of every order
 *
 * The start of a lockdown that has begun is not changed.
 * @officer   opened here, once the amendment is written
 * @seconds   as hf_send
 * Returns   HF_OK; HF_E_ABSENT it is over; HF_E_USAGE the wishes make no sense; HF_E_MISMATCH it has begun; reasons of
 *           the steps
 * Source    proto/README.md "Order"
 */
HF_NODISCARD enum hf_rc hf_send_amendment(struct hf_officer *officer, const struct hf_lockdown *lockdown,
					  const struct hf_wishes *wishes, int64_t seconds, struct hf_err *err);

/*
 * hf_send_assignment - post a new assignment, if the controller has answered
 *
 * @ret_recorded  false: a draft that waits for the second approver, or there is no controller; untouched unless HF_OK
 * Returns   HF_OK; HF_E_TOO_FEW ... more than one approval is asked for and there is no controller; reasons of
 *           hf_officer_post
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_send_assignment(const struct hf_officer *officer, const struct hf_envelope *assignment,
					   const struct hf_weighed *weighed, bool *ret_recorded, struct hf_err *err);

#define HF_REMOVED_NOT_SAID (-1)

/* What the officer has said of a register that takes out more than a fifth. */
struct hf_send_how {
	bool smaller;	 /* whoever writes it: that is meant */
	int64_t removed; /* whoever approves it in a script: so many; HF_REMOVED_NOT_SAID */
};

/*
 * hf_send_register - show a register as one, confirm, sign every part of it, post them
 *
 * @officer  opened
 * @draft    its envelopes get this officer's approval
 * Returns   as hf_send; HF_E_USAGE it takes out more than a fifth, and that was not said to be meant
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_send_register(const struct hf_officer *officer, const struct hf_register_draft *draft,
					 const struct hf_send_how *how, struct hf_err *err);

#endif
