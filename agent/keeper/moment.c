/* SPDX-License-Identifier: MIT */
/*
 * Owns what a decision, a report and a view are made from: all that is known, judged at one moment.
 * Must never change anything that is remembered.
 */
#include <holdfast/clock.h>

#include "agent/keeper/keeper_inside.h"

struct hf_posting_time hf_keeper_posting_time(const struct hf_keeper *k)
{
	return (struct hf_posting_time){
		.boot = k->conf.boot ? k->conf.boot() : hf_clock_boot(),
		.boot_id = k->boot_id,
		.wall = {k->conf.wall().s > 0 ? k->conf.wall().s : 0},
	};
}

const struct hf_pair *hf_keeper_pair_of(const struct hf_keeper *k, hf_user uid, struct hf_pairs *ret_pairs)
{
	hf_versions_pairs(&k->memory.known.versions, ret_pairs);
	return hf_logins_pair(ret_pairs, &k->logins, uid);
}

static struct hf_facts facts_of(const struct hf_keeper *k, struct hf_moment *m)
{
	const struct hf_posting_time now = hf_keeper_posting_time(k);

	return (struct hf_facts){
		.acks = k->memory.acked.v,
		.n_acks = k->memory.acked.n,
		.passes = m->passes,
		.n_passes = hf_posting_windows_open(&k->memory.windows, &m->lockdowns, &now, m->passes),
		.unknown = k->memory.unknown,
		.glass = k->memory.glass.until_ms != 0,
		.trust = k->memory.known.trust,
	};
}

static struct hf_report_facts report_facts_of(const struct hf_keeper *k)
{
	struct hf_report_facts facts = {
		.memory = &k->memory,
		.plan = &k->told.plan,
		.decided = !k->undecided,
		/* Who does not know what is in force holds all, whatever was released. */
		.unknown_logins = hf_logins_unknown(&k->logins),
		.settled = !k->waiting && !k->undecided && !k->memory.unknown,
		.opened = &k->opened,
	};

	facts.layers = hf_layers_seen(k->layers, &facts.n_layers);
	return facts;
}

enum hf_rc hf_moment_of(struct hf_keeper *k, struct hf_moment *ret_moment, struct hf_err *err)
{
	struct hf_moment *m = ret_moment;
	enum hf_rc rc;

	m->local = k->conf.wall();
	rc = hf_known_lockdowns(&k->memory.known, m->local, &m->lockdowns, err);
	if (rc != HF_OK)
		return rc;
	m->facts = facts_of(k, m);
	m->matter = (struct hf_case){
		.known = &k->memory.known,
		.lockdowns = &m->lockdowns,
		.facts = &m->facts,
		.now = hf_known_now(&k->memory.known, m->local),
	};
	m->report = report_facts_of(k);
	return HF_OK;
}

void hf_moment_done(struct hf_moment *moment)
{
	hf_lockdowns_done(&moment->lockdowns);
}
