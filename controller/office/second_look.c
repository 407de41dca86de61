/* SPDX-License-Identifier: MIT */
/*
 * Owns which parts of an order are probably slips.
 * Must never stand between an officer and an emergency: it is said, and nothing is refused.
 */
#include "controller/office/second_look.h"

#include <string.h>

#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/utf8.h>

#include "controller/office/times.h"

#define ADDRESS_COUNT 23 /* an address of any length, on X and Mastodon */

/* clang-format off */
static const struct { const char *platform; size_t most; bool weighs, shortens; } PLATFORMS[] = {
	{ "x",         280,  true,  true },
	{ "mastodon",  500,  false, true },
	{ "instagram", 2200, false, false },
	{ "linkedin",  3000, false, false },
};
/* clang-format on */

/* Those that count one on X. */
static size_t weight_of(uint32_t c)
{
	bool light = c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f) ||
		     (c >= 0x2032 && c <= 0x2037);

	return light ? 1 : 2;
}

static size_t address_at(const char *text)
{
	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
		return 0;
	return strcspn(text, " \n\t");
}

static size_t count_of(const char *text, bool weighs, bool shortens)
{
	size_t count = 0;

	while (*text) {
		size_t address = shortens ? address_at(text) : 0;
		uint32_t c = 0;
		size_t len = hf_utf8_read((const uint8_t *)text, strlen(text), &c);

		if (address > 0) {
			count += ADDRESS_COUNT;
			text += address;
			continue;
		}
		count += weighs ? weight_of(c) : 1;
		text += len > 0 ? len : 1;
	}
	return count;
}

bool hf_look_counts(const char *account, const char *text, size_t *ret_count, size_t *ret_most)
{
	for (size_t i = 0; i < HF_LEN(PLATFORMS); i++) {
		if (!hf_account_on(account, PLATFORMS[i].platform))
			continue;
		*ret_count = count_of(text, PLATFORMS[i].weighs, PLATFORMS[i].shortens);
		*ret_most = PLATFORMS[i].most;
		return true;
	}
	return false;
}

/* What is too long for its platform; most 0: it is not. */
struct too_long {
	size_t count, most;
};

static struct too_long too_long(const struct hf_holding *one)
{
	struct too_long found = {0, 0};

	if (!hf_look_counts(one->account, one->text, &found.count, &found.most) || found.count <= found.most)
		found.most = 0;
	return found;
}

/* One text is too long for all accounts of a platform alike. */
static bool is_as_long(const struct hf_body *body, size_t i, size_t k)
{
	struct too_long one = too_long(&body->holding[i]), other = too_long(&body->holding[k]);

	return one.most > 0 && one.most == other.most && one.count == other.count;
}

static void look_at_text(const struct hf_words *words, const struct hf_body *body, size_t first)
{
	struct too_long one = too_long(&body->holding[first]);
	size_t n = 0, i = 0;

	for (size_t k = 0; k < body->n_holding; k++) {
		if (k < first && is_as_long(body, first, k))
			return;
		n += is_as_long(body, first, k);
	}
	if (n == 0)
		return;
	hf_words_begin(words);
	fputs(hf_text("ATTENTION: the message of "), words->out);
	for (size_t k = first; k < body->n_holding; k++)
		if (is_as_long(body, first, k))
			hf_words_item(words->out, i++, n, body->holding[k].account);
	fprintf(words->out, hf_text(" counts about %zu there, and %zu are taken.\n"), one.count, one.most);
}

static void look_at_texts(const struct hf_words *words, const struct hf_body *body)
{
	for (size_t i = 0; i < body->n_holding; i++)
		look_at_text(words, body, i);
}

bool hf_look_is_known(const struct hf_view *view, const char *person)
{
	const struct hf_register *reg = view->known.reg;

	for (size_t i = 0; reg && i < reg->n_accounts; i++)
		for (size_t h = 0; h < reg->accounts[i].n_holders; h++)
			if (strcmp(reg->accounts[i].holders[h].person, person) == 0)
				return true;
	return !reg || hf_trust_person(view->known.trust, person);
}

static void look_at_person(const struct hf_words *words, const char *person)
{
	if (!hf_look_is_known(words->view, person))
		hf_words_line(words, "ATTENTION: neither the trust nor the register knows %s: is the name right?",
			      person);
}

/* Was this poster looked at before, as an exempt person or for another account? */
static bool is_seen(const struct hf_body *body, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(body->holding[k].poster, body->holding[i].poster) == 0)
			return true;
	return hf_strs_has(&body->exempt, body->holding[i].poster);
}

static void look_at_people(const struct hf_words *words, const struct hf_body *body)
{
	for (size_t i = 0; i < body->exempt.n; i++)
		look_at_person(words, body->exempt.v[i]);
	for (size_t i = 0; i < body->n_holding; i++)
		if (!is_seen(body, i))
			look_at_person(words, body->holding[i].poster);
}

static void look_at_groups(const struct hf_words *words, const struct hf_body *body)
{
	for (size_t i = 0; !hf_words_is_all(&body->groups) && i < body->groups.n; i++) {
		const struct hf_strs one = {&body->groups.v[i], 1};
		struct hf_scope scope;

		if (hf_view_scope(words->view, &one, &scope, NULL) == HF_OK && scope.devices == 0)
			hf_words_line(words, "ATTENTION: no device is in the group %s: is the name right?",
				      body->groups.v[i]);
	}
}

static void look_at_time(const struct hf_words *words, const struct hf_body *body)
{
	char text[HF_TIMES_TEXT_SIZE];

	if (body->until.s > 0 && body->until.s <= words->view->now.s)
		hf_words_line(words, "ATTENTION: it ended on %s, which is past: it shuts nothing.",
			      hf_times_text(body->until, text));
}

static bool overlap(const struct hf_strs *a, const struct hf_strs *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (hf_strs_covers(b, a->v[i]))
			return true;
	return hf_words_is_all(a) || hf_words_is_all(b);
}

static bool is_same(const struct hf_order *order, const struct hf_body *body, const struct hf_lockdown *other)
{
	const struct hf_order *raise = other->raise->order;
	const struct hf_body *its = &other->bodies[0]->order->body;
	bool holds = other->phase == HF_PHASE_IN_FORCE || other->phase == HF_PHASE_SCHEDULED;
	bool apart = body->until.s > 0 && its->until.s > 0 &&
		     (body->until.s < its->from.s || its->until.s < body->from.s);

	return holds && !apart && raise->kind == order->kind && raise->mode == order->mode &&
	       hf_digest_cmp(&other->id, &order->digest) != 0 && overlap(&body->accounts, &its->accounts) &&
	       overlap(&body->groups, &its->groups);
}

static void look_at_others(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body)
{
	const struct hf_lockdowns *lockdowns = &words->view->lockdowns;

	for (size_t i = 0; order->act == HF_ACT_RAISE && i < lockdowns->n; i++) {
		const struct hf_lockdown *other = &lockdowns->v[i];
		char id[HF_SHORT_ID + 1];

		if (is_same(order, body, other))
			hf_words_line(words, "ATTENTION: one is %s already, %s: amend that one instead?",
				      other->phase == HF_PHASE_IN_FORCE ? hf_text("in force") : hf_text("planned"),
				      hf_words_short(&other->id, id));
	}
}

void hf_look_words(const struct hf_words *words, const struct hf_order *order, const struct hf_body *body)
{
	if (!words->view->online)
		return;
	look_at_others(words, order, body);
	look_at_time(words, body);
	look_at_texts(words, body);
	look_at_people(words, body);
	look_at_groups(words, body);
}
