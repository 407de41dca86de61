/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of a register in parts: shown as one, confirmed once, every part signed and posted.
 * Must never sign a part of a register that was not shown whole.
 */
#include "controller/cli/send.h"
#include "controller/office/register_change.h"

static bool is_recorded(const struct hf_officer *officer, const struct hf_envelope *part)
{
	return hf_parts_find(&officer->view->known.parts, &part->digest);
}

/* The first part that this officer's approval is wanted for; part 1 when there is none, to be told why not. */
static enum hf_rc lead_of(const struct hf_officer *officer, const struct hf_register_draft *draft,
			  struct hf_envelope **ret_lead, struct hf_err *err)
{
	*ret_lead = draft->v[0];
	for (size_t i = 0; i < draft->n; i++) {
		hf_auto_weighed struct hf_weighed weighed = {0};
		enum hf_rc rc = hf_weigh(officer->view, draft->v[i], &weighed, err);

		if (rc != HF_OK)
			return rc;
		if (is_recorded(officer, draft->v[i]) || !hf_weighed_counts(officer->view, &weighed, officer->person))
			continue;
		*ret_lead = draft->v[i];
		return HF_OK;
	}
	return HF_OK;
}

/* Was an earlier try cut off, then some parts have this officer's approval already. */
static enum hf_rc sign_others(const struct hf_officer *officer, const struct hf_register_draft *draft,
			      const struct hf_envelope *lead, struct hf_err *err)
{
	const struct hf_pub pub = hf_key_pub(officer->key);
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < draft->n; i++)
		if (draft->v[i] != lead && !is_recorded(officer, draft->v[i]) &&
		    !hf_envelope_signed_by(draft->v[i], &pub, NULL))
			rc = hf_envelope_sign(draft->v[i], officer->key, err);
	return rc;
}

/* Part 1 comes last: what is said of it is said of all. */
static enum hf_rc post_parts(const struct hf_officer *officer, const struct hf_register_draft *draft,
			     struct hf_posted *ret_posted, struct hf_err *err)
{
	size_t waiting = 0;
	enum hf_rc rc = HF_OK;

	for (size_t i = draft->n; rc == HF_OK && i > 0; i--) {
		hf_auto_weighed struct hf_weighed weighed = {0};
		hf_auto_posted struct hf_posted posted = {0};

		rc = hf_weigh(officer->view, draft->v[i - 1], &weighed, err);
		if (rc == HF_OK && i == 1)
			rc = hf_officer_post(officer, draft->v[0], &weighed, ret_posted, err);
		else if (rc == HF_OK && !is_recorded(officer, draft->v[i - 1]))
			rc = hf_signing_post(officer->view, draft->v[i - 1], &weighed, &posted, err);
		waiting += posted.answer && !posted.recorded;
	}
	if (rc == HF_OK && ret_posted->recorded && waiting > 0)
		hf_office_warn(officer->view->office,
			       "An approval is still missing for %zu of its other parts: until then the register before stays in "
			       "force.",
			       waiting);
	return rc;
}

/*
 * More than a fifth is a slip until it is said to be meant: whoever writes it says so, and whoever approves it has read
 * how much it is.
 */
static enum hf_rc much_smaller(const struct hf_officer *officer, const struct hf_register_draft *draft,
			       const struct hf_send_how *how, size_t *ret_ask, struct hf_err *err)
{
	hf_auto_register struct hf_register *next = NULL;
	const struct hf_register *held = officer->view->known.reg;
	struct hf_register_loss loss;
	enum hf_rc rc = held ? hf_register_draft_open(draft, &next, err) : HF_OK;

	if (rc != HF_OK || !held || hf_digest_cmp(&held->digest, &next->digest) == 0)
		return rc;
	hf_register_loss(held, next, &loss);
	if (!hf_register_much_smaller(&loss))
		return HF_OK;
	if (!officer->said && !how->smaller)
		return hf_err_set(err, HF_E_USAGE,
				  "It would take out %zu of %zu accounts, holders, tools, addresses and programs: say "
				  "--smaller if that is meant.",
				  loss.lost, loss.had);
	if (officer->said && officer->cli->yes && how->removed != (int64_t)loss.lost)
		return hf_err_set(err, HF_E_USAGE,
				  "It takes out more than a fifth of the register: say with --removed how many accounts, "
				  "holders, tools, addresses and programs.");
	if (officer->said && !officer->cli->yes)
		*ret_ask = loss.lost;
	return HF_OK;
}

enum hf_rc hf_send_register(const struct hf_officer *opened, const struct hf_register_draft *draft,
			    const struct hf_send_how *how, struct hf_err *err)
{
	struct hf_officer asked = *opened; /* the key stays the other's */
	const struct hf_officer *officer = &asked;
	hf_auto_weighed struct hf_weighed weighed = {0};
	hf_auto_posted struct hf_posted posted = {0};
	struct hf_envelope *lead;
	enum hf_rc rc = much_smaller(officer, draft, how, &asked.removed, err);

	officer->view->draft = draft;
	if (rc == HF_OK)
		rc = lead_of(officer, draft, &lead, err);
	if (rc == HF_OK)
		rc = hf_officer_sign(officer, lead, true, &weighed, err);
	if (rc == HF_OK)
		rc = sign_others(officer, draft, lead, err);
	if (rc == HF_OK)
		rc = post_parts(officer, draft, &posted, err);
	officer->view->draft = NULL;
	if (rc != HF_OK || !officer->cli->json)
		return rc;
	(void)json_object_set_new(posted.answer, "parts", json_integer((json_int_t)draft->n));
	return hf_cli_answer(officer->cli, json_incref(posted.answer), err);
}
