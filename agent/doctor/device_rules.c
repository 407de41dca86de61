/* SPDX-License-Identifier: MIT */
/*
 * Owns what is wrong with a device, by what was seen of it.
 * Must never look at anything itself, nor take for well what was not seen.
 */
#include <string.h>

#include <holdfast/text.h>

#include "agent/doctor/device_facts.h"
#include "agent/talk/answer.h"

#define CLOCK_S 120	 /* what a clock may be off by without harm */
#define BEAT_MOST_S 900 /* a state is signed anew at least this often */

void hf_device_facts_done(struct hf_device_facts *facts)
{
	json_decref(facts->view);
	*facts = (struct hf_device_facts){0};
}

/* False: there is nothing to look at. */
static bool find_enrolment(struct hf_findings *f, const struct hf_device_facts *facts)
{
	f->looked++;
	if (facts->enrolled == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "enrolment"), HF_E_ABSENT,
				 "This device is not enrolled, so nothing is ever shut here: `holdfast-agent request`, and then "
				 "`holdfast-agent enrol`.");
	else if (facts->settings == HF_E_ROLE)
		(void)hf_err_set(hf_finding_unseen(f, "settings"), facts->settings, "the settings: this user may not look; root may.");
	else if (facts->settings != HF_OK)
		(void)hf_err_set(hf_finding_grave(f, "settings"), facts->settings, "The settings cannot be read: %s.",
				 facts->settings_why.text);
	return facts->enrolled != HF_SEEN_NO;
}

/* What the agent itself says of a layer. */
static void find_said_layers(struct hf_findings *f, const json_t *view)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(view, "layers"), i, row)
	{
		f->looked++;
		if (hf_said_is(row, "state", hf_layer_state_name(HF_LAYER_FAILED)))
			(void)hf_err_set(hf_finding_grave(f, "layer"), HF_E_SYSTEM, "The layer %s has failed: %s", hf_said_text(row, "name"),
					 hf_said_text(row, "saw"));
		else if (hf_said_is(row, "state", hf_layer_state_name(HF_LAYER_OFF)))
			(void)hf_err_set(hf_finding_warning(f, "layer"), HF_E_SYSTEM,
					 "The layer %s is switched off in agent.conf: what it would block is not blocked.",
					 hf_said_text(row, "name"));
	}
}

/* What the server signed last says what its clock said, and how long ago that was heard. */
static void find_server_clock(struct hf_findings *f, const json_t *view)
{
	const int64_t now = hf_said_time(view, "now").s, issued = hf_said_time(view, "issued").s;
	const int64_t heard_s = hf_said_time(view, "heard_s").s, ahead = now - issued - heard_s;

	f->looked++;
	if (hf_said_true(view, "stale"))
		(void)hf_err_set(hf_finding_warning(f, "server"), HF_E_SYSTEM,
				 "This device has not heard the council's server lately: `journalctl -u holdfast-link` says why.");
	if (issued > 0 && now + CLOCK_S < issued)
		(void)hf_err_set(hf_finding_grave(f, "clock"), HF_E_SYSTEM,
				 "This device's clock is %lld s behind that of the council's server: set it right, or what is to "
				 "begin begins late.",
				 (long long)(issued - now));
	else if (issued > 0 && heard_s >= 0 && !hf_said_true(view, "stale") && ahead > BEAT_MOST_S + CLOCK_S)
		(void)hf_err_set(hf_finding_grave(f, "clock"), HF_E_SYSTEM,
				 "This device's clock is about %lld s ahead of that of the council's server: set it right, or what "
				 "is to end ends early.",
				 (long long)ahead);
}

static void find_agent(struct hf_findings *f, const struct hf_device_facts *facts)
{
	const json_t *one;
	size_t i;

	f->looked++;
	if (facts->agent != HF_OK) {
		(void)hf_err_set(hf_finding_grave(f, "agent"), facts->agent,
				 "The agent does not answer (%s): `systemctl start holdfast-agent`; what it had shut stays shut.",
				 facts->agent_why.text);
		return;
	}
	json_array_foreach(json_object_get(facts->view, "attention"), i, one)
	{
		(void)hf_err_set(hf_finding_grave(f, "attention"), HF_E_SYSTEM, "The agent says: %s.", json_string_value(one));
	}
	if (hf_said_true(facts->view, "unknown"))
		(void)hf_err_set(hf_finding_grave(f, "memory"), HF_E_ABSENT,
				 "This device has lost what it knew, and is shut: look why, and have two officers let it open "
				 "(`holdfast recover`).");
	find_said_layers(f, facts->view);
	find_server_clock(f, facts->view);
}

/* What needs the kernel, and was tried a moment ago. */
static void find_trial(struct hf_findings *f, const char *what, const char *for_what, const struct hf_trial_seen *trial)
{
	f->looked++;
	if (trial->works == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, what), HF_E_SYSTEM, "%s does not work on this machine (%s): the layer that needs it cannot hold.",
				 for_what, trial->why.text);
	else if (trial->works == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, what), HF_E_ROLE, "%s: %s", for_what,
				 trial->why.text[0] ? trial->why.text : hf_text("this user may not try it; root may."));
}

static void find_proxies(struct hf_findings *f, const struct hf_device_facts *facts)
{
	f->looked++;
	if (facts->proxies_hidden)
		(void)hf_err_set(hf_finding_warning(f, "proxy"), HF_E_SYSTEM,
				 "A browser's policy leads to a proxy by a script of the network or by a name: say its address in "
				 "network.proxy of agent.conf, or what programs say to it is read like what they say to any other server.");
}

static void find_layer(struct hf_findings *f, const struct hf_layer_needs_seen *layer)
{
	f->looked += 2;
	if (layer->machine.works == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "layer-machine"), HF_E_SYSTEM, "The layer %s lacks what it needs on this machine: %s",
				 layer->name, layer->machine.why.text);
	else if (layer->machine.works == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "layer-machine"), HF_E_ROLE,
				 "what the layer %s needs on this machine: this user may not try it; root may.", layer->name);
	if (layer->rights == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "rights"), HF_E_ROLE,
				 "The agent lacks %s for the layer %s, which is never verified so: take away what changes "
				 "CapabilityBoundingSet= in its unit (`systemctl cat holdfast-agent`), and start it again.",
				 layer->lacks, layer->name);
	else if (layer->rights == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "rights"), HF_E_ROLE, "whether the agent has its rights for the layer %s.", layer->name);
}

static void find_kernel(struct hf_findings *f, const struct hf_device_facts *facts)
{
	find_trial(f, "others-exe", hf_text("Seeing what another user's process runs"), &facts->others_exe);
	find_trial(f, "freezer", hf_text("Freezing and thawing a program"), &facts->frozen);
	find_trial(f, "nfqueue", hf_text("Reading server names of packets (NFQUEUE)"), &facts->queue);
	find_trial(f, "nflog", hf_text("Hearing who was refused an address (NFLOG)"), &facts->logged);
	for (size_t i = 0; i < facts->n_layers; i++)
		find_layer(f, &facts->layers[i]);
}

static void find_socket(struct hf_findings *f, const struct hf_device_facts *facts)
{
	f->looked++;
	if (facts->socket_own == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_grave(f, "link-socket"), HF_E_KEY,
				 "%s belongs to somebody else: what the link is told there is not the agent's. Find out who made it, "
				 "remove it, and start the agent again.",
				 facts->socket);
	else if (facts->socket_own == HF_SEEN_NOT && facts->agent == HF_OK)
		(void)hf_err_set(hf_finding_unseen(f, "link-socket"), HF_E_ROLE, "whose %s is.", facts->socket);
}

static void find_clock(struct hf_findings *f, const struct hf_device_facts *facts)
{
	f->looked++;
	if (facts->clock_kept == HF_SEEN_NOT)
		(void)hf_err_set(hf_finding_unseen(f, "clock"), HF_E_SYSTEM, "whether a time server keeps this device's clock.");
	else if (facts->clock_kept == HF_SEEN_NO)
		(void)hf_err_set(hf_finding_warning(f, "clock"), HF_E_SYSTEM,
				 "No time server keeps this device's clock: look with `timedatectl`, and set one up.");
}

void hf_find_device(struct hf_findings *f, const struct hf_device_facts *facts, struct hf_wall now)
{
	if (!find_enrolment(f, facts))
		return;
	find_agent(f, facts);
	find_kernel(f, facts);
	find_socket(f, facts);
	if (facts->broker_looked)
		hf_find_broker(f, &facts->broker);
	find_proxies(f, facts);
	for (size_t i = 0; i < facts->n_files; i++)
		hf_find_file(f, "file", &facts->files[i]);
	for (size_t i = 0; i < facts->n_certs; i++)
		hf_find_certificate(f, hf_text("Take this device in anew before it ends."), &facts->certs[i], now);
	find_clock(f, facts);
}
