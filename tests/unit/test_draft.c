/* SPDX-License-Identifier: MIT */
/*
 * Holds the draft check to policy D10: what needs a second look is marked, and nothing else.
 * Must never name a real person: Members and candidates here are invented.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/draft.h>

static struct hf_word list[] = {
	{"Smith", HF_WORD_MEMBER},
	{"Sarah O'Brien", HF_WORD_MEMBER},
	{"Zo\xc3\xab M\xc3\xbcller", HF_WORD_MEMBER},
	{"Marsh-Jones", HF_WORD_MEMBER},
	{"Shell", HF_WORD_MEMBER},
	{"Norton Canes", HF_WORD_WARD},
	{"Hednesford North", HF_WORD_WARD},
	{"Etching Hill and The Heath", HF_WORD_WARD},
	{"St Chad\xe2\x80\x99s", HF_WORD_WARD},
	{"John Smith", HF_WORD_CANDIDATE},
	{"J. P. Fox", HF_WORD_CANDIDATE},
	{"\xc5\x81ukasz Wi\xc5\x9bniewski", HF_WORD_CANDIDATE},
	{"Labour", HF_WORD_PARTY},
	{"Tory", HF_WORD_PARTY},
	{"Liberal Democrats", HF_WORD_PARTY},
	{"Greens", HF_WORD_PARTY},
	{"#VoteSmith", HF_WORD_HASHTAG},
	{"TakeBackCannock", HF_WORD_HASHTAG},
	{"Hill", HF_WORD_CANDIDATE},
};

struct row {
	const char *what;
	const char *post; /* as staff write them */
	const char *want; /* what is marked, with | between; "" nothing */
};

/* clang-format off */
static const struct row rows[] = {
	/* Marked. */
	{"a Member", "Councillor Smith opened the new play area today.", "Smith"},
	{"in capitals", "WELL DONE COUNCILLOR SMITH", "SMITH"},
	{"in small letters", "thanks to cllr smith for coming along", "smith"},
	{"the longest of names in one another", "John Smith cut the ribbon.", "John Smith"},
	{"both where they stand apart", "John met Smith. John Smith!", "Smith|John Smith"},
	{"a possessive", "Smith's surgery is on Friday", "Smith's"},
	{"a possessive with a curly apostrophe", "Smith’s surgery is on Friday", "Smith’s"},
	{"a possessive with an accent for an apostrophe", "Smith`s surgery, Smith´s office", "Smith`s|Smith´s"},
	{"a possessive plural", "the Smiths' family business", "Smiths"},
	{"a plural", "the Smiths of Rugeley", "Smiths"},
	{"a plural in -es", "the Marsh-Joneses of Cannock", "Marsh-Joneses"},
	{"a plural in -ies", "The Tories say bins come first", "Tories"},
	{"a possessive of both names", "Sarah O’Brien’s ward walk", "Sarah O’Brien’s"},
	{"an apostrophe of another kind", "Ask Sarah OʼBrien", "Sarah OʼBrien"},
	{"an apostrophe left out", "Ask Sarah OBrien about it", "Sarah OBrien"},
	{"accents left out", "Zoe Muller spoke at the meeting", "Zoe Muller"},
	{"accents as marks of their own", "Zoe\u0308 Mu\u0308ller spoke", "Zoe\u0308 Mu\u0308ller"},
	{"accents where there are none", "Councillor Smïth", "Smïth"},
	{"a letter with a stroke left out", "Lukasz Wisniewski is standing", "Lukasz Wisniewski"},
	{"a letter with a stroke", "Łukasz Wiśniewski is standing", "Łukasz Wiśniewski"},
	{"a ward", "Bin days in Norton Canes change this week", "Norton Canes"},
	{"over two lines", "Bin days in Norton\nCanes change", "Norton\nCanes"},
	{"with much white space", "Norton \t  Canes", "Norton \t  Canes"},
	{"with a space that does not break", "Norton\u00a0Canes", "Norton\u00a0Canes"},
	{"a hyphen for a space", "the Norton-Canes bypass", "Norton-Canes"},
	{"a space for a hyphen", "Marsh Jones came too", "Marsh Jones"},
	{"a hyphen that does not break", "Marsh\u2011Jones came too", "Marsh\u2011Jones"},
	{"an ampersand for and", "Etching Hill & The Heath: new bus times", "Etching Hill & The Heath"},
	{"a candidate where a ward only begins", "Etching Hill market, Etching Hill and The Heart", "Hill|Hill"},
	{"a full stop after St", "St. Chad’s polling station", "St. Chad’s"},
	{"initials", "J P Fox, J.P. Fox and J. P. Fox", "J P Fox|J.P. Fox|J. P. Fox"},
	{"a party", "Labour wins the debate", "Labour"},
	{"a party's doing", "a Labour-led council and an anti-Labour motion", "Labour|Labour"},
	{"a party's possessive", "Labour's plan for bins", "Labour's"},
	{"one member of a party", "a Liberal Democrat amendment", "Liberal Democrat"},
	{"a party in its plural", "the Liberal Democrats’ motion", "Liberal Democrats"},
	{"between quotation marks", "“Smith” said ‘no’", "Smith"},
	{"in brackets", "(Smith)", "Smith"},
	{"at the end, with marks", "Was it Smith?!", "Smith"},
	{"in an address", "see https://www.labour.org.uk/bins", "labour"},
	{"a hashtag of the list", "Get out there #VoteSmith", "#VoteSmith"},
	{"a hashtag in small letters", "#votesmith today", "#votesmith"},
	{"a hashtag without its sign in the list", "#TakeBackCannock", "#TakeBackCannock"},
	{"a name as a hashtag", "#JohnSmith and #johnsmith", "#JohnSmith|#johnsmith"},
	{"a name as a hashtag, with a line", "#John_Smith", "#John_Smith"},
	{"a ward as a hashtag", "#NortonCanes litter pick", "#NortonCanes"},
	{"a campaign word before a party", "#votelabour", "labour"},
	{"a campaign word and a year", "#voteLabour2027 #votelabour2027", "Labour|labour"},
	{"the words of a hashtag", "#WhyILikeJohnSmithToday", "JohnSmith"},
	{"a mention", "thanks @JohnSmith", "@JohnSmith"},
	{"a name half as a hashtag", "great day with John #Smith", "John #Smith"},
	{"a possessive of a hashtag", "#Smith's day", "#Smith|Smith's"},
	{"letters of another look", "Vote 𝐒𝐦𝐢𝐭𝐡 and Ｓｍｉｔｈ", "𝐒𝐦𝐢𝐭𝐡|Ｓｍｉｔｈ"},
	{"a space that is not seen inside a name", "Smi\u200bth", "Smi\u200bth"},
	{"a soft hyphen inside a name", "Nor\u00adton Canes", "Nor\u00adton Canes"},
	{"beside an emoji", "🌹Labour🌹", "Labour"},
	{"several in one post", "Smith (Labour, Norton Canes) and Zoë Müller (Tory)", "Smith|Labour|Norton Canes|Zoë Müller|Tory"},
	{"between lines", "ask smith_2 or _smith_", "smith|smith"},
	{"a word that means something else, too: that is for the person to see", "We labour at it", "labour"},

	/* Not marked. */
	{"words that begin as the word that means something else", "labourers, laboured, laboursaving", ""},
	{"bins", "Green bins are collected on Monday and grey bins on Friday.", ""},
	{"a colour is no party", "A green space for everybody", ""},
	{"nothing", "", ""},
	{"a trade", "Meet the blacksmith at the Museum of Cannock Chase", ""},
	{"a longer name", "Smithson Road is closed", ""},
	{"a longer name in front", "Goldsmith Way is closed", ""},
	{"a trade in the plural", "locksmiths and goldsmiths", ""},
	{"she'll is no Member", "She'll be there, she’ll be late", ""},
	{"two words of a ward apart", "Canes of Norton; Norton has canes", ""},
	{"two words of a name with a comma", "We met Sarah, O'Brien was away", ""},
	{"two words of a name with a full stop", "We saw Norton. Canes were sold.", ""},
	{"two words of a name with a dash", "Leaving Norton - Canes to the left", ""},
	{"two words of a name with a long dash", "Leaving Norton—Canes to the left", ""},
	{"half of a ward", "Hednesford market is on Tuesday; Norton, too", ""},
	{"a ward with more", "Hednesford Northern loop", ""},
	{"half of a name", "Sarah opened it with John", ""},
	{"half of a party", "a liberal helping of gravy, a democratic vote", ""},
	{"a hashtag that has the letters", "#blacksmith #locksmithing", ""},
	{"a hashtag of the list is one alone", "Vote Smithson, TakeBackCannock", ""},
	{"a history", "Ye history of goldsmithery", ""},
	{"a rally", "#RallyForCannock #Cannock", ""},
	{"a notorious word", "A notorious story; the territory; Victory", ""},
	{"a number in a word", "Smith2 and 2Smith", ""},
	{"an address to write to", "write to bins@cannockchasedc.gov.uk", ""},
	{"a saint of another name", "St. Luke’s and St Chadwick’s", ""},
	{"letters of another script", "Смит и Лабор", ""},
	{"not UTF-8 in a name", "Smi\xff" "th \xc3Smi", ""},
};
/* clang-format on */

static struct hf_draft_words *words;

static void set_up(void)
{
	struct hf_register reg = {.words = list, .n_words = 4};
	cr_assert_eq(hf_draft_words_new(&reg, list + 4, HF_LEN(list) - 4, &words, NULL), HF_OK);
}

static void tear_down(void)
{
	hf_draft_words_free(&words);
}

TestSuite(draft, .init = set_up, .fini = tear_down);

static void join_marks(const char *post, const struct hf_draft_marks *marks, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < marks->n; i++) {
		cr_assert_eq(hf_str_printf(out + n, size - n, "%s%.*s", i ? "|" : "", (int)marks->v[i].len,
					   post + marks->v[i].at),
			     HF_OK);
		n += strlen(out + n);
	}
}

Test(draft, posts)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_draft_marks struct hf_draft_marks marks = {0};
		size_t len = strlen(rows[i].post);
		char got[400];
		cr_assert_eq(hf_draft_check(words, rows[i].post, len, &marks, NULL), HF_OK);
		join_marks(rows[i].post, &marks, got, sizeof(got));
		cr_expect_str_eq(got, rows[i].want, "D10: %s: \"%s\" and not \"%s\" in \"%s\"", rows[i].what, got,
				 rows[i].want, rows[i].post);
		cr_expect_leq(marks.steps, len * HF_DRAFT_STEPS_PER_BYTE, "%s: linear", rows[i].what);
	}
}

Test(draft, which_word_it_was)
{
	static const char post[] = "Zoe Muller of Norton Canes: #votesmith";
	hf_auto_draft_marks struct hf_draft_marks marks = {0};
	cr_assert_eq(hf_draft_check(words, post, strlen(post), &marks, NULL), HF_OK);
	cr_assert_eq(marks.n, 3);
	cr_expect_str_eq(hf_draft_word(words, marks.v[0].word)->text, list[2].text, "D10: of the register");
	cr_expect_eq(hf_draft_word(words, marks.v[0].word)->kind, HF_WORD_MEMBER);
	cr_expect_eq(hf_draft_word(words, marks.v[1].word)->kind, HF_WORD_WARD, "D10: of the others");
	cr_expect_eq(hf_draft_word(words, marks.v[2].word)->kind, HF_WORD_HASHTAG);
	cr_expect_eq(marks.v[1].at, strlen("Zoe Muller of "));
	cr_expect_null(hf_draft_word(words, HF_LEN(list)));
}

Test(draft, nothing_to_look_for)
{
	static struct hf_word empty[] = {{"", HF_WORD_MEMBER}, {"!?", HF_WORD_WARD}, {"#", HF_WORD_HASHTAG}};
	struct hf_draft_words *none = NULL, *marks_alone = NULL;
	struct hf_draft_marks marks = {0};
	cr_assert_eq(hf_draft_words_new(NULL, NULL, 0, &none, NULL), HF_OK, "a register without words");
	cr_assert_eq(hf_draft_check(none, "Smith", 5, &marks, NULL), HF_OK);
	cr_expect_eq(marks.n, 0);
	hf_draft_marks_done(&marks);
	cr_assert_eq(hf_draft_words_new(NULL, empty, HF_LEN(empty), &marks_alone, NULL), HF_OK);
	cr_assert_eq(hf_draft_check(marks_alone, "! # !? Smith", 12, &marks, NULL), HF_OK);
	cr_expect_eq(marks.n, 0, "a word without a letter is never found");
	hf_draft_marks_done(&marks);
	hf_draft_words_free(&none);
	hf_draft_words_free(&marks_alone);
	hf_draft_words_free(&none);
}

Test(draft, limits)
{
	static char text[HF_DRAFT_MAX + 1];
	char long_word[HF_WORD_MAX + 2];
	struct hf_word one = {long_word, HF_WORD_WARD};
	struct hf_draft_words *other = NULL;
	struct hf_draft_marks marks = {0};
	struct hf_err err = {0};
	memset(text, '&', sizeof(text));
	cr_expect_eq(hf_draft_check(words, text, HF_DRAFT_MAX + 1, &marks, &err), HF_E_SIZE);
	cr_expect_neq(err.text[0], '\0', "says why");
	cr_assert_eq(hf_draft_check(words, text, HF_DRAFT_MAX, &marks, NULL), HF_OK);
	hf_draft_marks_done(&marks);
	memset(long_word, '&', sizeof(long_word));
	long_word[HF_WORD_MAX + 1] = '\0';
	cr_expect_eq(hf_draft_words_new(NULL, &one, 1, &other, &err), HF_E_SIZE);
	cr_expect_null(other, "untouched unless HF_OK");
	long_word[HF_WORD_MAX] = '\0';
	cr_expect_eq(hf_draft_words_new(NULL, &one, 1, &other, NULL), HF_OK, "the longest that folding makes longer");
	hf_draft_words_free(&other);
}
