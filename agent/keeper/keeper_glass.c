/* SPDX-License-Identifier: MIT */
/*
 * Owns how this device is opened by the halves of two officers while nobody hears the council, and how it shuts again.
 * Must never look at halves that are not counted on disk, nor open by a slot that is not written down as used.
 */
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"

/* One try, while a thread works out what the halves are known by: a fifth of a second, in which the agent goes on. */
struct hf_glass_trial {
	struct hf_keeper *keeper; /* NULL: it has ended meanwhile */
	struct hf_loop *loop;
	pthread_t thread;
	struct hf_glass_offer offer;
	char council[HF_ID_SIZE], device[HF_ID_SIZE];
	struct hf_glass_slot slots[HF_GLASS_SIDES];
	struct hf_glass_half halves[HF_GLASS_SIDES];
	struct hf_digest verifiers[HF_GLASS_SIDES];
	enum hf_rc rc;	   /* HF_OK: both are right; HF_E_SIGNATURE: not both are */
	atomic_bool ended; /* the keeper has */
	bool posted;	   /* the loop frees it; read once the thread is joined */
};

static struct hf_glass_case case_of(const struct hf_keeper *k, const struct hf_glass_slots *slots,
				    const struct hf_lockdowns *lockdowns, struct hf_pub *pub)
{
	if (k->key)
		*pub = hf_key_pub(k->key);
	return (struct hf_glass_case){
		.known = &k->memory.known,
		.slots = slots,
		.pub = k->key ? pub : NULL,
		.time = hf_keeper_posting_time(k),
		.fresh = k->glass.fresh,
		.shut = k->told.plan.n_blocks > 0,
		.whole = !k->memory.unknown && lockdowns->n_over == 0,
	};
}

/* @slots: as if they stood so. */
static enum hf_rc offer_now(const struct hf_keeper *k, const struct hf_glass_slots *slots, struct hf_glass_offer *ret,
			    struct hf_err *err)
{
	hf_auto_lockdowns struct hf_lockdowns lockdowns = {0};
	struct hf_glass_case matter;
	struct hf_pub pub;
	enum hf_rc rc = hf_known_lockdowns(&k->memory.known, k->conf.wall(), &lockdowns, err);

	if (rc != HF_OK)
		return rc;
	matter = case_of(k, slots, &lockdowns, &pub);
	return hf_glass_offer_of(&matter, ret, err);
}

static void work_out(struct hf_glass_trial *trial)
{
	bool right = true;

	trial->rc = HF_OK;
	for (int side = 0; side < HF_GLASS_SIDES && trial->rc == HF_OK; side++) {
		struct hf_digest made = {0};

		trial->rc = hf_glass_verifier(&trial->halves[side], &trial->slots[side], &made);
		right = CRYPTO_memcmp(made.b, trial->verifiers[side].b, sizeof(made.b)) == 0 && right;
	}
	if (trial->rc == HF_OK && !right)
		trial->rc = HF_E_SIGNATURE;
}

static void free_trial(struct hf_glass_trial *trial)
{
	OPENSSL_cleanse(trial, sizeof(*trial));
	free(trial);
}

static void say_last(struct hf_keeper *k, enum hf_rc rc, const char *why)
{
	k->glass.last = rc;
	if (hf_str_copy(k->glass.why, sizeof(k->glass.why), why) != HF_OK)
		k->glass.why[0] = '\0';
}

/* The slot is on disk as used, or nothing is opened. */
static enum hf_rc open_by(struct hf_keeper *k, const struct hf_glass_offer *offer, struct hf_err *err)
{
	const struct hf_glass_slots before = k->memory.glass;
	const struct hf_posting_time now = hf_keeper_posting_time(k);

	hf_glass_open_slot(&k->memory.glass, offer, &now);
	k->dirty = true;
	if (hf_keeper_save(k))
		return HF_OK;
	k->memory.glass = before;
	return hf_err_set(err, HF_E_SYSTEM,
			  "This device cannot write down that these halves are used (%.160s), so it stays shut: ring IT.", k->trouble);
}

/* What may have changed while it was worked out is looked at again; the try itself holds nothing up. */
static enum hf_rc open_if_still(struct hf_keeper *k, const struct hf_glass_trial *trial, struct hf_err *err)
{
	struct hf_glass_slots without = k->memory.glass;
	struct hf_glass_offer offer;
	enum hf_rc rc;

	without.tries = without.wait_ms = 0;
	rc = offer_now(k, &without, &offer, err);
	if (rc == HF_OK && (offer.set != trial->offer.set || offer.slot != trial->offer.slot))
		rc = hf_err_set(err, HF_E_ROLLBACK, "The council has made new halves of this device meanwhile.");
	return rc == HF_OK ? open_by(k, &offer, err) : rc;
}

static void judge_trial(struct hf_keeper *k, const struct hf_glass_trial *trial)
{
	struct hf_err err = {""};
	enum hf_rc rc = trial->rc;

	if (rc == HF_OK)
		rc = open_if_still(k, trial, &err);
	else if (rc == HF_E_SIGNATURE)
		rc = hf_err_set(&err, rc, "These are not the halves of slot %lld of this device.", (long long)trial->offer.slot);
	else
		rc = hf_err_set(&err, rc, "There is no memory to look at the halves: try again in a moment.");
	say_last(k, rc, err.text);
	if (rc == HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_RELEASE, "opened by break-glass: set=%lld slot=%lld minutes=%lld",
		       (long long)trial->offer.set, (long long)trial->offer.slot, (long long)trial->offer.minutes);
	else
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(rc)), "halves of break-glass, slot=%lld",
			     (long long)trial->offer.slot);
	k->undecided = true; /* told to the people, whatever follows */
	if (hf_timer_arm(k->change, 1) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait to decide about break-glass; each beat does");
}

static void on_worked_out(void *arg)
{
	struct hf_glass_trial *trial = arg;
	struct hf_keeper *k = trial->keeper;

	if (k) {
		(void)pthread_join(trial->thread, NULL);
		k->glass.trial = NULL;
		judge_trial(k, trial);
	}
	free_trial(trial);
}

/* The agent's thread must hear of it, or nobody could try again; unless that one ends, and waits for this. */
static void *try_halves(void *arg)
{
	struct hf_glass_trial *trial = arg;

	work_out(trial);
	while (!(trial->posted = hf_loop_post(trial->loop, on_worked_out, trial) == HF_OK) && !atomic_load(&trial->ended))
		(void)sched_yield();
	return NULL;
}

static enum hf_rc fill_trial(struct hf_keeper *k, const struct hf_glass_offer *offer, struct hf_glass_trial *trial)
{
	const struct hf_known *known = &k->memory.known;

	trial->keeper = k;
	trial->loop = k->loop;
	trial->offer = *offer;
	for (int side = 0; side < HF_GLASS_SIDES; side++) {
		const struct hf_glass *doc = known->glass[side].doc;

		trial->slots[side] = (struct hf_glass_slot){.council = trial->council,
							    .device = trial->device,
							    .pub = doc->pub,
							    .side = (enum hf_glass_side)side,
							    .set = offer->set,
							    .slot = offer->slot};
		trial->verifiers[side] = doc->verifiers[offer->slot - 1];
	}
	return hf_str_copy(trial->council, sizeof(trial->council), known->council) == HF_OK
		       ? hf_str_copy(trial->device, sizeof(trial->device), known->device)
		       : HF_E_SIZE;
}

/* On disk before anybody looks: a power cut gives no try back. */
static enum hf_rc count_try(struct hf_keeper *k, struct hf_err *err)
{
	const struct hf_glass_slots before = k->memory.glass;
	const struct hf_posting_time now = hf_keeper_posting_time(k);

	hf_glass_count_try(&k->memory.glass, &now);
	k->dirty = true;
	if (hf_keeper_save(k))
		return HF_OK;
	k->memory.glass = before;
	return hf_err_set(err, HF_E_SYSTEM, "This device cannot write down that somebody tries to open it (%.160s): ring IT.",
			  k->trouble);
}

static enum hf_rc begin_trial(struct hf_keeper *k, const char *typed, struct hf_err *err)
{
	struct hf_glass_trial *trial = calloc(1, sizeof(*trial));
	struct hf_glass_offer offer;
	enum hf_rc rc;

	if (!trial)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to look at the halves: try again in a moment.");
	rc = hf_glass_read(typed, trial->halves, err);
	if (rc == HF_OK)
		rc = offer_now(k, &k->memory.glass, &offer, err);
	if (rc == HF_OK)
		rc = count_try(k, err);
	if (rc == HF_OK)
		rc = fill_trial(k, &offer, trial);
	if (rc == HF_OK && pthread_create(&trial->thread, NULL, try_halves, trial) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is no memory to look at the halves: try again in a moment.");
	if (rc == HF_OK)
		k->glass.trial = trial;
	else
		free_trial(trial);
	return rc;
}

static const char *state_word(const struct hf_keeper *k, enum hf_rc rc, const struct hf_posting_time *now)
{
	if (hf_glass_is_open(&k->memory.glass, now))
		return "open";
	if (k->glass.trial)
		return "trying";
	return rc == HF_OK ? "ready" : rc == HF_E_PENDING ? "waits" : "none";
}

json_t *hf_keeper_glass_view(struct hf_keeper *k)
{
	const struct hf_posting_time now = hf_keeper_posting_time(k);
	struct hf_glass_offer offer = {0};
	struct hf_err err = {""};
	enum hf_rc rc = offer_now(k, &k->memory.glass, &offer, &err);
	bool open = hf_glass_is_open(&k->memory.glass, &now);

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "state", state_word(k, rc, &now), "set",
			 (json_int_t)(open ? k->memory.glass.set : offer.set), "slot",
			 (json_int_t)(open ? k->memory.glass.slot : offer.slot), "left_s",
			 (json_int_t)((hf_glass_left_ms(&k->memory.glass, &now) + 999) / 1000), "wait_s", (json_int_t)offer.wait_s, "why",
			 err.text, "last", k->glass.tried ? hf_rc_name(k->glass.last) : "", "last_why", k->glass.why);
}

static enum hf_rc may_try(struct hf_keeper *k, hf_user uid, struct hf_err *err)
{
	struct hf_pairs pairs;

	if (uid != 0 && !hf_keeper_pair_of(k, uid, &pairs))
		return hf_err_set(err, HF_E_STRANGER, "You are none of the people whom the council has assigned to this device.");
	if (k->glass.trial)
		return hf_err_set(err, HF_E_PENDING, "Halves are being looked at already.");
	return HF_OK;
}

json_t *hf_keeper_answer_glass(struct hf_keeper *k, hf_user uid, const struct hf_question *question)
{
	struct hf_err err = {""};
	enum hf_rc rc;

	if (!question->text[0])
		return hf_keeper_glass_view(k);
	rc = may_try(k, uid, &err);
	if (rc == HF_OK)
		rc = begin_trial(k, question->text, &err);
	if (rc != HF_OK)
		return hf_refusal_json(rc, "%s", err.text);
	k->glass.tried = true;
	say_last(k, HF_E_PENDING, "");
	return hf_keeper_glass_view(k);
}

void hf_keeper_glass_begin(struct hf_keeper *k)
{
	const struct hf_posting_time now = hf_keeper_posting_time(k);

	k->glass.fresh = now.boot;
	if (hf_glass_resume(&k->memory.glass, &now))
		k->dirty = true;
}

static void shut(struct hf_keeper *k, const char *why)
{
	if (!hf_glass_shut(&k->memory.glass))
		return;
	k->dirty = true;
	k->news = NULL; /* that it is shut again stands in no message alone */
	hf_log(HF_LOG_NOTICE, HF_EV_ENFORCE, "break-glass is over: %s", why);
}

void hf_keeper_glass_fresh(struct hf_keeper *k)
{
	k->glass.fresh = hf_keeper_posting_time(k).boot;
	shut(k, "the council is heard again");
}

bool hf_keeper_glass_holds(struct hf_keeper *k, const struct hf_lockdowns *lockdowns)
{
	const struct hf_posting_time now = hf_keeper_posting_time(k);
	int64_t left = hf_glass_left_ms(&k->memory.glass, &now);

	if (left == 0)
		shut(k, "its minutes are up");
	else if (k->memory.unknown || lockdowns->n_over > 0)
		shut(k, "what is in force is not known for sure any more");
	if (hf_timer_arm(k->glass.end, left) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"),
			     "cannot wait for the end of break-glass; each beat looks");
	return k->memory.glass.until_ms != 0;
}

void hf_keeper_glass_done(struct hf_keeper *k)
{
	struct hf_glass_trial *trial = k->glass.trial;

	if (!trial)
		return;
	atomic_store(&trial->ended, true);
	(void)pthread_join(trial->thread, NULL);
	trial->keeper = NULL;
	k->glass.trial = NULL;
	if (!trial->posted)
		free_trial(trial);
}
