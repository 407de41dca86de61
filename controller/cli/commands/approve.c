/* SPDX-License-Identifier: MIT */
/*
 * `holdfast approve`.
 * Must never believe what the controller calls a draft: its own bytes say what it is.
 */
#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/client.h"
#include "controller/office/council_folder.h"
#include "controller/office/period.h"

#include <holdfast/str.h>

/* Found by the digest of what would be signed, not by what the controller calls it. */
static enum hf_rc find_draft(const struct hf_view *view, const char *prefix, struct hf_envelope **ret_envelope,
			     struct hf_err *err)
{
	hf_auto_json json_t *drafts = NULL;
	hf_auto_envelope struct hf_envelope *found = NULL;
	json_t *one;
	size_t index;
	enum hf_rc rc = hf_client_list(view->office, "drafts", &drafts, err);

	if (rc != HF_OK)
		return rc;
	json_array_foreach(drafts, index, one)
	{
		hf_auto_envelope struct hf_envelope *draft = NULL;

		if (hf_envelope_from_json(json_object_get(one, "envelope"), &draft, NULL) != HF_OK ||
		    !hf_digest_has_prefix(&draft->digest, prefix))
			continue;
		if (found)
			return hf_err_set(err, HF_E_USAGE, "More than one draft begins with %s: give more of it.",
					  prefix);
		found = hf_steal_ptr(&draft);
	}
	if (!found)
		return hf_err_set(err, HF_E_ABSENT, "No draft begins with %s: `holdfast drafts` lists them.", prefix);
	*ret_envelope = hf_steal_ptr(&found);
	return HF_OK;
}

enum hf_rc hf_cli_approve(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_period struct hf_period period = {0};
	struct hf_polls_wish wish = {0};
	int64_t seconds = HF_WAIT_S;
	const struct hf_arg rows[] = {
		{"calendar", HF_ARG_LIST, &wish.calendars, "FILE", "newer bank holidays, to check a start by", 0},
		{"wait", HF_ARG_INT, &seconds, "S", "how long to watch it arrive; 0: not (10)", 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && wish.calendars.n > 0) {
		rc = hf_period_begin(&wish, &period, err);
		view.at_hand = &period;
	}
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = find_draft(&view, args->rest[0], &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send(&officer, envelope, seconds, err) : rc;
}
