/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast release --person`: the end of all that one person alone has raised.
 * Must never guess which kind is meant, or leave something of a flood in force without saying so.
 */
#include "controller/cli/commands/release_person.h"

#include <string.h>

#include <holdfast/text.h>

#include "controller/cli/release_waits.h"
#include "controller/office/compose.h"
#include "controller/office/sentence.h"

static bool holds(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode == HF_MODE_LIVE &&
	       (lockdown->phase == HF_PHASE_IN_FORCE || lockdown->phase == HF_PHASE_SCHEDULED);
}

static bool raised_alone(const struct hf_lockdown *lockdown, const char *person)
{
	const struct hf_signers *signers = &lockdown->raise->signers;

	return signers->n_people == 1 && strcmp(signers->people[0]->id, person) == 0;
}

/* Of which kinds there is anything of this person to end. */
static void find_kinds(const struct hf_view *view, const char *person, bool ret_there[HF_KIND_COUNT])
{
	const struct hf_lockdowns *all = &view->lockdowns;

	for (size_t i = 0; i < all->n_over; i++)
		if (strcmp(all->over[i].person, person) == 0)
			ret_there[all->over[i].kind] = true;
	for (size_t i = 0; i < all->n; i++)
		if (holds(&all->v[i]) && raised_alone(&all->v[i], person))
			ret_there[all->v[i].raise->order->kind] = true;
}

static enum hf_rc choose_kind(const struct hf_view *view, const struct hf_person_wish *wish, enum hf_kind *ret_kind,
			      struct hf_err *err)
{
	bool there[HF_KIND_COUNT] = {false};

	for (int kind = 0; wish->kind && kind < HF_KIND_COUNT; kind++)
		if (strcmp(wish->kind, hf_kind_name((enum hf_kind)kind)) == 0) {
			*ret_kind = (enum hf_kind)kind;
			return HF_OK;
		}
	if (wish->kind)
		return hf_err_set(err, HF_E_USAGE, "--kind is emergency or purdah.");
	find_kinds(view, wish->person, there);
	if (there[HF_KIND_EMERGENCY] && there[HF_KIND_PURDAH])
		return hf_err_set(err, HF_E_USAGE,
				  "%s has raised emergencies and pre-election periods: say which to end with --kind "
				  "emergency or --kind purdah.",
				  wish->person);
	if (!there[HF_KIND_EMERGENCY] && !there[HF_KIND_PURDAH])
		return hf_err_set(err, HF_E_ABSENT,
				  "Nothing that %s alone has raised holds, and there is room for more: say --kind to "
				  "make room all the same.",
				  wish->person);
	*ret_kind = there[HF_KIND_EMERGENCY] ? HF_KIND_EMERGENCY : HF_KIND_PURDAH;
	return HF_OK;
}

/* What bears a later time than this stays: whoever stole a key may have written any. */
static void say_later(const struct hf_officer *officer, const struct hf_release_person *person, enum hf_kind kind)
{
	const struct hf_lockdowns *all = &officer->view->lockdowns;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += holds(&all->v[i]) && raised_alone(&all->v[i], person->person) &&
		     all->v[i].raise->order->kind == kind && all->v[i].raise->order->at.s >= person->before.s;
	if (n > 0)
		fprintf(officer->cli->err,
			hf_text_n("ATTENTION: %zu of what %s has raised bears a later time and stays: if the key was "
				  "stolen, a new trust without it ends it; --before names a later time.\n",
				  "ATTENTION: %zu of what %s has raised bear a later time and stay: if the key was "
				  "stolen, a new trust without it ends them; --before names a later time.\n", n),
			n, person->person);
}

enum hf_rc hf_release_person(struct hf_officer *officer, const struct hf_person_wish *wish, struct hf_err *err)
{
	struct hf_release_person person = {wish->person, {officer->view->now.s + 1}};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	enum hf_kind kind = HF_KIND_EMERGENCY;
	json_t *payload;
	enum hf_rc rc;

	if (!hf_trust_person(officer->view->known.trust, wish->person))
		return hf_err_set(err, HF_E_ABSENT, "The trust has nobody '%.64s'.", wish->person);
	if (wish->before && hf_wall_parse(wish->before, &person.before) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "--before is a time such as 2027-05-06T12:00:00Z.");
	rc = choose_kind(officer->view, wish, &kind, err);
	if (rc == HF_OK && !wish->another)
		rc = hf_release_waits(officer->view, &(struct hf_release_of){.person = wish->person, .kind = kind}, err);
	if (rc != HF_OK)
		return rc;
	say_later(officer, &person, kind);
	payload = hf_compose_release_person(officer->view, &person, kind, wish->reason, wish->message);
	rc = hf_compose_order(officer->view, payload, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open(officer, err);
	return rc == HF_OK ? hf_send(officer, envelope, 0, err) : rc;
}
