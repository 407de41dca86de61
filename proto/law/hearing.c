/* SPDX-License-Identifier: MIT */
/*
 * Owns what one message came to: the list of what was refused in it.
 * Must never need memory: a stranger chooses how much is refused.
 */
#include <string.h>

#include "proto/law/law.h"

void hf_hearing_refuse(struct hf_hearing *hearing, enum hf_rc rc, const struct hf_digest *digest,
		       const struct hf_err *err)
{
	struct hf_refusal *refusal = &hearing->refused[hearing->n_refused];
	size_t len = strnlen(err->text, sizeof(refusal->text) - 1);

	if (hearing->n_refused == HF_LEN(hearing->refused))
		return;
	hearing->n_refused++;
	memset(refusal, 0, sizeof(*refusal));
	refusal->rc = rc;
	if (digest)
		refusal->digest = *digest;
	memcpy(refusal->text, err->text, len);
}
