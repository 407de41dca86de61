/* SPDX-License-Identifier: MIT */
/*
 * Owns how many accesses at platforms are still to be taken away (policy D2.9).
 * Must never forget one that nobody has confirmed.
 */
#include "controller/leavers.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>
#include <holdfast/sorted.h>

static int by_holding(const void *a, const void *b)
{
	const struct hf_leaver *x = a, *y = b;
	int order = strcmp(x->account, y->account);
	return order ? order : strcmp(x->person, y->person);
}

static bool is_among(const struct hf_leaver_list *list, const struct hf_leaver *one)
{
	size_t i = hf_sorted_place(one, list->v, list->n, sizeof(*one), by_holding);
	return i < list->n && by_holding(one, &list->v[i]) == 0;
}

static enum hf_rc add_holding(struct hf_leaver_list *list, const char *person, const char *account)
{
	struct hf_leaver one = {0};
	if (hf_str_copy(one.person, sizeof(one.person), person) != HF_OK ||
	    hf_str_copy(one.account, sizeof(one.account), account) != HF_OK ||
	    hf_rows_reserve(&list->v, &list->room, list->n + 1, sizeof(one)) != HF_OK)
		return HF_E_MEMORY;
	list->v[list->n++] = one;
	return HF_OK;
}

static enum hf_rc holdings_of(const struct hf_register *reg, struct hf_leaver_list *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < reg->n_accounts; i++)
		for (size_t k = 0; rc == HF_OK && k < reg->accounts[i].n_holders; k++)
			rc = add_holding(ret, reg->accounts[i].holders[k].person, reg->accounts[i].id);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_holding);
	return rc;
}

/* Those that were open, and those that were held; neither if they are held now. */
static enum hf_rc still_open(const struct hf_leavers *book, const struct hf_leaver_list *held, struct hf_leaver_list *ret)
{
	const struct hf_leaver_list *lists[] = {&book->open, &book->held};
	enum hf_rc rc = HF_OK;
	for (size_t l = 0; l < HF_LEN(lists); l++)
		for (size_t i = 0; rc == HF_OK && i < lists[l]->n; i++)
			if (!is_among(held, &lists[l]->v[i]))
				rc = add_holding(ret, lists[l]->v[i].person, lists[l]->v[i].account);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_holding);
	return rc;
}

enum hf_rc hf_leavers_follow(struct hf_leavers *book, const struct hf_register *reg)
{
	struct hf_leaver_list held = {0}, open = {0};
	enum hf_rc rc = HF_OK;
	if (!reg || hf_digest_cmp(&reg->digest, &book->reg) == 0)
		return HF_OK;
	rc = holdings_of(reg, &held);
	if (rc == HF_OK)
		rc = still_open(book, &held, &open);
	if (rc != HF_OK) {
		free(held.v);
		free(open.v);
		return rc;
	}
	hf_leavers_done(book);
	*book = (struct hf_leavers){.reg = reg->digest, .held = held, .open = open};
	return HF_OK;
}

void hf_leavers_gone(struct hf_leavers *book, const char *person, const char *account)
{
	struct hf_leaver one = {0};
	size_t i;
	if (hf_str_copy(one.person, sizeof(one.person), person) != HF_OK ||
	    hf_str_copy(one.account, sizeof(one.account), account) != HF_OK || !is_among(&book->open, &one))
		return;
	i = hf_sorted_place(&one, book->open.v, book->open.n, sizeof(one), by_holding);
	book->open.n--;
	memmove(&book->open.v[i], &book->open.v[i + 1], (book->open.n - i) * sizeof(one));
}

void hf_leavers_done(struct hf_leavers *book)
{
	free(book->held.v);
	free(book->open.v);
	*book = (struct hf_leavers){0};
}
