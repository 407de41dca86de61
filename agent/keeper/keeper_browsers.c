/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper answers to the browsers of its people, and which of them hold what they were told.
 * Must never take a browser's word for more than its own.
 */
#include <ctype.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/rules/sites.h"

static json_t *sites_now(struct hf_keeper *k, hf_user uid)
{
	hf_auto_moment struct hf_moment moment = {0};
	struct hf_pairs pairs;
	const struct hf_pair *who = hf_keeper_pair_of(k, uid, &pairs);

	if (hf_moment_of(k, &moment, NULL) != HF_OK)
		return NULL;
	return hf_sites_make(&moment.matter, &k->memory, &k->told.plan, uid, who);
}

/* A browser of somebody who was not here when it was last decided what gives way to whom. */
static void look_who_is_here(struct hf_keeper *k, hf_user uid)
{
	bool known = k->logins.strangers || k->told.plan.n_blocks == 0;

	for (size_t p = 0; p < k->logins.n; p++)
		known = known || (k->logins.v[p].in && k->logins.v[p].uid == uid);
	if (!known && hf_timer_arm(k->change, 1) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for a change of who is logged in; each beat looks");
}

json_t *hf_keeper_sites(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	(void)question;
	look_who_is_here(k, uid);
	return sites_now(k, uid);
}

json_t *hf_keeper_tried(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	char host[HF_SITE_SIZE];
	const struct hf_block *block;
	size_t i = 0;

	for (; question->site[i]; i++)
		host[i] = (char)tolower((unsigned char)question->site[i]);
	host[i] = '\0';
	block = hf_sites_tool(&k->told.plan, host);
	if (!block)
		return hf_refusal_json(HF_E_ABSENT, "no tool that is shut here has the address '%s'", host);
	hf_keeper_blocked(k, uid, block->tool);
	return json_pack("{s:b}", "ok", 1);
}

/* A place for this host: its own, a free one, else that of whoever spoke longest ago. */
static struct hf_told *place_of_host(struct hf_keeper *k, pid_t host)
{
	struct hf_told *oldest = &k->browsers[0];

	for (size_t i = 0; i < k->n_browsers; i++) {
		if (k->browsers[i].host == host)
			return &k->browsers[i];
		if (k->browsers[i].at.ms < oldest->at.ms)
			oldest = &k->browsers[i];
	}
	return k->n_browsers < HF_TOLD_MAX ? &k->browsers[k->n_browsers++] : oldest;
}

json_t *hf_keeper_told(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	hf_auto_json json_t *sites = sites_now(k, uid);
	bool news = sites && question->pid > 0 && hf_sites_version(sites) == question->version;

	if (news) {
		*place_of_host(k, question->pid) =
			(struct hf_told){.host = question->pid, .uid = uid, .at = hf_clock_boot()};
		k->layers_conf.calls.changed(k);
	}
	return json_pack("{s:b}", "ok", (int)news);
}

size_t hf_keeper_browsers(void *arg, const struct hf_told **ret_told)
{
	const struct hf_keeper *k = arg;

	*ret_told = k->browsers;
	return k->n_browsers;
}
