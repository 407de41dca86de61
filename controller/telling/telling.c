/* SPDX-License-Identifier: MIT */
/*
 * Owns who is told what.
 * Must never tell a poster not to post, or anybody twice.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/telling/telling.h"
#include "controller/telling/ways.h"

#define TOLD_NAME(code, name) name,
static const char *const told_names[] = {HF_TOLD_LIST(TOLD_NAME)};

const char *hf_told_name(enum hf_told_kind what)
{
	return what < HF_TOLD_COUNT ? told_names[what] : "?";
}

enum hf_told_kind hf_told_from_name(const char *name)
{
	size_t i = 0;
	while (i < HF_TOLD_COUNT && strcmp(told_names[i], name) != 0)
		i++;
	return (enum hf_told_kind)i;
}

const struct hf_holding *hf_telling_holding(const struct hf_order *order, const char *person,
					    const struct hf_holding *after)
{
	size_t i = after ? (size_t)(after - order->body.holding) + 1 : 0;
	while (i < order->body.n_holding && strcmp(order->body.holding[i].poster, person) != 0)
		i++;
	return i < order->body.n_holding ? &order->body.holding[i] : NULL;
}

/* A reminder is another message than the first; of all else each address of a channel has one, the first that is found. */
static bool is_told(const struct hf_tellings *tellings, const struct hf_tell *tell)
{
	for (size_t i = 0; i < tellings->n; i++)
		if ((tellings->v[i].what == HF_TOLD_REMINDER) == (tell->what == HF_TOLD_REMINDER) &&
		    strcmp(tellings->v[i].channel, tell->channel) == 0 &&
		    strcmp(tellings->v[i].address, tell->address) == 0)
			return true;
	return false;
}

static enum hf_rc add_tell(struct hf_tellings *ret, struct hf_tell tell)
{
	if (is_told(ret, &tell))
		return HF_OK;
	if (hf_rows_reserve(&ret->v, &ret->room, ret->n + 1, sizeof(*ret->v)) != HF_OK)
		return HF_E_MEMORY;
	ret->v[ret->n++] = tell;
	return HF_OK;
}

static enum hf_rc add_without(struct hf_tellings *ret, const char *person)
{
	for (size_t i = 0; i < ret->n_without; i++)
		if (strcmp(ret->without[i], person) == 0)
			return HF_OK;
	if (hf_rows_reserve(&ret->without, &ret->without_room, ret->n_without + 1, sizeof(*ret->without)) != HF_OK)
		return HF_E_MEMORY;
	ret->without[ret->n_without++] = person;
	return HF_OK;
}

/* By e-mail; and by text message what needs somebody at once, as the council has it. */
static enum hf_rc add_contact(const struct hf_telling_ask *ask, struct hf_tell tell, struct hf_tellings *ret)
{
	bool sms = ask->ways && ask->ways->sms[tell.what] && tell.to->mobile[0];
	enum hf_rc rc = HF_OK;
	tell.channel = HF_CHANNEL_MAIL;
	tell.address = tell.to->mail;
	if (tell.to->mail[0])
		rc = add_tell(ret, tell);
	tell.channel = HF_CHANNEL_SMS;
	tell.address = tell.to->mobile;
	return rc == HF_OK && sms ? add_tell(ret, tell) : rc;
}

static enum hf_rc add_hooks(const struct hf_telling_ask *ask, struct hf_tell tell, struct hf_tellings *ret)
{
	static const struct hf_contact machine = {.person = HF_CONTACT_HOOK, .name = "", .title = ""};
	enum hf_rc rc = HF_OK;
	tell.to = &machine;
	for (size_t i = 0; ask->ways && i < ask->ways->n_hooks && rc == HF_OK; i++) {
		tell.channel = tell.address = ask->ways->hooks[i].name;
		if (tell.what != HF_TOLD_DRAFT || !ask->ways->hooks[i].alerts)
			rc = add_tell(ret, tell);
	}
	return rc;
}

static bool is_reached(const struct hf_telling_ask *ask, const struct hf_tell *tell)
{
	return tell->to && (tell->to->mail[0] || (ask->ways && ask->ways->sms[tell->what] && tell->to->mobile[0]));
}

static enum hf_rc add_person(const struct hf_telling_ask *ask, const char *person, struct hf_tell tell,
			     struct hf_tellings *ret)
{
	tell.to = hf_contacts_find(ask->people, person);
	if (is_reached(ask, &tell))
		return add_contact(ask, tell, ret);
	return tell.what == HF_TOLD_REMINDER ? HF_OK : add_without(ret, person);
}

static enum hf_rc add_several(const struct hf_telling_ask *ask, const char *which, struct hf_tell tell,
			      struct hf_tellings *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < ask->people->n && rc == HF_OK; i++) {
		tell.to = &ask->people->v[i];
		if (strcmp(tell.to->person, which) == 0)
			rc = add_contact(ask, tell, ret);
	}
	return rc;
}

static enum hf_told_kind told_of_holder(const struct hf_order *order, const char *person)
{
	if (order->kind == HF_KIND_PURDAH)
		return HF_TOLD_INSTRUCTIONS;
	return hf_strs_has(&order->body.exempt, person) ? HF_TOLD_OFFICER : HF_TOLD_HOLDER;
}

/* How each holder of an account in scope is told. */
static enum hf_rc add_holders(const struct hf_telling_ask *ask, const struct hf_order *order, struct hf_tell tell,
			      struct hf_tellings *ret)
{
	bool reminds = tell.what == HF_TOLD_REMINDER;
	enum hf_rc rc = HF_OK;
	for (size_t a = 0; ask->reg && a < ask->reg->n_accounts; a++) {
		const struct hf_account *account = &ask->reg->accounts[a];
		if (!hf_strs_covers(&order->body.accounts, account->id))
			continue;
		for (size_t h = 0; h < account->n_holders && rc == HF_OK; h++) {
			const char *person = account->holders[h].person;
			if (!hf_account_held_by(account, person, tell.due) ||
			    (reminds && hf_strs_has(&order->body.exempt, person)))
				continue;
			if (!reminds)
				tell.what = told_of_holder(order, person);
			rc = add_person(ask, person, tell, ret);
		}
	}
	return rc;
}

static enum hf_rc add_posters(const struct hf_telling_ask *ask, const struct hf_order *order, struct hf_tell tell,
			      struct hf_tellings *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < order->body.n_holding && rc == HF_OK; i++) {
		tell.what = HF_TOLD_POSTER;
		rc = add_person(ask, order->body.holding[i].poster, tell, ret);
	}
	return rc;
}

static bool has_role(const struct hf_person *person, const struct hf_strs *roles)
{
	for (size_t i = 0; i < person->roles.n; i++)
		if (hf_strs_has(roles, person->roles.v[i]))
			return true;
	return false;
}

static enum hf_rc add_roles(const struct hf_telling_ask *ask, const struct hf_strs *roles,
			    const struct hf_strs *but, struct hf_tell tell, struct hf_tellings *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < ask->trust->n_people && rc == HF_OK; i++) {
		const struct hf_person *person = &ask->trust->people[i];
		if (has_role(person, roles) && !(but && hf_strs_has(but, person->id)))
			rc = add_person(ask, person->id, tell, ret);
	}
	return rc;
}

/* The designated officers: who may raise an emergency, or the period. */
static enum hf_rc add_officers(const struct hf_telling_ask *ask, enum hf_kind kind, struct hf_tell tell,
			       struct hf_tellings *ret)
{
	const struct hf_rule *rule = hf_trust_rule(
		ask->trust, kind == HF_KIND_PURDAH ? HF_RULE_PURDAH : HF_RULE_EMERGENCY, HF_RULE_RAISE);
	return rule ? add_roles(ask, &rule->roles, NULL, tell, ret) : HF_OK;
}

static enum hf_rc remind_holders(const struct hf_telling_ask *ask, const struct hf_order *order, struct hf_tell tell,
				 struct hf_tellings *ret)
{
	tell.what = HF_TOLD_REMINDER;
	tell.due.s += ask->remind_s;
	if (ask->remind_s == 0 || (order->body.until.s > 0 && tell.due.s > order->body.until.s))
		return HF_OK;
	return add_holders(ask, order, tell, ret);
}

enum hf_rc hf_telling_raise(const struct hf_telling_ask *ask, const struct hf_order *order, struct hf_tellings *ret)
{
	bool purdah = order->kind == HF_KIND_PURDAH;
	struct hf_tell tell = {.due = ask->now};
	enum hf_rc rc;
	if (purdah && order->body.from.s > ask->now.s)
		tell.due = order->body.from;
	/* Who posts is told that first: each address is told once. */
	rc = add_posters(ask, order, tell, ret);
	if (rc == HF_OK)
		rc = add_holders(ask, order, tell, ret);
	tell.what = purdah ? HF_TOLD_INSTRUCTIONS : HF_TOLD_OFFICER;
	if (rc == HF_OK)
		rc = add_officers(ask, order->kind, tell, ret);
	tell.what = purdah ? HF_TOLD_INSTRUCTIONS : HF_TOLD_COUNCIL;
	if (rc == HF_OK)
		rc = add_several(ask, HF_CONTACT_LIST, tell, ret);
	if (rc == HF_OK && purdah)
		rc = add_several(ask, HF_CONTACT_MEMBER, tell, ret);
	if (rc == HF_OK)
		rc = add_hooks(ask, tell, ret);
	tell.what = purdah ? HF_TOLD_INSTRUCTIONS : HF_TOLD_OUTSIDE;
	if (rc == HF_OK)
		rc = add_several(ask, HF_CONTACT_OUTSIDE, tell, ret);
	return rc == HF_OK && purdah ? remind_holders(ask, order, tell, ret) : rc;
}

enum hf_rc hf_telling_draft(const struct hf_telling_ask *ask, const struct hf_strs *roles,
			    const struct hf_strs *signed_by, struct hf_tellings *ret)
{
	const struct hf_tell tell = {.what = HF_TOLD_DRAFT, .due = ask->now};
	enum hf_rc rc = add_roles(ask, roles, signed_by, tell, ret);
	return rc == HF_OK ? add_hooks(ask, tell, ret) : rc;
}

void hf_tellings_done(struct hf_tellings *tellings)
{
	free(tellings->v);
	free(tellings->without);
	*tellings = (struct hf_tellings){0};
}
