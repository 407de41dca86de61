/* SPDX-License-Identifier: MIT */
/*
 * policy_texts.h - our policy files, beside whatever other policies a machine has
 *
 * Pure.  Chromium reads all files of its folder; for each setting the file whose name comes last decides alone, unless
 * PolicyListMultipleSourceMergeList names the setting: then lists are joined.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_TEXTS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_TEXTS_H

#include <holdfast/json.h>
#include <holdfast/str.h>

#define HF_POLICY_ADDRESSES_MAX 1000 /* a browser takes this many filters from a list and ignores the rest */
#define HF_POLICY_BASE "holdfast.json"
#define HF_POLICY_LOCKDOWN "zzzz-holdfast-lockdown.json"   /* while locked: what is refused */
#define HF_POLICY_TOLD "zzzz-holdfast-told.json"	   /* while locked: what the extension is told */
#define HF_POLICY_EXTENSION "zzzz-holdfast-extension.json" /* for good: that the extension is installed */
#define HF_POLICY_NAME_SIZE 256

/* One file of somebody else. Files stand in the order of their names' bytes. */
struct hf_policy_file {
	const char *name;
	const json_t *doc; /* NULL: it could not be understood, and a browser does not either */
};

/*
 * hf_policy_parse - read a policy file as leniently as browsers do (comments, commas at the end)
 *
 * @ret      an object; untouched unless HF_OK
 * Owner     the caller's, to json_decref
 * Returns   HF_OK; HF_E_JSON; HF_E_MEMORY
 * Source    Chromium's documentation of managed policies on Linux
 */
HF_NODISCARD enum hf_rc hf_policy_parse(const char *text, size_t len, json_t **ret);

/*
 * hf_policy_lockdown - the policy that blocks the addresses and leaves all else as the other files want it
 *
 * @foreign    n files
 * @addresses  as hf_policy_addresses leaves them
 * @ret        the text of the file; untouched unless HF_OK
 * Owner     the caller's, malloc'ed
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_policy_lockdown(const struct hf_policy_file *foreign, size_t n,
					   const struct hf_strs *addresses, char **ret);

/* What the extension is told, and where it comes from. Borrowed. */
struct hf_policy_extension {
	const char *id;
	const char *updates; /* address of the file that says where the packed extension is */
	const char *sites;   /* JSON as the extension reads it from its managed storage */
	bool alone; /* something is shut that is not refused for everybody: the extension's host must be ours */
};

/*
 * hf_policy_told - the policy that tells the extension, and keeps browsers from going where it cannot be
 *
 * @extension  id, sites, alone
 * @ret        as hf_policy_lockdown
 * Owner     the caller's, malloc'ed
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_policy_told(const struct hf_policy_file *foreign, size_t n,
				       const struct hf_policy_extension *extension, char **ret);

/*
 * hf_policy_install - the policy that installs the extension, and leaves those of the other files as they are
 *
 * By ExtensionSettings alone: the list ExtensionInstallForcelist, which most councils use, is not touched.
 * @extension  id, updates
 * @ret        as hf_policy_lockdown
 * Owner     the caller's, malloc'ed
 * Returns   HF_OK; HF_E_MEMORY
 * Source    Chromium's documentation of ExtensionSettings
 */
HF_NODISCARD enum hf_rc hf_policy_install(const struct hf_policy_file *foreign, size_t n,
					  const struct hf_policy_extension *extension, char **ret);

/*
 * hf_policy_name - a name for our file that comes after those of all other files; hf_policy_is - is this such a name
 * of that file; hf_policy_is_ours - of any file of ours but the base
 *
 * @file     one of the three names above
 * @name     room for HF_POLICY_NAME_SIZE
 * Returns   HF_OK; HF_E_SIZE no name can come after one of theirs; true or false
 */
HF_NODISCARD enum hf_rc hf_policy_name(const struct hf_policy_file *foreign, size_t n, const char *file, char *name);
bool hf_policy_is(const char *name, const char *file);
bool hf_policy_is_ours(const char *name);

#endif
