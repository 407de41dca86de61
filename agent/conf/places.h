/* SPDX-License-Identifier: MIT */
/*
 * places.h - where an agent's files lie
 */
#ifndef HOLDFAST_AGENT_CONF_PLACES_H
#define HOLDFAST_AGENT_CONF_PLACES_H

#include <holdfast/err.h>

#define HF_PATH_SIZE 512

/* Where an agent's things lie. */
struct hf_places {
	const char *etc;   /* folder of settings, certificates and keys */
	const char *state; /* folder of the slots */
};

/*
 * hf_place - the path of a file in a folder
 *
 * @path     room for HF_PATH_SIZE
 * Returns   HF_OK; HF_E_SIZE too long
 */
HF_NODISCARD enum hf_rc hf_place(const char *folder, const char *name, char path[HF_PATH_SIZE], struct hf_err *err);

/*
 * hf_place_third - where the third copy of an agent's memory lies, and the number of its last save: beside the folder
 * of the slots, and among the settings
 *
 * @state    folder of the slots
 * @copy, @seal  room for HF_PATH_SIZE each
 * Returns   HF_OK; HF_E_SIZE too long
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_place_third(const char *etc, const char *state, char copy[HF_PATH_SIZE],
				       char seal[HF_PATH_SIZE], struct hf_err *err);

#endif
