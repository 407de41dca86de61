/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that refuses the tools' network addresses and server names.
 * Must never touch another's table, shut off root or the link, nor let a block go before its plan says so.
 */
#include "agent/enforce/enforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <holdfast/clock.h>
#include <holdfast/conf.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/file_rules.h"
#include "agent/enforce/common/attempts.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/network/names/names_link.h"
#include "agent/enforce/network/net_keep.h"
#include "agent/enforce/network/net_probe.h"
#include "agent/enforce/network/net_want.h"
#include "agent/enforce/network/nft.h"
#include "agent/machine/sockets.h"
#include "agent/enforce/network/refusals.h"

#define TABLE_NAME "holdfast"
#define LESSONS_FILE "addresses.json"
#define LESSONS_FILE_MAX (1024 * 1024) /* 5,000 addresses of 45 bytes, and 4,096 hosts of 253 */
#define LEARN_PAUSE_MS 100	       /* answers come one host at a time: the kernel is told once */
#define REPAIR_PAUSE_MS 50
#define NOBODY 65534

enum way { WAY_NONE, WAY_NFT, WAY_XT }; /* how this kernel hands packets to a program */

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	char lessons_file[HF_CONF_TEXT_SIZE + sizeof(LESSONS_FILE) + 1];
	char socket[HF_CONF_TEXT_SIZE];
	char self[HF_CONF_TEXT_SIZE];
	uint16_t queue;
	uint16_t log_group; /* 0: this kernel tells of no refused packet */
	uid_t link_uid;
	enum way way;
	char no_way[HF_SAW_MAX + 1]; /* why names cannot be looked at here */
	struct hf_lessons lessons;
	struct hf_shut shut;	   /* what the plan says; none: nothing is locked */
	struct hf_shut ready;	   /* what it may say one day */
	struct hf_net_want loaded; /* what the kernel's table holds */
	bool there;		   /* there is a table of that name, of whichever life */
	bool whole;		   /* it is of this life, and was as it should be */
	unsigned int hooks;	   /* the table's hooks that are there */
	json_t *seen;		   /* the table as it was listed when it was whole; NULL: not listed yet */
	uint32_t generation;	   /* of the kernel's tables, then */
	uint32_t open_generation;  /* the same, when it was last seen that nothing is hooked */
	bool ended;		   /* what was open when that table and the process of names came has been ended */
	bool told;		   /* a plan was given in this life */
	struct hf_names_link names;
	struct hf_tried_log *log; /* NULL: nobody listens */
	struct hf_tried tried;	  /* at an address, of late */
	int nft;		  /* tells of changes; -1: not watched */
	struct hf_watch *nft_watch, *names_watch, *log_watch, *learn_timer, *repair_timer;
	struct hf_boot_ms repaired;   /* when the table was put right last */
	uid_t trying;		      /* the ordinary user as whom the last probe tried */
	char found[HF_SAW_MAX + 1];   /* what was found when it had stopped holding */
	char trouble[HF_SAW_MAX + 1]; /* what could not be done, "" when nothing */
	char names_trouble[HF_SAW_MAX + 1];
};

static bool is_locked(const struct hf_layer *layer)
{
	return layer->shut.n > 0;
}

/* The kernel's table ---------------------------------------------------------------------------------------------- */

/* Text that commands are written into. */
struct commands {
	FILE *out;
	char *text;
	size_t len;
};

static bool begin(struct commands *commands)
{
	memset(commands, 0, sizeof(*commands));
	commands->out = open_memstream(&commands->text, &commands->len);
	return commands->out != NULL;
}

static enum hf_rc carry_out(struct commands *commands, struct hf_err *err)
{
	bool good = fclose(commands->out) == 0;
	enum hf_rc rc = HF_E_MEMORY;
	if (good)
		rc = commands->len == 0 ? HF_OK : hf_nft_run(commands->text, false, err);
	free(commands->text);
	return rc;
}

/* New flows and attempts come and go by themselves; they are no part of what was put there. */
static void forget_flows(json_t *listing)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(listing, "nftables"), i, one)
	{
		json_t *set = json_object_get(one, "set");
		const char *name = json_string_value(json_object_get(set, "name"));
		if (name &&
		    (strncmp(name, "young", strlen("young")) == 0 || strncmp(name, "tried", strlen("tried")) == 0))
			json_object_del(set, "elem");
	}
}

static enum hf_rc list(json_t **ret, struct hf_err *err)
{
	enum hf_rc rc = hf_nft_list(HF_NET_TABLE, ret, err);
	if (rc == HF_OK)
		forget_flows(*ret);
	return rc;
}

/* What stands there now is compared with what is wanted once, and from then on with what stood there. */
static enum hf_rc remember_table(struct hf_layer *layer, struct hf_err *err)
{
	json_t *listing = NULL;
	unsigned int hooks = 0;
	uint32_t generation = 0;
	enum hf_rc rc = hf_nft_generation(&generation, err);
	if (rc == HF_OK)
		rc = list(&listing, err);
	if (rc == HF_OK)
		rc = hf_net_listed(listing, &layer->loaded, &hooks, err);
	if (rc == HF_OK && hooks != layer->hooks)
		rc = hf_err_set(err, HF_E_SHAPE, "The hooks of the table holdfast are not what they should be");
	if (rc != HF_OK) {
		json_decref(listing);
		return rc;
	}
	json_decref(layer->seen);
	layer->seen = listing;
	layer->generation = generation;
	return HF_OK;
}

/* Is the table as it was left? HF_E_SHAPE or HF_E_ABSENT: it is not. */
static enum hf_rc compare_table(struct hf_layer *layer, struct hf_err *err)
{
	hf_auto_json json_t *listing = NULL;
	uint32_t generation = 0;
	enum hf_rc rc = hf_nft_generation(&generation, err);
	if (!layer->seen)
		return rc == HF_OK ? remember_table(layer, err) : rc;
	if (rc != HF_OK || generation == layer->generation)
		return rc;
	rc = list(&listing, err);
	if (rc != HF_OK)
		return rc;
	if (!json_equal(listing, layer->seen))
		return hf_err_set(err, HF_E_SHAPE, "Rules of the table holdfast had been changed");
	layer->generation = generation;
	return HF_OK;
}

static void write_all(struct hf_layer *layer, const struct hf_net_want *want, bool hook, FILE *out)
{
	static const struct hf_net_want none;
	if (!layer->whole)
		hf_net_write_table(out, layer->way == WAY_NFT ? layer->queue : 0);
	hf_net_write_want(out, want, layer->whole ? &layer->loaded : &none);
	if (hook && (!layer->whole || layer->hooks != HF_NET_HOOKS))
		hf_net_write_hooks(out);
}

/* In one transaction: packets meet either what was there or what is wanted. */
static enum hf_rc put_table(struct hf_layer *layer, struct hf_net_want *want, bool hook, struct hf_err *err)
{
	struct commands commands;
	bool was_whole = layer->whole;
	if (!begin(&commands))
		return hf_err_set(err, HF_E_MEMORY, "No memory for the network's rules");
	layer->ended = false;
	write_all(layer, want, hook, commands.out);
	enum hf_rc rc = carry_out(&commands, err);
	if (rc != HF_OK) {
		layer->whole = false;
		return rc;
	}
	layer->there = layer->whole = true;
	layer->hooks = hook ? HF_NET_HOOKS : was_whole ? layer->hooks : 0;
	hf_net_want_done(&layer->loaded);
	layer->loaded = *want;
	memset(want, 0, sizeof(*want));
	json_decref(hf_steal_ptr(&layer->seen));
	if (was_whole || layer->way != WAY_XT)
		return HF_OK;
	struct hf_err why = {""};
	if (hf_nft_add_queue(TABLE_NAME, "ask", layer->queue, &why) != HF_OK) {
		layer->way = WAY_NONE;
		hf_saw_cut(layer->no_way, why.text);
	}
	return HF_OK;
}

static enum hf_rc unhook(struct hf_layer *layer, struct hf_err *err)
{
	struct commands commands;
	if (layer->hooks == 0)
		return HF_OK;
	if (!begin(&commands))
		return hf_err_set(err, HF_E_MEMORY, "No memory for the network's rules");
	hf_net_write_unhooks(commands.out, layer->hooks);
	enum hf_rc rc = carry_out(&commands, err);
	if (rc == HF_OK)
		layer->hooks = 0;
	json_decref(hf_steal_ptr(&layer->seen));
	return rc;
}

static enum hf_rc delete_table(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = hf_nft_run("add table " HF_NET_TABLE "\ndelete table " HF_NET_TABLE "\n", false, err);
	if (rc != HF_OK)
		return rc;
	layer->there = layer->whole = false;
	layer->hooks = 0;
	json_decref(hf_steal_ptr(&layer->seen));
	hf_net_want_done(&layer->loaded);
	return HF_OK;
}

/* Connections that are open already -------------------------------------------------------------------------------- */

static const struct hf_users *open_for(const struct hf_net_want *want, const struct hf_addr *addr)
{
	const struct hf_net_target *target =
		bsearch(addr, want->targets, want->n_targets, sizeof(*want->targets), hf_addr_order);
	if (target)
		return &want->groups[target->group];
	return hf_addrs_has(&want->shared, addr) ? &want->spared : NULL;
}

static bool must_end(void *arg, const struct hf_socket *socket)
{
	const struct hf_layer *layer = arg;
	const struct hf_users *users = open_for(&layer->loaded, &socket->peer);
	return users && socket->uid != 0 && socket->uid != layer->link_uid && !hf_users_has(users, socket->uid);
}

static enum hf_rc end_connections(struct hf_layer *layer, struct hf_err *err)
{
	size_t n = 0;
	return hf_sockets_destroy_if(must_end, layer, &n, err);
}

/* Names ------------------------------------------------------------------------------------------------------------ */

static void on_names(void *arg, uint32_t events);

static void on_tried(void *arg, uid_t uid, const char *host)
{
	struct hf_layer *layer = arg;
	if (layer->calls.blocked && uid != layer->trying)
		layer->calls.blocked(layer->calls.arg, uid, host);
}

/* A tool has several addresses: one attempt at it is told once. */
static void on_refused(void *arg, uid_t uid, const struct hf_addr *to)
{
	struct hf_layer *layer = arg;
	const char *host = hf_net_host_of(&layer->shut, &layer->lessons, uid, to);
	if (host && hf_tried_is_new(&layer->tried, uid, hf_fence_tool_number(host), hf_clock_boot()))
		on_tried(layer, uid, host);
}

static void stop_listening(struct hf_layer *layer)
{
	hf_watch_remove(&layer->log_watch);
	hf_tried_log_free(&layer->log);
}

static void on_log(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events;
	if (hf_tried_log_serve(layer->log) != HF_OK)
		stop_listening(layer);
}

/* Where nobody can listen, what is refused stays refused, and the person is not told; each look tries again. */
static void listen_to_log(struct hf_layer *layer)
{
	struct hf_err err = {""};
	if (layer->log || layer->log_group == 0)
		return;
	if (hf_tried_log_open(layer->log_group, on_refused, layer, &layer->log, &err) == HF_OK &&
	    hf_loop_add_fd(layer->loop, hf_tried_log_fd(layer->log), EPOLLIN, on_log, layer, &layer->log_watch) !=
		    HF_OK)
		stop_listening(layer);
}

static enum hf_rc start_names(struct hf_layer *layer, struct hf_err *err)
{
	if (layer->names.fd >= 0)
		return HF_OK;
	hf_watch_remove(&layer->names_watch);
	layer->ended = false;
	enum hf_rc rc = hf_names_start(&layer->names, err);
	if (rc == HF_OK && hf_loop_add_fd(layer->loop, layer->names.fd, EPOLLIN | EPOLLRDHUP, on_names, layer,
					  &layer->names_watch) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The process that looks at names cannot be watched");
	return rc;
}

static void lose_names(struct hf_layer *layer)
{
	hf_watch_remove(&layer->names_watch);
	hf_names_end(&layer->names);
}

/* Without it names pass: that is said, and tried again with each look. */
static void look_at_names(struct hf_layer *layer)
{
	struct hf_err err = {""};
	layer->names_trouble[0] = '\0';
	if (layer->way == WAY_NONE) {
		hf_saw_cut(layer->names_trouble, layer->no_way);
		return;
	}
	enum hf_rc rc = start_names(layer, &err);
	if (rc == HF_OK)
		rc = hf_names_set(&layer->names, &layer->shut, &err);
	if (rc == HF_OK)
		return;
	lose_names(layer);
	hf_saw_cut(layer->names_trouble, err.text);
}

static void on_names(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events;
	if (hf_names_hear(&layer->names) == HF_OK)
		return;
	lose_names(layer);
	hf_saw_cut(layer->found, "The process that looks at server names had been ended; it was started again");
	if (is_locked(layer))
		look_at_names(layer);
	layer->calls.changed(layer->calls.arg);
}

/* Locking and letting go --------------------------------------------------------------------------------------------
 */

static void on_nft(void *arg, uint32_t events);

static enum hf_rc watch_table(struct hf_layer *layer, struct hf_err *err)
{
	if (layer->nft >= 0)
		return HF_OK;
	enum hf_rc rc = hf_nft_watch(&layer->nft, err);
	if (rc == HF_OK &&
	    hf_loop_add_fd(layer->loop, layer->nft, EPOLLIN, on_nft, layer, &layer->nft_watch) != HF_OK) {
		hf_fd_close(&layer->nft);
		rc = hf_err_set(err, HF_E_SYSTEM, "The packet filter cannot be watched");
	}
	return rc;
}

static void unwatch_table(struct hf_layer *layer)
{
	hf_watch_remove(&layer->nft_watch);
	hf_fd_close(&layer->nft);
}

static enum hf_rc want_of(const struct hf_layer *layer, const struct hf_shut *shut, struct hf_net_want *ret,
			  struct hf_err *err)
{
	enum hf_rc rc = hf_net_want_make(shut, &layer->lessons, layer->link_uid, ret, err);
	if (rc == HF_OK)
		ret->log_group = layer->log_group;
	return rc;
}

static enum hf_rc shut_table(struct hf_layer *layer, struct hf_err *err)
{
	hf_auto_net_want struct hf_net_want want = {0};
	enum hf_rc rc = want_of(layer, &layer->shut, &want, err);
	if (rc != HF_OK)
		return rc;
	if (layer->whole && layer->hooks == HF_NET_HOOKS && hf_net_want_same(&want, &layer->loaded))
		return HF_OK;
	bool was_whole = layer->whole;
	rc = put_table(layer, &want, true, err);
	/* Another vendor's program may have flushed all tables while nothing was locked: then it is written whole. */
	return rc != HF_OK && was_whole ? put_table(layer, &want, true, err) : rc;
}

/* The kernel refuses first; what takes longer follows. Once: at a shared address sites that are not listed are met too.
 */
static enum hf_rc lock(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = shut_table(layer, err);
	listen_to_log(layer);
	if (rc == HF_OK)
		look_at_names(layer);
	if (rc == HF_OK && !layer->ended)
		rc = end_connections(layer, err);
	layer->ended = rc == HF_OK;
	if (rc == HF_OK)
		rc = watch_table(layer, err);
	hf_saw_cut(layer->trouble, rc == HF_OK ? "" : err->text);
	return rc;
}

/* A table without a hook costs nothing, and makes a raise a matter of a millisecond. */
static enum hf_rc get_ready(struct hf_layer *layer, struct hf_err *err)
{
	hf_auto_net_want struct hf_net_want want = {0};
	if (layer->ready.n == 0)
		return layer->there ? delete_table(layer, err) : HF_OK;
	enum hf_rc rc = want_of(layer, &layer->ready, &want, err);
	if (rc == HF_OK && !(layer->whole && hf_net_want_same(&want, &layer->loaded)))
		rc = put_table(layer, &want, false, err);
	return rc;
}

static enum hf_rc let_go(struct hf_layer *layer, struct hf_err *err)
{
	struct hf_err later = {""};
	unwatch_table(layer);
	/* Where it is not as it was left, there is nothing of it to be kept. */
	bool keep = layer->hooks == 0 || (layer->whole && compare_table(layer, err) == HF_OK);
	enum hf_rc rc = keep ? unhook(layer, err) : HF_E_SHAPE;
	if (rc != HF_OK)
		rc = delete_table(layer, err);
	lose_names(layer);
	stop_listening(layer);
	layer->names_trouble[0] = '\0';
	hf_saw_cut(layer->trouble, rc == HF_OK ? "" : err->text);
	/* Whoever cannot get ready has still let go; a raise will say what is wrong. */
	if (rc == HF_OK && get_ready(layer, &later) != HF_OK)
		layer->whole = false;
	return rc;
}

/* Somebody changed some table. What was put right is looked at once more: if it cannot be, nobody tries for ever. */
static bool repair(struct hf_layer *layer)
{
	struct hf_err err = {""};
	enum hf_rc rc = compare_table(layer, &err);
	if (rc != HF_E_SHAPE && rc != HF_E_ABSENT)
		return false;
	hf_saw_cut(layer->found, err.text);
	layer->whole = false;
	layer->repaired = hf_clock_boot();
	rc = lock(layer, &err);
	if (rc == HF_OK)
		rc = remember_table(layer, &err);
	if (rc != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	return true;
}

static void look_at_table(struct hf_layer *layer)
{
	if (is_locked(layer) && repair(layer))
		layer->calls.changed(layer->calls.arg);
}

/* Somebody who changes it without end must not keep the agent from all else. */
static void on_nft(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	(void)events;
	hf_nft_drain(layer->nft);
	if (hf_clock_boot().ms - layer->repaired.ms >= REPAIR_PAUSE_MS)
		look_at_table(layer);
	else if (hf_timer_arm(layer->repair_timer, REPAIR_PAUSE_MS) != HF_OK)
		hf_saw_cut(layer->trouble, "The agent's timer does not run");
}

static void on_repair(void *arg, uint32_t events)
{
	(void)events;
	look_at_table(arg);
}

/* Lessons -----------------------------------------------------------------------------------------------------------
 */

/* What cannot be written down now is learned again after a restart; it is in no all-clear's way. */
static void save_lessons(const struct hf_layer *layer)
{
	hf_auto_json json_t *all = hf_lessons_to_json(&layer->lessons);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	struct hf_err err = {""};
	if (all && hf_json_bytes(all, &text, &len) == HF_OK &&
	    hf_fs_replace(layer->lessons_file, text, len, 0600, &err) != HF_OK)
		return;
}

/* What an earlier life wrote; it is judged anew. A file that is damaged taught nothing. */
static void load_lessons(struct hf_layer *layer)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *all = NULL;
	struct hf_addrs no = {0};
	const struct hf_teaching how = {.grow = true, .no = &no};
	size_t len = 0;
	bool changed;
	hf_fs_sweep(layer->lessons_file);
	if (hf_fs_read(layer->lessons_file, LESSONS_FILE_MAX, &text, &len, NULL) == HF_OK &&
	    hf_json_read(text, len, LESSONS_FILE_MAX, &all, NULL) == HF_OK &&
	    hf_lessons_hear(&layer->lessons, all, &how, &changed) != HF_OK)
		hf_lessons_done(&layer->lessons);
}

static void on_learned(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err = {""};
	(void)events;
	save_lessons(layer);
	if (is_locked(layer)) {
		if (lock(layer, &err) != HF_OK)
			hf_saw_cut(layer->trouble, err.text);
		layer->calls.changed(layer->calls.arg);
	} else if (layer->hooks == 0 && get_ready(layer, &err) != HF_OK) {
		layer->whole = false;
	}
}

static void layer_learn(struct hf_layer *layer, const json_t *answer)
{
	struct hf_addrs no = {0};
	const struct hf_teaching how = {.grow = is_locked(layer) || layer->hooks != 0, .no = &no};
	bool changed = false;
	hf_net_keep(layer->link_uid, &no);
	if (hf_lessons_hear(&layer->lessons, answer, &how, &changed) == HF_OK && changed &&
	    hf_timer_arm(layer->learn_timer, LEARN_PAUSE_MS) != HF_OK)
		on_learned(layer, 0);
	hf_addrs_done(&no);
}

/* The layer ---------------------------------------------------------------------------------------------------------
 */

static enum hf_rc layer_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	hf_auto_shut struct hf_shut shut = {0};
	struct hf_err own = {""};
	enum hf_rc rc = hf_shut_of_plan(plan, &shut, &own);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "%s", own.text);
	struct hf_shut before = layer->shut;
	layer->told = true;
	layer->shut = shut;
	shut = before;
	rc = is_locked(layer) ? lock(layer, &own) : let_go(layer, &own);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "%s", own.text);
}

static void layer_ready(struct hf_layer *layer, const struct hf_plan *all)
{
	struct hf_shut ready = {0};
	struct hf_err err = {""};
	if (hf_shut_of_plan(all, &ready, &err) != HF_OK)
		return;
	hf_shut_done(&layer->ready);
	layer->ready = ready;
	if (!is_locked(layer) && layer->hooks == 0 && get_ready(layer, &err) != HF_OK)
		layer->whole = false;
}

static bool has_work(const struct hf_block *block)
{
	return block->addresses->n > 0;
}

static enum hf_rc can_do(unsigned int queue, uint16_t log_group, struct hf_err *err)
{
	const struct hf_net_want none = {.n_groups = 1, .log_group = log_group};
	static const struct hf_net_want before;
	struct commands commands;
	if (!begin(&commands))
		return hf_err_set(err, HF_E_MEMORY, "No memory for the network's rules");
	hf_net_write_table(commands.out, queue);
	hf_net_write_want(commands.out, &none, &before);
	bool good = fclose(commands.out) == 0;
	enum hf_rc rc = good ? hf_nft_run(commands.text, true, err) : HF_E_MEMORY;
	free(commands.text);
	return rc;
}

static enum hf_rc layer_check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf;
	enum hf_rc rc = can_do(0, 0, err);
	return rc == HF_OK ? hf_sockets_check(err) : rc;
}

static enum hf_rc set_up(struct hf_layer *layer, const struct hf_enforce_conf *conf, struct hf_err *err)
{
	struct hf_err why = {""};
	layer->queue = conf->queue;
	layer->link_uid = conf->link_uid;
	layer->names = (struct hf_names_link){
		.socket = layer->socket,
		.self = layer->self,
		.queue = conf->queue,
		.fd = -1,
		.pidfd = -1,
		.tried = on_tried,
		.arg = layer,
	};
	if (hf_str_copy(layer->socket, sizeof(layer->socket), conf->names_socket) != HF_OK ||
	    hf_str_copy(layer->self, sizeof(layer->self), conf->self) != HF_OK ||
	    hf_str_printf(layer->lessons_file, sizeof(layer->lessons_file), "%s/" LESSONS_FILE, conf->state) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "A path of the network layer's settings is too long");
	layer->way = can_do(layer->queue, 0, &why) == HF_OK ? WAY_NFT : WAY_XT;
	layer->log_group = can_do(0, conf->log_group, &why) == HF_OK ? conf->log_group : 0;
	return HF_OK;
}

/* What an earlier life left hooked stays so until a plan says what is wanted. */
static void take_over(struct hf_layer *layer)
{
	hf_auto_json json_t *listing = NULL;
	static const struct hf_net_want none;
	struct hf_err err = {""};
	layer->there = list(&listing, &err) == HF_OK;
	if (!layer->there)
		return;
	/* What else it holds is of no matter: it is written anew when there is a plan. */
	if (hf_net_listed(listing, &none, &layer->hooks, &err) != HF_OK)
		layer->whole = false;
	if (hf_names_find(&layer->names, &err) == HF_OK &&
	    hf_loop_add_fd(layer->loop, layer->names.fd, EPOLLIN | EPOLLRDHUP, on_names, layer, &layer->names_watch) !=
		    HF_OK)
		hf_names_leave(&layer->names);
}

static void layer_close(struct hf_layer **address)
{
	struct hf_layer *layer = *address;
	if (!layer)
		return;
	unwatch_table(layer);
	hf_watch_remove(&layer->names_watch);
	hf_watch_remove(&layer->learn_timer);
	hf_watch_remove(&layer->repair_timer);
	stop_listening(layer);
	hf_names_leave(&layer->names);
	hf_lessons_done(&layer->lessons);
	hf_shut_done(&layer->shut);
	hf_shut_done(&layer->ready);
	hf_net_want_done(&layer->loaded);
	json_decref(layer->seen);
	free(layer);
	*address = NULL;
}

static enum hf_rc layer_open(struct hf_loop *loop, const struct hf_enforce_conf *conf,
			     const struct hf_layer_calls *calls, struct hf_layer **ret_layer, struct hf_err *err)
{
	struct hf_layer *layer = calloc(1, sizeof(*layer));
	if (!layer)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the network layer");
	layer->loop = loop;
	layer->calls = *calls;
	layer->nft = -1;
	enum hf_rc rc = set_up(layer, conf, err);
	if (rc == HF_OK && (hf_loop_add_timer(loop, on_learned, layer, &layer->learn_timer) != HF_OK ||
			    hf_loop_add_timer(loop, on_repair, layer, &layer->repair_timer) != HF_OK))
		rc = hf_err_set(err, HF_E_SYSTEM, "The network layer's timer cannot be made");
	if (rc != HF_OK) {
		layer_close(&layer);
		return rc;
	}
	load_lessons(layer);
	take_over(layer);
	*ret_layer = layer;
	return HF_OK;
}

/* Probing -----------------------------------------------------------------------------------------------------------
 */

static bool is_open_for_somebody(const struct hf_layer *layer, uid_t uid)
{
	for (size_t g = 0; g < layer->loaded.n_groups; g++) {
		if (hf_users_has(&layer->loaded.groups[g], uid))
			return true;
	}
	for (size_t i = 0; i < layer->shut.n; i++) {
		if (hf_users_has(&layer->shut.v[i].open_for, uid))
			return true;
	}
	return uid == layer->link_uid;
}

static void make_trial(struct hf_layer *layer, struct hf_net_trial *trial)
{
	size_t n = layer->loaded.n_targets;
	size_t step = n > HF_NET_PROBE_MAX ? n / HF_NET_PROBE_MAX : 1;
	memset(trial, 0, sizeof(*trial));
	trial->uid = NOBODY;
	while (is_open_for_somebody(layer, trial->uid))
		trial->uid--;
	layer->trying = trial->uid;
	for (size_t i = 0; i < n && trial->n < HF_NET_PROBE_MAX; i += step)
		trial->v[trial->n++] = layer->loaded.targets[i].addr;
	if (layer->names.fd >= 0)
		trial->host = layer->shut.v[0].host;
}

static void judge_names(const struct hf_layer *layer, const struct hf_net_saw *seen, struct hf_saw *saw)
{
	if (layer->names_trouble[0])
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->names_trouble);
	else if (seen->name == HF_TRY_PASSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could ask a server for a name that is blocked");
	else if (seen->other == HF_TRY_REFUSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could not ask for a name that is not blocked");
	else if (seen->name_root == HF_TRY_REFUSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "Root could not ask for a name: what must stay open is shut");
	else if (seen->name != HF_TRY_REFUSED || seen->other != HF_TRY_PASSED)
		hf_saw_say(saw, HF_LAYER_ARMED, "Blocked; that names are refused could not be tried");
}

static void judge(const struct hf_layer *layer, const struct hf_net_trial *trial, const struct hf_net_saw *seen,
		  struct hf_saw *saw)
{
	char addr[HF_ADDR_TEXT_SIZE];
	hf_saw_say(saw, HF_LAYER_VERIFIED,
		   "%zu addresses and the names of %zu hosts are refused; tried as an ordinary user",
		   layer->loaded.n_targets, layer->shut.n);
	if (!seen->ran) {
		hf_saw_say(saw, HF_LAYER_ARMED, "Blocked; it could not be tried as an ordinary user");
		return;
	}
	for (size_t i = 0; i < trial->n; i++) {
		if (seen->addrs[i] != HF_TRY_PASSED)
			continue;
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could reach %s, which is blocked",
			   hf_addr_print(&trial->v[i], addr));
		return;
	}
	judge_names(layer, seen, saw);
}

static void ask_names(struct hf_layer *layer)
{
	struct hf_err err = {""};
	bool was_there = layer->names.fd >= 0;
	if (was_there && hf_names_ping(&layer->names, &err) == HF_OK)
		return;
	if (was_there) {
		lose_names(layer);
		hf_saw_cut(layer->found, "The process that looks at server names had stopped; it was started again");
	}
	look_at_names(layer);
}

static void probe_locked(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_net_trial trial;
	struct hf_net_saw seen;
	struct hf_err err = {""};
	repair(layer);
	listen_to_log(layer);
	ask_names(layer);
	if (layer->trouble[0] == '\0' && !layer->seen && remember_table(layer, &err) != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	if (layer->trouble[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble);
		return;
	}
	make_trial(layer, &trial);
	hf_net_probe(&trial, &seen);
	judge(layer, &trial, &seen, saw);
}

/* Somebody may have put back a table that was saved while something was locked. */
static void look_whether_open(struct hf_layer *layer)
{
	hf_auto_json json_t *listing = NULL;
	struct hf_err err = {""};
	unsigned int hooks = 0;
	uint32_t generation = 0;
	if (!layer->told || hf_nft_generation(&generation, &err) != HF_OK || generation == layer->open_generation)
		return;
	layer->open_generation = generation;
	if (list(&listing, &err) != HF_OK) {
		layer->whole = false;
		return;
	}
	/* One that is changed and unhooked is of no effect, and is written anew when it is needed. */
	if (hf_net_listed(listing, &layer->loaded, &hooks, &err) != HF_OK)
		layer->whole = false;
	if (hooks == 0)
		return;
	hf_saw_cut(layer->found,
		   "Rules of the table holdfast had been put back while nothing is blocked; they were taken away");
	layer->hooks = hooks;
	layer->whole = false;
	layer->there = true;
	if (let_go(layer, &err) != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
}

static void layer_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (!is_locked(layer))
		look_whether_open(layer);
	if (is_locked(layer))
		probe_locked(layer, &saw);
	else if (layer->hooks != 0)
		hf_saw_say(&saw, HF_LAYER_ARMED, "Rules of an earlier life of the agent still hold");
	else if (layer->trouble[0])
		hf_saw_say(&saw, HF_LAYER_FAILED, "%s", layer->trouble);
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

const struct hf_layer_ops hf_layer_network = {
	.name = "network",
	.needs = "nftables (family inet, reject), sock_diag with SOCK_DESTROY; NFQUEUE for addresses that others share",
	.has_work = has_work,
	.check = layer_check,
	.open = layer_open,
	.apply = layer_apply,
	.probe = layer_probe,
	.ready = layer_ready,
	.learn = layer_learn,
	.close = layer_close,
};
