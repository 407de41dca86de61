/* SPDX-License-Identifier: MIT */
/*
 * Owns what is answered to whoever asks what became of a document.
 * Must never change anything, or say that something is here that is in no record.
 */
#include "controller/door.h"
#include "controller/erase_door.h"
#include "controller/judge.h"

const struct hf_envelope *hf_door_recorded(const struct hf_controller *c, const struct hf_digest *digest)
{
	const struct hf_heard *heard = hf_orders_find(&c->known.orders, digest);
	const struct hf_envelope *part = hf_parts_find(&c->known.parts, digest);
	const struct hf_broker_list *list = hf_broker_set_find(&c->known.brokers, digest);
	if (heard)
		return heard->envelope;
	if (list)
		return list->envelope;
	/* An older trust is held for devices that come late, and is a rollback all the same. */
	if (hf_digest_cmp(&c->known.trust_envelope->digest, digest) == 0)
		return c->known.trust_envelope;
	if (part)
		return part;
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_device *device = &c->estate.v[i];
		const struct hf_edition *version = hf_versions_find(&device->versions, digest);
		if (version)
			return version->envelope;
		if (device->recover && hf_digest_cmp(&device->recover->digest, digest) == 0)
			return device->recover;
		for (int side = 0; side < HF_GLASS_SIDES; side++)
			if (device->glass[side].doc && hf_digest_cmp(&device->glass[side].doc->digest, digest) == 0)
				return device->glass[side].envelope;
	}
	return NULL;
}

/* Whatever it is, it is recorded, also where a newer one has taken its place since. */
static enum hf_rc find_anywhere(struct hf_controller *c, const struct hf_digest *digest, struct hf_found *found,
				struct hf_err *err)
{
	bool there = false;
	enum hf_rc rc = HF_OK;
	found->envelope = hf_door_recorded(c, digest);
	for (size_t i = 0; i < c->n_trusts && !found->envelope; i++)
		if (hf_digest_cmp(&c->trusts[i]->digest, digest) == 0)
			found->envelope = c->trusts[i];
	there = hf_erase_known(c, digest) || hf_remarks_noted(&c->remarks, digest);
	if (!found->envelope && !there)
		rc = hf_journal_has_document(c->journal, digest, &there, err);
	if (found->envelope || there)
		found->outcome = HF_OUTCOME_RECORDED;
	return rc;
}

enum hf_rc hf_door_find(struct hf_controller *c, const struct hf_digest *digest, struct hf_found *ret,
			struct hf_err *err)
{
	struct hf_found found = {.outcome = HF_OUTCOME_ABSENT};
	const struct hf_draft *draft = hf_drafts_find(&c->drafts, digest);
	struct hf_bench bench = hf_controller_bench(c);
	hf_auto_judgement struct hf_judgement judgement = {0};
	enum hf_rc rc = HF_OK;
	if (draft) {
		found.outcome = HF_OUTCOME_DRAFT;
		found.envelope = draft->envelope;
		found.reason = hf_judge(&bench, draft->envelope, &judgement, NULL);
	} else {
		rc = find_anywhere(c, digest, &found, err);
	}
	if (rc == HF_OK)
		*ret = found;
	return rc;
}
