/* SPDX-License-Identifier: MIT */
/*
 * The way of every order and of every approval: show, confirm, sign, post, watch.
 * Must never sign before it was confirmed.
 */
#include "controller/cli/sign.h"
#include "controller/cli/wait.h"
#include "controller/office/council_folder.h"

static const struct hf_strs *groups_of(const struct hf_view *view, const struct hf_weighed *weighed,
				       const struct hf_digest *lockdown)
{
	const struct hf_lockdown *known = hf_lockdowns_find(&view->lockdowns, lockdown);

	if (weighed->order->act == HF_ACT_RELEASE)
		return known ? &known->bodies[0]->order->body.groups : NULL;
	return &weighed->order->body.groups;
}

/* Watch it arrive; what a release names is watched by its first lockdown. */
static enum hf_rc follow(struct hf_view *view, const struct hf_envelope *envelope, const struct hf_weighed *weighed,
			 int64_t seconds, json_t *answer, struct hf_err *err)
{
	const struct hf_order *order = weighed->order;
	const struct hf_digest *id = order->act == HF_ACT_RAISE	  ? &envelope->digest
				     : order->act == HF_ACT_AMEND ? &order->of
								  : &order->releases[0];
	const struct hf_awaited awaited = {.lockdown = id,
					   .groups = groups_of(view, weighed, id),
					   .rev = order->act == HF_ACT_AMEND ? order->rev : 0,
					   .released = order->act == HF_ACT_RELEASE,
					   .exercise = order->mode == HF_MODE_EXERCISE,
					   .scheduled = order->act != HF_ACT_RELEASE && order->kind == HF_KIND_PURDAH &&
							order->body.from.s > view->now.s};
	char hex[HF_DIGEST_HEX_SIZE];

	if (json_object_set_new(answer, "lockdown", json_string(hf_digest_hex(id, hex))) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return awaited.groups && seconds > 0 ? hf_wait(view->cli, &awaited, seconds, answer, err) : HF_OK;
}

/* Show, confirm, sign, post, watch: the way of every order and of every approval. */
enum hf_rc hf_office_carry_out(struct hf_view *view, const struct hf_officer *officer, struct hf_envelope *envelope,
			       int64_t seconds, struct hf_err *err)
{
	hf_auto_weighed struct hf_weighed weighed = {0};
	hf_auto_json json_t *answer = NULL;
	bool recorded = false;
	enum hf_rc rc = hf_office_sign(view, officer, envelope, true, &weighed, err);

	if (rc == HF_OK)
		rc = hf_office_post(view, envelope, &weighed, &recorded, &answer, err);
	if (rc == HF_OK && recorded && weighed.order)
		rc = follow(view, envelope, &weighed, seconds, answer, err);
	if (rc != HF_OK)
		return rc;
	return view->cli->json ? hf_cli_answer(view->cli, json_incref(answer), err) : HF_OK;
}
