/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of CAP alerts.
 * Must never write an exercise as Actual, an alert that is for everybody, or a text that is markup.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>
#include <holdfast/str.h>
#include <holdfast/utf8.h>

#include "controller/notify/cap.h"

#define EVENT_MAX (256 * 1024)
#define HEADLINE_MAX 160 /* CAP 1.2 section 3.2.2: characters; bytes here, which are no fewer */
#define ID_DIGITS 32	 /* of an order's digest: 128 bits */
#define TIME_SIZE 40

/* What goes into an alert of one event. */
struct alert {
	const struct hf_cap_frame *frame;
	const json_t *data;
	const char *type, *identifier;
	struct hf_wall sent;
	FILE *out;
};

enum hf_rc hf_cap_word_ok(const char *word, struct hf_err *err)
{
	for (const char *at = word; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr(",<&", *at))
			return hf_err_set(err, HF_E_SHAPE, "'%.60s' has a blank, a comma, < or & in it, which no name of an alert has",
					  word);
	return word[0] ? HF_OK : hf_err_set(err, HF_E_SHAPE, "an alert without a name");
}

static const char *text_of(const json_t *data, const char *name)
{
	const char *text = json_string_value(json_object_get(data, name));
	return text ? text : "";
}

static int64_t number_of(const json_t *data, const char *name)
{
	return json_integer_value(json_object_get(data, name));
}

static bool is_type(const struct alert *a, const char *type)
{
	return strcmp(a->type, type) == 0;
}

static void put_escaped(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '<' || c == '>' || c == '&')
			fputs(c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;", out);
		else
			fputc(c < ' ' && c != '\n' && c != '\t' ? ' ' : c, out);
	}
}

static void put_cut(const struct alert *a, const char *name, const char *text, size_t most)
{
	fprintf(a->out, "<%s>", name);
	put_escaped(a->out, text, hf_utf8_cut(text, most));
	fprintf(a->out, "</%s>\n", name);
}

static void put(const struct alert *a, const char *name, const char *text)
{
	put_cut(a, name, text, SIZE_MAX - 1);
}

/* UTC, which is never written with a Z: section 3.3.2. */
static const char *cap_time(struct hf_wall t, char room[TIME_SIZE])
{
	char text[HF_WALL_TEXT_SIZE];
	int n[6] = {1970, 1, 1, 0, 0, 0};
	(void)sscanf(hf_wall_text(t, text), "%d-%d-%d %d:%d:%d", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]);
	if (hf_str_printf(room, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d-00:00", n[0], n[1], n[2], n[3], n[4], n[5]) != HF_OK)
		room[0] = '\0';
	return room;
}

static void put_time(const struct alert *a, const char *name, int64_t s)
{
	char room[TIME_SIZE];
	put(a, name, cap_time((struct hf_wall){s}, room));
}

static bool is_exercise(const struct alert *a)
{
	return strcmp(text_of(a->data, "mode"), "live") != 0;
}

static const char *status_of(const struct alert *a)
{
	if (is_type(a, "test"))
		return "Test";
	return is_exercise(a) ? "Exercise" : "Actual";
}

static bool has_earlier(const struct alert *a)
{
	return json_array_size(json_object_get(a->data, "earlier")) > 0;
}

/* What replaces or ends nothing that was said before is an alert of its own. */
static const char *message_type(const struct alert *a)
{
	if (!has_earlier(a))
		return "Alert";
	return is_type(a, "lockdown.released") ? "Cancel" : "Update";
}

static enum hf_rc identifier_of(const char *digest, char ret[HF_CAP_ID_SIZE])
{
	return hf_str_printf(ret, HF_CAP_ID_SIZE, "holdfast-%.*s", ID_DIGITS, digest);
}

/* "sender,identifier,sent" of each alert before, with blanks between them. */
static void put_references(const struct alert *a)
{
	const json_t *one;
	size_t i;
	fputs("<references>", a->out);
	json_array_foreach(json_object_get(a->data, "earlier"), i, one)
	{
		char id[HF_CAP_ID_SIZE] = "", room[TIME_SIZE];
		(void)!identifier_of(text_of(one, "id"), id);
		fprintf(a->out, "%s%s,%s,%s", i ? " " : "", a->frame->sender, id,
			cap_time((struct hf_wall){number_of(one, "at")}, room));
	}
	fputs("</references>\n", a->out);
}

static void put_head(const struct alert *a)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n", a->out);
	put(a, "identifier", a->identifier);
	put(a, "sender", a->frame->sender);
	put_time(a, "sent", a->sent.s);
	put(a, "status", status_of(a));
	put(a, "msgType", message_type(a));
	put(a, "scope", "Restricted");
	put(a, "restriction", a->frame->restriction);
	if (!is_type(a, "test") && is_exercise(a))
		put(a, "note", "This is an exercise. Nothing has happened, and nothing is blocked.");
	if (has_earlier(a))
		put_references(a);
}

/* How soon, how bad and how sure it is, by what it is. */
static void put_urgency(const struct alert *a)
{
	bool ends = is_type(a, "lockdown.released"), purdah = strcmp(text_of(a->data, "kind"), "purdah") == 0;
	put(a, "category", "Other");
	put(a, "event", purdah ? "Pre-election period of social media" : "Lockdown of social media");
	put(a, "responseType", ends ? "AllClear" : is_type(a, "test") ? "None" : "Execute");
	put(a, "urgency", ends ? "Past" : is_type(a, "test") ? "Unknown" : purdah ? "Expected" : "Immediate");
	put(a, "severity", is_type(a, "test") ? "Unknown" : purdah || ends ? "Minor" : "Severe");
	put(a, "certainty", is_type(a, "test") ? "Unknown" : "Observed");
}

static void put_if(const struct alert *a, const char *name, const char *text)
{
	if (text[0])
		put(a, name, text);
}

static void put_info(const struct alert *a)
{
	fputs("<info>\n<language>en-GB</language>\n", a->out);
	put_urgency(a);
	if (number_of(a->data, "from") > 0)
		put_time(a, "onset", number_of(a->data, "from"));
	if (number_of(a->data, "until") > 0)
		put_time(a, "expires", number_of(a->data, "until"));
	put(a, "senderName", text_of(a->data, "council"));
	put_cut(a, "headline", text_of(a->data, "subject"), HEADLINE_MAX);
	put_if(a, "description", is_type(a, "lockdown.released") ? text_of(a->data, "message") : text_of(a->data, "reason"));
	put_if(a, "instruction", text_of(a->data, "instructions"));
	put_if(a, "contact", text_of(a->data, "contact"));
	fputs("<area>\n", a->out);
	put(a, "areaDesc", text_of(a->data, "council"));
	fputs("</area>\n</info>\n</alert>\n", a->out);
}

static enum hf_rc write_alert(struct alert *a, struct hf_cap *cap, struct hf_err *err)
{
	a->out = open_memstream(&cap->xml, &cap->len);
	if (a->out) {
		put_head(a);
		put_info(a);
	}
	if (a->out && fclose(a->out) == 0)
		return HF_OK;
	free(cap->xml);
	return hf_err_set(err, HF_E_MEMORY, "no memory for an alert");
}

/* The alert of an order has the order's name and time. */
static enum hf_rc name_alert(struct alert *a, char identifier[HF_CAP_ID_SIZE], struct hf_err *err)
{
	const char *id = text_of(a->data, "id");
	enum hf_rc rc = id[0] ? identifier_of(id, identifier) : hf_str_copy(identifier, HF_CAP_ID_SIZE, a->frame->reference);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "the name of an alert is too long");
	a->identifier = identifier;
	a->sent.s = id[0] ? number_of(a->data, "at") : a->frame->made.s;
	rc = hf_cap_word_ok(identifier, err);
	return rc == HF_OK ? hf_cap_word_ok(a->frame->sender, err) : rc;
}

enum hf_rc hf_cap_write(const char *event, const struct hf_cap_frame *frame, struct hf_cap *ret, struct hf_err *err)
{
	hf_auto_json json_t *read = NULL;
	struct alert a = {.frame = frame};
	struct hf_cap cap = {.xml = NULL};
	enum hf_rc rc = hf_json_read(event, strlen(event), EVENT_MAX, &read, err);
	if (rc != HF_OK)
		return rc;
	a.data = json_object_get(read, "data");
	a.type = text_of(read, "type");
	if (is_type(&a, "draft.waiting"))
		return hf_err_set(err, HF_E_SHAPE, "a draft is no alert: name this hook in notify.alerts, not in notify.hooks");
	if (!frame->restriction[0])
		return hf_err_set(err, HF_E_SHAPE, "an alert that does not say whom it is for");
	rc = name_alert(&a, cap.identifier, err);
	if (rc == HF_OK)
		rc = write_alert(&a, &cap, err);
	if (rc == HF_OK)
		*ret = cap;
	return rc;
}
