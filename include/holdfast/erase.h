/* SPDX-License-Identifier: MIT */
/*
 * erase.h - the word of two officers by which what some records of a controller's journal say is let go: their hashes stay
 */
#ifndef HOLDFAST_ERASE_H
#define HOLDFAST_ERASE_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/time.h>

#define HF_ERASE_RANGES_MAX 512	  /* with the longest reason they fit into a payload */
#define HF_ERASE_RECORDS_MAX 4096 /* emptied in one commit, while others wait for an answer */
#define HF_ERASE_WHY_MAX 500

/* Records one behind the other, the last among them. */
struct hf_erase_range {
	int64_t first, last;
};

struct hf_erase {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	struct hf_wall at;
	const char *why;
	struct hf_erase_range *records; /* in their order; none touches the next */
	size_t n_records;
	struct hf_digest of; /* over what stays of each of them: see hf_erase_add */
};

#define hf_auto_erase __attribute__((cleanup(hf_erase_free)))

/*
 * hf_erase_decode - the payload of an erase envelope; verifies no approval (see approval.h)
 *
 * @ret_erase  the caller's, to hf_erase_free; untouched unless HF_OK
 * Owner     see ret_erase
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erase_decode(const struct hf_envelope *envelope, struct hf_erase **ret_erase,
					struct hf_err *err);

/*
 * hf_erase_encode - it as the JSON of its payload
 *
 * @erase    doc and digest are not looked at
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "Erase"
 */
json_t *hf_erase_encode(const struct hf_erase *erase);

/*
 * hf_erase_names - does it name this record
 *
 * Returns   true or false
 * Source    proto/README.md "Erase"
 */
bool hf_erase_names(const struct hf_erase *erase, int64_t seq);

/*
 * hf_erase_count - how many records it names
 *
 * Returns   1 to HF_ERASE_RECORDS_MAX
 * Source    proto/README.md "Erase"
 */
size_t hf_erase_count(const struct hf_erase *erase);

/* What stays of a record whose body is gone. */
struct hf_erase_kept {
	int64_t seq, at;
	const char *kind;
	struct hf_digest digest, hash;
};

/*
 * hf_erase_add - the digest over one record more, for `of`: SHA-256 of the line `OF SEQ AT KIND DIGEST HASH`, OF being that
 * of the records before it
 *
 * @of       zeros before the first
 * Returns   HF_OK; HF_E_SIZE the kind is too long; HF_E_MEMORY
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erase_add(struct hf_digest *of, const struct hf_erase_kept *record);

/*
 * hf_erase_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_erase_free(struct hf_erase **erase);

#endif
