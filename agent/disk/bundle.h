/* SPDX-License-Identifier: MIT */
/*
 * bundle.h - what a device was given when it was enrolled: the file that says that it is enrolled at all
 */
#ifndef HOLDFAST_AGENT_DISK_BUNDLE_H
#define HOLDFAST_AGENT_DISK_BUNDLE_H

#include <holdfast/known.h>

#define HF_BUNDLE_MAX (4 * 1024 * 1024) /* bytes: sixty epochs of trust, each at its largest */
#define HF_PEM_MAX 16384
#define HF_BUNDLE_SAID_MAX 256 /* documents: all pages of a state, assignments and lists of brokers beside the newest */

struct hf_bundle {
	json_t *doc; /* owns every text below */
	const char *council, *device;
	const char *host; /* of the broker */
	int64_t port;
	const char *ca, *certificate; /* PEM */
	json_t *trusts, *reg, *register_parts, *assignment;
	json_t *said; /* what the broker would say now; NULL: nothing of it */
};

#define hf_auto_bundle __attribute__((cleanup(hf_bundle_done)))

/*
 * hf_bundle_read - a bundle from its file
 *
 * @ret_bundle  to hf_bundle_done; untouched unless HF_OK
 * Returns      HF_OK; HF_E_ABSENT no such file; HF_E_JSON, HF_E_SHAPE, HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY
 * Source       proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_bundle_read(const char *path, struct hf_bundle *ret_bundle, struct hf_err *err);

/*
 * hf_bundle_known - what a device knows that has just been enrolled with it, each document judged by the law
 *
 * @ret_known  zeroed before; to hf_known_done; untouched unless HF_OK
 * Returns     HF_OK; the first reason why a document of it is refused
 * Source      proto/README.md "Enrolment"
 */
HF_NODISCARD enum hf_rc hf_bundle_known(const struct hf_bundle *bundle, struct hf_known *ret_known, struct hf_err *err);

/*
 * hf_bundle_anchored - is this known from the council's very first trust on, or from a later one that replaced it
 *
 * Asked when a device is enrolled, and not when it begins again: what was enrolled stays so.
 * Returns   HF_OK; HF_E_EPOCH the first trust of the bundle is not of epoch 1
 * Source    proto/README.md "Trust"
 */
HF_NODISCARD enum hf_rc hf_bundle_anchored(const struct hf_bundle *bundle, const struct hf_known *known,
					   struct hf_err *err);

/*
 * hf_bundle_done - free all, zero the struct
 *
 * @bundle   may be zeroed
 */
void hf_bundle_done(struct hf_bundle *bundle);

#endif
