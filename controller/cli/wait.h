/* SPDX-License-Identifier: MIT */
/*
 * wait.h - watch an order arrive: on how many devices it is enforced, or released, and on which not yet
 */
#ifndef HOLDFAST_CLI_WAIT_H
#define HOLDFAST_CLI_WAIT_H

#include "controller/cli/cli.h"
#include "controller/office/arrival.h"

/*
 * hf_wait - ask the controller again and again until every device reports it, or the time is over
 *
 * One line that is painted anew on a terminal, a line at each change otherwise.
 * @seconds  0: ask once
 * @answer   gets "devices", "done", "not_yet": [{"device", "state", "partly"}]
 * Returns   HF_OK also when some have not; reasons of hf_client_get
 * Source    controller/API.md "Which of the ten states"
 */
HF_NODISCARD enum hf_rc hf_wait(struct hf_cli *cli, const struct hf_awaited *awaited, int64_t seconds, json_t *answer,
				struct hf_err *err);

#endif
