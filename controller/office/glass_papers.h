/* SPDX-License-Identifier: MIT */
/*
 * glass_papers.h - what one side of break-glass keeps beside its key: its newest documents, and notes of halves that it gave
 *
 * All of it is signed, and none of it is secret: whoever has it and not the key has nothing.
 */
#ifndef HOLDFAST_OFFICE_GLASS_PAPERS_H
#define HOLDFAST_OFFICE_GLASS_PAPERS_H

#include "controller/office/council_folder.h"
#include "controller/office/council_view.h"

/* Of one half. */
struct hf_glass_paper {
	const char *key; /* the file of the side's key: the papers lie in a folder of its name with ".d" behind */
	const char *device;
	int64_t set, slot; /* of a note; 0: of a device's document */
};

/*
 * hf_glass_paper_put, hf_glass_paper_get - keep a device's newest document, or a note; read it
 *
 * @paper    slot 0: the document
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   as hf_folder_put, hf_folder_get
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_paper_put(const struct hf_glass_paper *paper, const struct hf_envelope *envelope,
					   struct hf_err *err);
HF_NODISCARD enum hf_rc hf_glass_paper_get(const struct hf_glass_paper *paper, struct hf_envelope **ret_envelope,
					   struct hf_err *err);

/*
 * hf_glass_was_given - is there a note of this half, posted or not
 *
 * Returns   true or false
 */
bool hf_glass_was_given(const struct hf_glass_paper *paper);

/* What became of the notes that waited. */
struct hf_glass_posted {
	size_t posted, waiting;
	struct hf_err why; /* of the first that waits; "" none does */
};

/*
 * hf_glass_post_notes - post every note that waits beside this key; one that is on the record is waited for no more
 *
 * @key      the file of the side's key
 * Returns   HF_OK, also where some wait yet; HF_E_SYSTEM; HF_E_SIZE
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_post_notes(const struct hf_office *office, const char *key, struct hf_glass_posted *ret,
					    struct hf_err *err);

#endif
