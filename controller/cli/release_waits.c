/* SPDX-License-Identifier: MIT */
/*
 * Owns whether an all-clear of the same waits for its second officer already.
 * Must never take a draft for one that nobody of the trust has signed.
 */
#include "controller/cli/release_waits.h"

#include <string.h>

#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/sentence.h"
#include "controller/office/weigh.h"

static bool releases(const struct hf_order *order, const struct hf_release_of *what)
{
	if (order->act != HF_ACT_RELEASE)
		return false;
	for (size_t i = 0; what->lockdown && i < order->n_releases; i++)
		if (hf_digest_cmp(&order->releases[i], what->lockdown) == 0)
			return true;
	for (size_t i = 0; what->person && i < order->n_persons; i++)
		if (order->kind == what->kind && order->mode == HF_MODE_LIVE &&
		    strcmp(order->persons[i].person, what->person) == 0)
			return true;
	return false;
}

/* Is this draft a release of that, which somebody of the trust has signed? */
static bool waits(const struct hf_view *view, json_t *draft, const struct hf_release_of *what,
		  struct hf_digest *ret_digest)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_weighed struct hf_weighed weighed = {0};

	if (hf_envelope_from_json(json_object_get(draft, "envelope"), &envelope, NULL) != HF_OK ||
	    envelope->type != HF_DOC_ORDER || hf_weigh(view, envelope, &weighed, NULL) != HF_OK ||
	    weighed.signers.n_people == 0 || !releases(weighed.order, what))
		return false;
	*ret_digest = envelope->digest;
	return true;
}

enum hf_rc hf_release_waits(const struct hf_view *view, const struct hf_release_of *what, struct hf_err *err)
{
	hf_auto_json json_t *drafts = NULL;
	struct hf_digest digest;
	char text[HF_SHORT_ID + 1];
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_list(view->office, "drafts", &drafts, err);

	json_array_foreach(drafts, index, one)
	{
		if (waits(view, one, what, &digest))
			return hf_err_set(err, HF_E_PENDING,
					  "A release of %s%s waits already: `holdfast approve %s` approves it; "
					  "--another writes a second one.",
					  what->lockdown ? hf_text("that lockdown") : hf_text("what was raised by "),
					  what->lockdown ? "" : what->person, hf_words_short(&digest, text));
	}
	return rc;
}
