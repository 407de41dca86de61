/* SPDX-License-Identifier: MIT */
/*
 * erasing.h - an erasure as it is written at the terminal: which records, and what stays of them
 */
#ifndef HOLDFAST_CLI_ERASING_H
#define HOLDFAST_CLI_ERASING_H

#include <holdfast/erase.h>

#include "controller/office/record_read.h"

/* While it is written. Start it zeroed. */
struct hf_erasing {
	struct hf_erase_range ranges[HF_ERASE_RANGES_MAX];
	size_t n, records;
	struct hf_digest of;
};

/*
 * hf_erasing_add - one record more, behind all others
 *
 * Returns   HF_OK; HF_E_SIZE there is no room for it; HF_E_MEMORY; HF_E_SHAPE the entry is damaged
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erasing_add(struct hf_erasing *erasing, const struct hf_record_entry *entry, struct hf_err *err);

/*
 * hf_erasing_write - the document of it
 *
 * @ret      to hf_envelope_free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_USAGE the reason is none; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erasing_write(const struct hf_erasing *erasing, const struct hf_view *view, const char *why,
					 struct hf_envelope **ret, struct hf_err *err);

#endif
