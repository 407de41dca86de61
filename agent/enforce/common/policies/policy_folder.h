/* SPDX-License-Identifier: MIT */
/*
 * policy_folder.h - one of our files in one folder of managed policies
 *
 * A neutral base file is there for good: while it is the newest file, a browser takes in changes beside it at once
 * instead of waiting five seconds.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_FOLDER_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_FOLDER_H

#include <holdfast/conf.h>

#include "agent/enforce/common/policies/policy_texts.h"
#include "agent/enforce/enforce.h"

struct hf_policy_folder {
	char path[HF_CONF_TEXT_SIZE];	/* .../managed */
	const char *file;		/* which of our files: HF_POLICY_LOCKDOWN, _TOLD or _EXTENSION */
	char name[HF_POLICY_NAME_SIZE]; /* of our file that should be there; "" for none */
	char *text;			/* what should stand in it; NULL for none */
};

/* Makes the text of our file from what it is about and the other files; HF_OK or HF_E_MEMORY. */
struct hf_policy_text {
	enum hf_rc (*fn)(const void *arg, const struct hf_policy_file *foreign, size_t n, char **ret);
	const void *arg;
};

/* What is there of what should be there. */
enum hf_policy_there { HF_POLICY_SAME, HF_POLICY_GONE, HF_POLICY_OTHER };

/*
 * hf_policy_folder_open - make the folder and its base file where they are missing; find what an earlier life left
 *
 * @folder   filled in; name and text are those of a file of ours that is there
 * @file     static text
 * Owner     hf_policy_folder_close
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    tests/FACTS.md "The device"
 */
HF_NODISCARD enum hf_rc hf_policy_folder_open(struct hf_policy_folder *folder, const char *path, const char *file,
					      struct hf_err *err);

/*
 * hf_policy_folders_open - the same of the folders of all browsers that are there
 *
 * @folders  room for HF_POLICY_BROWSERS
 * @ret_n    how many were opened, also when it fails
 * Owner     each to hf_policy_folder_close
 * Returns   as above
 */
HF_NODISCARD enum hf_rc hf_policy_folders_open(const struct hf_enforce_conf *conf, const char *file,
					       struct hf_policy_folder *folders, size_t *ret_n, struct hf_err *err);

/*
 * hf_policy_folder_put - make our file what this text and the other files make it
 *
 * @ret_changed  true when its text or name is another than before
 * Returns   HF_OK it is there; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY (whatever was there stands)
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_policy_folder_put(struct hf_policy_folder *folder, const struct hf_policy_text *text,
					     bool *ret_changed, struct hf_err *err);

/*
 * hf_policy_folder_write - write our file again as it should be, so that browsers look
 *
 * @fresh    true: with the time of now, which browsers notice in any case, but only after five seconds
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    tests/FACTS.md "The device"
 */
HF_NODISCARD enum hf_rc hf_policy_folder_write(struct hf_policy_folder *folder, bool fresh, struct hf_err *err);

/*
 * hf_policy_folder_age - give our file its older time again, so that its removal is taken in at once
 *
 * Source    tests/FACTS.md "The device"
 */
void hf_policy_folder_age(struct hf_policy_folder *folder);

/*
 * hf_policy_folder_look - is our file as it should be
 *
 * Returns   what is there
 */
enum hf_policy_there hf_policy_folder_look(const struct hf_policy_folder *folder);

/*
 * hf_policy_folder_clear - remove our file, by whatever name; hf_policy_folder_stir - a change that leaves nothing
 * behind
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_policy_folder_clear(struct hf_policy_folder *folder, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_policy_folder_stir(struct hf_policy_folder *folder, struct hf_err *err);

/*
 * hf_policy_folder_forget - remove all files of ours there, and the folder where it is there for them alone
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_policy_folder_forget(const char *path, struct hf_err *err);

/*
 * hf_policy_folder_close - free; what is in the folder stays
 */
void hf_policy_folder_close(struct hf_policy_folder *folder);

#endif
