/* SPDX-License-Identifier: MIT */
/*
 * rights.h - what the kernel lets this program do, of what only root may
 */
#ifndef HOLDFAST_AGENT_MACHINE_RIGHTS_H
#define HOLDFAST_AGENT_MACHINE_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/rules/layer.h"

#define HF_RIGHTS_SIZE 128 /* the names of all of them, and their end mark */

/*
 * hf_rights_lack - does this program lack one of these, now
 *
 * Where the kernel does not say which it has, it has all: a layer says itself what it could not do.
 * @needed      bits
 * @ret_names   of those that it lacks, "CAP_KILL, CAP_SETUID"; "" when it has all
 * Returns      true or false
 * Source       capabilities(7), proc(5)
 */
bool hf_rights_lack(uint64_t needed, char ret_names[HF_RIGHTS_SIZE]);

/*
 * hf_rights_own - those that this program has, now
 *
 * Returns      bits; all of them where the kernel does not say
 * Source       capabilities(7), proc(5)
 */
uint64_t hf_rights_own(void);

/*
 * hf_rights_parse - those that a program has, in the text of its /proc/PID/status
 *
 * @ret      untouched unless true
 * Returns   true or false: it does not say so
 * Source    proc(5)
 */
bool hf_rights_parse(const char *status, uint64_t *ret);

/*
 * hf_rights_names - the same, of the bits that are known
 *
 * @has      bits
 * Returns   true: it lacks one
 */
bool hf_rights_names(uint64_t needed, uint64_t has, char ret_names[HF_RIGHTS_SIZE]);

#endif
