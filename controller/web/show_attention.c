/* SPDX-License-Identifier: MIT */
/*
 * Owns what somebody must look into: what of the journal was lost, what devices hold that is not known here, and whose
 * share of orders is full.
 * Must never say that all is as usual because it knows of nothing.
 */
#include <inttypes.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/text.h>

#include "controller/log_witness.h"
#include "controller/rereading.h"
#include "controller/web/outbox_ask.h"
#include "controller/web/show_attention.h"

#define NEARLY_FULL 750 /* thousandths of a share: years of an officer are gone, and some are left */
#define UNHEARD_MAX 16 /* lockdowns that are listed; a council has a few, and one is enough to act on */

struct unheard {
	const struct hf_report_lockdown *said[UNHEARD_MAX];
	size_t devices[UNHEARD_MAX];
	size_t n;
};

static bool still_held(const struct hf_report_lockdown *said)
{
	return said->mode == HF_MODE_LIVE && said->standing != HF_STANDING_RELEASED_UNVERIFIED &&
	       said->standing != HF_STANDING_RELEASED_VERIFIED;
}

static void count_unheard(struct unheard *u, const struct hf_report_lockdown *said)
{
	size_t i = 0;
	while (i < u->n && hf_digest_cmp(&u->said[i]->id, &said->id) != 0)
		i++;
	if (i == UNHEARD_MAX)
		return;
	if (i == u->n) {
		u->said[u->n++] = said;
		u->devices[i] = 0;
	}
	u->devices[i]++;
}

/* An estate speaks of the same lockdown ten thousand times: what was found to be known last is asked first. */
static bool is_known(const struct hf_controller *c, const struct hf_digest *id, const struct hf_digest **last)
{
	if (!*last || hf_digest_cmp(*last, id) != 0)
		*last = hf_orders_find(&c->known.orders, id) ? id : NULL;
	return *last;
}

static void find_unheard(const struct hf_controller *c, struct unheard *u)
{
	const struct hf_digest *last = NULL;
	for (size_t d = 0; d < c->estate.n; d++) {
		const struct hf_report *report = c->estate.v[d].report;
		for (size_t i = 0; report && i < report->n_lockdowns; i++)
			if (still_held(&report->lockdowns[i]) && !is_known(c, &report->lockdowns[i].id, &last))
				count_unheard(u, &report->lockdowns[i]);
	}
}

json_t *hf_show_unheard(const struct hf_controller *c)
{
	struct unheard u = {.n = 0};
	json_t *list = json_array();
	find_unheard(c, &u);
	for (size_t i = 0; i < u.n; i++)
		json_array_append_new(list,
				      json_pack("{s:o, s:s, s:I}", "id", hf_json_from_digest(&u.said[i]->id), "kind",
						hf_kind_name(u.said[i]->kind), "devices", (json_int_t)u.devices[i]));
	return list;
}

static void say_journal(const struct hf_controller *c, json_t *list)
{
	const struct hf_unapplied *u = &c->unapplied;
	const char *unmarked = hf_journal_unmarked(c->journal);
	if (unmarked[0])
		json_array_append_new(list, json_sprintf("a loss of the journal might go unnoticed: %s", unmarked));
	if (!hf_journal_has_room(c->journal))
		json_array_append_new(list, json_string("the disk of the journal is full: make room there; until then "
							"only orders are recorded, and a release always is"));
	if (u->n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("%" PRId64 " record of the journal cannot be applied and does not "
						     "count: it is record %" PRId64 " (%s): %s",
						     "%" PRId64 " records of the journal cannot be applied and do not "
						     "count; the first is record %" PRId64 " (%s): %s",
						     (unsigned long)u->n),
					   u->n, u->first, hf_record_kind_name(u->kind), u->why));
}

static void say_unheard(const json_t *unheard, json_t *list)
{
	const json_t *row;
	size_t i;
	json_array_foreach(unheard, i, row)
	{
		json_int_t n = json_integer_value(json_object_get(row, "devices"));
		json_array_append_new(
			list,
			json_sprintf(hf_text_n("%" JSON_INTEGER_FORMAT " device says that a live %s lockdown %.12s holds, "
					       "which this controller does not know: its journal has lost it, or it was "
					       "restored from an older backup",
					       "%" JSON_INTEGER_FORMAT " devices say that a live %s lockdown %.12s holds, "
					       "which this controller does not know: its journal has lost it, or it was "
					       "restored from an older backup",
					       (unsigned long)n),
				     n, json_string_value(json_object_get(row, "kind")),
				     json_string_value(json_object_get(row, "id"))));
	}
}

json_t *hf_show_strangers(const struct hf_controller *c)
{
	json_t *list = json_array();
	size_t at = 0;
	const char *id;
	while ((id = hf_strangers_next(&c->strangers, &c->estate, &at)))
		json_array_append_new(list, json_string(id));
	return list;
}

static void say_strangers(const struct hf_controller *c, json_t *list)
{
	hf_auto_json json_t *ids = hf_show_strangers(c);
	size_t n = json_array_size(ids);
	if (n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("%zu device (%s) reports here and is not known to this controller: its "
						     "journal has lost it, or it was never recorded; what it holds, it holds",
						     "%zu devices (%s ...) report here and are not known to this "
						     "controller: its journal has lost them, or they were never recorded; "
						     "what they hold, they hold",
						     n),
					   n, json_string_value(json_array_get(ids, 0))));
}

/* What a journal that was put back from an older copy does not have, the devices do: what is written on it they refuse. */
static void say_behind(const struct hf_controller *c, json_t *list)
{
	const struct hf_report *trust = NULL, *reg = NULL;
	int64_t epoch = c->begun ? c->known.trust->epoch : 0, version = c->known.reg ? c->known.reg->version : 0;
	for (size_t d = 0; d < c->estate.n; d++) {
		const struct hf_report *report = c->estate.v[d].report;
		if (report && report->trust_epoch > (trust ? trust->trust_epoch : epoch))
			trust = report;
		if (report && report->register_version > (reg ? reg->register_version : version))
			reg = report;
	}
	if (trust)
		json_array_append_new(
			list, json_sprintf("%s holds the trust of epoch %" PRId64 ", and this controller has epoch %" PRId64 ": its "
					   "journal has lost a trust; put back a newer copy, or publish again what the roots signed",
					   trust->device, trust->trust_epoch, epoch));
	if (reg)
		json_array_append_new(
			list, json_sprintf("%s holds the register of version %" PRId64 ", and this controller has version %" PRId64
					   ": its journal has lost a register; put back a newer copy, or no device takes the next one",
					   reg->device, reg->register_version, version));
}

/* What devices say of one journal. */
struct disagreeing {
	const struct hf_log_row *row; /* the first */
	const char *first;
	int64_t most; /* entries that one has seen */
	size_t n;
};

static struct disagreeing who_disagrees(const struct hf_controller *c)
{
	struct disagreeing d = {.n = 0};
	struct hf_pub pub = hf_key_pub(c->key);
	char key[HF_KEYID_SIZE];
	(void)hf_pub_keyid(&pub, key);
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_log_row *row = hf_log_witness(c, key, c->estate.v[i].report);
		if (!row)
			continue;
		if (d.n++ == 0) {
			d.row = row;
			d.first = c->estate.v[i].assignment->device;
		}
		d.most = row->seen.size > d.most ? row->seen.size : d.most;
		d.most = row->seen.was_size > d.most ? row->seen.was_size : d.most;
	}
	return d;
}

static void say_logs(const struct hf_controller *c, json_t *list)
{
	struct disagreeing d = who_disagrees(c);
	bool proved = hf_log_witness_proved(c);
	const char *id = proved || d.n == 0 ? c->settings->controller_id : d.row->controller;
	int64_t has = (int64_t)hf_journal_tree(c->journal)->size, most = proved ? c->log_proof.size : d.most;
	if (proved)
		json_array_append_new(
			list, json_sprintf(hf_text_n("the journal of controller %s was put back from an older copy, cut or "
						     "made anew (log-fork): %zu device has seen it, a state that its own "
						     "key signed had %" PRId64 " entries, and this journal has %" PRId64
						     ": find out who did that; the next trust ends it",
						     "the journal of controller %s was put back from an older copy, cut or "
						     "made anew (log-fork): %zu devices have seen it, a state that its own "
						     "key signed had %" PRId64 " entries, and this journal has %" PRId64
						     ": find out who did that; the next trust ends it",
						     d.n),
					   id, d.n, most, has));
	else if (d.n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("%zu device (%s) says that the journal of controller %s was cut or made "
						     "anew (log-fork): up to %" PRId64 " entries were seen, and this journal "
						     "has %" PRId64 "; it is not proved yet, and it is asked for the state "
						     "that proves it",
						     "%zu devices (%s ...) say that the journal of controller %s was cut or "
						     "made anew (log-fork): up to %" PRId64 " entries were seen, and this "
						     "journal has %" PRId64 "; it is not proved yet, and they are asked for "
						     "the state that proves it",
						     d.n),
					   d.n, d.first, id, most, has));
}

static void say_twins(const struct hf_controller *c, json_t *list)
{
	for (size_t d = 0; d < c->estate.n; d++)
		if (c->estate.v[d].other || c->estate.v[d].apart)
			json_array_append_new(
				list,
				json_sprintf(
					"two machines speak with the key of %s, as from a copied disk: find both, and "
					"enrol each of them anew with a key of its own",
					c->estate.v[d].assignment->device));
}

static void say_disowned(const struct hf_controller *c, json_t *list)
{
	for (size_t d = 0; d < c->estate.n; d++)
		if (hf_device_disowned(&c->estate.v[d], hf_clock_boot(), hf_controller_stale_s(c)))
			json_array_append_new(
				list, json_sprintf("somebody reports as %s with another key than its assignment names, and "
						   "is not believed: if it was not just enrolled anew, find out who gave "
						   "it that key",
						   c->estate.v[d].assignment->device));
}

/* It opens nothing: the third copy stood in. Somebody may have tried. */
static void say_restored(const struct hf_controller *c, json_t *list)
{
	struct hf_wall now = hf_clock_wall();
	for (size_t d = 0; d < c->estate.n; d++)
		if (hf_device_damaged(&c->estate.v[d], now))
			json_array_append_new(
				list, json_sprintf("where %s keeps what it knows was damaged, or tampered with; it forgot "
						   "nothing and enforces as before: find out who was there",
						   c->estate.v[d].assignment->device));
}

/* By root of the device. Whoever did not mean to, or was not meant to, hears of it before the next lockdown. */
static void say_retired(const struct hf_controller *c, json_t *list)
{
	const char *first = NULL;
	size_t n = 0;
	for (size_t d = 0; d < c->estate.n; d++)
		if (hf_device_retired(&c->estate.v[d]) && n++ == 0)
			first = c->estate.v[d].assignment->device;
	if (n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("Holdfast was removed from %zu device (%s): nothing is enforced there, "
						     "until it is enrolled anew",
						     "Holdfast was removed from %zu devices (%s ...): nothing is enforced "
						     "there, until they are enrolled anew",
						     n),
					   n, first));
}

/* By the halves of two officers, while it did not hear the council. */
static json_t *say_glass_of(const char *device, enum hf_glass_seen seen)
{
	switch (seen) {
	case HF_GLASS_SEEN_OPEN:
		return json_sprintf("%s IS OPEN by break-glass, with the halves of two officers: nothing is enforced there until its "
				    "minutes are up",
				    device);
	case HF_GLASS_SEEN_OPENED:
		return json_sprintf("%s was opened by break-glass, with the halves of two officers: see on the record who gave them",
				    device);
	case HF_GLASS_SEEN_TRIED:
		return json_sprintf("somebody typed halves of break-glass at %s that were wrong: find out who, and whose they had",
				    device);
	case HF_GLASS_SEEN_NOT:
		break;
	}
	return NULL;
}

static void say_glass(const struct hf_controller *c, json_t *list)
{
	struct hf_wall now = hf_clock_wall();
	for (size_t d = 0; d < c->estate.n; d++) {
		enum hf_glass_seen seen = hf_device_glass(&c->estate.v[d], now);
		if (seen != HF_GLASS_SEEN_NOT)
			json_array_append_new(list, say_glass_of(c->estate.v[d].assignment->device, seen));
	}
}

/* Nothing is open for them there: somebody may have misspelt a login, or the directory does not answer. */
static void say_unknown_logins(const struct hf_controller *c, json_t *list)
{
	const char *first = NULL;
	size_t n = 0;
	for (size_t d = 0; d < c->estate.n; d++)
		if (c->estate.v[d].report && c->estate.v[d].report->unknown_logins > 0 && n++ == 0)
			first = c->estate.v[d].assignment->device;
	if (n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("%zu device (%s): the login of somebody who works there is not known there, "
						     "so nothing is open for that person: see whether the directory answers, "
						     "and whether the login is spelt as it is",
						     "%zu devices (%s ...): the login of somebody who works there is not known "
						     "there, so nothing is open for that person: see whether the directory "
						     "answers, and whether the login is spelt as it is",
						     n),
					   n, first));
}

static bool is_over(const struct hf_lockdowns *lockdowns, const char *person)
{
	for (size_t i = 0; i < lockdowns->n_over; i++)
		if (strcmp(lockdowns->over[i].person, person) == 0)
			return true;
	return false;
}

static size_t devices_that_say(const struct hf_controller *c, const char *person)
{
	size_t n = 0;
	for (size_t d = 0; d < c->estate.n; d++) {
		const struct hf_report *report = c->estate.v[d].report;
		bool says = false;
		for (size_t i = 0; report && i < report->n_over; i++)
			says = says || strcmp(report->over[i].person, person) == 0;
		n += says;
	}
	return n;
}

/* Everything is shut because of one person, here or on some device; or will be soon. */
static void say_person(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, const char *person,
		       json_t *list)
{
	size_t share = hf_orders_share(&c->known.orders, c->known.trust, person), n = devices_that_say(c, person);
	if (is_over(lockdowns, person) || n > 0)
		json_array_append_new(
			list, json_sprintf(hf_text_n("%s is over: there are more orders of %s than one person's share, so "
						     "everything is shut (%zu device says so), until two officers release what "
						     "%s raised: `holdfast release --person %s`; if the key was stolen, the "
						     "roots replace it",
						     "%s is over: there are more orders of %s than one person's share, so "
						     "everything is shut (%zu devices say so), until two officers release what "
						     "%s raised: `holdfast release --person %s`; if the key was stolen, the "
						     "roots replace it",
						     n),
					   person, person, n, person, person));
	else if (share >= NEARLY_FULL)
		json_array_append_new(
			list, json_sprintf("%zu %% of the room for orders of %s is used; when it is full, everything is "
					   "shut: `holdfast release --person %s` makes room",
					   share / 10, person, person));
}

static void say_over(const struct hf_controller *c, json_t *list)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	if (!c->begun || hf_controller_lockdowns(c, &lockdowns, NULL) != HF_OK)
		return;
	for (size_t i = 0; i < c->known.trust->n_people; i++)
		say_person(c, &lockdowns, c->known.trust->people[i].id, list);
}

/* Until then nobody knows what these devices hold. */
static void say_unread(const struct hf_controller *c, json_t *list)
{
	size_t left = hf_rereading_left(c), of = left > c->again.n ? left : c->again.n;
	if (left > 0)
		json_array_append_new(list,
				      json_sprintf("the controller has just started, and is still reading what devices "
						   "said before: %zu of %zu; until then the others are shown as unreached",
						   of - left, of));
}

static void say_beside(const struct hf_controller *c, json_t *list)
{
	if (c->beside_why[0])
		json_array_append_new(list, json_sprintf("the register beside cannot be read, so no scheduler is known: put the "
							 "file beside.json back from a backup, or take it away, and start the "
							 "controller again: %s", c->beside_why));
}

json_t *hf_show_attention(const struct hf_controller *c, const json_t *unheard)
{
	json_t *list = json_array();
	say_unread(c, list);
	say_journal(c, list);
	say_logs(c, list);
	say_twins(c, list);
	say_disowned(c, list);
	say_restored(c, list);
	say_retired(c, list);
	say_glass(c, list);
	say_unknown_logins(c, list);
	say_unheard(unheard, list);
	say_strangers(c, list);
	say_behind(c, list);
	hf_outbox_say(c, list);
	say_beside(c, list);
	say_over(c, list);
	return list;
}
