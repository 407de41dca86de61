/* SPDX-License-Identifier: MIT */
/*
 * Owns the way of every change of the register: the one in force, one change, shown, signed, posted as a draft.
 * Must never begin with anything but the newest register, or let two changes of one version pass for two versions.
 */
#include <holdfast/text.h>

#include "controller/cli/register_edit.h"
#include "controller/office/client.h"
#include "controller/office/register_words.h"

/* One part 1 that waits; its register in *ret, NULL when it is none or not all of it is there. */
static enum hf_rc waiting_register(const struct hf_view *view, json_t *drafts, const json_t *row,
				   struct hf_register **ret, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	hf_auto_register struct hf_register *part = NULL;

	if (hf_envelope_from_json(json_object_get(row, "envelope"), &envelope, NULL) != HF_OK ||
	    envelope->type != HF_DOC_REGISTER || hf_register_decode(envelope, &part, NULL) != HF_OK ||
	    part->place.part != 1)
		return HF_OK;
	if (hf_register_draft_gather(view, drafts, envelope, &draft, NULL) == HF_OK)
		return hf_register_draft_open(&draft, ret, err);
	*ret = hf_steal_ptr(&part);
	return HF_OK;
}

static enum hf_rc stands_in_the_way(const struct hf_register *waits, const struct hf_register *next, bool another,
				    struct hf_err *err)
{
	char id[HF_SHORT_ID + 1];

	hf_words_short(&waits->digest, id);
	if (hf_register_same(waits, next))
		return hf_err_set(err, HF_E_MISMATCH,
				  "The draft %s, which waits, says the same: approve that one with `holdfast approve %s`.",
				  id, id);
	if (another)
		return HF_OK;
	return hf_err_set(err, HF_E_MISMATCH,
			  "The draft %s waits and makes version %lld, too: only one of them can be recorded, and it would not "
			  "have what the other changes. Approve it first or take it back (`holdfast drafts`), or say --another.",
			  id, (long long)waits->version);
}

static enum hf_rc look_at_waiting(const struct hf_view *view, const struct hf_register_draft *draft, bool another,
				  struct hf_err *err)
{
	hf_auto_json json_t *drafts = NULL;
	hf_auto_register struct hf_register *next = NULL;
	json_t *row;
	size_t index;
	enum hf_rc rc = hf_client_list(view->office, "drafts", &drafts, err);

	if (rc == HF_OK)
		rc = hf_register_draft_open(draft, &next, err);
	if (rc != HF_OK)
		return rc;
	json_array_foreach(drafts, index, row)
	{
		hf_auto_register struct hf_register *waits = NULL;

		rc = waiting_register(view, drafts, row, &waits, err);
		if (rc == HF_OK && waits && waits->version == next->version)
			rc = stands_in_the_way(waits, next, another, err);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

void hf_edit_warn_of_others(const struct hf_view *view, json_t *drafts, const struct hf_register_draft *draft)
{
	hf_auto_register struct hf_register *next = NULL;
	json_t *row;
	size_t index;

	if (hf_register_draft_open(draft, &next, NULL) != HF_OK)
		return;
	json_array_foreach(drafts, index, row)
	{
		hf_auto_register struct hf_register *waits = NULL;
		char id[HF_SHORT_ID + 1];

		if (waiting_register(view, drafts, row, &waits, NULL) != HF_OK || !waits ||
		    waits->version != next->version || hf_digest_cmp(&waits->digest, &next->digest) == 0)
			continue;
		hf_office_warn(view->office,
			       "the draft %s makes version %lld, too: once this one is recorded, that one cannot be, and what "
			       "it changes has to be written anew.",
			       hf_words_short(&waits->digest, id), (long long)waits->version);
	}
}

static enum hf_rc nothing_changes(struct hf_cli *cli, struct hf_err *err)
{
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s}", "outcome", "unchanged"), err);
	fputs(hf_text("Nothing changes: the register in force says that already.\n"), cli->out);
	return HF_OK;
}

static enum hf_rc show_preview(struct hf_cli *cli, struct hf_view *view, const struct hf_register_draft *draft,
			       struct hf_err *err)
{
	struct hf_words words = {.out = cli->talk, .marks = hf_cli_marks(cli), .view = view};
	enum hf_rc rc;

	view->draft = draft;
	rc = hf_words_register(&words, draft->v[0], err);
	view->draft = NULL;
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_pack("{s:s}", "outcome", "preview"), err);
	fputs(hf_text("This is a preview: nothing was signed or sent.\n"), cli->out);
	return HF_OK;
}

/* Is there anything in it that the register in force has not? */
static enum hf_rc draft_of_change(const struct hf_change *change, struct hf_register_draft *draft, bool *ret_new,
				  struct hf_err *err)
{
	hf_auto_register struct hf_register *next = NULL;
	struct hf_err why = {0};
	enum hf_rc rc = hf_change_draft(change, draft, &why);

	if (rc == HF_OK)
		rc = hf_register_draft_open(draft, &next, &why);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "The register cannot be changed so: %s", why.text);
	*ret_new = !change->held || !hf_register_same(change->held, next);
	return HF_OK;
}

static enum hf_rc send_edit(struct hf_officer *officer, const struct hf_change *change, const struct hf_edit *edit,
			    struct hf_err *err)
{
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	bool is_new = false;
	enum hf_rc rc = draft_of_change(change, &draft, &is_new, err);

	if (rc == HF_OK && !is_new && !edit->anew)
		return nothing_changes(officer->cli, err);
	if (rc == HF_OK && edit->preview)
		return show_preview(officer->cli, officer->view, &draft, err);
	if (rc == HF_OK)
		rc = look_at_waiting(officer->view, &draft, edit->another, err);
	if (rc == HF_OK)
		rc = hf_officer_open(officer, err);
	return rc == HF_OK ? hf_send_register(officer, &draft, &edit->how, err) : rc;
}

static enum hf_rc no_register(struct hf_err *err)
{
	return hf_err_set(err, HF_E_ABSENT,
			  "There is no register in force: `holdfast register propose PLAN` writes the first.");
}

enum hf_rc hf_edit_open(struct hf_cli *cli, struct hf_view *ret_view, struct hf_err *err)
{
	enum hf_rc rc = hf_view_open(&cli->office, ret_view, err);

	return rc == HF_OK && !ret_view->known.reg ? no_register(err) : rc;
}

enum hf_rc hf_edit_register(struct hf_cli *cli, const struct hf_edit *edit, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_change struct hf_change change = {0};
	enum hf_rc rc = hf_view_open(&cli->office, &view, err);

	if (rc == HF_OK && !view.known.reg && !edit->anew)
		return no_register(err);
	if (rc == HF_OK)
		rc = hf_change_begin(&view, &change, err);
	if (rc == HF_OK)
		rc = edit->apply(&change, edit->arg, err);
	return rc == HF_OK ? send_edit(&officer, &change, edit, err) : rc;
}
