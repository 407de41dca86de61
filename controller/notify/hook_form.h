/* SPDX-License-Identifier: MIT */
/*
 * hook_form.h - an event in the form that a machine takes it
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_NOTIFY_HOOK_FORM_H
#define HOLDFAST_NOTIFY_HOOK_FORM_H

#include <stddef.h>

#include <holdfast/err.h>

#define HF_HOOK_FORM_LIST(X)                                                                                           \
	X(HF_HOOK_EVENT, "event") /* as the controller wrote it */                                                     \
	X(HF_HOOK_TEAMS, "teams") /* an Adaptive Card, for a workflow of Microsoft Teams */                            \
	X(HF_HOOK_SLACK, "slack") /* a text, for an incoming webhook of Slack */                                       \
	X(HF_HOOK_CAP, "cap")	  /* an alert of the Common Alerting Protocol, see cap.h */
#define HF_HOOK_FORM_ENUM(code, name) code,
enum hf_hook_form { HF_HOOK_FORM_LIST(HF_HOOK_FORM_ENUM) HF_HOOK_FORM_COUNT };
#undef HF_HOOK_FORM_ENUM

/*
 * hf_hook_form_name, hf_hook_form_from_name - "event", "teams" ...
 *
 * Owner     static text
 * Returns   the word; HF_HOOK_FORM_COUNT for one that is none
 */
const char *hf_hook_form_name(enum hf_hook_form form);
enum hf_hook_form hf_hook_form_from_name(const char *name);

/*
 * hf_hook_card, hf_hook_slack - an event as the body of a request to Teams, or to Slack
 *
 * @event    JSON, see controller/API.md "Events"
 * @ret, @ret_len  malloc'ed; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; as hf_json_read; HF_E_MEMORY
 * Source    Adaptive Cards 1.4; Slack "Sending messages using incoming webhooks"
 */
HF_NODISCARD enum hf_rc hf_hook_card(const char *event, char **ret, size_t *ret_len, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_hook_slack(const char *event, char **ret, size_t *ret_len, struct hf_err *err);

#endif
