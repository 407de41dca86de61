/* SPDX-License-Identifier: MIT */
/* Owns the command that shows a person what is in force on their device. */
/* Room agent. */
/* Must never make silence look like an open device. */
#include "agent/status.h"

#include <stdio.h>

#include <holdfast/json.h>

#include "agent/people.h"
#include "agent/words.h"

enum hf_rc hf_status(const char *socket, bool json, struct hf_err *err)
{
	hf_auto_json json_t *view = NULL;
	enum hf_rc rc = hf_people_ask(socket, !json, &view, err);

	if (rc == HF_E_ABSENT)
		return hf_err_set(
			err, rc,
			"the agent is not running on this device; whatever is blocked stays blocked: ring IT (it "
			"listens at %s)",
			socket);
	if (rc != HF_OK)
		return rc;
	if (!json)
		hf_words_view(view, stdout);
	else if (json_dumpf(view, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	if (fflush(stdout) != 0 || ferror(stdout))
		return hf_err_set(err, HF_E_SYSTEM, "the answer cannot be written to standard output");
	return HF_OK;
}
