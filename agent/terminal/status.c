/* SPDX-License-Identifier: MIT */
/*
 * Owns the command that shows a person what is in force on their device.
 * Must never make silence look like an open device.
 */
#include "agent/terminal/status.h"

#include <stdio.h>

#include <holdfast/json.h>

#include "agent/talk/people.h"
#include "agent/terminal/out.h"
#include "agent/terminal/words.h"

enum hf_rc hf_status(const char *socket, bool json, struct hf_err *err)
{
	hf_auto_json json_t *view = NULL;
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = !json};
	enum hf_rc rc = hf_people_ask(socket, &question, &view, err);

	if (rc != HF_OK)
		return rc;
	if (json)
		return hf_out_json(view, err);
	hf_words_view(view, stdout);
	return hf_out_flushed(err);
}
