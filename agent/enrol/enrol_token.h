/* SPDX-License-Identifier: MIT */
/*
 * enrol_token.h - the file with which a device joins
 */
#ifndef HOLDFAST_AGENT_ENROL_TOKEN_H
#define HOLDFAST_AGENT_ENROL_TOKEN_H

#include <holdfast/join.h>

/*
 * hf_enrol_token - read it from a file that nobody else may read
 *
 * @ret      untouched unless HF_OK
 * Owner     to hf_join_token_done
 * Returns   HF_OK; HF_E_ABSENT; HF_E_KEY others may read it; reasons of hf_join_token_read
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_enrol_token(const char *path, struct hf_join_token *ret, struct hf_err *err);

#endif
