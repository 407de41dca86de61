/* SPDX-License-Identifier: MIT */
/*
 * notice_rows.h - the outbox beside the chain: who is told what, and how far each message is
 *
 * It has people's addresses: it is this file's alone, and no part of the record.
 */
#ifndef HOLDFAST_CONTROLLER_NOTICE_ROWS_H
#define HOLDFAST_CONTROLLER_NOTICE_ROWS_H

#include "controller/journal/journal.h"

#define HF_OUTBOX_MAX 20000   /* messages that are not gone yet: five of the largest lockdowns at once */
#define HF_NOTICE_LINE_MAX 300 /* bytes of what a server said; a line of SMTP has 512 at most, and people read the first */

/* How far one message is. */
#define HF_NOTICE_LIST(X)                                                                                              \
	X(HF_NOTICE_WAITING, "waiting")                                                                                \
	X(HF_NOTICE_SENDING, "sending") /* it may be gone */                                                           \
	X(HF_NOTICE_SENT, "sent")                                                                                      \
	X(HF_NOTICE_UNKNOWN, "unknown") /* the line was lost after its last byte: it may have arrived */               \
	X(HF_NOTICE_FAILED, "failed")                                                                                  \
	X(HF_NOTICE_CANCELLED, "cancelled")                                                                            \
	X(HF_NOTICE_DROPPED, "dropped")
#define HF_NOTICE_ENUM(code, name) code,
enum hf_notice_state { HF_NOTICE_LIST(HF_NOTICE_ENUM) HF_NOTICE_STATE_COUNT };
#undef HF_NOTICE_ENUM

#define HF_AGAIN_SENT 1 /* it was unknown, and was sent once more already */
#define HF_AGAIN_OVER 2 /* its lockdown was released, or amended, since */

/* One message to one address. Texts of a row that was read live until the function that gets it returns. */
struct hf_notice_row {
	int64_t id; /* 0: it is written for the first time */
	struct hf_digest lockdown; /* zeros: of none */
	const char *what, *person;
	const char *channel; /* "mail", "sms", or the name of a hook */
	const char *address; /* as the channel has it */
	size_t letter;		    /* to be written: which of the batch */
	const char *subject, *body; /* read */
	int64_t state;
	struct hf_wall made, due;
	struct hf_wall first; /* when it was tried first; 0: never */
	int64_t tries;
	int64_t again;	/* HF_AGAIN_SENT, HF_AGAIN_OVER: it is not sent once more */
	int64_t code;	/* the last answer of a server; 0: none */
	const char *line; /* the first that refused it, as the server said it: it may quote the address */
	bool seen;	/* a person has seen that it failed */
	const char *session; /* of whoever sends it */
};

struct hf_letter_row {
	const char *subject, *body;
};

/* What an order writes with itself, in its transaction. */
struct hf_notice_batch {
	const struct hf_letter_row *letters;
	size_t n_letters;
	const struct hf_notice_row *rows;
	size_t n_rows;
	const struct hf_digest *cancels; /* lockdowns whose messages that are not gone are cancelled before */
	size_t n_cancels;
	const struct hf_notice_row *settled; /* how far this one is now, as hf_journal_set_notice; NULL: none */
};

/* Which rows are handed out, oldest first. */
struct hf_notice_ask {
	int64_t id;		/* this one alone; 0: any */
	const struct hf_digest *lockdown; /* of this one; NULL: of any */
	const char *due;	/* that may be sent by this channel at `now`: waiting, or unknown and not sent again yet; NULL: all */
	struct hf_wall now;
	int64_t after; /* behind this id */
	int64_t most;
};

/* How many there are. */
struct hf_notice_counts {
	int64_t n[HF_NOTICE_STATE_COUNT];
	int64_t unseen_failed, unseen_unknown;
};

typedef enum hf_rc (*hf_notice_row_fn)(void *arg, const struct hf_notice_row *row, struct hf_err *err);

/*
 * hf_notice_state_name - "waiting", "sending" ...
 *
 * Owner     static text
 * Returns   the word
 * Source    controller/API.md "The outbox"
 */
const char *hf_notice_state_name(int64_t state);

/*
 * hf_journal_each_notice - rows of the outbox
 *
 * Owner     see hf_notice_row
 * Returns   HF_OK; HF_E_SYSTEM; what fn returned
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_journal_each_notice(struct hf_journal *journal, const struct hf_notice_ask *ask,
					       hf_notice_row_fn fn, void *arg, struct hf_err *err);

/*
 * hf_journal_set_notice - how far a message is now: state, due, first, tries, again, code, line, seen, session
 *
 * Owner     copied to disk, in a commit of its own
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_journal_set_notice(struct hf_journal *journal, const struct hf_notice_row *row,
					      struct hf_err *err);

/*
 * hf_journal_abandon_notices - what another session was sending by this channel is unknown: whoever sent it is gone
 *
 * @due      when it is sent once more
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_journal_abandon_notices(struct hf_journal *journal, const char *channel, const char *session,
						   struct hf_wall due, struct hf_err *err);

/*
 * hf_journal_see_notices - a person has seen all that failed or is unknown now
 *
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_journal_see_notices(struct hf_journal *journal, struct hf_err *err);

/*
 * hf_journal_count_notices - how many messages are how far
 *
 * @channel  of this one; NULL: of all
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_journal_count_notices(struct hf_journal *journal, const char *channel,
						 struct hf_notice_counts *ret, struct hf_err *err);

#endif
