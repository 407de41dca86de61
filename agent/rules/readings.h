/* SPDX-License-Identifier: MIT */
/*
 * readings.h - the instructions that the people of this device are to read, and who has (policy D10); pure
 */
#ifndef HOLDFAST_AGENT_RULES_READINGS_H
#define HOLDFAST_AGENT_RULES_READINGS_H

#include "agent/rules/acks.h"
#include "agent/rules/plan.h"

#define HF_READINGS_MAX 32 /* the first few of each person first: more texts than anybody reads */

/* One text of one lockdown that is in force or planned. */
struct hf_reading {
	const struct hf_lockdown *lockdown;
	const struct hf_heard *body;
	struct hf_ack what;	  /* lockdown, text, and for whom it was looked up ("": nobody) */
	bool yours;		  /* it bears on an account that this person holds */
	bool shown;		  /* this person has opened it */
	bool asked;		  /* this person is still to acknowledge it */
	const struct hf_ack *ack; /* of this person; NULL: not yet */
};

struct hf_readings {
	struct hf_reading v[HF_READINGS_MAX];
	size_t n;
};

/* Whose readings are looked for, and who has opened and acknowledged what. Borrowed. */
struct hf_readings_ask {
	const struct hf_acks *shown, *acked;
	const char *person; /* NULL: somebody who is not of this device; nobody is asked then */
	const char *prefix; /* the beginning of a lockdown's id; "": all */
};

/*
 * hf_readings_of - what there is to read on this device
 *
 * Live ones in force first, then exercises in force, then planned ones, each as hf_lockdown_said says. One text stands once for each lockdown.
 * @ret      points into matter and ask; untouched unless HF_OK
 * Returns   HF_OK, also with none; HF_E_OTHER no such lockdown has instructions here; HF_E_USAGE it fits several;
 *           HF_E_MEMORY
 * Source    policy D10; proto/README.md "Acknowledging"
 */
HF_NODISCARD enum hf_rc hf_readings_of(const struct hf_case *matter, const struct hf_readings_ask *ask,
				       struct hf_readings *ret, struct hf_err *err);

/*
 * hf_readings_json - the same for the person's program
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 */
json_t *hf_readings_json(const struct hf_readings *readings, const char *person);

/*
 * hf_body_yours - does a body bear on an account that this person holds, as posture.h reads it
 *
 * @person   NULL: anybody else on this device
 * Returns   true or false
 * Source    policy D2.3, D10
 */
bool hf_body_yours(const struct hf_case *matter, const struct hf_body *body, const char *person);

#endif
