/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast recover`: two officers say what holds to devices that have lost what they knew.
 * Must never name a device that says nothing of a loss, or leave out what holds.
 */
#include <string.h>

#include <holdfast/recover.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"

/* Filled while it is written. */
struct writing {
	struct hf_recover_device devices[HF_RECOVER_DEVICES_MAX];
	struct hf_digest live[HF_RECOVER_LIVE_MAX];
	struct hf_recover recover;
};

static enum hf_rc name_device(struct writing *w, const struct hf_view *view, const char *id, struct hf_err *err)
{
	hf_auto_json json_t *row = NULL;
	struct hf_recover_device *device = &w->devices[w->recover.n_devices];
	enum hf_rc rc = hf_view_device(view, id, &row, err);

	if (rc != HF_OK)
		return rc;
	if (!json_is_true(json_object_get(row, "unknown")))
		return hf_err_set(err, HF_E_ABSENT, "The device %s does not say that it has lost what it knew.", id);
	if (hf_digest_from_hex(hf_client_text(row, "nonce", ""), &device->nonce) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT,
				  "The device %s has not said which loss it is: wait for its next report. If it stays so, its "
				  "memory was made on another machine: IT enrols it anew.",
				  id);
	device->device = id;
	w->recover.n_devices++;
	return HF_OK;
}

static bool is_named(const struct writing *w, const struct hf_digest *order)
{
	for (size_t i = 0; i < w->recover.n_live; i++)
		if (hf_digest_cmp(&w->live[i], order) == 0)
			return true;
	return false;
}

static enum hf_rc name_order(struct writing *w, const struct hf_digest *order, struct hf_err *err)
{
	if (is_named(w, order))
		return HF_OK;
	if (w->recover.n_live == HF_RECOVER_LIVE_MAX)
		return hf_err_set(err, HF_E_SIZE, "More than %d orders hold: release some of them first.",
				  HF_RECOVER_LIVE_MAX);
	w->live[w->recover.n_live++] = *order;
	return HF_OK;
}

/* Each lockdown that holds, with all that stands between its raise and what it has come to. */
static enum hf_rc name_lockdown(struct writing *w, const struct hf_view *view, const struct hf_lockdown *lockdown,
				struct hf_err *err)
{
	enum hf_rc rc = name_order(w, &lockdown->id, err);

	for (size_t i = 0; i < view->known.orders.n && rc == HF_OK; i++) {
		const struct hf_heard *heard = &view->known.orders.v[i];

		if (heard->order->act == HF_ACT_AMEND && hf_digest_cmp(&heard->order->of, &lockdown->id) == 0 &&
		    hf_orders_judge_one(&view->known.orders, view->known.trust, heard, NULL, NULL) == HF_OK)
			rc = name_order(w, &heard->order->digest, err);
	}
	return rc;
}

static enum hf_rc name_live(struct writing *w, const struct hf_view *view, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < view->lockdowns.n && rc == HF_OK; i++) {
		const struct hf_lockdown *lockdown = &view->lockdowns.v[i];

		if (lockdown->raise->order->mode == HF_MODE_LIVE &&
		    (lockdown->phase == HF_PHASE_IN_FORCE || lockdown->phase == HF_PHASE_SCHEDULED))
			rc = name_lockdown(w, view, lockdown, err);
	}
	return rc;
}

static enum hf_rc write_recovery(const struct hf_view *view, const struct hf_args *args,
				 struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_free struct writing *w = calloc(1, sizeof(*w));
	enum hf_rc rc = HF_OK;

	if (!w)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	w->recover = (struct hf_recover){
		.council = view->known.trust->council, .devices = w->devices, .issued = view->now, .live = w->live};
	for (size_t i = 0; i < args->n_rest && rc == HF_OK; i++)
		rc = name_device(w, view, args->rest[i], err);
	if (rc == HF_OK)
		rc = name_live(w, view, err);
	return rc == HF_OK ? hf_folder_envelope(HF_DOC_RECOVER, hf_recover_encode(&w->recover), ret_envelope, err) : rc;
}

enum hf_rc hf_cli_recover(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_rc rc = hf_args_parse(cli, args, NULL, 0, err);

	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = write_recovery(&view, args, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send(&officer, envelope, 0, err) : rc;
}
