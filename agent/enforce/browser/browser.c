/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that refuses addresses in browsers by managed policy.
 * Must never call an address blocked that no browser would block.
 */
#include "agent/enforce/enforce.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/common/policies/policy_addresses.h"
#include "agent/enforce/common/policies/policy_set.h"
#include "agent/enforce/common/saw.h"

struct hf_layer {
	struct hf_policy_set *set;
	char useless[80];	  /* an address that blocks nothing, of an older register; "": none */
	struct hf_strs addresses; /* what the plan blocks; the strings are ours too */
	char gives_way[100];	  /* for whom; "": to nobody */
};

/* The plan --------------------------------------------------------------------------------------------------------- */

static enum hf_rc lockdown_text(const void *arg, const struct hf_policy_file *foreign, size_t n, char **ret)
{
	return hf_policy_lockdown(foreign, n, arg, ret);
}

/* The login names for which it is open, as many as fit. */
static void names_of(const struct hf_block *block, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < block->n_open_for; i++) {
		char room[1024];
		struct passwd entry;
		struct passwd *found = NULL;
		if (getpwuid_r(block->open_for[i], &entry, room, sizeof(room), &found) != 0 || !found)
			continue;
		if (hf_str_printf(text + used, size - used, "%s%s", used > 0 ? ", " : "", found->pw_name) != HF_OK) {
			text[used] = '\0';
			return;
		}
		used += strlen(text + used);
	}
}

static void say_gives_way(struct hf_layer *layer, const struct hf_plan *plan)
{
	char names[32];
	layer->gives_way[0] = '\0';
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		if (block->machine_wide || block->addresses->n == 0)
			continue;
		names_of(block, names, sizeof(names));
		snprintf(layer->gives_way, sizeof(layer->gives_way),
			 "open for %s, who alone are here; the extension blocks the others", names);
		return;
	}
}

static void say_useless(struct hf_layer *layer)
{
	layer->useless[0] = '\0';
	for (size_t i = 0; i < layer->addresses.n; i++) {
		if (!hf_address_blocks(layer->addresses.v[i]))
			snprintf(layer->useless, sizeof(layer->useless), "%.79s", layer->addresses.v[i]);
	}
}

static enum hf_rc browser_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	const struct hf_policy_text text = {.fn = lockdown_text, .arg = &layer->addresses};
	if (hf_policy_addresses_of(plan, &layer->addresses) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the blocked addresses");
	say_useless(layer);
	say_gives_way(layer, plan);
	return hf_policy_set_apply(layer->set, layer->addresses.n > 0 ? &text : NULL, err);
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void say_browsers(const struct hf_layer *layer, struct hf_saw *saw)
{
	const struct hf_readers_due *due = hf_policy_set_due(layer->set);
	if (layer->addresses.n > HF_POLICY_ADDRESSES_MAX) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%zu addresses are to be blocked; browsers take only %d",
			   layer->addresses.n, HF_POLICY_ADDRESSES_MAX);
	} else if (layer->useless[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED,
			   "The register's address \"%s\" blocks nothing in a browser; write the site's name there",
			   layer->useless);
	} else if (due->n_waiting > 0) {
		snprintf(saw->text, sizeof(saw->text),
			 "addresses blocked for everybody: %zu; running browsers that have not read that yet: %zu of %zu "
			 "(process %d)",
			 layer->addresses.n, due->n_waiting, due->n_running, (int)due->one_waiting);
	} else {
		snprintf(saw->text, sizeof(saw->text),
			 "addresses blocked for everybody: %zu; running browsers that have read that: %zu%s%.80s",
			 layer->addresses.n, due->n_running, layer->gives_way[0] ? "; the rest is " : "",
			 layer->gives_way);
	}
}

static void browser_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	hf_policy_set_probe(layer->set, &saw);
	if (layer->addresses.n > 0 && !saw.text[0])
		say_browsers(layer, &saw);
	else if (!saw.text[0] && layer->gives_way[0])
		snprintf(saw.text, sizeof(saw.text), "Gives way: %s", layer->gives_way);
	*ret_saw = saw;
}

static void browser_close(struct hf_layer *layer)
{
	hf_policy_set_close(&layer->set);
	hf_policy_addresses_done(&layer->addresses);
}

static enum hf_rc browser_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	return hf_policy_set_open(home, HF_POLICY_LOCKDOWN, &layer->set, err);
}

static enum hf_rc browser_forget(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; rc == HF_OK && i < HF_POLICY_BROWSERS; i++) {
		if (conf->policies[i] && conf->policies[i][0])
			rc = hf_policy_folder_forget(conf->policies[i], err);
	}
	return rc;
}

static bool browser_has_work(const struct hf_block *block)
{
	return block->machine_wide && block->addresses->n > 0;
}

const struct hf_layer_ops hf_layer_browser = {.name = "browser",
					      .needs = "a browser that reads managed policies from a folder",
					      .rights = HF_RIGHT_SYS_PTRACE,
					      .size = sizeof(struct hf_layer),
					      .has_work = browser_has_work,
					      .check = hf_layer_any_machine,
					      .open = browser_open,
					      .apply = browser_apply,
					      .probe = browser_probe,
					      .close = browser_close,
					      .forget = browser_forget};
