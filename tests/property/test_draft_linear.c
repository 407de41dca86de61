/* SPDX-License-Identifier: MIT */
/*
 * The draft check takes so many steps a byte and no more, whatever the words and the draft are.
 * Must never measure time: steps are counted, so that the answer is the same on every machine.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/draft.h>

#define FEW 10
#define MANY HF_DRAFT_WORDS_MAX
#define DRAFT 20000

static char texts[MANY][HF_WORD_MAX + 1];
static struct hf_word list[MANY];

/* Ways to choose words that make a careless search slow. */
/* clang-format off */
static void names(size_t i)   { cr_assert_eq(hf_str_printf(texts[i], sizeof(texts[i]), "Name%zu Other%zu", i * 7919 % MANY, i % 100), HF_OK); }
static void repeats(size_t i) { memset(texts[i], 'a', i % HF_WORD_MAX + 1); texts[i][i % HF_WORD_MAX + 1] = '\0'; }
static void words_of_a(size_t i) { repeats(i); for (size_t k = 1; k < i % HF_WORD_MAX; k += 2) texts[i][k] = ' '; }
static void almost(size_t i)
{
	repeats(HF_WORD_MAX - 1);
	memcpy(texts[i], texts[HF_WORD_MAX - 1], HF_WORD_MAX + 1);
	texts[i][HF_WORD_MAX - 1 - i % 90] = (char)('b' + i / 90 % 20);
}

static const struct {
	const char *what;
	void (*make)(size_t i);
} LISTS[] = {{"names", names}, {"a, aa, aaa", repeats}, {"a, a a, a a a", words_of_a}, {"aaaab", almost}};

/* Drafts, repeated to their length. */
static const char *const UNITS[] = {"a", "a ", "aaaaaaaaab ", "a-", "& ", "&", "#a", "#aA1", "#votefora1 ", "#votevote", "@a_", "Name7 Other7 ",
				    "a.", "a'", "\xc3\xa9", "\xc3", "\xf0\x9f\x8c\xb9", "\xef\xac\x83", "1a", "#1a", "a\xe2\x80\x8b"};
/* clang-format on */

static uint64_t steps_of(const struct hf_draft_words *words, const char *draft, size_t len)
{
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	cr_assert_eq(hf_draft_check(words, draft, len, &marks, NULL), HF_OK);
	cr_assert_leq(marks.n, len, "more marks than bytes");
	for (size_t i = 0; i < marks.n; i++) {
		cr_assert(marks.v[i].len > 0 && marks.v[i].at + marks.v[i].len <= len, "a mark outside the draft");
		cr_assert(i == 0 || (marks.v[i].at > marks.v[i - 1].at &&
				     marks.v[i].at + marks.v[i].len > marks.v[i - 1].at + marks.v[i - 1].len),
			  "marks in order, none inside another");
	}
	return marks.steps;
}

static void check_list(size_t k)
{
	static char draft[2 * DRAFT];
	hf_auto_draft_words struct hf_draft_words *few = NULL, *many = NULL;
	for (size_t i = 0; i < MANY; i++) {
		LISTS[k].make(i);
		list[i] = (struct hf_word){texts[i], (enum hf_word_kind)(i % HF_WORD_KIND_COUNT)};
	}
	cr_assert_eq(hf_draft_words_new(NULL, list, FEW, &few, NULL), HF_OK);
	cr_assert_eq(hf_draft_words_new(NULL, list, MANY, &many, NULL), HF_OK);
	for (size_t u = 0; u < HF_LEN(UNITS); u++) {
		size_t unit = strlen(UNITS[u]);
		for (size_t i = 0; i < sizeof(draft); i++)
			draft[i] = UNITS[u][i % unit];
		uint64_t with_few = steps_of(few, draft, DRAFT), with_many = steps_of(many, draft, DRAFT);
		uint64_t twice = steps_of(many, draft, sizeof(draft));
		cr_expect_leq(with_many, (uint64_t)DRAFT * HF_DRAFT_STEPS_PER_BYTE, "%s, %s: too many steps a byte",
			      LISTS[k].what, UNITS[u]);
		cr_expect_leq(with_many, 2 * with_few + 2,
			      "%s, %s: a thousand times the words, at most twice the steps", LISTS[k].what, UNITS[u]);
		cr_expect_leq(twice, 2 * with_many + HF_WORD_MAX * HF_DRAFT_STEPS_PER_BYTE,
			      "%s, %s: twice the draft, twice the steps", LISTS[k].what, UNITS[u]);
	}
}

Test(draft_linear, steps_are_bounded_by_the_draft_alone)
{
	for (size_t k = 0; k < HF_LEN(LISTS); k++)
		check_list(k);
}

static size_t random_below(uint32_t *seed, size_t n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

/* Which bytes of the draft are marked. */
static void spread(const struct hf_draft_words *words, const char *draft, size_t len, bool *ret_marked)
{
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	cr_assert_eq(hf_draft_check(words, draft, len, &marks, NULL), HF_OK);
	for (size_t i = 0; i < marks.n; i++)
		memset(ret_marked + marks.v[i].at, 1, marks.v[i].len);
}

/* Held against a search that is slow and plain: each word by itself. */
Test(draft_linear, the_same_as_looking_for_each_word_alone)
{
	hf_auto_draft_words struct hf_draft_words *all = NULL;
	struct hf_draft_words *alone[40] = {0};
	struct hf_word word[HF_LEN(alone)];
	char text[HF_LEN(alone)][8] = {0}, draft[400];
	uint32_t seed = 20270506;
	size_t marked = 0;
	for (size_t i = 0; i < HF_LEN(word); i++) {
		for (size_t k = 0; k <= i % 6; k++)
			text[i][k] = k % 2 ? " a "[random_below(&seed, 3)] : "abc"[random_below(&seed, 3)];
		word[i] = (struct hf_word){text[i], HF_WORD_MEMBER};
		cr_assert_eq(hf_draft_words_new(NULL, &word[i], 1, &alone[i], NULL), HF_OK);
	}
	cr_assert_eq(hf_draft_words_new(NULL, word, HF_LEN(word), &all, NULL), HF_OK);
	for (int round = 0; round < 1000; round++) {
		bool together[sizeof(draft)] = {0}, apart[sizeof(draft)] = {0};
		for (size_t i = 0; i < sizeof(draft); i++)
			draft[i] = "aabbcc   -s'.,#@A_1&"[random_below(&seed, 20)];
		spread(all, draft, sizeof(draft), together);
		for (size_t w = 0; w < HF_LEN(word); w++)
			spread(alone[w], draft, sizeof(draft), apart);
		cr_expect_eq(memcmp(together, apart, sizeof(together)), 0, "D10: together they miss none, add none");
		marked += memchr(together, 1, sizeof(together)) ? 1 : 0;
	}
	cr_expect_gt(marked, 900, "drafts that have marks at all");
	for (size_t i = 0; i < HF_LEN(alone); i++)
		hf_draft_words_free(&alone[i]);
}
