/* SPDX-License-Identifier: MIT */
/*
 * Owns how somebody gives this device up at a terminal.
 * Must never remove anything that the agent has not let go of, nor say that the council was told when nobody answered.
 */
#include "agent/terminal/retire.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/sock.h>
#include <holdfast/text.h>

#include "agent/conf/places.h"
#include "agent/talk/answer.h"
#include "agent/talk/people.h"
#include "agent/terminal/out.h"

#define LOOK_MS 200
#define LOOKS 300 /* a minute for the council's server: one that is busy with its whole estate answers each device in turn */
#define LOOKS_SILENT 25 /* 5 seconds for one that was silent before */
#define END_MS 20
#define ENDS 1500 /* 30 seconds for the agent to end; it writes its memory down first */

enum hf_rc hf_retire_agree(const char *etc, const struct hf_retire_how *how, bool *ret_enrolled, struct hf_err *err)
{
	char path[HF_PATH_SIZE], answer[16];
	enum hf_rc rc = hf_place(etc, "enrolment.json", path, err);

	if (rc == HF_OK && geteuid() != 0)
		rc = hf_err_set(err, HF_E_USAGE, "only root can retire this device");
	if (rc != HF_OK)
		return rc;
	if (!how->yes) {
		fputs(hf_text("From then on nothing keeps this device: a lockdown will not be enforced on it.\n"
			      "Its keys and settings are removed. Type yes to retire it: "),
		      stdout);
		fflush(stdout);
		if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0)
			return hf_err_set(err, HF_E_USAGE, "not confirmed: nothing was changed");
	}
	*ret_enrolled = access(path, F_OK) == 0;
	return HF_OK;
}

static enum hf_rc ask_to_retire(const struct hf_retire_how *how, bool go, json_t **ret_answer, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_RETIRE, .reads = go};
	struct hf_err why = {""};
	enum hf_rc rc = hf_people_ask(how->socket, &question, ret_answer, &why);

	if (rc == HF_OK)
		return rc;
	if (rc == HF_E_PENDING)
		return hf_err_set(err, rc, "%s", why.text);
	return hf_err_set(err, rc, "whether a lockdown holds on this device cannot be known, so the agent stays: %s",
			  why.text);
}

static enum hf_rc tell_council(const struct hf_retire_how *how, bool *ret_told, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;
	bool told = false;
	int looks = LOOKS;

	for (int i = 0; i < looks && rc == HF_OK && !told; i++) {
		hf_auto_json json_t *answer = NULL;

		if (i > 0)
			(void)poll(NULL, 0, LOOK_MS);
		rc = ask_to_retire(how, false, &answer, err);
		told = rc == HF_OK && hf_said_true(answer, "heard");
		looks = hf_said_true(answer, "silent") ? LOOKS_SILENT : LOOKS;
	}
	*ret_told = told;
	return rc;
}

/* Its socket answers until it has ended. */
static enum hf_rc wait_for_end(const struct hf_retire_how *how, struct hf_err *err)
{
	for (int i = 0; i < ENDS; i++) {
		hf_auto_fd int fd = -1;

		if (hf_sock_connect(how->socket, &fd, NULL) != HF_OK)
			return HF_OK;
		(void)poll(NULL, 0, END_MS);
	}
	return hf_err_set(err, HF_E_SYSTEM, "the agent does not end: stop it, then run this again");
}

enum hf_rc hf_retire_leave(const struct hf_retire_how *how, bool *ret_told, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	bool told = false;
	enum hf_rc rc = tell_council(how, &told, err);

	if (rc == HF_OK)
		rc = ask_to_retire(how, true, &answer, err);
	if (rc == HF_OK)
		rc = wait_for_end(how, err);
	if (rc == HF_OK)
		*ret_told = told;
	return rc;
}

enum hf_rc hf_retire_say(const struct hf_retire_how *how, bool enrolled, bool told, struct hf_err *err)
{
	hf_auto_json json_t *done = NULL;

	if (how->json) {
		done = json_pack("{s:b, s:b}", "retired", 1, "told", (int)told);
		return done ? hf_out_json(done, err) : hf_err_set(err, HF_E_MEMORY, "no memory for the answer");
	}
	puts(hf_text("Nothing of the agent's is left on this device but its package."));
	if (enrolled && told)
		puts(hf_text("The council's server was told that this device is retired."));
	else if (enrolled)
		puts(hf_text("The council's server did not answer: tell the officers that this device is retired."));
	return hf_out_flushed(err);
}
