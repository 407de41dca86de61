/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper asks its links about the network addresses of hosts, and what it makes of the answer.
 * Must never hand a layer a host that neither the council's register named nor a layer asked for.
 */
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "agent/keeper/keeper_inside.h"

#define HOSTS_AT_ONCE 200   /* names of 253 bytes: fits into one message */
#define LOOKED_UP_MOST 1024 /* a layer asks for some 260 at once */

static bool names_host(const struct hf_keeper *k, const char *host)
{
	const struct hf_register *reg = k->memory.known.reg;
	const struct hf_plan *told = &k->told.plan;

	if (json_object_get(k->looked_up, host))
		return true;
	for (size_t t = 0; reg && t < reg->n_tools; t++) {
		if (hf_strs_has(&reg->tools[t].addresses, host))
			return true;
	}
	for (size_t b = 0; b < told->n_blocks; b++) {
		if (hf_strs_has(told->blocks[b].addresses, host))
			return true;
	}
	return false;
}

static void add_hosts(json_t *hosts, const struct hf_strs *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		if (json_object_set_new(hosts, addresses->v[i], json_true()) != 0)
			hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_MEMORY)),
				     "no memory to ask for the addresses of %s", addresses->v[i]);
	}
}

/* Those of the register, and those of what is blocked by an older one; none twice. */
static json_t *hosts_of(const struct hf_keeper *k)
{
	const struct hf_register *reg = k->memory.known.reg;
	json_t *hosts = json_object();

	for (size_t t = 0; reg && t < reg->n_tools; t++)
		add_hosts(hosts, &reg->tools[t].addresses);
	for (size_t b = 0; b < k->told.plan.n_blocks; b++)
		add_hosts(hosts, k->told.plan.blocks[b].addresses);
	return hosts;
}

static void ask_links(struct hf_keeper *k, json_t *names)
{
	hf_auto_json json_t *question = json_pack("{s:O}", "names", names);
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (json_array_size(names) > 0 && question && hf_json_bytes(question, &text, &len) == HF_OK)
		k->conf.send(k->conf.arg, HF_LOCAL_NAMES, text, len);
	json_array_clear(names);
}

/* What is no longer waited for is forgotten with the rest. */
static void note_looked_up(struct hf_keeper *k, const char *host)
{
	if (json_object_size(k->looked_up) >= LOOKED_UP_MOST)
		json_object_clear(k->looked_up);
	if (!k->looked_up)
		k->looked_up = json_object();
	if (json_object_set_new(k->looked_up, host, json_true()) != 0)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_MEMORY)),
			     "no memory to ask for the addresses of %s", host);
}

static void add_name(struct hf_keeper *k, json_t *names, const char *host)
{
	if (json_array_append_new(names, json_string(host)) == 0 && json_array_size(names) == HOSTS_AT_ONCE)
		ask_links(k, names);
}

void hf_keeper_ask_names(struct hf_keeper *k)
{
	hf_auto_json json_t *hosts = NULL, *names = json_array(), *more = json_array();
	const char *host;
	json_t *value;
	size_t i;

	if (!hf_layers_learns(k->layers))
		return;
	hosts = hosts_of(k);
	if (json_object_size(hosts) > 0)
		hf_layers_names(k->layers, more);
	json_array_foreach(more, i, value)
	{
		note_looked_up(k, json_string_value(value));
		add_name(k, names, json_string_value(value));
	}
	json_object_foreach(hosts, host, value)
	{
		add_name(k, names, host);
	}
	ask_links(k, names);
}

void hf_keeper_look_up(void *arg, const char *host)
{
	struct hf_keeper *k = arg;
	hf_auto_json json_t *names = json_pack("[s]", host);

	note_looked_up(k, host);
	ask_links(k, names);
}

void hf_keeper_learn(struct hf_keeper *k, const void *buf, size_t len)
{
	hf_auto_json json_t *message = NULL, *asked = json_object();
	struct hf_err err = {""};
	const char *host;
	json_t *list;

	if (hf_json_read(buf, len, HF_SOCK_MESSAGE_MAX, &message, &err) != HF_OK) {
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(HF_E_SHAPE)),
			     "a link says nothing sensible about addresses: %s", err.text);
		return;
	}
	json_object_foreach(json_object_get(message, "addresses"), host, list)
	{
		if (names_host(k, host) && json_object_set(asked, host, list) != 0)
			return;
	}
	if (json_object_size(asked) > 0)
		hf_layers_learn(k->layers, asked);
}

void hf_keeper_get_ready(struct hf_keeper *k)
{
	const struct hf_register *reg = k->memory.known.reg;
	hf_auto_plan struct hf_own_plan all = {0};
	struct hf_err err = {""};
	enum hf_rc rc;

	if (!reg || (k->is_ready && hf_digest_cmp(&k->ready, &reg->digest) == 0))
		return;
	rc = hf_plan_all(reg, &all, &err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "cannot get ready for a raise: %s", err.text);
		return;
	}
	k->ready = reg->digest;
	k->is_ready = true;
	hf_layers_ready(k->layers, &all.plan);
	hf_keeper_ask_names(k);
}
