/* SPDX-License-Identifier: MIT */
/*
 * gaps.h - records whose bodies are gone: does an erasure behind them say so
 *
 * Pure. Whether an erasure is approved, others judge.
 */
#ifndef HOLDFAST_CONTROLLER_GAPS_H
#define HOLDFAST_CONTROLLER_GAPS_H

#include "controller/journal/journal.h"

/* One record without its body. */
struct hf_gap {
	struct hf_erase_kept kept;
	bool erased; /* an erasure names it */
};

/* In order of their numbers. Start it zeroed. */
struct hf_gaps {
	struct hf_gap *v;
	size_t n, room;
	int64_t bad;   /* the number of the first record that is not as an erasure says; 0: none */
	char why[128]; /* it is not */
};

#define hf_auto_gaps __attribute__((cleanup(hf_gaps_done)))

/*
 * hf_gaps_take - the next record of a chain: one without a body is noted, an erasure accounts for those that it names
 *
 * Returns   HF_OK; HF_E_SHAPE bad and why say which record is not as it should be; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_gaps_take(struct hf_gaps *gaps, const struct hf_record *record, struct hf_err *err);

/*
 * hf_gaps_end - the chain has no more records: is every gap accounted for
 *
 * Returns   as hf_gaps_take
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_gaps_end(struct hf_gaps *gaps, struct hf_err *err);

/*
 * hf_gaps_done - free what it holds, zero it
 */
void hf_gaps_done(struct hf_gaps *gaps);

#endif
