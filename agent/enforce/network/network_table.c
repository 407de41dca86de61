/* SPDX-License-Identifier: MIT */
/*
 * Owns the kernel's table: what it holds, what is to be in it, and whether it still is as it was left.
 * Must never touch another's table, nor leave packets a moment in which neither the old nor the new holds.
 */
#include "agent/enforce/network/network_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enforce/common/saw.h"
#include "agent/enforce/network/nft.h"

#define TABLE_NAME "holdfast"

/* Text that commands are written into. */
struct commands {
	FILE *out;
	char *text;
	size_t len;
};

static enum hf_rc begin_commands(struct commands *commands, struct hf_err *err)
{
	memset(commands, 0, sizeof(*commands));
	commands->out = open_memstream(&commands->text, &commands->len);
	return commands->out ? HF_OK : hf_err_set(err, HF_E_MEMORY, "No memory for the network's rules");
}

static enum hf_rc end_commands(struct commands *commands, bool dry, struct hf_err *err)
{
	bool good = fclose(commands->out) == 0;
	enum hf_rc rc = HF_OK;
	if (!good)
		rc = hf_err_set(err, HF_E_MEMORY, "No memory for the network's rules");
	else if (commands->len > 0)
		rc = hf_nft_run(commands->text, dry, err);
	free(commands->text);
	return rc;
}

enum hf_rc hf_net_table_can(unsigned int queue, uint16_t log_group, struct hf_err *err)
{
	const struct hf_net_want none = {.n_groups = 1, .log_group = log_group};
	static const struct hf_net_want before;
	struct commands commands;
	enum hf_rc rc = begin_commands(&commands, err);
	if (rc != HF_OK)
		return rc;
	hf_net_write_table(commands.out, queue);
	hf_net_write_want(commands.out, &none, &before);
	return end_commands(&commands, true, err);
}

void hf_net_table_open(struct hf_net_table *table, const struct hf_enforce_conf *conf)
{
	struct hf_err why = {""};
	table->queue = conf->queue;
	table->link_uid = conf->link_uid;
	table->by_xt = hf_net_table_can(conf->queue, 0, &why) != HF_OK;
	table->log_group = hf_net_table_can(0, conf->log_group, &why) == HF_OK ? conf->log_group : 0;
}

/* What stands there ------------------------------------------------------------------------------------------------ */

/* New flows and attempts come and go by themselves; they are no part of what was put there. */
static enum hf_rc list_table(json_t **ret, struct hf_err *err)
{
	return hf_nft_list(HF_NET_TABLE, hf_net_comes_and_goes, ret, err);
}

void hf_net_table_find(struct hf_net_table *table)
{
	hf_auto_json json_t *listing = NULL;
	static const struct hf_net_want none;
	table->there = list_table(&listing, NULL) == HF_OK;
	/* What else it holds is of no matter: it is written anew when there is a plan. */
	if (table->there && hf_net_listed(listing, &none, &table->hooks, NULL) != HF_OK)
		table->whole = false;
}

enum hf_rc hf_net_table_remember(struct hf_net_table *table, struct hf_err *err)
{
	hf_auto_json json_t *listing = NULL;
	unsigned int hooks = 0;
	uint32_t generation = 0;
	enum hf_rc rc = hf_nft_generation(&generation, err);
	if (rc == HF_OK)
		rc = list_table(&listing, err);
	if (rc == HF_OK)
		rc = hf_net_listed(listing, &table->loaded, &hooks, err);
	if (rc == HF_OK && hooks != table->hooks)
		rc = hf_err_set(err, HF_E_SHAPE, "The hooks of the table holdfast are not what they should be");
	if (rc != HF_OK)
		return rc;
	json_decref(table->seen);
	table->seen = hf_steal_ptr(&listing);
	table->generation = generation;
	return HF_OK;
}

enum hf_rc hf_net_table_compare(struct hf_net_table *table, struct hf_err *err)
{
	hf_auto_json json_t *listing = NULL;
	uint32_t generation = 0;
	enum hf_rc rc = hf_nft_generation(&generation, err);
	if (!table->seen)
		return rc == HF_OK ? hf_net_table_remember(table, err) : rc;
	if (rc != HF_OK || generation == table->generation)
		return rc;
	rc = list_table(&listing, err);
	if (rc != HF_OK)
		return rc;
	if (!json_equal(listing, table->seen))
		return hf_err_set(err, HF_E_SHAPE, "Rules of the table holdfast had been changed");
	table->generation = generation;
	return HF_OK;
}

bool hf_net_table_was_put_back(struct hf_net_table *table)
{
	hf_auto_json json_t *listing = NULL;
	unsigned int hooks = 0;
	uint32_t generation = 0;
	if (hf_nft_generation(&generation, NULL) != HF_OK || generation == table->open_generation)
		return false;
	table->open_generation = generation;
	/* One that is changed and unhooked is of no effect, and is written anew when it is needed. */
	if (list_table(&listing, NULL) != HF_OK || hf_net_listed(listing, &table->loaded, &hooks, NULL) != HF_OK)
		table->whole = false;
	if (hooks == 0)
		return false;
	table->hooks = hooks;
	table->whole = false;
	table->there = true;
	return true;
}

/* What is to stand there ------------------------------------------------------------------------------------------- */

static enum hf_rc want_of(const struct hf_net_table *table, const struct hf_shut_hosts *shut,
			  const struct hf_learned *learned, struct hf_net_want *ret, struct hf_err *err)
{
	enum hf_rc rc = hf_net_want_make(shut, learned, table->link_uid, ret, err);
	if (rc == HF_OK)
		ret->log_group = table->log_group;
	return rc;
}

static void write_new(const struct hf_net_table *table, FILE *out)
{
	hf_net_write_table(out, table->by_xt ? 0 : table->queue);
	hf_net_write_proxies(out, &table->proxies);
}

static void write_all(struct hf_net_table *table, const struct hf_net_want *want, bool hook, FILE *out)
{
	static const struct hf_net_want none;
	if (!table->whole)
		write_new(table, out);
	hf_net_write_want(out, want, table->whole ? &table->loaded : &none);
	if (hook && (!table->whole || table->hooks != HF_NET_HOOKS))
		hf_net_write_hooks(out);
}

static void forget_seen(struct hf_net_table *table)
{
	json_decref(hf_steal_ptr(&table->seen));
}

/* In one transaction. */
static enum hf_rc put_table(struct hf_net_table *table, struct hf_net_want *want, bool hook, struct hf_err *err)
{
	struct commands commands;
	bool was_whole = table->whole, ended = was_whole && table->hooks == HF_NET_HOOKS && !table->fresh;
	enum hf_rc rc = begin_commands(&commands, err);
	if (rc != HF_OK)
		return rc;
	table->fresh = true;
	write_all(table, want, hook, commands.out);
	rc = end_commands(&commands, false, err);
	table->whole = rc == HF_OK;
	if (rc != HF_OK)
		return rc;
	table->there = true;
	table->hooks = hook ? HF_NET_HOOKS : was_whole ? table->hooks : 0;
	hf_net_want_done(&table->before);
	if (ended)
		table->before = table->loaded;
	else
		hf_net_want_done(&table->loaded);
	table->loaded = *want;
	memset(want, 0, sizeof(*want));
	forget_seen(table);
	struct hf_err why = {""};
	if (!was_whole && table->by_xt && !table->no_way[0] &&
	    hf_nft_add_queue(TABLE_NAME, "ask", table->queue, &why) != HF_OK)
		hf_saw_cut(table->no_way, why.text);
	return HF_OK;
}

enum hf_rc hf_net_table_shut(struct hf_net_table *table, const struct hf_shut_hosts *shut,
			     const struct hf_learned *learned, struct hf_err *err)
{
	hf_auto_net_want struct hf_net_want want = {0};
	enum hf_rc rc = want_of(table, shut, learned, &want, err);
	if (rc != HF_OK)
		return rc;
	if (table->whole && table->hooks == HF_NET_HOOKS && hf_net_want_same(&want, &table->loaded))
		return HF_OK;
	bool was_whole = table->whole;
	rc = put_table(table, &want, true, err);
	/* Another vendor's program may have flushed all tables while nothing was locked: then it is written whole. */
	return rc != HF_OK && was_whole ? put_table(table, &want, true, err) : rc;
}

static enum hf_rc unhook(struct hf_net_table *table, struct hf_err *err)
{
	struct commands commands;
	enum hf_rc rc = table->hooks == 0 ? HF_OK : begin_commands(&commands, err);
	if (table->hooks == 0 || rc != HF_OK)
		return rc;
	hf_net_write_unhooks(commands.out, table->hooks);
	rc = end_commands(&commands, false, err);
	if (rc == HF_OK)
		table->hooks = 0;
	forget_seen(table);
	return rc;
}

static enum hf_rc delete_table(struct hf_net_table *table, struct hf_err *err)
{
	enum hf_rc rc = hf_nft_run("add table " HF_NET_TABLE "\ndelete table " HF_NET_TABLE "\n", false, err);
	if (rc != HF_OK)
		return rc;
	table->there = table->whole = false;
	table->hooks = 0;
	forget_seen(table);
	hf_net_want_done(&table->loaded);
	return HF_OK;
}

enum hf_rc hf_net_table_release(struct hf_net_table *table, struct hf_err *err)
{
	/* Where it is not as it was left, there is nothing of it to be kept. */
	bool keep = table->hooks == 0 || (table->whole && hf_net_table_compare(table, err) == HF_OK);
	enum hf_rc rc = keep ? unhook(table, err) : HF_E_SHAPE;
	return rc == HF_OK ? rc : delete_table(table, err);
}

void hf_net_table_ready(struct hf_net_table *table, const struct hf_shut_hosts *all, const struct hf_learned *learned)
{
	hf_auto_net_want struct hf_net_want want = {0};
	enum hf_rc rc = HF_OK;
	if (all->n > 0)
		rc = want_of(table, all, learned, &want, NULL);
	else if (table->there)
		rc = delete_table(table, NULL);
	if (rc == HF_OK && all->n > 0 && !(table->whole && hf_net_want_same(&want, &table->loaded)))
		rc = put_table(table, &want, false, NULL);
	if (rc != HF_OK)
		table->whole = false;
}

void hf_net_table_close(struct hf_net_table *table)
{
	hf_net_want_done(&table->loaded);
	hf_net_want_done(&table->before);
	forget_seen(table);
}
