/* SPDX-License-Identifier: MIT */
/*
 * chain.h - does one record follow the one before it; the same for the journal at its start and for whoever verifies a
 * copy of it
 *
 * Pure.
 */
#ifndef HOLDFAST_CONTROLLER_CHAIN_H
#define HOLDFAST_CONTROLLER_CHAIN_H

#include "controller/journal/journal.h"

/* One record as it stands in a file: nothing of it is believed. Texts may be NULL. */
struct hf_chain_row {
	int64_t seq, at;
	const char *kind, *digest, *body, *prev, *hash;
	size_t body_len;
};

/* How far the chain was followed. Start it zeroed. */
struct hf_chain {
	struct hf_merkle tree; /* over the records so far */
	struct hf_digest head; /* hash of the last of them; zeros when none */
};

/*
 * hf_record_kind_of - the kind of this name
 *
 * Returns   HF_RECORD_KIND_COUNT: none that this program knows
 * Source    controller/API.md "The journal"
 */
enum hf_record_kind hf_record_kind_of(const char *name);

/*
 * hf_chain_hash - what the hash of a record must be
 *
 * @prev     hash of the record before it
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_chain_hash(const struct hf_record *record, const char *kind, const struct hf_digest *prev,
				      struct hf_digest *ret);

/*
 * hf_chain_follow - take the next record, if it is that
 *
 * Of a record whose body is gone, and may be, the hash is taken as it stands.
 * @chain    goes on by one record if it returns HF_OK
 * @ret      its kind is HF_RECORD_KIND_COUNT where this program does not know it; untouched unless HF_OK
 * Owner     the body is borrowed from row
 * Returns   HF_OK; HF_E_SHAPE it does not follow, and why: "it is missing"; HF_E_MEMORY
 * Source    controller/API.md "The journal"
 */
HF_NODISCARD enum hf_rc hf_chain_follow(struct hf_chain *chain, const struct hf_chain_row *row, struct hf_record *ret,
					struct hf_err *err);

#endif
