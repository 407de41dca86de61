/* SPDX-License-Identifier: MIT */
/*
 * estate_root.h - the assignments that a trust affirms by one root, and the proof of each
 */
#ifndef HOLDFAST_OFFICE_ESTATE_ROOT_H
#define HOLDFAST_OFFICE_ESTATE_ROOT_H

#include <holdfast/approval.h>
#include <holdfast/json.h>
#include <holdfast/merkle.h>

struct hf_estate_row {
	char device[HF_ID_SIZE];
	struct hf_digest digest;
	bool by_two; /* counts as approved by two */
};

/* In order of device, then digest, each once. Start it zeroed. */
struct hf_estate_root {
	struct hf_estate_row *v;
	size_t n, room;
	size_t n_devices, n_by_two;
	struct hf_digest *nodes;    /* the leaves, then each level of full subtrees above them */
	struct hf_merkle_head head; /* size 0: of none */
};

#define hf_auto_estate_root __attribute__((cleanup(hf_estate_root_done)))

/*
 * hf_estate_root_add, hf_estate_root_finish - one assignment more, approved so; and the tree over all of them
 *
 * @by       HF_BY_ONE or HF_BY_TWO
 * Returns   HF_OK; HF_E_SIZE more than a trust affirms; reasons of hf_assignment_decode; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_estate_root_add(struct hf_estate_root *root, const struct hf_envelope *envelope, enum hf_by by,
					   struct hf_err *err);
HF_NODISCARD enum hf_rc hf_estate_root_finish(struct hf_estate_root *root, struct hf_err *err);

/*
 * hf_estate_root_of - the root over the assignments among these documents, each as the trust before approved it
 *
 * @held     the trust before
 * @next     what its `affirmed` names by itself is left out
 * @documents  array of envelopes; what is no assignment is passed over
 * @ret      zeroed before; to hf_estate_root_done, also after a failure
 * Returns   HF_OK, also for none; HF_E_TOO_FEW, HF_E_STRANGER ... the trust before did not approve one; HF_E_SIZE more than a trust
 *           affirms; reasons of hf_envelope_from_json, hf_assignment_decode; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_estate_root_of(const struct hf_trust *held, const struct hf_trust *next,
					  const json_t *documents, struct hf_estate_root *ret, struct hf_err *err);

/*
 * hf_estate_root_json - what the trust carries of it, {"root", "size"}; NULL: of none, or no memory
 *
 * Owner     a new reference, the caller's
 * Returns   the object
 * Source    proto/README.md "Trust"
 */
json_t *hf_estate_root_json(const struct hf_estate_root *root);

/*
 * hf_estate_root_proofs - the proofs of so many of its rows, from this one on, as the controller takes them
 *
 * Owner     a new reference, the caller's; NULL: no memory
 * Returns   {"proofs": [...]}
 * Source    controller/API.md "POST /v1/proofs"
 */
json_t *hf_estate_root_proofs(const struct hf_estate_root *root, size_t from, size_t n);

/*
 * hf_estate_root_prove - give this assignment of a device its proof, where it is among them; else leave it as it was
 *
 * Owner     the envelope stays the caller's
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_estate_root_prove(const struct hf_estate_root *root, const char *device,
					     struct hf_envelope *envelope);

/*
 * hf_estate_root_effects - which assignments would count for less, or no more, by a trust that affirms these:
 * {"device", "digest", "change": "void"} each
 *
 * @assignments  array of envelopes that are in effect
 * @effects  grows
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "When people change"
 */
HF_NODISCARD enum hf_rc hf_estate_root_effects(const struct hf_estate_root *root, const struct hf_trust *held,
					       const struct hf_trust *next, const json_t *assignments, json_t *effects);

/*
 * hf_estate_root_done - free, zero
 */
void hf_estate_root_done(struct hf_estate_root *root);

#endif
