/* SPDX-License-Identifier: MIT */
/*
 * out.h - an answer on standard output, whole or not at all
 */
#ifndef HOLDFAST_AGENT_TERMINAL_OUT_H
#define HOLDFAST_AGENT_TERMINAL_OUT_H

#include <jansson.h>

#include <holdfast/err.h>

/*
 * hf_out_flushed - has all that was written come out; hf_out_json - write an answer for programs, and flush it
 *
 * Returns   HF_OK; HF_E_SYSTEM it cannot be written
 */
HF_NODISCARD enum hf_rc hf_out_flushed(struct hf_err *err);
HF_NODISCARD enum hf_rc hf_out_json(const json_t *answer, struct hf_err *err);

#endif
