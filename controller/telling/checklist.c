/* SPDX-License-Identifier: MIT */
/*
 * Owns which items a checklist has.
 * Must never ask for a scheduler to be resumed while a live lockdown shuts its account.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/telling/checklist.h"

#define CHECK_NAME(code, name) name,
static const char *const check_names[] = {HF_CHECK_LIST(CHECK_NAME)};

const char *hf_check_what_name(enum hf_check_what what)
{
	return what < HF_CHECK_WHAT_COUNT ? check_names[what] : "?";
}

void hf_check_item_id(const struct hf_lockdown *lockdown, enum hf_check_what what, const char *whose,
		      char id[HF_CHECK_ID_SIZE])
{
	char hex[HF_DIGEST_HEX_SIZE], text[HF_DIGEST_HEX_SIZE + 200];
	struct hf_digest hash = {{0}};
	if (hf_str_printf(text, sizeof(text), "holdfast-check\n%s\n%s\n%s\n", hf_digest_hex(&lockdown->id, hex),
			  hf_check_what_name(what), whose) != HF_OK)
		text[0] = '\0';
	/* Of SHA-256 alone: without memory an item has an id that nobody asks for. */
	(void)!hf_instructions_digest(text, &hash);
	hf_hex_encode(hash.b, (HF_CHECK_ID_SIZE - 1) / 2, id);
}

static bool is_live(const struct hf_lockdown *lockdown)
{
	return lockdown->raise->order->mode == HF_MODE_LIVE;
}

static bool is_over(const struct hf_lockdown *lockdown)
{
	return lockdown->phase == HF_PHASE_RELEASED || lockdown->phase == HF_PHASE_OVER;
}

/* By what is in force of it; of one that has ended by all that it ever shut. */
static bool shuts(const struct hf_lockdown *lockdown, const char *account)
{
	if (is_over(lockdown) && hf_strs_covers(&lockdown->raise->order->body.accounts, account))
		return true;
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		if ((lockdown->phases[i] == HF_PHASE_IN_FORCE || is_over(lockdown)) &&
		    hf_strs_covers(&lockdown->bodies[i]->order->body.accounts, account))
			return true;
	return false;
}

static struct hf_wall end_of(const struct hf_lockdown *lockdown)
{
	struct hf_wall end = {0};
	if (lockdown->release)
		return lockdown->release->order->at;
	for (size_t i = 0; i < lockdown->n_bodies; i++)
		if (lockdown->bodies[i]->order->body.until.s > end.s)
			end = lockdown->bodies[i]->order->body.until;
	return end;
}

static bool is_shut_by_another(const struct hf_check_ask *ask, const char *account)
{
	for (size_t i = 0; i < ask->lockdowns->n; i++) {
		const struct hf_lockdown *one = &ask->lockdowns->v[i];
		if (one->phase == HF_PHASE_IN_FORCE && is_live(one) && shuts(one, account))
			return true;
	}
	return false;
}

static enum hf_rc add_item(const struct hf_check_ask *ask, struct hf_check_item item, struct hf_checklist *ret)
{
	hf_check_item_id(item.lockdown, item.what, item.standing ? item.standing->id : item.account, item.id);
	item.entry = hf_check_book_find(ask->book, item.id);
	if (hf_rows_reserve(&ret->v, &ret->room, ret->n + 1, sizeof(*ret->v)) != HF_OK)
		return HF_E_MEMORY;
	ret->v[ret->n++] = item;
	return HF_OK;
}

/* Where it was ticked as paused; or lately, for somebody may have paused it and said nothing. One that goes on may have let
 * the account go. */
static bool wants_resume(const struct hf_check_ask *ask, const struct hf_lockdown *lockdown, const char *account)
{
	char paused[HF_CHECK_ID_SIZE];
	const struct hf_check_entry *entry;
	hf_check_item_id(lockdown, HF_CHECK_PAUSE, account, paused);
	entry = hf_check_book_find(ask->book, paused);
	if (entry && entry->done)
		return true;
	return is_over(lockdown) && shuts(lockdown, account) && ask->now.s - end_of(lockdown).s <= HF_CHECK_AFTER_S;
}

/* The last lockdown that had it paused. */
static const struct hf_lockdown *last_that_paused(const struct hf_check_ask *ask, const char *account)
{
	const struct hf_lockdown *last = NULL;
	for (size_t i = 0; i < ask->lockdowns->n; i++) {
		const struct hf_lockdown *one = &ask->lockdowns->v[i];
		if (is_live(one) && wants_resume(ask, one, account) && (!last || end_of(one).s > end_of(last).s))
			last = one;
	}
	return last;
}

static bool is_registered(const struct hf_check_ask *ask, const char *account)
{
	return ask->reg && hf_register_account(ask->reg, account);
}

static enum hf_rc add_account_items(const struct hf_check_ask *ask, const struct hf_beside_account *kept,
				    struct hf_checklist *ret)
{
	struct hf_check_item item = {.what = HF_CHECK_PAUSE, .account = kept->account, .scheduler = kept->scheduler};
	enum hf_rc rc = HF_OK;
	if (!kept->scheduler[0] || !is_registered(ask, kept->account))
		return HF_OK;
	for (size_t i = 0; i < ask->lockdowns->n && rc == HF_OK; i++) {
		item.lockdown = &ask->lockdowns->v[i];
		if (item.lockdown->phase == HF_PHASE_IN_FORCE && shuts(item.lockdown, kept->account))
			rc = add_item(ask, item, ret);
	}
	item.lockdown = is_shut_by_another(ask, kept->account) ? NULL : last_that_paused(ask, kept->account);
	item.what = HF_CHECK_RESUME;
	return rc == HF_OK && item.lockdown ? add_item(ask, item, ret) : rc;
}

static enum hf_rc add_standing_items(const struct hf_check_ask *ask, const struct hf_lockdown *lockdown,
				     struct hf_checklist *ret)
{
	bool clear = is_over(lockdown);
	struct hf_check_item item = {.lockdown = lockdown, .account = "", .scheduler = "",
				     .what = clear ? HF_CHECK_CLEAR : HF_CHECK_STANDING};
	enum hf_rc rc = HF_OK;
	if (lockdown->phase == HF_PHASE_SCHEDULED ||
	    (clear && (!is_live(lockdown) || ask->now.s - end_of(lockdown).s > HF_CHECK_AFTER_S)))
		return HF_OK;
	for (size_t i = 0; i < ask->standing->n && rc == HF_OK; i++) {
		item.standing = &ask->standing->v[i];
		if (hf_standing_is_of(item.standing, lockdown->raise->order->kind, clear))
			rc = add_item(ask, item, ret);
	}
	return rc;
}

static int by_lockdown(const void *a, const void *b)
{
	const struct hf_check_item *x = a, *y = b;
	if (is_over(x->lockdown) != is_over(y->lockdown))
		return is_over(x->lockdown) - is_over(y->lockdown);
	if (x->lockdown != y->lockdown)
		return hf_digest_cmp(&x->lockdown->id, &y->lockdown->id);
	if (x->what != y->what)
		return (int)x->what - (int)y->what;
	if (x->standing)
		return (x->standing > y->standing) - (x->standing < y->standing);
	return strcmp(x->account, y->account);
}

enum hf_rc hf_checklist_make(const struct hf_check_ask *ask, struct hf_checklist *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < ask->beside->n && rc == HF_OK; i++)
		rc = add_account_items(ask, &ask->beside->v[i], ret);
	for (size_t i = 0; i < ask->lockdowns->n && rc == HF_OK; i++)
		rc = add_standing_items(ask, &ask->lockdowns->v[i], ret);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_lockdown);
	return rc;
}

const struct hf_check_item *hf_checklist_find(const struct hf_checklist *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].id, id) == 0)
			return &list->v[i];
	return NULL;
}

bool hf_check_is_open(const struct hf_check_item *item)
{
	return !item->entry || !item->entry->done;
}

void hf_checklist_open(const struct hf_checklist *list, size_t *ret_live, size_t *ret_exercise)
{
	*ret_live = *ret_exercise = 0;
	for (size_t i = 0; i < list->n; i++)
		if (hf_check_is_open(&list->v[i]))
			(*(is_live(list->v[i].lockdown) ? ret_live : ret_exercise))++;
}

void hf_checklist_done(struct hf_checklist *list)
{
	free(list->v);
	*list = (struct hf_checklist){0};
}
