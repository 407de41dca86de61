/* SPDX-License-Identifier: MIT */
/*
 * Owns for one person on one device, which tools and accounts are open, guarded or blocked, and why.
 * Must never open anything that a hold keeps shut, or let an exercise shut anything.
 *
 * The law
 *  1. Policy D9.1-9.2: in an emergency only the designated officers post; everybody else's posting tools are shut on
 *     every device in scope. Whoever the order exempts is open in that lockdown alone.
 *  2. Policy D9.3: one named poster per account may post the one holding message: a pass opens that account's platform
 *     for that person on this device, and nothing else. Account holders are asked: who does not hold it now is no poster.
 *  3. Policy D10: before an election instructions are read and acknowledged before the tools open (guard).
 *  4. Policy D2.3, D2.9: a lockdown of named accounts bears on the people who hold one of them now.
 *  5. Holds stack and the strongest wins. An exercise never lowers or raises anything. State lost after enrolment:
 *     everything is blocked, but for the designated officer (D9.1), who is never blocked for that alone. Somebody whose
 *     share of orders is full (order_shares.c): everything is blocked for everybody.
 *  6. Two officers of different sides may open one device that nobody hears (break-glass): that is an exception on this
 *     device and ends nothing. It is no stronger than what 5 says of a loss.
 *
 * How we read it
 *  2: a tool that serves several platforms is open by passes only if each platform for which it is shut has one.
 *  3: what is read is a text: who has acknowledged the text that a body of this lockdown has, need not read it again
 *  after an amendment that leaves it as it was. Another text, or the same in another lockdown, is read by itself. If
 *  the digest of a text cannot be made, it counts as not read.
 *  4: a tool that serves several platforms is shut as a whole. "Now" follows the rule for ends: a holder's access has
 *  ended only when both clocks are past it, or a clock set forward would open; what a holder may do more than others
 *  (`holder`) ends with the first of the two. An account that the register here does not name has holders that are
 *  not known here: then it bears on everybody.
 *  5: either is stronger than a pass, an exemption and an acknowledgement. A designated officer is who may raise an
 *  emergency by the trust on the device, and holds an account by its register: warning the public must not wait for a
 *  disk. What is known to hold binds them as ever.
 *  1-3: whose login it is counts only as far as two have said so (versions.c); what one said can only shut.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/posture.h>

/* What the question is about. */
struct view {
	const struct hf_register *reg;
	const struct hf_versions *versions;
	const struct hf_facts *facts;
	const struct hf_pair *who;
	const char *person; /* NULL: anybody else */
	bool counts;	    /* exemption and posting window are this person's here */
	struct hf_pairs pairs; /* all of the device */
	struct hf_wall first, last; /* the earlier and the later of the two clocks */
};

bool hf_pair_exempt(const struct hf_pair *who, const struct hf_body *body)
{
	return who && who->counts && hf_strs_has(&body->exempt, who->person);
}

bool hf_pair_posts(const struct hf_pair *who, const struct hf_holding *holding)
{
	return who && who->counts && strcmp(holding->poster, who->person) == 0;
}

/* Whoever has this login and read the text did so for all who share it. */
static bool reads_for(const struct view *view, const char *reader)
{
	if (view->who && view->who->speaks && strcmp(view->who->person, reader) == 0)
		return true;
	for (size_t i = 0; view->who && i < view->pairs.n; i++) {
		const struct hf_pair *pair = &view->pairs.v[i];

		if (pair->speaks && strcmp(pair->user, view->who->user) == 0 && strcmp(pair->person, reader) == 0)
			return true;
	}
	return false;
}

static bool has_acknowledged(const struct hf_lockdown *lockdown, const struct hf_digest *text, const struct view *view)
{
	for (size_t i = 0; view->who && i < view->facts->n_acks; i++) {
		const struct hf_ack *ack = &view->facts->acks[i];

		if (hf_digest_cmp(&ack->lockdown, &lockdown->id) == 0 && hf_digest_cmp(&ack->text, text) == 0 &&
		    reads_for(view, ack->person))
			return true;
	}
	return false;
}

static void fill_hold(const struct hf_lockdown *lockdown, const struct hf_heard *body, const struct view *view,
		      struct hf_hold *hold)
{
	const struct hf_order *order = body->order;

	hold->lockdown = lockdown;
	hold->body = body;
	hold->exercise = order->mode == HF_MODE_EXERCISE;
	hold->exempt = hf_pair_exempt(view->who, &order->body);
	hold->to_read = order->body.level == HF_LEVEL_GUARD && !hold->exempt;
	if (hf_instructions_digest(order->body.instructions, &hold->text) == HF_OK && hold->to_read)
		hold->to_read = !has_acknowledged(lockdown, &hold->text, view);
	hold->level = order->body.level;
	if (hold->exercise || hold->exempt || (order->body.level == HF_LEVEL_GUARD && !hold->to_read))
		hold->level = HF_LEVEL_OPEN;
}

static void collect_holds(const struct hf_lockdowns *lockdowns, const struct view *view, enum hf_mode mode,
			  struct hf_posture *posture)
{
	for (size_t i = 0; i < lockdowns->n; i++) {
		const struct hf_lockdown *lockdown = &lockdowns->v[i];

		for (size_t k = 0; k < lockdown->n_bodies; k++) {
			const struct hf_order *order = lockdown->bodies[k]->order;

			if (lockdown->phases[k] != HF_PHASE_IN_FORCE || order->mode != mode)
				continue;
			if (hf_versions_in(view->versions, &order->body.groups))
				fill_hold(lockdown, lockdown->bodies[k], view, &posture->holds[posture->n_holds++]);
		}
	}
}

static bool is_mine(const struct hf_pass *pass, const struct view *view)
{
	return view->counts && strcmp(pass->person, view->person) == 0;
}

static bool pass_opens_platform(const char *platform, const struct view *view)
{
	for (size_t i = 0; i < view->facts->n_passes; i++)
		if (is_mine(&view->facts->passes[i], view) && hf_account_on(view->facts->passes[i].account, platform))
			return true;
	return false;
}

static bool passes_open_tool(const struct hf_tool *tool, const struct view *view)
{
	for (size_t i = 0; i < tool->platforms.n; i++)
		if (!pass_opens_platform(tool->platforms.v[i], view))
			return false;
	return tool->platforms.n > 0;
}

static bool bears_by_account(const char *id, const struct hf_tool *tool, const struct view *view)
{
	const struct hf_account *account;
	bool serves = false;

	for (size_t i = 0; i < tool->platforms.n && !serves; i++)
		serves = hf_account_on(id, tool->platforms.v[i]) && !pass_opens_platform(tool->platforms.v[i], view);
	if (!serves)
		return false;
	account = hf_register_account(view->reg, id);
	if (!account || view->pairs.over)
		return true;
	return view->person && hf_account_held_by(account, view->person, view->first);
}

static bool bears_on_tool(const struct hf_hold *hold, const struct hf_tool *tool, const struct view *view)
{
	const struct hf_strs *accounts = &hold->body->order->body.accounts;

	if (hf_strs_has(accounts, "*"))
		return !passes_open_tool(tool, view);
	for (size_t i = 0; i < accounts->n; i++)
		if (bears_by_account(accounts->v[i], tool, view))
			return true;
	return false;
}

static bool pass_opens_account(const char *account, const struct view *view)
{
	for (size_t i = 0; i < view->facts->n_passes; i++)
		if (is_mine(&view->facts->passes[i], view) && strcmp(view->facts->passes[i].account, account) == 0)
			return true;
	return false;
}

static const struct hf_hold *stronger(const struct hf_hold *a, const struct hf_hold *b)
{
	return a && a->level >= b->level ? a : b;
}

/* Nothing that any order says can open anything. */
static bool shut_whole(const struct hf_posture *posture)
{
	return (posture->unknown && !posture->spared) || posture->over;
}

static void judge_tool(const struct hf_posture *posture, const struct view *view, struct hf_tool_posture *tool)
{
	const struct hf_hold *why = NULL;

	if (shut_whole(posture)) {
		tool->level = HF_LEVEL_BLOCK;
		return;
	}
	if (view->facts->glass)
		return;
	for (size_t i = 0; i < posture->n_holds; i++)
		if (posture->holds[i].level > HF_LEVEL_OPEN && bears_on_tool(&posture->holds[i], tool->tool, view))
			why = stronger(why, &posture->holds[i]);
	if (!why)
		return;
	tool->level = why->level;
	tool->why = why;
}

/* Of live holds the one with the strongest order, even if it does not bind this person; else of an exercise. */
static void find_holding(const struct hf_posture *posture, const struct view *view, struct hf_account_posture *account)
{
	for (size_t i = 0; i < posture->n_holds; i++) {
		const struct hf_hold *hold = &posture->holds[i], *best = account->holding_of;
		const struct hf_holding *holding = hf_order_holding(hold->body->order, account->account->id);

		if (!holding)
			continue;
		if (best && (hold->exercise != best->exercise ||
			     best->body->order->body.level >= hold->body->order->body.level))
			continue;
		account->holding = holding;
		account->holding_of = hold;
	}
	if (account->holding)
		account->poster = account->holder && hf_pair_posts(view->who, account->holding);
}

static void judge_account(const struct hf_posture *posture, const struct view *view, struct hf_account_posture *account)
{
	const struct hf_hold *why = NULL;
	const char *id = account->account->id;

	account->holder = view->person && hf_account_held_by(account->account, view->person, view->last);
	find_holding(posture, view, account);
	if (shut_whole(posture)) {
		account->level = HF_LEVEL_BLOCK;
		return;
	}
	if (view->facts->glass)
		return;
	for (size_t i = 0; i < posture->n_holds; i++)
		if (posture->holds[i].level > HF_LEVEL_OPEN &&
		    hf_strs_covers(&posture->holds[i].body->order->body.accounts, id))
			why = stronger(why, &posture->holds[i]);
	if (!why || pass_opens_account(id, view))
		return;
	account->level = why->level;
	account->why = why;
}

static void *array_of(size_t n, size_t size, bool *failed)
{
	void *v = n > 0 ? calloc(n, size) : NULL;

	*failed |= n > 0 && !v;
	return v;
}

static enum hf_rc make_posture_room(const struct hf_lockdowns *lockdowns, const struct hf_register *reg,
				    struct hf_posture *posture)
{
	bool failed = false;
	size_t n_bodies = 0;

	posture->n_tools = reg ? reg->n_tools : 0;
	posture->n_accounts = reg ? reg->n_accounts : 0;
	for (size_t i = 0; i < lockdowns->n; i++)
		n_bodies += lockdowns->v[i].n_bodies;
	posture->holds = array_of(n_bodies, sizeof(posture->holds[0]), &failed);
	posture->tools = array_of(posture->n_tools, sizeof(posture->tools[0]), &failed);
	posture->accounts = array_of(posture->n_accounts, sizeof(posture->accounts[0]), &failed);
	return failed ? HF_E_MEMORY : HF_OK;
}

static void judge_all(const struct view *view, struct hf_posture *posture)
{
	posture->level = shut_whole(posture) ? HF_LEVEL_BLOCK : HF_LEVEL_OPEN;
	for (size_t i = 0; i < posture->n_tools; i++) {
		posture->tools[i].tool = &view->reg->tools[i];
		judge_tool(posture, view, &posture->tools[i]);
		if (posture->tools[i].level > posture->level)
			posture->level = posture->tools[i].level;
	}
	for (size_t i = 0; i < posture->n_accounts; i++) {
		posture->accounts[i].account = &view->reg->accounts[i];
		judge_account(posture, view, &posture->accounts[i]);
	}
}

bool hf_officer_designated(const struct hf_trust *trust, const struct hf_register *reg, const struct hf_pair *who,
			   struct hf_wall now)
{
	const char *person = who && who->approved && who->counts ? who->person : NULL;
	const struct hf_person *officer = trust && person ? hf_trust_person(trust, person) : NULL;
	const struct hf_rule *rule = officer ? hf_trust_rule(trust, HF_RULE_EMERGENCY, HF_RULE_RAISE) : NULL;
	bool may = false, holds = false;

	for (size_t i = 0; rule && i < officer->roles.n; i++)
		may = may || hf_strs_has(&rule->roles, officer->roles.v[i]);
	for (size_t i = 0; may && reg && i < reg->n_accounts; i++)
		holds = holds || hf_account_held_by(&reg->accounts[i], person, now);
	return holds;
}

enum hf_rc hf_posture_of(const struct hf_posture_ask *ask, struct hf_posture *ret_posture, struct hf_err *err)
{
	const struct hf_now now = ask->now;
	const bool local_first = now.local.s < now.issued.s;
	struct view view = {.reg = ask->reg,
				  .versions = ask->versions,
				  .facts = ask->facts,
				  .who = ask->who,
				  .person = ask->who ? ask->who->person : NULL,
				  .counts = ask->who && ask->who->counts,
				  .first = local_first ? now.local : now.issued,
				  .last = local_first ? now.issued : now.local};
	hf_auto_posture struct hf_posture posture = {0};

	hf_versions_pairs(ask->versions, &view.pairs);
	if (make_posture_room(ask->lockdowns, ask->reg, &posture) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory to work out what is open.");
	posture.unknown = ask->facts->unknown;
	posture.over = ask->lockdowns->n_over > 0;
	posture.spared = posture.unknown &&
			 hf_officer_designated(ask->facts->trust, ask->reg, ask->who, view.last);
	collect_holds(ask->lockdowns, &view, HF_MODE_LIVE, &posture);
	collect_holds(ask->lockdowns, &view, HF_MODE_EXERCISE, &posture);
	judge_all(&view, &posture);
	*ret_posture = posture;
	memset(&posture, 0, sizeof(posture));
	return HF_OK;
}

void hf_posture_done(struct hf_posture *posture)
{
	free(posture->holds);
	free(posture->tools);
	free(posture->accounts);
	memset(posture, 0, sizeof(*posture));
}
