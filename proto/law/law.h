/* SPDX-License-Identifier: MIT */
/*
 * law.h - what the files of this room share and nobody else needs
 */
#ifndef HOLDFAST_LAW_H
#define HOLDFAST_LAW_H

#include <holdfast/approval.h>
#include <holdfast/known.h>
#include <holdfast/lockdowns.h>

/* One order of a message on its way into the set. */
struct hf_weighed {
	struct hf_heard fresh; /* envelope NULL: nothing of it is new, or it is refused */
	enum hf_rc rc;
	bool grew;
	struct hf_err err;
};

/*
 * hf_signers_of_keys - the people behind keys whose signatures were verified before; no cryptography
 *
 * @keys, @n_keys  a key that the trust has not (any more) counts as a stranger
 * @ret_signers    points into the trust
 * Owner     see ret_signers
 * Source    proto/README.md "When people change"
 */
void hf_signers_of_keys(const struct hf_trust *trust, const struct hf_pub *keys, size_t n_keys,
			struct hf_signers *ret_signers);

/*
 * hf_sifted_only - leave out the signatures that do not verify: strangers must not fill the room for approvals
 *
 * @sifted   of this envelope
 */
void hf_sifted_only(const struct hf_sifted *sifted, struct hf_envelope *envelope);

/*
 * hf_orders_weigh - would this order be kept; changes nothing
 *
 * @ret_fresh  what hf_orders_join takes, to hf_heard_done; its envelope stays NULL if all of it is in the set already;
 *             untouched unless HF_OK
 * Owner     see ret_fresh
 * Returns   as hf_orders_add, without HF_E_SIZE
 * Source    proto/README.md "Approval", "The join"
 */
HF_NODISCARD enum hf_rc hf_orders_weigh(const struct hf_orders *orders, const struct hf_trust *trust,
					const struct hf_envelope *envelope, struct hf_heard *ret_fresh,
					struct hf_err *err);

/*
 * hf_orders_reserve - make room for n more, so that hf_orders_join needs no memory
 *
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_MEMORY (nothing changed)
 */
HF_NODISCARD enum hf_rc hf_orders_reserve(struct hf_orders *orders, size_t n);

/*
 * hf_orders_join - put a weighed order into the set, or its approvals to those that are there; needs no memory
 *
 * @fresh    of hf_orders_weigh with the same trust; taken over and zeroed; an envelope of NULL is nothing new
 * @ret_new  untouched unless HF_OK
 * Owner     fresh passes to the set
 * Returns   HF_OK; HF_E_SIZE it is beyond the shares of all who approved it, or that order's room for signatures is
 *           full (what is left in fresh is still the caller's)
 * Source    proto/README.md "The join"
 */
HF_NODISCARD enum hf_rc hf_orders_join(struct hf_orders *orders, const struct hf_trust *trust, struct hf_heard *fresh,
				       bool *ret_new, struct hf_err *err);

/*
 * hf_heard_stands - would this order of the set be kept if it were heard now, by this trust; no cryptography
 *
 * @heard    its signers are of this trust
 * Returns   true or false
 * Source    proto/README.md "When people change"
 */
bool hf_heard_stands(const struct hf_heard *heard, const struct hf_trust *trust);

/*
 * hf_heard_done - free one order of a set, zero it
 *
 * Owner     ends
 */
void hf_heard_done(struct hf_heard *heard);

/*
 * hf_order_keepable - is this order approved by anything that it could come to need
 *
 * Returns   as hf_approval_order
 * Source    proto/README.md "The join"
 */
enum hf_rc hf_order_keepable(const struct hf_trust *trust, const struct hf_order *order,
			     const struct hf_signers *signers, struct hf_err *err);

/*
 * hf_orders_settle - keep no more than the shares of those who approved this order
 *
 * @digest   of an order of the set that has just come, or has new approvals
 * Owner     the set stays the caller's; orders of it may be gone
 * Source    proto/README.md "Shares"
 */
void hf_orders_settle(struct hf_orders *orders, const struct hf_trust *trust, const struct hf_digest *digest);

/*
 * hf_orders_place - where an order with this digest stands in the set, or would; hf_orders_mine - that order
 *
 * Owner     belongs to the set
 * Returns   the place; NULL when there is none
 */
size_t hf_orders_place(const struct hf_orders *orders, const struct hf_digest *digest);
struct hf_heard *hf_orders_mine(const struct hf_orders *orders, const struct hf_digest *digest);

/*
 * hf_orders_remove - take one order out of the set
 *
 * Owner     it is freed
 */
void hf_orders_remove(struct hf_orders *orders, size_t at);

/*
 * hf_orders_have_room - would this order, which the set has not, be kept; hf_shares_refuse - the words if not
 *
 * Returns   true or false; HF_E_SIZE
 * Source    proto/README.md "Shares"
 */
bool hf_orders_have_room(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *fresh);
enum hf_rc hf_shares_refuse(struct hf_err *err);

/*
 * hf_amendment_bridges - may this amendment follow a revision that is not the one before it
 *
 * Returns   true where somebody's share of amendments of that kind is full, and not that of one who approved this
 * Source    proto/README.md "What is in force"
 */
bool hf_amendment_bridges(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *amend);

/*
 * hf_amendment_ended - does this amendment not count because of who alone approved it: their share of amendments of that
 * kind is full, or a release names them with a `before` above its `at`
 *
 * Everything is shut while somebody's share is full, and two open again by naming them.
 * Returns   true or false
 * Source    proto/README.md "What is in force"
 */
bool hf_amendment_ended(const struct hf_orders *orders, const struct hf_trust *trust, const struct hf_heard *amend);

/*
 * hf_orders_over - whose share of live orders is full
 *
 * @ret      malloc'ed, NULL when nobody's is; the caller's to free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proto/README.md "Shares"
 */
HF_NODISCARD enum hf_rc hf_orders_over(const struct hf_orders *orders, const struct hf_trust *trust,
				       struct hf_over **ret, size_t *ret_n);

/*
 * hf_release_by_person - the release that ends this raise by naming everybody who approved it
 *
 * Owner     belongs to the set
 * Returns   NULL when somebody who approved it is not named, or with a `before` that is not above its `at`
 * Source    proto/README.md "What is in force"
 */
const struct hf_heard *hf_release_by_person(const struct hf_orders *orders, const struct hf_trust *trust,
					    const struct hf_heard *raise);

/*
 * hf_texts_cut, hf_texts_join - an order's envelope as JSON whose long texts lie in an object of texts by digest, and back
 *
 * @texts    of all orders: what is not in it is added; borrowed
 * @row      what hf_texts_cut gave, or a whole envelope
 * Owner     a new reference, the caller's (NULL: no memory); ret_envelope as hf_envelope_from_json
 * Returns   HF_OK; HF_E_SHAPE; HF_E_SIZE; HF_E_MEMORY; as hf_envelope_from_json
 * Source    proto/README.md "Failing"
 */
json_t *hf_texts_cut(const struct hf_envelope *envelope, json_t *texts);
HF_NODISCARD enum hf_rc hf_texts_join(json_t *row, const json_t *texts, struct hf_envelope **ret_envelope,
				      struct hf_err *err);

/*
 * hf_started_reserve - make room for n more
 *
 * Owner     the set owns its array
 * Returns   HF_OK; HF_E_MEMORY (nothing changed)
 */
HF_NODISCARD enum hf_rc hf_started_reserve(struct hf_started *started, size_t n);

/*
 * hf_order_is_of - is this order the raise of that lockdown, or an amendment of it
 *
 * Returns   true or false
 */
bool hf_order_is_of(const struct hf_order *order, const struct hf_digest *lockdown);

/*
 * hf_started_reserve_all - room for n more beginnings and ends, so that hf_started_note needs no memory;
 * hf_started_note - write down what of this lockdown has begun or is over; hf_started_leave - forget what began by the
 * word of a key alone that has left, once known->issued is of the keys that stay
 *
 * @local    this machine's clock
 * Returns   HF_OK or HF_E_MEMORY; true if anything is new
 * Source    proto/README.md "Time"
 */
HF_NODISCARD enum hf_rc hf_started_reserve_all(struct hf_known *known, size_t n);
bool hf_started_note(struct hf_known *known, const struct hf_lockdown *lockdown, struct hf_wall local);
void hf_started_leave(struct hf_known *known);

/*
 * hf_known_follow - forget what the keys of controllers said that a later trust names no more; the others may bear
 * another name there
 *
 * @before   the trust that was held; known->trust is the later one
 * Source    proto/README.md "Time"
 */
void hf_known_follow(struct hf_known *known, const struct hf_trust *before);

/*
 * hf_known_recount - what follows from what each controller said: issued, valid_until, the last state
 *
 * Source    proto/README.md "Time"
 */
void hf_known_recount(struct hf_known *known);

/*
 * hf_started_prune - forget the beginnings of orders that the set has not any more
 *
 * Source    proto/README.md "When people change"
 */
void hf_started_prune(struct hf_started *started, const struct hf_orders *orders);

/*
 * hf_known_check_assignment - is this assignment of this council and this device
 *
 * Returns   HF_OK; HF_E_COUNCIL; HF_E_DEVICE
 * Source    proto/README.md "Assignment"
 */
HF_NODISCARD enum hf_rc hf_known_check_assignment(const struct hf_known *known, const struct hf_assignment *assignment,
						  struct hf_err *err);

/*
 * hf_known_refer - let what is known refer to its newest assignment, after its set has changed
 */
void hf_known_refer(struct hf_known *known);

/*
 * hf_known_hear_register - hear a register, or one part of it
 *
 * @hearing  a register that is refused because its parts do not belong together is listed, with the digest of its part 1
 * Returns   HF_OK, also while it waits for its other parts; reasons of hf_approval_document, hf_register_decode,
 *           hf_version_follows and hf_register_join; HF_E_FORK also where it takes the place of the one in force;
 *           HF_E_COUNCIL; HF_E_SIZE too many parts wait; HF_E_MEMORY
 * Source    proto/README.md "Register"
 */
enum hf_rc hf_known_hear_register(struct hf_known *known, const struct hf_envelope *envelope,
				  struct hf_hearing *hearing, struct hf_err *err);

/*
 * hf_parts_rejudge - drop the parts that wait and that a new trust, which is held, does not approve or has set aside
 *
 * Source    proto/README.md "Register"
 */
void hf_parts_rejudge(struct hf_known *known, struct hf_hearing *hearing);

/*
 * hf_parts_restore - put the register in force that these stored parts make; into an empty set, with a trust held
 *
 * @envelopes  n of them, 1 to HF_REGISTER_PARTS_MAX, part 1 first; those that are taken over are NULL afterwards
 * Owner     see envelopes
 * Returns   HF_OK; HF_E_SHAPE it is not whole; HF_E_COUNCIL; reasons of hf_register_join
 * Source    proto/README.md "Failing"
 */
HF_NODISCARD enum hf_rc hf_parts_restore(struct hf_known *known, struct hf_envelope **envelopes, size_t n,
					 struct hf_err *err);

/*
 * hf_known_hear_glass - one of a device's halves' documents; hf_known_keep_glass - one that was heard before, from disk
 *
 * It was approved once, and is judged again whenever it is to open anything.
 * Returns   as hf_known_hear; HF_E_DEVICE; reasons of hf_glass_decode
 * Source    proto/README.md "Break-glass"
 */
enum hf_rc hf_known_hear_glass(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err);
HF_NODISCARD enum hf_rc hf_known_keep_glass(struct hf_known *known, const struct hf_envelope *envelope,
					    struct hf_err *err);

/*
 * hf_hearing_refuse - note one refusal
 *
 * @digest   NULL when it could not be decoded
 * @err      its text is copied, cut to fit
 * Owner     copied
 * Source    proto/README.md "Reasons"
 */
void hf_hearing_refuse(struct hf_hearing *hearing, enum hf_rc rc, const struct hf_digest *digest,
		       const struct hf_err *err);

/*
 * hf_known_hear_state - hear a state: its orders are joined, freshness grows, nothing is ever taken back
 *
 * @hearing  zeroed; refused orders in the order of the page, after the state's own rollback or fork
 * Returns   HF_OK; HF_E_ROLLBACK, HF_E_FORK, HF_E_LOG_FORK (its orders were joined all the same); HF_E_CONTROLLER;
 * HF_E_COUNCIL; HF_E_MEMORY; reasons of hf_state_decode Source    proto/README.md "State"
 */
enum hf_rc hf_known_hear_state(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err);

/*
 * hf_known_hear_order - hear one order by itself
 *
 * Returns   as hf_orders_add
 * Source    proto/README.md "The join"
 */
enum hf_rc hf_known_hear_order(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *hearing,
			       struct hf_err *err);

#endif
