/* SPDX-License-Identifier: MIT */
/*
 * Owns the forms of Teams and Slack.
 * Must never let a text of an officer become a link or a command there.
 */
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/utf8.h>

#include "controller/notify/hook_form.h"

#define EVENT_MAX (256 * 1024) /* bytes: the longest message, written out in JSON */
#define TEXT_MAX 20000	       /* bytes of a card or message: Teams takes 28 KB of all, Slack 40,000 characters */

#define FORM_NAME(code, name) name,
static const char *const form_names[] = {HF_HOOK_FORM_LIST(FORM_NAME)};

const char *hf_hook_form_name(enum hf_hook_form form)
{
	return form < HF_HOOK_FORM_COUNT ? form_names[form] : "?";
}

enum hf_hook_form hf_hook_form_from_name(const char *name)
{
	size_t i = 0;
	while (i < HF_HOOK_FORM_COUNT && strcmp(form_names[i], name) != 0)
		i++;
	return (enum hf_hook_form)i;
}

static enum hf_rc read_event(const char *event, json_t **ret, const char **ret_subject, const char **ret_text,
			     struct hf_err *err)
{
	enum hf_rc rc = hf_json_read(event, strlen(event), EVENT_MAX, ret, err);
	const json_t *data = rc == HF_OK ? json_object_get(*ret, "data") : NULL;
	*ret_subject = json_string_value(json_object_get(data, "subject"));
	*ret_text = json_string_value(json_object_get(data, "text"));
	if (rc == HF_OK && (!*ret_subject || !*ret_text))
		rc = hf_err_set(err, HF_E_SHAPE, "an event without a text");
	return rc;
}

/* What Teams reads as Markdown is said as it stands. */
static char *plain_card_text(const char *text)
{
	size_t len = hf_utf8_cut(text, TEXT_MAX), n = 0;
	char *plain = malloc(2 * len + 1);
	for (size_t i = 0; plain && i < len; i++) {
		if (strchr("\\[]()*_#`<>!~", text[i]))
			plain[n++] = '\\';
		plain[n++] = text[i];
	}
	if (plain)
		plain[n] = '\0';
	return plain;
}

static json_t *card_of(const char *subject, const char *text)
{
	json_t *head = json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", "TextBlock", "text", subject, "weight", "Bolder", "size",
				 "Medium", "wrap", 1);
	json_t *body = json_pack("{s:s, s:s, s:b}", "type", "TextBlock", "text", text, "wrap", 1);
	return json_pack("{s:s, s:s, s:s, s:[o, o]}", "$schema", "http://adaptivecards.io/schemas/adaptive-card.json", "type",
			 "AdaptiveCard", "version", "1.4", "body", head, body);
}

enum hf_rc hf_hook_card(const char *event, char **ret, size_t *ret_len, struct hf_err *err)
{
	hf_auto_json json_t *read = NULL, *made = NULL;
	hf_auto_free char *plain_subject = NULL, *plain_text = NULL;
	const char *subject, *text;
	enum hf_rc rc = read_event(event, &read, &subject, &text, err);
	if (rc != HF_OK)
		return rc;
	plain_subject = plain_card_text(subject);
	plain_text = plain_card_text(text);
	if (plain_subject && plain_text)
		made = json_pack("{s:s, s:[{s:s, s:n, s:o}]}", "type", "message", "attachments", "contentType",
				 "application/vnd.microsoft.card.adaptive", "contentUrl", "content",
				 card_of(plain_subject, plain_text));
	if (!made || hf_json_bytes(made, ret, ret_len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	return HF_OK;
}

/* Slack's three characters; everything else is said as it stands. */
static char *slack_text(const char *subject, const char *text)
{
	char *made = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&made, &size);
	if (!out)
		return NULL;
	for (const char *parts[] = {subject, "\n\n", text}, **part = parts; part < parts + HF_LEN(parts); part++)
		for (size_t i = 0, len = hf_utf8_cut(*part, TEXT_MAX); i < len; i++) {
			const char c = (*part)[i];
			if (c == '&' || c == '<' || c == '>')
				fputs(c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;", out);
			else
				fputc(c, out);
		}
	if (fclose(out) == 0)
		return made;
	free(made);
	return NULL;
}

enum hf_rc hf_hook_slack(const char *event, char **ret, size_t *ret_len, struct hf_err *err)
{
	hf_auto_json json_t *read = NULL, *made = NULL;
	hf_auto_free char *whole = NULL;
	const char *subject, *text;
	enum hf_rc rc = read_event(event, &read, &subject, &text, err);
	if (rc != HF_OK)
		return rc;
	whole = slack_text(subject, text);
	if (whole)
		made = json_pack("{s:s, s:b}", "text", whole, "mrkdwn", 0);
	if (!made || hf_json_bytes(made, ret, ret_len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	return HF_OK;
}
