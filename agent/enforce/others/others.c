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

#include "agent/enforce/common/apart.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/others/unreached.h"

#define PEOPLE_FROM 1000    /* user ids below are of services */
#define INSTALLED_MS 600000 /* so often homes are looked into; processes with every probe */
#define NOBODY_UID 65534
#define RUNNING_MS 1000 /* a raise is looked at many times in its first second */

struct hf_layer {
	bool wanted;
	bool looked;
	struct hf_boot_ms looked_at;
	struct hf_unreached installed, running;
	struct hf_boot_ms running_at; /* 0: not looked for yet */
};

/* Homes of people, one a line. Whoever knows the people may be a directory. */
static enum hf_rc name_homes(const void *arg, FILE *answer)
{
	const struct passwd *user;
	(void)arg;
	setpwent();
	while ((user = getpwent())) {
		bool person = user->pw_uid >= PEOPLE_FROM && user->pw_uid != NOBODY_UID && user->pw_dir[0] == '/' &&
			      user->pw_dir[1] != '\0' && !strchr(user->pw_dir, '\n');
		if (person)
			fprintf(answer, "%s\n", user->pw_dir);
	}
	return HF_OK;
}

static void look_installed(struct hf_layer *layer)
{
	const char *homes[HF_UNREACHED_HOMES_MAX];
	struct hf_apart_answer answer = {HF_OK, NULL};
	size_t n = 0;
	char *rest = NULL;
	if (hf_apart(name_homes, NULL, &answer, NULL) == HF_OK) {
		for (char *home = strtok_r(answer.text, "\n", &rest); home && n < HF_UNREACHED_HOMES_MAX;
		     home = strtok_r(NULL, "\n", &rest))
			homes[n++] = home;
	}
	layer->installed = (struct hf_unreached){.names = ""};
	hf_unreached_installed(&layer->installed, "", homes, n);
	free(answer.text);
	layer->looked = true;
	layer->looked_at = hf_clock_boot();
}

static enum hf_rc others_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	(void)err;
	bool wanted = false;
	for (size_t i = 0; i < plan->n_blocks; i++)
		wanted = wanted || hf_layer_any_address(&plan->blocks[i]);
	layer->looked = layer->looked && wanted;
	layer->wanted = wanted;
	layer->running_at.ms = 0;
	return HF_OK;
}

/* It is not blocked here. Whether the network does is for whoever sees all layers. */
static void say_unreached(const struct hf_unreached *running, const struct hf_unreached *installed, struct hf_saw *saw)
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

static enum hf_rc look_running(struct hf_layer *layer, struct hf_err *err)
{
	struct hf_boot_ms now = hf_clock_boot();
	if (layer->running_at.ms != 0 && now.ms - layer->running_at.ms < RUNNING_MS)
		return HF_OK;
	layer->running = (struct hf_unreached){.names = ""};
	enum hf_rc rc = hf_unreached_running(&layer->running, err);
	layer->running_at.ms = rc == HF_OK ? now.ms : 0;
	return rc;
}

static void others_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	struct hf_err err = {""};
	if (layer->wanted && look_running(layer, &err) != HF_OK) {
		hf_saw_say(&saw, HF_LAYER_FAILED, "%s", err.text);
	} else if (layer->wanted) {
		if (!layer->looked || hf_clock_boot().ms - layer->looked_at.ms >= INSTALLED_MS)
			look_installed(layer);
		say_unreached(&layer->running, &layer->installed, &saw);
	}
	*ret_saw = saw;
}

const struct hf_layer_ops hf_layer_others = {.name = "others",
					     .needs = "processes and homes that can be looked at",
					     .rights = HF_RIGHT_SYS_PTRACE,
					     .size = sizeof(struct hf_layer),
					     .has_work = hf_layer_any_address,
					     .check = hf_layer_any_machine,
					     .apply = others_apply,
					     .probe = others_probe};
