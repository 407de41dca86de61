/* SPDX-License-Identifier: MIT */
/*
 * sign.h - an officer at the terminal: who they are, what they sign, and what became of it
 */
#ifndef HOLDFAST_CLI_SIGN_H
#define HOLDFAST_CLI_SIGN_H

#include "controller/cli/cli.h"
#include "controller/office/compose.h"
#include "controller/office/signing.h"

/* One sitting. Key and person are there once it is opened. */
struct hf_officer {
	struct hf_cli *cli;
	struct hf_view *view;
	struct hf_key *key;
	const struct hf_person *person; /* belongs to the view's trust; NULL: a root, who signs trusts alone */
	const json_t *said; /* the controller's row of the draft that is signed; NULL: it is new. Borrowed */
	size_t removed;	    /* how much a register takes out, to be typed before it is approved; 0: nothing is */
};

#define hf_auto_officer __attribute__((cleanup(hf_officer_done)))

/*
 * hf_officer_open - open the officer's key and find whose it is
 *
 * @officer  its cli and view are set; to hf_officer_done
 * Returns   HF_OK; HF_E_USAGE no key said; as hf_ask_key, hf_signing_person
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_officer_open(struct hf_officer *officer, struct hf_err *err);

/*
 * hf_officer_open_root - open a root's key, to sign this trust
 *
 * Returns   HF_OK; HF_E_USAGE no key said; as hf_ask_key, hf_signing_may_root
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_officer_open_root(struct hf_officer *officer, const struct hf_envelope *envelope,
					     struct hf_err *err);

/*
 * hf_officer_done - wipe and free the key
 */
void hf_officer_done(struct hf_officer *officer);

/*
 * hf_officer_sign - show in plain words what is signed, have it confirmed, sign it
 *
 * @envelope  gets the signature
 * @confirm   false: it is shown, and not asked about (the command line has said it all)
 * @ret_weighed  zeroed before; how it stands with this signature; to hf_weighed_done
 * Returns   HF_OK; HF_E_ABSENT not confirmed; as hf_signing_may; reasons of the decoders
 * Source    proto/README.md "Approval"
 */
HF_NODISCARD enum hf_rc hf_officer_sign(const struct hf_officer *officer, struct hf_envelope *envelope, bool confirm,
					struct hf_weighed *ret_weighed, struct hf_err *err);

/*
 * hf_officer_post - post it, and say whether it is in force or who must approve it yet
 *
 * @ret_posted  zeroed before; to hf_posted_done
 * Returns   as hf_signing_post
 */
HF_NODISCARD enum hf_rc hf_officer_post(const struct hf_officer *officer, const struct hf_envelope *envelope,
					const struct hf_weighed *weighed, struct hf_posted *ret_posted,
					struct hf_err *err);

#endif
