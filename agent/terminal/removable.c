/* SPDX-License-Identifier: MIT */
/*
 * Owns the answer to whoever wants to remove the agent.
 * Must never say yes while anything is shut here, nor when that cannot be known.
 */
#include "agent/terminal/removable.h"

#include <stdio.h>
#include <unistd.h>

#include <holdfast/json.h>
#include <holdfast/text.h>

#include "agent/conf/places.h"
#include "agent/talk/answer.h"
#include "agent/talk/people.h"

enum hf_rc hf_removable(const char *etc, const char *socket, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = false};
	hf_auto_json json_t *view = NULL;
	char path[HF_PATH_SIZE];
	struct hf_err why = {""};
	enum hf_rc rc = hf_place(etc, "enrolment.json", path, err);

	if (rc != HF_OK)
		return rc;
	if (access(path, F_OK) == 0) {
		rc = hf_people_ask(socket, &question, &view, &why);
		if (rc != HF_OK)
			return hf_err_set(err, rc,
					  "whether a lockdown holds on this device cannot be known, so the agent stays: %s",
					  why.text);
		rc = hf_said_removable(view, err);
	}
	if (rc == HF_OK)
		puts(hf_text("Nothing is shut on this device: the agent may be removed."));
	return rc;
}
