/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer of the browser extension: installed for good, told while locked, seen to hold.
 * Must never call a browser held whose extension has not said so itself.
 */
#include "agent/enforce/enforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/policies/policy_set.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/extension/extension_files.h"
#include "agent/machine/browsers.h"

#define GRACE_MS                                                                                                       \
	15000 /* a browser that starts has its extension after 1 to 2 s, on a loaded machine after some more           \
	       */
#define UNDER_WAY "The extension of %zu of %zu browsers has not said yet that it holds (process %d)"

/* For whom one block is open. */
struct spared {
	hf_user v[HF_PAIRS_MAX];
	size_t n;
};

struct hf_layer {
	struct hf_layer_calls calls;
	struct hf_extension_files files;
	struct hf_policy_folder installs[HF_POLICY_BROWSERS]; /* the policy that installs it, for good */
	size_t n_installs;
	struct hf_policy_set *told;
	char *sites; /* what the policy tells it */
	char *plan;  /* what was told last, as text */
	struct hf_policy_extension extension;
	struct spared *spared; /* n_shut of them: of each tool that is shut */
	size_t n_shut;
	size_t n_for_all; /* of these, shut for everybody */
	struct hf_boot_ms changed;
	char found[HF_SAW_MAX + 1];
};

/* What browsers did with it ---------------------------------------------------------------------------------------- */

static bool is_user_shut_out(const struct hf_layer *layer, hf_user uid)
{
	for (size_t i = 0; i < layer->n_shut; i++) {
		bool spared = false;
		for (size_t j = 0; j < layer->spared[i].n; j++)
			spared = spared || layer->spared[i].v[j] == uid;
		if (!spared)
			return true;
	}
	return false;
}

/* 0: it has gone. */
static pid_t parent_of(pid_t pid)
{
	char status[HF_PROC_TEXT_SIZE];
	if (hf_proc_text(pid, "status", status, sizeof(status), NULL) != HF_OK)
		return 0;
	const char *line = strstr(status, "\nPPid:");
	return line ? (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10) : 0;
}

static bool browser_holds(const struct hf_layer *layer, pid_t browser)
{
	const struct hf_told *told = NULL;
	size_t n = layer->calls.told ? layer->calls.told(layer->calls.arg, &told) : 0;
	for (size_t i = 0; i < n; i++) {
		if (told[i].at.ms >= layer->changed.ms && parent_of(told[i].host) == browser)
			return true;
	}
	return false;
}

/* Started for windows in which there are no extensions. Windows that are opened so later cannot be seen from here. */
static bool is_private(pid_t browser)
{
	static const char *const flags[] = {"--incognito", "-incognito", "--guest", "-guest", "--inprivate"};
	char cmdline[HF_PROC_TEXT_SIZE];
	size_t len = 0;
	if (hf_proc_text(browser, "cmdline", cmdline, sizeof(cmdline), &len) != HF_OK)
		return false;
	for (size_t at = 0; at < len; at += strlen(cmdline + at) + 1) {
		for (size_t i = 0; i < HF_LEN(flags); i++) {
			if (strcmp(cmdline + at, flags[i]) == 0)
				return true;
		}
	}
	return false;
}

/* Browsers of people for whom something is shut. */
struct count {
	size_t n, n_held, n_late;
	pid_t one; /* that does not hold; 0: none */
};

static void count_one(const struct hf_layer *layer, const struct hf_reader *reader, struct count *count)
{
	hf_user ids[4];
	int64_t since = reader->since.ms > layer->changed.ms ? reader->since.ms : layer->changed.ms;
	if (hf_proc_ids(reader->proc.pid, ids) != HF_OK || !is_user_shut_out(layer, ids[0]))
		return;
	count->n++;
	bool private = is_private(reader->proc.pid);
	if (!private && browser_holds(layer, reader->proc.pid)) {
		count->n_held++;
		return;
	}
	count->one = reader->proc.pid;
	count->n_late += private || hf_clock_boot().ms - since >= GRACE_MS;
}

static void say_held(const struct hf_layer *layer, struct hf_saw *saw)
{
	const struct hf_reader *readers = NULL;
	size_t n = hf_policy_set_browsers(layer->told, &readers);
	struct count count = {.n = 0};
	for (size_t i = 0; i < n; i++)
		count_one(layer, &readers[i], &count);
	if (count.n_held < count.n)
		saw->state = count.n_late > 0 ? HF_LAYER_FAILED : HF_LAYER_ARMED;
	if (saw->text[0])
		return;
	if (count.n_late > 0)
		snprintf(saw->text, sizeof(saw->text),
			 "%zu of %zu browsers run without our extension (process %d): pages open there go on",
			 count.n_late, count.n, (int)count.one);
	else if (count.n_held < count.n)
		snprintf(saw->text, sizeof(saw->text), UNDER_WAY, count.n - count.n_held, count.n, (int)count.one);
	else
		snprintf(saw->text, sizeof(saw->text),
			 "%zu tools shut, %zu of them for everybody; %zu browsers hold it", layer->n_shut,
			 layer->n_for_all, count.n);
}

/* An extension that lets go of its pages lets go of its host, too. */
static void say_released(const struct hf_layer *layer, struct hf_saw *saw)
{
	const struct hf_told *told = NULL;
	size_t n = layer->calls.told ? layer->calls.told(layer->calls.arg, &told) : 0;
	for (size_t i = 0; i < n; i++) {
		pid_t browser = parent_of(told[i].host);
		if (browser <= 1 || !hf_browser_runs(browser, NULL))
			continue;
		hf_saw_say(saw, HF_LAYER_ARMED, "Released; the extension of process %d still holds", (int)browser);
		return;
	}
}

/* What lies on the device ------------------------------------------------------------------------------------------ */

static enum hf_rc install_text(const void *arg, const struct hf_policy_file *foreign, size_t n, char **ret)
{
	return hf_policy_install(foreign, n, arg, ret);
}

static enum hf_rc told_text(const void *arg, const struct hf_policy_file *foreign, size_t n, char **ret)
{
	return hf_policy_told(foreign, n, arg, ret);
}

static void note_file_tampered(struct hf_layer *layer, const char *path)
{
	snprintf(layer->found, sizeof(layer->found),
		 "The browser extension's file in %.120s had been changed or removed; "
		 "it was put right",
		 path);
}

/* The first time nothing was expected to be there. */
static enum hf_rc put_all(struct hf_layer *layer, bool first, struct hf_err *err)
{
	const struct hf_policy_text text = {.fn = install_text, .arg = &layer->extension};
	const char *found = NULL;
	enum hf_rc rc = hf_extension_files_put(&layer->files, &found, err);
	if (rc == HF_OK && found && !first)
		note_file_tampered(layer, found);
	for (size_t i = 0; rc == HF_OK && i < layer->n_installs; i++) {
		struct hf_policy_folder *folder = &layer->installs[i];
		bool changed = false;
		bool right = !folder->name[0] || hf_policy_folder_look(folder) == HF_POLICY_SAME;
		rc = hf_policy_folder_put(folder, &text, &changed, err);
		if (!right && !first)
			note_file_tampered(layer, folder->path);
	}
	return rc;
}

/* The plan --------------------------------------------------------------------------------------------------------- */

/* What is shut for everybody, in the form in which the agent tells it to a person's browser, with words of its own. */
static json_t *sites_of(const struct hf_plan *plan)
{
	hf_auto_json json_t *list = json_array();
	for (size_t i = 0; list && i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		if (!hf_layer_any_address(block) || !block->machine_wide)
			continue;
		json_t *row = json_pack("{s:s, s:s, s:o}", "tool", block->tool, "name", block->name, "hosts",
					hf_json_from_strs(block->addresses));
		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return json_pack("{s:b, s:i, s:O?, s:s, s:s, s:s}", "locked", 1, "version", 0, "blocks", list, "title",
			 "Posting is stopped", "why",
			 "The council has stopped posting for now. The Holdfast window on this device says why.",
			 "contact", "IT");
}

/* All of a plan that makes a difference to a browser. */
static char *text_of_plan(const struct hf_plan *plan)
{
	char *text = NULL;
	hf_auto_json json_t *list = json_array();
	for (size_t i = 0; list && i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		json_t *users = json_array();
		for (size_t j = 0; users && j < block->n_open_for; j++) {
			if (json_array_append_new(users, json_integer((json_int_t)block->open_for[j])) != 0)
				break;
		}
		json_t *row = json_pack("[s, s, b, o, o]", block->tool, block->name, (int)block->machine_wide,
					hf_json_from_strs(block->addresses), users);
		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return hf_json_text(list, JSON_COMPACT, &text) == HF_OK ? text : NULL;
}

static enum hf_rc take_plan(struct hf_layer *layer, const struct hf_plan *plan, char **ret_sites)
{
	struct spared *spared = calloc(plan->n_blocks + 1, sizeof(*spared));
	hf_auto_json json_t *sites = sites_of(plan);
	char *text = NULL;
	char *key = text_of_plan(plan);
	if (!spared || hf_json_text(sites, JSON_COMPACT, &text) != HF_OK || !key) {
		free(spared);
		free(text);
		free(key);
		return HF_E_MEMORY;
	}
	/* The same plan again, as with each beat, has not to be held anew. */
	if (!layer->plan || strcmp(layer->plan, key) != 0)
		layer->changed = hf_clock_boot();
	free(layer->plan);
	layer->plan = key;
	layer->n_shut = layer->n_for_all = 0;
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		if (!hf_layer_any_address(block))
			continue;
		memcpy(spared[layer->n_shut].v, block->open_for, sizeof(block->open_for));
		spared[layer->n_shut++].n = block->n_open_for;
		layer->n_for_all += block->machine_wide;
	}
	free(layer->spared);
	layer->spared = spared;
	*ret_sites = text;
	return HF_OK;
}

static enum hf_rc extension_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	const struct hf_policy_text text = {.fn = told_text, .arg = &layer->extension};
	char *before = layer->sites;
	char *fresh = NULL;
	enum hf_rc rc = take_plan(layer, plan, &fresh);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "No memory for what the browser extension is told");
	layer->sites = fresh;
	layer->extension.sites = fresh;
	layer->extension.alone = layer->n_for_all < layer->n_shut;
	rc = hf_policy_set_apply(layer->told, layer->n_shut > 0 ? &text : NULL, err);
	free(before);
	return rc;
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void extension_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	struct hf_err err = {""};
	enum hf_rc rc = put_all(layer, false, &err);
	hf_policy_set_probe(layer->told, &saw);
	if (layer->n_shut > 0 && saw.state != HF_LAYER_FAILED)
		say_held(layer, &saw);
	else if (layer->plan && saw.state == HF_LAYER_IDLE)
		say_released(layer, &saw);
	if (rc != HF_OK && layer->n_shut > 0)
		hf_saw_say(&saw, HF_LAYER_FAILED, "%s", err.text);
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

static void extension_close(struct hf_layer *layer)
{
	hf_policy_set_close(&layer->told);
	for (size_t i = 0; i < layer->n_installs; i++)
		hf_policy_folder_close(&layer->installs[i]);
	hf_extension_files_done(&layer->files);
	free(layer->spared);
	free(layer->sites);
	free(layer->plan);
}

static enum hf_rc extension_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	layer->calls = *home->calls;
	enum hf_rc rc = hf_extension_files_make(home->conf, &layer->files, err);
	layer->extension.id = layer->files.id;
	layer->extension.updates = layer->files.updates;
	for (size_t i = 0; rc == HF_OK && i < layer->files.n; i++)
		hf_fs_sweep(layer->files.v[i].path);
	if (rc == HF_OK)
		rc = hf_policy_folders_open(home->conf, HF_POLICY_EXTENSION, layer->installs, &layer->n_installs, err);
	if (rc == HF_OK)
		rc = hf_policy_set_open(home, HF_POLICY_TOLD, &layer->told, err);
	if (rc == HF_OK)
		rc = put_all(layer, true, err);
	return rc;
}

const struct hf_layer_ops hf_layer_extension = {.name = "extension",
						.needs = "the browser extension of this package, and a browser that "
							 "installs it by managed policy",
						.rights = HF_RIGHT_SYS_PTRACE,
						.size = sizeof(struct hf_layer),
						.has_work = hf_layer_any_address,
						.check = hf_extension_files_check,
						.open = extension_open,
						.apply = extension_apply,
						.probe = extension_probe,
						.close = extension_close,
						.forget = hf_extension_files_forget};
