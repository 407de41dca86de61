/* SPDX-License-Identifier: MIT */
/*
 * Owns what a browser of one person is told to refuse, and why.
 * Must never tell a person's browser to refuse what is open for that person.
 */
#include "agent/rules/sites.h"

#include <string.h>

#include <openssl/evp.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "agent/rules/standing.h"
#include "agent/rules/view.h"
#include "agent/rules/view_posting.h"

#define VERSION_BYTES 6 /* fits into every reader's whole numbers */

/* The words over what is shut. */
struct words {
	const char *title, *why, *contact;
	char since[HF_WALL_TEXT_SIZE], until[HF_WALL_TEXT_SIZE];
};

/* What the tool posts to, by the register of now; a tool that has left it has none. */
static json_t *platforms_of(const struct hf_register *reg, const char *tool)
{
	static const struct hf_strs none = {NULL, 0};

	for (size_t i = 0; reg && i < reg->n_tools; i++) {
		if (strcmp(reg->tools[i].id, tool) == 0)
			return hf_json_from_strs(&reg->tools[i].platforms);
	}
	return hf_json_from_strs(&none);
}

static json_t *blocks_of(const struct hf_register *reg, const struct hf_plan *plan, hf_user uid)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		json_t *row;

		if (block->addresses->n == 0 || hf_block_open_for(block, uid))
			continue;
		row = json_pack("{s:s, s:s, s:o, s:o}", "tool", block->tool, "name", block->name, "hosts",
				hf_json_from_strs(block->addresses), "platforms", platforms_of(reg, block->tool));
		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}

/* The body of it that holds and bears hardest; NULL: none shuts anything for this person. */
static const struct hf_body *hardest_body(const struct hf_lockdown *lockdown, const struct hf_pair *who)
{
	const struct hf_body *best = NULL;

	for (size_t b = 0; b < lockdown->n_bodies; b++) {
		const struct hf_body *body = &lockdown->bodies[b]->order->body;

		if (lockdown->phases[b] == HF_PHASE_IN_FORCE && !hf_pair_exempt(who, body) &&
		    (!best || body->level > best->level))
			best = body;
	}
	return best;
}

/* An emergency before a pre-election period, a block before a guard. */
static int weight(const struct hf_lockdown *lockdown, const struct hf_body *body)
{
	return (lockdown->raise->order->kind == HF_KIND_EMERGENCY ? 10 : 0) + (int)body->level;
}

static const char *title_of(const struct hf_lockdown *lockdown, const struct hf_body *body)
{
	if (lockdown->raise->order->kind == HF_KIND_EMERGENCY)
		return hf_text("Emergency: posting is stopped");
	if (body->level == HF_LEVEL_GUARD)
		return hf_text("Pre-election period (purdah): read and acknowledge the instructions, then this opens");
	return hf_text("Pre-election period (purdah): posting is stopped");
}

static void words_in_force(const struct hf_lockdown *lockdown, const struct hf_body *body, struct words *words)
{
	words->title = title_of(lockdown, body);
	words->why = body->reason;
	words->contact = body->contact;
	hf_london_text(body->from.s > 0 ? body->from : lockdown->raise->order->at, words->since);
	words->until[0] = '\0';
	if (body->until.s > 0)
		hf_london_text(body->until, words->until);
}

/* Shut, and no lockdown that is known says so. */
static const char *why_without_lockdown(const struct hf_case *matter)
{
	if (!matter->facts->unknown && matter->lockdowns->n_over > 0)
		return hf_text("One officer's orders are more than one officer's share, so all posting tools are shut "
			       "until two officers have released them.");
	return hf_text("This device does not know what is in force, so all posting tools are shut until two officers "
		       "have said what is.");
}

static void words_of(const struct hf_case *matter, const struct hf_pair *who, struct words *words)
{
	int best = -1;

	*words = (struct words){
		.title = hf_text("Posting is stopped"),
		.why = why_without_lockdown(matter),
		.contact = hf_text("IT"),
	};
	for (size_t i = 0; i < matter->lockdowns->n; i++) {
		const struct hf_lockdown *l = &matter->lockdowns->v[i];
		const struct hf_body *body = hardest_body(l, who);

		if (l->phase != HF_PHASE_IN_FORCE || hf_lockdown_mode(l) != HF_MODE_LIVE || !body ||
		    !hf_lockdown_bears(l, &matter->known->versions) || weight(l, body) <= best)
			continue;
		best = weight(l, body);
		words_in_force(l, body, words);
	}
}

/* An account that this person holds or is to post to, and the live message that stands for it. */
static bool has_message(const struct hf_account_posture *a)
{
	return (a->holder || a->poster) && a->holding && !a->holding_of->exercise;
}

static json_t *messages_of(const struct hf_case *matter, const struct hf_memory *memory, const struct hf_pair *who)
{
	hf_auto_posture struct hf_posture posture = {0};
	hf_auto_json json_t *list = json_array();

	if (hf_case_posture(matter, who, &posture, NULL) != HF_OK)
		return NULL;
	for (size_t i = 0; list && i < posture.n_accounts; i++) {
		const struct hf_account_posture *a = &posture.accounts[i];
		json_t *row;

		if (!has_message(a))
			continue;
		row = hf_view_posting(a, memory, NULL);
		if (!row || json_object_set_new(row, "account", json_string(a->account->id)) != 0 ||
		    !hf_view_name(row, "poster", matter->known->trust) ||
		    json_array_append(list, row) != 0) {
			json_decref(row);
			return NULL;
		}
		json_decref(row);
	}
	return list ? json_incref(list) : NULL;
}

static int64_t version_of(const json_t *sites)
{
	hf_auto_free char *text = NULL;
	unsigned char hash[EVP_MAX_MD_SIZE];
	size_t len = 0;
	int64_t version = 0;

	if (hf_json_bytes(sites, &text, &len) != HF_OK || EVP_Digest(text, len, hash, NULL, EVP_sha256(), NULL) != 1)
		return 0;
	for (size_t i = 0; i < VERSION_BYTES; i++)
		version = version << 8 | hash[i];
	return version;
}

static bool put_member(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

json_t *hf_sites_make(const struct hf_case *matter, const struct hf_memory *memory, const struct hf_plan *plan,
		      hf_user uid, const struct hf_pair *who)
{
	hf_auto_json json_t *blocks = blocks_of(matter->known->reg, plan, uid);
	hf_auto_json json_t *sites = NULL;
	struct words words = {.title = "", .why = "", .contact = ""};
	bool locked = blocks && json_array_size(blocks) > 0;
	int64_t version;

	if (locked)
		words_of(matter, who, &words);
	sites = json_pack("{s:b, s:O?, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "locked", locked, "blocks", blocks,
			  "exercise", 0, "title", words.title, "why", words.why, "contact", words.contact, "since",
			  words.since, "until", words.until, "council", matter->known->council, "device",
			  matter->known->device);
	version = sites ? version_of(sites) : 0;
	if (!blocks || version == 0 || !put_member(sites, "version", json_integer(version)) ||
	    !put_member(sites, "messages", locked && memory ? messages_of(matter, memory, who) : json_array()))
		return NULL;
	return json_incref(sites);
}

int64_t hf_sites_version(const json_t *sites)
{
	return json_integer_value(json_object_get(sites, "version"));
}

static bool host_is_within(const char *host, const char *address)
{
	size_t h = strlen(host), a = strlen(address);

	return h >= a && strcmp(host + h - a, address) == 0 && (h == a || host[h - a - 1] == '.');
}

const struct hf_block *hf_sites_tool(const struct hf_plan *plan, const char *host)
{
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_strs *addresses = plan->blocks[i].addresses;

		for (size_t j = 0; j < addresses->n; j++) {
			if (host_is_within(host, addresses->v[j]))
				return &plan->blocks[i];
		}
	}
	return NULL;
}
