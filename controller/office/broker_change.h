/* SPDX-License-Identifier: MIT */
/*
 * broker_change.h - the next list of brokers: from what an officer wishes to its payload, and what it changes in words
 */
#ifndef HOLDFAST_OFFICE_BROKER_CHANGE_H
#define HOLDFAST_OFFICE_BROKER_CHANGE_H

#include <holdfast/brokers.h>

#include "controller/office/council_view.h"
#include "controller/office/sentence.h"

#define HF_BROKER_PORT 8883 /* of MQTT over TLS, as IANA has it */

/* What is wished: one that goes, one that comes, or one in place of another. */
struct hf_broker_wish {
	const char *gone;      /* the id of a broker in effect; NULL: none goes */
	struct hf_broker come; /* its id NULL: none comes */
};

/*
 * hf_brokers_wished - the list in effect with what is wished, as an unsigned envelope
 *
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT none in effect has that id; HF_E_USAGE it stands there already, is no host, is too many, or
 *           none would be left; HF_E_MEMORY
 * Source    proto/README.md "Brokers"
 */
HF_NODISCARD enum hf_rc hf_brokers_wished(const struct hf_view *view, const struct hf_broker_wish *wish,
					  struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_brokers_change - must two approve this list: it takes away what is in effect, or comes after too many that one wrote
 *
 * Returns   true or false; of one that is known already false
 * Source    proto/README.md "Brokers"
 */
bool hf_brokers_change(const struct hf_view *view, const struct hf_brokers *brokers);

/*
 * hf_words_brokers - the list in plain words, and what becomes of devices by it
 *
 * Returns   HF_OK; reasons of hf_brokers_decode
 */
HF_NODISCARD enum hf_rc hf_words_brokers(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_broker_ca_text - by which authority its certificate is checked, as a sentence goes on
 *
 * @text     room for HF_BROKER_CA_TEXT_SIZE
 * Returns   text
 */
#define HF_BROKER_CA_TEXT_SIZE 160
const char *hf_broker_ca_text(const struct hf_broker *broker, char text[HF_BROKER_CA_TEXT_SIZE]);

#endif
