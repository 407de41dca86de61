/* SPDX-License-Identifier: MIT */
/*
 * Owns what goes on the record of what was refused.
 * Must never let one key's refusals take the room of another's, or strangers fill the journal.
 */
#include "controller/refusal_book.h"

#include <string.h>

#include <holdfast/approval.h>
#include <holdfast/clock.h>

#include "controller/controller.h"
#include "controller/own_words.h"

/* The share of this person, or a free one. The people of a trust fit; who has left gives theirs up. */
static struct hf_refusal_share *share_of(struct hf_refusals *refusals, const char *person, struct hf_boot_ms now)
{
	struct hf_refusal_share *found = NULL;
	for (size_t i = 0; i < HF_LEN(refusals->shares); i++) {
		struct hf_refusal_share *share = &refusals->shares[i];
		bool rests = now.ms - share->at.ms >= (int64_t)HF_REFUSALS_OF_ONE_MAX * HF_REFUSALS_EACH_S * 1000;
		if (strcmp(share->person, person) == 0)
			return share;
		if (!found && (!share->person[0] || rests))
			found = share;
	}
	if (!found || hf_str_copy(found->person, sizeof(found->person), person) != HF_OK)
		return NULL;
	found->left = HF_REFUSALS_OF_ONE_MAX;
	found->at = now;
	return found;
}

bool hf_refusals_take(struct hf_refusals *refusals, const char *person, struct hf_boot_ms now)
{
	struct hf_refusal_share *share = share_of(refusals, person, now);
	int64_t more = share ? (now.ms - share->at.ms) / (HF_REFUSALS_EACH_S * 1000) : 0;
	if (!share)
		return false;
	if (more > 0) {
		share->left = share->left + more < HF_REFUSALS_OF_ONE_MAX ? share->left + more : HF_REFUSALS_OF_ONE_MAX;
		share->at.ms += more * HF_REFUSALS_EACH_S * 1000;
	}
	if (share->left == 0)
		return false;
	share->left--;
	return true;
}

/* Who signed it and has a say in it. */
struct signed_by {
	const char *v[HF_SIGNATURES_MAX];
	size_t n;
};

static void find_signed_by(const struct hf_controller *c, const struct hf_envelope *posted, struct signed_by *ret)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	const struct hf_bench bench = hf_controller_bench(c);
	struct hf_signers signers;
	ret->n = 0;
	if (posted->type != HF_DOC_REMARK) {
		(void)hf_judge(&bench, posted, &judgement, NULL);
		ret->n = judgement.n_signed_by;
		memcpy(ret->v, judgement.signed_by, sizeof(ret->v));
		return;
	}
	hf_signers_find(c->known.trust, posted, &signers);
	for (; ret->n < signers.n_people; ret->n++)
		ret->v[ret->n] = signers.people[ret->n]->id;
}

/* In the share of the first of them who has room. */
static bool has_share(struct hf_controller *c, const struct signed_by *by)
{
	for (size_t i = 0; i < by->n; i++)
		if (hf_refusals_take(&c->refusals, by->v[i], hf_clock_boot()))
			return true;
	return false;
}

static json_t *refusal_of(const struct hf_envelope *posted, const struct signed_by *by, enum hf_rc rc, const char *why)
{
	json_t *people = json_array();
	for (size_t i = 0; people && i < by->n; i++)
		if (json_array_append_new(people, json_string(by->v[i])) != 0)
			break;
	return json_pack("{s:s, s:o, s:s, s:o, s:s}", "type", hf_doc_type_name(posted->type), "digest",
			 hf_json_from_digest(&posted->digest), "reason", hf_rc_name(rc), "signed_by", people, "said",
			 why);
}

void hf_refusals_note(struct hf_controller *c, const struct hf_envelope *posted, enum hf_rc rc, const char *why)
{
	struct signed_by by = {.n = 0};
	c->refusals.all[rc]++;
	if (posted)
		find_signed_by(c, posted, &by);
	if (has_share(c, &by)) {
		hf_own_say(c, HF_RECORD_REFUSAL, refusal_of(posted, &by, rc, why));
		return;
	}
	c->refusals.counts[rc]++;
	if (c->refusals.since.s == 0)
		c->refusals.since = hf_clock_wall();
}

static json_t *counts_of(const struct hf_refusals *refusals)
{
	json_t *counts = json_object();
	for (size_t i = 0; counts && i < HF_RC_COUNT; i++)
		if (refusals->counts[i] > 0 && json_object_set_new(counts, hf_rc_name((enum hf_rc)i),
								   json_integer(refusals->counts[i])) != 0)
			break;
	return counts;
}

void hf_refusals_say(struct hf_controller *c, struct hf_wall now, bool ends)
{
	struct hf_refusals *refusals = &c->refusals;
	if (refusals->since.s == 0 || (!ends && now.s - refusals->since.s < HF_REFUSALS_COUNTED_S))
		return;
	hf_own_say(c, HF_RECORD_REFUSAL,
		   json_pack("{s:I, s:o}", "since", (json_int_t)refusals->since.s, "counts", counts_of(refusals)));
	memset(refusals->counts, 0, sizeof(refusals->counts));
	refusals->since = (struct hf_wall){0};
}
