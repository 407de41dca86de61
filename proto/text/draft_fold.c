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

#include <holdfast/str.h>
#include <holdfast/utf8.h>

/* clang-format off */
/* What a character does. */
enum sort { NOTHING, LETTER, SOFT, HYPHEN, UNDERSCORE, HARD, STOP, APOSTROPHE, AND, TAG };

/* Letters that are a Latin one with something to it: the letter, '*' one of its own, '.' none. */
static const struct {
	uint32_t first;
	const char *bases;
} LATIN[] = {
	{0xc0,
	 "AAAAAA*CEEEEIIIIDNOOOOO.OUUUUY**aaaaaa*ceeeeiiiidnooooo.ouuuuy*y"
	 "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi**JjKkkLlLlLlL"
	 "lLlNnNnNnnNnOoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"
	 "bBBb***Cc*DDd****FfG***IKkl**NnOOo**Pp*****tTtTUu*VYyZz*********"
	 "*****D**L**N*AaIiOoUuUuUuUuUu*AaAa**GgGgKkOoOo**j*D*Gg**NnAa**Oo"
	 "AaAaEeEeIiIiOoOoRrRrUuUuSsTt**HhNd**ZzAaEeOoOoOoOoYylntj**ACcLTs"
	 "z**B**EeJj*qRrYy"},
	{0x1e00,
	 "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
	 "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
	 "WwWwWwWwWwXxXxYyZzZzZzhtwyasss**AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
	 "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy****Yy"},
	{0x2100, "..C....*..gHHHh*IILl.N...PQRRR......Z.*.Z.KABC.eEF*Mo****i..****"},
};

/* Letters that are two or three. */
static const struct {
	uint32_t c;
	const char *text; /* as LATIN's: a capital is one */
} JOINED[] = {
	{0xc6, "Ae"}, {0xde, "Th"}, {0xdf, "ss"}, {0xe6, "ae"}, {0xfe, "th"}, {0x132, "Ij"}, {0x133, "ij"}, {0x152, "Oe"},
	{0x153, "oe"}, {0x1e9e, "Ss"}, {0xfb00, "ff"}, {0xfb01, "fi"}, {0xfb02, "fl"}, {0xfb03, "ffi"}, {0xfb04, "ffl"},
	{0xfb05, "st"}, {0xfb06, "st"},
};

/* Alphabets once more, for looks: capitals (and small letters, or digits) from `first` on, again and again. */
static const struct {
	uint32_t first, last;
	uint32_t period;
	char base;  /* of the first */
	char base2; /* of the 27th, or 0 */
} STYLED[] = {
	{0x24b6, 0x24e9, 52, 'A', 'a'}, {0xff10, 0xff19, 10, '0', 0}, {0xff21, 0xff3a, 26, 'A', 0}, {0xff41, 0xff5a, 26, 'a', 0},
	{0x1d400, 0x1d6a3, 52, 'A', 'a'}, {0x1d7ce, 0x1d7ff, 10, '0', 0}, {0x1f110, 0x1f129, 26, 'A', 0},
	{0x1f130, 0x1f149, 26, 'A', 0}, {0x1f150, 0x1f169, 26, 'A', 0}, {0x1f170, 0x1f189, 26, 'A', 0},
};

/* Everything else beyond ASCII, in order; what stands in none is a letter. */
static const struct {
	uint32_t first, last;
	enum sort sort;
} RANGES[] = {
	{0x80, 0x84, HARD}, {0x85, 0x85, SOFT}, {0x86, 0x9f, HARD}, {0xa0, 0xa0, SOFT}, {0xa1, 0xac, HARD}, {0xad, 0xad, NOTHING},
	{0xae, 0xb3, HARD}, {0xb4, 0xb4, APOSTROPHE}, {0xb5, 0xbf, HARD}, {0x2b0, 0x2b8, HARD}, {0x2b9, 0x2b9, APOSTROPHE},
	{0x2bb, 0x2bd, APOSTROPHE}, {0x2be, 0x2ff, HARD}, {0x300, 0x36f, NOTHING}, {0x55a, 0x55a, APOSTROPHE}, {0x61c, 0x61c, NOTHING}, {0x1680, 0x1680, SOFT},
	{0x1ab0, 0x1aff, NOTHING}, {0x1dc0, 0x1dff, NOTHING}, {0x180e, 0x180e, NOTHING},
	{0x2000, 0x200a, SOFT}, {0x200b, 0x200f, NOTHING}, {0x2010, 0x2013, HYPHEN}, {0x2014, 0x2017, HARD},
	{0x2018, 0x2019, APOSTROPHE}, {0x201a, 0x201a, HARD}, {0x201b, 0x201b, APOSTROPHE}, {0x201c, 0x2027, HARD}, {0x2028, 0x2029, SOFT},
	{0x202a, 0x202e, NOTHING}, {0x202f, 0x202f, SOFT}, {0x2030, 0x2031, HARD}, {0x2032, 0x2032, APOSTROPHE}, {0x2033, 0x205e, HARD},
	{0x205f, 0x205f, SOFT}, {0x2060, 0x206f, NOTHING}, {0x2070, 0x20cf, HARD}, {0x20d0, 0x20ff, NOTHING}, {0x2100, 0x2211, HARD}, {0x2212, 0x2212, HYPHEN}, {0x2213, 0x2bff, HARD},
	{0x2e00, 0x2e7f, HARD}, {0x3000, 0x3000, SOFT}, {0x3001, 0x303f, HARD}, {0xe000, 0xf8ff, HARD}, {0xfe00, 0xfe0f, NOTHING},
	{0xfe10, 0xfe1f, HARD}, {0xfe20, 0xfe2f, NOTHING}, {0xfe30, 0xfe57, HARD}, {0xfe58, 0xfe58, HYPHEN}, {0xfe59, 0xfe62, HARD},
	{0xfe63, 0xfe63, HYPHEN}, {0xfe64, 0xfe6a, HARD},
	{0xfe6b, 0xfe6b, TAG}, {0xfe6c, 0xfe6f, HARD}, {0xfeff, 0xfeff, NOTHING}, {0xff01, 0xff02, HARD}, {0xff03, 0xff03, TAG},
	{0xff04, 0xff05, HARD}, {0xff06, 0xff06, AND}, {0xff07, 0xff07, APOSTROPHE}, {0xff08, 0xff0c, HARD}, {0xff0d, 0xff0d, HYPHEN},
	{0xff0e, 0xff0e, STOP}, {0xff0f, 0xff1f, HARD}, {0xff20, 0xff20, TAG}, {0xff3b, 0xff3e, HARD}, {0xff3f, 0xff3f, UNDERSCORE},
	{0xff40, 0xff40, APOSTROPHE}, {0xff5b, 0xff65, HARD}, {0x1f000, 0x1faff, HARD}, {0xe0000, 0xe01ef, NOTHING},
	{0xf0000, 0x10ffff, HARD},
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

static void put(struct hf_folded *folded, char c, uint32_t from, uint32_t to)
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
		put(folded, g->text[i], g->from, g->to);
}

/* A letter of its own, as the UTF-8 that it was, but for the capitals of Greek and Cyrillic. */
static void set_other(struct glyph *g, const char *bytes, size_t len, uint32_t c)
{
	uint32_t small = c >= 0x391 && c <= 0x3a9   ? c + 0x20
			 : c >= 0x410 && c <= 0x42f ? c + 0x20
			 : c >= 0x400 && c <= 0x40f ? c + 0x50
						    : c;
	g->sort = LETTER;
	g->upper = small != c;
	g->len = len;
	memcpy(g->text, bytes, len);
	if (g->upper) {
		g->text[0] = (char)(0xc0 | small >> 6);
		g->text[1] = (char)(0x80 | (small & 0x3f));
	}
}

/* Text of ASCII letters and digits, capitals as they are. */
static void set_latin(struct glyph *g, const char *text, size_t len)
{
	g->sort = LETTER;
	g->upper = text[0] >= 'A' && text[0] <= 'Z';
	g->digit = text[0] >= '0' && text[0] <= '9';
	g->len = len;
	for (size_t i = 0; i < len; i++)
		g->text[i] = (char)(g->digit ? text[i] : text[i] | 0x20);
}

static bool read_latin(struct glyph *g, uint32_t c)
{
	for (size_t i = 0; i < HF_LEN(JOINED); i++) {
		if (JOINED[i].c == c) {
			set_latin(g, JOINED[i].text, strlen(JOINED[i].text));
			return true;
		}
	}
	for (size_t i = 0; i < HF_LEN(LATIN); i++) {
		uint32_t at = c - LATIN[i].first;
		if (c < LATIN[i].first || at >= strlen(LATIN[i].bases))
			continue;
		if (LATIN[i].bases[at] == '.' || LATIN[i].bases[at] == '*')
			return false;
		set_latin(g, &LATIN[i].bases[at], 1);
		return true;
	}
	for (size_t i = 0; i < HF_LEN(STYLED); i++) {
		if (c < STYLED[i].first || c > STYLED[i].last)
			continue;
		uint32_t at = (c - STYLED[i].first) % STYLED[i].period;
		char base = (char)(at < 26 ? (uint32_t)STYLED[i].base + at : (uint32_t)STYLED[i].base2 + at - 26);
		set_latin(g, &base, 1);
		return true;
	}
	return false;
}

static enum sort sort_of(uint32_t c)
{
	if (c == 0xd7 || c == 0xf7)
		return HARD;
	for (size_t i = 0; i < HF_LEN(RANGES); i++)
		if (c >= RANGES[i].first && c <= RANGES[i].last)
			return RANGES[i].sort;
	return LETTER;
}

static void read_ascii(struct glyph *g, char c)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const struct {
		const char *chars;
		enum sort sort;
	} sorts[] = {{" \t\n\v\f\r", SOFT}, {"-", HYPHEN}, {"_", UNDERSCORE}, {".", STOP},
		     {"'`", APOSTROPHE},    {"&", AND},	   {"#@", TAG}};
	g->sort = HARD;
	if (c == '\0')
		return;
	if (strchr(letters, c))
		set_latin(g, &c, 1);
	for (size_t i = 0; i < HF_LEN(sorts); i++)
		if (strchr(sorts[i].chars, c))
			g->sort = sorts[i].sort;
}

/* The character at a place; a byte that begins none parts words. */
static struct glyph read_glyph(const char *text, size_t len, size_t at)
{
	uint32_t c;
	size_t n = hf_utf8_read((const uint8_t *)text + at, len - at, &c);
	struct glyph g = {.sort = HARD, .from = (uint32_t)at, .to = (uint32_t)(at + (n ? n : 1))};
	if (n == 1)
		read_ascii(&g, text[at]);
	else if (n > 1 && !read_latin(&g, c)) {
		g.sort = sort_of(c);
		if (g.sort == LETTER)
			set_other(&g, text + at, n, c);
	}
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
	put(&f->out->tags, '#', skip ? tag->from[skip] : f->tag_from, 0);
	for (size_t i = skip; i < len; i++)
		put(&f->out->tags, tag->b[i], tag->from[i], tag->to[i]);
	put(&f->out->tags, ' ', 0, 0);
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
		put(words, ' ', g->from, g->from);
		put(words, '.', g->from, g->from);
	}
	if (f->gap != NOTHING) {
		put(words, ' ', g->from, g->from);
		f->word_at = words->n;
	} else if (f->apostrophe && !f->in_tag) {
		put(words, '\'', g->from, g->from);
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
	set_latin(g, "and", 3);
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
		put(&out.words, ' ', (uint32_t)len, (uint32_t)len);
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
