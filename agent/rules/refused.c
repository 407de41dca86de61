/* SPDX-License-Identifier: MIT */
/*
 * Owns the counting of what was refused, and how much of it a log can bear.
 * Must never let somebody who sends bad messages fill the log or hide the count.
 */
#include "agent/rules/refused.h"

bool hf_refused_note(struct hf_refused_log *log, int64_t *counts, enum hf_rc reason, struct hf_boot_ms boot,
		     int64_t *ret_hushed)
{
	if (counts[reason] < INT64_MAX)
		counts[reason]++;
	if (boot.ms - log->since.ms >= HF_REFUSED_WINDOW_MS) {
		log->since = boot;
		log->lines = 0;
	}
	if (log->lines >= HF_REFUSED_LINES) {
		log->hushed++;
		return false;
	}
	log->lines++;
	*ret_hushed = log->hushed;
	log->hushed = 0;
	return true;
}

json_t *hf_refused_json(const int64_t *counts)
{
	hf_auto_json json_t *list = json_array();

	for (int rc = 0; list && rc < HF_RC_COUNT; rc++) {
		json_t *row;

		if (counts[rc] == 0)
			continue;
		row = json_pack("{s:s, s:I}", "reason", hf_rc_name((enum hf_rc)rc), "count", (json_int_t)counts[rc]);
		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}
