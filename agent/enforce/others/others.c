/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that says which browsers of this device no other layer reaches.
 * Must never say that there is none without having looked, nor look while nothing is blocked.
 */
#include "agent/enforce/enforce.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>

#include "agent/enforce/common/saw.h"
#include "agent/enforce/others/unreached.h"

#define PEOPLE_FROM 1000    /* user ids below are of services */
#define INSTALLED_MS 600000 /* so often homes are looked into; processes with every probe */
#define NOBODY_UID 65534

struct hf_layer {
	struct hf_layer_calls calls;
	bool wanted;
	bool looked;
	struct hf_boot_ms looked_at;
	struct hf_strays installed;
};

/* Homes of people, each once. */
static size_t homes_of(char *homes[HF_STRAY_HOMES_MAX])
{
	size_t n = 0;
	const struct passwd *user;
	setpwent();
	while (n < HF_STRAY_HOMES_MAX && (user = getpwent())) {
		bool person = user->pw_uid >= PEOPLE_FROM && user->pw_uid != NOBODY_UID && user->pw_dir[0] == '/' &&
			      user->pw_dir[1] != '\0';
		if (person && (homes[n] = strdup(user->pw_dir)))
			n++;
	}
	endpwent();
	return n;
}

static void look_installed(struct hf_layer *layer)
{
	char *homes[HF_STRAY_HOMES_MAX];
	size_t n = homes_of(homes);
	layer->installed = (struct hf_strays){.names = ""};
	hf_strays_installed(&layer->installed, "", (const char *const *)homes, n);
	for (size_t i = 0; i < n; i++)
		free(homes[i]);
	layer->looked = true;
	layer->looked_at = hf_clock_boot();
}

static bool has_work(const struct hf_block *block)
{
	return block->addresses->n > 0;
}

static enum hf_rc layer_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	(void)err;
	bool wanted = false;
	for (size_t i = 0; i < plan->n_blocks; i++)
		wanted = wanted || has_work(&plan->blocks[i]);
	layer->looked = layer->looked && wanted;
	layer->wanted = wanted;
	return HF_OK;
}

/* It is not blocked here. Whether the network does is for whoever sees all layers. */
static void say(const struct hf_strays *running, const struct hf_strays *installed, struct hf_saw *saw)
{
	if (running->n_running > 0) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%zu running browsers can be blocked on the network alone: %s",
			   running->n_running, running->names);
	} else if (installed->n_installed > 0) {
		hf_saw_say(saw, HF_LAYER_ARMED,
			   "%zu browsers that could be started can be blocked on the network alone: %s",
			   installed->n_installed, installed->names);
	} else {
		hf_saw_say(saw, HF_LAYER_VERIFIED, "No browser was found that is out of reach");
	}
}

static void layer_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	struct hf_strays running = {.names = ""};
	struct hf_err err = {""};
	if (layer->wanted && hf_strays_running(&running, &err) != HF_OK) {
		hf_saw_say(&saw, HF_LAYER_FAILED, "%s", err.text);
	} else if (layer->wanted) {
		if (!layer->looked || hf_clock_boot().ms - layer->looked_at.ms >= INSTALLED_MS)
			look_installed(layer);
		say(&running, &layer->installed, &saw);
	}
	*ret_saw = saw;
}

static void layer_close(struct hf_layer **layer)
{
	free(*layer);
	*layer = NULL;
}

static enum hf_rc layer_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			     const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));
	(void)loop;
	(void)conf;
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the layer of other browsers");
	layer->calls = *calls;
	*ret_layer = layer;
	return HF_OK;
}

const struct hf_layer_ops hf_layer_others = {.name = "others",
					     .needs = "processes and homes that can be looked at",
					     .has_work = has_work,
					     .check = hf_layer_any_machine,
					     .open = layer_open,
					     .apply = layer_apply,
					     .probe = layer_probe,
					     .close = layer_close};
