/* SPDX-License-Identifier: MIT */
/*
 * Owns what of accounts and people must be looked at (policy D2.9).
 * Must never leave out what is not kept: of an account without a word nobody has looked at anything.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "controller/telling/review.h"

#define DAY_S 86400
#define YEAR_DAYS 365

#define REVIEW_NAME(code, name) name,
static const char *const review_names[] = {HF_REVIEW_LIST(REVIEW_NAME)};

const char *hf_review_name(enum hf_review why)
{
	return why < HF_REVIEW_COUNT ? review_names[why] : "?";
}

static enum hf_rc add_review(struct hf_reviews *ret, struct hf_review_row row)
{
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].why == row.why && strcmp(ret->v[i].of, row.of) == 0)
			return HF_OK;
	if (hf_rows_reserve(&ret->v, &ret->room, ret->n + 1, sizeof(*ret->v)) != HF_OK)
		return HF_E_MEMORY;
	ret->v[ret->n++] = row;
	return HF_OK;
}

static bool is_old(const char *reviewed, struct hf_wall now)
{
	struct hf_day day;
	return hf_day_parse(reviewed, &day) != HF_OK || now.s / DAY_S - day.n > YEAR_DAYS;
}

static size_t holders_now(const struct hf_account *account, struct hf_wall now)
{
	size_t n = 0;
	for (size_t i = 0; i < account->n_holders; i++)
		n += hf_account_held_by(account, account->holders[i].person, now);
	return n;
}

static enum hf_rc review_account(const struct hf_account *account, const struct hf_beside_account *kept,
				 struct hf_wall now, struct hf_reviews *ret)
{
	const char *reviewed = kept ? kept->reviewed : "";
	size_t outside = kept ? kept->admins.n : 0, n = holders_now(account, now) + outside;
	enum hf_rc rc = HF_OK;
	if (is_old(reviewed, now))
		rc = add_review(ret, (struct hf_review_row){HF_REVIEW_OLD, account->id, reviewed, n});
	if (rc == HF_OK && n > HF_REVIEW_ADMINS)
		rc = add_review(ret, (struct hf_review_row){HF_REVIEW_CROWDED, account->id, reviewed, n});
	if (rc == HF_OK && outside > 0)
		rc = add_review(ret, (struct hf_review_row){HF_REVIEW_OUTSIDE, account->id, reviewed, outside});
	return rc;
}

static enum hf_rc review_person(const struct hf_beside *beside, const char *person, struct hf_reviews *ret)
{
	const struct hf_beside_person *kept = hf_beside_person(beside, person);
	enum hf_rc rc = HF_OK;
	if (!kept || !kept->statement[0])
		rc = add_review(ret, (struct hf_review_row){HF_REVIEW_STATEMENT, person, "", 0});
	if (rc == HF_OK && (!kept || !kept->trained[0]))
		rc = add_review(ret, (struct hf_review_row){HF_REVIEW_TRAINING, person, "", 0});
	return rc;
}

static int by_why(const void *a, const void *b)
{
	const struct hf_review_row *x = a, *y = b;
	return x->why != y->why ? (int)x->why - (int)y->why : strcmp(x->of, y->of);
}

enum hf_rc hf_review_find(const struct hf_register *reg, const struct hf_beside *beside, struct hf_wall now,
			  struct hf_reviews *ret)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; i < reg->n_accounts && rc == HF_OK; i++) {
		const struct hf_account *account = &reg->accounts[i];
		rc = review_account(account, hf_beside_find(beside, account->id), now, ret);
		for (size_t h = 0; h < account->n_holders && rc == HF_OK; h++)
			if (hf_account_held_by(account, account->holders[h].person, now))
				rc = review_person(beside, account->holders[h].person, ret);
	}
	for (size_t i = 0; i < beside->n && rc == HF_OK; i++)
		if (!hf_register_account(reg, beside->v[i].account))
			rc = add_review(ret, (struct hf_review_row){HF_REVIEW_STRAY, beside->v[i].account, "", 0});
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_why);
	return rc;
}

void hf_reviews_done(struct hf_reviews *reviews)
{
	free(reviews->v);
	*reviews = (struct hf_reviews){0};
}
