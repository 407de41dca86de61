/* SPDX-License-Identifier: MIT */
/*
 * Owns the set of acknowledgements, and its form on disk.
 * Must never take one person's acknowledgement for another's, nor one text for another.
 */
#include "agent/rules/acks.h"

#include <stdlib.h>
#include <string.h>

static bool same_ack(const struct hf_ack *a, const struct hf_ack *b)
{
	return hf_digest_cmp(&a->lockdown, &b->lockdown) == 0 && hf_digest_cmp(&a->text, &b->text) == 0 &&
	       strcmp(a->person, b->person) == 0;
}

const struct hf_ack *hf_acks_find(const struct hf_acks *acks, const struct hf_ack *what)
{
	for (size_t i = 0; i < acks->n; i++) {
		if (same_ack(&acks->v[i], what))
			return &acks->v[i];
	}
	return NULL;
}

static enum hf_rc make_acks_room(struct hf_acks *acks)
{
	if (!acks->v)
		acks->v = calloc(HF_ACKS_MAX, sizeof(*acks->v));
	return acks->v ? HF_OK : HF_E_MEMORY;
}

enum hf_rc hf_acks_add(struct hf_acks *acks, const struct hf_ack *what, bool *ret_new)
{
	bool is_new = !hf_acks_find(acks, what);

	if (is_new) {
		enum hf_rc rc = make_acks_room(acks);

		if (rc != HF_OK)
			return rc;
		if (acks->n == HF_ACKS_MAX)
			memmove(acks->v, acks->v + 1, --acks->n * sizeof(*acks->v));
		acks->v[acks->n++] = *what;
	}
	*ret_new = is_new;
	return HF_OK;
}

enum hf_rc hf_acks_copy(const struct hf_acks *acks, struct hf_acks *ret_copy)
{
	struct hf_acks copy = {NULL, 0};

	if (acks->n > 0) {
		enum hf_rc rc = make_acks_room(&copy);

		if (rc != HF_OK)
			return rc;
		memcpy(copy.v, acks->v, acks->n * sizeof(*acks->v));
		copy.n = acks->n;
	}
	*ret_copy = copy;
	return HF_OK;
}

/* When did the last of its bodies end? Only asked of one that is over. */
static struct hf_wall end_of_lockdown(const struct hf_lockdown *lockdown)
{
	struct hf_wall end = {0};

	for (size_t b = 0; b < lockdown->n_bodies; b++) {
		struct hf_wall until = lockdown->bodies[b]->order->body.until;

		end = until.s > end.s ? until : end;
	}
	return end;
}

bool hf_acks_gone(const struct hf_lockdown *lockdown, struct hf_now now)
{
	int64_t first = now.local.s < now.issued.s ? now.local.s : now.issued.s;

	if (!lockdown)
		return true;
	switch (lockdown->phase) {
	case HF_PHASE_RELEASED:
		return first - lockdown->release->order->at.s > HF_ACKS_KEPT_S;
	case HF_PHASE_OVER:
		return first - end_of_lockdown(lockdown).s > HF_ACKS_KEPT_S;
	case HF_PHASE_SCHEDULED:
	case HF_PHASE_IN_FORCE:
	case HF_PHASE_COUNT:
		break;
	}
	return false;
}

bool hf_acks_prune(struct hf_acks *acks, const struct hf_lockdowns *lockdowns, struct hf_now now)
{
	size_t kept = 0, before = acks->n;

	for (size_t i = 0; i < before; i++) {
		if (!hf_acks_gone(hf_lockdowns_find(lockdowns, &acks->v[i].lockdown), now))
			acks->v[kept++] = acks->v[i];
	}
	acks->n = kept;
	return kept != before;
}

json_t *hf_acks_encode(const struct hf_acks *acks)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < acks->n; i++) {
		const struct hf_ack *a = &acks->v[i];
		json_t *row = json_pack("{s:o, s:o, s:s, s:I}", "lockdown", hf_json_from_digest(&a->lockdown), "text",
					hf_json_from_digest(&a->text), "person", a->person, "at", (json_int_t)a->at.s);

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

static enum hf_rc decode_ack(json_t *row, struct hf_acks *acks, struct hf_err *err)
{
	struct hf_ack ack;
	const char *person = NULL;
	const struct hf_json_member members[] = {
		{.name = "lockdown", .kind = HF_JSON_DIGEST, .ret = &ack.lockdown},
		{.name = "text", .kind = HF_JSON_DIGEST, .ret = &ack.text},
		{.name = "person", .kind = HF_JSON_ID, .ret = &person},
		{.name = "at", .kind = HF_JSON_WALL, .ret = &ack.at},
	};
	bool is_new;
	enum hf_rc rc;

	memset(&ack, 0, sizeof(ack));
	rc = hf_json_take(row, members, HF_LEN(members), err);
	if (rc != HF_OK)
		return rc;
	rc = hf_str_copy(ack.person, sizeof(ack.person), person);
	if (rc == HF_OK)
		rc = hf_acks_add(acks, &ack, &is_new);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "An acknowledgement that was kept cannot be taken up.");
}

enum hf_rc hf_acks_decode(json_t *list, struct hf_acks *ret_acks, struct hf_err *err)
{
	hf_auto_acks struct hf_acks acks = {NULL, 0};
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		enum hf_rc rc = decode_ack(row, &acks, err);

		if (rc != HF_OK)
			return rc;
	}
	*ret_acks = acks;
	memset(&acks, 0, sizeof(acks));
	return HF_OK;
}

void hf_acks_done(struct hf_acks *acks)
{
	free(acks->v);
	memset(acks, 0, sizeof(*acks));
}
