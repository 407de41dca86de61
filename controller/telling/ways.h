/* SPDX-License-Identifier: MIT */
/*
 * ways.h - by which channels people and machines are told
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_WAYS_H
#define HOLDFAST_TELLING_WAYS_H

#include <stdbool.h>

#include <holdfast/str.h>

#include "controller/telling/telling.h"

#define HF_HOOKS_MAX 8 /* Teams, Slack, an alerting system, a log: a council has few, and each costs a thread */
#define HF_SCHEDULERS_MAX 4 /* a council has one or two, and each costs a thread */
#define HF_CHANNEL_MAIL "mail"
#define HF_CHANNEL_SMS "sms"
#define HF_CONTACT_HOOK "*hook" /* in the place of a person: a machine, by the name of its hook */

/* A machine that is told by HTTPS or a file. */
struct hf_hook {
	char name[HF_ID_SIZE]; /* its channel, and its address */
	bool alerts;	       /* what begins, changes and ends alone, and no draft */
};

struct hf_ways {
	bool sms[HF_TOLD_COUNT]; /* what is told by text message, too */
	struct hf_hook hooks[HF_HOOKS_MAX];
	size_t n_hooks;
};

/*
 * hf_ways_read - the ways from the settings: words with blanks between them
 *
 * @sms      names of what is told, see hf_told_name
 * @hooks    names of hooks that are told all
 * @alerts   names of hooks that are told of lockdowns alone
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    holdfastd(8) "notify.hooks"
 */
HF_NODISCARD enum hf_rc hf_ways_read(const char *sms, const char *hooks, const char *alerts, struct hf_ways *ret,
				     struct hf_err *err);

/*
 * hf_ways_schedulers - the schedulers that are paused by their interface, from the settings
 *
 * @names    words with blanks between them
 * @ret, @ret_n  untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE
 * Source    holdfastd(8) "notify.schedulers"
 */
HF_NODISCARD enum hf_rc hf_ways_schedulers(const char *names, char ret[HF_SCHEDULERS_MAX][HF_ID_SIZE], size_t *ret_n,
					   struct hf_err *err);

/*
 * hf_ways_hook - the hook of this name
 *
 * Owner     belongs to the ways
 * Returns   NULL there is none
 */
const struct hf_hook *hf_ways_hook(const struct hf_ways *ways, const char *name);

#endif
