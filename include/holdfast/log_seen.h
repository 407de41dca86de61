/* SPDX-License-Identifier: MIT */
/*
 * log_seen.h - what one controller's states said of its journal, and where that contradicted itself
 *
 * The journal is only ever added to. So of two states of one key the later one cannot have a smaller log, nor another
 * head over as many records, and has a proof that the larger one goes on where the smaller ended: else the journal was
 * cut, put back from an older copy, or made anew.
 */
#ifndef HOLDFAST_LOG_SEEN_H
#define HOLDFAST_LOG_SEEN_H

#include <stdbool.h>

#include <holdfast/bytes.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/time.h>

#define HF_LOG_WITHOUT_MAX 360 /* states without a proof: half an hour of one every five seconds, in which thousands of sizes had their turn */

/* What one state said. */
struct hf_log_head {
	int64_t seq;  /* 0: nothing */
	int64_t size; /* records */
	struct hf_digest root;
};

/* The largest that was proved, or the first that was heard; seq 0: none was. */
struct hf_log_seen {
	int64_t seq; /* of the newest state that named it */
	int64_t size;
	struct hf_digest root;
	/* The first contradiction since the roots last acted; fork_seq 0: none. */
	int64_t was_seq, was_size; /* what had been heard before it */
	struct hf_digest was_root;
	int64_t fork_seq;	/* the state that contradicted it */
	struct hf_wall fork_at; /* when that was signed */
	/* In no report. */
	struct hf_wall since;	   /* when the first state of this size was signed */
	struct hf_log_head newest; /* of all that were heard; that it goes on from there may not be proved yet */
	bool proves;		   /* a state of this key has proved something, so that what is not proved is missed */
	/* Of this life. */
	int64_t n_told, told_seq; /* reports that said this size while it waited; the newest state at the last of them */
	int64_t n_without, without_seq; /* states that did not prove it, since it waits; the last of them */
	int64_t n_missing;	  /* of them, in which it was due */
};

/* One row of a report: the log of one controller of the trust. */
struct hf_log_row {
	const char *controller;
	const char *key; /* the keyid of its key */
	struct hf_log_seen seen;
};

/*
 * hf_log_put, hf_log_take - as JSON and back, for a device's memory
 *
 * What the version before wrote has one head: the newest, and the one that is held.
 * @ret      untouched unless HF_OK
 * Owner     a new reference, the caller's
 * Returns   the object, NULL no memory; HF_OK, HF_E_SHAPE, HF_E_BASE64
 * Source    proto/README.md "Report"
 */
json_t *hf_log_put(const struct hf_log_seen *log);
HF_NODISCARD enum hf_rc hf_log_take(json_t *value, struct hf_log_seen *ret, struct hf_err *err);

/*
 * hf_log_row_put, hf_log_row_take - the same with the controller and its key, for a report
 *
 * @ret      its texts are borrowed from value; untouched unless HF_OK
 * Owner     a new reference, the caller's
 * Returns   as hf_log_put, hf_log_take
 * Source    proto/README.md "Report"
 */
json_t *hf_log_row_put(const struct hf_log_row *row);
HF_NODISCARD enum hf_rc hf_log_row_take(json_t *value, struct hf_log_row *ret, struct hf_err *err);

#endif
