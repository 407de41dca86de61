/* SPDX-License-Identifier: MIT */
/*
 * firefox_policy.h - the texts that Firefox reads, beside whatever another vendor has written
 *
 * Pure.  Firefox reads one policies.json; the first of /etc/firefox/policies and its own folder that is there.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_POLICY_H
#define HOLDFAST_AGENT_ENFORCE_FIREFOX_FIREFOX_POLICY_H

#include <holdfast/json.h>
#include <holdfast/str.h>

#include "agent/enforce/enforce.h"

#define HF_FIREFOX_ADDRESSES_MAX 1000 /* its filter takes so many patterns and ignores the rest */
#define HF_FIREFOX_FILE_MAX 4194304   /* bytes of a file of another vendor */

/* A text of another vendor as it was read. */
struct hf_firefox_text {
	const char *text; /* NULL: none is there */
	size_t len;
};

/*
 * hf_firefox_policies - a policies.json that filters the addresses and leaves all else as theirs wants it
 *
 * @theirs   what Firefox cannot read blocks nothing for it, and counts as none here
 * @addresses  as hf_policy_addresses leaves them
 * @ret      untouched unless HF_OK
 * Owner     malloc'ed, the caller's
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.2; Mozilla's documentation of policies.json: WebsiteFilter
 */
HF_NODISCARD enum hf_rc hf_firefox_policies(const struct hf_firefox_text *theirs, const struct hf_strs *addresses,
					    char **ret);

/*
 * hf_firefox_policies_ours - is this a text of hf_firefox_policies, or one that was made from it by hand
 *
 * @ret_ours  untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_firefox_policies_ours(const char *text, size_t len, bool *ret_ours);

/*
 * hf_firefox_lock - what the engine in each Firefox is told: for whom which addresses are blocked
 *
 * @plan     without blocks: all is open
 * @extension  path of the extension's file; "" for none
 * @ret, @ret_id  one line of JSON, malloc'ed, and the id in it, which stands for its content; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1, D9.2
 */
HF_NODISCARD enum hf_rc hf_firefox_lock(const struct hf_plan *plan, const char *extension, char **ret,
					char ret_id[HF_DIGEST_HEX_SIZE]);

/* What an engine answers. */
struct hf_firefox_said {
	char holds[HF_DIGEST_HEX_SIZE]; /* id of what it was told last */
	bool refused;			/* it tried, and saw a request refused */
};

/*
 * hf_firefox_said_parse - one line of an engine
 *
 * @ret_said  untouched unless HF_OK
 * Returns   HF_OK; HF_E_JSON; HF_E_SHAPE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_firefox_said_parse(const char *line, size_t len, struct hf_firefox_said *ret_said);

#define HF_FIREFOX_SHIFT 13 /* Firefox's own, where a preference file says nothing */

/* An autoconfig of another vendor, as preference files name it. */
struct hf_firefox_auto {
	char name[256]; /* of its file; "" for none */
	int shift;	/* so much is taken from each byte of it */
};

/*
 * hf_firefox_auto_read - take over what one preference file says of autoconfig
 *
 * @file     changed only where the text says something
 * Source    Mozilla's documentation "Customizing Firefox Using AutoConfig"
 */
void hf_firefox_auto_read(const char *text, struct hf_firefox_auto *file);

/* The paths that stand in the engine. */
struct hf_firefox_paths {
	const char *lock;
	const char *socket;
	const char *policies;
	const char *theirs; /* file of another vendor's autoconfig; "" for none */
	int shift;
};

/*
 * hf_firefox_engine - the engine with the paths of this device in it
 *
 * @ret      untouched unless HF_OK
 * Owner     malloc'ed, the caller's
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_firefox_engine(const struct hf_firefox_paths *paths, char **ret);

#endif
