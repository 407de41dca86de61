/* SPDX-License-Identifier: MIT */
/*
 * Owns `holdfast audit story`: what happened in one lockdown, by the record alone.
 * Must never ask the controller: the record is all there is.
 */
#include <holdfast/paths.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/cli/commands/audit_reading.h"
#include "controller/cli/commands/commands.h"
#include "controller/office/story_words.h"

enum hf_rc hf_cli_audit_story(struct hf_cli *cli, struct hf_args *args, struct hf_err *err)
{
	hf_auto_audit struct hf_audit audit = {.cli = cli};
	hf_auto_json json_t *story = NULL;
	const struct hf_story_face face = {NULL, NULL, NULL};
	const char *folder = HF_CONTROLLER_STATE;
	const struct hf_arg rows[] = {
		{"journal", HF_ARG_TEXT, &folder, "DIR", HF_TEXT("where journal.db is, if not with the controller"), 0},
	};
	enum hf_rc rc = hf_args_parse(cli, args, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_audit_open(&audit, folder, args->rest[0], err);
	if (rc == HF_OK)
		rc = hf_audit_read(&audit, &story, err);
	if (rc != HF_OK)
		return rc;
	if (cli->json)
		return hf_cli_answer(cli, json_incref(story), err);
	return hf_story_say(cli->out, story, &face) == HF_OK
		       ? HF_OK
		       : hf_err_set(err, HF_E_MEMORY, "There is not enough memory.");
}
