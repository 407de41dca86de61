/* SPDX-License-Identifier: MIT */
/*
 * Owns the log lines of what was refused.
 * Must never let somebody who sends bad messages fill the log.
 */
#include "agent/keeper/refused_log.h"

#include <inttypes.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

size_t hf_refused_hear(struct hf_refused_log *log, int64_t *counts, const struct hf_hearing *hearing, const char *topic,
		       struct hf_boot_ms boot)
{
	for (size_t i = 0; i < hearing->n_refused; i++) {
		const struct hf_refusal *refusal = &hearing->refused[i];
		char hex[HF_DIGEST_HEX_SIZE];
		int64_t hushed = 0;

		if (!hf_refused_note(log, counts, refusal->rc, boot, &hushed))
			continue;
		if (hushed > 0)
			hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = "flood"),
				     "%" PRId64 " more were refused and not logged", hushed);
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(refusal->rc)),
			     "topic=%s digest=%.16s", topic, hf_digest_hex(&refusal->digest, hex));
	}
	return hearing->n_refused;
}
