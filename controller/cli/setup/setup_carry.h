/* SPDX-License-Identifier: MIT */
/*
 * setup_carry.h - the steps of a set-up, carried out on this machine
 */
#ifndef HOLDFAST_CLI_SETUP_CARRY_H
#define HOLDFAST_CLI_SETUP_CARRY_H

#include "controller/cli/setup/setup_steps.h"

/* Absent: the key of an officer who brings their own. */
enum hf_setup_outcome { HF_SETUP_WAS_MADE, HF_SETUP_WAS_RENEWED, HF_SETUP_WAS_THERE, HF_SETUP_IS_ABSENT };

/*
 * hf_setup_carry - make it so; done twice it changes nothing
 *
 * No link is followed in a folder that another user owns. What a file of the packages takes the place of is kept beside
 * it, with `.before` behind its name, or `.before-2` and so on where that is taken.
 * @controller  its id, for its settings
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such user, group or file; HF_E_KEY a folder is somebody else's; HF_E_SYSTEM;
 *           reasons of hf_setup_settings
 * Source    useradd(8), openat(2)
 */
HF_NODISCARD enum hf_rc hf_setup_carry(const struct hf_setup_step *step, const char *controller,
				       enum hf_setup_outcome *ret, struct hf_err *err);

/*
 * hf_setup_outcome_name - "made", "renewed", "there", "absent": of --json
 */
const char *hf_setup_outcome_name(enum hf_setup_outcome outcome);

/*
 * hf_setup_command - one command of the machine, which says on stderr what is wrong with it
 *
 * @argv     ends with NULL; looked up in PATH
 * Returns   HF_OK it ended with 0; HF_E_ABSENT there is no such program; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_setup_command(const char *const *argv, struct hf_err *err);

/*
 * hf_setup_has_user - is there such a user, or a sentence which package brings it
 *
 * Returns   HF_OK; HF_E_ABSENT; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_setup_has_user(const char *name, const char *package, struct hf_err *err);

#endif
