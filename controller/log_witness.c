/* SPDX-License-Identifier: MIT */
/*
 * Owns the comparison of this controller's journal with what devices have seen of it.
 * Must never hold an order back: one device's key could say anything.
 */
#include <string.h>

#include "controller/log_witness.h"

/* Was this heard before somebody took the journal as it was? What contradicted it before that was taken with it. */
static bool is_accepted(const struct hf_controller *c, int64_t before)
{
	return before < c->accepted;
}

/* A device heard of records that are not here, or of others in their place, however many were added since. */
static bool not_mine(const struct hf_controller *c, const struct hf_log_seen *seen)
{
	struct hf_digest root;
	enum hf_rc rc = hf_journal_head_at(c->journal, seen->size, &root, NULL);
	return rc == HF_E_ABSENT || (rc == HF_OK && hf_digest_cmp(&seen->root, &root) != 0);
}

const struct hf_log_row *hf_log_witness(const struct hf_controller *c, const char *key, const struct hf_report *report)
{
	for (size_t i = 0; report && i < report->n_logs; i++) {
		const struct hf_log_row *row = &report->logs[i];
		bool mine = strcmp(row->controller, c->settings->controller_id) == 0 && strcmp(row->key, key) == 0;
		if (row->seen.fork_seq > 0 && !(mine && is_accepted(c, row->seen.was_seq)))
			return row;
		if (mine && not_mine(c, &row->seen) && !is_accepted(c, row->seen.seq))
			return row;
	}
	return NULL;
}
