/* SPDX-License-Identifier: MIT */
/*
 * device_look.h - looks at a device, tries what the layers need, and leaves it as it is
 */
#ifndef HOLDFAST_AGENT_DOCTOR_DEVICE_LOOK_H
#define HOLDFAST_AGENT_DOCTOR_DEVICE_LOOK_H

#include "agent/conf/agent_conf.h"
#include "agent/conf/places.h"
#include "agent/doctor/device_facts.h"
#include "agent/enforce/enforce.h"

/* What is looked at. Borrowed. */
struct hf_device_look {
	const struct hf_places *places;
	const struct hf_agent_conf *conf;
	const struct hf_layer_ops *const *ops; /* n_ops layers, and which are on */
	const bool *on;
	size_t n_ops;
	const struct hf_enforce_conf *enforce;
	int64_t wait_ms; /* for an agent that is about to start; 0: it is looked at as it is */

};

/*
 * hf_device_doctor - look, and say what was found
 *
 * @ret      zeroed before; to hf_findings_done
 * Returns   HF_OK it was looked at, whatever was found; HF_E_MEMORY
 * Source    deploy/guide/it.md "Is all well?"
 */
HF_NODISCARD enum hf_rc hf_device_doctor(const struct hf_device_look *look, struct hf_findings *ret, struct hf_err *err);

/*
 * hf_look_kernel - try what the layers need of the kernel: on a child of our own, on numbers that nobody uses
 *
 * Nothing that is shut is loosened, and nothing is shut.
 * Source    cgroups(7), proc_pid_exe(5), linux/netfilter/nfnetlink_queue.h, linux/netfilter/nfnetlink_log.h
 */
void hf_look_kernel(const struct hf_device_look *look, struct hf_device_facts *ret);

#endif
