/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast holder add`, `holder review` and `holder withdraw` (policy D2.3, D2.9).
 * Must never give an end that nobody said.
 */
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"
#include "controller/office/times.h"

struct holder_wishes {
	struct hf_holder_wish one; /* its account is NULL: every one that they hold */
	struct hf_list accounts;
	enum hf_rc (*each)(struct hf_change *change, const struct hf_holder_wish *wish, struct hf_err *err);
};

static enum hf_rc change_each(struct hf_change *change, void *arg, struct hf_err *err)
{
	struct holder_wishes *wishes = arg;
	enum hf_rc rc = HF_OK;

	for (size_t i = 0; rc == HF_OK && i < wishes->accounts.n; i++) {
		wishes->one.account = wishes->accounts.v[i];
		rc = wishes->each(change, &wishes->one, err);
	}
	return rc;
}

static enum hf_rc withdraw_all(struct hf_change *change, void *arg, struct hf_err *err)
{
	size_t n;

	return hf_change_withdraw_all(change, ((const struct holder_wishes *)arg)->one.person, &n, err);
}

/* PERSON ACCOUNT... */
static enum hf_rc wishes_of(const struct hf_args *args, const char *until, struct holder_wishes *wishes,
			    struct hf_err *err)
{
	wishes->one.person = args->rest[0];
	for (size_t i = 1; i < args->n_rest && wishes->accounts.n < HF_LIST_MAX; i++)
		wishes->accounts.v[wishes->accounts.n++] = args->rest[i];
	return until ? hf_times_last(hf_text("end of the access"), until, &wishes->one.until, err) : HF_OK;
}

enum hf_rc hf_cli_holder_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct holder_wishes wishes = {.each = hf_change_hold};
	struct hf_edit edit = {.apply = change_each, .arg = &wishes};
	const char *until = NULL;
	const struct hf_arg rows[] = {
		{"until", HF_ARG_TEXT, &until, "WHEN", HF_TEXT("when that ends: a day, or a time (none)"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = wishes_of(args, until, &wishes, err);
	return rc == HF_OK ? hf_edit_register(cli, &edit, err) : rc;
}

enum hf_rc hf_cli_holder_review(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct holder_wishes wishes = {.each = hf_change_review};
	struct hf_edit edit = {.apply = change_each, .arg = &wishes};
	const char *until = NULL;
	const struct hf_arg rows[] = {
		{"until", HF_ARG_TEXT, &until, "WHEN", HF_TEXT("when that ends: a day, a time, or none"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && !until)
		return hf_err_set(err, HF_E_USAGE,
				  "Say with --until when the access ends from now on: a day such as 2027-03-31, or none.");
	if (rc == HF_OK)
		rc = wishes_of(args, until, &wishes, err);
	return rc == HF_OK ? hf_edit_register(cli, &edit, err) : rc;
}

enum hf_rc hf_cli_holder_withdraw(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct holder_wishes wishes = {.each = hf_change_withdraw};
	struct hf_edit edit = {.apply = change_each, .arg = &wishes};
	bool all = false;
	const struct hf_arg rows[] = {
		{"all", HF_ARG_FLAG, &all, NULL, HF_TEXT("from every account that they hold"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && all == (args->n_rest > 1))
		return hf_err_set(err, HF_E_USAGE, "Say from which accounts, or --all and none of them.");
	if (rc == HF_OK)
		rc = wishes_of(args, NULL, &wishes, err);
	if (all)
		edit.apply = withdraw_all;
	return rc == HF_OK ? hf_edit_register(cli, &edit, err) : rc;
}
