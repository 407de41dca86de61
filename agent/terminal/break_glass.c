/* SPDX-License-Identifier: MIT */
/*
 * Owns how somebody opens this device with the halves of two officers, at a terminal.
 * Must never say that it is open before the agent does.
 */
#include "agent/terminal/break_glass.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/glass.h>
#include <holdfast/json.h>
#include <holdfast/text.h>

#include "agent/talk/answer.h"
#include "agent/talk/people.h"
#include "agent/terminal/out.h"

#define LOOK_MS 100
#define LOOKS 600 /* a minute: two tenths of a second of work, on a machine that is busy with other things */

static enum hf_rc ask_agent(const char *socket, const char *typed, json_t **ret, struct hf_err *err)
{
	struct hf_question question = {.ask = HF_ASK_GLASS};

	if (hf_str_copy(question.text, sizeof(question.text), typed) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "The two halves are 26 characters together, and these are more.");
	return hf_people_ask(socket, &question, ret, err);
}

static bool stands(const json_t *answer, const char *state)
{
	return strcmp(hf_said_text(answer, "state"), state) == 0;
}

static void say_state(const json_t *answer)
{
	long long slot = (long long)json_integer_value(json_object_get(answer, "slot"));
	long long minutes = ((long long)json_integer_value(json_object_get(answer, "left_s")) + 59) / 60;

	if (stands(answer, "open"))
		printf(hf_text("This device is open, by the halves of two officers, for %lld min yet. It shuts again by itself, and as soon as it "
			       "hears the council.\n"),
		       minutes);
	else if (stands(answer, "ready"))
		printf(hf_text("This device can be opened by the halves of two officers, one of each side. Ring them, and say which device it is, and "
			       "slot %lld.\n"),
		       slot);
	else
		printf("%s\n", hf_said_text(answer, "why"));
}

/* "" where nobody is there to type them. */
static void ask_halves(char typed[HF_GLASS_TYPED_MAX + 2])
{
	typed[0] = '\0';
	if (isatty(STDIN_FILENO) != 1)
		return;
	fputs(hf_text("Type both halves (Enter alone: not now): "), stdout);
	fflush(stdout);
	if (!fgets(typed, HF_GLASS_TYPED_MAX + 2, stdin))
		typed[0] = '\0';
	typed[strcspn(typed, "\n")] = '\0';
}

static enum hf_rc wait_for_answer(const char *socket, json_t **answer, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	for (int i = 0; i < LOOKS && rc == HF_OK && stands(*answer, "trying"); i++) {
		json_decref(*answer);
		*answer = NULL;
		(void)poll(NULL, 0, LOOK_MS);
		rc = ask_agent(socket, "", answer, err);
	}
	return rc;
}

/* Of several reasons the agent's own sentence. */
static enum hf_rc what_came(const json_t *answer, struct hf_err *err)
{
	enum hf_rc rc = HF_E_PENDING;

	if (stands(answer, "open"))
		return HF_OK;
	if (hf_rc_from_name(hf_said_text(answer, "last"), &rc) != HF_OK || rc == HF_OK)
		rc = HF_E_PENDING;
	return hf_err_set(err, rc, "%s", hf_said_text(answer, "last_why"));
}

static enum hf_rc try_typed(const char *socket, const char *typed, json_t **answer, struct hf_err *err)
{
	enum hf_rc rc;

	json_decref(*answer);
	*answer = NULL;
	rc = ask_agent(socket, typed, answer, err);
	if (rc == HF_OK)
		rc = wait_for_answer(socket, answer, err);
	return rc == HF_OK ? what_came(*answer, err) : rc;
}

enum hf_rc hf_break_glass(const char *socket, const char *typed, bool json, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	char asked[HF_GLASS_TYPED_MAX + 2] = "";
	enum hf_rc rc = ask_agent(socket, "", &answer, err);

	if (rc == HF_OK)
		rc = wait_for_answer(socket, &answer, err); /* of halves that somebody else has just typed */
	if (rc != HF_OK)
		return rc;
	if (!typed && !json) {
		say_state(answer);
		if (stands(answer, "ready"))
			ask_halves(asked);
		if (!asked[0])
			return hf_out_flushed(err);
	}
	if (typed || asked[0])
		rc = try_typed(socket, typed ? typed : asked, &answer, err);
	if (rc != HF_OK)
		return rc;
	if (json)
		return hf_out_json(answer, err);
	say_state(answer);
	return hf_out_flushed(err);
}
