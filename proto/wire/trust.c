/* SPDX-License-Identifier: MIT */
/*
 * Owns the trust document: who may do what, and which trust may follow which.
 * Must never let one person loosen alone, nor let anybody but the roots change who is trusted.
 */
#include <holdfast/trust.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

/* clang-format off */
#define VOID_ROWS(v) {                                                  \
	HF_ROW("digest",       DIGEST, &(v)->digest,       0),          \
	HF_ROW("from_version", INT,    &(v)->from_version, HF_JSON_INT_MAX), \
}
/* clang-format on */

/* clang-format off */
#define HEAD_ROWS(h, size) {                     \
	HF_ROW("root", DIGEST, &(h)->root, 0),   \
	HF_ROW("size", INT,    size, HF_PROVEN_MAX), \
}
/* clang-format on */

static const char *const KIND_NAMES[HF_RULE_KIND_COUNT] = {
	[HF_RULE_EMERGENCY] = "emergency", [HF_RULE_PURDAH] = "purdah",		[HF_RULE_EXERCISE] = "exercise",
	[HF_RULE_REGISTER] = "register",   [HF_RULE_ASSIGNMENT] = "assignment", [HF_RULE_EXEMPT] = "exempt",
	[HF_RULE_RECOVER] = "recover",	   [HF_RULE_RECORD] = "record",
	[HF_RULE_BROKERS] = "brokers",	   [HF_RULE_GLASS] = "glass",
};

static const char *const ACT_NAMES[HF_RULE_ACT_COUNT] = {
	[HF_RULE_RAISE] = "raise",
	[HF_RULE_RELEASE] = "release",
	[HF_RULE_APPROVE] = "approve",
	[HF_RULE_LOOSEN] = "loosen",
	[HF_RULE_ERASE] = "erase",
	[HF_RULE_ADD] = "add",
	[HF_RULE_CHANGE] = "change",
	[HF_RULE_A] = "a",
	[HF_RULE_B] = "b",
};

#define DEFAULT_ROLES_MAX 2

/*
 * Every rule of a trust, and the fewest people that it may ask for: one may tighten, two must loosen. A row with
 * default roles is younger than the first trusts: where it is missing, `least` people of these roles are asked for.
 */
static const struct known_rule {
	enum hf_rule_kind kind;
	enum hf_rule_act act;
	int64_t least;
	const char *roles[DEFAULT_ROLES_MAX];
} RULES[] = {
	{HF_RULE_EMERGENCY, HF_RULE_RAISE, 1, {NULL}},
	{HF_RULE_EMERGENCY, HF_RULE_RELEASE, 2, {NULL}},
	{HF_RULE_PURDAH, HF_RULE_RAISE, 1, {NULL}},
	{HF_RULE_PURDAH, HF_RULE_RELEASE, 2, {NULL}},
	{HF_RULE_EXERCISE, HF_RULE_APPROVE, 1, {NULL}},
	{HF_RULE_REGISTER, HF_RULE_APPROVE, 2, {NULL}},
	{HF_RULE_EXEMPT, HF_RULE_APPROVE, 2, {NULL}},
	{HF_RULE_ASSIGNMENT, HF_RULE_APPROVE, 1, {NULL}},
	{HF_RULE_ASSIGNMENT, HF_RULE_LOOSEN, 2, {"it", "accounts"}},
	/* Whoever may give an emergency's all-clear. It opens devices, so it is not for IT, which has hold of them already. */
	{HF_RULE_RECOVER, HF_RULE_APPROVE, 2, {"comms", "monitoring"}},
	/* What a council could be asked for goes by nobody's word alone, and not by that of who runs the server. */
	{HF_RULE_RECORD, HF_RULE_ERASE, 2, {"comms", "monitoring"}},
	{HF_RULE_BROKERS, HF_RULE_ADD, 1, {"it"}},
	{HF_RULE_BROKERS, HF_RULE_CHANGE, 2, {"it", "accounts"}},
	/* Roles of their own, which nobody has unasked: a council without break-glass has nobody who could sign for it. */
	{HF_RULE_GLASS, HF_RULE_A, 1, {"glass-a"}},
	{HF_RULE_GLASS, HF_RULE_B, 1, {"glass-b"}},
};

struct parts {
	json_t *roots, *controllers, *people, *rules, *affirmed, *assignments, *voids;
	bool no_assignments, no_voids, no_names; /* none to be put; when taken, there need be none */
};

/* clang-format off */
#define TRUST_ROWS(t, p) {                                                  \
	HF_ROW("council",     ID,    &(t)->council,     0),                 \
	HF_ROW("epoch",       INT,   &(t)->epoch,       HF_JSON_INT_MAX),   \
	HF_ROW("issued",      WALL,  &(t)->issued,      0),                 \
	HF_ROW("threshold",   INT,   &(t)->threshold,   HF_ROOTS_MAX),      \
	HF_ROW("roots",       ARRAY, &(p)->roots,       HF_ROOTS_MAX),      \
	HF_ROW_IF("root_names", LINES, &(t)->root_names, HF_ROOTS_MAX, (p)->no_names), \
	HF_ROW("controllers", ARRAY, &(p)->controllers, HF_CONTROLLERS_MAX), \
	HF_ROW("people",      ARRAY, &(p)->people,      HF_PEOPLE_MAX),     \
	HF_ROW("rules",       ARRAY, &(p)->rules,       HF_LEN((t)->rules)), \
	HF_ROW("affirmed",    ARRAY, &(p)->affirmed,    HF_AFFIRMED_MAX),   \
	HF_ROW_IF("assignments", OBJECT, &(p)->assignments, 0, (p)->no_assignments), \
	HF_ROW("void_before", WALL,  &(t)->void_before, 0),                 \
	HF_ROW_IF("void",     ARRAY, &(p)->voids,       HF_VOIDS_MAX, (p)->no_voids), \
}
/* clang-format on */

const char *hf_rule_kind_name(enum hf_rule_kind kind)
{
	return KIND_NAMES[kind];
}

const char *hf_rule_act_name(enum hf_rule_act act)
{
	return ACT_NAMES[act];
}

static bool same_key(const struct hf_pub *a, const struct hf_pub *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static bool person_has_key(const struct hf_person *person, const struct hf_pub *pub)
{
	for (size_t i = 0; i < person->n_keys; i++)
		if (same_key(&person->keys[i], pub))
			return true;
	return false;
}

bool hf_trust_is_root(const struct hf_trust *trust, const struct hf_pub *pub)
{
	for (size_t i = 0; i < trust->n_roots; i++)
		if (same_key(&trust->roots[i], pub))
			return true;
	return false;
}

static bool has_key(const struct hf_trust *trust, const struct hf_pub *pub)
{
	for (size_t i = 0; i < trust->n_controllers; i++)
		if (same_key(&trust->controllers[i].pub, pub))
			return true;
	return hf_trust_is_root(trust, pub) || hf_trust_person_of_key(trust, pub);
}

/* A key that nobody else in this trust has. */
static enum hf_rc take_key(json_t *value, const struct hf_trust *trust, struct hf_pub *ret_pub, struct hf_err *err)
{
	struct hf_pub pub;
	enum hf_rc rc = hf_doc_pub(value, &pub, err);
	if (rc != HF_OK)
		return rc;
	if (has_key(trust, &pub))
		return hf_err_set(err, HF_E_KEY,
				  "A key stands in the trust twice; each person and office needs its own.");
	*ret_pub = pub;
	return HF_OK;
}

static enum hf_rc take_root(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_trust *trust = doc;
	enum hf_rc rc = take_key(value, trust, &trust->roots[trust->n_roots], err);
	if (rc == HF_OK)
		trust->n_roots++;
	return rc;
}

static enum hf_rc take_controller(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_trust *trust = doc;
	struct hf_controller_key *c = &trust->controllers[trust->n_controllers];
	const struct hf_json_member rows[] = {
		HF_ROW("id", ID, &c->id, 0),
		HF_ROW("public", BYTES32, c->pub.b, 0),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_key(json_object_get(value, "public"), trust, &c->pub, err);
	if (rc == HF_OK && hf_trust_controller(trust, c->id))
		rc = hf_err_set(err, HF_E_SHAPE, "The controller \"%s\" stands in the trust twice.", c->id);
	if (rc == HF_OK)
		trust->n_controllers++;
	return rc;
}

static enum hf_rc take_person_keys(json_t *keys, struct hf_trust *trust, struct hf_person *person, struct hf_err *err)
{
	for (size_t i = 0; i < json_array_size(keys); i++) {
		enum hf_rc rc = take_key(json_array_get(keys, i), trust, &person->keys[person->n_keys], err);
		if (rc != HF_OK)
			return rc;
		person->n_keys++;
	}
	if (person->n_keys == 0)
		return hf_err_set(err, HF_E_SHAPE, "The person \"%s\" has no key.", person->id);
	return HF_OK;
}

static enum hf_rc take_person(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_trust *trust = doc;
	struct hf_person *person = &trust->people[trust->n_people];
	json_t *keys = NULL;
	const struct hf_json_member rows[] = {
		HF_ROW("id", ID, &person->id, 0),
		HF_ROW_IF("name", LINE, &person->name, HF_PERSON_NAME_MAX, true),
		HF_ROW("roles", NAMES, &person->roles, HF_ROLES_MAX),
		HF_ROW("keys", ARRAY, &keys, HF_KEYS_MAX),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	bool twice = rc == HF_OK && hf_trust_person(trust, person->id);
	/* Counted before it is whole: its list is freed with the trust, and its own keys count for "twice". */
	trust->n_people++;
	if (twice)
		return hf_err_set(err, HF_E_SHAPE, "The person \"%s\" stands in the trust twice.", person->id);
	return rc == HF_OK ? take_person_keys(keys, trust, person, err) : rc;
}

static enum hf_rc check_rule(const struct hf_rule *rule, struct hf_err *err)
{
	for (size_t i = 0; i < HF_LEN(RULES); i++) {
		if (RULES[i].kind != rule->kind || RULES[i].act != rule->act)
			continue;
		if (rule->need < RULES[i].least)
			return hf_err_set(err, HF_E_RULE, "The rule %s %s must ask for at least %d people.",
					  KIND_NAMES[rule->kind], ACT_NAMES[rule->act], (int)RULES[i].least);
		if (rule->kind == HF_RULE_GLASS && rule->need != 1)
			return hf_err_set(err, HF_E_RULE, "Of each side of break-glass one person signs, and no more.");
		return HF_OK;
	}
	return hf_err_set(err, HF_E_RULE, "There is no rule %s %s.", KIND_NAMES[rule->kind], ACT_NAMES[rule->act]);
}

static enum hf_rc take_rule(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_trust *trust = doc;
	struct hf_rule rule = {0};
	const char *kind_word = NULL, *act_word = NULL;
	size_t kind = 0, act = 0;
	const struct hf_json_member rows[] = {
		HF_ROW("kind", ID, &kind_word, 0),
		HF_ROW("act", ID, &act_word, 0),
		HF_ROW("roles", NAMES, &rule.roles, HF_ROLES_MAX),
		HF_ROW("need", INT, &rule.need, HF_SIGNATURES_MAX),
	};
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = hf_doc_word(kind_word, KIND_NAMES, HF_LEN(KIND_NAMES), &kind, err);
	if (rc == HF_OK)
		rc = hf_doc_word(act_word, ACT_NAMES, HF_LEN(ACT_NAMES), &act, err);
	rule.kind = (enum hf_rule_kind)kind;
	rule.act = (enum hf_rule_act)act;
	if (rc == HF_OK && (rule.need < 1 || rule.roles.n < 1))
		rc = hf_err_set(err, HF_E_SHAPE, "A rule needs at least one role and one person.");
	if (rc == HF_OK)
		rc = check_rule(&rule, err);
	if (rc == HF_OK && hf_trust_rule(trust, rule.kind, rule.act))
		rc = hf_err_set(err, HF_E_RULE, "The rule %s %s stands in the trust twice.", kind_word, act_word);
	if (rc == HF_OK)
		trust->rules[trust->n_rules++] = rule;
	else
		hf_strs_done(&rule.roles);
	return rc;
}

static enum hf_rc take_head(json_t *value, struct hf_merkle_head *head, struct hf_err *err)
{
	int64_t size = 0;
	const struct hf_json_member rows[] = HEAD_ROWS(head, &size);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	head->size = (uint64_t)size;
	if (rc == HF_OK && size == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "A trust that affirms no assignments has no member 'assignments'.");
	return rc;
}

static enum hf_rc take_void(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_trust *trust = doc;
	struct hf_void *v = &trust->voids[trust->n_voids];
	const struct hf_json_member rows[] = VOID_ROWS(v);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);
	if (rc == HF_OK && v->from_version < 1)
		rc = hf_err_set(err, HF_E_SHAPE, "The versions of a document begin at 1.");
	if (rc == HF_OK && hf_trust_void(trust, &v->digest))
		rc = hf_err_set(err, HF_E_SHAPE, "A document is set aside twice.");
	if (rc == HF_OK)
		trust->n_voids++;
	return rc;
}

/* One for each root, or none at all. */
static enum hf_rc check_root_names(const struct hf_trust *trust, struct hf_err *err)
{
	if (!json_object_get(trust->doc, "root_names"))
		return HF_OK;
	if (trust->root_names.n != trust->n_roots)
		return hf_err_set(err, HF_E_SHAPE, "The trust names %zu roots and has %zu.", trust->root_names.n,
				  trust->n_roots);
	for (size_t i = 0; i < trust->root_names.n; i++)
		if (strlen(trust->root_names.v[i]) > HF_PERSON_NAME_MAX)
			return hf_err_set(err, HF_E_SIZE, "The name of a root is longer than %d bytes.",
					  HF_PERSON_NAME_MAX);
	return HF_OK;
}

static enum hf_rc check_whole(const struct hf_trust *trust, struct hf_err *err)
{
	if (trust->epoch < 1)
		return hf_err_set(err, HF_E_SHAPE, "The epoch of a trust begins at 1.");
	if (trust->n_roots < 1 || trust->threshold < 1)
		return hf_err_set(err, HF_E_SHAPE, "A trust needs at least one root and a threshold of at least 1.");
	if ((size_t)trust->threshold > trust->n_roots)
		return hf_err_set(err, HF_E_RULE, "The trust's threshold is larger than the number of its roots.");
	return check_root_names(trust, err);
}

static enum hf_rc assume_rule(struct hf_trust *trust, const struct known_rule *known, struct hf_err *err)
{
	struct hf_rule *rule = &trust->rules[trust->n_rules];
	enum hf_rc rc = hf_doc_alloc(DEFAULT_ROLES_MAX, sizeof(*rule->roles.v), &rule->roles.v, err);
	if (rc != HF_OK)
		return rc;
	rule->kind = known->kind;
	rule->act = known->act;
	rule->need = known->least;
	rule->assumed = true;
	for (size_t i = 0; i < DEFAULT_ROLES_MAX && known->roles[i]; i++)
		rule->roles.v[rule->roles.n++] = known->roles[i];
	trust->n_rules++;
	return HF_OK;
}

/* Of the rows that are missing: those that the first trusts had are an error, the others have a default. */
static enum hf_rc complete_rules(struct hf_trust *trust, struct hf_err *err)
{
	for (size_t i = 0; i < HF_LEN(RULES); i++) {
		enum hf_rc rc = HF_OK;
		if (hf_trust_rule(trust, RULES[i].kind, RULES[i].act))
			continue;
		rc = RULES[i].roles[0] ? assume_rule(trust, &RULES[i], err)
				       : hf_err_set(err, HF_E_RULE, "The trust has no rule %s %s.",
						    KIND_NAMES[RULES[i].kind], ACT_NAMES[RULES[i].act]);
		if (rc != HF_OK)
			return rc;
	}
	return HF_OK;
}

static bool has_role_of(const struct hf_person *person, const struct hf_rule *rule)
{
	for (size_t i = 0; i < person->roles.n; i++)
		if (hf_strs_has(&rule->roles, person->roles.v[i]))
			return true;
	return false;
}

/* Two sides are two kinds of people: nobody gives both halves. */
static enum hf_rc check_sides(const struct hf_trust *trust, struct hf_err *err)
{
	const struct hf_rule *a = hf_trust_rule(trust, HF_RULE_GLASS, HF_RULE_A);
	const struct hf_rule *b = hf_trust_rule(trust, HF_RULE_GLASS, HF_RULE_B);
	for (size_t i = 0; i < trust->n_people; i++)
		if (has_role_of(&trust->people[i], a) && has_role_of(&trust->people[i], b))
			return hf_err_set(err, HF_E_RULE, "%s would be of both sides of break-glass: nobody is of both.",
					  trust->people[i].id);
	return HF_OK;
}

static enum hf_rc take_lists(struct hf_trust *trust, const struct parts *parts, struct hf_err *err)
{
	enum hf_rc rc = hf_doc_alloc(json_array_size(parts->people), sizeof(*trust->people), &trust->people, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->roots, take_root, trust, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->controllers, take_controller, trust, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->people, take_person, trust, err);
	if (rc == HF_OK)
		rc = hf_doc_each(parts->rules, take_rule, trust, err);
	if (rc == HF_OK)
		rc = hf_doc_digests(parts->affirmed, &trust->affirmed, &trust->n_affirmed, err);
	if (rc == HF_OK && parts->assignments)
		rc = take_head(parts->assignments, &trust->assignments, err);
	if (rc == HF_OK)
		rc = hf_doc_some(parts->voids, "void", err);
	if (rc == HF_OK && parts->voids)
		rc = hf_doc_each(parts->voids, take_void, trust, err);
	return rc;
}

enum hf_rc hf_trust_decode(const struct hf_envelope *envelope, struct hf_trust **ret_trust, struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	struct parts parts = {.no_assignments = true, .no_voids = true, .no_names = true};
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*trust), &trust, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_TRUST, &trust->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = TRUST_ROWS(trust, &parts);
	rc = hf_json_take(trust->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_lists(trust, &parts, err);
	if (rc == HF_OK)
		rc = check_whole(trust, err);
	if (rc == HF_OK)
		rc = complete_rules(trust, err);
	if (rc == HF_OK)
		rc = check_sides(trust, err);
	if (rc != HF_OK)
		return rc;
	trust->digest = envelope->digest;
	*ret_trust = hf_steal_ptr(&trust);
	return HF_OK;
}

static json_t *key_to_json(const void *doc, size_t i)
{
	const struct hf_pub *keys = doc;
	return hf_json_from_bytes(keys[i].b, sizeof(keys[i].b));
}

static json_t *controller_to_json(const void *doc, size_t i)
{
	struct hf_controller_key c = ((const struct hf_trust *)doc)->controllers[i];
	const struct hf_json_member rows[] = {
		HF_ROW("id", ID, &c.id, 0),
		HF_ROW("public", BYTES32, c.pub.b, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *person_to_json(const void *doc, size_t i)
{
	struct hf_person p = ((const struct hf_trust *)doc)->people[i];
	hf_auto_json json_t *keys = hf_doc_list(key_to_json, p.keys, p.n_keys);
	const struct hf_json_member rows[] = {
		HF_ROW("id", ID, &p.id, 0),
		HF_ROW_IF("name", LINE, &p.name, 0, !p.name),
		HF_ROW("roles", NAMES, &p.roles, 0),
		HF_ROW("keys", ARRAY, &keys, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *rule_to_json(const void *doc, size_t i)
{
	struct hf_rule r = ((const struct hf_trust *)doc)->rules[i];
	const struct hf_json_member rows[] = {
		HF_ROW("kind", ID, (void *)&KIND_NAMES[r.kind], 0),
		HF_ROW("act", ID, (void *)&ACT_NAMES[r.act], 0),
		HF_ROW("roles", NAMES, &r.roles, 0),
		HF_ROW("need", INT, &r.need, 0),
	};
	return hf_json_put(rows, HF_LEN(rows));
}

/* Only what the document says: a default stays unsaid, and the digest as it was. */
static json_t *rules_to_json(const struct hf_trust *trust)
{
	hf_auto_json json_t *list = json_array();
	for (size_t i = 0; list && i < trust->n_rules; i++) {
		json_t *rule = trust->rules[i].assumed ? NULL : rule_to_json(trust, i);
		if (!trust->rules[i].assumed && (!rule || json_array_append_new(list, rule) != 0))
			return NULL;
	}
	return json_incref(list);
}

static json_t *void_to_json(const void *doc, size_t i)
{
	struct hf_void v = ((const struct hf_trust *)doc)->voids[i];
	const struct hf_json_member rows[] = VOID_ROWS(&v);
	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_trust_encode(const struct hf_trust *trust)
{
	struct hf_trust copy = *trust; /* the table points to what may be written; nothing is */
	hf_auto_json json_t *roots = hf_doc_list(key_to_json, trust->roots, trust->n_roots);
	hf_auto_json json_t *controllers = hf_doc_list(controller_to_json, trust, trust->n_controllers);
	hf_auto_json json_t *people = hf_doc_list(person_to_json, trust, trust->n_people);
	hf_auto_json json_t *rules = rules_to_json(trust);
	hf_auto_json json_t *affirmed = hf_doc_digests_to_json(trust->affirmed, trust->n_affirmed);
	int64_t size = (int64_t)trust->assignments.size;
	const struct hf_json_member head[] = HEAD_ROWS(&copy.assignments, &size);
	hf_auto_json json_t *assignments = hf_json_put(head, HF_LEN(head));
	hf_auto_json json_t *voids = hf_doc_list(void_to_json, trust, trust->n_voids);
	struct parts parts = {roots, controllers, people, rules, affirmed, assignments, voids, trust->assignments.size == 0,
			      trust->n_voids == 0, trust->root_names.n == 0};
	const struct hf_json_member rows[] = TRUST_ROWS(&copy, &parts);
	return hf_json_put(rows, HF_LEN(rows));
}

size_t hf_trust_roots_signed(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	size_t n = 0;
	for (size_t i = 0; i < trust->n_roots; i++)
		n += hf_envelope_signed_by(envelope, &trust->roots[i], NULL);
	return n;
}

void hf_trust_progress(const struct hf_trust *held, const struct hf_trust *next, const struct hf_envelope *envelope,
		       struct hf_roots_signed *ret)
{
	const struct hf_roots_signed old = {hf_trust_roots_signed(held, envelope), (size_t)held->threshold};
	const struct hf_roots_signed new = {hf_trust_roots_signed(next, envelope), (size_t)next->threshold};
	*ret = old.have >= old.need && new.have < new.need ? new : old;
}

static bool roots_signed(const struct hf_trust *trust, const struct hf_envelope *envelope)
{
	return hf_trust_roots_signed(trust, envelope) >= (size_t)trust->threshold;
}

static enum hf_rc check_follows(const struct hf_trust *trust, const struct hf_trust *held, struct hf_err *err)
{
	if (strcmp(trust->council, held->council) != 0)
		return hf_err_set(err, HF_E_COUNCIL, "The trust is that of %s and not of %s.", trust->council,
				  held->council);
	if (trust->epoch < held->epoch)
		return hf_err_set(err, HF_E_ROLLBACK, "The trust has epoch %lld and %lld is known already.",
				  (long long)trust->epoch, (long long)held->epoch);
	if (trust->epoch == held->epoch && hf_digest_cmp(&trust->digest, &held->digest) != 0)
		return hf_err_set(err, HF_E_FORK,
				  "There are two different trusts of epoch %lld: tell the roots at once.",
				  (long long)trust->epoch);
	if (held->threshold >= 2 && trust->threshold < 2)
		return hf_err_set(err, HF_E_RULE,
				  "The trust would let one root alone change everything; %lld have to sign until now.",
				  (long long)held->threshold);
	if (trust->epoch > held->epoch + 1)
		return hf_err_set(err, HF_E_EPOCH, "The trust has epoch %lld and %lld must come first.",
				  (long long)trust->epoch, (long long)held->epoch + 1);
	return HF_OK;
}

enum hf_rc hf_trust_open(const struct hf_envelope *envelope, const struct hf_trust *held, struct hf_trust **ret_trust,
			 struct hf_err *err)
{
	hf_auto_trust struct hf_trust *trust = NULL;
	enum hf_rc rc = hf_trust_decode(envelope, &trust, err);
	if (rc == HF_OK && held)
		rc = check_follows(trust, held, err);
	if (rc == HF_E_FORK && !roots_signed(held, envelope))
		rc = hf_err_set(err, HF_E_SIGNATURE, "Another trust of epoch %lld, which too few of its roots signed.",
				(long long)trust->epoch);
	if (rc != HF_OK)
		return rc;
	bool known = held && trust->epoch == held->epoch;
	if (!known && (!roots_signed(trust, envelope) || (held && !roots_signed(held, envelope))))
		return hf_err_set(err, HF_E_SIGNATURE, "The trust of epoch %lld is not signed by enough roots.",
				  (long long)trust->epoch);
	*ret_trust = hf_steal_ptr(&trust);
	return HF_OK;
}

const struct hf_person *hf_trust_person_of_key(const struct hf_trust *trust, const struct hf_pub *pub)
{
	for (size_t i = 0; i < trust->n_people; i++)
		if (person_has_key(&trust->people[i], pub))
			return &trust->people[i];
	return NULL;
}

const struct hf_person *hf_trust_person(const struct hf_trust *trust, const char *id)
{
	for (size_t i = 0; i < trust->n_people; i++)
		if (strcmp(trust->people[i].id, id) == 0)
			return &trust->people[i];
	return NULL;
}

const char *hf_person_text(const struct hf_person *person, char text[HF_PERSON_TEXT_SIZE])
{
	if (!person->name || hf_str_printf(text, HF_PERSON_TEXT_SIZE, "%s (%s)", person->name, person->id) != HF_OK)
		return person->id;
	return text;
}

const char *hf_trust_person_text(const struct hf_trust *trust, const char *id, char text[HF_PERSON_TEXT_SIZE])
{
	const struct hf_person *person = trust ? hf_trust_person(trust, id) : NULL;
	return hf_person_text(person ? person : &(struct hf_person){.id = id}, text);
}

#define ROOT_SHORT 8 /* characters of a keyid: enough to tell eight roots apart, and nothing is judged by it */

const char *hf_trust_root_text(const struct hf_trust *trust, size_t i, char text[HF_ROOT_TEXT_SIZE])
{
	char keyid[HF_KEYID_SIZE];
	bool named = i < trust->root_names.n;
	hf_pub_keyid(&trust->roots[i], keyid);
	keyid[ROOT_SHORT] = '\0';
	if (hf_str_printf(text, HF_ROOT_TEXT_SIZE, "%s%sroot %s%s", named ? trust->root_names.v[i] : "",
			  named ? " (" : "", keyid, named ? ")" : "") != HF_OK)
		text[0] = '\0';
	return text;
}

const struct hf_controller_key *hf_trust_controller(const struct hf_trust *trust, const char *id)
{
	for (size_t i = 0; i < trust->n_controllers; i++)
		if (strcmp(trust->controllers[i].id, id) == 0)
			return &trust->controllers[i];
	return NULL;
}

const char *hf_trust_controller_now(const struct hf_trust *before, const char *id, const struct hf_trust *later)
{
	const struct hf_controller_key *was = hf_trust_controller(before, id);
	for (size_t i = 0; was && i < later->n_controllers; i++)
		if (same_key(&later->controllers[i].pub, &was->pub))
			return later->controllers[i].id;
	return NULL;
}

const struct hf_rule *hf_trust_rule(const struct hf_trust *trust, enum hf_rule_kind kind, enum hf_rule_act act)
{
	for (size_t i = 0; i < trust->n_rules; i++)
		if (trust->rules[i].kind == kind && trust->rules[i].act == act)
			return &trust->rules[i];
	return NULL;
}

bool hf_trust_affirms(const struct hf_trust *trust, const struct hf_digest *order)
{
	for (size_t i = 0; i < trust->n_affirmed; i++)
		if (hf_digest_cmp(&trust->affirmed[i], order) == 0)
			return true;
	return false;
}

const struct hf_void *hf_trust_void(const struct hf_trust *trust, const struct hf_digest *document)
{
	for (size_t i = 0; i < trust->n_voids; i++)
		if (hf_digest_cmp(&trust->voids[i].digest, document) == 0)
			return &trust->voids[i];
	return NULL;
}

void hf_trust_free(struct hf_trust **trust)
{
	struct hf_trust *t = *trust;
	if (!t)
		return;
	for (size_t i = 0; i < t->n_people; i++)
		hf_strs_done(&t->people[i].roles);
	for (size_t i = 0; i < t->n_rules; i++)
		hf_strs_done(&t->rules[i].roles);
	hf_strs_done(&t->root_names);
	free(t->people);
	free(t->affirmed);
	json_decref(t->doc);
	free(t);
	*trust = NULL;
}
