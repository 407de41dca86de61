/* SPDX-License-Identifier: MIT */
/*
 * model_inside.h - the parts of a page, for model*.c alone
 */
#ifndef HOLDFAST_AGENT_DESK_MODEL_INSIDE_H
#define HOLDFAST_AGENT_DESK_MODEL_INSIDE_H

#include "agent/desk/model.h"

/* What stands together on a page, in its order. */
enum hf_desk_group {
	HF_DESK_EMERGENCIES,
	HF_DESK_PERIODS, /* pre-election */
	HF_DESK_EXERCISES,
	HF_DESK_GROUP_COUNT
};

/*
 * hf_desk_group_of - the group of a lockdown
 *
 * Returns   the group
 */
enum hf_desk_group hf_desk_group_of(const json_t *lockdown);

/*
 * hf_desk_lockdown - one that is in force or planned: why, since when, by whom, until when, whom to ring, instructions
 *
 * @facts    whose readings have what an officer's instructions ask of this person
 * Owner     copied
 */
void hf_desk_lockdown(struct hf_desk_writer *w, const struct hf_desk_facts *facts, const json_t *lockdown);

/*
 * hf_desk_all_clear - one that is over, with the officer's message
 *
 * Owner     copied
 * Source    policy D9.3
 */
void hf_desk_all_clear(struct hf_desk_writer *w, const json_t *view, const json_t *lockdown);

/*
 * hf_desk_asked, hf_desk_accounts - the accounts for which lockdowns of this group ask this person to post, with what
 * they can do; the others that they hold, with their state, who was asked to post what, and whether it is done
 *
 * Owner     copied
 * Source    policy D9.3
 */
void hf_desk_asked(struct hf_desk_writer *w, const struct hf_desk_facts *facts, enum hf_desk_group group);
void hf_desk_accounts(struct hf_desk_writer *w, const struct hf_desk_facts *facts);

/*
 * hf_desk_is_asked - is this person to post something that is not done, and is no exercise
 *
 * Returns   true or false
 * Source    policy D9.3
 */
bool hf_desk_is_asked(const json_t *view);

#endif
