/* SPDX-License-Identifier: MIT */
/*
 * broker_set.h - the lists of brokers that count together: the newest that two approved, and what one alone added since
 *
 * A join: what is in effect is the same in whatever order they were heard. Pure.
 */
#ifndef HOLDFAST_BROKER_SET_H
#define HOLDFAST_BROKER_SET_H

#include <holdfast/approval.h>
#include <holdfast/brokers.h>

#define HF_BROKER_ADDS_MAX 8 /* lists that one person alone approved, before two look: a server moves once in years */
#define HF_BROKERS_ALL_MAX 16 /* brokers in effect: the longest list of two, and as many that were added since */

/* One list that was heard, and the approvals of it. */
struct hf_broker_list {
	struct hf_envelope *envelope;
	struct hf_brokers *doc;
	bool two;	/* it met the rule to change, when it was heard or later: it stays so when an approver leaves */
	int64_t number; /* in which order it stands: its version twice; of one that the roots set aside, below what may follow */
};

/* In order of number, then digest; the first one is what two approved, if any is. Start it zeroed. */
struct hf_broker_set {
	struct hf_broker_list v[1 + HF_BROKER_ADDS_MAX + 1];
	size_t n;
};

/* What is in effect together: the list of two first, then what was added, the oldest first. Points into the set. */
struct hf_brokers_now {
	struct hf_broker v[HF_BROKERS_ALL_MAX];
	size_t n;
	int64_t version; /* the highest that any of them has; 0: there is none */
	bool by_two;	 /* two have said which there are: a broker that is not among them is to be left */
};

/*
 * hf_broker_list_weigh - is this list approved, and did two approve it
 *
 * Approvals that do not verify are left out.
 * @ret_list  the caller's, to hf_broker_list_done; untouched unless HF_OK
 * Owner     see ret_list
 * Returns   HF_OK; as hf_approval_document; as hf_brokers_decode
 * Source    proto/README.md "Brokers"
 */
HF_NODISCARD enum hf_rc hf_broker_list_weigh(const struct hf_trust *trust, const struct hf_envelope *envelope,
					     struct hf_broker_list *ret_list, struct hf_err *err);

/*
 * hf_broker_set_join - take in one list, or its new approvals; needs no memory
 *
 * @fresh    of hf_broker_list_weigh; taken over and zeroed
 * @ret_new  true if anything is known that was not; filled always
 * Owner     fresh passes to the set
 * Returns   HF_OK; HF_E_ROLLBACK it is not newer than what two approved; HF_E_FORK two approved another of this version:
 *           the one with the lesser digest counts; HF_E_SIZE one alone has approved too many newer ones; HF_E_VOID the roots set it
 *           aside, and another is held, or it only added
 * Source    proto/README.md "Brokers"
 */
HF_NODISCARD enum hf_rc hf_broker_set_join(struct hf_broker_set *set, const struct hf_trust *trust,
					   struct hf_broker_list *fresh, bool *ret_new, struct hf_err *err);

/*
 * hf_broker_set_rejudge - a new trust may affirm what only one approved, or set aside what was
 *
 * Source    proto/README.md "When people change"
 */
void hf_broker_set_rejudge(struct hf_broker_set *set, const struct hf_trust *trust);

/*
 * hf_broker_set_find - the one with this digest; hf_broker_set_base - the one that two approved;
 * hf_broker_set_newest - the one with the highest version
 *
 * Returns   belongs to the set; NULL when there is none
 */
const struct hf_broker_list *hf_broker_set_find(const struct hf_broker_set *set, const struct hf_digest *digest);
const struct hf_broker_list *hf_broker_set_base(const struct hf_broker_set *set);
const struct hf_broker_list *hf_broker_set_newest(const struct hf_broker_set *set);

/*
 * hf_broker_set_now - which brokers are in effect
 *
 * Owner     its texts belong to the set
 * Source    proto/README.md "Brokers"
 */
void hf_broker_set_now(const struct hf_broker_set *set, struct hf_brokers_now *ret_now);

/*
 * hf_brokers_now_has - is this broker, under whatever id, in effect
 *
 * Source    proto/README.md "Brokers"
 */
bool hf_brokers_now_has(const struct hf_brokers_now *now, const struct hf_broker *broker);

/*
 * hf_brokers_take_away - does this list leave out or say otherwise anything that is in effect, so that two must approve it
 *
 * Returns   true or false
 * Source    proto/README.md "Brokers"
 */
bool hf_brokers_take_away(const struct hf_brokers_now *now, const struct hf_brokers *next);

/*
 * hf_broker_list_done, hf_broker_set_done - free all, zero the struct
 *
 * Owner     ends
 */
void hf_broker_list_done(struct hf_broker_list *list);
void hf_broker_set_done(struct hf_broker_set *set);

#endif
