/* SPDX-License-Identifier: MIT */
/*
 * extension_files.h - all that must lie on this device so that browsers install our extension and find its host
 *
 * The packed extension is signed by a key that was made here; its id follows from that key.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_EXTENSION_EXTENSION_FILES_H
#define HOLDFAST_AGENT_ENFORCE_EXTENSION_EXTENSION_FILES_H

#include <limits.h>

#include "agent/enforce/enforce.h"
#include "agent/enforce/extension/extension_crx.h"

#define HF_EXTENSION_FILES_MAX (HF_POLICY_BROWSERS + 2) /* a host's manifest each, the extension, where it is */

/* One file as it should be. */
struct hf_made_file {
	char path[PATH_MAX];
	char *bytes;
	size_t len;
};

struct hf_extension_files {
	char id[HF_CRX_ID_SIZE];
	char updates[PATH_MAX]; /* address of the file that says where the packed extension is */
	struct hf_made_file v[HF_EXTENSION_FILES_MAX];
	size_t n;
};

/*
 * hf_extension_files_check - is all there that they are made from
 *
 * Returns   HF_OK; HF_E_ABSENT with what is missing
 */
HF_NODISCARD enum hf_rc hf_extension_files_check(const struct hf_enforce_conf *conf, struct hf_err *err);

/*
 * hf_extension_files_make - work out what they should be; makes the key where there is none
 *
 * @ret_files  untouched unless HF_OK
 * Owner     the caller's, to hf_extension_files_done
 * Returns   HF_OK; HF_E_ABSENT; HF_E_KEY; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    tests/FACTS.md "The device"
 */
HF_NODISCARD enum hf_rc hf_extension_files_make(const struct hf_enforce_conf *conf,
						struct hf_extension_files *ret_files, struct hf_err *err);

/*
 * hf_extension_files_put - write those that are not as they should be
 *
 * @ret_found  path of one that was missing or other, NULL when none was; belongs to files
 * Returns   HF_OK all are as they should be; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_extension_files_put(const struct hf_extension_files *files, const char **ret_found,
					       struct hf_err *err);

/*
 * hf_extension_files_forget - remove all of them, and the folders that are there for them alone
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_extension_files_forget(const struct hf_enforce_conf *conf, struct hf_err *err);

/*
 * hf_extension_files_done - free and zero
 */
void hf_extension_files_done(struct hf_extension_files *files);

#endif
