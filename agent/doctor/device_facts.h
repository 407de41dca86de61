/* SPDX-License-Identifier: MIT */
/*
 * device_facts.h - what was seen of a device, as one value, and what is found of it
 */
#ifndef HOLDFAST_AGENT_DOCTOR_DEVICE_FACTS_H
#define HOLDFAST_AGENT_DOCTOR_DEVICE_FACTS_H

#include <holdfast/doctor.h>
#include <holdfast/report.h>

#include "agent/machine/rights.h"

#define HF_DEVICE_FILES 8 /* keys, settings, and the folders that they lie in */

/* What the kernel did for us when it was asked: was it tried, and did it work. */
struct hf_trial_seen {
	enum hf_seen works;
	struct hf_err why; /* it does not, or was not tried */
};

/* One layer that is switched on: has the machine what it needs, and has the agent its rights. */
struct hf_layer_needs_seen {
	const char *name;
	struct hf_trial_seen machine;
	enum hf_seen rights;
	char lacks[HF_RIGHTS_SIZE];
};

struct hf_device_facts {
	enum hf_seen enrolled;
	enum hf_rc settings; /* of the agent and its link */
	struct hf_err settings_why;
	struct hf_file_seen files[HF_DEVICE_FILES];
	size_t n_files;
	struct hf_certificate_seen certs[2]; /* of the link, and of the council's authority */
	size_t n_certs;
	bool broker_looked; /* there are settings to look with */
	struct hf_broker_seen broker;
	enum hf_seen clock_kept; /* does a time server keep this machine's clock */
	enum hf_rc agent;	 /* does it answer; HF_E_ABSENT: it does not run */
	struct hf_err agent_why;
	json_t *view; /* what it says of the device; owned; NULL: nothing */
	enum hf_seen socket_own; /* is the link's socket root's, or the link's own user's */
	const char *socket;
	struct hf_trial_seen others_exe; /* the program of another user's process */
	struct hf_trial_seen frozen;	 /* a child was frozen and thawed */
	struct hf_trial_seen queue;	 /* NFQUEUE */
	struct hf_trial_seen logged;	 /* NFLOG */
	bool proxies_hidden;		 /* a browser's policy leads to proxies that the agent cannot know */
	struct hf_layer_needs_seen layers[HF_LAYERS_MAX];
	size_t n_layers;
};

/*
 * hf_device_facts_done - free what they own
 */
void hf_device_facts_done(struct hf_device_facts *facts);

/*
 * hf_find_device - all that is wrong with a device, by what was seen
 *
 * Pure.
 * @now      by this device's clock
 * Source    deploy/guide/it.md "Is all well?"
 */
void hf_find_device(struct hf_findings *findings, const struct hf_device_facts *facts, struct hf_wall now);

#endif
