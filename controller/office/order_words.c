/* SPDX-License-Identifier: MIT */
/*
 * Owns orders in plain English, as the officer reads them before signing.
 * Must never leave out what the order does, nor soften it.
 */
#include <string.h>

#include <holdfast/approval.h>
#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/office/order_words.h"
#include "controller/office/purdah_words.h"
#include "controller/office/second_look.h"
#include "controller/office/times.h"

static void say_scope(const struct hf_words *words, const struct hf_body *body)
{
	FILE *out = words->out;

	hf_words_begin(words);
	if (words->exercise) {
		fputs(hf_text("nothing is blocked; on "), out);
		hf_words_devices(words, &body->groups);
		fputs(hf_text(" people are told of this EXERCISE for "), out);
		hf_words_accounts(words, &body->accounts);
	} else if (hf_words_is_all(&body->accounts)) {
		fprintf(out, hf_text("Every posting tool is %s on "),
			body->level == HF_LEVEL_BLOCK ? hf_text("blocked")
						      : hf_text("guarded (it opens to those who have read the "
								"instructions)"));
		hf_words_devices(words, &body->groups);
		fputs(hf_text(", for "), out);
		hf_words_accounts(words, &body->accounts);
	} else {
		fputs(hf_text("The holders of "), out);
		hf_words_accounts(words, &body->accounts);
		fprintf(out, hf_text(" find the posting tools of those platforms %s on "),
			body->level == HF_LEVEL_BLOCK ? hf_text("blocked")
						      : hf_text("guarded until they have read the instructions"));
		hf_words_devices(words, &body->groups);
	}
	fputs(".\n", out);
}

static void say_silent(const struct hf_words *words, const struct hf_body *body)
{
	struct hf_scope scope;

	if (hf_view_scope(words->view, &body->groups, &scope, NULL) == HF_OK && scope.silent > 0)
		hf_words_line(words,
			      hf_text_n("Of these, %zu device has not been heard from lately and acts when reached.",
					"Of these, %zu devices have not been heard from lately and act when reached.",
					scope.silent),
			      scope.silent);
}

static void say_exempt(const struct hf_words *words, const struct hf_body *body)
{
	char who[HF_PERSON_TEXT_SIZE];

	hf_words_begin(words);
	if (body->exempt.n == 0) {
		fputs(hf_text("Nobody is exempt.\n"), words->out);
		return;
	}
	fputs(hf_text("Exempt, and never blocked: "), words->out);
	for (size_t i = 0; i < body->exempt.n; i++) {
		hf_words_item(words->out, i, body->exempt.n, hf_words_who(words, body->exempt.v[i], who));
		if (words->me && strcmp(words->me, body->exempt.v[i]) == 0)
			fputs(hf_text(" (you)"), words->out);
	}
	fputs(".\n", words->out);
}

static bool holds_account(const struct hf_words *words, const struct hf_holding *holding)
{
	const struct hf_register *reg = words->view->known.reg;
	const struct hf_account *account = reg ? hf_register_account(reg, holding->account) : NULL;

	return !reg || (account && hf_account_held_by(account, holding->poster, words->view->now));
}

/* One text, one poster and one window: said once, however many accounts it is for. */
static bool is_alike(const struct hf_holding *a, const struct hf_holding *b)
{
	return strcmp(a->text, b->text) == 0 && strcmp(a->poster, b->poster) == 0 && a->minutes == b->minutes;
}

static void list_alike(const struct hf_words *words, const struct hf_body *body, size_t first)
{
	size_t n = 0, i = 0;

	for (size_t k = first; k < body->n_holding; k++)
		n += is_alike(&body->holding[first], &body->holding[k]);
	if (n > 1)
		fprintf(words->out, hf_text("each of %zu accounts ("), n);
	for (size_t k = first; k < body->n_holding; k++)
		if (is_alike(&body->holding[first], &body->holding[k]))
			hf_words_item(words->out, i++, n, body->holding[k].account);
	if (n > 1)
		fputc(')', words->out);
}

/* In one line: eleven would push out of sight what it is about. */
static void say_not_held(const struct hf_words *words, const struct hf_body *body, size_t first)
{
	char who[HF_PERSON_TEXT_SIZE];
	size_t n = 0, i = 0;

	for (size_t k = first; k < body->n_holding; k++)
		n += is_alike(&body->holding[first], &body->holding[k]) && !holds_account(words, &body->holding[k]);
	if (n == 0)
		return;
	hf_words_begin(words);
	fprintf(words->out, hf_text("ATTENTION: by the register, %s does not hold "),
		hf_words_who(words, body->holding[first].poster, who));
	for (size_t k = first; k < body->n_holding; k++)
		if (is_alike(&body->holding[first], &body->holding[k]) && !holds_account(words, &body->holding[k]))
			hf_words_item(words->out, i++, n, body->holding[k].account);
	fputs(hf_text(": no device shows them the text or opens a posting window.\n"), words->out);
}

static void say_holding(const struct hf_words *words, const struct hf_body *body, size_t first)
{
	const struct hf_holding *one = &body->holding[first];
	char who[HF_PERSON_TEXT_SIZE];

	for (size_t k = 0; k < first; k++)
		if (is_alike(one, &body->holding[k]))
			return;
	hf_words_begin(words);
	fprintf(words->out,
		words->exercise ? hf_text("%s practises the holding message of ")
				: hf_text("%s is asked to post once on "),
		hf_words_who(words, one->poster, who));
	list_alike(words, body, first);
	if (words->exercise)
		fputs(hf_text(" and does NOT post it.\n"), words->out);
	else
		fprintf(words->out, hf_text(", in a window of %lld minutes.\n"), (long long)one->minutes);
	hf_words_text(words, hf_text("The message: "), one->text);
	say_not_held(words, body, first);
}

static void say_end(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body)
{
	char from[HF_TIMES_TEXT_SIZE], until[HF_TIMES_TEXT_SIZE];
	const struct hf_rule *rule = NULL;

	hf_words_begin(words);
	if (order->kind == HF_KIND_EMERGENCY)
		fputs(order->act == HF_ACT_AMEND ? hf_text("It goes on") : hf_text("It starts at once"), words->out);
	else
		fprintf(words->out, hf_text("It starts on %s"), hf_times_text(body->from, from));
	if (body->until.s != 0)
		fprintf(words->out, hf_text(", ends on %s, and can be ended before"),
			hf_times_text(body->until, until));
	else
		fprintf(words->out, hf_text(" and ends only"));
	if (order->mode == HF_MODE_EXERCISE)
		rule = hf_trust_rule(words->view->known.trust, HF_RULE_EXERCISE, HF_RULE_APPROVE);
	else
		rule = hf_trust_rule(words->view->known.trust,
				     order->kind == HF_KIND_EMERGENCY ? HF_RULE_EMERGENCY : HF_RULE_PURDAH,
				     HF_RULE_RELEASE);
	if (rule) {
		fprintf(words->out,
			hf_text_n(" with a release by %lld person of ", " with a release by %lld different people of ",
				  (unsigned long)rule->need),
			(long long)rule->need);
		hf_words_roles(words->out, &rule->roles);
	}
	fputs(".\n", words->out);
}

void hf_words_body(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body)
{
	say_scope(words, body);
	say_silent(words, body);
	say_exempt(words, body);
	hf_words_text(words, hf_text("Reason: "), body->reason);
	hf_words_text(words, hf_text("Whom to ring: "), body->contact);
	hf_words_instructions(words, body);
	if (order->kind == HF_KIND_PURDAH) {
		hf_words_level(words, body);
		hf_words_timetable(words, body);
	}
	for (size_t i = 0; i < body->n_holding; i++)
		say_holding(words, body, i);
	if (body->n_holding == 0)
		hf_words_line(words, "No holding message is to be posted.");
	say_end(words, order, body);
	hf_look_words(words, order, body);
}

/* What of the first list is not in the second, as "leaves out account x:a". */
static void say_missing(const struct hf_words *words, const struct hf_strs *from, const struct hf_strs *in,
			const char *what)
{
	for (size_t i = 0; i < from->n; i++)
		if (!hf_strs_covers(in, from->v[i]))
			hf_words_line(words, "%s: %s.", what,
				      strcmp(from->v[i], "*") == 0 ? hf_text("all others") : from->v[i]);
}

static void say_changes(const struct hf_words *words, const struct hf_body *before, const struct hf_body *after)
{
	unsigned loosens = hf_loosening_of(before, after);

	if (loosens == HF_LOOSENS_NOTHING)
		hf_words_line(words, "It loosens nothing: it tightens, or changes words.");
	else
		hf_words_line(words, "It LOOSENS the lockdown.");
	if (loosens & HF_LOOSENS_LEVEL)
		hf_words_line(words, "Loosens: a weaker level, %s instead of %s.", hf_level_name(after->level),
			      hf_level_name(before->level));
	if (loosens & HF_LOOSENS_TIME)
		hf_words_line(words, "Loosens: a later start or an earlier end.");
	hf_words_moved(words, before, after);
	say_missing(words, &before->accounts, &after->accounts, hf_text("Loosens: leaves out the account"));
	say_missing(words, &before->groups, &after->groups, hf_text("Loosens: leaves out the devices of"));
	say_missing(words, &after->exempt, &before->exempt, hf_text("Loosens: adds an exempt person"));
	say_missing(words, &after->accounts, &before->accounts, hf_text("Adds the account"));
	say_missing(words, &after->groups, &before->groups, hf_text("Adds the devices of"));
	say_missing(words, &before->exempt, &after->exempt, hf_text("Is no longer exempt"));
}

static void say_amendment(const struct hf_words *words, const struct hf_order *order)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(&words->view->lockdowns, &order->of);
	char id[HF_SHORT_ID + 1];

	hf_words_line(words, "This is amendment %lld of the lockdown %s.", (long long)order->rev,
		      hf_words_short(&order->of, id));
	if (!lockdown)
		hf_words_line(words, "That lockdown is not known here: whether this loosens it cannot be said.");
	else if (order->rev == lockdown->rev + 1)
		say_changes(words, &lockdown->bodies[0]->order->body, &order->body);
	else
		hf_words_line(words,
			      "ATTENTION: the lockdown is at amendment %lld already; amendments of one number hold "
			      "side by side, the stronger counts.",
			      (long long)lockdown->rev);
	hf_words_line(words, "Once it is approved, the lockdown is this:");
	hf_words_body(words, order, &order->body);
}

static void say_raiser(const struct hf_words *words, const struct hf_lockdown *lockdown)
{
	const struct hf_signers *signers = &lockdown->raise->signers;
	const char *raised = lockdown->raise->order->body.reason, *now = lockdown->bodies[0]->order->body.reason;
	char at[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	hf_words_begin(words);
	fprintf(words->out, hf_text("It was raised on %s by "), hf_london_text(lockdown->raise->order->at, at));
	for (size_t i = 0; i < signers->n_people; i++)
		hf_words_item(words->out, i, signers->n_people, hf_words_who(words, signers->people[i]->id, who));
	fputs(".\n", words->out);
	hf_words_text(words, hf_text("It was raised because: "), raised);
	if (strcmp(raised, now) != 0)
		hf_words_text(words, hf_text("Its reason was amended to: "), now);
}

static bool is_ended(const struct hf_order *release, const struct hf_lockdown *lockdown)
{
	const struct hf_order *raise = lockdown->raise->order;

	return release->kind == raise->kind && release->mode == raise->mode && hf_order_ends(release, lockdown->raise);
}

/* Does this one shut posting tools on, after the release? */
static bool stays(const struct hf_order *release, const struct hf_lockdown *other)
{
	return other->phase == HF_PHASE_IN_FORCE && other->raise->order->mode == HF_MODE_LIVE &&
	       !is_ended(release, other);
}

bool hf_words_stays(const struct hf_view *view, const struct hf_order *release)
{
	const struct hf_lockdowns *lockdowns = &view->lockdowns;

	for (size_t i = 0; i < lockdowns->n; i++)
		if (stays(release, &lockdowns->v[i]))
			return true;
	return false;
}

/* What opens by it: nothing by what has not begun, and not all where another lockdown stays. */
static void say_opening(const struct hf_words *words, const struct hf_order *release,
			const struct hf_lockdown *lockdown)
{
	const struct hf_body *body = &lockdown->bodies[0]->order->body;

	if (lockdown->phase == HF_PHASE_SCHEDULED) {
		hf_words_line(words, "It has not begun, and will not begin: nothing is shut by it.");
		return;
	}
	hf_words_begin(words);
	fputs(words->exercise ? hf_text("Nothing was blocked; the practice ends on ")
	      : hf_words_stays(words->view, release)
		      ? hf_text("It shuts nothing any more, and what another lockdown shuts STAYS SHUT, on ")
		      : hf_text("Posting tools open again on "),
	      words->out);
	hf_words_devices(words, &body->groups);
	fputs(words->exercise ? hf_text(", the EXERCISE for ") : hf_text(", for "), words->out);
	hf_words_accounts(words, &body->accounts);
	fputs(".\n", words->out);
}

static void say_released(const struct hf_words *words, const struct hf_order *release, const struct hf_digest *id)
{
	const struct hf_lockdown *lockdown = hf_lockdowns_find(&words->view->lockdowns, id);
	char text[HF_SHORT_ID + 1];

	hf_words_line(words, "It ends the lockdown %s, for ever.", hf_words_short(id, text));
	if (!lockdown) {
		hf_words_line(words, "That lockdown is not known here.");
		return;
	}
	say_raiser(words, lockdown);
	say_opening(words, release, lockdown);
}

/* Which lockdowns it ends is said one by one: the reader may not know how much that person has raised. */
static void say_person(const struct hf_words *words, const struct hf_order *release,
		       const struct hf_release_person *person)
{
	const struct hf_lockdowns *lockdowns = &words->view->lockdowns;
	char at[HF_TIMES_TEXT_SIZE], id[HF_SHORT_ID + 1], who[HF_PERSON_TEXT_SIZE];

	hf_words_line(words, "It ends everything of this kind that %s alone has raised before %s, for ever:",
		      hf_words_who(words, person->person, who), hf_times_text(person->before, at));
	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *one = &lockdowns->v[i];

		if (is_ended(release, one) && one->phase != HF_PHASE_RELEASED)
			hf_words_line(words, "- %s (%s), raised because: %.80s",
				      hf_words_name(one->raise->order->kind, one->raise->order->mode),
				      hf_words_short(&one->id, id), one->raise->order->body.reason);
	}
}

/* What stays closed after it must be said, or the officer tells staff that all is open. */
static void say_what_stays(const struct hf_words *words, const struct hf_order *release)
{
	const struct hf_lockdowns *lockdowns = &words->view->lockdowns;

	for (size_t i = 0; release->mode == HF_MODE_LIVE && i < lockdowns->n; i++) {
		const struct hf_lockdown *other = &lockdowns->v[i];
		char id[HF_SHORT_ID + 1];

		if (stays(release, other))
			hf_words_line(words, "ATTENTION: another lockdown stays in force: %s (%s).",
				      hf_words_name(other->raise->order->kind, HF_MODE_LIVE),
				      hf_words_short(&other->id, id));
	}
}

static void say_release(const struct hf_words *words, const struct hf_order *order)
{
	for (size_t i = 0; i < order->n_releases; i++)
		say_released(words, order, &order->releases[i]);
	for (size_t i = 0; i < order->n_persons; i++)
		say_person(words, order, &order->persons[i]);
	say_what_stays(words, order);
	hf_words_text(words, hf_text("Reason: "), order->body.reason);
	hf_words_text(words, hf_text("Staff are told: "), order->message);
}

void hf_words_order(struct hf_words *words, const struct hf_order *order)
{
	enum hf_tone tone = order->mode == HF_MODE_LIVE ? HF_TONE_LIVE : HF_TONE_EXERCISE;
	const char *name = hf_words_name(order->kind, order->mode);

	words->exercise = order->mode == HF_MODE_EXERCISE;
	switch (order->act) {
	case HF_ACT_RAISE:
		hf_words_heading(words, tone, "%s", name);
		hf_words_body(words, order, &order->body);
		break;
	case HF_ACT_AMEND:
		hf_words_heading(words, tone, "AMENDMENT: %s", name);
		say_amendment(words, order);
		break;
	case HF_ACT_RELEASE:
		hf_words_heading(words, tone, "RELEASE: %s", name);
		say_release(words, order);
		break;
	case HF_ACT_COUNT:
		break;
	}
}
