/* SPDX-License-Identifier: MIT */
/*
 * council_folder.h - the files of a council folder
 */
#ifndef HOLDFAST_OFFICE_COUNCIL_FOLDER_H
#define HOLDFAST_OFFICE_COUNCIL_FOLDER_H

#include <holdfast/envelope.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/time.h>

#define HF_FOLDER_PATH_SIZE 4096

/*
 * hf_folder_path - the path of a file in a council folder
 *
 * @folder   NULL: the officer has not said which
 * @fmt      of the name in the folder
 * Owner     path is the caller's buffer
 * Returns   HF_OK; HF_E_USAGE no folder said; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_folder_path(const char *folder, char path[HF_FOLDER_PATH_SIZE], struct hf_err *err,
				       const char *fmt, ...) HF_PRINTF(4, 5);

/*
 * hf_folder_get, hf_folder_put - an envelope in a file
 *
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such file; HF_E_SYSTEM; reasons of hf_envelope_decode
 */
HF_NODISCARD enum hf_rc hf_folder_get(const char *path, struct hf_envelope **ret_envelope, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_folder_put(const char *path, const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_folder_register_path - where a part of the first register lies: register.json, register-2.json ...
 *
 * @part     from 1
 * Returns   as hf_folder_path
 */
HF_NODISCARD enum hf_rc hf_folder_register_path(const char *folder, size_t part, char path[HF_FOLDER_PATH_SIZE],
						struct hf_err *err);

/*
 * hf_folder_put_assignment - keep a copy of a device's assignment
 *
 * Returns   reasons of hf_folder_path; HF_E_SYSTEM
 * Source    controller/API.md "First start"
 */
HF_NODISCARD enum hf_rc hf_folder_put_assignment(const char *folder, const struct hf_envelope *assignment,
						 const char *device, struct hf_err *err);

/*
 * hf_folder_put_trust - keep a copy of a newer trust
 *
 * Returns   as hf_folder_put_assignment; reasons of hf_trust_decode
 */
HF_NODISCARD enum hf_rc hf_folder_put_trust(const char *folder, const struct hf_envelope *trust, struct hf_err *err);

/*
 * hf_folder_put_key - write a private key as PEM, readable by its owner alone
 *
 * @pass     NULL: not encrypted
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_KEY; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_folder_put_key(const char *path, const struct hf_key *key, const char *pass,
					  struct hf_err *err);

/*
 * hf_folder_envelope - a payload as an envelope that is not signed yet
 *
 * @payload  a new reference, taken over also on failure; NULL: no memory
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Envelope"
 */
HF_NODISCARD enum hf_rc hf_folder_envelope(enum hf_doc_type type, json_t *payload, struct hf_envelope **ret_envelope,
					   struct hf_err *err);

#endif
