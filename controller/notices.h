/* SPDX-License-Identifier: MIT */
/*
 * notices.h - people are told: messages written with an order, in its transaction, and handed to whoever sends them
 *
 * Nothing here holds an order back: what cannot be told is said on every screen.
 */
#ifndef HOLDFAST_CONTROLLER_NOTICES_H
#define HOLDFAST_CONTROLLER_NOTICES_H

#include "controller/controller.h"
#include "controller/journal/notice_rows.h"
#include "controller/telling/contacts.h"

/*
 * hf_notices_append - record a document together with the messages that it asks for, all or nothing
 *
 * If the messages cannot be written the document is recorded alone, and why is said.
 * @entries  n of them, the envelope's first
 * Returns   as hf_journal_append
 * Source    policy D9.3; controller/API.md "The outbox"
 */
HF_NODISCARD enum hf_rc hf_notices_append(struct hf_controller *c, const struct hf_entry *entries, size_t n,
					  const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_notices_test - one message to try a channel with
 *
 * @to       an address, the number of a mobile telephone, the name of a hook, or a person of the people file
 * @sms      a person by text message
 * @ret_id   of the message; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE; HF_E_ABSENT no such person, or without an address; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_notices_test(struct hf_controller *c, const char *to, bool sms, int64_t *ret_id,
					   struct hf_err *err);

/*
 * hf_notices_people - read the people file
 *
 * @ret      zeroed before; to hf_contacts_done, also when it fails
 * Returns   HF_OK; HF_E_ABSENT; HF_E_KEY others may read it (and it is read all the same); as hf_fs_read
 */
enum hf_rc hf_notices_people(const struct hf_controller *c, struct hf_contacts *ret, struct hf_err *err);

/* What became of one message, by whoever sent it. */
/* clang-format off */
enum hf_sent { HF_SENT_GONE, HF_SENT_REFUSED, HF_SENT_LATER, HF_SENT_UNKNOWN, HF_SENT_STOPPED, HF_SENT_COUNT };
/* clang-format on */
struct hf_sending {
	int64_t id;
	const char *session; /* of whoever sends: it tells one life from the next */
	enum hf_sent outcome;
	int64_t code;
	const char *line; /* first that refused; for STOPPED why the channel cannot be used */
};

/* Who takes messages. */
struct hf_taker {
	const char *channel, *session;
};

/*
 * hf_sent_from_name - "sent", "refused", "later", "unknown", "stopped"
 *
 * Returns   HF_SENT_COUNT: none of them
 * Source    controller/API.md "The outbox"
 */
enum hf_sent hf_sent_from_name(const char *name);

/*
 * hf_notices_take - what is to be sent now by a channel
 *
 * Another session than the last is a new life: what the old one was sending is unknown. Of a channel that stopped one
 * message is handed out every HF_PROBE_S, and no other.
 * @fn       gets at most `most` rows
 * Returns   HF_OK; HF_E_ABSENT no such channel; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_notices_take(struct hf_controller *c, const struct hf_taker *taker, hf_notice_row_fn fn,
					void *arg, struct hf_err *err);

/*
 * hf_notices_begin - before its last byte goes out: is this message still to be sent; from now on it may be gone
 *
 * @ret_go   false: it was cancelled, dropped, or sent
 * Returns   HF_OK; HF_E_ABSENT no such message; HF_E_SYSTEM then it must not be sent
 */
HF_NODISCARD enum hf_rc hf_notices_begin(struct hf_controller *c, const struct hf_sending *sending, bool *ret_go,
					 struct hf_err *err);

/*
 * hf_notices_outcome - what became of it
 *
 * @ret_state  of the message now; untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT no such message; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_notices_outcome(struct hf_controller *c, const struct hf_sending *sending,
					   enum hf_notice_state *ret_state, struct hf_err *err);

/*
 * hf_notices_retry, hf_notices_drop - somebody decides about a message that failed, is unknown, or waits
 *
 * Returns   HF_OK; HF_E_ABSENT no such message; HF_E_MISMATCH it is sent, cancelled or dropped; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_notices_retry(struct hf_controller *c, int64_t id, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_notices_drop(struct hf_controller *c, int64_t id, struct hf_err *err);

/*
 * hf_notices_on - are people told of anything here
 */
bool hf_notices_on(const struct hf_controller *c);

/*
 * hf_notices_start - know the channels, since when each has been stopped, and whom messages are handed to
 *
 * Returns   HF_OK; HF_E_SHAPE the settings name no such channel; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_notices_start(struct hf_controller *c, struct hf_err *err);

#endif
