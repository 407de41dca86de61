/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast device first`: another device becomes a person's first, and the one that was it steps back.
 * Must never make a new first before the assignment that takes it from the old one is recorded.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/draft_of.h"
#include "controller/cli/send.h"
#include "controller/office/assigned.h"
#include "controller/office/council_folder.h"
#include "controller/office/sentence.h"

/* A new assignment: of which device, and which number of the person's it becomes. */
struct step {
	const struct hf_assignment *from; /* belongs to the view */
	int64_t rank;
	struct hf_envelope *envelope;
	struct hf_weighed weighed;
};

/* In the order in which they are posted: who steps back, then the new first. None: it is the only first already. */
struct change {
	const char *device, *person;
	struct step *steps;
	size_t n, room;
	bool waits; /* the new first is a draft: a second person has to approve it */
};

#define auto_change __attribute__((cleanup(change_done)))

static void change_done(struct change *change)
{
	for (size_t i = 0; i < change->n; i++) {
		hf_envelope_free(&change->steps[i].envelope);
		hf_weighed_done(&change->steps[i].weighed);
	}
	free(change->steps);
}

/* Which devices are this person's, as "d1 and d2". */
static enum hf_rc not_theirs(const struct hf_view *view, const struct change *change, struct hf_err *err)
{
	hf_auto_json json_t *theirs = json_array();
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < view->assigned.n; i++)
		if (hf_assigned_person(view->assigned.v[i], change->person))
			(void)json_array_append_new(theirs, json_string(view->assigned.v[i]->device));
	if (!out)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (json_array_size(theirs) > 0)
		hf_words_list(out, theirs);
	else
		fputs(hf_text("none"), out);
	if (fclose(out) != 0)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	return hf_err_set(err, HF_E_ABSENT, "The device %s is not assigned to %s; the devices that are: %s.",
			  change->device, change->person, text);
}

static enum hf_rc add_step(struct change *change, const struct hf_assignment *from, int64_t rank)
{
	if (hf_rows_reserve(&change->steps, &change->room, change->n + 1, sizeof(*change->steps)) != HF_OK)
		return HF_E_MEMORY;
	change->steps[change->n++] = (struct step){.from = from, .rank = rank < HF_RANK_MAX ? rank : HF_RANK_MAX};
	return HF_OK;
}

/* The two change places. Where several say that they are the first, the others come after all devices of that person.
 */
static enum hf_rc plan_steps(const struct hf_view *view, int64_t own, struct change *change)
{
	const struct hf_assigned *all = &view->assigned;
	const char *first;
	int64_t last = hf_assigned_rank(&view->assigned, "", change->person, &first);
	int64_t next = own > 1 ? own : last++;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < all->n && rc == HF_OK; i++) {
		const struct hf_device_person *p = hf_assigned_person(all->v[i], change->person);

		if (!p || p->rank > 1 || strcmp(all->v[i]->device, change->device) == 0)
			continue;
		rc = add_step(change, all->v[i], next);
		next = last++;
	}
	if (rc == HF_OK && own > 1)
		rc = add_step(change, hf_assigned_find(&view->assigned, change->device), 1);
	return rc;
}

static enum hf_rc make_assignment(const struct hf_view *view, const struct change *change, struct step *step,
				  struct hf_err *err)
{
	struct hf_assignment next = *step->from; /* borrows its texts */

	next.version++;
	next.issued = view->now;
	for (size_t i = 0; i < next.n_people; i++)
		if (strcmp(next.people[i].person, change->person) == 0)
			next.people[i].rank = step->rank;
	return hf_folder_envelope(HF_DOC_ASSIGNMENT, hf_assignment_encode(&next), &step->envelope, err);
}

/* When the controller last had a report of it, in seconds; 0: never. */
static struct hf_wall last_heard(const struct hf_view *view, const char *device)
{
	hf_auto_json json_t *row = NULL;

	if (!view->online || hf_view_device(view, device, &row, NULL) != HF_OK)
		return (struct hf_wall){0};
	return (struct hf_wall){json_integer_value(json_object_get(row, "last_report"))};
}

static void say_change(const struct hf_officer *officer, const struct change *change)
{
	const struct hf_view *view = officer->view;
	const struct hf_words words = {
		.out = officer->cli->talk, .marks = hf_cli_marks(officer->cli), .view = officer->view};
	char at[HF_WALL_TEXT_SIZE];

	hf_words_heading(&words, HF_TONE_PLAIN, "The first device of %s: %s", change->person, change->device);
	hf_words_line(&words, "There their posting window opens also when the controller cannot be heard.");
	for (size_t i = 0; i < change->n; i++) {
		const char *device = change->steps[i].from->device;
		struct hf_wall heard = last_heard(view, device);

		if (change->steps[i].rank == 1)
			continue;
		hf_words_line(&words, "%s is the first now and becomes number %lld. It was %s%s.", device,
			      (long long)change->steps[i].rank,
			      heard.s > 0 ? hf_text("last heard ") : hf_text("never heard"),
			      heard.s > 0 ? hf_wall_text(heard, at) : "");
		hf_words_line(&words,
			      "%s believes that it is the first until it hears the controller: until then a posting "
			      "window can open on both.",
			      device);
	}
}

/* All of them are shown, confirmed and signed before the first is posted. */
static enum hf_rc sign_steps(struct hf_officer *officer, const struct change *change, struct hf_err *err)
{
	enum hf_rc rc = hf_officer_open(officer, err);

	if (rc == HF_OK)
		rc = hf_signing_may_assign(officer->view, officer->person, err);
	if (rc == HF_OK)
		say_change(officer, change);
	for (size_t i = 0; i < change->n && rc == HF_OK; i++) {
		struct step *step = &change->steps[i];

		rc = make_assignment(officer->view, change, step, err);
		if (rc == HF_OK)
			hf_draft_warn_rival(officer->view, step->envelope);
		if (rc == HF_OK)
			rc = hf_officer_sign(officer, step->envelope, true, &step->weighed, err);
	}
	return rc;
}

/* What stands when a post after the first one fails: said first, so that a long reason cannot push it out. */
static enum hf_rc half_done(const struct change *change, size_t i, enum hf_rc rc, const char *why, struct hf_err *err)
{
	if (change->steps[i].rank > 1)
		return hf_err_set(err, rc,
				  "%zu of %zu assignments stand, that of %s failed: run it again to finish. %s", i,
				  change->n, change->steps[i].from->device, why);
	return hf_err_set(err, rc,
			  "%s is not the first device of %s any more, and none is until you run this again: the "
			  "assignment of %s failed. %s",
			  change->steps[i - 1].from->device, change->person, change->device, why);
}

static enum hf_rc post_steps(const struct hf_officer *officer, struct change *change, struct hf_err *err)
{
	const struct hf_office *office = &officer->cli->office;
	struct hf_err why = {0};

	for (size_t i = 0; i < change->n; i++) {
		const struct step *step = &change->steps[i];
		bool recorded = false;
		enum hf_rc rc = hf_send_assignment(officer, step->envelope, &step->weighed, &recorded, &why);

		if (rc == HF_OK && !recorded && officer->view->online && step->rank == 1) {
			change->waits = true;
			continue;
		}
		if (rc == HF_OK && !recorded)
			rc = hf_err_set(&why, HF_E_PENDING, "The controller has not recorded the assignment of %s.",
					step->from->device);
		if (rc != HF_OK)
			return i > 0 ? half_done(change, i, rc, why.text, err) : hf_err_set(err, rc, "%s", why.text);
		/* What counts is at the controller: a folder that cannot be written must not stop half way. */
		if (hf_folder_put_assignment(office->folder, step->envelope, step->from->device, &why) != HF_OK)
			hf_office_warn(office, "the council folder here has no copy of it, which only a new beginning would need: %s", why.text);
	}
	return HF_OK;
}

static json_t *changed_json(const struct hf_view *view, const struct change *change)
{
	json_t *changed = json_array();

	for (size_t i = 0; changed && i < change->n; i++) {
		const struct step *step = &change->steps[i];
		char digest[HF_DIGEST_HEX_SIZE];

		(void)json_array_append_new(
			changed, json_pack("{s:s, s:I, s:I, s:s, s:I}", "device", step->from->device, "rank",
					   (json_int_t)step->rank, "version", (json_int_t)step->from->version + 1,
					   "digest", hf_digest_hex(&step->envelope->digest, digest), "last_report",
					   (json_int_t)last_heard(view, step->from->device).s));
	}
	return changed;
}

static enum hf_rc answer_change(struct hf_cli *cli, const struct hf_view *view, const struct change *change,
				struct hf_err *err)
{

	if (cli->json)
		return hf_cli_answer(cli,
				     json_pack("{s:s, s:s, s:o, s:b}", "device", change->device, "person",
					       change->person, "changed", changed_json(view, change), "waits",
					       change->waits),
				     err);
	if (change->waits) {
		fprintf(cli->out, hf_text("%s becomes the first device of %s when a second person approves it.\n"),
			change->device, change->person);
		return HF_OK;
	}
	fprintf(cli->out,
		change->n > 0 ? hf_text("%s is now the first device of %s.\n")
			      : hf_text("%s is the first device of %s already.\n"),
		change->device, change->person);
	return HF_OK;
}

static enum hf_rc make_first(struct hf_officer *officer, struct change *change, struct hf_err *err)
{
	const struct hf_view *view = officer->view;
	const struct hf_assignment *assignment = hf_assigned_find(&view->assigned, change->device);
	const struct hf_device_person *own = assignment ? hf_assigned_person(assignment, change->person) : NULL;
	enum hf_rc rc;

	if (!assignment)
		return hf_err_set(err, HF_E_ABSENT, "There is no device %s: `holdfast devices` lists them.",
				  change->device);
	if (!own)
		return not_theirs(view, change, err);
	rc = plan_steps(view, own->rank, change);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is not enough memory.");
	if (change->n > 0)
		rc = sign_steps(officer, change, err);
	if (rc == HF_OK)
		rc = post_steps(officer, change, err);
	return rc == HF_OK ? answer_change(officer->cli, view, change, err) : rc;
}

enum hf_rc hf_cli_device_first(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	auto_change struct change change = {0};
	const struct hf_arg rows[] = {
		{"device", HF_ARG_TEXT, &change.device, "ID", HF_TEXT("the device that becomes their first"), 0},
		{"person", HF_ARG_TEXT, &change.person, "PERSON", HF_TEXT("whose first device it becomes"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	if (!change.device || !change.person)
		return hf_err_set(err, HF_E_USAGE, "Say which device with --device, and whose first with --person.");
	rc = hf_view_open(&cli->office, &view, err);
	if (rc == HF_OK)
		rc = hf_view_assigned(&view, err);
	return rc == HF_OK ? make_first(&officer, &change, err) : rc;
}
