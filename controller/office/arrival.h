/* SPDX-License-Identifier: MIT */
/*
 * arrival.h - how far an order has come: on how many devices it is enforced, or released, and on which not yet
 *
 * All of it is the controller's word.
 */
#ifndef HOLDFAST_OFFICE_ARRIVAL_H
#define HOLDFAST_OFFICE_ARRIVAL_H

#include "controller/office/council_view.h"

#define HF_ARRIVAL_STATES 10

/* The ten states, as people read them: what is wrong before what is well. */
extern const char *const hf_arrival_states[HF_ARRIVAL_STATES];

/* What is waited for. */
struct hf_awaited {
	const struct hf_digest *lockdown;
	bool released; /* else enforced */
	bool spoke;    /* a device that never spoke of it wants nothing: it has nothing to open */
	bool exercise;
	bool beside;	/* with released: another lockdown holds, so a device that has let go of this one stays shut */
	bool scheduled; /* it has not begun: a device that holds it has done all that it can */
};

/* One look at all devices on which it bears. */
struct hf_look {
	size_t devices, n_not_yet;
	json_t *not_yet; /* [{"device", "state", "partly"}], by id; of many the first alone */
};

#define hf_auto_look __attribute__((cleanup(hf_look_done)))

/*
 * hf_arrival_look - ask the controller once
 *
 * @most     how many devices are named at most; 0: all of them
 * @ret_look  to hf_look_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT the controller knows no such lockdown; as hf_client_pages
 * Source    controller/API.md "Devices"
 */
HF_NODISCARD enum hf_rc hf_arrival_look(const struct hf_office *office, const struct hf_awaited *awaited, size_t most,
					struct hf_look *ret_look, struct hf_err *err);

/*
 * hf_arrival_holds - has a device of this standing done what is awaited of it
 *
 * Source    controller/API.md "Which of the ten states"
 */
bool hf_arrival_holds(const char *standing, const struct hf_awaited *awaited);

/*
 * hf_look_done - free all, zero the struct
 */
void hf_look_done(struct hf_look *look);

#endif
