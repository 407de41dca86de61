/* SPDX-License-Identifier: MIT */
/*
 * show_devices.h - which devices somebody asks for, and a page of them
 */
#ifndef HOLDFAST_CONTROLLER_SHOW_DEVICES_H
#define HOLDFAST_CONTROLLER_SHOW_DEVICES_H

#include "controller/web/query.h"
#include "controller/web/show.h"

#define HF_PAGE_DEVICES_MAX 500 /* rows of one answer: others wait some 20 ms while it is made */

/* What a query says. Texts are borrowed from it. */
struct hf_devices_ask {
	size_t limit;
	const char *after;			       /* the last id of the page before; NULL: the first page */
	const char *id;				       /* this device alone; NULL: all */
	const char *groups[HF_QUERY_MAX];	       /* in any of them */
	size_t n_groups;			       /* 0: in whichever */
	bool states[HF_DEVICE_STATE_COUNT], any_state; /* any_state: none was asked for */
	bool on_lockdown;			       /* those on which this one bears: */
	struct hf_digest lockdown;
	bool standings[HF_DEVICE_STATE_COUNT], any_standing; /* how that one stands there */
	enum hf_query_wish not_enforced, bears, silent, unknown;
	size_t brokers; /* those that last said that they hold this list of brokers, or a later one; 0: whichever */
	size_t epoch; /* those that last said that they hold this trust, or a later one; 0: whichever */
};

/*
 * hf_devices_ask_read - what a query asks for, strictly
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE with one sentence that says what is taken
 * Source    controller/API.md "Devices"
 */
HF_NODISCARD enum hf_rc hf_devices_ask_read(const struct hf_query *query, struct hf_devices_ask *ret,
					    struct hf_err *err);

/*
 * hf_show_devices - one page of the devices that were asked for, in order of their ids, and how many there are in all
 *
 * Pages are cut at an id and not at a number: a device that is there all the while stands on exactly one of them,
 * whatever becomes of the others between two questions.
 * @ret      a new reference, the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such lockdown; HF_E_MEMORY
 * Source    controller/API.md "Devices"
 */
HF_NODISCARD enum hf_rc hf_show_devices(const struct hf_controller *c, const struct hf_devices_ask *ask, json_t **ret,
					struct hf_err *err);

#endif
