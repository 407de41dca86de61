/* SPDX-License-Identifier: MIT */
/*
 * Owns the commands of the named poster.
 * Must never wait for ever for a window that does not open, nor call it open before the agent does.
 */
#include "agent/terminal/post.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "agent/talk/people.h"
#include "agent/terminal/words_inside.h"
#include "agent/terminal/words_posting.h"

#define LOOK_MS 200
#define LOOKS 40 /* 8 seconds: longer than the agent itself waits */

static enum hf_rc flushed(struct hf_err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return hf_err_set(err, HF_E_SYSTEM, "the answer cannot be written to standard output");
	return HF_OK;
}

static enum hf_rc ask(const struct hf_post_how *how, const char *what, json_t **ret_answer, struct hf_err *err)
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

static enum hf_rc look(const struct hf_post_how *how, json_t **ret_view, struct hf_err *err)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = !how->json};

	return hf_people_ask(how->socket, &question, ret_view, err);
}

/* Whom to ring about this posting, by its lockdown. */
static const char *contact_of(const json_t *view, const json_t *posting)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "id", hf_said_text(posting, "lockdown")))
			return hf_said_text(row, "contact");
	}
	return "the communications duty officer";
}

static bool is_exempt(const json_t *view, const json_t *posting)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(view, "lockdowns"), i, row)
	{
		if (hf_said_is(row, "id", hf_said_text(posting, "lockdown")))
			return hf_said_true(row, "exempt");
	}
	return false;
}

static void put_text(const json_t *posting)
{
	const char *text = hf_said_text(posting, "text");

	printf("%sThe holding message:\n", mark(posting));
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("%s      %.*s\n", mark(posting), (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static enum hf_rc tell(const struct hf_post_how *how, const json_t *answer, struct hf_err *err)
{
	hf_auto_json json_t *view = NULL;
	const json_t *posting;
	enum hf_rc rc;

	if (how->json) {
		if (json_dumpf(answer, stdout, JSON_INDENT(2)) == 0)
			putchar('\n');
		return flushed(err);
	}
	rc = look(how, &view, err);
	if (rc != HF_OK)
		return rc;
	posting = hf_words_posting_of(view, how->account, NULL);
	if (!posting)
		return hf_err_set(err, HF_E_ABSENT, "it is over: nothing here has a holding message for %.100s now",
				  how->account);
	if (hf_said_is(posting, "state", "open"))
		put_text(posting);
	hf_words_posting(posting, how->account, is_exempt(view, posting), contact_of(view, posting), stdout);
	return flushed(err);
}

/* Until it is claimed no longer, or the agent has waited long enough. */
static enum hf_rc wait_for_record(const struct hf_post_how *how, struct hf_err *err)
{
	enum hf_rc rc = HF_OK;

	fputs("Asking the council's server whether no other device of yours has this posting window ...\n", stderr);
	for (int i = 0; i < LOOKS && rc == HF_OK; i++) {
		hf_auto_json json_t *view = NULL;
		const json_t *posting;

		(void)poll(NULL, 0, LOOK_MS);
		rc = look(how, &view, err);
		posting = rc == HF_OK ? hf_words_posting_of(view, how->account, NULL) : NULL;
		if (rc == HF_OK && (!posting || !hf_said_is(posting, "state", "claimed")))
			break;
	}
	return rc;
}

enum hf_rc hf_post_pass(const struct hf_post_how *how, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask(how, HF_ASK_PASS, &answer, err);

	if (rc == HF_OK && hf_said_is(answer, "state", "claimed")) {
		json_decref(answer);
		answer = NULL;
		rc = wait_for_record(how, err);
		if (rc == HF_OK)
			rc = ask(how, HF_ASK_PASS, &answer, err);
	}
	if (rc == HF_OK && !hf_said_is(answer, "state", "open"))
		return hf_err_set(err, HF_E_PENDING,
				  "the posting window of %.100s is not open yet: ask again in a moment", how->account);
	return rc == HF_OK ? tell(how, answer, err) : rc;
}

enum hf_rc hf_post_posted(const struct hf_post_how *how, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask(how, HF_ASK_POSTED, &answer, err);

	return rc == HF_OK ? tell(how, answer, err) : rc;
}

enum hf_rc hf_post_cannot(const struct hf_post_how *how, struct hf_err *err)
{
	hf_auto_json json_t *answer = NULL;
	enum hf_rc rc = ask(how, HF_ASK_CANNOT, &answer, err);

	return rc == HF_OK ? tell(how, answer, err) : rc;
}
