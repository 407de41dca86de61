/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast account add`, `account change` and `account retire` (policy D2.1, D2.2).
 * Must never touch an account that was not named.
 */
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"

struct account_wish {
	const char *account, *kind;
	struct hf_list holders;
};

static enum hf_rc add_account(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct account_wish *wish = arg;
	enum hf_rc rc = hf_change_account(change, wish->account, wish->kind, err);

	for (size_t i = 0; rc == HF_OK && i < wish->holders.n; i++)
		rc = hf_change_hold(change, &(const struct hf_holder_wish){wish->account, wish->holders.v[i], {0}}, err);
	return rc;
}

static enum hf_rc change_account(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct account_wish *wish = arg;

	return hf_change_account_kind(change, wish->account, wish->kind, err);
}

static enum hf_rc retire_account(struct hf_change *change, void *arg, struct hf_err *err)
{
	return hf_change_retire(change, ((const struct account_wish *)arg)->account, err);
}

enum hf_rc hf_cli_account_add(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct account_wish wish = {.kind = NULL};
	struct hf_edit edit = {.apply = add_account, .arg = &wish};
	const struct hf_arg rows[] = {
		{"kind", HF_ARG_TEXT, &wish.kind, "KIND", HF_TEXT("corporate, departmental or campaign"), 0},
		{"holder", HF_ARG_IDS, &wish.holders, "PERSON", HF_TEXT("who holds it, without an end"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	wish.account = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}

enum hf_rc hf_cli_account_change(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct account_wish wish = {.kind = NULL};
	struct hf_edit edit = {.apply = change_account, .arg = &wish};
	const struct hf_arg rows[] = {
		{"kind", HF_ARG_TEXT, &wish.kind, "KIND", HF_TEXT("corporate, departmental or campaign"), 0},
		HF_ARG_EDIT(&edit),
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	wish.account = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}

enum hf_rc hf_cli_account_retire(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	struct account_wish wish = {.kind = NULL};
	struct hf_edit edit = {.apply = retire_account, .arg = &wish};
	const struct hf_arg rows[] = {HF_ARG_EDIT(&edit)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc != HF_OK)
		return rc;
	wish.account = args->rest[0];
	return hf_edit_register(cli, &edit, err);
}
