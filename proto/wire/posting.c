/* SPDX-License-Identifier: MIT */
/*
 * Owns the rows that say how far a person has come with a holding message.
 * Must never judge whose word it is: that is for those who know the assignment or the trust.
 */
#include <holdfast/posting.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

static const char *const STATE_NAMES[HF_POSTING_STATE_COUNT] = {
	[HF_POSTING_CLAIMED] = "claimed", [HF_POSTING_OPEN] = "open",	  [HF_POSTING_ENDED] = "ended",
	[HF_POSTING_CANNOT] = "cannot",	  [HF_POSTING_POSTED] = "posted",
};

static const struct hf_digest NO_TEXT = {{0}};

/* clang-format off */
#define POSTING_ROWS(p, word, reported, no_text) {                                      \
	HF_ROW("lockdown",  DIGEST, &(p)->lockdown, 0),                            \
	HF_ROW("account",   LINE,   &(p)->account,  2 * HF_ID_MAX),                \
	HF_ROW("person",    ID,     &(p)->person,   0),                            \
	HF_ROW("state",     ID,     word,           0),                            \
	HF_ROW("at",        WALL,   &(p)->at,       0),                            \
	HF_ROW("post",      LINE0,  &(p)->post,     HF_POST_SIZE - 1),             \
	reported ? (struct hf_json_member)HF_ROW("why", LINE0, &(p)->why, HF_WHY_SIZE - 1) \
		 : (struct hf_json_member)HF_ROW("device", ID, &(p)->device, 0),   \
	HF_ROW_IF("text",   DIGEST, &(p)->text,     0, no_text),                   \
}
/* clang-format on */

const char *hf_posting_state_name(enum hf_posting_state state)
{
	return STATE_NAMES[state];
}

bool hf_posting_follows(enum hf_posting_state from, enum hf_posting_state to)
{
	return to > from && from < HF_POSTING_CANNOT;
}

/* What may stand in an address unescaped (RFC 3986), or in an escape. */
static bool is_address_byte(char c)
{
	return c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}", c);
}

enum hf_rc hf_post_address_check(const char *address, struct hf_err *err)
{
	static const char *const schemes[] = {"https://", "http://"};
	const char *host = NULL;
	size_t len;

	if (strlen(address) >= HF_POST_SIZE)
		return hf_err_set(err, HF_E_SIZE, "The address of a post has at most %d characters.", HF_POST_SIZE - 1);
	for (size_t i = 0; i < HF_LEN(schemes) && !host; i++)
		if (strncmp(address, schemes[i], strlen(schemes[i])) == 0)
			host = address + strlen(schemes[i]);
	if (!host)
		return hf_err_set(err, HF_E_SHAPE, "The address of a post begins with https:// or http://.");
	for (const char *c = address; *c != '\0'; c++)
		if (!is_address_byte(*c))
			return hf_err_set(err, HF_E_SHAPE,
					  "The address of a post has no spaces, quotes, brackets or accents.");
	len = strcspn(host, "/?#");
	if (len == 0 || *host == ':' || memchr(host, '@', len))
		return hf_err_set(err, HF_E_SHAPE,
				  "The address of a post names a website, such as https://example.com/post/1.");
	return HF_OK;
}

static enum hf_rc check_posting(const struct hf_posting *posting, struct hf_err *err)
{
	if (!hf_account_ok(posting->account))
		return hf_err_set(err, HF_E_SHAPE, "\"%s\" is no account; write platform:handle.", posting->account);
	if (posting->post[0] == '\0')
		return HF_OK;
	if (posting->state != HF_POSTING_POSTED)
		return hf_err_set(err, HF_E_SHAPE, "What is not posted has no address of a post.");
	return hf_post_address_check(posting->post, err);
}

enum hf_rc hf_posting_take(json_t *value, enum hf_posting_kind kind, struct hf_posting *ret, struct hf_err *err)
{
	struct hf_posting posting = {.account = NULL};
	const char *word = NULL;
	size_t state = 0;
	const struct hf_json_member rows[] = POSTING_ROWS(&posting, &word, kind == HF_POSTING_REPORTED, true);
	enum hf_rc rc = hf_json_take(value, rows, HF_LEN(rows), err);

	if (rc == HF_OK)
		rc = hf_doc_word(word, STATE_NAMES, HF_POSTING_STATE_COUNT, &state, err);
	posting.state = (enum hf_posting_state)state;
	if (rc == HF_OK)
		rc = check_posting(&posting, err);
	if (rc == HF_OK && json_object_get(value, "text") && hf_digest_cmp(&posting.text, &NO_TEXT) == 0)
		rc = hf_err_set(err, HF_E_SHAPE, "That a posting is of no text is said by leaving it out.");
	if (rc == HF_OK)
		*ret = posting;
	return rc;
}

static bool same_posting(const struct hf_posting *a, const struct hf_posting *b)
{
	return hf_digest_cmp(&a->lockdown, &b->lockdown) == 0 && strcmp(a->account, b->account) == 0 &&
	       strcmp(a->person, b->person) == 0 && hf_digest_cmp(&a->text, &b->text) == 0;
}

enum hf_rc hf_postings_take(json_t *list, enum hf_posting_kind kind, struct hf_posting **ret, size_t *ret_n,
			    struct hf_err *err)
{
	hf_auto_free struct hf_posting *v = NULL;
	size_t n = json_array_size(list);
	enum hf_rc rc = hf_doc_alloc(n, sizeof(*v), &v, err);

	for (size_t i = 0; rc == HF_OK && i < n; i++) {
		rc = hf_posting_take(json_array_get(list, i), kind, &v[i], err);
		for (size_t k = 0; rc == HF_OK && k < i; k++)
			if (same_posting(&v[k], &v[i]))
				rc = hf_err_set(err, HF_E_SHAPE, "The posting of %s by %s is said twice.", v[i].account,
						v[i].person);
	}
	if (rc != HF_OK)
		return rc;
	*ret = hf_steal_ptr(&v);
	*ret_n = n;
	return HF_OK;
}

json_t *hf_posting_put(const struct hf_posting *posting, enum hf_posting_kind kind)
{
	struct hf_posting p = *posting;
	const char *word = hf_posting_state_name(p.state);
	const struct hf_json_member rows[] =
		POSTING_ROWS(&p, &word, kind == HF_POSTING_REPORTED, hf_digest_cmp(&p.text, &NO_TEXT) == 0);

	return hf_json_put(rows, HF_LEN(rows));
}

json_t *hf_postings_put(const struct hf_posting *postings, size_t n, enum hf_posting_kind kind)
{
	hf_auto_json json_t *list = json_array();

	for (size_t i = 0; list && i < n; i++) {
		json_t *row = hf_posting_put(&postings[i], kind);

		if (!row || json_array_append_new(list, row) != 0)
			return NULL;
	}
	return list ? json_incref(list) : NULL;
}
