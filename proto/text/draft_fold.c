/* SPDX-License-Identifier: MIT */
/*
 * Owns the form in which drafts and the words of the register are compared: case, accents, punctuation.
 * Must never keep anything of a draft.
 *
 * How we read D10 here: a name is the same name in any case, with or without accents, with any kind of apostrophe,
 * hyphen or white space. Full stops, commas and the like part two names, but not an initial from a name ("J. Smith").
 * A hashtag or mention is read as it is written ("#votesmith"), without a campaign word in front ("#smith") and without
 * digits at its end, and as the words that its capitals make ("#VoteSmith": vote smith).
 */
#include "proto/text/draft_fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include <holdfast/str.h>
#include <holdfast/utf8.h>

#define DECOMPOSED_MAX 18 /* characters that one becomes: as Unicode has it, U+FDFA */

/* clang-format off */
/* What a character does. */
enum sort { NOTHING, LETTER, SOFT, HYPHEN, UNDERSCORE, HARD, STOP, APOSTROPHE, AND, TAG };

/* Characters that do more than their category says. */
static const struct {
	enum sort sort;
	int32_t chars[13]; /* up to a zero */
} SORTS[] = {
	{SOFT, {'\t', '\n', '\v', '\f', '\r', 0x85}}, {HYPHEN, {'-', 0x2010, 0x2012, 0x2013, 0x2212}}, {UNDERSCORE, {'_'}}, {STOP, {'.'}},
	{APOSTROPHE, {'\'', '`', 0xb4, 0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x55a, 0x2018, 0x2019, 0x201b, 0x2032}}, {AND, {'&'}}, {TAG, {'#', '@'}},
};

/* Small letters that Unicode does not take apart, and that a person leaves out who has not their key. */
static const struct {
	int32_t c;
	const char *bare;
} BARE[] = {
	{0xe6, "ae"}, {0xf0, "d"}, {0xf8, "o"}, {0xfe, "th"}, {0x111, "d"}, {0x127, "h"}, {0x131, "i"}, {0x138, "k"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"},
};

/* What a campaign puts before a name. */
static const char *const CAMPAIGN[] = {"vote", "votefor", "elect", "reelect", "back", "backing", "support", "team"};
/* clang-format on */

/* One character, read. */
struct glyph {
	enum sort sort;
	char text[5]; /* of a letter: lower-case */
	size_t len;
	bool upper, digit;
	uint32_t from, to;
};

struct folder {
	struct hf_draft_text *out;
	struct hf_folded tag; /* the letters of the hashtag that is being read */
	enum sort gap;	      /* NOTHING: inside a word, else what stood since */
	size_t word_at;	      /* where the word begins */
	bool begun;	      /* there is a word before */
	bool lower, digit;    /* the letter before was one of these */
	bool apostrophe;      /* it came, and becomes part of the word if a letter follows */
	bool in_tag;
	uint32_t tag_from;
};

static void folded_done(struct hf_folded *folded)
{
	free(folded->b);
	free(folded->from);
	free(folded->to);
	memset(folded, 0, sizeof(*folded));
}

static void grow(struct hf_folded *folded)
{
	size_t room = folded->room ? 2 * folded->room : 256;
	char *b = realloc(folded->b, room);
	folded->b = b ? b : folded->b;
	uint32_t *from = realloc(folded->from, room * sizeof(*from));
	folded->from = from ? from : folded->from;
	uint32_t *to = realloc(folded->to, room * sizeof(*to));
	folded->to = to ? to : folded->to;
	if (b && from && to)
		folded->room = room;
	else
		folded->failed = true;
}

static void put_byte(struct hf_folded *folded, char c, uint32_t from, uint32_t to)
{
	if (folded->n == folded->room)
		grow(folded);
	if (folded->failed)
		return;
	folded->b[folded->n] = c;
	folded->from[folded->n] = from;
	folded->to[folded->n] = to;
	folded->n++;
}

static void put_glyph(struct hf_folded *folded, const struct glyph *g)
{
	for (size_t i = 0; i < g->len; i++)
		put_byte(folded, g->text[i], g->from, g->to);
}

/* An accent, or a line or ring around a letter; the vowels of other scripts are none. */
static bool is_accent(int32_t c)
{
	const utf8proc_property_t *is = utf8proc_get_property(c);
	bool overlay = is->combining_class == 1, beside = is->combining_class >= 200;

	return is->category == UTF8PROC_CATEGORY_ME || (is->category == UTF8PROC_CATEGORY_MN && (overlay || beside));
}

static bool is_letter(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ND && !is_accent(c);
}

/* What stands for a letter in folded text, with an end mark. */
static void print_letter(int32_t c, char text[5])
{
	text[utf8proc_encode_char(c, (utf8proc_uint8_t *)text)] = '\0';
	for (size_t i = 0; i < HF_LEN(BARE); i++)
		if (BARE[i].c == c)
			memcpy(text, BARE[i].bare, strlen(BARE[i].bare) + 1);
}

/* The letters of a character, if there are any and they need no more room than it has in UTF-8. */
static bool set_letters(struct glyph *g, const int32_t *to, size_t n)
{
	size_t room = g->to - g->from;
	char text[5];

	g->len = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_letter(to[i]))
			continue;
		print_letter(to[i], text);
		if (strlen(text) > room - g->len)
			return false;
		memcpy(g->text + g->len, text, strlen(text));
		g->len += strlen(text);
	}
	g->sort = LETTER;
	g->digit = g->text[0] >= '0' && g->text[0] <= '9';
	return g->len > 0;
}

static enum sort sort_of(int32_t c, int32_t plain)
{
	for (size_t i = 0; i < HF_LEN(SORTS); i++)
		for (const int32_t *one = SORTS[i].chars; *one; one++)
			if (*one == c || *one == plain)
				return SORTS[i].sort;
	utf8proc_category_t category = utf8proc_category(c);
	if (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP)
		return SOFT;
	/* A small two behind a name is a note, and no part of it. */
	bool number = category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
	return is_letter(plain) && !number ? LETTER : HARD;
}

static void read_char(struct glyph *g, int32_t c)
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE | UTF8PROC_CASEFOLD;
	int32_t to[DECOMPOSED_MAX];
	int bounds = 0;
	utf8proc_ssize_t n;

	/* White letters in black rings and squares, which Unicode does not take apart. */
	if (c >= 0x1f150 && c <= 0x1f189 && (c - 0x1f150) % 32 < 26)
		c = 'A' + (c - 0x1f150) % 32;
	n = utf8proc_decompose_char(c, to, DECOMPOSED_MAX, how, &bounds);
	if (n < 1 || n > DECOMPOSED_MAX || is_accent(c)) {
		g->sort = n < 0 || n > DECOMPOSED_MAX ? HARD : NOTHING;
		return;
	}
	g->sort = sort_of(c, n == 1 ? to[0] : c);
	if (g->sort != LETTER)
		return;
	g->upper = utf8proc_category(c) == UTF8PROC_CATEGORY_LU || utf8proc_tolower(c) != c;
	if (!set_letters(g, to, (size_t)n))
		set_letters(g, &c, 1);
}

/* The character at a place; a byte that begins none parts words. */
static struct glyph read_glyph(const char *text, size_t len, size_t at)
{
	uint32_t c;
	size_t n = hf_utf8_read((const uint8_t *)text + at, len - at, &c);
	struct glyph g = {.sort = HARD, .from = (uint32_t)at, .to = (uint32_t)(at + (n ? n : 1))};
	if (n > 0)
		read_char(&g, (int32_t)c);
	return g;
}

/* What parts the last word from the next. A hyphen is one inside a word alone; beside anything else it is a dash. */
static void part(struct folder *f, enum sort sort)
{
	bool dash = f->gap == HYPHEN || (sort == HYPHEN && f->gap != NOTHING);
	if (f->gap != HARD)
		f->gap = dash ? HARD : sort;
	f->apostrophe = false;
}

static void put_tag(struct folder *f, size_t skip, size_t len)
{
	const struct hf_folded *tag = &f->tag;
	put_byte(&f->out->tags, '#', skip ? tag->from[skip] : f->tag_from, 0);
	for (size_t i = skip; i < len; i++)
		put_byte(&f->out->tags, tag->b[i], tag->from[i], tag->to[i]);
	put_byte(&f->out->tags, ' ', 0, 0);
}

/* A tag up to len, and what a campaign word in front of it leaves. */
static void put_tags(struct folder *f, size_t len)
{
	put_tag(f, 0, len);
	for (size_t i = 0; i < HF_LEN(CAMPAIGN); i++) {
		size_t skip = strlen(CAMPAIGN[i]);
		if (len > skip && memcmp(f->tag.b, CAMPAIGN[i], skip) == 0)
			put_tag(f, skip, len);
	}
}

static void end_tag(struct folder *f)
{
	size_t len = f->tag.n, bare = len;
	f->in_tag = false;
	f->out->tags.failed |= f->tag.failed;
	while (bare > 0 && f->tag.b[bare - 1] >= '0' && f->tag.b[bare - 1] <= '9')
		bare--;
	/* The shorter first, so that ends come in order. */
	if (bare > 0 && bare < len && !f->out->tags.failed)
		put_tags(f, bare);
	if (len > 0 && !f->out->tags.failed)
		put_tags(f, len);
	f->tag.n = 0;
}

static void take_letter(struct folder *f, const struct glyph *g)
{
	struct hf_folded *words = &f->out->words;
	if (f->in_tag && f->gap == NOTHING && ((g->upper && (f->lower || f->digit)) || g->digit != f->digit))
		f->gap = SOFT;
	if (f->gap == HARD && f->begun) {
		put_byte(words, ' ', g->from, g->from);
		put_byte(words, '.', g->from, g->from);
	}
	if (f->gap != NOTHING) {
		put_byte(words, ' ', g->from, g->from);
		f->word_at = words->n;
	} else if (f->apostrophe && !f->in_tag) {
		put_byte(words, '\'', g->from, g->from);
	}
	put_glyph(words, g);
	if (f->in_tag)
		put_glyph(&f->tag, g);
	f->gap = NOTHING;
	f->apostrophe = false;
	f->begun = true;
	f->lower = !g->upper && !g->digit;
	f->digit = g->digit;
}

/* "J. Smith", "St. Chad": after these a full stop parts no name. */
static bool is_short(const struct folder *f)
{
	const struct hf_folded *words = &f->out->words;
	if (f->gap != NOTHING || words->failed)
		return false;
	size_t len = words->n - f->word_at;
	return len == 1 || (len == 2 && memcmp(words->b + f->word_at, "st", 2) == 0);
}

static void take_and(struct folder *f, struct glyph *g)
{
	part(f, SOFT);
	g->len = 3;
	memcpy(g->text, "and", g->len);
	take_letter(f, g);
	part(f, SOFT);
}

static void take_glyph(struct folder *f, struct glyph *g)
{
	bool in_word = f->gap == NOTHING && f->begun;
	if (f->in_tag && g->sort != LETTER && g->sort != NOTHING && g->sort != UNDERSCORE)
		end_tag(f);
	switch (g->sort) {
	case NOTHING:
		break;
	case LETTER:
		take_letter(f, g);
		break;
	case SOFT:
	case UNDERSCORE:
		part(f, SOFT);
		break;
	case HYPHEN:
	case HARD:
		part(f, g->sort);
		break;
	case STOP:
		part(f, is_short(f) ? SOFT : HARD);
		break;
	case APOSTROPHE:
		if (in_word)
			f->apostrophe = true;
		else
			part(f, SOFT);
		break;
	case AND:
		take_and(f, g);
		break;
	case TAG:
		part(f, in_word ? HARD : SOFT);
		f->in_tag = !in_word;
		f->tag_from = g->from;
		break;
	}
}

enum hf_rc hf_draft_fold(const char *text, size_t len, struct hf_draft_text *ret_folded)
{
	hf_auto_draft_text struct hf_draft_text out = {0};
	struct folder f = {.out = &out, .gap = SOFT};
	for (size_t at = 0; at < len;) {
		struct glyph g = read_glyph(text, len, at);
		take_glyph(&f, &g);
		at = g.to;
	}
	if (f.in_tag)
		end_tag(&f);
	if (f.begun)
		put_byte(&out.words, ' ', (uint32_t)len, (uint32_t)len);
	folded_done(&f.tag);
	if (out.words.failed || out.tags.failed)
		return HF_E_MEMORY;
	*ret_folded = out;
	memset(&out, 0, sizeof(out));
	return HF_OK;
}

void hf_draft_text_done(struct hf_draft_text *folded)
{
	folded_done(&folded->words);
	folded_done(&folded->tags);
}
