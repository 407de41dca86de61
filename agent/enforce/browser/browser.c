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

#include "agent/enforce/browser/browser_set.h"
#include "agent/enforce/common/saw.h"

struct hf_layer {
	struct hf_policy_set *set;
	char useless[80];	  /* an address that blocks nothing, of an older register; "": none */
	struct hf_strs addresses; /* what the plan blocks; the strings are ours too */
	char gives_way[100];	  /* for whom; "": to nobody */
};

/* The plan --------------------------------------------------------------------------------------------------------- */

static void addresses_done(struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++)
		free((void *)(uintptr_t)addresses->v[i]);
	hf_strs_done(addresses);
}

static size_t borrow_addresses(const struct hf_plan *plan, const char **v)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		for (size_t j = 0; block->machine_wide && j < block->addresses->n; j++) {
			if (v)
				v[n] = block->addresses->v[j];
			n++;
		}
	}
	return n;
}

static enum hf_rc take_addresses(const struct hf_plan *plan, struct hf_strs *ret, struct hf_err *err)
{
	struct hf_strs list = {.v = calloc(borrow_addresses(plan, NULL) + 1, sizeof(*list.v)), .n = 0};
	bool whole = list.v;
	if (whole) {
		list.n = borrow_addresses(plan, list.v);
		hf_policy_addresses(&list);
	}
	for (size_t i = 0; whole && i < list.n; i++) {
		list.v[i] = strdup(list.v[i]);
		whole = list.v[i];
		if (!whole)
			list.n = i;
	}
	if (whole) {
		*ret = list;
		return HF_OK;
	}
	addresses_done(&list);
	return hf_err_set(err, HF_E_MEMORY, "No memory for the blocked addresses");
}

static enum hf_rc text_of(const void *arg, const struct hf_policy_file *foreign, size_t n, char **ret)
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

static enum hf_rc layer_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_strs fresh;
	enum hf_rc rc = take_addresses(plan, &fresh, err);
	if (rc != HF_OK)
		return rc;
	struct hf_strs before = layer->addresses;
	const struct hf_policy_text text = {.fn = text_of, .arg = &layer->addresses};
	layer->addresses = fresh;
	layer->useless[0] = '\0';
	for (size_t i = 0; i < fresh.n; i++) {
		if (!hf_address_blocks(fresh.v[i]))
			snprintf(layer->useless, sizeof(layer->useless), "%.79s", fresh.v[i]);
	}
	say_gives_way(layer, plan);
	rc = hf_policy_set_apply(layer->set, fresh.n > 0 ? &text : NULL, err);
	addresses_done(&before);
	return rc;
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static void say_locked(const struct hf_layer *layer, struct hf_saw *saw)
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
			 "%zu addresses blocked for everybody; %zu of %zu running browsers have not read that yet "
			 "(process %d)",
			 layer->addresses.n, due->n_waiting, due->n_running, (int)due->one_waiting);
	} else {
		snprintf(saw->text, sizeof(saw->text),
			 "%zu addresses blocked for everybody; %zu running browsers have read that%s%.80s",
			 layer->addresses.n, due->n_running, layer->gives_way[0] ? "; the rest is " : "",
			 layer->gives_way);
	}
}

static void layer_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	hf_policy_set_probe(layer->set, &saw);
	if (layer->addresses.n > 0 && !saw.text[0])
		say_locked(layer, &saw);
	else if (!saw.text[0] && layer->gives_way[0])
		snprintf(saw.text, sizeof(saw.text), "Gives way: %s", layer->gives_way);
	*ret_saw = saw;
}

static void layer_close(struct hf_layer **address)
{
	struct hf_layer *layer = *address;
	if (!layer)
		return;
	hf_policy_set_close(&layer->set);
	addresses_done(&layer->addresses);
	free(layer);
	*address = NULL;
}

static enum hf_rc layer_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			     const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the layer of browsers");
	enum hf_rc rc = hf_policy_set_open(loop, conf, HF_POLICY_LOCKDOWN, calls, &layer->set, err);
	if (rc != HF_OK) {
		layer_close(&layer);
		return rc;
	}
	*ret_layer = layer;
	return HF_OK;
}

static bool has_work(const struct hf_block *block)
{
	return block->machine_wide && block->addresses->n > 0;
}

const struct hf_layer_ops hf_layer_browser = {.name = "browser",
					      .needs = "a browser that reads managed policies from a folder",
					      .has_work = has_work,
					      .check = hf_layer_any_machine,
					      .open = layer_open,
					      .apply = layer_apply,
					      .probe = layer_probe,
					      .close = layer_close};
