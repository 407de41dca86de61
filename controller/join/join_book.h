/* SPDX-License-Identifier: MIT */
/*
 * join_book.h - who asks to join, with which token, and what was answered
 *
 * Pure. What strangers say is kept in memory alone, within shares; tokens and answers are what is written down.
 */
#ifndef HOLDFAST_CONTROLLER_JOIN_BOOK_H
#define HOLDFAST_CONTROLLER_JOIN_BOOK_H

#include <holdfast/join.h>
#include <holdfast/time.h>

#define HF_JOIN_WAITING_MAX 2048	     /* who waits: four waves of 500 laptops */
#define HF_JOIN_ANSWERED_MAX 4096	     /* who was approved; the oldest leave */
#define HF_JOIN_TOKENS_MAX 256		     /* batches, and laptops with one of their own */
#define HF_JOIN_USES_MAX 20000		     /* an estate */
#define HF_JOIN_DAYS_MAX 366		     /* a token that lives for ever is a password */
#define HF_JOIN_GROUPS_MAX 16		     /* as many as an assignment of one wave needs */
#define HF_JOIN_SOURCE_SIZE 64		     /* an address as text */
#define HF_JOIN_GONE_S ((int64_t)3 * 86400)  /* who has not asked for so long waits no more: over a weekend */
#define HF_JOIN_BOOK_FILE_MAX (32 * 1024 * 1024) /* bytes: all answers, each at its largest */

/* A token, without its secret. */
struct hf_join_batch {
	json_t *doc; /* owns the texts */
	const char *batch, *device, *serial; /* "" : any */
	struct hf_digest secret;	     /* SHA-256 of it */
	int64_t uses, used;
	struct hf_wall until;
	struct hf_strs groups;
};

/* One laptop that asks, or was answered. */
struct hf_join_row {
	struct hf_digest id;
	json_t *ask; /* without its secret; owns the texts */
	const char *csr, *serial, *name;
	struct hf_pub pub;
	struct hf_machine machine;
	char batch[HF_ID_SIZE], source[HF_JOIN_SOURCE_SIZE];
	struct hf_wall first, last;
	char device[HF_ID_SIZE]; /* "": it waits */
	char *certificate;	 /* PEM; NULL: it waits */
};

/* Where devices find the broker, as whoever approved last said it. */
struct hf_join_place {
	json_t *doc;
	const char *host, *ca;
	int64_t port;
};

struct hf_join_book {
	struct hf_join_batch *batches;
	size_t n_batches, batch_room;
	struct hf_join_row *rows;
	size_t n_rows, row_room;
	struct hf_join_place place;
	int64_t refused, full; /* requests without a token that counts, and without a share, in this life */
};

/* Who asks, from where: its address as text. */
struct hf_join_guest {
	const struct hf_join_ask *ask;
	const char *source;
	struct hf_wall now;
};

/* What the laptop is told. */
enum hf_join_said { HF_JOIN_REFUSED, HF_JOIN_FULL, HF_JOIN_WAITS, HF_JOIN_APPROVED };

struct hf_join_told {
	enum hf_join_said said;
	const struct hf_join_row *row; /* belongs to the book until it is changed; NULL: it is refused, or there is no room */
};

/*
 * hf_join_book_ask - a laptop asks, for the first time or again
 *
 * A new one is let in by a token that is not over and has uses left, and while its source has a share: half of the room
 * that the others leave.
 * @ret_told untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Joining"
 */
HF_NODISCARD enum hf_rc hf_join_book_ask(struct hf_join_book *book, const struct hf_join_guest *guest,
					 struct hf_join_told *ret_told);

/*
 * hf_join_book_batch - a token more
 *
 * @doc      {"batch", "secret": its SHA-256, "uses", "used", "until", "groups", "device", "serial"}; borrowed
 * Returns   HF_OK; HF_E_SHAPE; HF_E_FORK there is one of that name; HF_E_SIZE there are too many; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_join_book_batch(struct hf_join_book *book, json_t *doc, struct hf_err *err);

/*
 * hf_join_book_end - a token counts no more: who waits with it is forgotten, who was approved stays so
 *
 * Returns   HF_OK; HF_E_ABSENT
 */
HF_NODISCARD enum hf_rc hf_join_book_end(struct hf_join_book *book, const char *batch, struct hf_err *err);

/*
 * hf_join_book_answer - a laptop that waits was approved
 *
 * @doc      {"id", "device", "certificate"}; borrowed
 * Returns   HF_OK; HF_E_SHAPE; HF_E_ABSENT it does not wait; HF_E_VOID its token is over, or has no use left; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_join_book_answer(struct hf_join_book *book, json_t *doc, struct hf_wall now,
					    struct hf_err *err);

/*
 * hf_join_book_place - where devices find the broker from now on
 *
 * @doc      {"host", "port", "ca"}; borrowed
 * Returns   HF_OK; HF_E_SHAPE; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_join_book_place(struct hf_join_book *book, json_t *doc, struct hf_err *err);

/*
 * hf_join_book_show - who waits, with what the law of matching needs to know, and the tokens
 *
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 * Source    controller/API.md "The door"
 */
json_t *hf_join_book_show(const struct hf_join_book *book, struct hf_wall now);

/*
 * hf_join_book_save, hf_join_book_load - what is written down, and read again
 *
 * @book     load: zeroed before; to hf_join_book_done, also after a failure
 * Owner     a new reference, the caller's (NULL: no memory); doc is borrowed
 * Returns   HF_OK; HF_E_SHAPE; HF_E_MEMORY
 */
json_t *hf_join_book_save(const struct hf_join_book *book);
HF_NODISCARD enum hf_rc hf_join_book_load(struct hf_join_book *book, json_t *doc, struct hf_err *err);

/*
 * hf_join_book_done - free all, zero
 */
void hf_join_book_done(struct hf_join_book *book);

#endif
