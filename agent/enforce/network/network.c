/* SPDX-License-Identifier: MIT */
/*
 * Owns the layer that refuses the tools' network addresses and server names.
 * Must never touch another's table, shut off root or the link, nor let a block go before its plan says so.
 */
#include "agent/enforce/enforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#include "agent/enforce/common/attempts.h"
#include "agent/enforce/common/saw.h"
#include "agent/enforce/network/lessons.h"
#include "agent/enforce/network/net_keep.h"
#include "agent/enforce/network/net_probe.h"
#include "agent/enforce/network/net_proxy_files.h"
#include "agent/enforce/network/network_names.h"
#include "agent/enforce/network/network_table.h"
#include "agent/enforce/network/nft.h"
#include "agent/enforce/network/refusals.h"
#include "agent/machine/sockets.h"

#define LEARN_PAUSE_MS 100 /* answers come one host at a time: the kernel is told once */
#define REPAIR_PAUSE_MS 50
#define NOBODY 65534

struct hf_layer {
	struct hf_loop *loop;
	struct hf_layer_calls calls;
	struct hf_hands *hands; /* borrowed */
	struct hf_lessons lessons;
	struct hf_shut_hosts shut;  /* what the plan says; none: nothing is locked */
	struct hf_shut_hosts ready; /* what it may say one day */
	struct hf_net_table table;
	struct hf_net_names names;
	struct hf_refusals refusals;
	struct hf_attempts attempts; /* at an address, of late */
	bool only_learned; /* what is put now differs by addresses alone: the names that are shut are the same */
	bool told;	   /* a plan was given in this life */
	int nft;	   /* tells of changes; -1: not watched */
	struct hf_watch *nft_watch, *learn_timer, *repair_timer;
	struct hf_boot_ms repaired;   /* when the table was put right last */
	hf_user trying;		      /* the ordinary user as whom the last probe tried */
	size_t n_unread;	      /* connections that were refused because they could not be read */
	size_t n_over;		      /* times that somebody had more at once than is a user's share */
	hf_user over_uid;	      /* who, last */
	char found[HF_SAW_MAX + 1];   /* what was found when it had stopped holding */
	char trouble[HF_SAW_MAX + 1]; /* what could not be done, "" when nothing */
};

static bool is_locked(const struct hf_layer *layer)
{
	return layer->shut.n > 0;
}

/* Connections that are open already -------------------------------------------------------------------------------- */

struct ending {
	const struct hf_net_want *now, *before;
};

static bool must_end(void *arg, const struct hf_socket *socket)
{
	const struct ending *ending = arg;
	return hf_net_want_shuts(ending->now, socket->uid, &socket->peer) >
	       hf_net_want_shuts(ending->before, socket->uid, &socket->peer);
}

static enum hf_rc end_connections(struct hf_layer *layer, struct hf_err *err)
{
	static const struct hf_net_want nothing;
	bool only_new = layer->only_learned && !layer->names.fresh;
	struct ending ending = {&layer->table.loaded, only_new ? &layer->table.before : &nothing};
	size_t n = 0;
	return hf_sockets_destroy_if(must_end, &ending, &n, err);
}

/* Who tried ------------------------------------------------------------------------------------------------------- */

static void tell_tried(struct hf_layer *layer, hf_user uid, const char *host)
{
	if (layer->calls.blocked && uid != layer->trying)
		layer->calls.blocked(layer->calls.arg, uid, host);
}

static void look_up_next(struct hf_layer *layer);

static void note_over(struct hf_layer *layer, hf_user uid)
{
	layer->n_over++;
	layer->over_uid = uid;
}

/* The register need not name every host of a tool: what people's programs ask for is looked up too. */
static void on_name_tried(struct hf_layer *layer, hf_user uid, const char *name)
{
	tell_tried(layer, uid, name);
	if (hf_below_said(&layer->lessons.below, &layer->shut, uid, name))
		look_up_next(layer);
}

static void on_names_said(void *arg, enum hf_names_word word, hf_user uid, const char *what)
{
	struct hf_layer *layer = arg;
	if (word == HF_NAMES_TRIED)
		on_name_tried(layer, uid, what);
	else if (word == HF_NAMES_OVER)
		note_over(layer, uid);
	else if (uid != layer->trying)
		layer->n_unread++;
}

/* A tool has several addresses: one attempt at it is told once. */
static void on_refused(void *arg, hf_user uid, const struct hf_addr *to, bool over)
{
	struct hf_layer *layer = arg;
	const char *host = over ? NULL : hf_net_host_of(&layer->shut, &layer->lessons.learned, uid, to);
	if (over)
		note_over(layer, uid);
	if (host && hf_attempts_is_new(&layer->attempts, uid, hf_attempt_tool(host), hf_clock_boot()))
		tell_tried(layer, uid, host);
}

static void learn_answer(struct hf_layer *layer, const struct hf_dns *dns);

/* What people's own resolvers get: an address that the agent's look-up would not. */
static void on_dns(void *arg, const hf_user *uid, const uint8_t *packet, size_t len)
{
	struct hf_layer *layer = arg;
	struct hf_dns dns;
	if (!is_locked(layer) || !hf_dns_read(packet, len, &dns))
		return;
	if (dns.answers)
		learn_answer(layer, &dns);
	else if (uid && hf_answers_asked(&layer->lessons.answers, &layer->shut, *uid, &dns, hf_clock_boot()) &&
		 hf_below_said(&layer->lessons.below, &layer->shut, *uid, dns.name))
		look_up_next(layer);
}

static void on_names_lost(void *arg)
{
	struct hf_layer *layer = arg;
	hf_saw_cut(layer->found, "The process that looks at server names had been ended; it was started again");
	if (is_locked(layer))
		hf_net_names_keep(&layer->names, &layer->shut, layer->table.no_way);
	layer->calls.changed(layer->calls.arg);
}

/* Locking and letting go ------------------------------------------------------------------------------------------- */

static void on_nft(void *arg, uint32_t events);

static enum hf_rc watch_table(struct hf_layer *layer, struct hf_err *err)
{
	if (layer->nft >= 0)
		return HF_OK;
	enum hf_rc rc = hf_nft_watch(&layer->nft, err);
	if (rc == HF_OK && hf_loop_add_fd(layer->loop, layer->nft, on_nft, layer, &layer->nft_watch) != HF_OK) {
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

/* The kernel refuses first; what takes longer follows. Once: at a shared address sites that are not listed are met too.
 * So what was judged there goes on when an address is learned, and what is open to the new one is ended. */
static enum hf_rc lock_hosts(struct hf_layer *layer, struct hf_err *err)
{
	enum hf_rc rc = hf_lessons_count(&layer->lessons, &layer->shut);
	if (rc == HF_OK)
		rc = hf_net_table_shut(&layer->table, &layer->shut, &layer->lessons.learned, err);
	else
		rc = hf_err_set(err, rc, "No memory for the list of addresses that are shut");
	hf_refusals_listen(&layer->refusals);
	if (rc == HF_OK)
		hf_net_names_keep(&layer->names, &layer->shut, layer->table.no_way);
	if (rc == HF_OK && (layer->table.fresh || layer->names.fresh))
		rc = end_connections(layer, err);
	layer->names.fresh = false;
	layer->table.fresh = rc != HF_OK;
	hf_net_want_done(&layer->table.before);
	if (rc == HF_OK)
		rc = watch_table(layer, err);
	hf_saw_cut(layer->trouble, rc == HF_OK ? "" : err->text);
	return rc;
}

static enum hf_rc unlock_hosts(struct hf_layer *layer, struct hf_err *err)
{
	unwatch_table(layer);
	enum hf_rc rc = hf_net_table_release(&layer->table, err);
	/* One of an earlier life may still run, which there was no memory to find at the start. */
	if (layer->names.link.fd < 0)
		hf_net_names_find(&layer->names);
	hf_net_names_end(&layer->names);
	hf_refusals_stop(&layer->refusals);
	hf_lessons_unanswer(&layer->lessons);
	layer->n_unread = layer->n_over = 0;
	hf_saw_cut(layer->trouble, rc == HF_OK ? "" : err->text);
	if (rc == HF_OK)
		hf_net_table_ready(&layer->table, &layer->ready, &layer->lessons.learned);
	return rc;
}

/* Somebody changed some table. What was put right is looked at once more: if it cannot be, nobody tries for ever. */
static bool repair(struct hf_layer *layer)
{
	struct hf_err err = {""};
	enum hf_rc rc = hf_net_table_compare(&layer->table, &err);
	if (rc != HF_E_SHAPE && rc != HF_E_ABSENT)
		return false;
	hf_saw_cut(layer->found, err.text);
	layer->table.whole = false;
	layer->repaired = hf_clock_boot();
	rc = lock_hosts(layer, &err);
	if (rc == HF_OK)
		rc = hf_net_table_remember(&layer->table, &err);
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

/* What was learned ------------------------------------------------------------------------------------------------- */

/* The hosts that matter: what is shut, or what may be one day. */
static const struct hf_shut_hosts *listed_hosts(const struct hf_layer *layer)
{
	return is_locked(layer) ? &layer->shut : &layer->ready;
}

static void look_up_next(struct hf_layer *layer)
{
	const char *name = layer->calls.look_up ? hf_below_next(&layer->lessons.below, hf_clock_boot()) : NULL;
	if (name)
		layer->calls.look_up(layer->calls.arg, name);
}

/* What was learned is doubted until a name that nobody has was answered after it. */
static void ask_invented(struct hf_layer *layer)
{
	char name[HF_HOST_SIZE];
	if (layer->calls.look_up && hf_lessons_doubt(&layer->lessons, name))
		layer->calls.look_up(layer->calls.arg, name);
}

static void on_learned(void *arg, uint32_t events)
{
	struct hf_layer *layer = arg;
	struct hf_err err = {""};
	(void)events;
	ask_invented(layer);
	hf_lessons_save(&layer->lessons);
	if (is_locked(layer)) {
		layer->only_learned = true;
		if (lock_hosts(layer, &err) != HF_OK)
			hf_saw_cut(layer->trouble, err.text);
		layer->only_learned = false;
		layer->calls.changed(layer->calls.arg);
	} else if (layer->table.hooks == 0) {
		hf_net_table_ready(&layer->table, &layer->ready, &layer->lessons.learned);
	}
}

static void note_learned(struct hf_layer *layer, bool changed)
{
	if (changed && hf_timer_arm(layer->learn_timer, LEARN_PAUSE_MS) != HF_OK)
		on_learned(layer, 0);
	look_up_next(layer);
}

static void learn_answer(struct hf_layer *layer, const struct hf_dns *dns)
{
	struct hf_addrs no = {0};
	hf_user uid;
	if (!hf_answers_due(&layer->lessons.answers, dns, hf_clock_boot(), &uid))
		return;
	hf_net_keep(layer->table.link_uid, &no);
	note_learned(layer, hf_lessons_answered(&layer->lessons, &layer->shut, uid, dns, &no));
	hf_addrs_done(&no);
}

/* A device that has come to another network has nothing to unlearn before it is asked what is known there. */
static void look_where_it_is(struct hf_layer *layer)
{
	struct hf_net_here here;
	hf_net_here(&here);
	note_learned(layer, hf_lessons_look(&layer->lessons, listed_hosts(layer), &here, hf_clock_boot()));
}

static void network_names(struct hf_layer *layer, json_t *names)
{
	look_where_it_is(layer);
	hf_lessons_names(&layer->lessons, names);
}

static void network_learn(struct hf_layer *layer, const json_t *answer)
{
	struct hf_addrs no = {0};
	const struct hf_learning how = {.grow = is_locked(layer) || layer->table.hooks != 0, .no = &no};
	hf_net_keep(layer->table.link_uid, &no);
	bool changed = hf_lessons_hear(&layer->lessons, listed_hosts(layer), answer, &how);
	hf_addrs_done(&no);
	note_learned(layer, changed);
}

/* The layer -------------------------------------------------------------------------------------------------------- */

static enum hf_rc network_apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_shut_hosts shut = {0};
	enum hf_rc rc = hf_shut_hosts_of_plan(plan, &shut, err);
	if (rc != HF_OK)
		return rc;
	hf_shut_hosts_done(&layer->shut);
	layer->shut = shut;
	layer->told = true;
	return is_locked(layer) ? lock_hosts(layer, err) : unlock_hosts(layer, err);
}

static void network_ready(struct hf_layer *layer, const struct hf_plan *all)
{
	struct hf_shut_hosts ready = {0};
	struct hf_err err = {""};
	if (hf_shut_hosts_of_plan(all, &ready, &err) != HF_OK)
		return;
	hf_shut_hosts_done(&layer->ready);
	layer->ready = ready;
	if (!is_locked(layer) && layer->table.hooks == 0)
		hf_net_table_ready(&layer->table, &layer->ready, &layer->lessons.learned);
}

static enum hf_rc network_check(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf;
	enum hf_rc rc = hf_net_table_can(0, 0, err);
	return rc == HF_OK ? hf_sockets_check(err) : rc;
}

static enum hf_rc set_up_network(struct hf_layer *layer, const struct hf_enforce_conf *conf, struct hf_err *err)
{
	layer->names.loop = layer->refusals.loop = layer->loop;
	layer->names.link.said = on_names_said;
	layer->names.lost = on_names_lost;
	layer->refusals.fn = on_refused;
	layer->refusals.names = on_dns;
	layer->names.link.arg = layer->refusals.arg = layer;
	if (hf_net_names_open(&layer->names, conf) != HF_OK || hf_lessons_open(&layer->lessons, conf->state) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "A path of the network layer's settings is too long");
	hf_net_table_open(&layer->table, conf);
	enum hf_rc rc = hf_net_proxies_find(conf, &layer->table.proxies, err);
	if (rc != HF_OK)
		return rc;
	layer->refusals.group = layer->table.log_group;
	if (hf_loop_add_timer(layer->loop, on_learned, layer, &layer->learn_timer) != HF_OK ||
	    hf_loop_add_timer(layer->loop, on_repair, layer, &layer->repair_timer) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "The network layer's timer cannot be made");
	return HF_OK;
}

/* What an earlier life left hooked stays so until a plan says what is wanted. */
static void take_over_network(struct hf_layer *layer)
{
	hf_net_table_find(&layer->table);
	if (layer->table.there)
		hf_net_names_find(&layer->names);
}

static void network_close(struct hf_layer *layer)
{
	unwatch_table(layer);
	hf_watch_remove(&layer->learn_timer);
	hf_watch_remove(&layer->repair_timer);
	hf_refusals_stop(&layer->refusals);
	hf_net_names_close(&layer->names);
	hf_net_table_close(&layer->table);
	hf_lessons_close(&layer->lessons);
	hf_shut_hosts_done(&layer->shut);
	hf_shut_hosts_done(&layer->ready);
}

static enum hf_rc network_open(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	layer->loop = home->loop;
	layer->calls = *home->calls;
	layer->hands = home->conf->hands;
	layer->nft = -1;
	enum hf_rc rc = set_up_network(layer, home->conf, err);
	if (rc != HF_OK)
		return rc;
	take_over_network(layer);
	return HF_OK;
}

/* Probing ---------------------------------------------------------------------------------------------------------- */

static bool is_spared(const struct hf_layer *layer, hf_user uid)
{
	for (size_t g = 0; g < layer->table.loaded.n_groups; g++) {
		if (hf_users_has(&layer->table.loaded.groups[g], uid))
			return true;
	}
	for (size_t i = 0; i < layer->shut.n; i++) {
		if (hf_users_has(&layer->shut.v[i].open_for, uid))
			return true;
	}
	return uid == layer->table.link_uid;
}

static enum hf_rc network_forget(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	enum hf_rc rc = hf_lessons_forget(conf->state, err);
	return rc == HF_OK ? hf_fs_remove(conf->names_socket, err) : rc;
}

static void make_trial(struct hf_layer *layer, struct hf_net_trial *trial)
{
	size_t n = layer->table.loaded.n_targets;
	size_t step = n > HF_NET_PROBE_MAX ? n / HF_NET_PROBE_MAX : 1;
	memset(trial, 0, sizeof(*trial));
	trial->uid = NOBODY;
	while (is_spared(layer, trial->uid))
		trial->uid--;
	layer->trying = trial->uid;
	for (size_t i = 0; i < n && trial->n < HF_NET_PROBE_MAX; i += step)
		trial->v[trial->n++] = layer->table.loaded.targets[i].addr;
	if (layer->names.link.fd >= 0)
		trial->host = layer->shut.v[0].host;
}

/* What was refused for another reason than its name. */
static void add_refused(const struct hf_layer *layer, char ret_text[HF_SAW_MAX + 1])
{
	char over[96] = "", unread[96] = "", text[280];
	const char *portal = layer->lessons.portal.n > 0 ? "; this network answers every name: nothing is learned" : "";
	if (layer->n_unread > 0 && hf_str_printf(unread, sizeof(unread), "; refused what could not be read: %zu times",
						 layer->n_unread) != HF_OK)
		unread[0] = '\0';
	if (layer->n_over > 0 && hf_str_printf(over, sizeof(over), "; user %u had more open at once than is read",
					       (unsigned int)layer->over_uid) != HF_OK)
		over[0] = '\0';
	hf_saw_cut(ret_text, hf_str_printf(text, sizeof(text), "%s%s%s", portal, unread, over) == HF_OK ? text : "");
}

static void judge_trial(const struct hf_layer *layer, const struct hf_net_trial *trial, const struct hf_net_saw *seen,
			struct hf_saw *saw)
{
	char addr[HF_ADDR_TEXT_SIZE], refused[HF_SAW_MAX + 1];
	add_refused(layer, refused);
	hf_saw_say(saw, HF_LAYER_VERIFIED,
		   "%zu addresses and the names of %zu hosts are refused; tried as an ordinary user%s",
		   layer->table.loaded.n_targets, layer->shut.n, refused);
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
	hf_net_names_judge(&layer->names, seen, saw);
}

static void look_at_names(struct hf_layer *layer)
{
	bool was_there = layer->names.link.fd >= 0;
	if (hf_net_names_answers(&layer->names))
		return;
	if (was_there)
		hf_saw_cut(layer->found, "The process that looks at server names had stopped; it was started again");
	hf_net_names_keep(&layer->names, &layer->shut, layer->table.no_way);
}

static void probe_network(struct hf_layer *layer, struct hf_saw *saw)
{
	struct hf_net_trial trial;
	struct hf_net_saw seen;
	struct hf_err err = {""};
	repair(layer);
	hf_refusals_listen(&layer->refusals);
	look_at_names(layer);
	if (layer->trouble[0] == '\0' && !layer->table.seen && hf_net_table_remember(&layer->table, &err) != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
	if (layer->trouble[0]) {
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", layer->trouble);
		return;
	}
	make_trial(layer, &trial);
	hf_net_probe(layer->hands, &trial, &seen);
	judge_trial(layer, &trial, &seen, saw);
}

static void look_whether_open(struct hf_layer *layer)
{
	struct hf_err err = {""};
	if (!layer->told || !hf_net_table_was_put_back(&layer->table))
		return;
	hf_saw_cut(layer->found,
		   "Rules of the table holdfast had been put back while nothing is blocked; they were taken away");
	if (unlock_hosts(layer, &err) != HF_OK)
		hf_saw_cut(layer->trouble, err.text);
}

static void network_probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	struct hf_saw saw = {.state = HF_LAYER_IDLE};
	if (!is_locked(layer))
		look_whether_open(layer);
	if (is_locked(layer))
		probe_network(layer, &saw);
	else if (layer->table.hooks != 0)
		hf_saw_say(&saw, HF_LAYER_ARMED, "Rules of an earlier life of the agent still hold");
	else if (layer->trouble[0])
		hf_saw_say(&saw, HF_LAYER_FAILED, "%s", layer->trouble);
	hf_saw_found(&saw, layer->found);
	*ret_saw = saw;
}

const struct hf_layer_ops hf_layer_network = {
	.name = "network",
	.needs = "nftables (family inet, reject), sock_diag with SOCK_DESTROY; NFQUEUE for addresses that others share",
	.rights = HF_RIGHT_NET_ADMIN | HF_RIGHT_SETUID | HF_RIGHT_SETGID,
	.size = sizeof(struct hf_layer),
	.has_work = hf_layer_any_address,
	.check = network_check,
	.open = network_open,
	.apply = network_apply,
	.probe = network_probe,
	.ready = network_ready,
	.names = network_names,
	.learn = network_learn,
	.close = network_close,
	.forget = network_forget,
};
