/* SPDX-License-Identifier: MIT */
/*
 * approval.h - who approved these bytes, and is that enough
 *
 * The same few functions judge on every device, in the controller and in the officer's terminal.
 */
#ifndef HOLDFAST_APPROVAL_H
#define HOLDFAST_APPROVAL_H

#include <stdbool.h>

#include <holdfast/envelope.h>
#include <holdfast/glass.h>
#include <holdfast/order.h>
#include <holdfast/trust.h>

/* The people behind an envelope's signatures. Two keys of one person count once. */
struct hf_signers {
	const struct hf_person *people[HF_SIGNATURES_MAX];
	size_t n_people;
	size_t n_signatures; /* on the envelope, right or wrong */
	size_t n_broken;     /* claim a key of the trust and do not verify with it */
	size_t n_strangers;  /* of no key in the trust */
	bool given_up;	     /* HF_VERIFICATIONS_MAX was reached before each of the rest was tried with every key */
};

/*
 * Of one envelope, whatever hangs on it: 15 ms. Without it 16 signatures of nobody cost 256 people with 4 keys each
 * two seconds. Whoever names their key is found before: that is one verification a signature.
 */
#define HF_VERIFICATIONS_MAX 128

/* Which key of the trust made each signature of an envelope. Points into the trust. */
struct hf_sifted {
	const struct hf_pub *keys[HF_SIGNATURES_MAX]; /* NULL: it verifies with no key of the trust that was tried */
	struct hf_signers signers;
};

/* One rule of the trust, by its name. */
struct hf_need {
	enum hf_rule_kind kind;
	enum hf_rule_act act;
};

/* Which rules an order must meet, all of them. */
struct hf_needs {
	struct hf_need v[3];
	size_t n;
};

/*
 * hf_glass_need - by which rule one side of break-glass signs
 *
 * Returns   the rule's name
 * Source    proto/README.md "Break-glass"
 */
struct hf_need hf_glass_need(enum hf_glass_side side);

/* What was asked and what there is, for screens and drafts: the first rule that is not met, or the last one. */
struct hf_verdict {
	enum hf_rc rc;
	const struct hf_rule *rule; /* belongs to the trust; NULL when the trust affirms the order */
	size_t have;		    /* different people who count for that rule */
	size_t need;
	bool affirmed;
	struct hf_needs needs; /* of an order that was compared with what it follows: all rules that it must meet */
};

/*
 * hf_signers_sift, hf_signers_find - verify the signatures against the people of the trust; whose they are
 *
 * First each with the keys that its keyid names, then the others with all keys in the order of the trust, in all
 * HF_VERIFICATIONS_MAX times. What does not verify counts for nobody.
 * @ret_sifted, @ret_signers  point into the trust
 * Owner     see ret_signers
 * Source    proto/README.md "Envelope"
 */
void hf_signers_sift(const struct hf_trust *trust, const struct hf_envelope *envelope, struct hf_sifted *ret_sifted);
void hf_signers_find(const struct hf_trust *trust, const struct hf_envelope *envelope, struct hf_signers *ret_signers);

/*
 * hf_approval_meets - do these signers meet this rule
 *
 * @ret_verdict  filled always; its rc is what is returned
 * Owner     points into the trust
 * Returns   HF_OK; HF_E_UNSIGNED; HF_E_SIGNATURE; HF_E_SIZE not every signature was tried with every key;
 *           HF_E_STRANGER; HF_E_ROLE; HF_E_TOO_FEW, in that order of precedence; HF_E_ROLE before HF_E_TOO_FEW when somebody signed whose role may not
 * Source    proto/README.md "Approval"
 */
enum hf_rc hf_approval_meets(const struct hf_trust *trust, const struct hf_signers *signers, struct hf_need need,
			     struct hf_verdict *ret_verdict, struct hf_err *err);

/*
 * hf_approval_document - is this register, assignment, recovery, or addition of brokers approved
 *
 * @envelope  of type HF_DOC_REGISTER, HF_DOC_ASSIGNMENT, HF_DOC_RECOVER, HF_DOC_ERASE, HF_DOC_BROKERS or
 *            HF_DOC_GLASS
 * Returns   HF_OK (also when the trust affirms its digest, or an assignment by its proof: an approver may leave and
 *           the document stay); as
 *           hf_approval_meets; HF_E_TYPE any other document
 * Source    proto/README.md "Approval", "When people change"
 */
enum hf_rc hf_approval_document(const struct hf_trust *trust, const struct hf_envelope *envelope,
				struct hf_verdict *ret_verdict, struct hf_err *err);

/*
 * hf_approval_proven - is the proof of this assignment true by the root that this trust carries
 *
 * One of another trust, of another assignment, or cut short, is worth as much as none.
 * Returns   true or false; false too where memory ran out
 * Source    proto/README.md "When people change"
 */
bool hf_approval_proven(const struct hf_trust *trust, const struct hf_envelope *envelope);

/*
 * hf_approval_loosening - did as many approve this assignment as may loosen by it: one of each role of that rule
 *
 * @envelope  of type HF_DOC_ASSIGNMENT
 * Returns   as hf_approval_document
 * Source    proto/README.md "Assignment"
 */
enum hf_rc hf_approval_loosening(const struct hf_trust *trust, const struct hf_envelope *envelope,
				 struct hf_verdict *ret_verdict, struct hf_err *err);

/*
 * hf_approval_changing - did as many approve this list of brokers as may take one away: one of each role of that rule
 *
 * @envelope  of type HF_DOC_BROKERS
 * Returns   as hf_approval_document
 * Source    proto/README.md "Brokers"
 */
HF_NODISCARD enum hf_rc hf_approval_changing(const struct hf_trust *trust, const struct hf_envelope *envelope,
					     struct hf_verdict *ret_verdict, struct hf_err *err);

/* By which rule an assignment counts as approved; of two, the higher. */
enum hf_by { HF_BY_NOBODY, HF_BY_ONE, HF_BY_TWO };

struct hf_followed {
	enum hf_by before, after;
};

/*
 * hf_approval_follow - how an assignment is approved by a trust, and how by the one that follows, each signature
 * verified once
 *
 * @envelope  of type HF_DOC_ASSIGNMENT; its proof, if any, counts for whichever trust it leads to
 * @ret      an approval of somebody who is in the later trust alone counts for neither; of what the roots affirm as approved
 *           by two the signatures are not looked at: it is for them to affirm it again
 * Source    proto/README.md "When people change"
 */
void hf_approval_follow(const struct hf_trust *held, const struct hf_trust *next, const struct hf_envelope *envelope,
			struct hf_followed *ret);

/*
 * hf_approval_needs - the rules that an order must meet
 *
 * An amendment that loosens anything needs what a release needs; one that adds an exempt person needs the exempt
 * rule, and the release rule too if it loosens anything else; any other needs what a raise needs.
 * @before   for an amendment: the bodies it is compared with (all of the revision before it), n_before >= 1;
 *           it loosens if it loosens any of them. Not looked at for raise and release.
 * Source    proto/README.md "Approval"
 */
void hf_approval_needs(const struct hf_order *order, const struct hf_body *const *before, size_t n_before,
		       struct hf_needs *ret_needs);

/* An order, and who signed it: found with hf_signers_find on its envelope. */
struct hf_signed_order {
	const struct hf_order *order;
	const struct hf_signers *signers;
};

/*
 * hf_approval_order - is this order approved, by the newest trust
 *
 * Returns   HF_OK (also when the trust affirms it); HF_E_COUNCIL; HF_E_VOID; as hf_approval_meets
 * Source    proto/README.md "Approval", "When people change"
 */
enum hf_rc hf_approval_order(const struct hf_trust *trust, const struct hf_signed_order *approved,
			     const struct hf_needs *needs, struct hf_verdict *ret_verdict, struct hf_err *err);

/* What an amendment loosens; 0: it tightens or changes words alone. */
enum hf_loosening {
	HF_LOOSENS_NOTHING = 0,
	HF_LOOSENS_LEVEL = 1 << 0,
	HF_LOOSENS_TIME = 1 << 1,
	HF_LOOSENS_ACCOUNTS = 1 << 2,
	HF_LOOSENS_GROUPS = 1 << 3,
	HF_LOOSENS_EXEMPT = 1 << 4,
};

/*
 * hf_loosening_of - what does the new body loosen against the old one
 *
 * A later start or an earlier end loosens; until 0 is the latest end; "*" covers every account, group.
 * @before, @after  well-formed bodies
 * Returns   bits of enum hf_loosening
 * Source    proto/README.md "Approval"
 */
unsigned hf_loosening_of(const struct hf_body *before, const struct hf_body *after);

#endif
