/* SPDX-License-Identifier: MIT */
/*
 * door_ask.h - what IT's terminal says to the council's door, holdfast-joind
 */
#ifndef HOLDFAST_CLI_DOOR_ASK_H
#define HOLDFAST_CLI_DOOR_ASK_H

#include "controller/cli/cli.h"

/* The option of those commands that go to the door. */
#define HF_ARG_DOOR(cli)                                                                                               \
	{                                                                                                              \
		"join-socket", HF_ARG_TEXT, &(cli)->door, "PATH", HF_TEXT("of holdfast-joind (HOLDFAST_JOIN_SOCKET)"), 0 \
	}

/*
 * hf_door_get, hf_door_say - one question to the door; something that is to be done there
 *
 * @path     "/v1/joins"
 * @said     taken over; NULL: no memory
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   as hf_client_get
 * Source    controller/API.md "The door"
 */
HF_NODISCARD enum hf_rc hf_door_get(const struct hf_cli *cli, const char *path, json_t **ret, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_door_say(const struct hf_cli *cli, const char *path, json_t *said, json_t **ret,
				    struct hf_err *err);

#endif
