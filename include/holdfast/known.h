/* SPDX-License-Identifier: MIT */
/*
 * known.h - everything that one party knows, the one door through which it learns, and its form on disk
 *
 * Agent and controller use the same struct; the controller has no assignment of its own.
 */
#ifndef HOLDFAST_KNOWN_H
#define HOLDFAST_KNOWN_H

#include <holdfast/approval.h>
#include <holdfast/assignment.h>
#include <holdfast/broker_set.h>
#include <holdfast/claims.h>
#include <holdfast/lockdowns.h>
#include <holdfast/log_seen.h>
#include <holdfast/erase.h>
#include <holdfast/glass.h>
#include <holdfast/recover.h>
#include <holdfast/remark.h>
#include <holdfast/register.h>
#include <holdfast/register_parts.h>
#include <holdfast/state.h>
#include <holdfast/trust.h>
#include <holdfast/versions.h>

#define HF_KNOWN_MAX (12 * 1024 * 1024) /* bytes on disk: years of a council, HF_CLAIMS_ALL claims, and the shares of three keys */

/* What the key of one controller of the newest trust has said; it is forgotten with that key. */
struct hf_controller_seen {
	char id[HF_ID_SIZE]; /* by which the newest trust names the key */
	int64_t seq;
	struct hf_digest pages[HF_PAGES_MAX]; /* of that seq, by page; zero: not heard */
	int64_t n_pages;
	struct hf_wall issued, valid_until; /* the highest of its states */
	int64_t last_seq;		    /* of its state with the highest issued */
	struct hf_digest last_state;
	struct hf_log_seen log; /* what its states said of its journal */
};

/* What one side of break-glass has said of a device: its newest set. */
struct hf_glass_held {
	struct hf_envelope *envelope; /* NULL: nothing */
	struct hf_glass *doc;
};

struct hf_known {
	char council[HF_ID_SIZE];
	char device[HF_ID_SIZE]; /* "" for a controller or terminal */
	struct hf_trust *trust;	 /* never NULL once begun */
	struct hf_envelope *trust_envelope;
	struct hf_register *reg; /* the one in force, of all its parts; NULL until one is whole */
	struct hf_parts parts;
	struct hf_versions versions; /* the assignments in effect; none until heard */
	const struct hf_assignment *assignment; /* the newest of them, for the device's key; NULL until heard */
	struct hf_broker_set brokers; /* the lists in effect; none until heard */
	struct hf_glass_held glass[HF_GLASS_SIDES]; /* of this device; a controller has none here */
	struct hf_orders orders;
	struct hf_started started;
	struct hf_started ahead; /* those of `started` whose `from` this machine's clock has not reached yet */
	struct hf_started over;	 /* orders that this machine has seen end by time: that stays */
	struct hf_claims claims; /* of posting windows, as controllers repeat them */
	struct hf_controller_seen controllers[HF_CONTROLLERS_MAX]; /* sorted by id */
	size_t n_controllers;
	/* what follows from them: hf_known_recount */
	struct hf_wall issued;		  /* highest of a verified state */
	struct hf_wall valid_until;	  /* highest of a verified state; past it: stale */
	char last_controller[HF_ID_SIZE]; /* of the state with the highest issued */
	int64_t last_seq;
	struct hf_digest last_state;
};

/* As it came. */
struct hf_message {
	const void *buf;
	size_t len;
	enum hf_doc_type expect; /* the type that the topic promises, or HF_DOC_COUNT for any */
};

/* What came of one message: what changed and what inside it was refused. */
struct hf_refusal {
	enum hf_rc rc;
	struct hf_digest digest; /* of the order or document refused; zero when it could not be decoded */
	char text[200];
};

struct hf_hearing {
	bool grew;   /* trust, register, assignment, brokers, halves, an order, an approval or a claim is new: decide and persist */
	bool fresh;  /* a state with a higher issued than all of that controller before */
	bool behind; /* it names a trust or register that is not known here: ask */
	bool moved;  /* of its controller's log another head is held: persist, some time */
	bool asked;  /* it asks for the signed states of what was seen of that log */
	bool hears;  /* a controller says that it has taken this report: */
	struct hf_digest heard;
	struct hf_refusal refused[HF_PAGE_ORDERS_MAX + 4];
	size_t n_refused;
};

#define hf_auto_known __attribute__((cleanup(hf_known_done)))

/*
 * hf_known_begin - begin with a council's first trust
 *
 * @trust_envelope  taken as the anchor: signed by a threshold of its own roots; copied
 * @device   "" for a controller or terminal
 * @ret_known  zeroed before; to hf_known_done; untouched unless HF_OK
 * Owner     see ret_known
 * Returns   HF_OK; reasons of hf_trust_open
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_known_begin(const struct hf_envelope *trust_envelope, const char *device,
				       struct hf_known *ret_known, struct hf_err *err);

/*
 * hf_known_hear - the one door: take one message and learn what it proves
 *
 * A list of brokers counts as hf_broker_set_join says. A trust must follow the held one; a register, or each part of one, must be approved and newer, an assignment approved
 * and not below the newest that two approved; orders are added as
 * hf_orders_add; a state must be signed by a controller of the trust, and each order inside it is judged alone, so
 * that one bad order hides no good one. Reports are not heard here.
 * A refused message changes nothing. A refused order inside a good state is listed in ret_hearing, in the order of the
 * page; an order that is kept but does not count here (HF_E_OTHER, HF_E_PENDING, HF_E_MISMATCH, or an amendment that
 * loosens without enough approvals) is listed the first time it is heard.
 * A state that is HF_E_ROLLBACK, HF_E_FORK or HF_E_LOG_FORK is listed first and its orders are joined all the same:
 * look at grew. Without memory (HF_E_MEMORY) nothing is changed.
 * @message      at most HF_MESSAGE_MAX bytes
 * @ret_hearing  filled always, also when refused (then refused[0] says why)
 * Returns   HF_OK heard, even if nothing was new; the reason it was refused as a whole
 * Source    proto/README.md "The join", "Failing"
 */
enum hf_rc hf_known_hear(struct hf_known *known, const struct hf_message *message, struct hf_hearing *ret_hearing,
			 struct hf_err *err);

/* One version of a register or an assignment; HF_VERSION_OF(NULL): none is held. */
struct hf_version {
	int64_t version;
	struct hf_digest digest;
};
#define HF_VERSION_OF(d) ((d) ? (struct hf_version){(d)->version, (d)->digest} : (struct hf_version){0})

/*
 * hf_known_try_order - what hf_known_hear would say to this order; nothing is changed
 *
 * Returns   as hf_known_hear of an order
 * Source    proto/README.md "The join"
 */
HF_NODISCARD enum hf_rc hf_known_try_order(const struct hf_known *known, const struct hf_envelope *envelope,
					   struct hf_err *err);

/*
 * hf_known_try_register - what hf_known_hear would say to this register, or part of one; nothing is changed
 *
 * Returns   as hf_known_hear of a register, but HF_OK for one that takes the place of the one in force as HF_E_FORK
 * Source    proto/README.md "Register"
 */
HF_NODISCARD enum hf_rc hf_known_try_register(const struct hf_known *known, const struct hf_envelope *envelope,
					      struct hf_err *err);

/*
 * hf_version_follows - may this register or assignment take the place of the one that is held
 *
 * Returns   HF_OK (also the very same one again); HF_E_ROLLBACK; HF_E_FORK; HF_E_VOID the roots have set it aside
 * Source    proto/README.md "Register", "When people change"
 */
HF_NODISCARD enum hf_rc hf_version_follows(const struct hf_trust *trust, struct hf_version held,
					   struct hf_version heard, struct hf_err *err);

/* An assignment among those of its device: its version, and did two approve it. */
struct hf_stand {
	struct hf_version version;
	bool two;
};

/*
 * hf_stand_follows - as hf_version_follows, of assignments
 *
 * Of one version, what two approved takes the place of what one alone did.
 * Returns   as hf_version_follows
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_stand_follows(const struct hf_trust *trust, const struct hf_stand *held,
					 const struct hf_stand *heard, struct hf_err *err);

/*
 * hf_remark_open - a remark on drafts, if it is one person's of the newest trust and for this council
 *
 * @ret_remark  to hf_remark_free; untouched unless HF_OK
 * @ret_person  belongs to the trust; untouched unless HF_OK
 * Owner     see there
 * Returns   HF_OK; HF_E_UNSIGNED; HF_E_SIGNATURE; HF_E_STRANGER; HF_E_MISMATCH of several people; HF_E_COUNCIL; reasons of
 *           hf_remark_decode
 * Source    proto/README.md "Remark"
 */
HF_NODISCARD enum hf_rc hf_remark_open(const struct hf_known *known, const struct hf_envelope *envelope,
				       struct hf_remark **ret_remark, const struct hf_person **ret_person,
				       struct hf_err *err);

/*
 * hf_recover_open - a recover document, if it is approved by the newest trust and for this council
 *
 * @ret_recover  to hf_recover_free; untouched unless HF_OK
 * Returns   HF_OK; reasons of hf_approval_document and hf_recover_decode; HF_E_COUNCIL
 * Source    proto/README.md "Recovering"
 */
HF_NODISCARD enum hf_rc hf_recover_open(const struct hf_known *known, const struct hf_envelope *envelope,
					struct hf_recover **ret_recover, struct hf_err *err);

/* The set of halves by which a device may be opened. */
struct hf_glass_set {
	int64_t set, slots, minutes;
	struct hf_wall issued, until;
};

/*
 * hf_glass_is_of - is this person of that side of break-glass
 *
 * Returns   true or false
 * Source    proto/README.md "Break-glass"
 */
bool hf_glass_is_of(const struct hf_trust *trust, const struct hf_person *person, enum hf_glass_side side);

/*
 * hf_glass_people - who gives halves by this trust, with which keys: another of them is another digest
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE; HF_E_SYSTEM
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_people(const struct hf_trust *trust, struct hf_digest *ret);

/*
 * hf_glass_open - a glass document, if its side approved it by the newest trust, and for this council, device and key
 *
 * @ret_glass  to hf_glass_free; untouched unless HF_OK
 * Owner     see ret_glass
 * Returns   HF_OK; reasons of hf_approval_document and hf_glass_decode; HF_E_COUNCIL; HF_E_DEVICE; HF_E_MISMATCH another
 *           key of the device, or other people than now
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_open(const struct hf_known *known, const struct hf_envelope *envelope,
				      struct hf_glass **ret_glass, struct hf_err *err);

/*
 * hf_glass_follows - may this set take the place of the one of its side that is held; held may be NULL
 *
 * Returns   as hf_version_follows
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_follows(const struct hf_trust *trust, const struct hf_glass *held,
					 const struct hf_glass *heard, struct hf_err *err);

/*
 * hf_glass_now - the set by which this device may be opened now
 *
 * Pure. The documents of both sides are judged anew, by the newest trust.
 * @ret_set  untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT none; HF_E_PENDING of one side alone; HF_E_VOID ended, or set aside; HF_E_ROLLBACK the clock
 *           is behind the council's; reasons of hf_glass_open
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_now(const struct hf_known *known, struct hf_wall local, struct hf_glass_set *ret_set,
				     struct hf_err *err);

/*
 * hf_glass_hold - keep what a side has said, in place of what it said before
 *
 * @glass    decoded from envelope; taken over unless HF_E_MEMORY
 * Owner     held; the envelope is copied
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Break-glass"
 */
HF_NODISCARD enum hf_rc hf_glass_hold(struct hf_glass_held *held, const struct hf_envelope *envelope,
				      struct hf_glass **glass, struct hf_err *err);

/*
 * hf_glass_held_done - free what both sides have said
 *
 * Owner     ends
 */
void hf_glass_held_done(struct hf_glass_held held[HF_GLASS_SIDES]);

/*
 * hf_erase_open - an erase document, if it is approved by the newest trust and for this council
 *
 * @ret_erase  to hf_erase_free; untouched unless HF_OK
 * Owner     see ret_erase
 * Returns   HF_OK; reasons of hf_approval_document and hf_erase_decode; HF_E_COUNCIL
 * Source    proto/README.md "Erase"
 */
HF_NODISCARD enum hf_rc hf_erase_open(const struct hf_known *known, const struct hf_envelope *envelope,
				      struct hf_erase **ret_erase, struct hf_err *err);

/*
 * hf_recover_ends - does this party, which lost what it knew and made this nonce then, know it again by this document
 *
 * @envelope  of any type; of type HF_DOC_RECOVER to be true
 * Returns   true if it is approved now, names this device and nonce, and every order that it names as live is held
 * Source    proto/README.md "Recovering"
 */
bool hf_recover_ends(const struct hf_known *known, const struct hf_envelope *envelope, const struct hf_digest *nonce);

/*
 * hf_known_said - take note of a state that this controller itself has signed, as if it had been heard
 *
 * @state    its orders and claims are not looked at
 * Source    proto/README.md "Time"
 */
void hf_known_said(struct hf_known *known, const struct hf_state *state);

/*
 * hf_log_hear - take note of what a state says of its log
 *
 * Judged in order of seq, so that a broker that replays old states raises nothing. Pure but for log.
 * @state    of the key that log is about; verified
 * @ret_moved  its head is held from now on, the first or proved
 * Returns   HF_OK; HF_E_LOG_FORK it contradicts an earlier one, and is held now
 * Source    proto/README.md "State"
 */
enum hf_rc hf_log_hear(struct hf_log_seen *log, const struct hf_state *state, bool *ret_moved, struct hf_err *err);

/*
 * hf_log_told, hf_log_untold - a report has said which head is held; what was reported may have been lost
 *
 * What was told while it waited for a proof is due in states from then on.
 * Source    proto/README.md "State"
 */
void hf_log_told(struct hf_log_seen *log);
void hf_log_untold(struct hf_log_seen *log);

/*
 * hf_log_asked - does a state ask for what is held of this log: it names that size, and no proof
 *
 * An older state than the newest asks nothing.
 * Returns   true or false
 * Source    proto/README.md "State"
 */
bool hf_log_asked(const struct hf_log_seen *log, const struct hf_state *state);

/*
 * hf_log_settle - the roots have acted: what contradicted is no more said
 *
 * Source    proto/README.md "State"
 */
void hf_log_settle(struct hf_log_seen *log);

/*
 * hf_known_tick - remember which lockdowns have begun by now, and which are over
 *
 * @ret_new  true if one is new: persist; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Time"
 */
HF_NODISCARD enum hf_rc hf_known_tick(struct hf_known *known, struct hf_wall local, bool *ret_new, struct hf_err *err);

/*
 * hf_known_now, hf_known_lockdowns - the times that decide, and what is in force by them
 *
 * Owner     as hf_lockdowns_judge
 * Returns   the times; as hf_lockdowns_judge
 * Source    proto/README.md "Time"
 */
struct hf_now hf_known_now(const struct hf_known *known, struct hf_wall local);
HF_NODISCARD enum hf_rc hf_known_lockdowns(const struct hf_known *known, struct hf_wall local,
					   struct hf_lockdowns *ret_lockdowns, struct hf_err *err);

/*
 * hf_known_stands_out - does this assignment name anybody who is more than ordinary staff: of the trust, a holder of an
 * account, exempt or a poster in any order
 *
 * Pure. Only of them it matters whether two approved it.
 * Source    proto/README.md "Assignment"
 */
bool hf_known_stands_out(const struct hf_known *known, const struct hf_assignment *assignment);

/*
 * hf_known_encode, hf_known_decode - all of it as JSON and back; every signature is verified again on the way back
 *
 * @json     borrowed object; the result is a new reference, the caller's (NULL: no memory)
 * @ret_known  zeroed before; untouched unless HF_OK
 * Owner     see there
 * Returns   HF_OK; the first reason why it is not whole
 * Source    proto/README.md "Failing"
 */
json_t *hf_known_encode(const struct hf_known *known);
HF_NODISCARD enum hf_rc hf_known_decode(json_t *json, struct hf_known *ret_known, struct hf_err *err);

/*
 * hf_known_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_known_done(struct hf_known *known);

#endif
