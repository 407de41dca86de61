/* SPDX-License-Identifier: MIT */
/*
 * Owns who was asked to post what, and what came of it.
 * Must never take the controller's word for what is to be posted, or by whom.
 */
#include <string.h>

#include <holdfast/london.h>
#include <holdfast/posting.h>
#include <holdfast/text.h>

#include "controller/office/client.h"
#include "controller/office/posting_words.h"

/* As people read them: what is done last. */
static const struct {
	const char *state, *words;
} ROWS[] = {
	{"asked", HF_TEXT("asked")},	    {"claimed", HF_TEXT("about to open the window")},
	{"open", HF_TEXT("window open")},   {"ended", HF_TEXT("window over, nothing said")},
	{"cannot", HF_TEXT("cannot post")}, {"posted", HF_TEXT("posted")},
};

/* NULL: the controller says nothing of this message, or of another poster. */
static const json_t *posting_of(const json_t *said, const struct hf_holding *holding)
{
	json_t *one;
	size_t index;

	json_array_foreach(json_object_get(said, "holding"), index, one)
	{
		if (strcmp(hf_client_text(one, "account", ""), holding->account) == 0 &&
		    strcmp(hf_client_text(one, "poster", ""), holding->poster) == 0)
			return json_object_get(one, "posting");
	}
	return NULL;
}

static size_t row_of(const json_t *posting)
{
	for (size_t i = 0; i < HF_LEN(ROWS); i++)
		if (strcmp(hf_client_text(posting, "state", ""), ROWS[i].state) == 0)
			return i;
	return 0;
}

static void say_counts(const struct hf_words *words, const json_t *said, const struct hf_body *body)
{
	size_t n[HF_LEN(ROWS)] = {0}, told = 0;

	for (size_t i = 0; i < body->n_holding; i++)
		n[row_of(posting_of(said, &body->holding[i]))]++;
	hf_words_begin(words);
	fprintf(words->out, hf_text("Holding messages: "));
	for (size_t i = 0; i < HF_LEN(ROWS); i++)
		if (n[i] > 0)
			fprintf(words->out, "%s%zu %s", told++ ? ", " : "", n[i], hf_text(ROWS[i].words));
	fputs(".\n", words->out);
}

/* What is asked, and of whom, with what the controller says came of it. */
struct asked {
	const json_t *said;
	const struct hf_body *body;
};

static bool has_same_text(const struct asked *asked, size_t i, size_t k)
{
	return strcmp(asked->body->holding[i].text, asked->body->holding[k].text) == 0;
}

/* Nobody has done anything about either: they are one line, or one message would fill the screen. */
static bool is_as_asked(const struct asked *asked, size_t i, size_t k)
{
	const struct hf_holding *a = &asked->body->holding[i], *b = &asked->body->holding[k];

	return has_same_text(asked, i, k) && strcmp(a->poster, b->poster) == 0 &&
	       row_of(posting_of(asked->said, a)) == 0 && row_of(posting_of(asked->said, b)) == 0;
}

static void list_accounts(const struct hf_words *words, const struct asked *asked, size_t first)
{
	size_t n = 1, i = 0;

	for (size_t k = first + 1; k < asked->body->n_holding; k++)
		n += is_as_asked(asked, first, k);
	hf_words_item(words->out, i++, n, asked->body->holding[first].account);
	for (size_t k = first + 1; k < asked->body->n_holding; k++)
		if (is_as_asked(asked, first, k))
			hf_words_item(words->out, i++, n, asked->body->holding[k].account);
}

static void say_message(const struct hf_words *words, const struct asked *asked, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (!has_same_text(asked, k, i))
			continue;
		hf_words_line(words, "  The same message.");
		return;
	}
	hf_words_text(words, "  ", asked->body->holding[i].text);
}

static void say_one(const struct hf_words *words, const struct asked *asked, size_t i)
{
	const struct hf_holding *one = &asked->body->holding[i];
	const json_t *posting = posting_of(asked->said, one);
	int64_t at = json_integer_value(json_object_get(posting, "at"));
	char when[HF_WALL_TEXT_SIZE], who[HF_PERSON_TEXT_SIZE];

	for (size_t k = 0; k < i; k++)
		if (is_as_asked(asked, k, i))
			return;
	hf_words_begin(words);
	list_accounts(words, asked, i);
	fprintf(words->out, hf_text(", poster %s: %s"), hf_words_who(words, one->poster, who),
		hf_text(ROWS[row_of(posting)].words));
	if (at > 0)
		fprintf(words->out, hf_text(", %s, on %s"), hf_london_text((struct hf_wall){at}, when),
			hf_client_text(posting, "device", ""));
	fputs(".\n", words->out);
	if (hf_client_text(posting, "post", "")[0])
		hf_words_text(words, hf_text("  The post: "), hf_client_text(posting, "post", ""));
	if (hf_client_text(posting, "why", "")[0])
		hf_words_text(words, hf_text("  Why not: "), hf_client_text(posting, "why", ""));
	say_message(words, asked, i);
}

void hf_words_postings(const struct hf_words *words, const json_t *said, const struct hf_body *body)
{
	const struct asked asked = {said, body};

	if (body->n_holding == 0)
		return;
	say_counts(words, said, body);
	for (size_t i = 0; i < body->n_holding; i++)
		say_one(words, &asked, i);
}
