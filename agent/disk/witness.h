/* SPDX-License-Identifier: MIT */
/*
 * witness.h - the signed states that bear what this device saw of each controller's journal
 *
 * Whoever is told that a journal was rewritten can ask for them, and needs to believe nobody's word.
 */
#ifndef HOLDFAST_AGENT_DISK_WITNESS_H
#define HOLDFAST_AGENT_DISK_WITNESS_H

#include <holdfast/known.h>

#define HF_WITNESS_FILE "witness.json"

/* Which states are kept of one key: of the head that is held, of the newest one; and of a fork, both sides. */
enum hf_witnessed { HF_WITNESS_HELD, HF_WITNESS_NEWEST, HF_WITNESS_WAS, HF_WITNESS_NOW, HF_WITNESS_COUNT };

/* One page of a state; text NULL: there is none. */
struct hf_witness_page {
	struct hf_log_head head;
	char *text; /* an envelope, as it is said */
	size_t len;
};

struct hf_witness_row {
	char key[HF_KEYID_SIZE];
	struct hf_witness_page page[HF_WITNESS_COUNT];
};

/* Start it zeroed. */
struct hf_witness {
	struct hf_witness_row v[HF_CONTROLLERS_MAX];
	size_t n;
	bool dirty; /* not all of it is on disk */
};

/*
 * hf_witness_hear - keep a state if it bears what is new in what is known
 *
 * Keys that the trust does not name any more are let go.
 * @known    has heard it
 * @message  as it came; not a state: then nothing is new
 * @ret_fork a fork was seen that was not seen before
 * Returns   HF_OK; HF_E_MEMORY: some of it is not kept
 * Source    proto/README.md "State"
 */
enum hf_rc hf_witness_hear(struct hf_witness *witness, const struct hf_known *known, const struct hf_message *message,
			   bool *ret_fork);

/*
 * hf_witness_of - what is kept of one key
 *
 * Owner     belongs to witness
 * Returns   NULL: nothing
 */
const struct hf_witness_row *hf_witness_of(const struct hf_witness *witness, const char *key);

/*
 * hf_witness_load, hf_witness_save - from a folder, and to it
 *
 * A file that is gone or not whole is as none: it is evidence, and nothing follows from it here.
 * @folder   of the agent's memory
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
void hf_witness_load(struct hf_witness *witness, const char *folder);
HF_NODISCARD enum hf_rc hf_witness_save(struct hf_witness *witness, const char *folder, struct hf_err *err);

/*
 * hf_witness_done - free all, zero it
 *
 * Owner     ends
 */
void hf_witness_done(struct hf_witness *witness);

#endif
