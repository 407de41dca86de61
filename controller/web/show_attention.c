/* SPDX-License-Identifier: MIT */
/*
 * Owns what somebody must look into: what of the journal was lost, and what devices hold that is not known here.
 * Must never say that all is as usual because it knows of nothing.
 */
#include <inttypes.h>

#include "controller/web/show_attention.h"

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

static void find_unheard(const struct hf_controller *c, struct unheard *u)
{
	for (size_t d = 0; d < c->estate.n; d++) {
		const struct hf_report *report = c->estate.v[d].report;
		for (size_t i = 0; report && i < report->n_lockdowns; i++)
			if (still_held(&report->lockdowns[i]) &&
			    !hf_orders_find(&c->known.orders, &report->lockdowns[i].id))
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
	if (u->n > 0)
		json_array_append_new(
			list, json_sprintf("%" PRId64 " record%s of the journal cannot be applied and do%s not count; "
					   "the first is record %" PRId64 " (%s): %s",
					   u->n, u->n == 1 ? "" : "s", u->n == 1 ? "es" : "", u->first,
					   hf_record_kind_name(u->kind), u->why));
}

static void say_unheard(const struct hf_controller *c, json_t *list)
{
	struct unheard u = {.n = 0};
	find_unheard(c, &u);
	for (size_t i = 0; i < u.n; i++) {
		char hex[HF_DIGEST_HEX_SIZE];
		json_array_append_new(
			list,
			json_sprintf(
				"%zu device%s say%s that a live %s lockdown %.12s holds, which this controller does "
				"not know: its journal has lost it, or it was restored from an older backup",
				u.devices[i], u.devices[i] == 1 ? "" : "s", u.devices[i] == 1 ? "s" : "",
				hf_kind_name(u.said[i]->kind), hf_digest_hex(&u.said[i]->id, hex)));
	}
}

json_t *hf_show_attention(const struct hf_controller *c)
{
	json_t *list = json_array();
	say_journal(c, list);
	say_unheard(c, list);
	return list;
}
