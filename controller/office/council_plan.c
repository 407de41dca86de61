/* SPDX-License-Identifier: MIT */
/*
 * Owns a council's plan file, and the first trust and register made of it.
 * Must never make a key, nor weaken a rule on its own.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/register.h>

#include "controller/office/catalogue.h"
#include "controller/office/council_folder.h"
#include "controller/office/council_plan.h"
#include "controller/office/own_file.h"

#define PLAN_MAX (2 * 1024 * 1024) /* a register of HF_REGISTER_PARTS_MAX parts, written in lines for people */

/* proto/README.md "Trust": the rules where a council has no others. */
/* clang-format off */
static const struct { const char *kind, *act, *roles[2]; int need; } RULES[] = {
	{ "emergency",  "raise",   { "comms",     NULL         }, 1 },
	{ "emergency",  "release", { "comms",     "monitoring" }, 2 },
	{ "purdah",     "raise",   { "elections", NULL         }, 1 },
	{ "purdah",     "release", { "elections", "monitoring" }, 2 },
	{ "exercise",   "approve", { "comms",     "elections"  }, 1 },
	{ "register",   "approve", { "accounts",  NULL         }, 2 },
	{ "exempt",     "approve", { "accounts",  NULL         }, 2 },
	{ "assignment", "approve", { "it",        NULL         }, 1 },
};
/* clang-format on */

static json_t *default_rules(void)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < HF_LEN(RULES); i++) {
		json_t *roles = RULES[i].roles[1] ? json_pack("[s, s]", RULES[i].roles[0], RULES[i].roles[1])
						  : json_pack("[s]", RULES[i].roles[0]);
		json_t *rule = json_pack("{s:s, s:s, s:o, s:i}", "kind", RULES[i].kind, "act", RULES[i].act, "roles",
					 roles, "need", RULES[i].need);

		if (json_array_append_new(rules, rule) != 0) {
			json_decref(rules);
			return NULL;
		}
	}
	return rules;
}

static enum hf_rc take_person(json_t *object, struct hf_plan_person *person, struct hf_err *err)
{
	const struct hf_json_member members[] = {
		{"id", HF_JSON_ID, &person->id, 0, false},
		{"name", HF_JSON_LINE, &person->name, HF_PERSON_NAME_MAX, true},
		{"roles", HF_JSON_IDS, &person->roles, 32, false},
		{"public", HF_JSON_BYTES32, person->pub.b, 0, true},
	};
	enum hf_rc rc = hf_json_take(object, members, HF_LEN(members), err);

	if (rc != HF_OK)
		return rc;
	person->has_pub = json_object_get(object, "public");
	return person->has_pub ? hf_pub_check(&person->pub, err) : HF_OK;
}

static enum hf_rc take_people(struct hf_council_plan *plan, json_t *people, struct hf_err *err)
{
	size_t n = json_array_size(people);

	if (n == 0)
		return hf_err_set(err, HF_E_SHAPE, "The plan names no people.");
	plan->people = calloc(n, sizeof(*plan->people));
	if (!plan->people)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	for (; plan->n_people < n; plan->n_people++) {
		enum hf_rc rc = take_person(json_array_get(people, plan->n_people), &plan->people[plan->n_people], err);

		if (rc != HF_OK) {
			plan->n_people++; /* its half-taken roles are freed with the others */
			return rc;
		}
	}
	return HF_OK;
}

static enum hf_rc take_plan(struct hf_council_plan *plan, struct hf_err *err)
{
	const char *about = NULL;
	json_t *people = NULL;
	const struct hf_json_member members[] = {
		{"about", HF_JSON_TEXT, &about, 4096, true},
		{"council", HF_JSON_ID, &plan->council, 0, false},
		{"controller", HF_JSON_ID, &plan->controller, 0, true},
		{"roots", HF_JSON_INT, &plan->n_roots, HF_ROOTS_MAX, true},
		{"threshold", HF_JSON_INT, &plan->threshold, HF_ROOTS_MAX, true},
		{"root_names", HF_JSON_LINES, &plan->root_names, HF_ROOTS_MAX, true},
		{"people", HF_JSON_ARRAY, &people, HF_PEOPLE_MAX, false},
		{"rules", HF_JSON_ARRAY, &plan->rules, HF_RULE_KIND_COUNT * HF_RULE_ACT_COUNT, true},
		{"accounts", HF_JSON_ARRAY, &plan->accounts, HF_ACCOUNTS_MAX, false},
		{"catalogue", HF_JSON_LINE, &plan->catalogue, HF_FOLDER_PATH_SIZE - 1, true},
		{"tools", HF_JSON_ARRAY, &plan->own_tools, HF_TOOLS_MAX, true},
		{"words", HF_JSON_ARRAY, &plan->words, HF_WORDS_MAX, true},
	};
	enum hf_rc rc = hf_json_take(plan->doc, members, HF_LEN(members), err);

	if (rc != HF_OK)
		return rc;
	if (plan->n_roots < 1 || plan->threshold < 1 || plan->threshold > plan->n_roots)
		return hf_err_set(err, HF_E_SHAPE, "The plan's threshold is not between 1 and its number of roots.");
	if (plan->root_names.n > 0 && plan->root_names.n != (size_t)plan->n_roots)
		return hf_err_set(err, HF_E_SHAPE, "The plan names %zu roots and has %lld.", plan->root_names.n,
				  (long long)plan->n_roots);
	return take_people(plan, people, err);
}

/* As the plan says it, from the folder of the plan. */
static enum hf_rc catalogue_path(const char *plan_path, const char *said, char ret[HF_FOLDER_PATH_SIZE],
				 struct hf_err *err)
{
	const char *end = strrchr(plan_path, '/');
	int len = said[0] == '/' || !end ? 0 : (int)(end - plan_path + 1);
	enum hf_rc rc = hf_str_printf(ret, HF_FOLDER_PATH_SIZE, "%.*s%s", len, plan_path, said);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "The name of the catalogue is too long.");
}

/* A plan without a catalogue names all its tools itself. */
static enum hf_rc take_tools(struct hf_council_plan *plan, const char *path, struct hf_err *err)
{
	hf_auto_catalogue struct hf_catalogue catalogue = {.tools = NULL};
	enum hf_rc rc = path ? hf_catalogue_read(path, &catalogue, err) : HF_OK;
	if (rc != HF_OK)
		return rc;
	plan->tools = hf_catalogue_tools(&catalogue, plan->accounts, plan->own_tools);
	return plan->tools ? hf_tools_reach_all(plan->accounts, plan->tools, err)
			   : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_council_plan_read(const char *path, const char *catalogue, struct hf_council_plan *ret_plan,
				 struct hf_err *err)
{
	char named[HF_FOLDER_PATH_SIZE];
	struct hf_err why = {0};
	enum hf_rc rc = hf_own_json(path, PLAN_MAX, &ret_plan->doc, &why, err);

	if (rc != HF_OK && !why.text[0])
		return rc;
	ret_plan->controller = "c1";
	ret_plan->n_roots = 3;
	ret_plan->threshold = 2;
	if (rc == HF_OK)
		rc = take_plan(ret_plan, &why);
	if (rc == HF_OK && ret_plan->catalogue && !catalogue) {
		rc = catalogue_path(path, ret_plan->catalogue, named, &why);
		catalogue = named;
	}
	if (rc == HF_OK)
		rc = take_tools(ret_plan, catalogue, &why);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "The plan %s cannot be used: %s", path, why.text);
}

const char *hf_council_plan_spare(const struct hf_council_plan *plan)
{
	return strcmp(plan->controller, "c2") == 0 ? "c1" : "c2";
}

json_t *hf_council_plan_trust(const struct hf_council_plan *plan, const struct hf_pub *roots,
			      const struct hf_pub controllers[2], const struct hf_pub *people, struct hf_wall now)
{
	struct hf_trust trust = {.council = plan->council, .epoch = 1, .issued = now, .threshold = plan->threshold};
	json_t *payload = NULL;

	trust.n_roots = (size_t)plan->n_roots;
	trust.root_names = plan->root_names;
	memcpy(trust.roots, roots, trust.n_roots * sizeof(*roots));
	trust.controllers[0] = (struct hf_controller_key){.id = plan->controller, .pub = controllers[0]};
	trust.controllers[1] = (struct hf_controller_key){.id = hf_council_plan_spare(plan), .pub = controllers[1]};
	trust.n_controllers = 2;
	trust.people = calloc(plan->n_people, sizeof(*trust.people));
	if (!trust.people)
		return NULL;
	for (; trust.n_people < plan->n_people; trust.n_people++)
		trust.people[trust.n_people] = (struct hf_person){.id = plan->people[trust.n_people].id,
								  .name = plan->people[trust.n_people].name,
								  .roles = plan->people[trust.n_people].roles,
								  .keys = {people[trust.n_people]},
								  .n_keys = 1};
	payload = hf_trust_encode(&trust);
	free(trust.people);
	if (payload &&
	    json_object_set_new(payload, "rules", plan->rules ? json_incref(plan->rules) : default_rules()) != 0) {
		json_decref(payload);
		return NULL;
	}
	return payload;
}

static bool people_keys(const struct hf_council_plan *plan, const struct hf_trust *trust, struct hf_pub *ret)
{
	for (size_t i = 0; i < plan->n_people; i++) {
		const struct hf_person *person = hf_trust_person(trust, plan->people[i].id);

		if (!person)
			return false;
		ret[i] = plan->people[i].has_pub ? plan->people[i].pub : person->keys[0];
	}
	return true;
}

static bool says_the_same(const struct hf_council_plan *plan, const json_t *made, const json_t *doc)
{
	static const char *const MEMBERS[] = {"council", "threshold", "root_names", "controllers", "people"};
	bool same = !plan->rules || json_equal(plan->rules, json_object_get(doc, "rules"));

	for (size_t i = 0; i < HF_LEN(MEMBERS); i++) {
		const json_t *is = json_object_get(made, MEMBERS[i]), *was = json_object_get(doc, MEMBERS[i]);

		same = same && (is == was || json_equal(is, was));
	}
	return same;
}

enum hf_rc hf_council_plan_is_of(const struct hf_council_plan *plan, const struct hf_trust *trust, bool *ret_same,
				 struct hf_err *err)
{
	hf_auto_free struct hf_pub *people = calloc(plan->n_people, sizeof(*people));
	hf_auto_json json_t *made = NULL;
	const struct hf_pub controllers[2] = {trust->controllers[0].pub, trust->controllers[1].pub};

	if (!people)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	if (trust->n_roots != (size_t)plan->n_roots || !people_keys(plan, trust, people)) {
		*ret_same = false;
		return HF_OK;
	}
	made = hf_council_plan_trust(plan, trust->roots, controllers, people, trust->issued);
	if (!made)
		return hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
	/* The version before made no spare. */
	if (trust->n_controllers == 1)
		(void)json_array_remove(json_object_get(made, "controllers"), 1);
	*ret_same = says_the_same(plan, made, trust->doc);
	return HF_OK;
}

void hf_council_plan_done(struct hf_council_plan *plan)
{
	for (size_t i = 0; i < plan->n_people; i++)
		hf_strs_done(&plan->people[i].roles);
	hf_strs_done(&plan->root_names);
	free(plan->people);
	json_decref(plan->tools);
	json_decref(plan->doc);
	*plan = (struct hf_council_plan){0};
}
