/* SPDX-License-Identifier: MIT */
/*
 * view.h - what one user of a device is shown, as JSON; pure
 */
#ifndef HOLDFAST_AGENT_RULES_VIEW_H
#define HOLDFAST_AGENT_RULES_VIEW_H

#include "agent/rules/reporting.h"

#define HF_VIEW_LOCKDOWNS_MAX 32
#define HF_VIEW_RELEASED_S (7 * 86400) /* how long an all-clear is shown: somebody on leave comes back after a week */

/* What a view says beside the case and the report. Borrowed. */
struct hf_view_facts {
	const struct hf_pair *who; /* NULL: somebody who is not of the device, shown the device's view */
	const char *trouble; /* why the last save failed; "" when it did not */
	bool waiting;	     /* a release is waiting to be written down */
	bool can_report;
	const struct hf_posting_time *time; /* what posting windows go by; may be NULL */
	int64_t heard_s; /* seconds since news of the council's server; -1: none since the agent started */
};

/*
 * hf_view_make - everything that the person at this device may know
 *
 * Pure. Other people's holding messages are left out of a person's view, not out of the device's.
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    policy D9.3
 */
json_t *hf_view_make(const struct hf_case *matter, const struct hf_report_facts *report,
		     const struct hf_view_facts *facts, struct hf_err *err);

/*
 * hf_view_name - beside the id in a member of this row the person's name, as NAME_name, if the trust has one
 *
 * @row      NULL: nothing is done
 * Returns   false no memory
 * Source    proto/README.md "Trust"
 */
bool hf_view_name(json_t *row, const char *member, const struct hf_trust *trust);

/*
 * hf_view_forget - of lockdowns that are not known here any more it is not remembered that they were shown
 *
 * @seen     shrinks: a flood that was pushed out takes no room
 * Owner     the set stays the caller's
 * Source    proto/README.md "Shares"
 */
void hf_view_forget(const struct hf_lockdowns *lockdowns, struct hf_started *seen);

/*
 * hf_view_shown - remember that all that is in force here was shown to a person of this device
 *
 * @seen     grows
 * Owner     the set stays the caller's
 * Returns   true if it grew
 * Source    proto/README.md "Report"
 */
bool hf_view_shown(const struct hf_case *matter, struct hf_started *seen);

#endif
