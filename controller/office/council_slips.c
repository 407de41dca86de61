/* SPDX-License-Identifier: MIT */
/*
 * Owns what looks wrong in who has which role.
 * Must never refuse what the rules allow and only few can do.
 */
#include <stdio.h>
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/council_slips.h"

#define ROLES_SIZE 512 /* the roles of all rules, in one sentence */

/* What its approval is for, as a sentence says it; of the one rule that must be met nothing. */
static const char *const DEEDS[HF_RULE_KIND_COUNT][HF_RULE_ACT_COUNT] = {
	[HF_RULE_EMERGENCY] = {[HF_RULE_RAISE] = HF_TEXT("raise an emergency"),
			       [HF_RULE_RELEASE] = HF_TEXT("give the all-clear of an emergency")},
	[HF_RULE_PURDAH] = {[HF_RULE_RAISE] = HF_TEXT("raise a pre-election period"),
			    [HF_RULE_RELEASE] = HF_TEXT("end a pre-election period")},
	[HF_RULE_EXERCISE] = {[HF_RULE_APPROVE] = HF_TEXT("raise an exercise")},
	[HF_RULE_REGISTER] = {[HF_RULE_APPROVE] = HF_TEXT("change the register")},
	[HF_RULE_ASSIGNMENT] = {[HF_RULE_LOOSEN] = HF_TEXT("make a device somebody's who holds an account")},
	[HF_RULE_EXEMPT] = {[HF_RULE_APPROVE] = HF_TEXT("exempt a person")},
	[HF_RULE_BROKERS] = {[HF_RULE_ADD] = HF_TEXT("add a broker"),
			     [HF_RULE_CHANGE] = HF_TEXT("remove or replace a broker")},
	[HF_RULE_GLASS] = {[HF_RULE_A] = HF_TEXT("give halves of side a"), [HF_RULE_B] = HF_TEXT("give halves of side b")},
	[HF_RULE_RECOVER] = {[HF_RULE_APPROVE] = HF_TEXT("let a device recover that lost what it knew")},
	[HF_RULE_RECORD] = {[HF_RULE_ERASE] = HF_TEXT("erase what the record says")},
};

static bool has_one(const struct hf_person *person, const struct hf_strs *roles)
{
	for (size_t i = 0; i < roles->n; i++)
		if (hf_strs_has(&person->roles, roles->v[i]))
			return true;
	return false;
}

size_t hf_council_holders(const struct hf_trust *trust, const struct hf_strs *roles)
{
	size_t n = 0;

	for (size_t i = 0; i < trust->n_people; i++)
		n += has_one(&trust->people[i], roles);
	return n;
}

static void add_roles(const struct hf_strs *roles, struct hf_list *list)
{
	for (size_t i = 0; i < roles->n; i++) {
		bool there = false;

		for (size_t k = 0; k < list->n; k++)
			there = there || strcmp(list->v[k], roles->v[i]) == 0;
		if (!there && list->n < HF_LEN(list->v))
			list->v[list->n++] = roles->v[i];
	}
}

/* "comms, monitoring"; cut where there is no more room. */
static void list_roles(const struct hf_list *list, char text[ROLES_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		if (hf_str_printf(text + len, ROLES_SIZE - len, "%s%s", len ? ", " : "", list->v[i]) != HF_OK)
			return;
		len += strlen(text + len);
	}
}

static bool is_known(const struct hf_trust *trust, const char *role)
{
	for (size_t i = 0; i < trust->n_rules; i++)
		if (hf_strs_has(&trust->rules[i].roles, role))
			return true;
	return false;
}

static enum hf_rc refuse_role(const struct hf_trust *trust, const char *person, const char *role, struct hf_err *err)
{
	struct hf_list known = {.n = 0};
	char text[ROLES_SIZE];

	for (size_t i = 0; i < trust->n_rules; i++)
		add_roles(&trust->rules[i].roles, &known);
	list_roles(&known, text);
	return hf_err_set(err, HF_E_ROLE, "%s has the role `%s`, which no rule knows: there are %s.", person, role, text);
}

/* A council need not have break-glass; where it has one side, the other is wanting. */
static bool has_sides(const struct hf_trust *trust)
{
	return hf_council_holders(trust, &hf_trust_rule(trust, HF_RULE_GLASS, HF_RULE_A)->roles) > 0 ||
	       hf_council_holders(trust, &hf_trust_rule(trust, HF_RULE_GLASS, HF_RULE_B)->roles) > 0;
}

static enum hf_rc weigh_rule(const struct hf_office *office, const struct hf_trust *trust, const struct hf_rule *rule,
			     struct hf_err *err)
{
	size_t n = hf_council_holders(trust, &rule->roles);
	struct hf_list list = {.n = 0};
	char roles[ROLES_SIZE];

	if (n >= (size_t)rule->need || (rule->kind == HF_RULE_GLASS && !has_sides(trust)))
		return HF_OK;
	add_roles(&rule->roles, &list);
	list_roles(&list, roles);
	if (rule->kind == HF_RULE_ASSIGNMENT && rule->act == HF_RULE_APPROVE)
		return hf_err_set(err, HF_E_ROLE, "Nobody could take a device in: give somebody the role %s.", roles);
	hf_office_warn(office, "too few people to %s: %zu of %zu have a role for it (%s)",
		       hf_text(DEEDS[rule->kind][rule->act]), n, (size_t)rule->need, roles);
	return HF_OK;
}

enum hf_rc hf_council_slips(const struct hf_office *office, const struct hf_trust *trust, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; i < trust->n_people; i++)
		for (size_t r = 0; r < trust->people[i].roles.n; r++)
			if (!is_known(trust, trust->people[i].roles.v[r]))
				return refuse_role(trust, trust->people[i].id, trust->people[i].roles.v[r], err);
	for (size_t i = 0; rc == HF_OK && i < trust->n_rules; i++)
		rc = weigh_rule(office, trust, &trust->rules[i], err);
	return rc;
}
