/* SPDX-License-Identifier: MIT */
/*
 * record_read.h - the controller's record, entry by entry: what each is, and who has signed it
 *
 * What comes back is material to be judged, never believed: signatures are verified by the trusts of the chain.
 */
#ifndef HOLDFAST_OFFICE_RECORD_READ_H
#define HOLDFAST_OFFICE_RECORD_READ_H

#include "controller/office/council_view.h"

/* All trusts until now. Start it zeroed. */
struct hf_past_trusts {
	struct hf_trust **v;
	size_t n;
};

/*
 * hf_past_read - the trusts of the chain, epoch 1 first
 *
 * Owner     the caller's, to hf_past_done, also after a failure
 * Returns   HF_OK; HF_E_MEMORY; reasons of hf_trust_decode
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_past_read(const struct hf_view *view, struct hf_past_trusts *ret, struct hf_err *err);

/*
 * hf_past_signers - whoever has signed it, by the newest trust that bears it out
 *
 * @ret_proven  false: none does, and the list is empty
 * Owner     a new reference to an array of ids, the caller's
 * Returns   NULL no memory
 */
json_t *hf_past_signers(const struct hf_past_trusts *past, const struct hf_envelope *envelope, bool *ret_proven);

/*
 * hf_past_done - free all, zero the struct
 */
void hf_past_done(struct hf_past_trusts *past);

/* One entry of the record, taken apart. Its texts are the row's. */
struct hf_record_entry {
	int64_t seq;
	struct hf_wall at;
	const char *kind, *digest, *hash;
	json_t *says;			/* the document, or the controller's own object; NULL: it is erased */
	struct hf_envelope *envelope;	/* NULL: it carries none */
	json_t *by;			/* ids of who has signed it, as far as a trust bears it out */
};

typedef enum hf_rc (*hf_record_entry_fn)(void *arg, const struct hf_record_entry *entry, struct hf_err *err);

/* Which entries, and to whom they are given. */
struct hf_record_ask {
	int64_t after, upto; /* behind the one, up to the other; 0: to the end */
	const struct hf_past_trusts *past; /* NULL: who has signed is not asked */
	hf_record_entry_fn fn;
	void *arg;
};

/*
 * hf_record_read - ask the controller for entries of its record, page by page
 *
 * Owner     an entry lives until the function that gets it returns
 * Returns   HF_OK; HF_E_SHAPE the record does not go on from number to number; as hf_client_get; what fn returned
 * Source    controller/API.md "The record"
 */
HF_NODISCARD enum hf_rc hf_record_read(const struct hf_view *view, const struct hf_record_ask *ask, struct hf_err *err);

/*
 * hf_record_names - does an entry name this anywhere: an id, an account, a digest
 *
 * Returns   true or false
 */
bool hf_record_names(const struct hf_record_entry *entry, const char *text);

#endif
