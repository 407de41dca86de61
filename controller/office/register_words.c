/* SPDX-License-Identifier: MIT */
/*
 * Owns the register in plain English: what it has, what changes against the one in force, and what that opens or shuts.
 * Must never leave out what a signature would make true.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/text.h>

#include "controller/office/register_change.h"
#include "controller/office/register_draft.h"
#include "controller/office/register_words.h"
#include "controller/office/shared_program.h"

static void say_changed(const struct hf_words *words, const char *what, const char *id, const char *change)
{
	hf_words_line(words, "%s %s: %s.", what, id, change);
}

static void say_holders(const struct hf_words *words, const struct hf_account *account)
{
	char until[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	hf_words_begin(words);
	fprintf(words->out, hf_text("Account %s (%s) is held by "), account->id, hf_account_kind_name(account->kind));
	for (size_t i = 0; i < account->n_holders; i++) {
		fprintf(words->out, "%s%s", i ? ", " : "", hf_words_who(words, account->holders[i].person, who));
		if (account->holders[i].until.s != 0)
			fprintf(words->out, hf_text(" until %s"), hf_london_text(account->holders[i].until, until));
	}
	fputs(account->n_holders ? ".\n" : hf_text("nobody.\n"), words->out);
}

static void say_tool(const struct hf_words *words, const struct hf_tool *one)
{
	hf_words_begin(words);
	fprintf(words->out, hf_text("Tool %s (%s) posts to "), one->id, one->name);
	hf_words_strs(words->out, &one->platforms);
	if (one->addresses.n > 0) {
		fputs(hf_text("; addresses "), words->out);
		hf_words_strs(words->out, &one->addresses);
	}
	if (one->dedicated.n > 0) {
		fputs(hf_text("; shut altogether on the network "), words->out);
		hf_words_strs(words->out, &one->dedicated);
	}
	if (one->programs.n > 0) {
		fputs(hf_text("; programs "), words->out);
		hf_words_strs(words->out, &one->programs);
	}
	fputs(".\n", words->out);
}

/* Accounts -------------------------------------------------------------------------------------------------------- */

static void say_withdrawn_from(const struct hf_words *words, const struct hf_holder *holder)
{
	char who[HF_PERSON_TEXT_SIZE];

	hf_words_line(words,
		      "  %s holds it NO MORE: no device shows them its text, opens a posting window of it or says that they "
		      "hold it, and a lockdown that names it does not shut its tools for them. Take their access away at the "
		      "platform, too.",
		      hf_words_who(words, holder->person, who));
}

static void say_holder_new(const struct hf_words *words, const struct hf_holder *holder)
{
	char until[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	if (holder->until.s != 0)
		hf_words_line(words,
			      "  %s holds it until %s: they may be asked to post its holding message, and a lockdown that names "
			      "it shuts its tools for them.",
			      hf_words_who(words, holder->person, who), hf_london_text(holder->until, until));
	else
		hf_words_line(words,
			      "  %s holds it, without an end: they may be asked to post its holding message, and a lockdown that "
			      "names it shuts its tools for them.",
			      hf_words_who(words, holder->person, who));
}

static void say_holder_changes(const struct hf_words *words, const struct hf_account *was, const struct hf_account *is)
{
	char before[HF_WALL_TEXT_SIZE], now[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	for (size_t i = 0; was && i < was->n_holders; i++)
		if (!hf_account_holder(is, was->holders[i].person))
			say_withdrawn_from(words, &was->holders[i]);
	for (size_t i = 0; i < is->n_holders; i++) {
		const struct hf_holder *held = hf_account_holder(was, is->holders[i].person);

		if (!held)
			say_holder_new(words, &is->holders[i]);
		else if (held->until.s != is->holders[i].until.s)
			hf_words_line(words, "  %s holds it until %s; before: until %s.",
				      hf_words_who(words, held->person, who),
				      hf_london_text(is->holders[i].until, now), hf_london_text(held->until, before));
	}
}

static void say_account_gone(const struct hf_words *words, const struct hf_account *was)
{
	say_changed(words, hf_text("Account"), was->id, hf_text("is TAKEN OUT"));
	hf_words_line(words,
		      "  Nobody holds it any more: no text, no posting window. A lockdown of every account shuts its platform as "
		      "before; one that names it shuts its platform for everybody.");
}

static void say_account_changes(const struct hf_words *words, const struct hf_register *reg,
				const struct hf_register *held)
{
	for (size_t i = 0; held && i < held->n_accounts; i++)
		if (!hf_register_account(reg, held->accounts[i].id))
			say_account_gone(words, &held->accounts[i]);
	for (size_t i = 0; i < reg->n_accounts; i++) {
		const struct hf_account *is = &reg->accounts[i];
		const struct hf_account *was = held ? hf_register_account(held, is->id) : NULL;

		if (was && hf_account_same(was, is))
			continue;
		if (held)
			say_changed(words, hf_text("Account"), is->id, was ? hf_text("is changed") : hf_text("is new"));
		say_holders(words, is);
		if (was && was->kind != is->kind)
			hf_words_line(words, "  It was %s.", hf_account_kind_name(was->kind));
		if (held)
			say_holder_changes(words, was, is);
	}
}

/* Tools ----------------------------------------------------------------------------------------------------------- */

static void say_not_in(const struct hf_words *words, const struct hf_strs *some, const struct hf_strs *others,
		       const char *before)
{
	size_t n = 0, i = 0;

	for (size_t k = 0; k < some->n; k++)
		n += !hf_strs_has(others, some->v[k]);
	if (n == 0)
		return;
	hf_words_begin(words);
	fputs(before, words->out);
	for (size_t k = 0; k < some->n; k++)
		if (!hf_strs_has(others, some->v[k]))
			hf_words_item(words->out, i++, n, some->v[k]);
	fputs(".\n", words->out);
}

static void say_list_change(const struct hf_words *words, const struct hf_strs *was, const struct hf_strs *is)
{
	say_not_in(words, was, is, hf_text("  OPENS, unless another tool has it: "));
	say_not_in(words, is, was, hf_text("  Shut by lockdowns from now on: "));
}

static void say_tool_change(const struct hf_words *words, const struct hf_tool *was, const struct hf_tool *is)
{
	say_not_in(words, &was->platforms, &is->platforms, hf_text("  OPENS, as far as lockdowns name accounts: it posts no more to "));
	say_not_in(words, &is->platforms, &was->platforms, hf_text("  Shut also by lockdowns that name accounts of "));
	say_list_change(words, &was->addresses, &is->addresses);
	say_not_in(words, &was->dedicated, &is->dedicated, hf_text("  No more shut altogether on the network: "));
	say_not_in(words, &is->dedicated, &was->dedicated, hf_text("  Shut altogether on the network from now on: "));
	say_list_change(words, &was->programs, &is->programs);
}

/* What is shut along with it is said before it is signed, and to whoever approves it. */
static void say_shared(const struct hf_words *words, const struct hf_strs *programs, const struct hf_strs *before)
{
	for (size_t i = 0; i < programs->n; i++) {
		const char *path = programs->v[i];

		if (before && hf_strs_has(before, path))
			continue;
		switch (hf_shared_of(path)) {
		case HF_SHARED_NOT:
			break;
		case HF_SHARED_RUNNER:
			hf_words_line(words,
				      "  ATTENTION: %s runs other programs too. While it is shut nothing runs by it for the people "
				      "of a device, whatever it is: name the tool's own file or folder.",
				      path);
			break;
		case HF_SHARED_SYSTEM:
			hf_words_line(words,
				      "  ATTENTION: %s is a program of the system. While it is shut people may not be able to log in "
				      "or to work: name the tool's own file or folder.",
				      path);
			break;
		case HF_SHARED_FOLDER:
			hf_words_line(words,
				      "  ATTENTION: %s has the programs of much other software, and all of it is shut along: name the "
				      "tool's own file or folder.",
				      path);
			break;
		}
	}
}

static void say_tool_changes(const struct hf_words *words, const struct hf_register *reg,
			     const struct hf_register *held)
{
	for (size_t i = 0; held && i < held->n_tools; i++) {
		if (hf_register_tool(reg, held->tools[i].id))
			continue;
		say_changed(words, hf_text("Tool"), held->tools[i].id, hf_text("is TAKEN OUT"));
		hf_words_line(words, "  OPENS: no lockdown shuts it any more, unless another tool has what it has.");
	}
	for (size_t i = 0; i < reg->n_tools; i++) {
		const struct hf_tool *is = &reg->tools[i];
		const struct hf_tool *was = held ? hf_register_tool(held, is->id) : NULL;

		if (was && hf_tool_same(was, is))
			continue;
		if (held)
			say_changed(words, hf_text("Tool"), is->id, was ? hf_text("is changed") : hf_text("is new"));
		say_tool(words, is);
		if (was)
			say_tool_change(words, was, is);
		else if (held)
			hf_words_line(words, "  Lockdowns shut it from now on.");
		say_shared(words, &is->programs, was ? &was->programs : NULL);
	}
}

/* Words ----------------------------------------------------------------------------------------------------------- */

static void say_word_changes(const struct hf_words *words, const struct hf_register *reg,
			     const struct hf_register *held)
{
	for (size_t i = 0; held && i < held->n_words; i++)
		if (!hf_register_has_word(reg, &held->words[i]))
			hf_words_line(words, "The draft check marks \"%s\" (%s) no more.", held->words[i].text,
				      hf_word_kind_name(held->words[i].kind));
	for (size_t i = 0; held && i < reg->n_words; i++)
		if (!hf_register_has_word(held, &reg->words[i]))
			hf_words_line(words, "The draft check marks \"%s\" (%s) from now on.", reg->words[i].text,
				      hf_word_kind_name(reg->words[i].kind));
}

static void say_much_smaller(const struct hf_words *words, const struct hf_register *reg,
			     const struct hf_register *held)
{
	struct hf_register_loss loss;

	hf_register_loss(held, reg, &loss);
	if (hf_register_much_smaller(&loss))
		hf_words_line(words,
			      "ATTENTION: it takes out %zu of %zu accounts, holders, tools, addresses and programs, which is more "
			      "than a fifth.",
			      loss.lost, loss.had);
}

static void say_size(const struct hf_words *words, const struct hf_register *reg)
{
	hf_words_begin(words);
	fprintf(words->out, hf_text_n("It has %zu account", "It has %zu accounts", reg->n_accounts), reg->n_accounts);
	fprintf(words->out, hf_text_n(" and %zu posting tool.\n", " and %zu posting tools.\n", reg->n_tools), reg->n_tools);
}

static void say_against(const struct hf_words *words, const struct hf_register *reg, const struct hf_register *held)
{
	hf_words_line(words, "Against version %lld, which is in force, these are the changes:",
		      (long long)held->version);
	say_much_smaller(words, reg, held);
	if (hf_register_same(reg, held))
		hf_words_line(words, "None: accounts, tools and words are the same.");
}

enum hf_rc hf_words_register(struct hf_words *words, const struct hf_envelope *envelope, struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	const struct hf_register *held = words->view->known.reg;
	bool whole = false;
	enum hf_rc rc = hf_register_shown(words->view, envelope, &reg, &whole, err);

	if (rc != HF_OK)
		return rc;
	hf_words_heading(words, HF_TONE_PLAIN, "REGISTER of %s, version %lld", reg->council, (long long)reg->version);
	if (!whole) {
		hf_words_line(words,
			      "This is part %lld of %lld alone: what it has is below, and nothing of it counts without "
			      "the others.",
			      (long long)reg->place.part, (long long)reg->place.parts);
		held = NULL;
	} else if (reg->place.parts > 1) {
		hf_words_line(words, "It comes in %lld parts, which are one register and are approved together.",
			      (long long)reg->place.parts);
	}
	say_size(words, reg);
	if (held && hf_digest_cmp(&held->digest, &reg->digest) == 0)
		held = NULL;
	if (held)
		say_against(words, reg, held);
	say_account_changes(words, reg, held);
	say_tool_changes(words, reg, held);
	say_word_changes(words, reg, held);
	return HF_OK;
}
