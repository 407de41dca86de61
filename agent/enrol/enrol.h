/* SPDX-License-Identifier: MIT */
/*
 * enrol.h - how a device comes into the council's hands: request and enrol; no private key ever travels
 */
#ifndef HOLDFAST_AGENT_ENROL_ENROL_H
#define HOLDFAST_AGENT_ENROL_ENROL_H

#include <stdbool.h>

#include "agent/conf/places.h"

/* What the person who enrols says. */
struct hf_enrol_how {
	const char *bundle; /* path */
	const char *token;  /* path: what the device joined with, which names the first trust; NULL: somebody compares it */
	bool yes;	    /* the digest was compared already */
	bool again;	    /* although the device is enrolled */
};

/*
 * hf_request - make the device's keys, unless they are there, and write the request for the council
 *
 * @user     login name that is to read the link's key
 * @out      path of the request; NULL: to standard output
 * Returns   HF_OK; HF_E_USAGE the device's id is not well-formed; HF_E_KEY; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_request(const struct hf_places *places, const char *device, const char *user,
				   const char *out, struct hf_err *err);

/* How a device joins. */
struct hf_join_how {
	const char *token; /* path; nobody else may read it */
	const char *user;  /* login name that is to read the link's key, and what is asked */
	const char *out;   /* path of what is asked */
	const char *words; /* path of the words for whoever has the device in hand; NULL: they are printed alone */
};

/*
 * hf_join_request - make the device's keys, unless they are there, and write what it asks the council's door
 *
 * Returns   as hf_request; HF_E_USAGE no place for it; HF_E_ABSENT there is no token; HF_E_KEY others may read it; reasons of
 *           hf_join_token_read
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_join_request(const struct hf_places *places, const struct hf_join_how *how,
					struct hf_err *err);

/*
 * hf_enrol - check a bundle by the law and keep it
 *
 * Writes link.crt, ca.crt, link.conf, agent.conf if there is none, the first slots, and, last, enrolment.json.
 * @how      without `yes` and `token` the digest of the first trust is to be confirmed on the terminal; the token's file
 *           is removed once it is done
 * Returns   HF_OK; HF_E_USAGE enrolled already, or not confirmed; why a document is refused; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_enrol(const struct hf_places *places, const struct hf_enrol_how *how, struct hf_err *err);

/*
 * hf_enrol_forget - remove keys, certificates and settings of a device that the agent has left, and their folder if
 * nothing else is in it
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_enrol_forget(const struct hf_places *places, struct hf_err *err);

#endif
