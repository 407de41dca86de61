/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast register propose`: the accounts, tools and words of a plan become the next version of the register.
 * Must never take anything but those from the plan, or say that it is in force before two have approved it.
 */
#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"

/* Behind the one in force, or from where the roots let one follow that they have set aside. */
static int64_t next_version(const struct hf_view *view)
{
	const struct hf_register *held = view->known.reg;
	const struct hf_void *aside = held ? hf_trust_void(view->known.trust, &held->digest) : NULL;

	if (!held)
		return 1;
	return aside ? aside->from_version : held->version + 1;
}

enum hf_rc hf_cli_register_propose(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_council_plan struct hf_council_plan plan = {0};
	hf_auto_register_draft struct hf_register_draft draft = {.n = 0};
	const char *catalogue = NULL;
	const struct hf_arg rows[] = {HF_ARG_CATALOGUE(&catalogue)};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_council_plan_read(args->rest[0], catalogue, &plan, err);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	if (rc != HF_OK)
		return rc;
	plan.council = view.known.trust->council;
	rc = hf_register_draft_make(&plan, next_version(&view), view.now, &draft, err);
	if (rc == HF_OK)
		rc = hf_officer_open(&officer, err);
	return rc == HF_OK ? hf_send_register(&officer, &draft, err) : rc;
}
