/* SPDX-License-Identifier: MIT */
/*
 * Owns the making and signing of this device's reports.
 * Must never report more than the layers saw.
 */
#include "agent/rules/reporting.h"

#include <stdlib.h>
#include <string.h>

enum hf_standing hf_standing_on(const struct hf_case *matter, const struct hf_report_facts *facts,
				const struct hf_lockdown *lockdown)
{
	const struct hf_known *known = matter->known;
	struct hf_standing_facts standing = {
		.bears = hf_lockdown_bears(lockdown, known->assignment),
		.exempt = hf_lockdown_spares(lockdown, known->assignment) && !facts->memory->unknown,
		.decided = facts->decided,
		.settled = facts->settled,
		.seen = hf_started_has(&facts->memory->seen, &lockdown->id),
		.grip = hf_grip_of(facts->plan, facts->layers, facts->n_layers),
	};

	/* Without a register nobody knows what can post here. */
	if (!known->reg && standing.grip == HF_GRIP_FREE)
		standing.grip = HF_GRIP_NONE;
	return hf_standing_of(lockdown, &standing);
}

/* In force before scheduled before released before over. */
static int report_rank(const struct hf_lockdown *lockdown)
{
	static const int ranks[HF_PHASE_COUNT] = {
		[HF_PHASE_IN_FORCE] = 0,
		[HF_PHASE_SCHEDULED] = 1,
		[HF_PHASE_RELEASED] = 2,
		[HF_PHASE_OVER] = 3,
	};

	return ranks[lockdown->phase];
}

static int by_report_rank(const void *a, const void *b)
{
	const struct hf_lockdown *x = *(const struct hf_lockdown *const *)a;
	const struct hf_lockdown *y = *(const struct hf_lockdown *const *)b;
	int64_t x_at = x->raise->order->at.s, y_at = y->raise->order->at.s;

	if (report_rank(x) != report_rank(y))
		return report_rank(x) - report_rank(y);
	if (x_at != y_at)
		return x_at > y_at ? -1 : 1;
	return hf_digest_cmp(&x->id, &y->id);
}

static size_t report_lockdowns(const struct hf_case *matter, const struct hf_report_facts *facts,
			       struct hf_report_lockdown *rows)
{
	const struct hf_lockdown *sorted[HF_ORDERS_MAX];
	size_t n = matter->lockdowns->n < HF_ORDERS_MAX ? matter->lockdowns->n : HF_ORDERS_MAX;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &matter->lockdowns->v[i];
	qsort(sorted, n, sizeof(sorted[0]), by_report_rank);
	if (n > HF_REPORT_LOCKDOWNS_MAX)
		n = HF_REPORT_LOCKDOWNS_MAX;
	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct hf_report_lockdown){
			.id = sorted[i]->id,
			.kind = sorted[i]->raise->order->kind,
			.mode = hf_lockdown_mode(sorted[i]),
			.rev = sorted[i]->rev,
			.standing = hf_standing_on(matter, facts, sorted[i]),
		};
	}
	return n;
}

static void report_refused(const struct hf_memory *memory, struct hf_report *report)
{
	for (int rc = 0; rc < HF_RC_COUNT; rc++) {
		if (memory->refused[rc] == 0)
			continue;
		report->refused[report->n_refused++] =
			(struct hf_report_refused){.reason = (enum hf_rc)rc, .count = memory->refused[rc]};
	}
}

static size_t report_acks(const struct hf_acks *acked, struct hf_report_ack *rows)
{
	size_t n = acked->n < HF_REPORT_ACKS_MAX ? acked->n : HF_REPORT_ACKS_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct hf_ack *ack = &acked->v[acked->n - 1 - i];

		rows[i] = (struct hf_report_ack){
			.lockdown = ack->lockdown, .text = ack->text, .person = ack->person, .at = ack->at};
	}
	return n;
}

/* What has changed last comes first. */
static size_t report_postings(const struct hf_posting_windows *windows, struct hf_posting *rows)
{
	size_t n = windows->n < HF_REPORT_POSTINGS_MAX ? windows->n : HF_REPORT_POSTINGS_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct hf_posting_window *w = &windows->v[windows->n - 1 - i];

		rows[i] =
			(struct hf_posting){w->lockdown, w->account, w->person, NULL, w->state, w->at, w->post, w->why};
	}
	return n;
}

/* Policy D9.1: whom a loss does not shut out. */
static size_t report_open_for(const struct hf_case *matter, const struct hf_report_facts *facts, const char **rows)
{
	const struct hf_known *known = matter->known;
	struct hf_wall later = matter->now.local.s > matter->now.issued.s ? matter->now.local : matter->now.issued;
	size_t n = 0;

	for (size_t i = 0; facts->memory->unknown && known->assignment && i < known->assignment->n_people; i++)
		if (hf_officer_designated(known->trust, known->reg, known->assignment->people[i].person, later))
			rows[n++] = known->assignment->people[i].person;
	return n;
}

void hf_report_make(const struct hf_case *matter, const struct hf_report_facts *facts, struct hf_report_rows *rows,
		    struct hf_report *ret_report)
{
	const struct hf_known *known = matter->known;

	*ret_report = (struct hf_report){
		.council = known->council,
		.device = known->device,
		.unknown = facts->memory->unknown,
		.has_nonce = facts->memory->unknown && hf_memory_nonce(facts->memory),
		.nonce = facts->memory->nonce,
		.open_for = {rows->open_for, report_open_for(matter, facts, rows->open_for)},
		.controller = known->last_controller,
		.state_seq = known->last_seq,
		.state_digest = known->last_state,
		.trust_epoch = known->trust->epoch,
		.register_version = known->reg ? known->reg->version : 0,
		.lockdowns = rows->lockdowns,
		.n_lockdowns = report_lockdowns(matter, facts, rows->lockdowns),
		.acks = rows->acks,
		.n_acks = report_acks(&facts->memory->acked, rows->acks),
		.postings = rows->postings,
		.n_postings = report_postings(&facts->memory->windows, rows->postings),
	};
	for (size_t i = 0; i < facts->n_layers && i < HF_LAYERS_MAX; i++) {
		ret_report->layers[ret_report->n_layers++] = (struct hf_report_layer){
			.name = facts->layers[i].name,
			.state = facts->layers[i].saw.state,
			.saw = facts->layers[i].saw.text,
		};
	}
	report_refused(facts->memory, ret_report);
}

enum hf_rc hf_report_sign(const struct hf_report *report, const struct hf_key *key, char **ret, size_t *ret_len,
			  struct hf_err *err)
{
	hf_auto_json json_t *json = hf_report_encode(report);
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_envelope_of_json(HF_DOC_REPORT, json, &envelope, err);

	if (rc == HF_OK)
		rc = hf_envelope_sign(envelope, key, err);
	return rc == HF_OK ? hf_envelope_encode(envelope, ret, ret_len, err) : rc;
}

/* What moves with each beat of the council's server and is no news of this device. */
static bool moves_by_itself(const char *member)
{
	static const char *const names[] = {"counter", "at", "controller", "state_seq", "state"};

	for (size_t i = 0; i < HF_LEN(names); i++) {
		if (strcmp(member, names[i]) == 0)
			return true;
	}
	return false;
}

/* Every member of a but those stands in b with the same value. */
static bool within(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)a, name, value)
	{
		if (!moves_by_itself(name) && !json_equal(value, json_object_get(b, name)))
			return false;
	}
	return true;
}

bool hf_report_same(const json_t *a, const json_t *b)
{
	return a && b && within(a, b) && within(b, a);
}
