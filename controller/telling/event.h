/* SPDX-License-Identifier: MIT */
/*
 * event.h - what a machine is told, as JSON
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_EVENT_H
#define HOLDFAST_TELLING_EVENT_H

#include "controller/telling/letter.h"

/*
 * hf_event_write - write what hooks are told: {"type", "timestamp", "data"}
 *
 * @letter   what people are told of the same, which is in it as "subject" and "text"
 * @ret      its subject that of the letter, its body the JSON; to hf_letter_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    controller/API.md "Events"
 */
HF_NODISCARD enum hf_rc hf_event_write(const struct hf_letter_matter *matter, const struct hf_tell *tell,
				       const struct hf_letter *letter, struct hf_letter *ret, struct hf_err *err);

#endif
