/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast trust set-aside`: the roots set registers and assignments aside.
 * Must never change anything else of the trust.
 */
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/send.h"
#include "controller/office/set_aside.h"

enum hf_rc hf_cli_trust_set_aside(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_view struct hf_view view = {0};
	hf_auto_officer struct hf_officer officer = {.cli = cli, .view = &view};
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_aside asides[HF_VOIDS_MAX];
	int64_t from_version = 0;
	const struct hf_arg rows[] = {
		{"from-version", HF_ARG_INT, &from_version, "N",
		 HF_TEXT("the lowest version that may follow (the next one)"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK && (from_version < 0 || from_version > HF_JSON_INT_MAX))
		rc = hf_err_set(err, HF_E_USAGE, "A version is a number from 1 to %lld.", (long long)HF_JSON_INT_MAX);
	if (rc == HF_OK)
		rc = hf_view_open(&cli->office, &view, err);
	for (size_t i = 0; i < args->n_rest && rc == HF_OK; i++) {
		rc = hf_aside_find(&view, args->rest[i], &asides[i], err);
		asides[i].from_version = from_version;
	}
	if (rc == HF_OK)
		rc = hf_aside_compose(&view, asides, args->n_rest, &envelope, err);
	if (rc == HF_OK)
		rc = hf_officer_open_root(&officer, envelope, err);
	return rc == HF_OK ? hf_send(&officer, envelope, 0, err) : rc;
}
