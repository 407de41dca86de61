/* SPDX-License-Identifier: MIT */
/*
 * refused_log.h - what one message from outside was refused for, counted and logged
 */
#ifndef HOLDFAST_AGENT_KEEPER_REFUSED_LOG_H
#define HOLDFAST_AGENT_KEEPER_REFUSED_LOG_H

#include "agent/rules/refused.h"

/*
 * hf_refused_hear - count and log all that one hearing refused
 *
 * @topic    of the message, for the log
 * Returns   how many were refused
 * Source    proto/README.md "Failing"
 */
size_t hf_refused_hear(struct hf_refused_log *log, int64_t *counts, const struct hf_hearing *hearing, const char *topic,
		       struct hf_boot_ms boot);

#endif
