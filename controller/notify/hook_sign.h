/* SPDX-License-Identifier: MIT */
/*
 * hook_sign.h - the signature of a webhook, by which whoever gets it knows whose it is
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_NOTIFY_HOOK_SIGN_H
#define HOLDFAST_NOTIFY_HOOK_SIGN_H

#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_HOOK_SIGNATURE_SIZE 128 /* "v1a," and 64 bytes in base64, with room */

/* What is signed. Borrowed. */
struct hf_hook_message {
	const char *id;
	struct hf_wall at; /* when it is sent */
	const char *body;
	size_t len;
};

/*
 * hf_hook_secret_ok - is this a secret that messages can be signed with
 *
 * Returns   HF_OK; HF_E_SHAPE neither whsec_ with 24 to 64 bytes nor whsk_ with an Ed25519 key of 32 or 64, in base64
 * Source    Standard Webhooks 1.0 "Signature scheme"
 */
HF_NODISCARD enum hf_rc hf_hook_secret_ok(const char *secret, struct hf_err *err);

/*
 * hf_hook_sign - the value of the header webhook-signature: v1 with HMAC-SHA256, or v1a with Ed25519
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE as hf_hook_secret_ok; HF_E_MEMORY; HF_E_SYSTEM
 * Source    Standard Webhooks 1.0 "Signature scheme"
 */
HF_NODISCARD enum hf_rc hf_hook_sign(const char *secret, const struct hf_hook_message *message,
				     char ret[HF_HOOK_SIGNATURE_SIZE], struct hf_err *err);

#endif
