/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast register propose`: the accounts, tools and words of a plan become the next version of the register.
 * Must never take anything but those from the plan, or say that it is in force before two have approved it.
 */
#include "controller/cli/commands/commands.h"
#include "controller/cli/register_edit.h"

static json_t *list_of_plan(const json_t *list)
{
	return list ? json_deep_copy(list) : json_array();
}

static enum hf_rc take_over_plan(struct hf_change *change, void *arg, struct hf_err *err)
{
	const struct hf_council_plan *plan = arg;
	struct hf_change whole = *change;

	whole.accounts = list_of_plan(plan->accounts);
	whole.tools = list_of_plan(plan->tools);
	whole.words = list_of_plan(plan->words);
	json_decref(change->accounts);
	json_decref(change->tools);
	json_decref(change->words);
	*change = whole;
	return whole.accounts && whole.tools && whole.words
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}

enum hf_rc hf_cli_register_propose(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_council_plan struct hf_council_plan plan = {0};
	struct hf_edit edit = {.apply = take_over_plan, .arg = &plan, .anew = true};
	const char *catalogue = NULL;
	const struct hf_arg rows[] = {HF_ARG_CATALOGUE(&catalogue), HF_ARG_EDIT(&edit)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_council_plan_read(args->rest[0], catalogue, &plan, err);
	return rc == HF_OK ? hf_edit_register(cli, &edit, err) : rc;
}
