/* SPDX-License-Identifier: MIT */
/*
 * browser_folder.h - our files in one folder of managed policies
 *
 * A neutral base file is there for good: while it is the newest file, a browser takes in changes beside it at once
 * instead of waiting five seconds.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_BROWSER_FOLDER_H
#define HOLDFAST_AGENT_ENFORCE_BROWSER_FOLDER_H

#include <holdfast/conf.h>

#include "browser_policy.h"

struct hf_policy_folder {
	char path[HF_CONF_TEXT_SIZE];	/* .../managed */
	char name[HF_POLICY_NAME_SIZE]; /* of our lockdown file that should be there; "" for none */
	char *text;			/* what should stand in it; NULL for none */
};

/* What is there of what should be there. */
enum hf_policy_there { HF_POLICY_SAME, HF_POLICY_GONE, HF_POLICY_OTHER };

/*
 * hf_policy_folder_open - make the folder and its base file where they are missing; find what an earlier life left
 *
 * @folder   filled in; name and text are those of a lockdown file that is there
 * Owner     hf_policy_folder_close
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    facts.md "The device"
 */
HF_NODISCARD enum hf_rc hf_policy_folder_open(struct hf_policy_folder *folder, const char *path, struct hf_err *err);

/*
 * hf_policy_folder_put - make the lockdown file what these addresses and the other files make it
 *
 * @ret_changed  true when its text or name is another than before
 * Owner     nothing is kept of addresses
 * Returns   HF_OK it is there; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY (whatever was there stands)
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_policy_folder_put(struct hf_policy_folder *folder, const struct hf_strs *addresses,
					     bool *ret_changed, struct hf_err *err);

/*
 * hf_policy_folder_write - write the lockdown file again as it should be, so that browsers look
 *
 * @fresh    true: with the time of now, which browsers notice in any case, but only after five seconds
 * Owner     -
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    facts.md "The device"
 */
HF_NODISCARD enum hf_rc hf_policy_folder_write(struct hf_policy_folder *folder, bool fresh, struct hf_err *err);

/*
 * hf_policy_folder_age - give the lockdown file its older time again, so that its removal is taken in at once
 *
 * Owner     -
 * Returns   nothing
 * Source    facts.md "The device"
 */
void hf_policy_folder_age(struct hf_policy_folder *folder);

/*
 * hf_policy_folder_look - is our file as it should be
 *
 * Owner     -
 * Returns   what is there
 * Source    mission.md "Enforced and verified"
 */
enum hf_policy_there hf_policy_folder_look(const struct hf_policy_folder *folder);

/*
 * hf_policy_folder_clear - remove our lockdown files; hf_policy_folder_stir - a change that leaves nothing behind
 *
 * Owner     -
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_policy_folder_clear(struct hf_policy_folder *folder, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_policy_folder_stir(struct hf_policy_folder *folder, struct hf_err *err);

/*
 * hf_policy_folder_close - free; what is in the folder stays
 *
 * Owner     ends
 * Returns   nothing
 * Source    -
 */
void hf_policy_folder_close(struct hf_policy_folder *folder);

#endif
