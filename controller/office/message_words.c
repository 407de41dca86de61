/* SPDX-License-Identifier: MIT */
/*
 * Owns trust, assignment, state and report in plain English; an order and a register have files of their own.
 * Must never leave out what a signature would make true.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/report.h>
#include <holdfast/text.h>

#include "controller/office/broker_change.h"
#include "controller/office/message_words.h"
#include "controller/office/order_words.h"
#include "controller/office/register_words.h"
#include "controller/office/set_aside.h"
#include "controller/office/weigh.h"

static enum hf_rc say_assignment(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_assignment struct hf_assignment *assignment = NULL;
	char keyid[HF_KEYID_SIZE], who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = hf_assignment_decode(envelope, &assignment, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "ASSIGNMENT of the device %s, version %lld", assignment->device,
			 (long long)assignment->version);
	hf_words_line(words, "The device %s of %s signs with the key %s.", assignment->device, assignment->council,
		      hf_pub_keyid(&assignment->pub, keyid));
	for (size_t i = 0; i < assignment->n_people; i++)
		hf_words_line(words, "It is used by %s, who logs in as %s.",
			      hf_words_who(words, assignment->people[i].person, who), assignment->people[i].user);
	for (size_t i = 0; i < assignment->n_people; i++)
		if (assignment->people[i].rank > 1)
			hf_words_line(words, "It is device number %lld of %s: no posting window opens there unheard.",
				      (long long)assignment->people[i].rank,
				      hf_words_who(words, assignment->people[i].person, who));
		else
			hf_words_line(words, "It is the first device of %s: a posting window opens there also unheard.",
				      hf_words_who(words, assignment->people[i].person, who));
	hf_words_begin(words);
	fputs(hf_text("Its groups: "), words->out);
	hf_words_strs(words->out, &assignment->groups);
	fputs(".\n", words->out);
	return HF_OK;
}

static void say_rules(const struct hf_words *words, const struct hf_trust *trust)
{
	for (size_t i = 0; i < trust->n_rules; i++) {
		const struct hf_rule *rule = &trust->rules[i];

		hf_words_begin(words);
		fprintf(words->out, hf_text("Rule: %s %s needs %lld of "), hf_rule_kind_name(rule->kind),
			hf_rule_act_name(rule->act), (long long)rule->need);
		hf_words_roles(words->out, &rule->roles);
		fputs(HF_RULE_OF_EACH(rule->act) ? hf_text(", one of each.\n") : ".\n", words->out);
	}
}

static enum hf_rc say_trust(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	char before[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "TRUST of %s, epoch %lld", trust->council, (long long)trust->epoch);
	hf_words_line(words, "%lld of %zu roots must sign the next one.", (long long)trust->threshold, trust->n_roots);
	for (size_t i = 0; i < trust->n_people; i++) {
		hf_words_begin(words);
		fprintf(words->out, hf_text("%s has the roles "),
			hf_trust_person_text(trust, trust->people[i].id, who));
		hf_words_strs(words->out, &trust->people[i].roles);
		fputs(".\n", words->out);
	}
	for (size_t i = 0; i < trust->n_controllers; i++)
		hf_words_line(words, "%s is a controller.", trust->controllers[i].id);
	say_rules(words, trust);
	if (trust->void_before.s > 0)
		hf_words_line(words, "Orders written before %s are void, but for those that it affirms.",
			      hf_wall_text(trust->void_before, before));
	if (trust->n_affirmed > 0)
		hf_words_line(words,
			      hf_text_n("It affirms %zu order of people who may have left.",
					"It affirms %zu orders of people who may have left.", trust->n_affirmed),
			      trust->n_affirmed);
	hf_aside_words(words, trust);
	return HF_OK;
}

static void say_state_order(const struct hf_words *words, size_t i, const struct hf_envelope *order)
{
	hf_auto_weighed struct hf_weighed weighed = {0};
	char id[HF_SHORT_ID + 1];
	struct hf_err why = {0};
	enum hf_rc rc = hf_weigh(words->view, order, &weighed, &why);

	if (rc != HF_OK || !weighed.order) {
		hf_words_line(words, "Order %zu is refused (%s).", i + 1, hf_rc_name(rc));
		return;
	}
	hf_words_line(words, "Order %zu, %s: %s, %s: %s (%s).", i + 1, hf_words_short(&order->digest, id),
		      hf_order_act_name(weighed.order->act), hf_words_name(weighed.order->kind, weighed.order->mode),
		      weighed.rc == HF_OK ? hf_text("approved") : hf_text("NOT approved"), hf_rc_name(weighed.rc));
}

static enum hf_rc say_state(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_state struct hf_state *state = NULL;
	char issued[HF_WALL_TEXT_SIZE], valid[HF_WALL_TEXT_SIZE], id[HF_SHORT_ID + 1];
	enum hf_rc rc = hf_state_decode(envelope, &state, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "STATE of %s by the controller %s, number %lld", state->council,
			 state->controller, (long long)state->seq);
	hf_words_line(words, "Issued %s, valid until %s, page %lld of %lld.", hf_wall_text(state->issued, issued),
		      hf_wall_text(state->valid_until, valid), (long long)state->page + 1, (long long)state->pages);
	for (size_t i = 0; i < state->n_orders; i++) {
		if (state->orders[i])
			say_state_order(words, i, state->orders[i]);
		else
			hf_words_line(words, "Order %zu is refused (%s).", i + 1, hf_rc_name(state->orders_rc[i]));
	}
	if (state->hears)
		hf_words_line(words, "It says to one device alone that its last report, %s, was heard, and nothing else.",
			      hf_words_short(&state->heard, id));
	else if (state->n_orders == 0)
		hf_words_line(words, "It carries no order.");
	return HF_OK;
}

static enum hf_rc say_report(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	char at[HF_WALL_TEXT_SIZE], id[HF_SHORT_ID + 1];
	enum hf_rc rc = hf_report_decode(envelope, &report, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "REPORT %lld of the device %s, %s", (long long)report->counter,
			 report->device, hf_wall_text(report->at, at));
	if (report->unknown)
		hf_words_line(words, "It has lost what it knew and is locked: tampered with, or replaced?");
	for (size_t i = 0; i < report->n_over; i++)
		hf_words_line(words, "It is locked because %s is over: there are more orders of that person than one "
				     "person's share.",
			      report->over[i].person);
	for (size_t i = 0; i < report->n_layers; i++)
		hf_words_line(words, "%s: %s. %s", report->layers[i].name, hf_layer_state_name(report->layers[i].state),
			      report->layers[i].saw);
	for (size_t i = 0; i < report->n_lockdowns; i++)
		hf_words_line(
			words, "%s (%s): %s.", hf_words_name(report->lockdowns[i].kind, report->lockdowns[i].mode),
			hf_words_short(&report->lockdowns[i].id, id), hf_standing_name(report->lockdowns[i].standing));
	for (size_t i = 0; i < report->n_refused; i++)
		hf_words_line(words, "Refused since it was enrolled, for the reason `%s`: %lld.",
			      hf_rc_name(report->refused[i].reason), (long long)report->refused[i].count);
	return HF_OK;
}

static enum hf_rc say_recover(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_recover struct hf_recover *recover = NULL;
	char at[HF_WALL_TEXT_SIZE], id[HF_SHORT_ID + 1];
	enum hf_rc rc = hf_recover_decode(envelope, &recover, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN,
			 hf_text_n("RECOVERY of %zu device that lost what it knew, of %s",
				   "RECOVERY of %zu devices that lost what they knew, of %s", recover->n_devices),
			 recover->n_devices, hf_wall_text(recover->issued, at));
	for (size_t i = 0; i < recover->n_devices; i++)
		hf_words_line(words, "%s, for its loss %s.", recover->devices[i].device,
			      hf_words_short(&recover->devices[i].nonce, id));
	if (recover->n_live == 0)
		hf_words_line(words, "It says that NOTHING IS IN FORCE: these devices open.");
	for (size_t i = 0; i < recover->n_live; i++)
		hf_words_line(words, "They must hold the order %s.", hf_words_short(&recover->live[i], id));
	return HF_OK;
}

static void say_gone_access(const struct hf_words *words, const struct hf_remark *remark)
{
	char who[HF_PERSON_TEXT_SIZE], at[HF_WALL_TEXT_SIZE];

	hf_words_heading(words, HF_TONE_PLAIN, "CONFIRMATION THAT ACCESS IS GONE");
	hf_words_line(words, "At the platform itself %s has no access to %s any more, as whoever signs this has seen, on %s.",
		      hf_words_who(words, remark->person, who), remark->account, hf_london_text(remark->at, at));
	if (remark->reason)
		hf_words_text(words, hf_text("Reason: "), remark->reason);
}

static void say_remark_on_draft(const struct hf_words *words, const struct hf_remark *remark)
{
	char id[HF_SHORT_ID + 1], at[HF_WALL_TEXT_SIZE];

	hf_words_heading(words, HF_TONE_PLAIN, "%s OF A DRAFT",
			 remark->act == HF_REMARK_WITHDRAW ? hf_text("WITHDRAWAL") : hf_text("REFUSAL"));
	hf_words_begin(words);
	fputs(hf_text("It is about "), words->out);
	for (size_t i = 0; i < remark->n_of; i++)
		hf_words_item(words->out, i, remark->n_of, hf_words_short(&remark->of[i], id));
	fprintf(words->out, hf_text(", and was written on %s.\n"), hf_london_text(remark->at, at));
	if (remark->reason)
		hf_words_text(words, hf_text("Reason: "), remark->reason);
	hf_words_line(
		words,
		remark->act == HF_REMARK_WITHDRAW
			? HF_TEXT("The approval of whoever signs this no longer counts for it. Those of others do.")
			: HF_TEXT("Others may approve it all the same: they are told of this."));
}

static void say_note(const struct hf_words *words, const struct hf_remark *remark)
{
	char id[HF_SHORT_ID + 1], at[HF_WALL_TEXT_SIZE];

	hf_words_heading(words, HF_TONE_PLAIN, "NOTE FOR THE RECORD");
	hf_words_line(words, "It is about %s, and was written on %s.", hf_words_short(&remark->of[0], id),
		      hf_london_text(remark->at, at));
	if (remark->happened.s > 0)
		hf_words_line(words, "It tells of what happened on %s.", hf_london_text(remark->happened, at));
	hf_words_text(words, hf_text("It says: "), remark->reason);
}

/* "4, 9 to 12" */
static void say_ranges(FILE *out, const struct hf_erase *erase)
{
	for (size_t i = 0; i < erase->n_records; i++) {
		const struct hf_erase_range *r = &erase->records[i];

		fprintf(out, "%s%lld", i ? ", " : "", (long long)r->first);
		if (r->last > r->first)
			fprintf(out, hf_text(" to %lld"), (long long)r->last);
	}
}

static enum hf_rc say_erase(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_erase struct hf_erase *erase = NULL;
	char at[HF_WALL_TEXT_SIZE];
	enum hf_rc rc = hf_erase_decode(envelope, &erase, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN,
			 hf_text_n("ERASURE of what %zu record says, of %s", "ERASURE of what %zu records say, of %s",
				   hf_erase_count(erase)),
			 hf_erase_count(erase), hf_london_text(erase->at, at));
	hf_words_begin(words);
	fputs(hf_text("By their numbers: "), words->out);
	say_ranges(words->out, erase);
	fputs(".\n", words->out);
	hf_words_text(words, hf_text("Reason: "), erase->why);
	hf_words_line(words, "That they were there stays, and when, and of which kind. What they say is gone for good; copies and "
			     "backups that were made before keep it.");
	return HF_OK;
}

static enum hf_rc say_remark(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_remark struct hf_remark *remark = NULL;
	enum hf_rc rc = hf_remark_decode(envelope, &remark, err);

	if (rc != HF_OK)
		return rc;
	if (remark->act == HF_REMARK_CONFIRM)
		say_gone_access(words, remark);
	else if (remark->act == HF_REMARK_NOTE)
		say_note(words, remark);
	else
		say_remark_on_draft(words, remark);
	return HF_OK;
}

static enum hf_rc say_glass(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_glass struct hf_glass *glass = NULL;
	char until[HF_WALL_TEXT_SIZE];
	enum hf_rc rc = hf_glass_decode(envelope, &glass, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, hf_text("BREAK-GLASS of the device %s, side %s, set %lld"), glass->device,
			 hf_glass_side_name(glass->side), (long long)glass->set);
	hf_words_line(words, "There are %zu halves in it. Each opens it once, together with one of the other side, for %lld minutes, while it cannot hear the council.",
		      glass->n_verifiers, (long long)glass->minutes);
	hf_words_line(words, "They hold until %s.", hf_wall_text(glass->until, until));
	return HF_OK;
}

static enum hf_rc say_order(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	enum hf_rc rc = hf_order_decode(envelope, &order, err);

	if (rc == HF_OK)
		hf_words_order(words, order);
	return rc;
}

enum hf_rc hf_words_envelope(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	words->exercise = false;
	switch (envelope->type) {
	case HF_DOC_TRUST:
		return say_trust(words, envelope, err);
	case HF_DOC_REGISTER:
		return hf_words_register(words, envelope, err);
	case HF_DOC_ASSIGNMENT:
		return say_assignment(words, envelope, err);
	case HF_DOC_STATE:
		return say_state(words, envelope, err);
	case HF_DOC_REPORT:
		return say_report(words, envelope, err);
	case HF_DOC_RECOVER:
		return say_recover(words, envelope, err);
	case HF_DOC_REMARK:
		return say_remark(words, envelope, err);
	case HF_DOC_ERASE:
		return say_erase(words, envelope, err);
	case HF_DOC_ORDER:
		return say_order(words, envelope, err);
	case HF_DOC_BROKERS:
		return hf_words_brokers(words, envelope, err);
	case HF_DOC_GLASS:
		return say_glass(words, envelope, err);
	case HF_DOC_COUNT:
		break;
	}
	return hf_err_set(err, HF_E_TYPE, "It is no message of ours.");
}
