/* SPDX-License-Identifier: MIT */
/*
 * named_ids.h - ids of people that say who they are, warned of before they go into a signed document
 */
#ifndef HOLDFAST_CLI_COMMANDS_NAMED_IDS_H
#define HOLDFAST_CLI_COMMANDS_NAMED_IDS_H

#include <holdfast/register.h>
#include <holdfast/trust.h>

#include "controller/office/office.h"

/*
 * hf_named_ids_of_trust - warn of those of a trust who are not in the one before it
 *
 * @before   NULL: there is none
 */
void hf_named_ids_of_trust(const struct hf_office *office, const struct hf_trust *trust, const struct hf_trust *before);

/*
 * hf_named_ids_of_table - warn of those of a table who hold nothing yet
 *
 * @seen     {account: {person: ...}}
 * @held     NULL: there is no register
 */
void hf_named_ids_of_table(const struct hf_office *office, json_t *seen, const struct hf_register *held);

/*
 * hf_named_id_warn - warn of one, if it looks like a name
 *
 * @name     of the person, "" where it is not known
 */
void hf_named_id_warn(const struct hf_office *office, const char *id, const char *name);

#endif
