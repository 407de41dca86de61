/* SPDX-License-Identifier: MIT */
/*
 * wait.h - watch an order arrive: on how many devices it is enforced, or released, and on which not yet
 *
 * Room controller/cli.
 */
#ifndef HOLDFAST_CLI_WAIT_H
#define HOLDFAST_CLI_WAIT_H

#include "controller/office/council_view.h"

/* What is waited for. */
struct hf_awaited {
	const struct hf_digest *lockdown;
	const struct hf_strs *groups; /* of the devices that it bears on */
	int64_t rev;		      /* a report about an earlier revision does not count */
	bool released;		      /* else enforced */
	bool exercise;
	bool scheduled; /* it has not begun: a device that holds it has done all that it can */
};

/*
 * hf_wait - ask the controller again and again until every device reports it, or the time is over
 *
 * One line that is painted anew on a terminal, a line at each change otherwise.
 * @seconds  0: ask once
 * @answer   gets "devices", "done", "not_yet": [{"device", "state"}]
 * Returns   HF_OK also when some have not; reasons of hf_client_get
 * Source    mission.md "Enforced and verified, not received"
 */
HF_NODISCARD enum hf_rc hf_wait(struct hf_cli *cli, const struct hf_awaited *awaited, int64_t seconds, json_t *answer,
				struct hf_err *err);

/*
 * hf_wait_standing - how a lockdown stands on one device, as the controller shows it
 *
 * Owner     text of the device, or static
 * Returns   one of the ten states
 * Source    mission.md "States a device can be in"
 */
const char *hf_wait_standing(const json_t *device, const struct hf_awaited *awaited);

/*
 * hf_wait_is_done - has a device of this standing been seen to do what was ordered
 *
 * @released  asked of a release; else of a lockdown in force
 * Returns   true or false
 * Source    mission.md "Enforced and verified, not received"
 */
bool hf_wait_is_done(const char *standing, bool released);

/*
 * hf_wait_holds - has a device of this standing done what is awaited of it
 *
 * Returns   as hf_wait_is_done; of one that is scheduled also true when it has been received
 * Source    mission.md "The three people": it starts by itself on every device
 */
bool hf_wait_holds(const char *standing, const struct hf_awaited *awaited);

#endif
