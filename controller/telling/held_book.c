/* SPDX-License-Identifier: MIT */
/*
 * Owns which posts we took out of their schedulers, by the entries of the journal.
 * Must never say of a post that we held it when somebody else did: it would be put back.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/telling/held_book.h"

bool hf_held_post_ok(const char *post)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t len = strlen(post);
	return len > 0 && len < HF_HELD_POST_SIZE && strspn(post, plain) == len;
}

static struct hf_held_account *find_account(const struct hf_held_book *book, const char *account)
{
	for (size_t i = 0; i < book->n_accounts; i++)
		if (strcmp(book->accounts[i].account, account) == 0)
			return &book->accounts[i];
	return NULL;
}

const struct hf_held_account *hf_held_book_of(const struct hf_held_book *book, const char *account)
{
	return find_account(book, account);
}

static size_t place_of_post(const struct hf_held_book *book, const char *account, const char *post)
{
	size_t i = 0;
	while (i < book->n && (strcmp(book->v[i].post, post) != 0 || strcmp(book->v[i].account, account) != 0))
		i++;
	return i;
}

bool hf_held_book_has(const struct hf_held_book *book, const char *account, const char *post)
{
	return place_of_post(book, account, post) < book->n;
}

static enum hf_rc make_account(struct hf_held_book *book, const char *account, struct hf_held_account **ret)
{
	char *copy;
	*ret = find_account(book, account);
	if (*ret)
		return HF_OK;
	if (hf_rows_reserve(&book->accounts, &book->accounts_room, book->n_accounts + 1, sizeof(*book->accounts)) != HF_OK)
		return HF_E_MEMORY;
	copy = strdup(account);
	if (!copy)
		return HF_E_MEMORY;
	*ret = &book->accounts[book->n_accounts++];
	**ret = (struct hf_held_account){.account = copy};
	return HF_OK;
}

static enum hf_rc hold_post(struct hf_held_book *book, const char *account, const char *post)
{
	struct hf_held_account *of = NULL;
	enum hf_rc rc;
	if (hf_held_book_has(book, account, post))
		return HF_OK;
	if (book->n == HF_HELD_MAX)
		return HF_E_SIZE;
	rc = make_account(book, account, &of);
	if (rc == HF_OK)
		rc = hf_rows_reserve(&book->v, &book->room, book->n + 1, sizeof(*book->v));
	if (rc != HF_OK)
		return rc;
	book->v[book->n].account = of->account;
	rc = hf_str_copy(book->v[book->n].post, HF_HELD_POST_SIZE, post);
	if (rc != HF_OK)
		return rc;
	book->n++;
	if (of->held++ == 0)
		of->back = of->left = 0;
	return HF_OK;
}

static void free_post(struct hf_held_book *book, const char *account, const char *post, bool back)
{
	struct hf_held_account *of = find_account(book, account);
	size_t at = place_of_post(book, account, post);
	if (!of || at == book->n)
		return;
	book->v[at] = book->v[--book->n];
	of->held--;
	of->back += back;
	of->left += !back;
}

enum hf_rc hf_held_book_put(struct hf_held_book *book, const json_t *entry, struct hf_err *err)
{
	const char *act = json_string_value(json_object_get(entry, "act"));
	const char *account = json_string_value(json_object_get(entry, "account"));
	const char *as = json_string_value(json_object_get(entry, "as"));
	bool hold = act && strcmp(act, "hold") == 0;
	const json_t *one;
	size_t i;
	enum hf_rc rc = HF_OK;
	if (!act || (!hold && strcmp(act, "free") != 0))
		return HF_OK;
	if (!account || (!hold && !as))
		return hf_err_set(err, HF_E_SHAPE, "the record of a scheduler's posts names no account");
	json_array_foreach(json_object_get(entry, "posts"), i, one)
	{
		const char *post = json_string_value(one);
		if (!post || !hf_held_post_ok(post))
			return hf_err_set(err, HF_E_SHAPE, "the record of a scheduler's posts names one that cannot be");
		if (hold && rc == HF_OK)
			rc = hold_post(book, account, post);
		else if (!hold)
			free_post(book, account, post, strcmp(as, "scheduled") == 0);
	}
	return rc == HF_OK ? rc : hf_err_set(err, rc, "there is no room for the posts that are held");
}

void hf_held_book_done(struct hf_held_book *book)
{
	for (size_t i = 0; i < book->n_accounts; i++)
		free(book->accounts[i].account);
	free(book->accounts);
	free(book->v);
	*book = (struct hf_held_book){0};
}
