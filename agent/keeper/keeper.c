/* SPDX-License-Identifier: MIT */
/*
 * Owns the keeper's life: what wakes it, and in what order its parts begin and end.
 * Must never open anything because it starts, stops or fails.
 */
#include "agent/keeper/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/clock.h>
#include <holdfast/key.h>
#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/topic.h>

#include "agent/keeper/keeper_inside.h"
#include "agent/keeper/refused_log.h"
#include "agent/machine/proc_paths.h"

#define FRESHNESS_SAVED_S 600 /* freshness is written down no oftener: a lost one only keeps shut longer */
#define KEY_FILE_MAX 4096

/* clang-format off */
static const enum hf_doc_type promised[HF_TOPIC_KIND_COUNT] = {
	[HF_TOPIC_TRUST] = HF_DOC_TRUST,
	[HF_TOPIC_REGISTER] = HF_DOC_REGISTER,
	[HF_TOPIC_BROKERS] = HF_DOC_BROKERS,
	[HF_TOPIC_STATE] = HF_DOC_STATE,
	[HF_TOPIC_BEAT] = HF_DOC_STATE,
	[HF_TOPIC_ASSIGNMENT] = HF_DOC_ASSIGNMENT,
	[HF_TOPIC_RECOVER] = HF_DOC_RECOVER,
	[HF_TOPIC_GLASS] = HF_DOC_GLASS,
	[HF_TOPIC_REPORT] = HF_DOC_COUNT,
	[HF_TOPIC_ASK] = HF_DOC_COUNT,
	[HF_TOPIC_ANSWER] = HF_DOC_COUNT,
};
/* clang-format on */

/* Under another device's topic, or that of another slice, nothing is said to this one. */
static bool is_for_another(const struct hf_keeper *k, const struct hf_topic *topic)
{
	int64_t slice = 0;

	if (topic->kind == HF_TOPIC_BEAT)
		return hf_slice_of(k->memory.known.device, &slice) != HF_OK || topic->slice != slice;
	return (topic->kind == HF_TOPIC_ASSIGNMENT || topic->kind == HF_TOPIC_ANSWER || topic->kind == HF_TOPIC_RECOVER ||
		topic->kind == HF_TOPIC_GLASS) &&
	       strcmp(topic->id, k->memory.known.device) != 0;
}

/* Which document may come under this topic, HF_DOC_COUNT for any; the reason when none may. */
static enum hf_rc topic_promises(const struct hf_keeper *k, const char *text, enum hf_doc_type *ret_type)
{
	struct hf_topic topic;

	if (hf_topic_parse(text, &topic) != HF_OK ||
	    (promised[topic.kind] == HF_DOC_COUNT && topic.kind != HF_TOPIC_ANSWER))
		return HF_E_TYPE;
	if (strcmp(topic.council, k->memory.known.council) != 0)
		return HF_E_COUNCIL;
	if (is_for_another(k, &topic))
		return HF_E_DEVICE;
	*ret_type = promised[topic.kind];
	return HF_OK;
}

/* It was heard; without memory for it, it is asked for again. */
static void take_recover(struct hf_keeper *k, const void *buf, size_t len)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = hf_envelope_decode(buf, len, &envelope, &err);

	if (rc == HF_OK)
		rc = hf_memory_take_recover(&k->memory, envelope, &err);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
		hf_keeper_ask(k);
	}
}

static void hear_under_topic(struct hf_keeper *k, const char *topic, const void *buf, size_t len,
			     struct hf_hearing *ret_hearing)
{
	static const char why[] = "nothing of that kind is published there for this device";
	enum hf_doc_type type = HF_DOC_COUNT;
	struct hf_err err = {""};
	enum hf_rc rc = topic_promises(k, topic, &type);

	if (rc == HF_OK) {
		rc = hf_known_hear(&k->memory.known, &(struct hf_message){buf, len, type}, ret_hearing, &err);
		if (rc == HF_OK && type == HF_DOC_RECOVER)
			take_recover(k, buf, len);
		return;
	}
	ret_hearing->refused[0].rc = rc;
	memcpy(ret_hearing->refused[0].text, why, sizeof(why));
	ret_hearing->n_refused = 1;
}

/* Freshness moved, or something is new: what follows for the memory. */
static void take_note(struct hf_keeper *k, const char *topic, const struct hf_hearing *hearing)
{
	if (hearing->fresh || hearing->grew)
		k->heard_at = hf_clock_boot();
	k->fresh = k->fresh || hearing->fresh;
	if (hearing->fresh)
		hf_keeper_glass_fresh(k);
	if (hearing->grew) {
		k->dirty = k->undecided = true;
		hf_log(HF_LOG_NOTICE, HF_EV_ACCEPTED, "topic=%s", topic);
	}
	if (k->memory.known.issued.s - k->issued_saved >= FRESHNESS_SAVED_S)
		k->minor = true;
	if (hf_memory_recover(&k->memory)) {
		k->dirty = true;
		k->news = NULL; /* that it is known again stands in no message alone */
		hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "two officers have said what is in force: it is known again");
	}
}

static bool ran_out(const struct hf_hearing *hearing)
{
	for (size_t i = 0; i < hearing->n_refused; i++) {
		if (hearing->refused[i].rc == HF_E_MEMORY)
			return true;
	}
	return false;
}

/* How far each controller had counted before a message. */
struct counted {
	struct {
		char id[HF_ID_SIZE];
		int64_t seq;
	} v[HF_CONTROLLERS_MAX];
	size_t n;
};

static void count_before(const struct hf_known *known, struct counted *ret)
{
	for (ret->n = 0; ret->n < known->n_controllers; ret->n++) {
		memcpy(ret->v[ret->n].id, known->controllers[ret->n].id, HF_ID_SIZE);
		ret->v[ret->n].seq = known->controllers[ret->n].seq;
	}
}

/* The last number of a controller; 0: it was never heard. */
static int64_t seq_of(const struct counted *before, const char *id)
{
	for (size_t i = 0; i < before->n; i++) {
		if (strcmp(before->v[i].id, id) == 0)
			return before->v[i].seq;
	}
	return 0;
}

/*
 * Has a controller gone on, and left numbers out? Then it was away, and may not have heard what was reported. A beat that
 * was dropped for what is new, or for the next beat, leaves out fewer.
 */
static bool was_away(const struct hf_keeper *k, const struct counted *before)
{
	const struct hf_known *known = &k->memory.known;

	for (size_t i = 0; i < known->n_controllers; i++) {
		int64_t old = seq_of(before, known->controllers[i].id);

		if (known->controllers[i].seq > old && (k->owes_report || known->controllers[i].seq - old > HF_SEQ_LEFT_OUT))
			return true;
	}
	return false;
}

/* A state that is refused for its number (rollback, fork) still brings orders that stand on their own approvals. */
static void hear_message(struct hf_keeper *k, const char *topic, const void *buf, size_t len)
{
	struct hf_hearing hearing = {0};
	struct counted before;
	bool away;

	count_before(&k->memory.known, &before);
	hear_under_topic(k, topic, buf, len, &hearing);
	hf_keeper_witness(k, &(struct hf_message){buf, len, HF_DOC_STATE}, &hearing);
	/* What it was refused for may hang on a message before it that is not on disk, such as a beat. */
	k->news = hearing.grew && hearing.n_refused == 0 && !k->dirty ? buf : NULL;
	k->news_len = len;
	away = was_away(k, &before);
	k->owes_report = k->owes_report && !away;
	if (hf_refused_hear(&k->refused_log, k->memory.refused, &hearing, topic, hf_clock_boot()) > 0)
		k->minor = true;
	take_note(k, topic, &hearing);
	hf_keeper_retire_heard(k, &hearing);
	k->missed = ran_out(&hearing) || (k->missed && !hearing.fresh);
	if (hearing.behind || k->missed)
		hf_keeper_ask(k);
	if (hearing.grew || hearing.fresh || k->dirty)
		hf_keeper_decide(k);
	else
		hf_keeper_report(k, false);
	k->news = NULL;
	if (away)
		hf_keeper_report_again(k);
	if (hearing.grew)
		hf_keeper_brokers(k, false);
	if (k->silent)
		hf_keeper_silence(k);
}

void hf_keeper_hear(struct hf_keeper *k, const char *topic, const void *buf, size_t len)
{
	bool trial = strncmp(topic, HF_LOCAL_TRIAL, strlen(HF_LOCAL_TRIAL)) == 0;

	hear_message(k, topic + (trial ? strlen(HF_LOCAL_TRIAL) : 0), buf, len);
	hf_keeper_broker_said(k, trial, buf, len);
}

static void ask_if_silent(struct hf_keeper *k)
{
	int64_t silence = hf_clock_boot().ms - k->heard_at.ms;

	if (k->memory.unknown || k->missed || k->heard_at.ms == 0 || silence >= k->conf.ask_s * 1000)
		hf_keeper_ask(k);
}

/* What went out while nobody carried it is told anew. */
static void note_untold(struct hf_keeper *k)
{
	for (size_t i = 0; i < k->memory.known.n_controllers; i++)
		hf_log_untold(&k->memory.known.controllers[i].log);
}

void hf_keeper_joined(struct hf_keeper *k)
{
	k->reported_at.ms = 0;
	k->asked_at.ms = 0;
	note_untold(k);
	k->joined_at = hf_clock_boot();
	k->silent = false;
	hf_keeper_brokers(k, true);
	k->owes_report = true; /* this one may come before the controller itself is there */
	hf_keeper_report(k, true);
	ask_if_silent(k);
	hf_keeper_ask_names(k);
}

/*
 * Each loss has a number of its own, so that a word on an earlier one does not end it. Each life of an agent is one: it
 * may have been killed before it wrote down a raise that it had heard, and that word was written before the raise. What
 * was made on another machine is no loss that a word could end.
 */
static void name_loss(struct hf_keeper *k)
{
	if (!k->memory.unknown || k->memory.moved || hf_memory_nonce(&k->memory))
		return;
	if (hf_key_random(&k->memory.nonce) == HF_OK)
		k->dirty = true;
	else
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "random"),
			     "cannot make a number for what was lost: each beat tries again");
}

/* Everything again: names, layers that failed, releases that wait, reports that were lost. */
static void on_beat(void *arg, uint32_t events)
{
	struct hf_keeper *k = arg;

	(void)events;
	hf_proc_paths_share(true);
	if (k->begun)
		hf_layers_apply(k->layers, &k->told.plan, false);
	name_loss(k);
	hf_keeper_windows_pay(k);
	hf_keeper_decide(k);
	if (k->minor)
		hf_keeper_save(k);
	hf_keeper_report(k, true);
	ask_if_silent(k);
	hf_keeper_silence(k);
	if (k->told.plan.n_blocks > 0)
		hf_keeper_ask_names(k);
	hf_host_trim();
	/* Last, so that a machine on which all this takes longer than a beat has time for people and news in between. */
	if (hf_timer_arm(k->beat, k->conf.beat_s * 1000) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "the beat has stopped: restart holdfast-agent");
}

static void on_change(void *arg, uint32_t events)
{
	(void)events;
	hf_keeper_decide(arg);
}

static void on_look(void *arg, uint32_t events)
{
	(void)events;
	hf_keeper_look(arg);
}

static void on_save(void *arg, uint32_t events)
{
	struct hf_keeper *k = arg;

	(void)events;
	if (k->dirty || k->minor)
		hf_keeper_save(k);
}

static void on_speak(void *arg, uint32_t events)
{
	struct hf_keeper *k = arg;

	(void)events;
	k->report_due = false;
	hf_keeper_report(k, k->report_again);
}

/* A layer calls this from inside whatever it is doing, so looking waits until the loop is back. */
static void on_layer(void *arg)
{
	struct hf_keeper *k = arg;

	k->look_ms = 1;
	if (k->look && hf_timer_arm(k->look, 1) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for a layer; each beat looks at it");
}

static void on_clock(void *arg, uint32_t events)
{
	struct hf_keeper *k = arg;

	(void)events;
	hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "this machine's clock was set");
	hf_memory_counter_begin(&k->memory, k->conf.wall());
	hf_keeper_decide(k);
}

static enum hf_rc add_watches(struct hf_keeper *k, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_add_timer(k->loop, on_beat, k, &k->beat);

	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_change, k, &k->change);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_look, k, &k->look);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_speak, k, &k->speak);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_change, k, &k->windows);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_change, k, &k->glass.end);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(k->loop, on_save, k, &k->save);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "cannot make the agent's timers");
	if (hf_loop_add_clock(k->loop, on_clock, k, &k->clock) != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "changes of the clock are seen with the next beat only: %s", strerror(errno));
	return HF_OK;
}

/* Without its key a device cannot report, and goes on enforcing. */
static void load_key(struct hf_keeper *k)
{
	const struct hf_assignment *assignment = k->memory.known.assignment;
	hf_auto_free char *pem = NULL;
	struct hf_err err = {""}, why = {""};
	struct hf_pub pub;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(k->conf.key, KEY_FILE_MAX, &pem, &len, &err);

	if (rc == HF_OK)
		rc = hf_key_from_pem(pem, len, NULL, &k->key, &err);
	if (pem)
		explicit_bzero(pem, len);
	if (hf_fs_guarded(k->conf.key, NULL, S_IRWXO | S_IWGRP, &why) == HF_E_KEY)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_KEY)),
			     "this device's key was in other hands; enrol it anew: %s", why.text);
	if (rc != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "this device's key cannot be read, so it cannot report: %s", err.text);
		return;
	}
	pub = hf_key_pub(k->key);
	if (assignment && memcmp(&pub, &assignment->pub, sizeof(pub)) != 0)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "other-key"),
			     "this device's key is not that of its assignment: enrol it again");
}

static enum hf_rc open_layers(struct hf_keeper *k, struct hf_err *err)
{
	k->layers_conf = (struct hf_layers_conf){
		.n = k->conf.n_layers,
		.left_over = k->memory.holding || k->memory.unknown,
		.enforce = k->conf.enforce,
		.calls = {.changed = on_layer,
			  .blocked = hf_keeper_blocked,
			  .told = hf_keeper_browsers,
			  .look_up = hf_keeper_look_up,
			  .ending = hf_keeper_ending,
			  .arg = k},
	};
	memcpy(k->layers_conf.ops, k->conf.layers, sizeof(k->layers_conf.ops));
	memcpy(k->layers_conf.on, k->conf.on, sizeof(k->layers_conf.on));
	return hf_layers_new(k->loop, &k->layers_conf, &k->layers, err);
}

enum hf_rc hf_keeper_new(struct hf_loop *loop, const struct hf_keeper_conf *conf, struct hf_keeper **ret_keeper,
			 struct hf_err *err)
{
	hf_auto_keeper struct hf_keeper *k = calloc(1, sizeof(*k));
	enum hf_rc rc;

	if (!k)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the keeper");
	k->loop = loop;
	k->conf = *conf;
	rc = hf_keeper_load(k, err);
	if (rc != HF_OK)
		return rc;
	load_key(k);
	rc = open_layers(k, err);
	if (rc == HF_OK)
		rc = add_watches(k, err);
	if (rc == HF_OK)
		*ret_keeper = hf_steal_ptr(&k);
	return rc;
}

/*
 * A life that was cut off after it enforced a raise and before it wrote that down leaves layers that hold something,
 * and a memory that says that nothing was held.
 */
static void look_for_left_overs(struct hf_keeper *k)
{
	hf_layers_probe(k->layers, hf_clock_boot(), 0);
	if (k->memory.holding || k->memory.unknown || !hf_layers_holding(k->layers))
		return;
	k->memory.unknown = true;
	hf_log(HF_LOG_ERROR, HF_EV_STORE,
	       "something is blocked that was not written down: all is blocked until two officers say what holds");
}

void hf_keeper_start(struct hf_keeper *k)
{
	look_for_left_overs(k);
	hf_memory_counter_begin(&k->memory, k->conf.wall());
	hf_keeper_windows_begin(k);
	hf_keeper_glass_begin(k);
	k->dirty = true; /* the counters of this life are to be reserved */
	on_beat(k, 0);
}

void hf_keeper_free(struct hf_keeper **keeper)
{
	struct hf_keeper *k = *keeper;

	if (!k)
		return;
	hf_keeper_glass_done(k);
	if (k->layers && (k->dirty || k->minor))
		hf_keeper_save(k);
	hf_layers_free(&k->layers);
	hf_presence_free(&k->presence);
	hf_watch_remove(&k->beat);
	hf_watch_remove(&k->change);
	hf_watch_remove(&k->look);
	hf_watch_remove(&k->speak);
	hf_watch_remove(&k->clock);
	hf_watch_remove(&k->windows);
	hf_watch_remove(&k->glass.end);
	hf_watch_remove(&k->save);
	hf_plan_done(&k->told);
	hf_memory_done(&k->memory);
	hf_witness_done(&k->witness);
	hf_started_done(&k->opened);
	hf_store_close(&k->store);
	hf_key_free(&k->key);
	json_decref(k->said);
	json_decref(k->looked_up);
	json_decref(k->brokers_told);
	json_decref(k->source[0].row);
	json_decref(k->source[1].row);
	free(k->report);
	free(k);
	*keeper = NULL;
}
