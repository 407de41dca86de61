/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of questions and refusals on the people's socket.
 * Must never take a question that is not wholly understood.
 */
#include "agent/talk/question.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/text.h>

enum hf_rc hf_question_decode(const char *buf, size_t len, struct hf_question *ret_question)
{
	hf_auto_json json_t *json = NULL;
	struct hf_question question = {.reads = false};
	const char *ask = NULL, *lockdown = "", *text = "", *account = "", *site = "", *why = "";
	int64_t reads = 0, version = 0;
	const struct hf_json_member members[] = {
		{.name = "ask", .kind = HF_JSON_ID, .ret = &ask},
		{.name = "reads", .kind = HF_JSON_INT, .ret = &reads, .max = 1, .optional = true},
		{.name = "lockdown", .kind = HF_JSON_LINE0, .ret = &lockdown, .max = 64, .optional = true},
		{.name = "text", .kind = HF_JSON_LINE0, .ret = &text, .max = 64, .optional = true},
		{.name = "account", .kind = HF_JSON_LINE0, .ret = &account, .max = 2 * HF_ID_MAX, .optional = true},
		{.name = "site", .kind = HF_JSON_LINE0, .ret = &site, .max = HF_SITE_SIZE - 1, .optional = true},
		{.name = "why", .kind = HF_JSON_LINE0, .ret = &why, .max = HF_WHY_SIZE - 1, .optional = true},
		{.name = "version", .kind = HF_JSON_INT, .ret = &version, .max = HF_JSON_INT_MAX, .optional = true},
	};
	struct {
		char *to;
		size_t size;
		const char *const *from;
	} copies[] = {
		{question.ask, sizeof(question.ask), &ask},
		{question.lockdown, sizeof(question.lockdown), &lockdown},
		{question.text, sizeof(question.text), &text},
		{question.account, sizeof(question.account), &account},
		{question.site, sizeof(question.site), &site},
		{question.why, sizeof(question.why), &why},
	};
	enum hf_rc rc = hf_json_read(buf, len, HF_QUESTION_MAX, &json, NULL);

	if (rc == HF_OK)
		rc = hf_json_take(json, members, HF_LEN(members), NULL);
	for (size_t i = 0; rc == HF_OK && i < HF_LEN(copies); i++)
		rc = hf_str_copy(copies[i].to, copies[i].size, *copies[i].from);
	question.reads = reads != 0;
	question.version = version;
	if (rc == HF_OK)
		*ret_question = question;
	return rc;
}

json_t *hf_question_encode(const struct hf_question *question)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:I}", "ask", question->ask, "reads",
			 question->reads ? 1 : 0, "lockdown", question->lockdown, "text", question->text, "account",
			 question->account, "site", question->site, "why", question->why, "version",
			 (json_int_t)question->version);
}

json_t *hf_refusal_json(enum hf_rc rc, const char *why, ...)
{
	struct hf_err err = {""};
	va_list args;

	va_start(args, why);
	vsnprintf(err.text, sizeof(err.text), hf_text(why), args);
	va_end(args);
	return json_pack("{s:s, s:s}", "refused", hf_rc_name(rc), "why", err.text);
}

enum hf_rc hf_refusal_of(const json_t *answer, struct hf_err *err)
{
	const char *name = json_string_value(json_object_get(answer, "refused"));
	const char *why = json_string_value(json_object_get(answer, "why"));
	enum hf_rc rc = HF_E_SHAPE;

	/* A view has a member "refused", too: a list. */
	if (!name)
		return HF_OK;
	if (hf_rc_from_name(name, &rc) != HF_OK || rc == HF_OK)
		rc = HF_E_SHAPE;
	return hf_err_set(err, rc, "%s", why ? why : hf_text("the agent refused, and did not say why"));
}
