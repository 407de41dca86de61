/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.h - a tree head as a signed note, and a proof of one record in it, as text that tools of others read
 *
 * Pure.
 */
#ifndef HOLDFAST_CHECKPOINT_H
#define HOLDFAST_CHECKPOINT_H

#include <holdfast/key.h>
#include <holdfast/merkle.h>

#define HF_CHECKPOINT_MAX 512	       /* bytes of a checkpoint: a name, a number, a root, one signature */
#define HF_CHECKPOINT_NAME_SIZE 160    /* bytes of a log's name: "holdfast/COUNCIL/CONTROLLER" */
#define HF_TLOG_PROOF_MAX (64 * 46 + 1024) /* bytes: a line a node, and the checkpoint */

/*
 * hf_checkpoint_name - the name of a controller's journal, which is its origin and its key's name
 *
 * @ret      HF_CHECKPOINT_NAME_SIZE bytes
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE
 * Source    C2SP tlog-checkpoint, "Note text"
 */
HF_NODISCARD enum hf_rc hf_checkpoint_name(const char *council, const char *controller,
					   char ret[HF_CHECKPOINT_NAME_SIZE]);

/*
 * hf_checkpoint_sign - a head as a note, signed
 *
 * @ret      HF_CHECKPOINT_MAX bytes; untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    C2SP tlog-checkpoint; C2SP signed-note, "Signatures", Ed25519
 */
HF_NODISCARD enum hf_rc hf_checkpoint_sign(const char *name, const struct hf_merkle_head *head,
					   const struct hf_key *key, char ret[HF_CHECKPOINT_MAX]);

/*
 * hf_checkpoint_key - the verifier key of a log, as tools of signed notes take it
 *
 * @ret      HF_CHECKPOINT_MAX bytes; untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE
 * Source    C2SP signed-note, "Verifier keys"
 */
HF_NODISCARD enum hf_rc hf_checkpoint_key(const char *name, const struct hf_pub *pub, char ret[HF_CHECKPOINT_MAX]);

/*
 * hf_tlog_proof_text - the proof of one record, with the checkpoint that it is of
 *
 * @index    of the record, from 0
 * @ret      HF_TLOG_PROOF_MAX bytes; untouched unless HF_OK
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SIZE
 * Source    C2SP tlog-proof
 */
HF_NODISCARD enum hf_rc hf_tlog_proof_text(uint64_t index, const struct hf_merkle_proof *proof, const char *checkpoint,
					   char ret[HF_TLOG_PROOF_MAX]);

#endif
