/* SPDX-License-Identifier: MIT */
/*
 * digest.h - the one way in which bytes become a digest
 */
#ifndef HOLDFAST_DIGEST_H
#define HOLDFAST_DIGEST_H

#include <stddef.h>

#include <holdfast/bytes.h>
#include <holdfast/err.h>

/*
 * hf_digest_of - SHA-256 of bytes
 *
 * @buf, @len  bytes; may be none
 * @ret        untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM the library refuses. It asks for no memory
 * Source    FIPS 180-4
 */
HF_NODISCARD enum hf_rc hf_digest_of(const void *buf, size_t len, struct hf_digest *ret);

#endif
