/* SPDX-License-Identifier: MIT */
/*
 * Owns the choice of what a person at a device is shown.
 * Must never show an exercise without saying so, nor a block without its reason.
 */
#include "agent/rules/view.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>

#include "agent/rules/readings.h"
#include "agent/rules/refused.h"
#include "agent/rules/view_attention.h"
#include "agent/rules/view_posting.h"

static bool put_member(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static int by_id(const void *a, const void *b)
{
	const struct hf_person *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

/* Beside their ids, in NAME_names, what screens call them, if the trust has a name of one of them. */
static bool put_signers(json_t *row, const char *name, const struct hf_heard *heard)
{
	const struct hf_person *people[HF_SIGNATURES_MAX];
	size_t n = heard->signers.n_people;
	hf_auto_json json_t *ids = json_array(), *texts = json_array();
	char member[HF_ID_SIZE], text[HF_PERSON_TEXT_SIZE];
	bool named = false;

	memcpy(people, heard->signers.people, n * sizeof(people[0]));
	qsort(people, n, sizeof(people[0]), by_id);
	for (size_t i = 0; i < n; i++) {
		named = named || people[i]->name;
		if (json_array_append_new(ids, json_string(people[i]->id)) != 0 ||
		    json_array_append_new(texts, json_string(hf_person_text(people[i], text))) != 0)
			return false;
	}
	return json_object_set(row, name, ids) == 0 &&
	       (!named || (hf_str_printf(member, sizeof(member), "%s_names", name) == HF_OK &&
			   json_object_set(row, member, texts) == 0));
}

/* The strongest of the bodies that hold side by side. */
static const struct hf_heard *newest_body(const struct hf_lockdown *lockdown)
{
	const struct hf_heard *best = lockdown->bodies[0];

	for (size_t b = 1; b < lockdown->n_bodies; b++) {
		if (lockdown->phases[b] == HF_PHASE_IN_FORCE &&
		    lockdown->bodies[b]->order->body.level > best->order->body.level)
			best = lockdown->bodies[b];
	}
	return best;
}

static bool holds(const struct hf_case *matter, const char *account, const char *person)
{
	const struct hf_account *found = matter->known->reg ? hf_register_account(matter->known->reg, account) : NULL;

	return found && hf_account_held_by(found, person, matter->now.local);
}

bool hf_view_name(json_t *row, const char *member, const struct hf_trust *trust)
{
	const char *id = json_string_value(json_object_get(row, member));
	const struct hf_person *person = id ? hf_trust_person(trust, id) : NULL;
	char name[HF_ID_SIZE];

	return !person || !person->name ||
	       (hf_str_printf(name, sizeof(name), "%s_name", member) == HF_OK &&
		json_object_set_new(row, name, json_string(person->name)) == 0);
}

static json_t *holding_of(const struct hf_case *matter, const struct hf_body *body, const struct hf_pair *who)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < body->n_holding; i++) {
		const struct hf_holding *h = &body->holding[i];
		bool mine = who && holds(matter, h->account, who->person), poster = mine && hf_pair_posts(who, h);
		json_t *row;

		if (who && !mine)
			continue;
		row = json_pack("{s:s, s:s, s:s, s:I, s:b}", "account", h->account, "text", h->text, "poster",
				h->poster, "minutes", (json_int_t)h->minutes, "you", poster);
		if (!hf_view_name(row, "poster", matter->known->trust) || !row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

static bool has_begun(const struct hf_lockdown *lockdown, const struct hf_heard *heard,
		      const struct hf_started *started)
{
	return hf_started_has(started, &heard->envelope->digest) ||
	       heard->order->body.from.s <= lockdown->release->order->at.s;
}

/* Released before any of its bodies began: this device has seen none begin, and none was to. */
static bool never_began(const struct hf_lockdown *lockdown, const struct hf_started *started)
{
	for (size_t b = 0; b < lockdown->n_bodies; b++)
		if (has_begun(lockdown, lockdown->bodies[b], started))
			return false;
	return !has_begun(lockdown, lockdown->raise, started);
}

static bool put_release(json_t *row, const struct hf_lockdown *lockdown, const struct hf_started *started)
{
	const struct hf_heard *release = lockdown->release;

	if (!release)
		return true;
	return put_member(row, "cancelled", json_boolean(never_began(lockdown, started))) &&
	       put_signers(row, "released_by", release) &&
	       put_member(row, "released_at", json_integer(release->order->at.s)) &&
	       put_member(row, "message", json_string(release->order->message)) &&
	       put_member(row, "release_reason", json_string(release->order->body.reason));
}

/* How far this person has come with the instructions of one lockdown. */
struct progress {
	bool to_read;	   /* shut until they are acknowledged */
	bool asked;	   /* still to be acknowledged, though nothing is shut by that */
	bool yours;	   /* some body of it bears on an account of this person */
	struct hf_wall at; /* acknowledged, all of them; 0: not */
};

static struct progress reading_progress(const struct hf_lockdown *lockdown, const struct hf_readings *readings,
					const struct hf_pair *who)
{
	struct progress p = {.yours = false};
	bool all = who;

	for (size_t i = 0; i < readings->n; i++) {
		const struct hf_reading *r = &readings->v[i];
		const struct hf_body *body = &r->body->order->body;

		if (r->lockdown != lockdown)
			continue;
		p.yours = p.yours || r->yours;
		p.asked = p.asked || r->asked;
		all = all && r->ack;
		if (r->ack && r->ack->at.s > p.at.s)
			p.at = r->ack->at;
		if (body->level == HF_LEVEL_GUARD && hf_lockdown_mode(lockdown) == HF_MODE_LIVE && !r->ack &&
		    r->yours && !hf_pair_exempt(who, body))
			p.to_read = true;
	}
	if (!all)
		p.at.s = 0;
	return p;
}

static bool put_reading_progress(json_t *row, const struct hf_lockdown *lockdown, const struct hf_readings *readings,
				 const struct hf_pair *who)
{
	struct progress p = reading_progress(lockdown, readings, who);

	return put_member(row, "yours", json_boolean(p.yours)) && put_member(row, "to_read", json_boolean(p.to_read)) &&
	       put_member(row, "asked", json_boolean(p.asked)) && put_member(row, "acknowledged", json_integer(p.at.s));
}

static json_t *plain_row(const struct hf_lockdown *lockdown, const struct hf_body *body)
{
	const struct hf_order *raise = lockdown->raise->order;
	char id[HF_DIGEST_HEX_SIZE], from[HF_WALL_TEXT_SIZE], until[HF_WALL_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:s, s:s, s:s, s:s}", "id",
			 hf_digest_hex(&lockdown->id, id), "kind", hf_kind_name(raise->kind), "mode",
			 hf_mode_name(raise->mode), "phase", hf_phase_name(lockdown->phase), "level",
			 hf_level_name(body->level), "rev", (json_int_t)lockdown->rev, "at", (json_int_t)raise->at.s,
			 "from", (json_int_t)body->from.s, "from_local", hf_london_text(body->from, from), "until",
			 (json_int_t)body->until.s, "until_local", hf_london_text(body->until, until), "reason",
			 body->reason, "contact", body->contact, "instructions", body->instructions);
}

static json_t *lockdown_row(const struct hf_case *matter, const struct hf_report_facts *report,
			    const struct hf_lockdown *lockdown, const struct hf_readings *readings,
			    const struct hf_pair *who)
{
	const struct hf_heard *heard = newest_body(lockdown);
	const struct hf_body *body = &heard->order->body;
	bool exempt = hf_pair_exempt(who, body);
	hf_auto_json json_t *row = plain_row(lockdown, body);

	if (!row || !put_member(row, "exempt", json_boolean(exempt)) ||
	    (matter->facts->glass && !put_member(row, "glass", json_true())) ||
	    !put_member(row, "standing", json_string(hf_standing_name(hf_standing_on(matter, report, lockdown)))) ||
	    !put_signers(row, "raised_by", lockdown->raise) ||
	    !put_member(row, "accounts", hf_json_from_strs(&body->accounts)) ||
	    !put_member(row, "holding", holding_of(matter, body, who)) ||
	    !put_release(row, lockdown, &matter->known->started) || !put_reading_progress(row, lockdown, readings, who))
		return NULL;
	if (lockdown->rev > 0 && !put_signers(row, "changed_by", heard))
		return NULL;
	return json_incref(row);
}

static bool worth_showing(const struct hf_case *matter, const struct hf_lockdown *lockdown)
{
	if (!hf_lockdown_bears(lockdown, &matter->known->versions))
		return false;
	switch (lockdown->phase) {
	case HF_PHASE_IN_FORCE:
	case HF_PHASE_SCHEDULED:
		return true;
	case HF_PHASE_RELEASED:
		return matter->now.local.s - lockdown->release->order->at.s < HF_VIEW_RELEASED_S;
	case HF_PHASE_OVER:
	case HF_PHASE_COUNT:
		break;
	}
	return false;
}

/* One turn of the rows: what is of this phase and mode, and of nobody's beyond the first few, or only that. */
struct row_turn {
	enum hf_phase phase;
	enum hf_mode mode;
	bool beyond;
};

static bool is_of_turn(const struct hf_lockdown *lockdown, const struct row_turn *turn, enum hf_kind kind)
{
	return lockdown->raise->order->kind == kind && lockdown->phase == turn->phase &&
	       hf_lockdown_mode(lockdown) == turn->mode && (lockdown->turn >= HF_SAID_FIRST_MAX) == turn->beyond;
}

/*
 * Live ones in force first, then exercises in force, then scheduled, then released, of each an emergency before a
 * pre-election period; a flood of one person's last.
 */
static json_t *lockdown_rows(const struct hf_case *matter, const struct hf_report_facts *report,
			     const struct hf_readings *readings, const struct hf_pair *who)
{
	/* clang-format off */
	static const struct row_turn turns[] = {
		{ HF_PHASE_IN_FORCE, HF_MODE_LIVE, false }, { HF_PHASE_IN_FORCE, HF_MODE_EXERCISE, false },
		{ HF_PHASE_SCHEDULED, HF_MODE_LIVE, false }, { HF_PHASE_SCHEDULED, HF_MODE_EXERCISE, false },
		{ HF_PHASE_RELEASED, HF_MODE_LIVE, false },
		{ HF_PHASE_IN_FORCE, HF_MODE_LIVE, true }, { HF_PHASE_SCHEDULED, HF_MODE_LIVE, true },
		{ HF_PHASE_RELEASED, HF_MODE_LIVE, true }, { HF_PHASE_RELEASED, HF_MODE_EXERCISE, false },
	};
	/* clang-format on */
	static const enum hf_kind kinds[] = {HF_KIND_EMERGENCY, HF_KIND_PURDAH};
	hf_auto_free const struct hf_lockdown **said = NULL;
	hf_auto_json json_t *list = json_array();

	if (hf_lockdowns_said(matter->lockdowns, &said) != HF_OK)
		return NULL;
	for (size_t t = 0; list && t < HF_LEN(turns) * HF_LEN(kinds); t++) {
		for (size_t i = 0; i < matter->lockdowns->n; i++) {
			if (!is_of_turn(said[i], &turns[t / HF_LEN(kinds)], kinds[t % HF_LEN(kinds)]) ||
			    !worth_showing(matter, said[i]) || json_array_size(list) >= HF_VIEW_LOCKDOWNS_MAX)
				continue;
			if (json_array_append_new(list, lockdown_row(matter, report, said[i], readings, who)) != 0)
				return NULL;
		}
	}
	return list ? json_incref(list) : NULL;
}

/* How hard the tools are shut that post to this account: another account of its platform may shut them. */
static enum hf_level reach_of(const struct hf_posture *posture, const struct hf_account *account)
{
	enum hf_level level = HF_LEVEL_OPEN;

	for (size_t i = 0; i < posture->n_tools; i++) {
		const struct hf_tool_posture *t = &posture->tools[i];

		for (size_t p = 0; p < t->tool->platforms.n && t->level > level; p++)
			if (hf_account_on(account->id, t->tool->platforms.v[p]))
				level = t->level;
	}
	return level;
}

static json_t *account_rows(const struct hf_case *matter, const struct hf_posture *posture,
			    const struct hf_memory *memory, const struct hf_posting_time *time)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < posture->n_accounts; i++) {
		const struct hf_account_posture *a = &posture->accounts[i];
		json_t *row;

		if (!a->holder && !a->poster)
			continue;
		row = json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "id", a->account->id, "level",
				hf_level_name(a->level), "reach", hf_level_name(reach_of(posture, a->account)),
				"holder", a->holder, "poster", a->poster, "posting", hf_view_posting(a, memory, time));
		if (!hf_view_name(json_object_get(row, "posting"), "poster", matter->known->trust) || !row ||
		    json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

/* Open for this person, and blocked all the same where the layer cannot tell users apart. */
static bool shut_by_sharing(const struct hf_plan *plan, const struct hf_tool_posture *tool)
{
	for (size_t i = 0; tool->level == HF_LEVEL_OPEN && i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];

		if (strcmp(block->tool, tool->tool->id) == 0 && block->machine_wide && block->addresses->n > 0)
			return true;
	}
	return false;
}

static json_t *tool_rows(const struct hf_posture *posture, const struct hf_plan *plan)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < posture->n_tools; i++) {
		const struct hf_tool_posture *t = &posture->tools[i];
		json_t *row = json_pack("{s:s, s:s, s:s, s:b}", "id", t->tool->id, "name", t->tool->name, "level",
					hf_level_name(t->level), "shared", shut_by_sharing(plan, t));

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

static json_t *layer_rows(const struct hf_report_facts *report)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < report->n_layers; i++) {
		const struct hf_layer_seen *seen = &report->layers[i];
		json_t *row = json_pack("{s:s, s:s, s:s, s:b}", "name", seen->name, "state",
					hf_layer_state_name(seen->saw.state), "saw", seen->saw.text, "tampered",
					seen->saw.tampered);

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

/* Whose orders have run over their share, so that everything is shut until two release them. */
static json_t *over_of(const struct hf_case *matter)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < matter->lockdowns->n_over; i++) {
		const struct hf_over *over = &matter->lockdowns->over[i];
		json_t *row = json_pack("{s:s, s:s}", "person", over->person, "kind", hf_kind_name(over->kind));

		if (!hf_view_name(row, "person", matter->known->trust) || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

static json_t *device_view(const struct hf_case *matter, const struct hf_report_facts *report,
			   const struct hf_view_facts *facts)
{
	const struct hf_known *known = matter->known;
	bool stale = known->valid_until.s < matter->now.local.s;

	return json_pack("{s:s, s:s, s:s?, s:b, s:b, s:b, s:b, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "council",
			 known->council, "device", known->device, "person", facts->who ? facts->who->person : NULL,
			 "unknown", report->memory->unknown, "moved", report->memory->moved, "stale", stale, "waiting",
			 facts->waiting, "trouble", facts->trouble, "can_report", facts->can_report, "heard_s",
			 (json_int_t)facts->heard_s, "now", (json_int_t)matter->now.local.s, "issued",
			 (json_int_t)known->issued.s, "valid_until", (json_int_t)known->valid_until.s, "trust_epoch",
			 (json_int_t)known->trust->epoch, "register_version",
			 (json_int_t)(known->reg ? known->reg->version : 0));
}

/* How many of each hold on this device now: an emergency inside a pre-election period shows as both. */
static json_t *in_force_of(const struct hf_case *matter)
{
	json_int_t emergencies = 0, purdahs = 0, exercises = 0;

	for (size_t i = 0; i < matter->lockdowns->n; i++) {
		const struct hf_lockdown *l = &matter->lockdowns->v[i];

		if (l->phase != HF_PHASE_IN_FORCE || !hf_lockdown_bears(l, &matter->known->versions))
			continue;
		exercises += hf_lockdown_mode(l) == HF_MODE_EXERCISE;
		emergencies += hf_lockdown_mode(l) == HF_MODE_LIVE && l->raise->order->kind == HF_KIND_EMERGENCY;
		purdahs += hf_lockdown_mode(l) == HF_MODE_LIVE && l->raise->order->kind == HF_KIND_PURDAH;
	}
	return json_pack("{s:I, s:I, s:I}", "emergency", emergencies, "purdah", purdahs, "exercise", exercises);
}

/* Who may post in a pre-election period is told until when its instructions stand over every post (policy D10). */
static json_t *reminder_of(const struct hf_readings *readings, const struct hf_pair *who)
{
	struct hf_wall until = {0};
	char utc[HF_WALL_TEXT_SIZE], local[HF_WALL_TEXT_SIZE];

	for (size_t i = 0; who && i < readings->n; i++) {
		const struct hf_reading *r = &readings->v[i];
		const struct hf_order *order = r->body->order;
		bool open;

		if (r->lockdown->phase != HF_PHASE_IN_FORCE || order->kind != HF_KIND_PURDAH ||
		    order->mode != HF_MODE_LIVE || !r->yours)
			continue;
		open = hf_pair_exempt(who, &order->body) || (order->body.level == HF_LEVEL_GUARD && r->ack);
		if (open && order->body.until.s > until.s)
			until = order->body.until;
	}
	if (until.s == 0)
		return json_string("");
	return json_sprintf("until %s (%s) every post has to keep to the instructions of the pre-election period "
			    "(purdah): holdfast-agent instructions",
			    hf_wall_text(until, utc), hf_london_text(until, local));
}

/* Of more texts than hf_readings_of lists, those that come last are not shown as read. */
static enum hf_rc readings_of(const struct hf_case *matter, const struct hf_report_facts *report, const char *person,
			      struct hf_readings *ret, struct hf_err *err)
{
	const struct hf_readings_ask ask = {&report->memory->shown, &report->memory->acked, person, ""};

	return hf_readings_of(matter, &ask, ret, err);
}

json_t *hf_view_make(const struct hf_case *matter, const struct hf_report_facts *report,
		     const struct hf_view_facts *facts, struct hf_err *err)
{
	hf_auto_posture struct hf_posture posture = {0};
	hf_auto_json json_t *view = NULL;
	struct hf_readings readings;
	const char *person = facts->who ? facts->who->person : NULL;
	enum hf_rc rc = hf_case_posture(matter, facts->who, &posture, err);

	if (rc == HF_OK)
		rc = readings_of(matter, report, person, &readings, err);
	if (rc != HF_OK)
		return NULL;
	view = device_view(matter, report, facts);
	if (!view || !hf_view_name(view, "person", matter->known->trust) ||
	    !put_member(view, "level", json_string(hf_level_name(posture.level))) ||
	    !put_member(view, "in_force", in_force_of(matter)) || !put_member(view, "over", over_of(matter)) ||
	    !put_member(view, "attention", hf_view_attention(matter, report->memory)) ||
	    !put_member(view, "reminder", reminder_of(&readings, facts->who)) ||
	    !put_member(view, "lockdowns", lockdown_rows(matter, report, &readings, facts->who)) ||
	    !put_member(view, "accounts", account_rows(matter, &posture, report->memory, facts->time)) ||
	    !put_member(view, "tools", tool_rows(&posture, report->plan)) ||
	    !put_member(view, "layers", layer_rows(report)) ||
	    !put_member(view, "refused", hf_refused_json(report->memory->refused)))
		return NULL;
	return json_incref(view);
}

bool hf_view_shown(const struct hf_case *matter, struct hf_started *seen)
{
	bool grew = false;

	for (size_t i = 0; i < matter->lockdowns->n; i++) {
		const struct hf_lockdown *l = &matter->lockdowns->v[i];

		if (l->phase != HF_PHASE_IN_FORCE || !hf_lockdown_bears(l, &matter->known->versions) ||
		    hf_started_has(seen, &l->id))
			continue;
		if (hf_started_add(seen, &l->id) == HF_OK)
			grew = true;
	}
	return grew;
}

void hf_view_forget(const struct hf_lockdowns *lockdowns, struct hf_started *seen)
{
	size_t kept = 0;

	for (size_t i = 0; i < seen->n; i++)
		if (hf_lockdowns_find(lockdowns, &seen->v[i]))
			seen->v[kept++] = seen->v[i];
	seen->n = kept;
}
