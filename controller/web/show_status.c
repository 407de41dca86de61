/* SPDX-License-Identifier: MIT */
/*
 * Owns the JSON of the status: the lockdowns and how many devices stand where in each.
 * Must never merge two states of devices, or an exercise with the real thing.
 */
#include <stdlib.h>

#include <holdfast/clock.h>
#include <holdfast/windows.h>

#include "controller/rereading.h"
#include "controller/web/checks_ask.h"
#include "controller/web/show_attention.h"

/* Live ones in force first, then scheduled, exercises, over and released. */
static int status_place(const struct hf_lockdown *lockdown)
{
	bool exercise = lockdown->raise->order->mode == HF_MODE_EXERCISE;
	switch (lockdown->phase) {
	case HF_PHASE_IN_FORCE:
		return exercise ? 2 : 0;
	case HF_PHASE_SCHEDULED:
		return exercise ? 2 : 1;
	case HF_PHASE_OVER:
		return 3;
	case HF_PHASE_RELEASED:
	case HF_PHASE_COUNT:
		break;
	}
	return 4;
}

/* Of several bodies that hold side by side, one in force is shown. */
static const struct hf_body *body_of(const struct hf_lockdown *lockdown)
{
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		if (lockdown->phases[i] == lockdown->phase)
			return &lockdown->bodies[i]->order->body;
	return &lockdown->raise->order->body;
}

/* What is to come stands in order of its start, the rest with the newest first. */
static int by_place(const void *a, const void *b)
{
	const struct hf_lockdown *x = a, *y = b;
	int64_t starts[2] = {body_of(x)->from.s, body_of(y)->from.s};
	if (status_place(x) != status_place(y))
		return status_place(x) - status_place(y);
	if (x->phase != y->phase)
		return x->phase == HF_PHASE_IN_FORCE ? -1 : 1;
	if (x->phase == HF_PHASE_SCHEDULED && starts[0] != starts[1])
		return starts[0] < starts[1] ? -1 : 1;
	if (x->raise->order->at.s != y->raise->order->at.s)
		return x->raise->order->at.s > y->raise->order->at.s ? -1 : 1;
	return hf_digest_cmp(&x->id, &y->id);
}

/* How far the named poster is, by the first device that spoke of it. */
static json_t *show_posting(const struct hf_controller *c, const struct hf_lockdown *lockdown,
			    const struct hf_holding *h)
{
	const struct hf_posting which = hf_posting_of(&lockdown->id, h);
	const struct hf_post_entry *entry = hf_post_book_find(&c->posts, &which);
	const struct hf_post_word none = {.device = ""}, *word = entry ? &entry->word : &none;
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s}", "state",
			 entry ? hf_posting_state_name(word->state) : "asked", "device", word->device, "at",
			 (json_int_t)word->at.s, "heard", (json_int_t)word->heard.s, "post", word->post, "why",
			 word->why);
}

static json_t *show_holding(const struct hf_controller *c, const struct hf_lockdown *lockdown,
			    const struct hf_body *body)
{
	json_t *holding = json_array();
	for (size_t i = 0; i < body->n_holding; i++)
		json_array_append_new(holding,
				      json_pack("{s:s, s:s, s:s, s:I, s:o}", "account", body->holding[i].account,
						"text", body->holding[i].text, "poster", body->holding[i].poster,
						"minutes", (json_int_t)body->holding[i].minutes, "posting",
						show_posting(c, lockdown, &body->holding[i])));
	return holding;
}

static json_t *show_signers(const struct hf_heard *heard)
{
	json_t *people = json_array();
	for (size_t i = 0; heard && i < heard->signers.n_people; i++)
		json_array_append_new(people, json_string(heard->signers.people[i]->id));
	return people;
}

static json_t *show_counts(const size_t counts[HF_DEVICE_STATE_COUNT])
{
	json_t *object = json_object();
	for (size_t i = 0; i < HF_DEVICE_STATE_COUNT; i++)
		json_object_set_new(object, hf_device_state_name((enum hf_device_state)i),
				    json_integer((json_int_t)counts[i]));
	return object;
}

static json_t *show_timetable(const struct hf_body *body)
{
	json_t *polls = json_array();
	for (size_t i = 0; i < body->n_polls; i++)
		json_array_append_new(polls,
				      json_pack("{s:s, s:s}", "kind", body->polls[i].kind, "poll", body->polls[i].day));
	if (body->n_polls > 0)
		return json_pack("{s:o, s:o}", "polls", polls, "calendar", hf_json_from_digest(&body->calendar));
	json_decref(polls);
	return json_null();
}

/* When its last approval was recorded here; 0: it is not released, or was not recorded here. */
static struct hf_wall released_at(const struct hf_controller *c, const struct hf_lockdown *lockdown)
{
	return lockdown->release ? hf_recorded_at(&c->releases, &lockdown->release->envelope->digest)
				 : (struct hf_wall){0};
}

static json_t *show_lockdown(const struct hf_controller *c, const struct hf_lockdown *lockdown, struct hf_wall now)
{
	size_t counts[HF_DEVICE_STATE_COUNT];
	size_t devices = hf_estate_count(&c->estate, lockdown, now, hf_controller_stale_s(c), counts);
	const struct hf_order *raise = lockdown->raise->order;
	const struct hf_body *body = body_of(lockdown);
	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, "
			 "s:I, s:s, s:I, s:o, s:o}",
			 "id", hf_json_from_digest(&lockdown->id), "kind", hf_kind_name(raise->kind), "mode",
			 hf_mode_name(raise->mode), "level", hf_level_name(body->level), "phase",
			 hf_phase_name(lockdown->phase), "rev", (json_int_t)lockdown->rev, "at",
			 (json_int_t)raise->at.s, "from", (json_int_t)body->from.s, "until", (json_int_t)body->until.s,
			 "accounts", hf_json_from_strs(&body->accounts), "groups", hf_json_from_strs(&body->groups),
			 "exempt", hf_json_from_strs(&body->exempt), "reason", body->reason, "contact", body->contact,
			 "instructions", body->instructions, "holding", show_holding(c, lockdown, body), "raised_by",
			 show_signers(lockdown->raise), "released_by", show_signers(lockdown->release), "released_at",
			 (json_int_t)released_at(c, lockdown).s, "message",
			 lockdown->release ? lockdown->release->order->message : "", "devices", (json_int_t)devices,
			 "counts", show_counts(counts), "timetable", show_timetable(body));
}

static json_t *show_journal(const struct hf_controller *c)
{
	const struct hf_merkle *tree = hf_journal_tree(c->journal);
	struct hf_digest root = hf_merkle_root(tree);
	return json_pack("{s:I, s:o}", "size", (json_int_t)tree->size, "root", hf_json_from_digest(&root));
}

static size_t n_unknown(const struct hf_controller *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->estate.n; i++)
		n += c->estate.v[i].report && c->estate.v[i].report->unknown;
	return n;
}

static int64_t brokers_version(const struct hf_controller *c)
{
	const struct hf_broker_list *newest = hf_broker_set_newest(&c->known.brokers);
	return newest ? newest->doc->version : 0;
}

json_t *hf_show_status(const struct hf_controller *c)
{
	hf_auto_lockdowns struct hf_lockdowns all = {0};
	struct hf_wall now = hf_clock_wall();
	const struct hf_register *reg = c->known.reg;
	json_t *lockdowns = json_array(), *unheard = hf_show_unheard(c), *attention;
	if (hf_controller_lockdowns(c, &all, NULL) != HF_OK) {
		json_decref(lockdowns);
		json_decref(unheard);
		return NULL;
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(all.v[0]), by_place);
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(lockdowns, show_lockdown(c, &all.v[i], now));
	attention = hf_show_attention(c, unheard);
	return json_pack("{s:s, s:s, s:I, s:s, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "council",
			 c->known.council, "controller", c->settings->controller_id, "now", (json_int_t)now.s, "bus",
			 c->bus_up ? "up" : "down", "seq", (json_int_t)c->seq, "journal", show_journal(c),
			 "trust_epoch", (json_int_t)c->known.trust->epoch, "register_version",
			 (json_int_t)(reg ? reg->version : 0), "brokers_version", (json_int_t)brokers_version(c), "accounts", (json_int_t)(reg ? reg->n_accounts : 0),
			 "devices", (json_int_t)c->estate.n, "unread", (json_int_t)hf_rereading_left(c), "unknown", (json_int_t)n_unknown(c), "drafts",
			 (json_int_t)hf_drafts_count(&c->drafts), "checks", hf_checks_count(c, &all, attention), "attention", attention, "unheard", unheard,
			 "strangers", hf_show_strangers(c), "lockdowns", lockdowns);
}
