/* SPDX-License-Identifier: MIT */
/*
 * Owns the making and signing of this device's reports.
 * Must never report more than the layers saw.
 */
#include "agent/rules/reporting.h"

#include <stdlib.h>
#include <string.h>

#define REPORT_DONE_FIRST 16 /* rows of a report that what is done has for sure: an all-clear is counted */

enum hf_standing hf_standing_on(const struct hf_case *matter, const struct hf_report_facts *facts,
				const struct hf_lockdown *lockdown)
{
	const struct hf_known *known = matter->known;
	struct hf_standing_facts standing = {
		.bears = hf_lockdown_bears(lockdown, &known->versions),
		.exempt = hf_lockdown_spares(lockdown, &known->versions) && !facts->memory->unknown,
		.decided = facts->decided,
		.settled = facts->settled,
		.seen = hf_started_has(&facts->memory->seen, &lockdown->id),
		.opened = facts->opened && hf_started_has(facts->opened, &lockdown->id) && !facts->memory->unknown,
		.grip = hf_grip_of(facts->plan, facts->layers, facts->n_layers),
	};

	/* Two officers have opened it: nothing of it is enforced here. */
	if (matter->facts->glass)
		standing.grip = HF_GRIP_NONE;
	/* Without a register nobody knows what can post here. */
	if (!known->reg && standing.grip == HF_GRIP_FREE)
		standing.grip = HF_GRIP_NONE;
	return hf_standing_of(lockdown, &standing);
}

static bool is_done(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER;
}

/*
 * What is said in one of the turns: of each person the first few that hold or are to come; some that are done, the
 * newest; the others that hold; the others that are done; and exercises last.
 */
static int turn_of(const struct hf_lockdown *lockdown, size_t *n_done)
{
	if (hf_lockdown_mode(lockdown) == HF_MODE_EXERCISE)
		return 4;
	if (is_done(lockdown))
		return lockdown->turn < HF_SAID_FIRST_MAX && (*n_done)++ < REPORT_DONE_FIRST ? 1 : 3;
	return lockdown->turn < HF_SAID_FIRST_MAX ? 0 : 2;
}

static enum hf_rc report_lockdowns(const struct hf_case *matter, const struct hf_report_facts *facts,
				   struct hf_report_lockdown *rows, size_t *ret_n)
{
	hf_auto_free const struct hf_lockdown **sorted = NULL;
	size_t n = 0;

	if (hf_lockdowns_said(matter->lockdowns, &sorted) != HF_OK)
		return HF_E_MEMORY;
	for (int turn = 0; turn <= 4; turn++) {
		size_t n_done = 0;

		for (size_t i = 0; i < matter->lockdowns->n && n < HF_REPORT_LOCKDOWNS_MAX; i++) {
			if (turn_of(sorted[i], &n_done) != turn)
				continue;
			rows[n++] = (struct hf_report_lockdown){
				.id = sorted[i]->id,
				.kind = sorted[i]->raise->order->kind,
				.mode = hf_lockdown_mode(sorted[i]),
				.rev = sorted[i]->rev,
				.standing = hf_standing_on(matter, facts, sorted[i]),
			};
		}
	}
	*ret_n = n;
	return HF_OK;
}

static void report_over(const struct hf_lockdowns *lockdowns, struct hf_report *report)
{
	for (size_t i = 0; i < lockdowns->n_over && i < HF_REPORT_OVER_MAX; i++)
		report->over[report->n_over++] =
			(struct hf_report_over){lockdowns->over[i].person, lockdowns->over[i].kind};
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
			(struct hf_posting){w->lockdown, w->account, w->person, NULL,   w->state,
					    w->at,	 w->post,    w->why,	w->text};
	}
	return n;
}

/* Of the controllers of the newest trust: what a key that has left has said is nobody's business any more. */
static void report_logs(const struct hf_known *known, struct hf_report_rows *rows, struct hf_report *report)
{
	for (size_t i = 0; i < known->n_controllers && report->n_logs < HF_REPORT_LOGS_MAX; i++) {
		const struct hf_controller_seen *seen = &known->controllers[i];
		const struct hf_controller_key *of = hf_trust_controller(known->trust, seen->id);
		char *key = rows->log_keys[report->n_logs];

		if (!of || seen->log.seq == 0 || *hf_pub_keyid(&of->pub, key) == '\0')
			continue;
		report->logs[report->n_logs++] = (struct hf_log_row){seen->id, key, seen->log};
	}
}

/* Policy D9.1: whom a loss does not shut out. */
static size_t report_open_for(const struct hf_case *matter, const struct hf_report_facts *facts, const char **rows)
{
	const struct hf_known *known = matter->known;
	struct hf_wall later = matter->now.local.s > matter->now.issued.s ? matter->now.local : matter->now.issued;
	struct hf_pairs pairs;
	size_t n = 0;

	if (!facts->memory->unknown)
		return 0;
	hf_versions_pairs(&known->versions, &pairs);
	for (size_t i = 0; i < pairs.n && n < HF_DEVICE_PEOPLE_MAX; i++)
		if (hf_officer_designated(known->trust, known->reg, &pairs.v[i], later))
			rows[n++] = pairs.v[i].person;
	return n;
}

enum hf_rc hf_report_make(const struct hf_case *matter, const struct hf_report_facts *facts,
			  struct hf_report_rows *rows, struct hf_report *ret_report)
{
	const struct hf_known *known = matter->known;
	const struct hf_broker_list *brokers = hf_broker_set_newest(&known->brokers);
	size_t n_lockdowns = 0;

	if (report_lockdowns(matter, facts, rows->lockdowns, &n_lockdowns) != HF_OK)
		return HF_E_MEMORY;

	*ret_report = (struct hf_report){
		.council = known->council,
		.device = known->device,
		.unknown = facts->memory->unknown,
		.has_nonce = facts->memory->unknown && hf_memory_nonce(facts->memory),
		.nonce = facts->memory->nonce,
		.open_for = {rows->open_for, report_open_for(matter, facts, rows->open_for)},
		.restored = facts->memory->restored,
		.unknown_logins = (int64_t)facts->unknown_logins,
		.glass = {.wrong = facts->memory->glass.wrong,
			  .tried = facts->memory->glass.tried,
			  .set = facts->memory->glass.slot > 0 ? facts->memory->glass.set : 0,
			  .slot = facts->memory->glass.slot,
			  .at = facts->memory->glass.at,
			  .open = facts->memory->glass.until_ms != 0},
		.controller = known->last_controller,
		.state_seq = known->last_seq,
		.state_digest = known->last_state,
		.trust_epoch = known->trust->epoch,
		.register_version = known->reg ? known->reg->version : 0,
		.brokers_version = brokers ? brokers->doc->version : 0,
		.lockdowns = rows->lockdowns,
		.n_lockdowns = n_lockdowns,
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
	report_over(matter->lockdowns, ret_report);
	report_refused(facts->memory, ret_report);
	report_logs(known, rows, ret_report);
	return HF_OK;
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
