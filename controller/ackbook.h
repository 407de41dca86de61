/* SPDX-License-Identifier: MIT */
/*
 * ackbook.h - who has acknowledged which instructions on which device: kept for ever, whatever a device says later
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_CONTROLLER_ACKBOOK_H
#define HOLDFAST_CONTROLLER_ACKBOOK_H

#include "controller/testimony.h"

/* One acknowledgement. */
struct hf_ack_entry {
	struct hf_digest lockdown;
	struct hf_digest text; /* of the instructions that were read */
	char person[HF_ID_SIZE];
	char device[HF_ID_SIZE];
	struct hf_wall at;    /* by the device's clock */
	struct hf_wall heard; /* by this controller's clock */
	bool saved;	      /* it stands in the table beside the journal */
};

/* Sorted by lockdown, text, person, device; each once. Start it zeroed. */
struct hf_ack_book {
	struct hf_ack_entry *v;
	size_t n, room;
	size_t n_unsaved;
};

/*
 * hf_ack_book_put - add an entry, unless there is one of the same lockdown, text, person and device
 *
 * @entry    copied
 * @ret_new  it was not there; untouched unless HF_OK
 * Owner     the book's
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D5.6-5.7: the first word stays
 */
HF_NODISCARD enum hf_rc hf_ack_book_put(struct hf_ack_book *book, const struct hf_ack_entry *entry, bool *ret_new);

/*
 * hf_ack_book_hear - add all that a verified report acknowledges and that counts
 *
 * It counts by a person of the device, of a text of the raise or of one of its amendments, of that very lockdown.
 * @ret_new  something was new; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D10
 */
HF_NODISCARD enum hf_rc hf_ack_book_hear(struct hf_ack_book *book, const struct hf_testimony *word, bool *ret_new);

/*
 * hf_ack_book_find - the entry of these four; hf_ack_book_of - all entries of a lockdown, side by side
 *
 * @ret_n    how many
 * Owner     belongs to the book, until the next put
 * Returns   NULL when there is none
 */
const struct hf_ack_entry *hf_ack_book_find(const struct hf_ack_book *book, const struct hf_ack_entry *like);
const struct hf_ack_entry *hf_ack_book_of(const struct hf_ack_book *book, const struct hf_digest *lockdown,
					  size_t *ret_n);

/*
 * hf_ack_book_saved, hf_ack_book_forget - what was unsaved stands in the table now; or could not be recorded, and is to
 * be new again when a device repeats it
 *
 * Source    policy D5.6-5.7: nothing counts that is not in the journal
 */
void hf_ack_book_saved(struct hf_ack_book *book);
void hf_ack_book_forget(struct hf_ack_book *book);

/*
 * hf_ack_book_done - free, zero
 */
void hf_ack_book_done(struct hf_ack_book *book);

#endif
