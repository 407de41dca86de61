/* SPDX-License-Identifier: MIT */
/*
 * Owns who approved these bytes, which rules they must meet, and whether they do.
 * Must never believe a keyid, count one person twice, or answer yes by default.
 *
 * The law
 *  1. Policy D9.1: the designated officer of Policy & Communications raises an emergency alone.
 *  2. Policy D9.3, D10: a second message says when it is over; one person may tighten, two must loosen.
 *  3. Policy D2.1-2.3: the register is changed by approval of the accounts role alone.
 *  4. Signatures are verified against the people of the newest trust. Two keys of one person count once.
 *  5. If the trust affirms the digest, it is approved: roots outrank officers. Otherwise what was written before
 *     `void_before` is void, and the rest must meet each rule that it needs.
 *  6. Of assignments the trust affirms as many as there are by one root: each whose proof leads to it, by the rule that
 *     its leaf names. What is approved by two stays so, and what one person approved is not more by it.
 *
 * How we read it
 *  4 means people, not signatures: a rule of two is met by two ids. A signature that verifies with no key counts for
 *  nobody and harms nobody: an approval that is enough stays enough whatever else hangs on the envelope. What is not
 *  enough is named by the first that fits of unsigned, signature, size, stranger, role, too-few: size, where there
 *  were more signatures and keys to try than is tried.
 *  An exercise, of whatever act, needs the exercise rule and no other.
 *  To loosen an assignment, or to change the brokers, of each role of the rule a different person is wanted: two of IT are one kind of people.
 */
#include <string.h>

#include <holdfast/assignment.h>
#include <holdfast/text.h>

#include "proto/law/law.h"

struct sifting {
	const struct hf_envelope *envelope;
	const struct hf_person *makers[HF_SIGNATURES_MAX];
	bool claimed[HF_SIGNATURES_MAX]; /* its keyid is that of a key of the trust */
	size_t left;			 /* verifications */
	struct hf_sifted *sifted;
};

static bool hint_fits(const struct hf_signature *signature, const char *keyid)
{
	return signature->keyid[0] != '\0' && strcmp(signature->keyid, keyid) == 0;
}

static void try_signature(struct sifting *s, size_t i, const struct hf_person *person, const struct hf_pub *key)
{
	if (s->left == 0) {
		s->sifted->signers.given_up = true;
		return;
	}
	s->left--;
	if (!hf_envelope_signature_ok(s->envelope, i, key))
		return;
	s->makers[i] = person;
	s->sifted->keys[i] = key;
}

static void try_key(struct sifting *s, const struct hf_person *person, const struct hf_pub *key, bool hinted)
{
	char keyid[HF_KEYID_SIZE] = "";

	if (hinted)
		hf_pub_keyid(key, keyid);
	for (size_t i = 0; i < s->envelope->n_signatures; i++) {
		if (s->makers[i] || (hinted && !hint_fits(&s->envelope->signatures[i], keyid)))
			continue;
		s->claimed[i] |= hinted;
		try_signature(s, i, person, key);
	}
}

/* The second time with all keys, those that a hint fits too, since no memory looks like no. */
static void try_keys(struct sifting *s, const struct hf_trust *trust, bool hinted)
{
	for (size_t p = 0; p < trust->n_people; p++)
		for (size_t k = 0; k < trust->people[p].n_keys; k++)
			try_key(s, &trust->people[p], &trust->people[p].keys[k], hinted);
}

static void add_person(struct hf_signers *signers, const struct hf_person *person)
{
	for (size_t i = 0; i < signers->n_people; i++)
		if (signers->people[i] == person)
			return;
	signers->people[signers->n_people++] = person;
}

void hf_signers_sift(const struct hf_trust *trust, const struct hf_envelope *envelope, struct hf_sifted *ret_sifted)
{
	struct sifting s = {.envelope = envelope, .left = HF_VERIFICATIONS_MAX, .sifted = ret_sifted};
	struct hf_signers *signers = &ret_sifted->signers;

	memset(ret_sifted, 0, sizeof(*ret_sifted));
	signers->n_signatures = envelope->n_signatures;
	try_keys(&s, trust, true);
	try_keys(&s, trust, false);
	for (size_t i = 0; i < envelope->n_signatures; i++) {
		if (s.makers[i])
			add_person(signers, s.makers[i]);
		else if (s.claimed[i])
			signers->n_broken++;
		else
			signers->n_strangers++;
	}
}

void hf_sifted_only(const struct hf_sifted *sifted, struct hf_envelope *envelope)
{
	size_t kept = 0;

	for (size_t i = 0; i < envelope->n_signatures; i++)
		if (sifted->keys[i])
			envelope->signatures[kept++] = envelope->signatures[i];
	envelope->n_signatures = kept;
}

void hf_signers_find(const struct hf_trust *trust, const struct hf_envelope *envelope, struct hf_signers *ret_signers)
{
	struct hf_sifted sifted;

	hf_signers_sift(trust, envelope, &sifted);
	*ret_signers = sifted.signers;
}

void hf_signers_of_keys(const struct hf_trust *trust, const struct hf_pub *keys, size_t n_keys,
			struct hf_signers *ret_signers)
{
	memset(ret_signers, 0, sizeof(*ret_signers));
	ret_signers->n_signatures = n_keys;
	for (size_t i = 0; i < n_keys; i++) {
		const struct hf_person *person = hf_trust_person_of_key(trust, &keys[i]);

		if (person)
			add_person(ret_signers, person);
		else
			ret_signers->n_strangers++;
	}
}

static bool may(const struct hf_rule *rule, const struct hf_person *person)
{
	for (size_t i = 0; i < person->roles.n; i++)
		if (hf_strs_has(&rule->roles, person->roles.v[i]))
			return true;
	return false;
}

/* Of a loosening rule every role is wanted, whatever its number says. */
static size_t needed(const struct hf_rule *rule)
{
	if (HF_RULE_OF_EACH(rule->act) && rule->roles.n > (size_t)rule->need)
		return rule->roles.n;
	return (size_t)rule->need;
}

/* Law 4: which word fits when it is not enough. */
static enum hf_rc why_not(const struct hf_rule *rule, const struct hf_signers *signers, size_t have, struct hf_err *err)
{
	const char *kind = hf_rule_kind_name(rule->kind), *act = hf_rule_act_name(rule->act);

	if (signers->n_signatures == 0)
		return hf_err_set(err, HF_E_UNSIGNED, "Nobody has approved this; %s %s needs %d.", kind, act,
				  (int)rule->need);
	if (signers->n_broken > 0)
		return hf_err_set(err, HF_E_SIGNATURE,
				  "A signature on this names an officer's key but was not made over these bytes.");
	if (signers->given_up)
		return hf_err_set(err, HF_E_SIZE,
				  "These signatures do not say whose they are, and were tried with %d keys in vain.",
				  HF_VERIFICATIONS_MAX);
	if (signers->n_people == 0)
		return hf_err_set(err, HF_E_STRANGER,
				  "This is signed only by keys that belong to nobody in the trust.");
	for (size_t i = 0; i < signers->n_people; i++)
		if (!may(rule, signers->people[i]))
			return hf_err_set(
				err, HF_E_ROLE,
				"Somebody signed this whose role may not approve %s %s; %d of %d who may have signed.",
				kind, act, (int)have, (int)needed(rule));
	return hf_err_set(err, HF_E_TOO_FEW,
			  "Only %d of the %d different people that %s %s needs have approved this%s.", (int)have,
			  (int)needed(rule), kind, act,
			  HF_RULE_OF_EACH(rule->act) ? hf_text(", one of each role") : "");
}

/* Which role each signer stands for: by role its signer + 1, 0 nobody yet. */
struct seats {
	const struct hf_rule *rule;
	const struct hf_signers *signers;
	size_t taken[HF_ROLES_MAX];
};

/* A seat for this signer, if need be by moving those who could sit elsewhere too. */
static bool seat(struct seats *seats, size_t who, bool *asked)
{
	const struct hf_person *person = seats->signers->people[who];

	for (size_t r = 0; r < seats->rule->roles.n; r++) {
		if (asked[r] || !hf_strs_has(&person->roles, seats->rule->roles.v[r]))
			continue;
		asked[r] = true;
		if (seats->taken[r] != 0 && !seat(seats, seats->taken[r] - 1, asked))
			continue;
		seats->taken[r] = who + 1;
		return true;
	}
	return false;
}

/*
 * How many of the people that a loosening needs have signed: a different one for each role, and beyond these whoever
 * has one of the roles.
 */
static size_t count_of_each(const struct hf_rule *rule, const struct hf_signers *signers)
{
	struct seats seats = {.rule = rule, .signers = signers};
	size_t seated = 0, others = 0, more;

	for (size_t i = 0; i < signers->n_people; i++) {
		bool asked[HF_ROLES_MAX] = {false};

		if (seat(&seats, i, asked))
			seated++;
		else
			others += may(rule, signers->people[i]) ? 1 : 0;
	}
	more = (size_t)rule->need > rule->roles.n ? (size_t)rule->need - rule->roles.n : 0;
	return seated + (others < more ? others : more);
}

static size_t count_signers(const struct hf_rule *rule, const struct hf_signers *signers)
{
	size_t have = 0;

	if (HF_RULE_OF_EACH(rule->act))
		return count_of_each(rule, signers);
	for (size_t i = 0; i < signers->n_people; i++)
		have += may(rule, signers->people[i]) ? 1 : 0;
	return have;
}

enum hf_rc hf_approval_meets(const struct hf_trust *trust, const struct hf_signers *signers, struct hf_need need,
			     struct hf_verdict *ret_verdict, struct hf_err *err)
{
	const struct hf_rule *rule = hf_trust_rule(trust, need.kind, need.act);
	size_t have = 0;

	*ret_verdict = (struct hf_verdict){.rc = HF_E_RULE, .rule = rule};
	if (!rule)
		return hf_err_set(err, HF_E_RULE, "The trust has no rule for %s %s, so nobody can approve it.",
				  hf_rule_kind_name(need.kind), hf_rule_act_name(need.act));
	have = count_signers(rule, signers);
	ret_verdict->have = have;
	ret_verdict->need = needed(rule);
	if (have >= ret_verdict->need && have > 0)
		ret_verdict->rc = HF_OK;
	else
		ret_verdict->rc = why_not(rule, signers, have, err);
	return ret_verdict->rc;
}

/* Law 6. What is worth two is worth one; never the reverse. */
static bool proves(const struct hf_trust *trust, const struct hf_envelope *envelope, enum hf_rule_act act)
{
	static const enum hf_rule_act acts[] = {HF_RULE_LOOSEN, HF_RULE_APPROVE};
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_merkle_proof proof = {.n = 0};
	struct hf_digest leaf;

	if (!envelope->proof || trust->assignments.size == 0 ||
	    hf_assignment_decode(envelope, &assignment, NULL) != HF_OK)
		return false;
	proof.n = envelope->proof->n;
	memcpy(proof.v, envelope->proof->v, sizeof(envelope->proof->v));
	for (size_t i = 0; i < (act == HF_RULE_LOOSEN ? 1 : HF_LEN(acts)); i++)
		if (hf_assignment_leaf(assignment->device, &envelope->digest, hf_rule_act_name(acts[i]), &leaf) == HF_OK &&
		    hf_merkle_leaf_fits(&leaf, (uint64_t)envelope->proof->index, &proof, &trust->assignments))
			return true;
	return false;
}

bool hf_approval_proven(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	return proves(trust, envelope, HF_RULE_APPROVE);
}

static enum hf_rc approve_document(const struct hf_trust *trust, const struct hf_envelope *envelope,
				   struct hf_need need, struct hf_verdict *ret_verdict, struct hf_err *err)
{
	struct hf_signers signers;

	if (hf_trust_affirms(trust, &envelope->digest) ||
	    (need.kind == HF_RULE_ASSIGNMENT && proves(trust, envelope, need.act))) {
		*ret_verdict = (struct hf_verdict){.rc = HF_OK, .affirmed = true};
		return HF_OK;
	}
	hf_signers_find(trust, envelope, &signers);
	return hf_approval_meets(trust, &signers, need, ret_verdict, err);
}

enum hf_rc hf_approval_loosening(const struct hf_trust *trust, const struct hf_envelope *envelope,
				 struct hf_verdict *ret_verdict, struct hf_err *err)
{
	return approve_document(trust, envelope, (struct hf_need){HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN}, ret_verdict,
				err);
}

enum hf_rc hf_approval_changing(const struct hf_trust *trust, const struct hf_envelope *envelope,
				struct hf_verdict *ret_verdict, struct hf_err *err)
{
	return approve_document(trust, envelope, (struct hf_need){HF_RULE_BROKERS, HF_RULE_CHANGE}, ret_verdict, err);
}

static enum hf_by by_signers(const struct hf_trust *trust, const struct hf_signers *signers)
{
	struct hf_verdict verdict;

	if (hf_approval_meets(trust, signers, (struct hf_need){HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN}, &verdict, NULL) == HF_OK)
		return HF_BY_TWO;
	if (hf_approval_meets(trust, signers, (struct hf_need){HF_RULE_ASSIGNMENT, HF_RULE_APPROVE}, &verdict, NULL) == HF_OK)
		return HF_BY_ONE;
	return HF_BY_NOBODY;
}

/* What needs no signature. */
static enum hf_by by_roots(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	if (hf_trust_affirms(trust, &envelope->digest) || proves(trust, envelope, HF_RULE_LOOSEN))
		return HF_BY_TWO;
	return proves(trust, envelope, HF_RULE_APPROVE) ? HF_BY_ONE : HF_BY_NOBODY;
}

void hf_approval_follow(const struct hf_trust *held, const struct hf_trust *next, const struct hf_envelope *envelope,
			struct hf_followed *ret)
{
	struct hf_pub keys[HF_SIGNATURES_MAX];
	struct hf_sifted sifted = {.signers = {.n_people = 0}};
	struct hf_signers then;
	size_t n = 0;

	*ret = (struct hf_followed){by_roots(held, envelope), by_roots(next, envelope)};
	if (ret->before == HF_BY_TWO)
		return;
	hf_signers_sift(held, envelope, &sifted);
	for (size_t i = 0; i < envelope->n_signatures; i++)
		if (sifted.keys[i])
			keys[n++] = *sifted.keys[i];
	hf_signers_of_keys(next, keys, n, &then);
	if (by_signers(held, &sifted.signers) > ret->before)
		ret->before = by_signers(held, &sifted.signers);
	if (by_signers(next, &then) > ret->after)
		ret->after = by_signers(next, &then);
}

struct hf_need hf_glass_need(enum hf_glass_side side)
{
	return (struct hf_need){HF_RULE_GLASS, side == HF_GLASS_A ? HF_RULE_A : HF_RULE_B};
}

enum hf_rc hf_approval_document(const struct hf_trust *trust, const struct hf_envelope *envelope,
				struct hf_verdict *ret_verdict, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;

	*ret_verdict = (struct hf_verdict){.rc = HF_E_TYPE};
	switch (envelope->type) {
	case HF_DOC_REGISTER:
		return approve_document(trust, envelope, (struct hf_need){HF_RULE_REGISTER, HF_RULE_APPROVE},
					ret_verdict, err);
	case HF_DOC_ASSIGNMENT:
		return approve_document(trust, envelope, (struct hf_need){HF_RULE_ASSIGNMENT, HF_RULE_APPROVE},
					ret_verdict, err);
	case HF_DOC_RECOVER:
		return approve_document(trust, envelope, (struct hf_need){HF_RULE_RECOVER, HF_RULE_APPROVE},
					ret_verdict, err);
	case HF_DOC_ERASE:
		return approve_document(trust, envelope, (struct hf_need){HF_RULE_RECORD, HF_RULE_ERASE}, ret_verdict,
					err);
	case HF_DOC_BROKERS:
		return approve_document(trust, envelope, (struct hf_need){HF_RULE_BROKERS, HF_RULE_ADD}, ret_verdict,
					err);
	case HF_DOC_GLASS:
		ret_verdict->rc = hf_glass_decode(envelope, &glass, err);
		if (ret_verdict->rc != HF_OK)
			return ret_verdict->rc;
		return approve_document(trust, envelope, hf_glass_need(glass->side), ret_verdict, err);
	case HF_DOC_TRUST:
	case HF_DOC_ORDER:
	case HF_DOC_STATE:
	case HF_DOC_REPORT:
	case HF_DOC_REMARK:
	case HF_DOC_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_TYPE, "A document that officers approve was expected here.");
}

static void need(struct hf_needs *needs, enum hf_rule_kind kind, enum hf_rule_act act)
{
	needs->v[needs->n].kind = kind;
	needs->v[needs->n].act = act;
	needs->n++;
}

static enum hf_rule_kind rule_of(const struct hf_order *order)
{
	switch (order->kind) {
	case HF_KIND_EMERGENCY:
		return HF_RULE_EMERGENCY;
	case HF_KIND_PURDAH:
		return HF_RULE_PURDAH;
	case HF_KIND_COUNT:
		break;
	}
	return HF_RULE_KIND_COUNT; /* no trust has a rule for it */
}

static void need_amend(const struct hf_order *order, const struct hf_body *const *before, size_t n_before,
		       struct hf_needs *ret_needs)
{
	unsigned loosens = HF_LOOSENS_NOTHING;

	for (size_t i = 0; i < n_before; i++)
		loosens |= hf_loosening_of(before[i], &order->body);
	if (loosens & HF_LOOSENS_EXEMPT)
		need(ret_needs, HF_RULE_EXEMPT, HF_RULE_APPROVE);
	if (loosens & ~(unsigned)HF_LOOSENS_EXEMPT)
		need(ret_needs, rule_of(order), HF_RULE_RELEASE);
	if (loosens == HF_LOOSENS_NOTHING)
		need(ret_needs, rule_of(order), HF_RULE_RAISE);
}

void hf_approval_needs(const struct hf_order *order, const struct hf_body *const *before, size_t n_before,
		       struct hf_needs *ret_needs)
{
	memset(ret_needs, 0, sizeof(*ret_needs));
	if (order->mode == HF_MODE_EXERCISE) {
		need(ret_needs, HF_RULE_EXERCISE, HF_RULE_APPROVE);
		return;
	}
	switch (order->act) {
	case HF_ACT_RAISE:
		need(ret_needs, rule_of(order), HF_RULE_RAISE);
		break;
	case HF_ACT_AMEND:
		need_amend(order, before, n_before, ret_needs);
		break;
	case HF_ACT_RELEASE:
		need(ret_needs, rule_of(order), HF_RULE_RELEASE);
		break;
	case HF_ACT_COUNT:
		break; /* nothing can be met: hf_approval_order refuses */
	}
}

enum hf_rc hf_approval_order(const struct hf_trust *trust, const struct hf_signed_order *approved,
			     const struct hf_needs *needs, struct hf_verdict *ret_verdict, struct hf_err *err)
{
	const struct hf_order *order = approved->order;

	*ret_verdict = (struct hf_verdict){.rc = HF_E_RULE, .needs = *needs};
	if (strcmp(order->council, trust->council) != 0)
		return ret_verdict->rc = hf_err_set(err, HF_E_COUNCIL, "This order was made for another council, %s.",
						    order->council);
	if (hf_trust_affirms(trust, &order->digest)) {
		ret_verdict->affirmed = true;
		return ret_verdict->rc = HF_OK;
	}
	if (order->at.s < trust->void_before.s)
		return ret_verdict->rc = hf_err_set(err, HF_E_VOID,
						    "This order is older than the trust allows (void_before), and the "
						    "trust does not affirm it.");
	for (size_t i = 0; i < needs->n; i++) {
		enum hf_rc rc = hf_approval_meets(trust, approved->signers, needs->v[i], ret_verdict, err);

		ret_verdict->needs = *needs;
		if (rc != HF_OK)
			return rc;
	}
	return ret_verdict->rc;
}
