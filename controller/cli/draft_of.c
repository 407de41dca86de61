/* SPDX-License-Identifier: MIT */
/*
 * Owns which draft is meant by the beginning of its digest, and the line that says what it is.
 * Must never believe what the controller calls a draft: its own bytes say what it is.
 */
#include <string.h>

#include <holdfast/approval.h>
#include <holdfast/assignment.h>
#include <holdfast/erase.h>
#include <holdfast/london.h>
#include <holdfast/recover.h>
#include <holdfast/register.h>
#include <holdfast/text.h>
#include <holdfast/trust.h>

#include "controller/cli/draft_of.h"
#include "controller/office/client.h"
#include "controller/office/times.h"

/* It may have been taken back: whoever was asked to approve it wants to know by whom. */
static enum hf_rc no_draft(const struct hf_view *view, const char *prefix, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	char at[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];
	json_t *one;
	size_t index;

	for (size_t i = 0; i < view->known.orders.n; i++)
		if (hf_digest_has_prefix(&view->known.orders.v[i].order->digest, prefix))
			return hf_err_set(err, HF_E_ABSENT,
					  "%.12s waits no more: enough have approved it, and it is recorded. It is changed by "
					  "`holdfast amend`, or ended by `holdfast release`.",
					  prefix);
	if (hf_client_get(view->office, "/v1/drafts", &answer, NULL) != HF_OK)
		answer = NULL;
	json_array_foreach(json_object_get(answer, "withdrawn"), index, one)
		if (prefix[0] && strncmp(hf_client_text(one, "digest", ""), prefix, strlen(prefix)) == 0)
			return hf_err_set(err, HF_E_ABSENT, "That draft waits no more: %s took it back on %s.",
					  hf_trust_person_text(view->known.trust, hf_client_text(one, "person", "?"), who),
					  hf_london_text((struct hf_wall){hf_client_number(one, "at")}, at));
	return hf_err_set(err, HF_E_ABSENT,
			  "No draft begins with %s: `holdfast drafts` lists them. One waits no more after 14 days, or once a newer "
			  "version of what it changes is recorded.",
			  prefix);
}

/* Found by the digest of what would be signed, not by what the controller calls it. */
enum hf_rc hf_draft_of(const struct hf_view *view, json_t *drafts, const char *prefix,
		       struct hf_envelope **ret_envelope, struct hf_err *err)
{
	hf_auto_envelope struct hf_envelope *found = NULL;
	json_t *one;
	size_t index;

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
		return no_draft(view, prefix, err);
	*ret_envelope = hf_steal_ptr(&found);
	return HF_OK;
}

/* Which one it is, so that nobody has to open each to find the one that they were asked for. */
static void say_document(FILE *out, const struct hf_envelope *envelope)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	hf_auto_register struct hf_register *reg = NULL;
	hf_auto_recover struct hf_recover *recover = NULL;
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	hf_auto_trust struct hf_trust *trust = NULL;
	hf_auto_erase struct hf_erase *erase = NULL;

	fputs(hf_doc_type_name(envelope->type), out);
	if (envelope->type == HF_DOC_ASSIGNMENT && hf_assignment_decode(envelope, &assignment, NULL) == HF_OK)
		fprintf(out, hf_text(" of the device %s, version %lld"), assignment->device,
			(long long)assignment->version);
	if (envelope->type == HF_DOC_REGISTER && hf_register_decode(envelope, &reg, NULL) == HF_OK)
		fprintf(out, hf_text(", version %lld"), (long long)reg->version);
	if (envelope->type == HF_DOC_BROKERS && hf_brokers_decode(envelope, &brokers, NULL) == HF_OK)
		fprintf(out, hf_text(", version %lld"), (long long)brokers->version);
	if (envelope->type == HF_DOC_TRUST && hf_trust_decode(envelope, &trust, NULL) == HF_OK)
		fprintf(out, hf_text(", epoch %lld"), (long long)trust->epoch);
	if (envelope->type == HF_DOC_RECOVER && hf_recover_decode(envelope, &recover, NULL) == HF_OK)
		for (size_t i = 0; i < recover->n_devices; i++)
			fprintf(out, "%s%s", i ? ", " : hf_text(" of "), recover->devices[i].device);
	if (envelope->type == HF_DOC_ERASE && hf_erase_decode(envelope, &erase, NULL) == HF_OK)
		fprintf(out, hf_text_n(" of what %zu record says", " of what %zu records say", hf_erase_count(erase)),
			hf_erase_count(erase));
	fputc('\n', out);
}

/* Two drafts with the same reason are told apart by it, and who is asked reads what it would open. */
static void say_lockdowns(const struct hf_words *words, const struct hf_order *order)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(&words->view->lockdowns, &order->of);
	bool next = lockdown && order->rev == lockdown->rev + 1;
	char id[HF_SHORT_ID + 1];

	for (size_t i = 0; i < order->n_releases; i++)
		hf_words_line(words, "  of the lockdown %s", hf_words_short(&order->releases[i], id));
	if (order->act != HF_ACT_AMEND)
		return;
	hf_words_short(&order->of, id);
	if (!next)
		hf_words_line(words, "  of the lockdown %s", id);
	else if (hf_loosening_of(&lockdown->bodies[0]->order->body, &order->body) == HF_LOOSENS_NOTHING)
		hf_words_line(words, "  of the lockdown %s, which it does not loosen", id);
	else
		hf_words_line(words, "  of the lockdown %s, which it LOOSENS", id);
}

void hf_draft_say(const struct hf_words *words, const struct hf_envelope *envelope, const struct hf_weighed *weighed)
{
	char digest[HF_SHORT_ID + 1], before[HF_TIMES_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	hf_words_begin(words);
	fprintf(words->out, "%s: ", hf_words_short(&envelope->digest, digest));
	if (!weighed->order) {
		say_document(words->out, envelope);
		return;
	}
	fprintf(words->out, "%s, %s\n", hf_order_act_name(weighed->order->act),
		hf_words_name(weighed->order->kind, weighed->order->mode));
	say_lockdowns(words, weighed->order);
	for (size_t i = 0; i < weighed->order->n_persons; i++)
		hf_words_line(words, "  of everything that %s alone has raised before %s",
			      hf_words_who(words, weighed->order->persons[i].person, who),
			      hf_times_text(weighed->order->persons[i].before, before));
	hf_words_text(words, hf_text("  reason: "), weighed->order->body.reason);
}

void hf_draft_refusals(const struct hf_words *words, const json_t *said)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(said, "refused"), index, one)
	{
		char at[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

		hf_words_line(words, "  REFUSED by %s on %s:",
			      hf_words_who(words, hf_client_text(one, "person", "?"), who),
			      hf_london_text((struct hf_wall){hf_client_number(one, "at")}, at));
		hf_words_text(words, "    ", hf_client_text(one, "reason", "?"));
	}
}

static bool is_rival(const struct hf_assignment *mine, const struct hf_envelope *draft)
{
	hf_auto_assignment struct hf_assignment *other = NULL;

	return draft->type == HF_DOC_ASSIGNMENT && hf_assignment_decode(draft, &other, NULL) == HF_OK &&
	       strcmp(other->device, mine->device) == 0 && other->version >= mine->version &&
	       hf_digest_cmp(&other->digest, &mine->digest) != 0;
}

void hf_draft_warn_rival(const struct hf_view *view, const struct hf_envelope *assignment)
{
	hf_auto_assignment struct hf_assignment *mine = NULL;
	hf_auto_json json_t *answer = NULL;
	char id[HF_SHORT_ID + 1];
	json_t *one;
	size_t index;

	if (hf_assignment_decode(assignment, &mine, NULL) != HF_OK ||
	    hf_client_get(view->office, "/v1/drafts", &answer, NULL) != HF_OK)
		return;
	json_array_foreach(json_object_get(answer, "drafts"), index, one)
	{
		hf_auto_envelope struct hf_envelope *draft = NULL;

		if (hf_envelope_from_json(json_object_get(one, "envelope"), &draft, NULL) == HF_OK && is_rival(mine, draft))
			hf_office_warn(view->office,
				       "another assignment of the device %s waits already, %s: of the two only the one that is approved "
				       "first can count. `holdfast drafts` shows it; whoever wrote it takes it back with `holdfast drafts "
				       "withdraw`.",
				       mine->device, hf_words_short(&draft->digest, id));
	}
}
