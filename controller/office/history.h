/* SPDX-License-Identifier: MIT */
/*
 * history.h - what became of accounts and their holders, by the registers and remarks on the controller's record
 */
#ifndef HOLDFAST_OFFICE_HISTORY_H
#define HOLDFAST_OFFICE_HISTORY_H

#include "controller/office/council_view.h"

/*
 * hf_history_read - every change of an account or a holder, the oldest first
 *
 * [{"at", "version", "by": [person...], "proven": true or false, "change", "account", "person" (of a holder),
 * "until" (of a holder who holds it), "kind" (of an account)}]. Changes: "added", "kind", "retired" of accounts; "held", "until",
 * "withdrawn", "confirmed" of holders. What no trust of the chain bears out is not proven: a controller could say anything.
 * @ret_events  a new reference, the caller's; untouched unless HF_OK
 * Owner     see ret_events
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SHAPE the record does not go on; as hf_client_get
 * Source    controller/API.md "The record"; policy D2.3
 */
HF_NODISCARD enum hf_rc hf_history_read(const struct hf_view *view, json_t **ret_events, struct hf_err *err);

/*
 * hf_history_roles - which roles a person had, from which trust on: [{"at", "epoch", "roles": [role...]}]
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    proto/README.md "Trust"
 */
json_t *hf_history_roles(const struct hf_view *view, const char *person);

/*
 * hf_history_open - who was withdrawn from an account, holds it no more, and of whom nobody has confirmed that access at the
 * platform is gone: these events
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    policy D2.9
 */
json_t *hf_history_open(const json_t *events);

#endif
