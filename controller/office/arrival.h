/* SPDX-License-Identifier: MIT */
/*
 * arrival.h - how far an order has come: on how many devices it is enforced, or released, and on which not yet
 */
#ifndef HOLDFAST_OFFICE_ARRIVAL_H
#define HOLDFAST_OFFICE_ARRIVAL_H

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

/* One look at all devices. */
struct hf_look {
	size_t devices, done;
	json_t *not_yet; /* [{"device", "state"}] */
};

/*
 * hf_arrival_look - ask the controller once
 *
 * @ret_look  its not_yet is the caller's; untouched unless HF_OK
 * Returns   reasons of hf_client_get
 */
HF_NODISCARD enum hf_rc hf_arrival_look(const struct hf_office *office, const struct hf_awaited *awaited,
					struct hf_look *ret_look, struct hf_err *err);

/*
 * hf_arrival_standing - how a lockdown stands on one device, as the controller shows it
 *
 * Owner     text of the device, or static
 * Returns   one of the ten states
 * Source    controller/API.md "Which of the ten states"
 */
const char *hf_arrival_standing(const json_t *device, const struct hf_awaited *awaited);

/*
 * hf_arrival_is_done - has a device of this standing been seen to do what was ordered
 *
 * @released  asked of a release; else of a lockdown in force
 * Source    controller/API.md "Which of the ten states"
 */
bool hf_arrival_is_done(const char *standing, bool released);

/*
 * hf_arrival_holds - has a device of this standing done what is awaited of it
 *
 * Returns   as hf_arrival_is_done; of one that is scheduled also true when it has been received
 */
bool hf_arrival_holds(const char *standing, const struct hf_awaited *awaited);

#endif
