/* SPDX-License-Identifier: MIT */
/*
 * Owns the commands of the named poster.
 * Must never wait for ever for a window that does not open, nor call it open before the agent does.
 */
#include "agent/terminal/named_poster.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/text.h>

#include "agent/talk/people.h"
#include "agent/terminal/out.h"
#include "agent/terminal/words_inside.h"
#include "agent/terminal/words_posting.h"

#define LOOK_MS 200
#define LOOKS 40 /* 8 seconds: longer than the agent itself waits */

static enum hf_rc ask_agent(const struct hf_post_how *how, const char *what, json_t **ret_answer, struct hf_err *err)
{
	struct hf_question question = {.reads = false};
	enum hf_rc rc = hf_str_copy(question.ask, sizeof(question.ask), what);

	if (!how->account)
		return hf_err_set(err, HF_E_USAGE,
				  "say which account, such as x:CannockChaseDC: see `holdfast-agent status`");
	if (rc == HF_OK && hf_str_copy(question.account, sizeof(question.account), how->account) != HF_OK)
		return hf_err_set(err, HF_E_USAGE, "'%.60s...' is no account: it is too long", how->account);
	if (how->post && hf_post_address_check(how->post, err) != HF_OK)
		return HF_E_USAGE;
	if (how->post)
		rc = hf_str_copy(question.site, sizeof(question.site), how->post);
	if (how->why && (hf_str_copy(question.why, sizeof(question.why), how->why) != HF_OK ||
			 strcspn(how->why, "\n\r\t") < strlen(how->why)))
		return hf_err_set(err, HF_E_USAGE, "--why is one line of at most %d characters", HF_WHY_SIZE - 1);
	return rc == HF_OK ? hf_people_ask(how->socket, &question, ret_answer, err) : rc;
}

static enum hf_rc ask_view(const struct hf_post_how *how, json_t **ret_view, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = !how->json};

	return hf_people_ask(how->socket, &question, ret_view, err);
}

/* The row of the lockdown of this posting; NULL when it is not in the view. */
static const json_t *lockdown_of(const json_t *view, const json_t *posting)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "id", hf_said_text(posting, "lockdown")))
			return row;
	}
	return NULL;
}

static enum hf_rc put_answer(const struct hf_post_how *how, const json_t *answer, struct hf_err *err)
{
	hf_auto_json json_t *view = NULL;
	const json_t *posting, *lockdown;
	enum hf_rc rc;

	if (how->json)
		return hf_out_json(answer, err);
	rc = ask_view(how, &view, err);
	if (rc != HF_OK)
		return rc;
	posting = hf_words_posting_of(view, how->account, NULL);
	if (!posting)
		return hf_err_set(err, HF_E_ABSENT, "it is over: nothing here has a holding message for %.100s now",
				  how->account);
	if (hf_said_is(posting, "state", "open")) {
		printf(hf_text("%sThe holding message:\n"), hf_words_mark(posting));
		hf_words_lines(posting, IN, hf_said_text(posting, "text"), stdout);
	}
	lockdown = lockdown_of(view, posting);
	hf_words_posting(posting, how->account, hf_said_true(lockdown, "exempt"), hf_said_text(lockdown, "contact"), stdout);
	return hf_out_flushed(err);
}

/* Until it is claimed no longer, or the agent has waited long enough. */
static enum hf_rc wait_for_record(const struct hf_post_how *how, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	fputs(hf_text("Asking the council's server whether no other device of yours has this posting window ...\n"),
	      stderr);
	for (int i = 0; i < LOOKS && rc == HF_OK; i++) {
		hf_auto_json json_t *view = NULL;
		const json_t *posting;

		(void)poll(NULL, 0, LOOK_MS);
		rc = ask_view(how, &view, err);
		posting = rc == HF_OK ? hf_words_posting_of(view, how->account, NULL) : NULL;
		if (rc == HF_OK && (!posting || !hf_said_is(posting, "state", "claimed")))
			break;
	}
	return rc;
}

enum hf_rc hf_post_pass(const struct hf_post_how *how, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask_agent(how, HF_ASK_PASS, &answer, err);

	if (rc == HF_OK && hf_said_is(answer, "state", "claimed")) {
		json_decref(answer);
		answer = NULL;
		rc = wait_for_record(how, err);
		if (rc == HF_OK)
			rc = ask_agent(how, HF_ASK_PASS, &answer, err);
	}
	if (rc == HF_OK && !hf_said_is(answer, "state", "open"))
		return hf_err_set(err, HF_E_PENDING,
				  "the posting window of %.100s is not open yet: ask again in a moment", how->account);
	return rc == HF_OK ? put_answer(how, answer, err) : rc;
}

static enum hf_rc ask_and_put(const struct hf_post_how *how, const char *what, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask_agent(how, what, &answer, err);

	return rc == HF_OK ? put_answer(how, answer, err) : rc;
}

enum hf_rc hf_post_posted(const struct hf_post_how *how, struct hf_err *err)
{
	return ask_and_put(how, HF_ASK_POSTED, err);
}

enum hf_rc hf_post_cannot(const struct hf_post_how *how, struct hf_err *err)
{
	return ask_and_put(how, HF_ASK_CANNOT, err);
}
