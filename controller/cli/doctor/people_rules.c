/* SPDX-License-Identifier: MIT */
/*
 * Owns what the people of a council cannot do, or could not while one of them is away.
 * Must never look at anything but the trust.
 */
#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/doctor/server_facts.h"
#include "controller/office/council_slips.h"

#define DAY_S 86400
#define ROOT_DAYS 365 /* a stick that nobody has read for a year may be lost without anybody knowing */

static void on_slip(void *arg, const char *text)
{
	(void)hf_err_set(hf_finding_add(arg, HF_WEIGHT_GRAVE, "people"), HF_E_TOO_FEW,
			 "There are %s: give more people a role, with `holdfast trust propose`.", text);
}

/* As many as must agree, and nobody beside them. */
static void find_narrow(struct hf_findings *f, const struct hf_trust *trust)
{
	for (size_t i = 0; i < trust->n_rules; i++) {
		const struct hf_rule *rule = &trust->rules[i];

		if (rule->kind == HF_RULE_EMERGENCY && rule->act == HF_RULE_RELEASE &&
		    hf_council_holders(trust, &rule->roles) == (size_t)rule->need)
			(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_WARNING, "people"), HF_E_TOO_FEW,
					 "All %zu people who may give the all-clear of an emergency must agree: while one is away, or "
					 "loses their key, nobody can. Give one more a role, with `holdfast trust propose`.",
					 (size_t)rule->need);
		if (rule->kind == HF_RULE_EMERGENCY && rule->act == HF_RULE_RELEASE && rule->need < 2)
			(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_GRAVE, "people"), HF_E_RULE,
					 "One person alone can give the all-clear of an emergency: have the roots ask for two.");
	}
}

static void find_roots(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	for (size_t i = 0; i < facts->n_roots; i++) {
		const struct hf_root_seen *root = &facts->roots[i];

		long long days = (long long)((now.s - root->signed_at.s) / DAY_S);

		f->looked++;
		if (root->signed_at.s == 0)
			(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_WARNING, "root"), HF_E_KEY,
					 "The root %s has never signed anything: have its holder try it with `holdfast key passphrase`. "
					 "With fewer roots than must sign nothing can ever be changed again.",
					 root->name);
		else if (days >= ROOT_DAYS)
			(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_WARNING, "root"), HF_E_KEY,
					 "The root %s last signed %lld days ago: have its holder try it with `holdfast key passphrase`. "
					 "With fewer roots than must sign nothing can ever be changed again.",
					 root->name, days);
	}
}

void hf_find_people(struct hf_findings *f, const struct hf_server_facts *facts, struct hf_wall now)
{
	struct hf_office office = {.on_warning = on_slip, .arg = f};
	struct hf_err why = {""};

	f->looked++;
	if (facts->council == HF_E_ROLE || facts->council == HF_E_USAGE)
		(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_UNSEEN, "people"), facts->council, "%s", facts->council_why.text);
	else if (!facts->trust)
		(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_GRAVE, "council"), facts->council,
				 "The council's folder cannot be read: %s", facts->council_why.text);
	if (!facts->trust)
		return;
	if (hf_council_slips(&office, facts->trust, &why) != HF_OK)
		(void)hf_err_set(hf_finding_add(f, HF_WEIGHT_GRAVE, "people"), HF_E_ROLE, "%s", why.text);
	find_narrow(f, facts->trust);
	find_roots(f, facts, now);
}
