/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of proofs: each is tried by the newest trust, and kept with its assignment.
 * Must never keep one that is not true, nor let one change what an assignment says.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/enter.h"
#include "controller/proofs_door.h"

struct proving {
	struct hf_controller *c;
	struct hf_envelope *fresh[HF_PROOFS_AT_ONCE_MAX];
	struct hf_proofs_taken taken;
};

#define auto_proving __attribute__((cleanup(proving_done)))

static void proving_done(struct proving *p)
{
	for (size_t i = 0; i < p->taken.recorded; i++)
		hf_envelope_free(&p->fresh[i]);
}

struct posted_proof {
	const char *device;
	struct hf_digest digest;
	struct hf_proof path;
};

static enum hf_rc take_posted(json_t *json, struct posted_proof *ret, struct hf_err *err)
{
	json_t *path = NULL;
	const struct hf_json_member members[] = {
		{"device", HF_JSON_ID, &ret->device, 0, false},
		{"digest", HF_JSON_DIGEST, &ret->digest, 0, false},
		{"index", HF_JSON_INT, &ret->path.index, HF_PROVEN_MAX - 1, false},
		{"path", HF_JSON_ARRAY, &path, HF_PROOF_NODES_MAX, false},
	};
	enum hf_rc rc = hf_json_take(json, members, HF_LEN(members), err);

	for (size_t i = 0; rc == HF_OK && i < json_array_size(path); i++) {
		const struct hf_json_member node = {"path", HF_JSON_DIGEST, &ret->path.v[ret->path.n], 0, false};

		rc = hf_json_take_one(json_array_get(path, i), &node, err);
		ret->path.n += rc == HF_OK;
	}
	return rc;
}

static enum hf_rc keep_proof(struct proving *p, const struct hf_edition *held, const struct posted_proof *posted,
			     struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	const struct hf_proof *before = held->envelope->proof;

	if (before && memcmp(before, &posted->path, sizeof(*before)) == 0) {
		p->taken.known++;
		return HF_OK;
	}
	if (hf_envelope_copy(held->envelope, &envelope) != HF_OK || hf_envelope_prove(envelope, &posted->path) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a proof");
	if (!hf_approval_proven(p->c->known.trust, envelope))
		return hf_err_set(err, HF_E_MISMATCH,
				  "this is no proof that the trust of epoch %lld affirms the assignment of '%s'",
				  (long long)p->c->known.trust->epoch, posted->device);
	p->fresh[p->taken.recorded++] = hf_steal_ptr(&envelope);
	return HF_OK;
}

static enum hf_rc take_proof(struct proving *p, json_t *json, struct hf_err *err)
{
	struct posted_proof posted = {.device = NULL};
	const struct hf_device *device;
	const struct hf_edition *held;
	enum hf_rc rc = take_posted(json, &posted, err);

	if (rc != HF_OK)
		return rc;
	device = hf_estate_find(&p->c->estate, posted.device);
	held = device ? hf_versions_find(&device->versions, &posted.digest) : NULL;
	if (held)
		return keep_proof(p, held, &posted, err);
	p->taken.absent++;
	return HF_OK;
}

enum hf_rc hf_proofs_take(struct hf_controller *c, const void *buf, size_t len, struct hf_proofs_taken *ret_taken,
			  struct hf_err *err)
{
	auto_proving struct proving p = {.c = c};
	hf_auto_json json_t *json = NULL;
	json_t *proofs = NULL;
	const struct hf_json_member members[] = {
		{"proofs", HF_JSON_ARRAY, &proofs, HF_PROOFS_AT_ONCE_MAX, false},
	};
	enum hf_rc rc = hf_json_read(buf, len, len, &json, err);

	if (rc == HF_OK)
		rc = hf_json_take(json, members, HF_LEN(members), err);
	for (size_t i = 0; rc == HF_OK && i < json_array_size(proofs); i++)
		rc = take_proof(&p, json_array_get(proofs, i), err);
	if (rc == HF_OK && p.taken.recorded > 0)
		rc = hf_controller_enter_proofs(c, p.fresh, p.taken.recorded, err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_NOTICE, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(rc)), "type=proofs");
		return rc;
	}
	*ret_taken = p.taken;
	return HF_OK;
}
