/* SPDX-License-Identifier: MIT */
/*
 * Owns what a remark does: an approval is taken back by whoever gave it, a refusal is kept to be shown, and it is put on
 * the record that whoever was withdrawn has no access at the platform any more.
 * Must never hold up what others approve: one stolen key would silence an all-clear.
 */
#include "controller/remark_door.h"

#include <string.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

/* A remark, whose it is, and the draft that is looked at. */
struct said {
	const struct hf_remark *remark;
	const struct hf_person *person;
};

static bool has_signed(const struct hf_judgement *judgement, const char *person)
{
	for (size_t i = 0; i < judgement->n_signed_by; i++)
		if (strcmp(judgement->signed_by[i], person) == 0)
			return true;
	return false;
}

static const struct hf_envelope *second_of(struct hf_controller *c, const struct hf_digest *of)
{
	struct hf_bench bench = hf_controller_bench(c);
	for (size_t i = 0; i < c->estate.n; i++) {
		const struct hf_edition *second = hf_judge_second(&bench, &c->estate.v[i]);
		if (second && hf_digest_cmp(&second->envelope->digest, of) == 0)
			return second->envelope;
	}
	return NULL;
}

/* What may be refused is all that the list of drafts shows; what is recorded is taken back by nobody. */
static const struct hf_envelope *what_waits(struct hf_controller *c, const struct hf_digest *of, enum hf_remark_act act)
{
	const struct hf_draft *draft = hf_drafts_find(&c->drafts, of);
	if (draft)
		return draft->envelope;
	return act == HF_REMARK_REFUSE ? second_of(c, of) : NULL;
}

static enum hf_rc may_say(struct hf_controller *c, const struct said *said, const struct hf_envelope *draft,
			  struct hf_err *err)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	const char *person = said->person->id;
	char hex[HF_DIGEST_HEX_SIZE];
	bool mine;
	hf_digest_hex(&draft->digest, hex);
	(void)hf_judge(&bench, draft, &judgement, NULL);
	mine = has_signed(&judgement, person);
	if (said->remark->act == HF_REMARK_WITHDRAW && !mine)
		return hf_err_set(err, HF_E_ROLE, "%s has not approved the draft %.12s, and takes nothing back", person, hex);
	if (said->remark->act == HF_REMARK_REFUSE && mine)
		return hf_err_set(err, HF_E_MISMATCH, "%s has approved the draft %.12s: take that back in place of refusing it",
				  person, hex);
	if (said->remark->act == HF_REMARK_REFUSE &&
	    !hf_judge_has_say(&bench, draft, &judgement, said->person))
		return hf_err_set(err, HF_E_ROLE, "the draft %.12s is not for %s to approve, nor to refuse", hex, person);
	return HF_OK;
}

static enum hf_rc has_room(const struct hf_controller *c, const struct said *said, struct hf_err *err)
{
	bool takes_back = said->remark->act == HF_REMARK_WITHDRAW;
	size_t most = takes_back ? HF_WITHDRAWN_OF_ONE_MAX : HF_REFUSED_OF_ONE_MAX;
	if (hf_remarks_count(&c->remarks, said->person->id, said->remark->act) + said->remark->n_of <= most)
		return HF_OK;
	return hf_err_set(err, HF_E_SIZE, "%s has %s %zu drafts already: leave this one to lapse", said->person->id,
			  takes_back ? "taken back the approval of" : "refused", most);
}

static enum hf_rc try_all(struct hf_controller *c, const struct said *said, bool *ret_known, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	size_t n_known = 0;
	for (size_t i = 0; rc == HF_OK && i < said->remark->n_of; i++) {
		const struct hf_digest *of = &said->remark->of[i];
		const struct hf_envelope *draft = what_waits(c, of, said->remark->act);
		char hex[HF_DIGEST_HEX_SIZE];
		bool known = hf_remarks_find(&c->remarks, of, said->person->id, said->remark->act);
		n_known += known;
		if (!known && !draft)
			rc = hf_err_set(err, HF_E_ABSENT,
					"no draft %.12s waits: it is recorded, was taken back, or has lapsed",
					hf_digest_hex(of, hex));
		else if (!known)
			rc = may_say(c, said, draft, err);
	}
	*ret_known = n_known == said->remark->n_of;
	return rc == HF_OK && !*ret_known ? has_room(c, said, err) : rc;
}

static bool may_approve_registers(const struct hf_controller *c, const struct hf_person *person)
{
	const struct hf_rule *rule = hf_trust_rule(c->known.trust, HF_RULE_REGISTER, HF_RULE_APPROVE);
	for (size_t i = 0; rule && i < person->roles.n; i++)
		if (hf_strs_has(&rule->roles, person->roles.v[i]))
			return true;
	return false;
}

/* It is of the register in force: of an older one somebody may hold it again since. */
static enum hf_rc try_confirmation(struct hf_controller *c, const struct said *said, bool *ret_known, struct hf_err *err)
{
	const struct hf_remark *remark = said->remark;
	const struct hf_register *reg = c->known.reg;
	const struct hf_account *account = reg ? hf_register_account(reg, remark->account) : NULL;
	*ret_known = hf_remarks_confirmed(&c->remarks, remark);
	if (*ret_known)
		return HF_OK;
	if (!may_approve_registers(c, said->person))
		return hf_err_set(err, HF_E_ROLE, "%s may not approve the register, nor say of it what is gone",
				  said->person->id);
	if (!reg || hf_digest_cmp(&reg->digest, &remark->of[0]) != 0)
		return hf_err_set(err, HF_E_ABSENT, "the register that this is of is not the one in force");
	for (size_t i = 0; account && i < account->n_holders; i++)
		if (strcmp(account->holders[i].person, remark->person) == 0)
			return hf_err_set(err, HF_E_MISMATCH, "%s holds %s by the register in force", remark->person,
					  remark->account);
	if (hf_remarks_confirms(&c->remarks, &reg->digest, said->person->id) >= HF_CONFIRMED_OF_ONE_MAX)
		return hf_err_set(err, HF_E_SIZE, "%s has confirmed %d already: the next register takes more",
				  said->person->id, HF_CONFIRMED_OF_ONE_MAX);
	return HF_OK;
}

/* What somebody can write about: an order, a draft, the register or the trust in force, halves of break-glass. */
static bool is_known_here(struct hf_controller *c, const struct hf_digest *of)
{
	return hf_orders_find(&c->known.orders, of) || hf_drafts_find(&c->drafts, of) ||
	       (c->known.reg && hf_digest_cmp(&c->known.reg->digest, of) == 0) ||
	       hf_digest_cmp(&c->known.trust->digest, of) == 0 || hf_estate_had_halves(&c->estate, of);
}

static enum hf_rc try_note(struct hf_controller *c, const struct said *said, bool *ret_known, struct hf_err *err)
{
	const struct hf_digest *of = &said->remark->of[0];
	char hex[HF_DIGEST_HEX_SIZE];
	*ret_known = hf_remarks_noted(&c->remarks, &said->remark->digest);
	if (*ret_known)
		return HF_OK;
	if (!is_known_here(c, of))
		return hf_err_set(err, HF_E_ABSENT, "nothing that is known here has the digest %.12s", hf_digest_hex(of, hex));
	if (hf_remarks_notes(&c->remarks, of, said->person->id) >= HF_NOTES_OF_ONE_MAX)
		return hf_err_set(err, HF_E_SIZE, "%s has written %d notes of it already: somebody else may write more",
				  said->person->id, HF_NOTES_OF_ONE_MAX);
	return HF_OK;
}

enum hf_record_kind hf_remark_kind(const struct hf_envelope *envelope)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	bool is_note = hf_remark_decode(envelope, &remark, NULL) == HF_OK && remark->act == HF_REMARK_NOTE;
	return is_note ? HF_RECORD_NOTE : HF_RECORD_REMARK;
}

enum hf_rc hf_remark_try(struct hf_controller *c, const struct hf_envelope *envelope, bool *ret_known,
			 struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	struct said said = {0};
	enum hf_rc rc = hf_remark_open(&c->known, envelope, &remark, &said.person, err);
	said.remark = remark;
	if (rc != HF_OK)
		return rc;
	if (remark->act == HF_REMARK_NOTE)
		return try_note(c, &said, ret_known, err);
	return remark->act == HF_REMARK_CONFIRM ? try_confirmation(c, &said, ret_known, err)
						: try_all(c, &said, ret_known, err);
}

/* The share in which it is goes to somebody whose approval it still has. */
static void take_back(struct hf_controller *c, struct hf_draft *draft)
{
	hf_auto_judgement struct hf_judgement judgement = {0};
	struct hf_bench bench = hf_controller_bench(c);
	struct hf_digest digest = draft->envelope->digest;
	const char *whose;
	hf_remarks_sift(&c->remarks, c->known.trust, draft->envelope, &whose);
	(void)hf_judge(&bench, draft->envelope, &judgement, NULL);
	if (judgement.n_signed_by > 0 && hf_str_copy(draft->by, sizeof(draft->by), judgement.signed_by[0]) == HF_OK)
		return;
	hf_drafts_drop(&c->drafts, &digest);
	hf_remarks_gone(&c->remarks, &digest);
}

enum hf_rc hf_remark_apply(struct hf_controller *c, const struct hf_envelope *envelope, struct hf_wall at,
			   struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const struct hf_person *person = NULL;
	enum hf_rc rc = hf_remark_open(&c->known, envelope, &remark, &person, err);
	bool of_draft = rc == HF_OK && (remark->act == HF_REMARK_WITHDRAW || remark->act == HF_REMARK_REFUSE);
	if (rc == HF_OK && remark->act == HF_REMARK_CONFIRM)
		rc = hf_remarks_confirm(&c->remarks, person->id, remark);
	if (rc == HF_OK && remark->act == HF_REMARK_CONFIRM)
		hf_leavers_gone(&c->leavers, remark->person, remark->account);
	if (rc == HF_OK && remark->act == HF_REMARK_NOTE)
		rc = hf_remarks_note(&c->remarks, person->id, remark);
	for (size_t i = 0; rc == HF_OK && of_draft && i < remark->n_of; i++) {
		const struct hf_envelope *of = what_waits(c, &remark->of[i], remark->act);
		if (!of)
			continue;
		rc = hf_remarks_put(&c->remarks, of, person->id, remark, at);
		if (rc == HF_OK && remark->act == HF_REMARK_WITHDRAW)
			take_back(c, hf_drafts_find(&c->drafts, &remark->of[i]));
	}
	return rc == HF_E_MEMORY ? hf_err_set(err, rc, "no memory for what was said of a draft") : rc;
}

void hf_remark_log(const struct hf_controller *c, const struct hf_envelope *envelope)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	const struct hf_person *person = NULL;
	char hex[HF_DIGEST_HEX_SIZE];
	if (hf_remark_open(&c->known, envelope, &remark, &person, NULL) != HF_OK)
		return;
	for (size_t i = 0; i < remark->n_of; i++)
		hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "of=%s act=%s", hf_digest_hex(&remark->of[i], hex),
		       hf_remark_act_name(remark->act));
}
