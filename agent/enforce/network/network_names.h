/* SPDX-License-Identifier: MIT */
/*
 * network_names.h - the process of names as the layer network sees it: there while hosts are shut, or said not to be
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NETWORK_NAMES_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NETWORK_NAMES_H

#include <holdfast/conf.h>

#include "agent/enforce/network/names/names_link.h"
#include "agent/enforce/network/net_probe.h"

struct hf_net_names {
	struct hf_loop *loop;
	struct hf_names_link link;
	struct hf_watch *watch;
	char socket[HF_CONF_TEXT_SIZE];
	char self[HF_CONF_TEXT_SIZE];
	bool fresh;		      /* one was started or found since its user cleared this */
	char trouble[HF_SAW_MAX + 1]; /* why names pass, "" when they do not, or need not be looked at */
	void (*lost)(void *arg);      /* it had been ended, or cannot be reached */
};

/*
 * hf_net_names_open - copy the paths; hf_net_names_find - take over from a process that is there
 *
 * @names    loop, lost, link.said and link.arg are set, the latter for lost too
 * Owner     hf_net_names_close
 * Returns   HF_OK; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_net_names_open(struct hf_net_names *names, const struct hf_enforce_conf *conf);
void hf_net_names_find(struct hf_net_names *names);

/*
 * hf_net_names_keep - these hosts are looked for from now on, by a process that is started where there is none
 *
 * Without it names pass, but for what goes where a listed site lives: that is said, and tried again with each look.
 * @no_way   why names cannot be looked at here; "": they can
 * Source    policy D9.2
 */
void hf_net_names_keep(struct hf_net_names *names, const struct hf_shut_hosts *shut, const char *no_way);

/*
 * hf_net_names_answers - does it answer; one that does not is ended, or left to the service manager that keeps it
 *
 * Returns   true; false when it does not, or there is none
 */
bool hf_net_names_answers(struct hf_net_names *names);

/*
 * hf_net_names_judge - what a trial says of names
 *
 * @saw      says that all holds; untouched if that is so
 */
void hf_net_names_judge(const struct hf_net_names *names, const struct hf_net_saw *seen, struct hf_saw *saw);

/*
 * hf_net_names_end - end the process; hf_net_names_close - let go of it, and it goes on
 *
 * Source    policy D9.3
 */
void hf_net_names_end(struct hf_net_names *names);
void hf_net_names_close(struct hf_net_names *names);

#endif
