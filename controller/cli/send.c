/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of every order and of every approval: show, confirm, sign, post, watch.
 * Must never sign before it was confirmed.
 */
#include "controller/cli/send.h"
#include "controller/cli/wait.h"
#include "controller/office/council_folder.h"
#include "controller/office/order_words.h"
#include "controller/office/set_aside.h"

/* Watch it arrive; what a release names is watched by its first lockdown. */
static enum hf_rc watch_arriving(const struct hf_officer *officer, const struct hf_weighed *weighed, int64_t seconds,
				 json_t *answer, struct hf_err *err)
{
	const struct hf_order *order = weighed->order;
	static const struct hf_digest nobody;
	const struct hf_digest *id = order->act == HF_ACT_RAISE	  ? &order->digest
				     : order->act == HF_ACT_AMEND ? &order->of
				     : order->n_releases > 0	  ? &order->releases[0]
								  : &nobody;
	const struct hf_awaited awaited = {.lockdown = id,
					   .released = order->act == HF_ACT_RELEASE,
					   .exercise = order->mode == HF_MODE_EXERCISE,
					   .beside = order->act == HF_ACT_RELEASE && order->mode == HF_MODE_LIVE &&
						     hf_words_stays(officer->view, order),
					   .scheduled = order->act != HF_ACT_RELEASE && order->kind == HF_KIND_PURDAH &&
							order->body.from.s > officer->view->now.s};
	char hex[HF_DIGEST_HEX_SIZE];

	if (id == &nobody)
		return HF_OK;
	if (json_object_set_new(answer, "lockdown", json_string(hf_digest_hex(id, hex))) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return seconds > 0 ? hf_wait(officer->cli, &awaited, seconds, answer, err) : HF_OK;
}

/* What counts is at the controller: a folder that cannot be written is said, and stops nothing. */
static void keep_copy(const struct hf_office *office, const struct hf_envelope *envelope)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	struct hf_err why = {0};

	if (envelope->type == HF_DOC_TRUST && hf_folder_put_trust(office->folder, envelope, &why) != HF_OK)
		hf_office_warn(office, "the council folder here has no copy of it, which only a new beginning would need: %s", why.text);
	if (envelope->type != HF_DOC_ASSIGNMENT || hf_assignment_decode(envelope, &assignment, NULL) != HF_OK)
		return;
	if (hf_folder_put_assignment(office->folder, envelope, assignment->device, &why) != HF_OK)
		hf_office_warn(office, "the council folder here has no copy of it, which only a new beginning would need: %s", why.text);
}

/* For programs: what people read before they sign it. */
static enum hf_rc list_aside(const struct hf_officer *officer, const struct hf_envelope *envelope, json_t *answer,
			     struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);

	if (rc == HF_OK && json_object_set_new(answer, "void", hf_aside_to_json(officer->view, trust)) != 0)
		rc = hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return rc;
}

enum hf_rc hf_send(const struct hf_officer *officer, struct hf_envelope *envelope, int64_t seconds, struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed weighed = {0};
	hf_auto_posted struct hf_posted posted = {0};
	enum hf_rc rc = hf_officer_sign(officer, envelope, true, &weighed, err);

	if (rc == HF_OK)
		rc = hf_officer_post(officer, envelope, &weighed, &posted, err);
	if (rc == HF_OK && posted.recorded)
		keep_copy(&officer->cli->office, envelope);
	if (rc == HF_OK && posted.recorded && weighed.order)
		rc = watch_arriving(officer, &weighed, seconds, posted.answer, err);
	if (rc == HF_OK && envelope->type == HF_DOC_TRUST)
		rc = list_aside(officer, envelope, posted.answer, err);
	if (rc != HF_OK)
		return rc;
	return officer->cli->json ? hf_cli_answer(officer->cli, json_incref(posted.answer), err) : HF_OK;
}

enum hf_rc hf_send_amendment(struct hf_officer *officer, const struct hf_lockdown *lockdown,
			     const struct hf_wishes *wishes, int64_t seconds, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_compose_amendment(officer->view, lockdown, wishes, &envelope, err);

	if (rc == HF_OK)
		rc = hf_officer_open(officer, err);
	return rc == HF_OK ? hf_send(officer, envelope, seconds, err) : rc;
}

enum hf_rc hf_send_assignment(const struct hf_officer *officer, const struct hf_envelope *assignment,
			      const struct hf_weighed *weighed, bool *ret_recorded, struct hf_err *err)
{
	hf_auto_posted struct hf_posted posted = {0};
	enum hf_rc rc = HF_OK;

	if (weighed->rc != HF_OK && !officer->view->online)
		return hf_err_set(err, weighed->rc,
				  "This asks for more than one approval (%s), and without the controller nothing can "
				  "wait for the others.",
				  hf_rc_name(weighed->rc));
	*ret_recorded = false;
	if (officer->view->online)
		rc = hf_officer_post(officer, assignment, weighed, &posted, err);
	if (rc == HF_OK)
		*ret_recorded = posted.recorded;
	return rc;
}
