/* SPDX-License-Identifier: MIT */
/*
 * firefox_files.h - our files in Firefox's folder of system settings, beside those of other vendors
 *
 * Two are there for good: a preference that names the engine, and the engine. While something is blocked there are two
 * more: the lock, and a policies.json that has theirs in it; theirs itself waits beside it and is moved back.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_FILES_H
#define HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_FILES_H

#include <holdfast/conf.h>
#include <holdfast/report.h>

#include "agent/enforce/firefox/firefox_policy.h"

#define HF_FIREFOX_FOLDERS 3

struct hf_firefox_files {
	char folder[HF_CONF_TEXT_SIZE];	 /* /etc/firefox */
	char install[HF_CONF_TEXT_SIZE]; /* where Firefox is; other vendors write there too */
	char socket[HF_CONF_TEXT_SIZE];
	char *engine;		    /* as it was written last */
	char *lock;		    /* as it should stand; NULL for none */
	char *policies;		    /* as it should stand; NULL for theirs alone */
	char found[HF_SAW_MAX + 1]; /* what was not as it had been written; "" for nothing */
	char places[HF_FIREFOX_FOLDERS][HF_CONF_TEXT_SIZE + 32]; /* paths of the folders that hold our files */
};

/*
 * hf_firefox_files_open - make what is there for good; find what an earlier life left
 *
 * @files    filled in: lock is that of an earlier life
 * Owner     hf_firefox_files_close
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    tests/FACTS.md "The device"
 */
HF_NODISCARD enum hf_rc hf_firefox_files_open(struct hf_firefox_files *files, const char *folder, const char *install,
					      const char *socket, struct hf_err *err);

/*
 * hf_firefox_files_base - see to it that what is there for good is there
 *
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY; found says when somebody had changed it
 */
HF_NODISCARD enum hf_rc hf_firefox_files_base(struct hf_firefox_files *files, struct hf_err *err);

/*
 * hf_firefox_files_put - block: the lock first, then the policies
 *
 * @lock     one line, as hf_firefox_lock makes it
 * @addresses  what is blocked for everybody; may be empty
 * Owner     lock is copied
 * Returns   HF_OK it is there; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY; found says when somebody had changed it
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_firefox_files_put(struct hf_firefox_files *files, const char *lock,
					     const struct hf_strs *addresses, struct hf_err *err);

/*
 * hf_firefox_files_clear - release: theirs is moved back, then the lock goes
 *
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_firefox_files_clear(struct hf_firefox_files *files, struct hf_err *err);

/*
 * hf_firefox_files_forget - release, then remove what is there for good, and the folders that are there for it alone
 *
 * The preference goes before the engine that it names.
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_firefox_files_forget(const char *folder, struct hf_err *err);

/*
 * hf_firefox_files_close - free; what is in the folder stays
 */
void hf_firefox_files_close(struct hf_firefox_files *files);

#endif
