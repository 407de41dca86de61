/* SPDX-License-Identifier: MIT */
/*
 * setup_people.h - the plan of a new council, from what somebody says of its people
 */
#ifndef HOLDFAST_CLI_SETUP_PEOPLE_H
#define HOLDFAST_CLI_SETUP_PEOPLE_H

#include <holdfast/json.h>

#include "controller/cli/cli.h"

/*
 * hf_setup_people_plan - a plan with these people, the shipped catalogue, and no account yet
 *
 * @people   PERSON=ROLE,ROLE each
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE a name or role that cannot be, or a person twice; HF_E_MEMORY
 * Source    controller/office/council_plan.h
 */
HF_NODISCARD enum hf_rc hf_setup_people_plan(const char *council, const struct hf_list *people, json_t **ret,
					     struct hf_err *err);

/*
 * hf_setup_people_ask - the same, asked on the terminal: the council, then its people, one by one, with their logins
 *
 * @ret_logins  an array of "PERSON=LOGIN"; a new reference, the caller's; untouched unless HF_OK
 * Owner     ret as above
 * Returns   as hf_setup_people_plan; HF_E_USAGE no terminal
 */
HF_NODISCARD enum hf_rc hf_setup_people_ask(struct hf_cli *cli, json_t **ret, json_t **ret_logins, struct hf_err *err);

/*
 * hf_setup_pair - "anna=comms" in two; the first half must be an id
 *
 * @option   the option that it is of
 * @id       the part before the sign
 * @ret      the part behind it; borrowed from pair; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE
 */
HF_NODISCARD enum hf_rc hf_setup_pair(const char *option, const char *pair, char id[HF_ID_SIZE], const char **ret,
				      struct hf_err *err);

/*
 * hf_setup_login_ok - can a user of this machine be called so
 *
 * Returns   HF_OK; HF_E_USAGE
 * Source    useradd(8)
 */
HF_NODISCARD enum hf_rc hf_setup_login_ok(const char *login, struct hf_err *err);

#endif
