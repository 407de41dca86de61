/* SPDX-License-Identifier: MIT */
/*
 * lockdowns.h - the join of orders, and what is in force because of it
 *
 * The set of orders only grows; union is the merge. What is in force is a pure function of the set, the newest
 * trust and time.
 */
#ifndef HOLDFAST_LOCKDOWNS_H
#define HOLDFAST_LOCKDOWNS_H

#include <holdfast/approval.h>
#include <holdfast/envelope.h>
#include <holdfast/order.h>
#include <holdfast/time.h>
#include <holdfast/trust.h>

/*
 * The shares: what is kept of what one key approved, the newest by `at`, and one order beyond it, which says that the
 * share is full. See proto/README.md "Shares".
 */
#define HF_SHARE_RAISES_MAX 64		     /* live raises of one kind: years of one officer, and one page of a report */
#define HF_SHARE_AMENDMENTS_MAX 128	     /* live amendments of one kind: two for each raise */
#define HF_SHARE_BYTES_MAX (512 * 1024)	     /* of payload, of either: 16 orders of the largest size, 200 of the usual */
#define HF_SHARE_EXERCISES_MAX 8	     /* exercises, amendments of them, and releases of them */
#define HF_SHARE_EXERCISE_BYTES_MAX (96 * 1024) /* of payload, of each of the three: three of the largest size */
#define HF_KEPT_RELEASES_MAX 1024	     /* live releases of all: two people approved each; years of a council */
#define HF_KEPT_RELEASES_BYTES_MAX (1024 * 1024) /* of payload: 1,024 of the usual size */
#define HF_EXERCISES_IN_FORCE_MAX 2	     /* of one key: a drill, and the one that follows it */
#define HF_EXERCISE_S (7 * 24 * 3600)	     /* an exercise that nobody ended is over after a week */
#define HF_SHARE_FULL 1000		     /* thousandths: see hf_orders_share */
#define HF_SAID_FIRST_MAX 8		     /* lockdowns of one person that are said before everybody's others */
#define HF_SET_MAX 16384 /* orders in one file: more than the shares of 64 keys; a damaged file asks for no more memory */

/* One order that was heard, with all its approvals that were heard. */
struct hf_heard {
	struct hf_envelope *envelope;
	struct hf_order *order;
	struct hf_signers signers;	       /* found with the trust that the set was last judged by */
	struct hf_pub keys[HF_SIGNATURES_MAX]; /* which key made each signature of the envelope; all of them verified */
};

/* Sorted by digest. Start it zeroed. */
struct hf_orders {
	struct hf_heard *v;
	size_t n;
	size_t room;
};

/* The times that decide. */
struct hf_now {
	struct hf_wall local;  /* this machine's clock, right or wrong */
	struct hf_wall issued; /* the highest `issued` of a verified state; 0 when none */
};

/*
 * Orders (a raise or an amendment, by digest) that this machine has seen begin; once begun, time running backwards does
 * not undo it. An order that starts no later than a begun one of the same lockdown has begun, too.
 */
struct hf_started {
	struct hf_digest *v; /* sorted */
	size_t n;
	size_t room;
};

/* clang-format off */
enum hf_phase { HF_PHASE_SCHEDULED, HF_PHASE_IN_FORCE, HF_PHASE_OVER, HF_PHASE_RELEASED, HF_PHASE_COUNT };
/* clang-format on */

/* One valid raise and what became of it. Points into the set. */
struct hf_lockdown {
	struct hf_digest id;
	const struct hf_heard *raise;
	const struct hf_heard *const *bodies; /* all valid orders of the highest valid revision; all hold */
	const enum hf_phase *phases;	      /* of each */
	size_t n_bodies;
	const struct hf_heard *const *amends; /* every amendment that counts, by revision */
	size_t n_amends;
	int64_t rev;			/* 0: never amended */
	const struct hf_heard *release; /* NULL, or the valid release with the lowest digest */
	enum hf_phase phase;		/* released, else in force if any body is, else scheduled, else over */
	size_t turn; /* newer ones of the same person that are live, or done, as this one; of more people the least */
};

/* Somebody whose share of live orders is full: everything is shut until a release names the person. */
struct hf_over {
	const char *person; /* belongs to the trust */
	enum hf_kind kind;  /* what the release must be of */
	struct hf_wall upto; /* the latest `at` of the raises that this person alone approved */
};

/* Sorted by id. */
struct hf_lockdowns {
	struct hf_lockdown *v;
	size_t n;
	struct hf_over *over; /* by person, then kind */
	size_t n_over;
	const struct hf_heard **pool; /* what bodies and amends point into */
	enum hf_phase *phases;
};

#define hf_auto_lockdowns __attribute__((cleanup(hf_lockdowns_done)))

/*
 * hf_phase_name - "scheduled", "in force", "over", "released"
 *
 * Owner     static text
 * Returns   the word
 * Source    proto/README.md "What is in force"
 */
const char *hf_phase_name(enum hf_phase phase);

/*
 * hf_orders_add - add one order to the set if it is approved, or its new approvals if it is there already
 *
 * Kept: a raise that meets its rule; a release that meets the rule of the kind and mode that it names, even when its
 * raise is not known; an amendment that meets any rule that it could come to need (raise, release or exempt: which, is
 * known only with what it amends). Approvals that do not verify are left out. Whether an amendment meets all that it
 * needs is judged anew each time by hf_lockdowns_judge.
 * An order that is there already is judged by the approvals on this envelope all the same, and then its new ones are
 * added: so the set does not depend on the order of hearing. The same signatures again are not verified again, so a
 * beat costs nothing.
 * @envelope  of type HF_DOC_ORDER; copied
 * Of what one key approved no more is kept than its share, the newest; what is kept is a pure function of what was
 * heard.
 * @ret_new   true if the set changed by an order or an approval; untouched unless HF_OK
 * Owner     the set owns its copies
 * Returns   HF_OK; reasons of hf_order_decode and hf_approval_order; HF_E_SIZE it is beyond the shares of all who
 *           approved it; HF_E_MEMORY
 * Source    proto/README.md "The join", "Shares"
 */
HF_NODISCARD enum hf_rc hf_orders_add(struct hf_orders *orders, const struct hf_trust *trust,
				      const struct hf_envelope *envelope, bool *ret_new, struct hf_err *err);

/*
 * hf_orders_rejudge - find all signers anew because the trust changed
 *
 * Call it whenever the trust is replaced, before anything else: signers point into the trust. Which key made which
 * signature is remembered, so nothing is verified again and nothing can fail.
 * Drops orders older than void_before that the trust does not affirm.
 * Owner     the set stays the caller's
 * Source    proto/README.md "When people change"
 */
void hf_orders_rejudge(struct hf_orders *orders, const struct hf_trust *trust);

/*
 * hf_orders_find - the order with this digest
 *
 * Owner     belongs to the set
 * Returns   NULL when there is none
 */
const struct hf_heard *hf_orders_find(const struct hf_orders *orders, const struct hf_digest *digest);

/*
 * hf_orders_done - free all, zero the set
 *
 * Owner     ends
 */
void hf_orders_done(struct hf_orders *orders);

/*
 * hf_orders_judge_one - why does this order of the set count, or not
 *
 * @verdict  may be NULL
 * Returns   HF_OK it counts; HF_E_PENDING an amendment whose raise or revision before is not known;
 *           HF_E_MISMATCH its kind or mode is not that of its raise; HF_E_OTHER a release that names no raise known
 *           here; reasons of hf_approval_order
 * Source    proto/README.md "Order"
 */
enum hf_rc hf_orders_judge_one(const struct hf_orders *orders, const struct hf_trust *trust,
			       const struct hf_heard *heard, struct hf_verdict *verdict, struct hf_err *err);

/* What makes lockdowns, and when. */
struct hf_lockdowns_ask {
	const struct hf_orders *orders;
	const struct hf_trust *trust;
	const struct hf_started *started;
	struct hf_now now;
	const struct hf_started *over; /* NULL: none is written down */
};

/*
 * hf_lockdowns_judge - all lockdowns that this set of orders makes, at this time
 *
 * Pure: the same set, trust, started and now give the same answer in whatever order the orders were heard.
 * Amendments of one revision that are all valid all hold (the strongest wins in posture).
 * @ask      its started and over may be empty
 * @ret_lockdowns  to hf_lockdowns_done; points into orders; untouched unless HF_OK
 * Owner     see ret_lockdowns
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "The join", "Time"; policy D9.2, D9.3
 */
HF_NODISCARD enum hf_rc hf_lockdowns_judge(const struct hf_lockdowns_ask *ask, struct hf_lockdowns *ret_lockdowns,
					   struct hf_err *err);

/*
 * hf_lockdowns_find - the lockdown with this identity
 *
 * Owner     belongs to lockdowns
 * Returns   NULL when there is none
 */
const struct hf_lockdown *hf_lockdowns_find(const struct hf_lockdowns *lockdowns, const struct hf_digest *id);

/*
 * hf_lockdown_said - which of two lockdowns is said first: carried, reported, shown
 *
 * Live ones before exercises; what holds or is to come before what is done; the first HF_SAID_FIRST_MAX of each
 * person before anybody's others; then by turns of the people, the newest first; of what is done, the last done.
 * Returns   below, at or above 0, as qsort wants it
 * Source    proto/README.md "Shares"
 */
int hf_lockdown_said(const struct hf_lockdown *a, const struct hf_lockdown *b);

/*
 * hf_lockdown_done_at - when it was done with: what its release says, or its end
 *
 * Returns   seconds; 0: it has no end
 * Source    proto/README.md "What is in force"
 */
int64_t hf_lockdown_done_at(const struct hf_lockdown *lockdown);

/*
 * hf_lockdowns_said - all of them in that order
 *
 * @ret      malloc'ed, of lockdowns->n; the caller's to free; untouched unless HF_OK
 * Owner     see ret; points into lockdowns
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Shares"
 */
HF_NODISCARD enum hf_rc hf_lockdowns_said(const struct hf_lockdowns *lockdowns, const struct hf_lockdown ***ret);

/*
 * hf_order_ends - does this release name that raise, or everybody who approved it
 *
 * Returns   true or false; not whether it is approved, or of the same kind and mode
 * Source    proto/README.md "What is in force"
 */
bool hf_order_ends(const struct hf_order *release, const struct hf_heard *raise);

/*
 * hf_orders_share - how much of a share a person has used since the last release that names the person
 *
 * Returns   thousandths of the fullest share of live orders; above HF_SHARE_FULL: over
 * Source    proto/README.md "Shares"
 */
size_t hf_orders_share(const struct hf_orders *orders, const struct hf_trust *trust, const char *person);

/*
 * hf_lockdowns_next_change - when does time alone next change a phase
 *
 * @ret_at   the first second after now.local in which a phase differs if no message comes: the `from` of a scheduled
 *           order, or `until` + 1 of one whose `until` is behind now.issued already; untouched unless true
 * Returns   true if there is one
 * Source    proto/README.md "Time"
 */
bool hf_lockdowns_next_change(const struct hf_lockdowns *lockdowns, struct hf_now now, struct hf_wall *ret_at);

/*
 * hf_lockdowns_done - free the array, zero the struct
 *
 * Owner     ends; the orders stay
 */
void hf_lockdowns_done(struct hf_lockdowns *lockdowns);

/*
 * hf_started_has, hf_started_add, hf_started_drop, hf_started_done - orders that have begun on this machine, or are over
 *
 * Owner     the set owns its array
 * Returns   true or false; HF_OK (also when it was there) or HF_E_MEMORY
 * Source    proto/README.md "Time"
 */
bool hf_started_has(const struct hf_started *started, const struct hf_digest *id);
HF_NODISCARD enum hf_rc hf_started_add(struct hf_started *started, const struct hf_digest *id);
void hf_started_drop(struct hf_started *started, const struct hf_digest *id);
void hf_started_done(struct hf_started *started);

#endif
