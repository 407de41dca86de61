/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast doctor`.
 * Must never change anything.
 */
#include <holdfast/text.h>

#include "controller/cli/commands/commands.h"
#include "controller/cli/doctor/server_doctor.h"

/* Its exit status is for monitoring: what was found has been said. */
static enum hf_rc judged(const struct hf_findings *findings, struct hf_err *err)
{
	return hf_findings_well(findings) ? HF_OK : hf_err_set(err, HF_E_SHAPE, "%s", "");
}

enum hf_rc hf_cli_doctor(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_findings struct hf_findings findings = {0};
	const char *conf = NULL, *backup = NULL;
	const struct hf_arg rows[] = {
		{"conf", HF_ARG_TEXT, &conf, "FILE", HF_TEXT("the controller's settings (those of the package)"), 0},
		{"backup", HF_ARG_TEXT, &backup, "FILE", HF_TEXT("a copy of the journal, to be tested"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_doctor_server(cli, conf, backup, &findings, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		rc = hf_cli_answer(cli, hf_findings_json(&findings), err);
	else
		hf_findings_say(cli->out, &findings);
	return rc == HF_OK ? judged(&findings, err) : rc;
}
