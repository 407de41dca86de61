/* SPDX-License-Identifier: MIT */
/*
 * Owns the search for words that need a second look in a person's own draft (policy D10).
 * Must never keep, log or hand on anything of a draft but the places of the marks.
 *
 * How it is done: every word, in every form in which it may stand, is one pattern of folded bytes; all patterns
 * together make one automaton (Aho and Corasick, Communications of the ACM 18 (1975) 333-340). It reads each folded
 * byte of a draft once. A byte takes one step forward, and a step back for some step forward before it: at most two
 * steps a byte, however many words there are. A draft's byte makes at most 12 folded bytes (a "&" is " and", a hashtag
 * is read as up to six), so HF_DRAFT_STEPS_PER_BYTE is 24.
 *
 * How we read D10: a pattern begins and ends with the space that folding puts around words, so that only whole words
 * are found. The forms of a word: itself, with its possessive, with a simple plural; joined, as a hashtag.
 */
#include <holdfast/draft.h>
#include <holdfast/rows.h>

#include <stdlib.h>
#include <string.h>

#include "proto/text/draft_fold.h"

#define NONE UINT32_MAX
#define FORM_MAX (8 * HF_WORD_MAX) /* folded bytes of one form: a "&" of one byte is " and" */

/* One form of one word. */
struct pattern {
	const char *b;
	size_t at; /* of b in the pool, while that still moves */
	uint32_t len;
	uint32_t word;
};

/* The patterns while they are collected. */
struct forms {
	char *pool;
	size_t n_pool, pool_room;
	struct pattern *v;
	size_t n, room;
	bool failed; /* no memory */
};

/* Nodes stand in order of their depth, so that the children of each stand together, behind those of the node before. */
struct node {
	uint32_t children; /* the first; they end where those of the next node begin */
	uint32_t back;	   /* the longest other beginning of a pattern that the bytes read so far end with */
	uint32_t word;	   /* of the longest pattern that ends here, or NONE */
	uint32_t len;	   /* its bytes */
	uint8_t byte;	   /* on the way here */
};

struct hf_draft_words {
	struct hf_word *v;
	size_t n;
	char *texts;
	struct node *nodes; /* the first is where the search begins; one more than there are */
};

/* A range of the sorted patterns that begin with the same depth bytes: one node each. */
struct range {
	uint32_t low, high, depth;
};

/* One more pattern: stem and ending. */
static void add_form(struct forms *forms, const char *stem, size_t stem_len, const char *ending, uint32_t word)
{
	size_t len = stem_len + strlen(ending);
	if (forms->failed)
		return;
	if (hf_rows_reserve(&forms->v, &forms->room, forms->n + 1, sizeof(*forms->v)) != HF_OK ||
	    hf_rows_reserve(&forms->pool, &forms->pool_room, forms->n_pool + len, 1) != HF_OK) {
		forms->failed = true;
		return;
	}
	memcpy(forms->pool + forms->n_pool, stem, stem_len);
	memcpy(forms->pool + forms->n_pool + stem_len, ending, len - stem_len);
	forms->v[forms->n++] = (struct pattern){.at = forms->n_pool, .len = (uint32_t)len, .word = word};
	forms->n_pool += len;
}

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);
	return len >= n && memcmp(s + len - n, end, n) == 0;
}

static bool hisses(const char *s, size_t len)
{
	return ends_with(s, len, "s") || ends_with(s, len, "x") || ends_with(s, len, "z") || ends_with(s, len, "ch") ||
	       ends_with(s, len, "sh");
}

/* A word as it is, possessive, plural. The space at its end is that of the last word. */
static void add_inflected(struct forms *forms, const char *s, size_t len, uint32_t word)
{
	bool in_y = len > 2 && s[len - 1] == 'y' && !strchr("aeiou '", s[len - 2]);
	add_form(forms, s, len, " ", word);
	add_form(forms, s, len, "'s ", word);
	add_form(forms, s, len, hisses(s, len) ? "es " : "s ", word);
	if (in_y)
		add_form(forms, s, len - 1, "ies ", word);
}

/* Copies s without some characters. */
static size_t without(const char *s, size_t len, const char *chars, char out[FORM_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < len && n < FORM_MAX; i++)
		if (!strchr(chars, s[i]))
			out[n++] = s[i];
	return n;
}

/* Of a party of several words one member, too: "Liberal Democrats". One word alone may be another ("Greens"). */
static bool has_singular(const char *s, size_t len, enum hf_word_kind kind)
{
	return kind == HF_WORD_PARTY && memchr(s + 1, ' ', len - 1) && ends_with(s, len, "s") &&
	       !ends_with(s, len, "ss") && !ends_with(s, len, "'s");
}

/* All forms of one word; s is " norton canes", without the space at the end. */
static void add_word(struct forms *forms, const char *s, size_t len, enum hf_word_kind kind, uint32_t word)
{
	char plain[FORM_MAX], tag[FORM_MAX + 1] = "#";
	size_t tag_len = 1 + without(s, len, " '.", tag + 1);
	add_form(forms, tag, tag_len, " ", word);
	if (kind == HF_WORD_HASHTAG)
		return;
	add_form(forms, tag, tag_len, "s ", word);
	add_inflected(forms, s, len, word);
	if (memchr(s, '\'', len))
		add_inflected(forms, plain, without(s, len, "'", plain), word);
	if (has_singular(s, len, kind))
		add_inflected(forms, s, len - 1, word);
}

static enum hf_rc add_words(struct forms *forms, const struct hf_draft_words *words)
{
	for (size_t i = 0; i < words->n && !forms->failed; i++) {
		hf_auto_draft_text struct hf_draft_text folded = {0};
		enum hf_rc rc = hf_draft_fold(words->v[i].text, strlen(words->v[i].text), &folded);
		if (rc != HF_OK)
			return rc;
		if (folded.words.n > 1)
			add_word(forms, folded.words.b, folded.words.n - 1, words->v[i].kind, (uint32_t)i);
	}
	return forms->failed ? HF_E_MEMORY : HF_OK;
}

/* By bytes, then the shorter first, then the earlier word. */
static int by_bytes(const void *one, const void *other)
{
	const struct pattern *a = one, *b = other;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->b, b->b, len);
	if (order == 0)
		order = (a->len > b->len) - (a->len < b->len);
	return order ? order : (a->word > b->word) - (a->word < b->word);
}

static size_t shared(const struct pattern *a, const struct pattern *b)
{
	size_t n = 0;
	while (n < a->len && n < b->len && a->b[n] == b->b[n])
		n++;
	return n;
}

/* Sorts, and keeps the first of those that are alike. Returns how many nodes they make. */
static size_t sort_forms(struct forms *forms)
{
	size_t n = 0, n_nodes = 1;
	for (size_t i = 0; i < forms->n; i++)
		forms->v[i].b = forms->pool + forms->v[i].at;
	if (forms->n > 0)
		qsort(forms->v, forms->n, sizeof(*forms->v), by_bytes);
	for (size_t i = 0; i < forms->n; i++) {
		size_t same = n > 0 ? shared(&forms->v[n - 1], &forms->v[i]) : 0;
		if (n > 0 && same == forms->v[i].len && same == forms->v[n - 1].len)
			continue;
		n_nodes += forms->v[i].len - same;
		forms->v[n++] = forms->v[i];
	}
	forms->n = n;
	return n_nodes;
}

/* One node: the pattern that ends in it, and a range for each of its children. Returns how many nodes there are now. */
static uint32_t open_node(const struct forms *forms, struct node *nodes, struct range *ranges, uint32_t i, uint32_t n)
{
	struct range r = ranges[i];
	nodes[i].children = n;
	nodes[i].word = NONE;
	if (r.low < r.high && forms->v[r.low].len == r.depth) {
		nodes[i].word = forms->v[r.low].word;
		nodes[i].len = r.depth;
		r.low++;
	}
	while (r.low < r.high) {
		char c = forms->v[r.low].b[r.depth];
		uint32_t end = r.low + 1;
		while (end < r.high && forms->v[end].b[r.depth] == c)
			end++;
		nodes[n].byte = (uint8_t)c;
		ranges[n++] = (struct range){r.low, end, r.depth + 1};
		r.low = end;
	}
	return n;
}

/* The child of a node on this byte; 0 when it has none. */
static uint32_t child(const struct node *nodes, uint32_t i, uint8_t byte)
{
	uint32_t low = nodes[i].children, high = nodes[i + 1].children;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (nodes[middle].byte == byte)
			return middle;
		if (nodes[middle].byte < byte)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* From a node by one byte, as far back as it takes. */
static uint32_t follow(const struct node *nodes, uint32_t i, uint8_t byte, uint64_t *steps)
{
	for (;; i = nodes[i].back) {
		uint32_t next = child(nodes, i, byte);
		++*steps;
		if (next || i == 0)
			return next;
	}
}

/* Where to go back to, in order of depth: each needs those before. */
static void link_back(struct node *nodes, uint32_t n)
{
	uint64_t steps = 0;
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = nodes[i].children; k < nodes[i + 1].children; k++) {
			nodes[k].back = i == 0 ? 0 : follow(nodes, nodes[i].back, nodes[k].byte, &steps);
			if (nodes[k].word != NONE)
				continue;
			nodes[k].word = nodes[nodes[k].back].word;
			nodes[k].len = nodes[nodes[k].back].len;
		}
	}
}

static enum hf_rc build(struct hf_draft_words *words, struct forms *forms)
{
	size_t n_nodes = sort_forms(forms);
	if (n_nodes >= NONE)
		return HF_E_SIZE;
	words->nodes = calloc(n_nodes + 1, sizeof(*words->nodes));
	hf_auto_free struct range *ranges = calloc(n_nodes, sizeof(*ranges));
	if (!words->nodes || !ranges)
		return HF_E_MEMORY;
	uint32_t n = 1;
	ranges[0] = (struct range){0, (uint32_t)forms->n, 0};
	for (uint32_t i = 0; i < n; i++)
		n = open_node(forms, words->nodes, ranges, i, n);
	words->nodes[n].children = n;
	link_back(words->nodes, n);
	return HF_OK;
}

static size_t text_bytes(const struct hf_word *v, size_t n, bool *too_long)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(v[i].text);
		*too_long |= len > HF_WORD_MAX;
		bytes += len + 1;
	}
	return bytes;
}

static void copy_words(struct hf_draft_words *words, size_t *room, const struct hf_word *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(v[i].text) + 1;
		words->v[words->n++] = (struct hf_word){words->texts + *room, v[i].kind};
		memcpy(words->texts + *room, v[i].text, size);
		*room += size;
	}
}

static enum hf_rc take_words(struct hf_draft_words *words, const struct hf_register *reg, const struct hf_word *extra,
			     size_t n_extra, struct hf_err *err)
{
	size_t n_reg = reg ? reg->n_words : 0, room = 0;
	bool too_long = false;
	if (n_extra > HF_DRAFT_WORDS_MAX || n_reg > HF_DRAFT_WORDS_MAX - n_extra)
		return hf_err_set(err, HF_E_SIZE, "There are more than %d words to look for.", HF_DRAFT_WORDS_MAX);
	size_t bytes = text_bytes(extra, n_extra, &too_long) + (reg ? text_bytes(reg->words, n_reg, &too_long) : 0);
	if (too_long)
		return hf_err_set(err, HF_E_SIZE, "A word to look for has more than %d bytes.", HF_WORD_MAX);
	words->v = calloc(n_reg + n_extra + 1, sizeof(*words->v));
	words->texts = malloc(bytes + 1);
	if (!words->v || !words->texts)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to look for words.");
	if (reg)
		copy_words(words, &room, reg->words, n_reg);
	copy_words(words, &room, extra, n_extra);
	return HF_OK;
}

enum hf_rc hf_draft_words_new(const struct hf_register *reg, const struct hf_word *extra, size_t n_extra,
			      struct hf_draft_words **ret_words, struct hf_err *err)
{
	hf_auto_draft_words struct hf_draft_words *words = calloc(1, sizeof(*words));
	struct forms forms = {0};
	if (!words)
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to look for words.");
	enum hf_rc rc = take_words(words, reg, extra, n_extra, err);
	if (rc != HF_OK)
		return rc;
	rc = add_words(&forms, words);
	if (rc == HF_OK)
		rc = build(words, &forms);
	free(forms.pool);
	free(forms.v);
	if (rc != HF_OK)
		return hf_err_set(err, rc, "There is no memory left to look for words.");
	*ret_words = hf_steal_ptr(&words);
	return HF_OK;
}

const struct hf_word *hf_draft_word(const struct hf_draft_words *words, size_t i)
{
	return i < words->n ? &words->v[i] : NULL;
}

/* Marks in the making: their ends never go back. */
struct marking {
	struct hf_draft_marks marks;
	size_t room;
	bool failed;
};

/* Of marks inside one another the longer stays. */
static void push(struct marking *m, struct hf_draft_mark mark)
{
	struct hf_draft_marks *marks = &m->marks;
	if (marks->n > 0) {
		struct hf_draft_mark last = marks->v[marks->n - 1];
		if (mark.at >= last.at && mark.at + mark.len <= last.at + last.len)
			return;
	}
	while (marks->n > 0 && marks->v[marks->n - 1].at >= mark.at)
		marks->n--;
	if (hf_rows_reserve(&marks->v, &m->room, marks->n + 1, sizeof(*marks->v)) == HF_OK)
		marks->v[marks->n++] = mark;
	else
		m->failed = true;
}

static void search(const struct hf_draft_words *words, const struct hf_folded *text, struct marking *m)
{
	uint32_t node = 0;
	for (size_t i = 0; i < text->n && !m->failed; i++) {
		node = follow(words->nodes, node, (uint8_t)text->b[i], &m->marks.steps);
		const struct node *here = &words->nodes[node];
		if (here->word == NONE)
			continue;
		/* Neither the space behind it belongs to the word, nor one in front. */
		size_t first = i + 1 - here->len;
		first += text->b[first] == ' ';
		push(m, (struct hf_draft_mark){text->from[first], text->to[i - 1] - text->from[first], here->word});
	}
}

/* Two lists in order of their ends into one. */
static void merge(struct marking *m, const struct hf_draft_marks *a, const struct hf_draft_marks *b)
{
	size_t i = 0, k = 0;
	while ((i < a->n || k < b->n) && !m->failed) {
		bool first = k == b->n || (i < a->n && a->v[i].at + a->v[i].len <= b->v[k].at + b->v[k].len);
		push(m, first ? a->v[i++] : b->v[k++]);
	}
	m->marks.steps = a->steps + b->steps;
}

enum hf_rc hf_draft_check(const struct hf_draft_words *words, const char *text, size_t len,
			  struct hf_draft_marks *ret_marks, struct hf_err *err)
{
	hf_auto_draft_text struct hf_draft_text folded = {0};
	struct marking in_words = {0}, in_tags = {0}, all = {0};
	if (len > HF_DRAFT_MAX)
		return hf_err_set(err, HF_E_SIZE, "The draft has %zu bytes and at most %d can be checked at once.", len,
				  HF_DRAFT_MAX);
	bool failed = hf_draft_fold(text, len, &folded) != HF_OK;
	if (!failed) {
		search(words, &folded.words, &in_words);
		search(words, &folded.tags, &in_tags);
		merge(&all, &in_words.marks, &in_tags.marks);
		failed = in_words.failed || in_tags.failed || all.failed;
	}
	hf_draft_marks_done(&in_words.marks);
	hf_draft_marks_done(&in_tags.marks);
	if (failed) {
		hf_draft_marks_done(&all.marks);
		return hf_err_set(err, HF_E_MEMORY, "There is no memory left to check the draft.");
	}
	*ret_marks = all.marks;
	return HF_OK;
}

void hf_draft_marks_done(struct hf_draft_marks *marks)
{
	free(marks->v);
	memset(marks, 0, sizeof(*marks));
}

void hf_draft_words_free(struct hf_draft_words **words)
{
	struct hf_draft_words *w = *words;
	if (!w)
		return;
	free(w->v);
	free(w->texts);
	free(w->nodes);
	free(w);
	*words = NULL;
}
