/* SPDX-License-Identifier: MIT */
/*
 * catalogue.h - the posting tools that are known for each platform, and which of them a council's register takes
 *
 * {"about", "version", "sources", "tools": as in a register, each with "why" (optional, for whoever reads the file)}
 */
#ifndef HOLDFAST_OFFICE_CATALOGUE_H
#define HOLDFAST_OFFICE_CATALOGUE_H

#include <holdfast/json.h>

struct hf_catalogue {
	json_t *doc; /* owns every text below */
	const char *version;
	json_t *tools;
};

#define hf_auto_catalogue __attribute__((cleanup(hf_catalogue_done)))

/*
 * hf_catalogue_read - read a catalogue file; its tools are judged when a register is made of them
 *
 * @ret_catalogue  zeroed before
 * Owner     to hf_catalogue_done, also after a failure
 * Returns   HF_OK; HF_E_ABSENT; HF_E_JSON; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_catalogue_read(const char *path, struct hf_catalogue *ret_catalogue, struct hf_err *err);

/*
 * hf_catalogue_tools - the tools of a register: of the catalogue those that post to a platform of these accounts, then
 * the council's own; an own one takes the place of the catalogue's of that id
 *
 * Pure.
 * @accounts  as in a register
 * @own       as in a register; NULL: none
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    policy D2.3
 */
json_t *hf_catalogue_tools(const struct hf_catalogue *catalogue, const json_t *accounts, const json_t *own);

/*
 * hf_tools_reach_all - has each platform of these accounts a tool with an address
 *
 * Pure. What no tool reaches, no lockdown blocks.
 * Returns   HF_OK; HF_E_SHAPE, and which account has none
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_tools_reach_all(const json_t *accounts, const json_t *tools, struct hf_err *err);

/*
 * hf_catalogue_done - free all, zero the struct
 */
void hf_catalogue_done(struct hf_catalogue *catalogue);

#endif
