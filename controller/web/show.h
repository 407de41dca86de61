/* SPDX-License-Identifier: MIT */
/*
 * show.h - what the controller knows, as JSON for those who ask
 *
 * Each function gives a new reference, the caller's; NULL: no memory.
 */
#ifndef HOLDFAST_CONTROLLER_SHOW_H
#define HOLDFAST_CONTROLLER_SHOW_H

#include <holdfast/json.h>

#include "controller/controller.h"
#include "controller/door.h"

/*
 * hf_show_council, hf_show_orders, hf_show_states, hf_show_status, hf_show_drafts, hf_show_taken
 *
 * @device   NULL: the assignments of all devices; "": of none; else of this device alone
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    controller/API.md
 */
json_t *hf_show_council(const struct hf_controller *c, const char *device);
json_t *hf_show_orders(const struct hf_controller *c);
json_t *hf_show_states(const struct hf_controller *c);
json_t *hf_show_status(const struct hf_controller *c);
json_t *hf_show_drafts(const struct hf_controller *c);
json_t *hf_show_taken(const struct hf_taken *taken);

/*
 * hf_show_unsure, hf_show_found - of what was posted nobody can tell yet whether it is recorded; or what became of it
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    controller/API.md
 */
json_t *hf_show_unsure(const struct hf_taken *taken, const char *why);
json_t *hf_show_found(const struct hf_digest *digest, const struct hf_found *found);

/*
 * hf_show_acknowledgements - for each person on each device that a pre-election period bears on: acknowledged or not
 *
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such lockdown; HF_E_USAGE it is an emergency; HF_E_MEMORY
 * Source    controller/API.md "Acknowledgements"; policy D10
 */
HF_NODISCARD enum hf_rc hf_show_acknowledgements(const struct hf_controller *c, const struct hf_digest *id,
						 json_t **ret);

/*
 * hf_show_record - the registers and remarks that were recorded behind this number, some of them
 *
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md "The record"; policy D2.3
 */
HF_NODISCARD enum hf_rc hf_show_record(const struct hf_controller *c, int64_t after, json_t **ret, struct hf_err *err);

/*
 * hf_show_rows - the same of records of every kind, as they stand in the journal
 *
 * @ret      as hf_show_record
 * Owner     see ret
 * Returns   as hf_show_record
 * Source    controller/API.md "The record"
 */
HF_NODISCARD enum hf_rc hf_show_rows(const struct hf_controller *c, int64_t after, json_t **ret, struct hf_err *err);

#define HF_PAGE_HEADS 500 /* devices of one page: others are answered in between */

/*
 * hf_show_checkpoint - the head of the journal now, as a signed note, and the key that verifies it
 * hf_show_proof - that one record is in the journal, as text that tools of others read
 * hf_show_heads - which heads the devices behind this id last signed, and whether they fit the journal
 *
 * @after    NULL: from the first
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such record; HF_E_SYSTEM; HF_E_MEMORY; HF_E_SIZE
 * Source    controller/API.md "Heads and proofs"; C2SP tlog-checkpoint, tlog-proof
 */
HF_NODISCARD enum hf_rc hf_show_checkpoint(const struct hf_controller *c, json_t **ret, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_show_proof(const struct hf_controller *c, int64_t seq, json_t **ret, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_show_heads(const struct hf_controller *c, const char *after, json_t **ret,
				      struct hf_err *err);

/*
 * hf_show_people - the people of a device, by all its assignments in effect, once each
 *
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 */
json_t *hf_show_people(const struct hf_versions *versions);

/*
 * hf_show_names - a list of names
 *
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 */
json_t *hf_show_names(const char *const *names, size_t n);

/*
 * hf_show_rule_roles - the roles of a rule; of NULL: the roots, who alone sign a trust
 *
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 * Source    controller/API.md "Draft"
 */
json_t *hf_show_rule_roles(const struct hf_strs *roles);

#endif
