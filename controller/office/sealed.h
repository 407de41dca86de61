/* SPDX-License-Identifier: MIT */
/*
 * sealed.h - files that only who has one of some keys can read, in the format of age (C2SP age, v1)
 *
 * Each recipient is the X25519 key that follows from an Ed25519 key, so that roots need no other key than theirs.
 */
#ifndef HOLDFAST_OFFICE_SEALED_H
#define HOLDFAST_OFFICE_SEALED_H

#include <stddef.h>
#include <stdio.h>

#include <holdfast/key.h>

struct hf_seal; /* a sealed file that is being written, or read */

#define hf_auto_seal __attribute__((cleanup(hf_seal_free)))

/*
 * hf_seal_begin - begin a sealed file that any of these keys opens
 *
 * @out      borrowed until hf_seal_free
 * @ret      to hf_seal_free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_USAGE no key at all; HF_E_KEY; HF_E_SYSTEM; HF_E_MEMORY
 * Source    C2SP age
 */
HF_NODISCARD enum hf_rc hf_seal_begin(FILE *out, const struct hf_pub *pubs, size_t n, struct hf_seal **ret,
				      struct hf_err *err);

/*
 * hf_seal_write, hf_seal_end - more of what is sealed; all of it was said: without that the file is worth nothing
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    C2SP age
 */
HF_NODISCARD enum hf_rc hf_seal_write(struct hf_seal *seal, const void *buf, size_t len, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_seal_end(struct hf_seal *seal, struct hf_err *err);

/*
 * hf_seal_open - open a sealed file with one of its keys
 *
 * @in       borrowed until hf_seal_free
 * @ret      to hf_seal_free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE it is no such file, or was changed; HF_E_ROLE it is for other keys; HF_E_MEMORY
 * Source    C2SP age
 */
HF_NODISCARD enum hf_rc hf_seal_open(FILE *in, const struct hf_key *key, struct hf_seal **ret, struct hf_err *err);

/*
 * hf_seal_read - the next bytes; fewer than asked for come at the end alone
 *
 * What was read is believed when the end has come, which says that nothing is missing.
 * Owner     the caller's buffer
 * Returns   HF_OK; HF_E_SHAPE it was changed, or cut
 * Source    C2SP age
 */
HF_NODISCARD enum hf_rc hf_seal_read(struct hf_seal *seal, void *buf, size_t len, size_t *ret_len, struct hf_err *err);

/*
 * hf_seal_free - wipe and free, set to NULL; accepts NULL
 *
 * Owner     ends
 */
void hf_seal_free(struct hf_seal **seal);

#endif
