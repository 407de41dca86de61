/* SPDX-License-Identifier: MIT */
/*
 * Owns what waits for more approvals.
 * Must never decide whether something is approved.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/register.h>
#include <holdfast/str.h>

#include "controller/waiting_drafts.h"

struct hf_draft *hf_drafts_find(struct hf_drafts *drafts, const struct hf_digest *digest)
{
	for (size_t i = 0; i < drafts->n; i++)
		if (hf_digest_cmp(&drafts->v[i].envelope->digest, digest) == 0)
			return &drafts->v[i];
	return NULL;
}

static void remove_at(struct hf_drafts *drafts, size_t i)
{
	hf_envelope_free(&drafts->v[i].envelope);
	free(drafts->v[i].rest);
	memmove(&drafts->v[i], &drafts->v[i + 1], (drafts->n - i - 1) * sizeof(drafts->v[0]));
	drafts->n--;
}

static bool may_open(enum hf_doc_type type)
{
	return type == HF_DOC_ORDER || type == HF_DOC_RECOVER;
}

size_t hf_drafts_of(const struct hf_drafts *drafts, const char *person, enum hf_doc_type type)
{
	size_t n = 0;
	for (size_t i = 0; i < drafts->n; i++)
		n += strcmp(drafts->v[i].by, person) == 0 && may_open(drafts->v[i].envelope->type) == may_open(type);
	return n;
}

static bool is_in_parts_of(const struct hf_draft *first, const struct hf_digest *digest)
{
	for (size_t i = 0; i < first->n_rest; i++)
		if (hf_digest_cmp(&first->rest[i], digest) == 0)
			return true;
	return false;
}

size_t hf_drafts_count(const struct hf_drafts *drafts)
{
	size_t n = 0;
	for (size_t i = 0; i < drafts->n; i++) {
		bool in_parts = false;
		for (size_t k = 0; k < drafts->n && !in_parts; k++)
			in_parts = is_in_parts_of(&drafts->v[k], &drafts->v[i].envelope->digest);
		n += !in_parts;
	}
	return n;
}

/* One that does not decode waits like any other, and is judged when it is looked at. */
static enum hf_rc note_rest(struct hf_draft *draft)
{
	hf_auto_register struct hf_register *reg = NULL;
	size_t n;
	draft->rest = NULL;
	draft->n_rest = 0;
	if (draft->envelope->type != HF_DOC_REGISTER || hf_register_decode(draft->envelope, &reg, NULL) != HF_OK ||
	    reg->place.part != 1 || reg->place.parts < 2)
		return HF_OK;
	n = (size_t)reg->place.parts - 1;
	draft->rest = malloc(n * sizeof(draft->rest[0]));
	if (!draft->rest)
		return HF_E_MEMORY;
	memcpy(draft->rest, reg->place.rest, n * sizeof(draft->rest[0]));
	draft->n_rest = n;
	return HF_OK;
}

enum hf_rc hf_drafts_put(struct hf_drafts *drafts, const struct hf_envelope *envelope, const char *by,
			 struct hf_wall now)
{
	struct hf_draft *held = hf_drafts_find(drafts, &envelope->digest);
	enum hf_rc rc;
	if (held)
		return hf_envelope_merge(held->envelope, envelope, NULL);
	hf_drafts_lapse(drafts, now);
	if (drafts->n >= HF_DRAFTS_MAX)
		return HF_E_SIZE;
	rc = hf_str_copy(drafts->v[drafts->n].by, sizeof(drafts->v[0].by), by);
	if (rc == HF_OK)
		rc = hf_envelope_copy(envelope, &drafts->v[drafts->n].envelope);
	if (rc != HF_OK)
		return rc;
	rc = note_rest(&drafts->v[drafts->n]);
	if (rc != HF_OK) {
		hf_envelope_free(&drafts->v[drafts->n].envelope);
		return rc;
	}
	drafts->v[drafts->n++].since = now;
	return HF_OK;
}

void hf_drafts_drop(struct hf_drafts *drafts, const struct hf_digest *digest)
{
	struct hf_draft *held = hf_drafts_find(drafts, digest);
	if (held)
		remove_at(drafts, (size_t)(held - drafts->v));
}

void hf_drafts_lapse(struct hf_drafts *drafts, struct hf_wall now)
{
	for (size_t i = drafts->n; i > 0; i--)
		if (now.s - drafts->v[i - 1].since.s > HF_DRAFT_LIFE_S)
			remove_at(drafts, i - 1);
}

static bool is_released(const struct hf_lockdowns *lockdowns, const struct hf_digest *id)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(lockdowns, id);
	return lockdown && lockdown->phase == HF_PHASE_RELEASED;
}

static bool pointless(const struct hf_envelope *envelope, const struct hf_lockdowns *lockdowns)
{
	hf_auto_order struct hf_order *order = NULL;
	if (envelope->type != HF_DOC_ORDER || hf_order_decode(envelope, &order, NULL) != HF_OK)
		return false;
	if (order->act == HF_ACT_AMEND)
		return is_released(lockdowns, &order->of);
	/* What it names a person for may be shares that are full, and is seen in no lockdown. */
	if (order->n_persons > 0)
		return false;
	for (size_t i = 0; i < order->n_releases; i++)
		if (!is_released(lockdowns, &order->releases[i]))
			return false;
	return order->act == HF_ACT_RELEASE;
}

void hf_drafts_settle(struct hf_drafts *drafts, const struct hf_lockdowns *lockdowns)
{
	for (size_t i = drafts->n; i > 0; i--)
		if (pointless(drafts->v[i - 1].envelope, lockdowns))
			remove_at(drafts, i - 1);
}

void hf_drafts_done(struct hf_drafts *drafts)
{
	while (drafts->n)
		remove_at(drafts, drafts->n - 1);
}
