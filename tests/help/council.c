/* SPDX-License-Identifier: MIT */
/*
 * Owns the demo council of the tests.
 * Must never be linked into a program that ships.
 */
#include "tests/help/council.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(enum hf_rc rc, const char *what)
{
	if (rc == HF_OK)
		return;
	fprintf(stderr, "the demo council cannot be made: %s: %s\n", what, hf_rc_name(rc));
	abort();
}

static void *must_have(void *p, const char *what)
{
	must(p ? HF_OK : HF_E_MEMORY, what);
	return p;
}

static struct hf_key *key_of(const struct council *council, unsigned who)
{
	for (int i = 0; i < COUNCIL_KEYS; i++)
		if (who == 1u << i)
			return council->keys[i];
	return must_have(NULL, "a key of nobody");
}

struct hf_pub council_pub(const struct council *council, enum council_who who)
{
	return hf_key_pub(key_of(council, who));
}

void council_sign_more(const struct council *council, struct hf_envelope *envelope, unsigned who)
{
	for (int i = 0; i < COUNCIL_KEYS; i++)
		if (who & (1u << i))
			must(hf_envelope_sign(envelope, council->keys[i], NULL), "its signature");
}

struct hf_envelope *council_sign(const struct council *council, enum hf_doc_type type, json_t *json, unsigned who)
{
	struct hf_envelope *envelope = NULL;
	char *text = NULL;
	size_t len = 0;

	must(hf_json_bytes(must_have(json, "a document"), &text, &len), "its bytes");
	must(hf_envelope_new(type, text, len, &envelope, NULL), "its envelope");
	council_sign_more(council, envelope, who);
	free(text);
	json_decref(json);
	return envelope;
}

static void make_people(struct council *council)
{
	/* clang-format off */
	static const char *const comms[] = { "comms", "accounts" }, *const monitoring[] = { "monitoring" },
				 *const elections[] = { "elections" }, *const it[] = { "it" };
	static const struct { const char *id; const char *const *roles; size_t n; enum council_who who; } rows[] = {
		{ "comms-1", comms, 2, COMMS_1 },
		{ "comms-2", comms, 2, COMMS_2 },
		{ "monitoring-1", monitoring, 1, MONITORING_1 },
		{ "elections-1", elections, 1, ELECTIONS_1 },
		{ "it-1", it, 1, IT_1 },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_person *person = &council->people[i];

		person->id = rows[i].id;
		person->roles = (struct hf_strs){(const char **)rows[i].roles, rows[i].n};
		person->keys[person->n_keys++] = council_pub(council, rows[i].who);
	}
	council->people[0].keys[council->people[0].n_keys++] = council_pub(council, COMMS_1_SECOND);
}

static void add_rule(struct hf_trust *trust, enum hf_rule_kind kind, enum hf_rule_act act, int64_t need,
		     struct hf_strs roles)
{
	trust->rules[trust->n_rules++] = (struct hf_rule){.kind = kind, .act = act, .roles = roles, .need = need};
}

/* The defaults of the contract. */
static void add_rules(struct hf_trust *trust)
{
	static const char *comms[] = {"comms"}, *comms_monitoring[] = {"comms", "monitoring"},
			  *elections[] = {"elections"}, *elections_monitoring[] = {"elections", "monitoring"},
			  *comms_elections[] = {"comms", "elections"}, *accounts[] = {"accounts"}, *it[] = {"it"};

	add_rule(trust, HF_RULE_EMERGENCY, HF_RULE_RAISE, 1, (struct hf_strs){comms, 1});
	add_rule(trust, HF_RULE_EMERGENCY, HF_RULE_RELEASE, 2, (struct hf_strs){comms_monitoring, 2});
	add_rule(trust, HF_RULE_PURDAH, HF_RULE_RAISE, 1, (struct hf_strs){elections, 1});
	add_rule(trust, HF_RULE_PURDAH, HF_RULE_RELEASE, 2, (struct hf_strs){elections_monitoring, 2});
	add_rule(trust, HF_RULE_EXERCISE, HF_RULE_APPROVE, 1, (struct hf_strs){comms_elections, 2});
	add_rule(trust, HF_RULE_REGISTER, HF_RULE_APPROVE, 2, (struct hf_strs){accounts, 1});
	add_rule(trust, HF_RULE_EXEMPT, HF_RULE_APPROVE, 2, (struct hf_strs){accounts, 1});
	add_rule(trust, HF_RULE_ASSIGNMENT, HF_RULE_APPROVE, 1, (struct hf_strs){it, 1});
}

struct hf_trust council_trust_doc(const struct council *council)
{
	struct hf_trust trust = {
		.council = COUNCIL_NAME,
		.epoch = 1,
		.issued = {COUNCIL_T},
		.n_roots = 2,
		.threshold = 2,
		.n_controllers = 2,
		.people = (struct hf_person *)council->people,
		.n_people = COUNCIL_PEOPLE,
	};

	trust.roots[0] = council_pub(council, ROOT_1);
	trust.roots[1] = council_pub(council, ROOT_2);
	trust.controllers[0] = (struct hf_controller_key){"main", council_pub(council, CONTROLLER)};
	trust.controllers[1] = (struct hf_controller_key){"spare", council_pub(council, SPARE)};
	add_rules(&trust);
	return trust;
}

/* clang-format off */
#define HELD(v) .holders = (v), .n_holders = HF_LEN(v)
struct hf_register council_register_doc(void)
{
	static struct hf_holder both[] = { { "comms-1", { 0 } }, { "comms-2", { 0 } } };
	static struct hf_holder second[] = { { "comms-2", { 0 } } };
	static struct hf_holder visitor[] = { { "visitor-1", { COUNCIL_T + 90 * COUNCIL_DAY } } };
	static struct hf_account accounts[] = {
		{ .id = "x:CannockChaseDC", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "x:CCDCYourVoice", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "facebook:cannockchasedc", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "facebook:countryside-service", .kind = HF_ACCOUNT_CORPORATE, HELD(second) },
		{ .id = "instagram:CannockChaseDC", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "youtube:CannockChaseDC", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "linkedin:cannock-chase-district-council", .kind = HF_ACCOUNT_CORPORATE, HELD(both) },
		{ .id = "x:ccdc_sbc", .kind = HF_ACCOUNT_DEPARTMENTAL, HELD(second) },
		{ .id = "x:ccdcpartnership", .kind = HF_ACCOUNT_DEPARTMENTAL, HELD(second) },
		{ .id = "instagram:visitcannockchase", .kind = HF_ACCOUNT_DEPARTMENTAL, HELD(visitor) },
	};
	static const char *x_com[] = { "x.com", "twitter.com" }, *facebook_com[] = { "facebook.com" },
			  *instagram_com[] = { "instagram.com" }, *youtube_com[] = { "studio.youtube.com" },
			  *suite_com[] = { "hootsuite.com" }, *toot[] = { "/usr/bin/toot" };
	static const char *x[] = { "x" }, *facebook[] = { "facebook" }, *instagram[] = { "instagram" },
			  *youtube[] = { "youtube" }, *suite[] = { "x", "facebook", "instagram", "linkedin" },
			  *mastodon[] = { "mastodon" };
	static struct hf_tool tools[] = {
		{ .id = "x-web", .name = "X in a browser", .platforms = { x, 1 }, .addresses = { x_com, 2 } },
		{ .id = "facebook-web", .name = "Facebook in a browser", .platforms = { facebook, 1 }, .addresses = { facebook_com, 1 } },
		{ .id = "instagram-web", .name = "Instagram in a browser", .platforms = { instagram, 1 }, .addresses = { instagram_com, 1 } },
		{ .id = "youtube-studio", .name = "YouTube Studio", .platforms = { youtube, 1 }, .addresses = { youtube_com, 1 } },
		{ .id = "hootsuite", .name = "Hootsuite", .platforms = { suite, 4 }, .addresses = { suite_com, 1 } },
		{ .id = "toot", .name = "toot", .platforms = { mastodon, 1 }, .programs = { toot, 1 } },
	};

	return (struct hf_register){ .council = COUNCIL_NAME, .version = 1, .issued = { COUNCIL_T }, .accounts = accounts,
				     .n_accounts = HF_LEN(accounts), .tools = tools, .n_tools = HF_LEN(tools) };
}
/* clang-format on */

struct hf_assignment council_assignment_doc(const struct council *council)
{
	static const char *groups[] = {"communications", "civic-centre"};

	return (struct hf_assignment){
		.council = COUNCIL_NAME,
		.device = COUNCIL_DEVICE,
		.version = 1,
		.issued = {COUNCIL_T},
		.pub = council_pub(council, DEVICE),
		.people = {{"comms-2", "staff", 1}},
		.n_people = 1,
		.groups = {groups, HF_LEN(groups)},
	};
}

struct hf_state council_state_doc(const struct council *council, int64_t seq, struct hf_envelope **orders, size_t n)
{
	return (struct hf_state){
		.council = COUNCIL_NAME,
		.controller = "main",
		.seq = seq,
		.issued = {COUNCIL_T + 60 + seq},
		.valid_until = {COUNCIL_T + 60 + seq + 300},
		.pages = 1,
		.trust_epoch = 1,
		.trust_digest = council->trust->digest,
		.register_version = 1,
		.register_digest = council->reg->digest,
		.orders = orders,
		.n_orders = n,
		.log_size = seq,
	};
}

struct hf_envelope *council_trust(const struct council *council, const struct hf_trust *trust, unsigned who)
{
	return council_sign(council, HF_DOC_TRUST, hf_trust_encode(trust), who);
}

struct hf_envelope *council_register(const struct council *council, const struct hf_register *reg, unsigned who)
{
	return council_sign(council, HF_DOC_REGISTER, hf_register_encode(reg), who);
}

struct hf_envelope *council_assignment(const struct council *council, const struct hf_assignment *doc, unsigned who)
{
	return council_sign(council, HF_DOC_ASSIGNMENT, hf_assignment_encode(doc), who);
}

struct hf_envelope *council_state(const struct council *council, const struct hf_state *state, unsigned who)
{
	return council_sign(council, HF_DOC_STATE, hf_state_encode(state), who);
}

static struct hf_body body_of(enum hf_kind kind)
{
	static const char *every[] = {"*"};
	static struct hf_holding holding[] = {
		{"x:CannockChaseDC", "We know of an incident and will say more here as soon as we can.", "comms-2", 15},
	};
	struct hf_body body = {
		.level = HF_LEVEL_BLOCK,
		.from = {COUNCIL_T + 60},
		.accounts = {every, 1},
		.groups = {every, 1},
		.reason = "A major incident has been declared.",
		.contact = "Communications duty officer, extension 4000",
		.instructions = "",
		.holding = holding,
		.n_holding = 1,
	};

	if (kind == HF_KIND_PURDAH) {
		body.level = HF_LEVEL_GUARD;
		body.until.s = COUNCIL_T + 30 * COUNCIL_DAY;
		body.reason = "Local elections.";
		body.instructions = "Nothing party political. No promotion of individual Members.";
		body.n_holding = 0;
	}
	return body;
}

struct hf_order council_raise_doc(enum hf_kind kind)
{
	return (struct hf_order){
		.council = COUNCIL_NAME,
		.act = HF_ACT_RAISE,
		.kind = kind,
		.mode = HF_MODE_LIVE,
		.at = {COUNCIL_T + 60},
		.body = body_of(kind),
	};
}

struct hf_order council_amend_doc(enum hf_kind kind, const struct hf_envelope *of, int64_t rev)
{
	struct hf_order order = council_raise_doc(kind);

	order.act = HF_ACT_AMEND;
	order.at.s += rev;
	order.of = of->digest;
	order.rev = rev;
	return order;
}

struct hf_order council_release_doc(enum hf_kind kind, struct hf_digest *ids, size_t n)
{
	return (struct hf_order){
		.council = COUNCIL_NAME,
		.act = HF_ACT_RELEASE,
		.kind = kind,
		.mode = HF_MODE_LIVE,
		.at = {COUNCIL_T + 7200},
		.releases = ids,
		.n_releases = n,
		.body = {.reason = "The incident is over."},
		.message = "All clear. Thank you.",
	};
}

struct hf_envelope *council_order(const struct council *council, const struct hf_order *order, unsigned who)
{
	return council_sign(council, HF_DOC_ORDER, hf_order_encode(order), who);
}

void council_open(struct council *council)
{
	struct hf_trust trust;
	struct hf_register reg = council_register_doc();
	struct hf_assignment assignment;

	memset(council, 0, sizeof(*council));
	for (int i = 0; i < COUNCIL_KEYS; i++) {
		uint8_t seed[32] = "holdfast demo council, key";

		seed[31] = (uint8_t)(i + 1);
		must(hf_key_from_seed(seed, &council->keys[i]), "a key");
	}
	make_people(council);
	trust = council_trust_doc(council);
	assignment = council_assignment_doc(council);
	council->trust = council_trust(council, &trust, ROOT_1 | ROOT_2);
	council->reg = council_register(council, &reg, COMMS_1 | COMMS_2);
	council->assignment = council_assignment(council, &assignment, IT_1 | COMMS_1);
}

void council_close(struct council *council)
{
	for (int i = 0; i < COUNCIL_KEYS; i++)
		hf_key_free(&council->keys[i]);
	hf_envelope_free(&council->trust);
	hf_envelope_free(&council->reg);
	hf_envelope_free(&council->assignment);
}

enum hf_rc council_hear(struct hf_known *known, const struct hf_envelope *envelope, struct hf_hearing *ret_hearing)
{
	struct hf_hearing own;
	char *text = NULL;
	size_t len = 0;
	enum hf_rc rc;

	must(hf_envelope_encode(envelope, &text, &len, NULL), "a message");
	rc = hf_known_hear(known, &(struct hf_message){text, len, HF_DOC_COUNT},
			   ret_hearing ? ret_hearing : &own, NULL);
	free(text);
	return rc;
}

void council_begin(const struct council *council, struct hf_known *ret_known)
{
	memset(ret_known, 0, sizeof(*ret_known));
	must(hf_known_begin(council->trust, COUNCIL_DEVICE, ret_known, NULL), "its beginning");
	must(council_hear(ret_known, council->reg, NULL), "hearing the register");
	must(council_hear(ret_known, council->assignment, NULL), "hearing the assignment");
}
