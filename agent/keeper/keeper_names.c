/* SPDX-License-Identifier: MIT */
/*
 * Owns what the keeper asks its links about the network addresses of hosts, and what it makes of the answer.
 * Must never hand a layer a host that the council's register did not name.
 */
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "agent/keeper/keeper_inside.h"

#define HOSTS_AT_ONCE 200 /* names of 253 bytes: fits into one message */

static bool names_host(const struct hf_keeper *k, const char *host)
{
	const struct hf_register *reg = k->memory.known.reg;
	const struct hf_plan *told = &k->told.plan;

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
			hf_log(HF_LOG_ERROR, HF_EV_FAILED, "no memory to ask for the addresses of %s", addresses->v[i]);
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

void hf_keeper_ask_names(struct hf_keeper *k)
{
	hf_auto_json json_t *hosts = NULL, *names = NULL;
	const char *host;
	json_t *value;

	if (!hf_layers_learns(k->layers))
		return;
	hosts = hosts_of(k);
	names = json_array();
	json_object_foreach(hosts, host, value)
	{
		if (json_array_append_new(names, json_string(host)) == 0 && json_array_size(names) == HOSTS_AT_ONCE)
			ask_links(k, names);
	}
	ask_links(k, names);
}

void hf_keeper_learn(struct hf_keeper *k, const void *buf, size_t len)
{
	hf_auto_json json_t *message = NULL, *asked = json_object();
	struct hf_err err = {""};
	const char *host;
	json_t *list;

	if (hf_json_read(buf, len, HF_SOCK_MESSAGE_MAX, &message, &err) != HF_OK) {
		hf_log(HF_LOG_WARNING, HF_EV_REFUSED, "a link says nothing sensible about addresses: %s", err.text);
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

	if (!reg || (k->is_ready && hf_digest_cmp(&k->ready, &reg->digest) == 0))
		return;
	if (hf_plan_all(reg, &all, &err) != HF_OK) {
		hf_log(HF_LOG_ERROR, HF_EV_FAILED, "cannot get ready for a raise: %s", err.text);
		return;
	}
	k->ready = reg->digest;
	k->is_ready = true;
	hf_layers_ready(k->layers, &all.plan);
	hf_keeper_ask_names(k);
}
