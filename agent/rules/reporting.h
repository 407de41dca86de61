/* SPDX-License-Identifier: MIT */
/*
 * reporting.h - what this device tells the council: made from the case, the layers and the memory; signed here
 */
#ifndef HOLDFAST_AGENT_RULES_REPORTING_H
#define HOLDFAST_AGENT_RULES_REPORTING_H

#include <holdfast/key.h>
#include <holdfast/report.h>

#include "agent/rules/memory.h"
#include "agent/rules/plan.h"
#include "agent/rules/standing.h"

/* What a report says beside the case. Borrowed. */
struct hf_report_facts {
	const struct hf_memory *memory;
	const struct hf_plan *plan; /* what the layers were told */
	bool decided, settled;	    /* see struct hf_standing_facts */
	const struct hf_layer_seen *layers;
	size_t n_layers;
	size_t unknown_logins;		 /* of the device's people */
	const struct hf_started *opened; /* lockdowns after whose release it was seen to be open; NULL: none */
};

/* Where the lists of a report lie while it is being made. */
struct hf_report_rows {
	struct hf_report_lockdown lockdowns[HF_REPORT_LOCKDOWNS_MAX];
	struct hf_report_ack acks[HF_REPORT_ACKS_MAX];
	struct hf_posting postings[HF_REPORT_POSTINGS_MAX];
	char log_keys[HF_REPORT_LOGS_MAX][HF_KEYID_SIZE];
	const char *open_for[HF_DEVICE_PEOPLE_MAX];
};

/*
 * hf_standing_on - how one lockdown stands on this device, by everything the agent knows
 *
 * Pure.
 * Returns   the standing
 * Source    proto/README.md "Report"
 */
enum hf_standing hf_standing_on(const struct hf_case *matter, const struct hf_report_facts *facts,
				const struct hf_lockdown *lockdown);

/*
 * hf_report_make - fill in a report, but for its counter and time
 *
 * Pure. Of more lockdowns than a report holds, the first few of each person that hold or are to come go first, then
 * the newest that are done; exercises last. Of acknowledgements and of postings the newest come first.
 * @rows        must live as long as the report
 * @ret_report  borrows texts of the case and the facts; untouched unless HF_OK
 * Returns      HF_OK; HF_E_MEMORY
 * Source       proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_make(const struct hf_case *matter, const struct hf_report_facts *facts,
				       struct hf_report_rows *rows, struct hf_report *ret_report);

/*
 * hf_report_sign - a report as the bytes of a signed envelope
 *
 * @key      the device's
 * @ret, @ret_len  malloc'ed; the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Report"
 */
HF_NODISCARD enum hf_rc hf_report_sign(const struct hf_report *report, const struct hf_key *key, char **ret,
				       size_t *ret_len, struct hf_err *err);

#endif
