/* SPDX-License-Identifier: MIT */
/*
 * Owns the words of messages, and the templates that a council has of its own accord.
 * Must never let an exercise pass for the real thing.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/str.h>
#include <holdfast/utf8.h>

#include "controller/telling/letter.h"
#include "controller/telling/render.h"
#include "controller/telling/ways.h"

#define SUBJECT "Subject: "
#define EXERCISE "EXERCISE: "
#define BLANKS 16
#define SMALL 512 /* a number, a time, a line */

/* clang-format off */
static const char *const BUILT_IN[HF_TOLD_COUNT] = {
	[HF_TOLD_POSTER] =
		"Subject: Please post one message now on {{posts}}\n\n"
		"{{council}} has stopped posting on its social media accounts.\n\nWhy: {{reason}}\n\n"
		"You are named to post one message, and to post it at once:\n\n{{texts}}"
		"On your council laptop a window has opened with this text. Choose \"Open posting window\" there, post the\n"
		"text as it is, and say in the window that it is posted. Post nothing else until a second message says that\n"
		"it is over.\n\nIf you cannot post it, say so in the window, or ring: {{contact}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_HOLDER] =
		"Subject: Please stop posting now: {{accounts}}\n\n"
		"{{council}} has stopped posting on {{accounts}}.\n\nWhy: {{reason}}\n\n"
		"Please do not post there, from any device, until a second message says that it is over. Nothing of yours\n"
		"is lost.\n\nQuestions: {{contact}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_OFFICER] =
		"Subject: Emergency lockdown of social media\n\n"
		"{{council}} has stopped posting on {{accounts}}.\n\nWhy: {{reason}}\n\nQuestions: {{contact}}\n\n"
		"Ordered by {{who}}, {{at}}. `holdfast status` shows who has really stopped.\n",
	[HF_TOLD_COUNCIL] =
		"Subject: Emergency lockdown of social media\n\n"
		"{{council}} has stopped posting on {{accounts}}.\n\nWhy: {{reason}}\n\n"
		"Please do not post in the council's name until a second message says that it is over.\n\n"
		"Questions: {{contact}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_OUTSIDE] =
		"Subject: Please stop posting now on an account that you share with a council\n\n"
		"{{council}} has stopped posting on {{accounts}}.\n\nWhy: {{reason}}\n\n"
		"You administer one of these accounts. Please do not post there in the council's name, stop what is scheduled,\n"
		"and wait for a second message that says that it is over.\n\nQuestions: {{contact}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_DRAFT] =
		"Subject: Your approval is waited for\n\n"
		"{{waits}} waits for a second approval.\n\nIt was approved by {{who}}. `holdfast drafts` shows it and how it is\n"
		"approved, or refused.\n",
	[HF_TOLD_SECOND] =
		"Subject: It is over: you may post again\n\n{{message}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_INSTRUCTIONS] =
		"Subject: Pre-election period (purdah): instructions for social media\n\n"
		"From {{from}} until {{until}} these instructions hold for {{accounts}}:\n\n{{instructions}}\n\n"
		"Questions: {{contact}}\n\nOrdered by {{who}}, {{at}}.\n",
	[HF_TOLD_REMINDER] =
		"Subject: Please read the instructions of the pre-election period (purdah)\n\n"
		"You have not yet said that you have read these instructions. Please read them, and say so in the window on\n"
		"your council laptop: until then the tools for posting stay shut there.\n\n{{instructions}}\n\n"
		"Questions: {{contact}}\n",
	[HF_TOLD_TEST] =
		"Subject: Test of messages\n\nThis is a test of {{council}}'s messages. Nothing has happened, and nothing is to be done.\n",
};

/* Of a text message all is body. */
static const char *const BUILT_IN_SMS[HF_TOLD_COUNT] = {
	[HF_TOLD_POSTER] = "Please post one message now on {{posts}}: a window with its text is open on your council laptop. Cannot? {{contact}}",
	[HF_TOLD_HOLDER] = "Please stop posting now on {{accounts}}, from any device. Questions: {{contact}}",
	[HF_TOLD_OFFICER] = "Emergency lockdown of social media: {{accounts}}. Why: {{reason}}",
	[HF_TOLD_COUNCIL] = "Emergency lockdown of social media: please do not post for {{council}}. Questions: {{contact}}",
	[HF_TOLD_OUTSIDE] = "{{council}} has stopped posting on its social media accounts: please do not post there. Questions: {{contact}}",
	[HF_TOLD_DRAFT] = "{{waits}} waits for your approval, after {{who}}: holdfast drafts",
	[HF_TOLD_SECOND] = "It is over: you may post again. {{message}}",
	[HF_TOLD_INSTRUCTIONS] = "Pre-election period (purdah) from {{from}}: your e-mail has the instructions for {{accounts}}. Questions: {{contact}}",
	[HF_TOLD_REMINDER] = "Please read the instructions of the pre-election period (purdah) on your council laptop: posting stays shut until then.",
	[HF_TOLD_TEST] = "This is a test of {{council}}'s messages. Nothing is to be done.",
};
/* clang-format on */

/* All that can be filled in, made for one letter. */
struct blanks {
	struct hf_fill v[BLANKS];
	size_t n;
	struct hf_page accounts, posts, texts, who;
	char at[HF_WALL_TEXT_SIZE], from[HF_WALL_TEXT_SIZE], until[HF_WALL_TEXT_SIZE];
};

static void blanks_done(struct blanks *b)
{
	free(b->accounts.text);
	free(b->posts.text);
	free(b->texts.text);
	free(b->who.text);
}

#define auto_blanks __attribute__((cleanup(blanks_done)))

static void add_blank(struct blanks *b, const char *name, const char *value)
{
	b->v[b->n++] = (struct hf_fill){name, value};
}

static enum hf_rc put_in_row(struct hf_page *page, const char *text)
{
	enum hf_rc rc = page->len ? hf_page_put(page, ", ") : HF_OK;
	return rc == HF_OK ? hf_page_put(page, text) : rc;
}

static enum hf_rc list_accounts(const struct hf_order *order, struct blanks *b)
{
	enum hf_rc rc = HF_OK;
	if (hf_strs_has(&order->body.accounts, "*"))
		return hf_page_put(&b->accounts, "every account of the council");
	for (size_t i = 0; i < order->body.accounts.n && rc == HF_OK; i++)
		rc = put_in_row(&b->accounts, order->body.accounts.v[i]);
	return rc;
}

static enum hf_rc put_text(const struct hf_holding *holding, struct blanks *b)
{
	char line[SMALL];
	enum hf_rc rc = hf_str_printf(line, sizeof(line),
				      "On %s, within %" PRId64 " minutes of opening the posting window:\n\n",
				      holding->account, holding->minutes);
	if (rc == HF_OK)
		rc = hf_page_put(&b->texts, line);
	if (rc == HF_OK)
		rc = hf_page_put(&b->texts, holding->text);
	return rc == HF_OK ? hf_page_put(&b->texts, "\n\n") : rc;
}

static enum hf_rc list_texts(const struct hf_order *order, const char *person, struct blanks *b)
{
	enum hf_rc rc = HF_OK;
	for (const struct hf_holding *h = hf_telling_holding(order, person, NULL); h && rc == HF_OK;
	     h = hf_telling_holding(order, person, h)) {
		rc = put_in_row(&b->posts, h->account);
		if (rc == HF_OK)
			rc = put_text(h, b);
	}
	return rc;
}

/* What people are called: by the people file, else by their id. */
static enum hf_rc list_signers(const struct hf_letter_matter *matter, struct blanks *b)
{
	enum hf_rc rc = HF_OK;
	for (size_t i = 0; matter->signers && i < matter->signers->n && rc == HF_OK; i++) {
		const struct hf_contact *one = hf_contacts_find(matter->people, matter->signers->v[i]);
		rc = put_in_row(&b->who, one && one->title[0] ? one->title : matter->signers->v[i]);
	}
	return rc;
}

static void add_order(const struct hf_order *order, struct blanks *b)
{
	add_blank(b, "reason", order->body.reason);
	add_blank(b, "contact", order->body.contact);
	add_blank(b, "instructions", order->body.instructions);
	add_blank(b, "message", order->message);
	add_blank(b, "at", hf_london_text(order->at, b->at));
	add_blank(b, "from", hf_london_text(order->body.from, b->from));
	add_blank(b, "until", hf_london_text(order->body.until, b->until));
	add_blank(b, "accounts", b->accounts.text);
	add_blank(b, "posts", b->posts.text);
	add_blank(b, "texts", b->texts.text);
}

static enum hf_rc fill_blanks(const struct hf_letter_matter *matter, const struct hf_tell *tell, struct blanks *b)
{
	const struct hf_order *order = matter->order;
	enum hf_rc rc = list_signers(matter, b);
	if (rc == HF_OK && order && order->act != HF_ACT_RELEASE)
		rc = list_accounts(order, b);
	if (rc == HF_OK && order && tell->what == HF_TOLD_POSTER)
		rc = list_texts(order, tell->to->person, b);
	if (rc != HF_OK)
		return rc;
	add_blank(b, "council", matter->council);
	add_blank(b, "who", b->who.text);
	add_blank(b, "waits", matter->waits);
	add_blank(b, "name", tell->to->name);
	add_blank(b, "title", tell->to->title);
	if (order)
		add_order(order, b);
	return HF_OK;
}

/* "Subject: ..." and an empty line before the body. */
static enum hf_rc split(const char *text, struct hf_page *ret_subject, const char **ret_body, struct hf_err *err)
{
	const char *end = strchr(text, '\n');
	size_t head = strlen(SUBJECT);
	enum hf_rc rc;
	if (strncmp(text, SUBJECT, head) != 0 || !end || end[1] != '\n' || (size_t)(end - text) <= head)
		return hf_err_set(err, HF_E_SHAPE, "its first line is not 'Subject: ...' with an empty line behind it");
	rc = hf_page_put(ret_subject, text + head);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for a message");
	ret_subject->text[(size_t)(end - text) - head] = '\0';
	ret_subject->len = hf_utf8_cut(ret_subject->text, HF_SUBJECT_MAX);
	ret_subject->text[ret_subject->len] = '\0';
	*ret_body = end + 2;
	return HF_OK;
}

static bool is_exercise(const struct hf_letter_matter *matter)
{
	return matter->order && matter->order->mode == HF_MODE_EXERCISE;
}

static enum hf_rc put_footer(const struct hf_letter_matter *matter, struct hf_page *body)
{
	char line[SMALL], hex[HF_DIGEST_HEX_SIZE];
	enum hf_rc rc = hf_page_put(body, "\n----\n");
	if (rc == HF_OK && matter->lockdown) {
		rc = hf_str_printf(line, sizeof(line), "Lockdown %s.\n", hf_digest_hex(matter->lockdown, hex));
		if (rc == HF_OK)
			rc = hf_page_put(body, line);
	}
	if (rc == HF_OK)
		rc = hf_str_printf(line, sizeof(line),
				   "When this was written, the council's record had %" PRId64 " entries, and their root was\n"
				   "%s.\nPlease keep this message: it is a witness of that.\n",
				   matter->size, hf_digest_hex(&matter->root, hex));
	return rc == HF_OK ? hf_page_put(body, line) : rc;
}

static enum hf_rc put_body(const struct hf_letter_matter *matter, const char *text, struct hf_page *body)
{
	enum hf_rc rc = HF_OK;
	if (is_exercise(matter))
		rc = hf_page_put(body, "THIS IS AN EXERCISE. Nothing has happened, and nothing is blocked.\n\n");
	if (rc == HF_OK)
		rc = hf_page_put(body, text);
	return rc == HF_OK ? put_footer(matter, body) : rc;
}

/* From a filled-in template to a letter. */
static enum hf_rc finish_letter(const struct hf_letter_matter *matter, const char *text, struct hf_letter *ret,
				struct hf_err *err)
{
	struct hf_page subject = {0}, whole = {0}, body = {0};
	const char *rest = "";
	enum hf_rc rc = split(text, &subject, &rest, err);
	if (rc == HF_OK) {
		rc = hf_page_put(&whole, is_exercise(matter) ? EXERCISE : "");
		if (rc == HF_OK)
			rc = hf_page_put(&whole, subject.text);
		if (rc == HF_OK)
			rc = put_body(matter, rest, &body);
		if (rc != HF_OK)
			(void)hf_err_set(err, rc, "it is longer than %d bytes, or there is no memory", HF_RENDERED_MAX);
	}
	free(subject.text);
	if (rc == HF_OK) {
		*ret = (struct hf_letter){whole.text, body.text};
		return HF_OK;
	}
	free(whole.text);
	free(body.text);
	return rc;
}

static enum hf_rc finish_sms(const struct hf_letter_matter *matter, const char *text, struct hf_letter *ret,
			     struct hf_err *err)
{
	struct hf_page body = {0};
	char *subject = strdup("");
	enum hf_rc rc = hf_page_put(&body, is_exercise(matter) ? EXERCISE : "");
	if (rc == HF_OK)
		rc = hf_page_put(&body, text);
	if (rc != HF_OK || !subject) {
		free(subject);
		free(body.text);
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	}
	body.text[hf_utf8_cut(body.text, HF_SMS_MAX)] = '\0';
	*ret = (struct hf_letter){subject, body.text};
	return HF_OK;
}

/* A value in the subject is one line, too. */
static void one_line(char *text)
{
	char *end = strstr(text, "\n\n");
	for (; end && text < end; text++)
		if (*text == '\n')
			*text = ' ';
}

enum hf_rc hf_letter_write(const struct hf_letter_matter *matter, const struct hf_tell *tell, const char *template,
			   struct hf_letter *ret, struct hf_err *err)
{
	auto_blanks struct blanks b = {.n = 0};
	hf_auto_free char *text = NULL;
	bool sms = strcmp(tell->channel, HF_CHANNEL_SMS) == 0;
	const char *const *built_in = sms ? BUILT_IN_SMS : BUILT_IN;
	enum hf_rc rc = fill_blanks(matter, tell, &b);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory for a message");
	rc = hf_render(template ? template : built_in[tell->what], b.v, b.n, &text, err);
	if (rc != HF_OK)
		return rc;
	if (sms)
		return finish_sms(matter, text, ret, err);
	one_line(text);
	return finish_letter(matter, text, ret, err);
}

void hf_letter_done(struct hf_letter *letter)
{
	free(letter->subject);
	free(letter->body);
	*letter = (struct hf_letter){0};
}
