/* SPDX-License-Identifier: MIT */
/*
 * taking_in.h - what a device needs to be the council's: its assignment, and the key that signs its certificate
 */
#ifndef HOLDFAST_CLI_TAKING_IN_H
#define HOLDFAST_CLI_TAKING_IN_H

#include "controller/cli/pki.h"
#include "controller/cli/sign.h"

/* One device. */
struct hf_taken_in {
	const char *device;
	const struct hf_pub *pub;
	const struct hf_list *people; /* PERSON:LOGIN */
	const struct hf_list *groups;
};

/*
 * hf_taking_assignment - the next assignment of a device, unsigned
 *
 * @view     its assigned has been asked
 * @ret_envelope  the caller's; untouched unless HF_OK
 * Owner     see ret_envelope
 * Returns   HF_OK; HF_E_SIZE too many people; HF_E_USAGE one that is not PERSON:LOGIN; reasons of hf_assignment_decode
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_taking_assignment(struct hf_view *view, const struct hf_taken_in *in,
					     struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_taking_ca - open the key of the certificates, in the council folder or on its stick
 *
 * @said     path; NULL: where it is in the folder
 * @ret_ca   to hf_pki_done
 * Returns   HF_OK; HF_E_ABSENT there is no register, or no key; reasons of hf_ask_pkcs8, hf_pki_read
 */
HF_NODISCARD enum hf_rc hf_taking_ca(struct hf_officer *officer, const char *said, struct hf_pki_pair *ret_ca,
				     struct hf_err *err);

/*
 * hf_taking_look_at_host - warn if the broker's certificate does not name the host that devices are told
 */
void hf_taking_look_at_host(const struct hf_view *view, const char *host);

#endif
