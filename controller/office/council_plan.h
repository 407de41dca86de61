/* SPDX-License-Identifier: MIT */
/*
 * council_plan.h - the plan file from which a council folder is made
 *
 * {"council", "about" (optional), "controller" (optional, "c1"), "roots" (optional, 3),
 * "threshold" (optional, 2), "root_names" (optional, one a root), "people": [{"id", "name" (optional), "roles", "public" (optional)}], "rules" (optional, as in a trust),
 * "accounts" (as in a register), "catalogue" (optional, a file, seen from the plan's folder), "tools" (optional, as in a
 * register: the council's own, beside the catalogue's or in place of them), "words" (optional; as in a register)}
 */
#ifndef HOLDFAST_OFFICE_COUNCIL_PLAN_H
#define HOLDFAST_OFFICE_COUNCIL_PLAN_H

#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/trust.h>

struct hf_plan_person {
	const char *id;
	const char *name; /* NULL: none said */
	struct hf_strs roles;
	bool has_pub; /* the person made the key; none is made here */
	struct hf_pub pub;
};

struct hf_council_plan {
	json_t *doc; /* owns every text below */
	const char *council;
	const char *controller;
	int64_t n_roots;
	struct hf_strs root_names; /* none: not said */
	int64_t threshold;
	struct hf_plan_person *people;
	size_t n_people;
	json_t *rules; /* borrowed from doc; NULL: the defaults */
	const char *catalogue; /* as the plan says it; NULL: none */
	json_t *accounts, *own_tools;
	json_t *tools; /* of the register: the catalogue's and its own */
	json_t *words; /* NULL: none */
};

#define hf_auto_council_plan __attribute__((cleanup(hf_council_plan_done)))

/*
 * hf_council_plan_read - read a plan file
 *
 * What it says of rules, accounts and tools is judged when the trust and the register are made of it.
 * @catalogue  the file to take in place of the one that the plan names; NULL: that one
 * @ret_plan  zeroed before; to hf_council_plan_done, also after a failure
 * Returns   HF_OK; HF_E_ABSENT; HF_E_JSON; HF_E_SHAPE; HF_E_SIZE; HF_E_BASE64; HF_E_MEMORY
 * Source    proto/README.md "Trust", "Register"
 */
HF_NODISCARD enum hf_rc hf_council_plan_read(const char *path, const char *catalogue,
						struct hf_council_plan *ret_plan, struct hf_err *err);

/*
 * hf_council_plan_trust - the payload of the first trust
 *
 * @roots, @controllers  public keys; n_roots of the plan; of its controller and of the spare one
 * @people   one key a person of the plan, in its order
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Trust"
 */
json_t *hf_council_plan_trust(const struct hf_council_plan *plan, const struct hf_pub *roots,
			      const struct hf_pub controllers[2], const struct hf_pub *people, struct hf_wall now);

/*
 * hf_council_plan_spare - the id of the spare controller: a server that is put back, or is another, starts as it
 *
 * Owner     static text
 * Returns   "c2"; "c1" where the plan's controller is c2
 * Source    proto/README.md "State"
 */
const char *hf_council_plan_spare(const struct hf_council_plan *plan);

/*
 * hf_council_plan_is_of - was this first trust made of this plan: the same people, roles, roots and controller
 *
 * Rules are compared where the plan has some: what the defaults were then is the trust's.
 * @ret_same  untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_council_plan_is_of(const struct hf_council_plan *plan, const struct hf_trust *trust,
					      bool *ret_same, struct hf_err *err);

/*
 * hf_council_plan_done - free all, zero the struct
 */
void hf_council_plan_done(struct hf_council_plan *plan);

#endif
