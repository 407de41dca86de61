/* SPDX-License-Identifier: MIT */
/*
 * refused.h - refused messages: each is counted, and as many are logged as a log can bear
 */
#ifndef HOLDFAST_AGENT_RULES_REFUSED_H
#define HOLDFAST_AGENT_RULES_REFUSED_H

#include <holdfast/known.h>

#define HF_REFUSED_LINES 20 /* log lines in one window: enough to see an attack, too few to fill a disk */
#define HF_REFUSED_WINDOW_MS 60000

/* Start it zeroed. */
struct hf_refused_log {
	struct hf_boot_ms since;
	int64_t lines;
	int64_t hushed; /* not logged in this window */
};

/*
 * hf_refused_note - count one refusal, and say whether it is to be logged
 *
 * Pure.
 * @counts      HF_RC_COUNT of them
 * @boot        time since boot
 * @ret_hushed  when true is returned: how many before it were not logged, to be said once; else untouched
 * Returns      true: log it
 * Source       proto/README.md "Failing"
 */
bool hf_refused_note(struct hf_refused_log *log, int64_t *counts, enum hf_rc reason, struct hf_boot_ms boot,
		     int64_t *ret_hushed);

/*
 * hf_refused_json - the counts that are not zero, as rows of reason and count
 *
 * @counts   HF_RC_COUNT of them
 * Owner     a new reference, the caller's
 * Returns   the list; NULL no memory
 * Source    proto/README.md "Report"
 */
json_t *hf_refused_json(const int64_t *counts);

#endif
