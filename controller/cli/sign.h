/* SPDX-License-Identifier: MIT */
/*
 * office.h - an officer signs: who they are, what they sign, and what became of it
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CLI_OFFICE_H
#define HOLDFAST_CLI_OFFICE_H

#include "controller/office/council_view.h"
#include "controller/office/weigh.h"

struct hf_officer {
	struct hf_key *key;
	const struct hf_person *person; /* belongs to the view's trust */
};

#define hf_auto_officer __attribute__((cleanup(hf_officer_done)))

/*
 * hf_officer_open - open the officer's key and find whose it is
 *
 * @ret_officer  zeroed before; to hf_officer_done
 * Owner     see ret_officer
 * Returns   HF_OK; HF_E_USAGE no key said; HF_E_STRANGER nobody's in the trust; as hf_ask_key
 * Source    protocol.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_officer_open(struct hf_view *view, struct hf_officer *ret_officer, struct hf_err *err);

/*
 * hf_officer_done - wipe and free the key
 *
 * Owner     ends
 */
void hf_officer_done(struct hf_officer *officer);

/*
 * hf_office_sign - show in plain words what is signed, have it confirmed, sign it
 *
 * @envelope  gets the signature
 * @confirm   false: it is shown, and not asked about (the command line has said it all)
 * @ret_weighed  zeroed before; how it stands with this signature; to hf_weighed_done
 * Owner     see ret_weighed
 * Returns   HF_OK; HF_E_ABSENT not confirmed; HF_E_TOO_FEW signed by this officer before
 *           HF_E_ROLE this officer's approval would not count; reasons of the decoders
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_office_sign(struct hf_view *view, const struct hf_officer *officer,
				       struct hf_envelope *envelope, bool confirm, struct hf_weighed *ret_weighed,
				       struct hf_err *err);

/*
 * hf_office_post - post it, and say whether it is in force or who must approve it yet
 *
 * @ret_recorded  may be NULL; true: in force, false: a draft; untouched unless HF_OK
 * @ret_answer    what the command answers with --json; a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret_answer
 * Returns   HF_OK; reasons of hf_client_post
 * Source    controller/API.md "POST /v1/envelopes"
 */
HF_NODISCARD enum hf_rc hf_office_post(struct hf_view *view, const struct hf_envelope *envelope,
				       const struct hf_weighed *weighed, bool *ret_recorded, json_t **ret_answer,
				       struct hf_err *err);

#define HF_WAIT_S 10	      /* how long an order is watched arriving, unless said otherwise */
#define HF_POSTING_MINUTES 15 /* the posting window of a holding message, unless said otherwise */

struct hf_wishes;

/*
 * hf_office_amend - amend a lockdown as the wishes say, the way of every order
 *
 * The start of a lockdown that has begun is not changed.
 * @seconds  how long to watch; 0: not
 * Returns   HF_OK; HF_E_ABSENT it is over; HF_E_USAGE the wishes make no sense; HF_E_MISMATCH it has begun; reasons of
 *           the steps
 * Source    proto/README.md "Order"
 */
HF_NODISCARD enum hf_rc hf_office_amend(struct hf_view *view, const struct hf_lockdown *lockdown,
					const struct hf_wishes *wishes, int64_t seconds, struct hf_err *err);

/*
 * hf_office_carry_out - show, confirm, sign, post and watch it arrive; and answer
 *
 * @envelope  new, or a draft with the approvals of others
 * @seconds   how long to watch; 0: not
 * Returns   HF_OK also when it waits for others; reasons of the steps
 * Source    mission.md "The three people"
 */
HF_NODISCARD enum hf_rc hf_office_carry_out(struct hf_view *view, const struct hf_officer *officer,
					    struct hf_envelope *envelope, int64_t seconds, struct hf_err *err);

#endif
