/* SPDX-License-Identifier: MIT */
/*
 * keeper.h - the agent's heart: hear, decide, record, act, report
 */
#ifndef HOLDFAST_AGENT_KEEPER_KEEPER_H
#define HOLDFAST_AGENT_KEEPER_KEEPER_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/json.h>
#include <holdfast/loop.h>
#include <holdfast/time.h>
#include <holdfast/user.h>

#include "agent/enforce/enforce.h"
#include "agent/machine/presence.h"
#include "agent/machine/serials.h"
#include "agent/talk/question.h"

struct hf_keeper;

#define hf_auto_keeper __attribute__((cleanup(hf_keeper_free)))

/* What a keeper needs. Texts are borrowed for as long as it lives. */
struct hf_keeper_conf {
	const char *state;     /* folder of the slots */
	const char *copy, *seal; /* files of the third copy and of its number; NULL: there is none */
	const char *enrolment; /* file that says that this device is enrolled */
	const char *key;       /* file of the device's key */
	int64_t beat_s, ask_s;
	const struct hf_layer_ops *layers[HF_LAYERS_MAX];
	bool on[HF_LAYERS_MAX];
	size_t n_layers;
	struct hf_enforce_conf enforce;
	struct hf_wall (*wall)(void);		   /* this machine's clock */
	struct hf_boot_ms (*boot)(void);	   /* what posting windows go by; NULL: hf_clock_boot */
	const struct hf_serials *serials;	   /* of this machine; NULL: as it says itself */
	const char *boot_id;			   /* which boot that is; NULL: as the kernel says */
	void (*here)(struct hf_present *ret_here); /* who is logged in; NULL: it is not known, so nothing gives way */
	void (*send)(void *arg, const char *topic, const void *buf, size_t len);
	void (*tell)(void *arg, const hf_user *uid,
		     const json_t *event); /* to the people who watch; uid NULL: to all */
	void (*leave)(void *arg); /* the agent leaves this device for good, once it has answered; NULL: it cannot */
	void *arg;
};

/*
 * hf_keeper_new - read what is remembered, open the layers; block and release nothing yet
 *
 * Memory that is lost after enrolment is begun anew from the enrolment's bundle, and everything is unknown.
 * @conf        copied; its texts are borrowed
 * @ret_keeper  to hf_keeper_free; untouched unless HF_OK
 * Owner        the caller's
 * Returns      HF_OK; HF_E_ABSENT this device is not enrolled; why the bundle is refused; HF_E_SYSTEM; HF_E_MEMORY
 * Source       proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_keeper_new(struct hf_loop *loop, const struct hf_keeper_conf *conf,
				      struct hf_keeper **ret_keeper, struct hf_err *err);

/*
 * hf_keeper_start - decide for the first time, and go on with each beat
 *
 * @keeper   its send can be called from now on
 */
void hf_keeper_start(struct hf_keeper *keeper);

/*
 * hf_keeper_hear - one message from a link: learn what it proves, decide, record, act, report; what is
 * refused is counted and reported
 *
 * @topic    where it was published, text
 * @buf, @len  the message
 */
void hf_keeper_hear(struct hf_keeper *keeper, const char *topic, const void *buf, size_t len);

/*
 * hf_keeper_broker_joined - a link says which broker it has just joined, HF_LOCAL_BROKER
 *
 * Source    proto/README.md "Brokers"
 */
void hf_keeper_broker_joined(struct hf_keeper *keeper, const void *buf, size_t len);

/*
 * hf_keeper_learn - a link says which network addresses hosts have, {"addresses": {"host": [address...]}}
 *
 * It is asked on joining, with each new register, at a raise and with each beat while something is blocked. What was
 * not asked for is passed over; what is left is judged by the layer.
 * @buf, @len  not to be believed
 * Source    proto/README.md "Who is trusted with what"
 */
void hf_keeper_learn(struct hf_keeper *keeper, const void *buf, size_t len);

/*
 * hf_keeper_joined - a link has come: it is given the newest report, and asked for news
 *
 * @keeper   started
 * Source    proto/README.md "Bus"
 */
void hf_keeper_joined(struct hf_keeper *keeper);

/*
 * hf_keeper_answer - what one user of this device asks: see question.h
 *
 * An acknowledgement counts for the person of the assignment who has this login, and for nobody else; only of a text
 * that is asked for now, and that this person has opened. It is written down, then it opens. The answer to it is
 * {"already": true|false, "at": time, "level": "open|guard|block"}, the level being what holds for this person now.
 * @uid      as the kernel says
 * Owner     a new reference, the caller's
 * Returns   the answer, or hf_refusal_json; NULL no such question, or no memory
 * Source    policy D10
 */
json_t *hf_keeper_answer(struct hf_keeper *keeper, hf_user uid, const struct hf_question *question);

/*
 * hf_keeper_forget - of a device that nothing keeps any more: let go of what is left, and remove every trace of the layers
 * and of the memory
 *
 * @conf     as hf_keeper_new
 * Returns   HF_OK; HF_E_PENDING something is blocked here, and was not released; HF_E_SYSTEM; HF_E_MEMORY
 * Source    policy D9.2, D9.3
 */
HF_NODISCARD enum hf_rc hf_keeper_forget(struct hf_loop *loop, const struct hf_keeper_conf *conf, struct hf_err *err);

/*
 * hf_keeper_free - write down what can wait no longer, stop; what is blocked stays blocked; sets to NULL
 *
 * @keeper   address of the pointer; accepts NULL in it
 * Source    proto/README.md "Who is trusted with what"
 */
void hf_keeper_free(struct hf_keeper **keeper);

#endif
