/* SPDX-License-Identifier: MIT */
/*
 * unreached.h - browsers that neither policy nor engine reaches: from Snap, from Flatpak, of a person's own, of other
 * makers
 *
 * They are found and named, not blocked: for them there is the network. A copy of Firefox or Chromium reads the same
 * settings as the one that is installed; the layers of those two look after it.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_OTHERS_UNREACHED_H
#define HOLDFAST_AGENT_ENFORCE_OTHERS_UNREACHED_H

#include <holdfast/report.h>

#include "agent/machine/procs.h"

#define HF_UNREACHED_HOMES_MAX 256 /* people who have a home on one device */

/* What lies beside a program, or says where it came from. */
struct hf_unreached_signs {
	bool flatpak; /* its root has the mark of Flatpak */
	bool xul;     /* Firefox's library */
	bool paks;    /* Chromium's resources */
	bool app;     /* what makes an application, and no browser, of those resources */
};

/*
 * hf_unreached_name - the name for people of a running browser that cannot be reached
 *
 * Pure.
 * @name     room for HF_ID_SIZE
 * Returns   true: it is one; false: no browser, one of its helpers, or one that another layer looks after
 * Source    policy D9.2
 */
bool hf_unreached_name(const struct hf_command *command, const struct hf_unreached_signs *signs, char *name);

/* What was found. */
struct hf_unreached {
	size_t n_running;
	size_t n_installed;
	char names[HF_SAW_MAX / 2]; /* for people; as many as there is room for */
};

/*
 * hf_unreached_running - look at every process
 *
 * @unreached  counted up
 * Returns   HF_OK; HF_E_SYSTEM /proc cannot be read
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_unreached_running(struct hf_unreached *unreached, struct hf_err *err);

/*
 * hf_unreached_installed - look in the places of Snap, Flatpak and other makers, and two levels deep into homes
 *
 * @root       "" for the machine's own
 * @homes      n folders
 * @unreached  counted up
 * Source    policy D9.2
 */
void hf_unreached_installed(struct hf_unreached *unreached, const char *root, const char *const *homes, size_t n);

#endif
