/* SPDX-License-Identifier: MIT */
/*
 * state.h - what a controller says exists now: freshness, never authority
 */
#ifndef HOLDFAST_STATE_H
#define HOLDFAST_STATE_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/merkle.h>
#include <holdfast/posting.h>
#include <holdfast/str.h>
#include <holdfast/time.h>

#define HF_PAGES_MAX 64
#define HF_PAGE_ORDERS_MAX 64
#define HF_PAGE_CLAIMS_MAX 64
#define HF_SEQ_LEFT_OUT 3 /* numbers that a controller leaves out whenever it comes to the broker: more than are missed otherwise */
#define HF_STATE_VALID_S 3600 /* a device that hears nothing says so within the hour: HF_VALID_BEATS of the longest beat */

#define HF_LOG_FROM_MAX 8 /* sizes that one state answers: with the longest proofs there are, half a message */

/* That the log goes on from where it had so many records. */
struct hf_log_from {
	int64_t size;
	struct hf_merkle_proof proof; /* none: it cannot be proved here, and who holds a signed state of it shows it */
};

struct hf_state {
	json_t *doc; /* owns every text below */
	struct hf_digest digest;
	const char *council;
	const char *controller;
	int64_t seq;
	struct hf_wall issued;
	struct hf_wall valid_until; /* at most HF_STATE_VALID_S after issued */
	int64_t page;  /* 0 .. pages - 1 */
	int64_t pages; /* 1 .. HF_PAGES_MAX: a state that does not fit into one message comes in pages of one seq */
	int64_t trust_epoch;
	struct hf_digest trust_digest;
	int64_t register_version;
	struct hf_digest register_digest;
	struct hf_envelope **orders; /* as they stand in the document; not judged */
	enum hf_rc *orders_rc;	     /* HF_OK, or why that entry is no envelope (its orders[] is NULL) */
	size_t n_orders;
	struct hf_posting *claims; /* of HF_POSTING_REPEATED: which device was first, and what it said last */
	size_t n_claims;
	int64_t log_size;	   /* records in the controller's journal */
	struct hf_digest log_root; /* RFC 6962 tree head over them */
	struct hf_log_from *from;  /* on a last page of its own */
	size_t n_from;
	bool hears;		   /* it is said to one device alone, and says nothing but that */
	struct hf_digest heard;	   /* this report was taken, the device's last word */
};

#define hf_auto_state __attribute__((cleanup(hf_state_free)))

/*
 * hf_state_decode - the payload of a state envelope; verifies no signature
 *
 * One order that is no envelope does not hide the others: it is noted in orders_rc.
 * @ret_state  the caller's, to hf_state_free; untouched unless HF_OK
 * Owner     see ret_state
 * Returns   HF_OK; HF_E_TYPE; HF_E_JSON; HF_E_SHAPE; HF_E_BASE64; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "State"
 */
HF_NODISCARD enum hf_rc hf_state_decode(const struct hf_envelope *envelope, struct hf_state **ret_state,
					struct hf_err *err);

/*
 * hf_state_encode - a state as the JSON of its payload
 *
 * Owner     a new reference, the caller's
 * Returns   the object; NULL no memory
 * Source    proto/README.md "State"
 */
json_t *hf_state_encode(const struct hf_state *state);

/*
 * hf_state_free - free and set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_state_free(struct hf_state **state);

#endif
