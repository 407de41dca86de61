/* SPDX-License-Identifier: MIT */
/*
 * Holds the election officer's text to policy D10: shown whole, and nothing in it acts.
 * Must never judge who has read it.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/instructions.h>
#include <holdfast/order.h>

struct row {
	const char *what; /* the clause or the attack */
	const char *text;
	const char *want;
};

/* clang-format off */
static const struct row rows[] = {
	{"D10: plain text stays", "Nothing party political.", "Nothing party political.\n"},
	{"D10: a paragraph of two lines", "One\ntwo.\n", "One\ntwo.\n"},
	{"Instructions: paragraphs are parted by one empty line", "One.\n\n\n\nTwo.\n\n", "One.\n\nTwo.\n"},
	{"Instructions: empty lines in front", "\n\n  \nOne.", "One.\n"},
	{"Instructions: spaces at the end of a line", "One  \ntwo\t \n", "One\ntwo\n"},
	{"Instructions: a heading", "# Pre-election period", "Pre-election period\n"},
	{"Instructions: a heading of the sixth rank", "###### Small", "Small\n"},
	{"Instructions: seven are no heading", "####### Small", "####### Small\n"},
	{"Instructions: a hashtag is no heading", "#VoteSmith is not to be used", "#VoteSmith is not to be used\n"},
	{"Instructions: a heading of nothing", "#", "#\n"},
	{"Instructions: a heading without words", "# ", "\n"},
	{"Instructions: a list", "- one\n* two\n+ three", "- one\n- two\n- three\n"},
	{"Instructions: a list in a list", "- one\n  - two", "- one\n  - two\n"},
	{"Instructions: a numbered list", "1. one\n2. two", "1. one\n2. two\n"},
	{"Instructions: a dash in a line", "no posts - none", "no posts - none\n"},
	{"Instructions: a minus is no list", "-5 degrees", "-5 degrees\n"},
	{"Instructions: strong", "Do **not** post.", "Do not post.\n"},
	{"Instructions: strong, by underscores", "Do __not__ post.", "Do not post.\n"},
	{"Instructions: emphasis", "Do *not* post.", "Do not post.\n"},
	{"Instructions: emphasis, by underscores", "Do _not_ post.", "Do not post.\n"},
	{"Instructions: emphasis in strong", "**Do *not* post**", "Do not post\n"},
	{"Instructions: emphasis of several words", "*do not post*, at all", "do not post, at all\n"},
	{"Instructions: underscores in a name stay", "ask ccdc_sbc or a_b_c", "ask ccdc_sbc or a_b_c\n"},
	{"Instructions: a star that does not close", "5 * 3 and *more", "5 * 3 and *more\n"},
	{"Instructions: stars that are apart", "a * b * c", "a * b * c\n"},
	{"Instructions: strong that does not close", "**more *here* stays", "**more here stays\n"},
	{"Instructions: it closes in its line or not at all", "*one\ntwo*", "*one\ntwo*\n"},
	{"Instructions: an escaped mark", "\\*not emphasis\\* and \\# no heading", "*not emphasis* and # no heading\n"},
	{"Instructions: a backslash is one", "C:\\posts", "C:\\posts\n"},
	{"Instructions: a link shows where it goes", "See [the code](https://www.gov.uk/code).", "See the code (https://www.gov.uk/code).\n"},
	{"Instructions: a link to write to", "[Ask us](mailto:elections@example.gov.uk)", "Ask us (mailto:elections@example.gov.uk)\n"},
	{"Instructions: a link to ring", "[Ring](tel:01543462621)", "Ring (tel:01543462621)\n"},
	{"Instructions: brackets without an address", "[sic] (so)", "[sic] (so)\n"},
	{"Instructions: a link in strong", "**[a](http://b.example)**", "a (http://b.example)\n"},
	{"Instructions: two links", "[a](http://b.example) [c](http://d.example)", "a (http://b.example) c (http://d.example)\n"},
	{"attack: a link that says another address", "[https://good.example](https://bad.example)", "https://good.example (https://bad.example)\n"},
	{"attack: a link that is a script stays text", "[Read](javascript:alert(1))", "[Read](javascript:alert(1))\n"},
	{"attack: a script in capitals", "[Read](JavaScript:alert)", "[Read](JavaScript:alert)\n"},
	{"attack: a link of data", "[Read](data:text/html,hi)", "[Read](data:text/html,hi)\n"},
	{"attack: a link to a file of this machine", "[Read](file:///etc/passwd)", "[Read](file:///etc/passwd)\n"},
	{"attack: a scheme behind white space", "[Read]( https://x.example)", "[Read]( https://x.example)\n"},
	{"attack: a scheme and nothing else", "[Read](https://)", "[Read](https://)\n"},
	{"attack: a picture is not fetched", "![seen](https://spy.example/pixel.png)", "![seen](https://spy.example/pixel.png)\n"},
	{"attack: a script stays text", "<script>alert(1)</script>", "<script>alert(1)</script>\n"},
	{"attack: HTML stays text", "<b onclick=\"x()\">Read</b> &amp; <!-- hidden -->", "<b onclick=\"x()\">Read</b> &amp; <!-- hidden -->\n"},
	{"attack: a frame", "<iframe src=\"https://x.example\"></iframe>", "<iframe src=\"https://x.example\"></iframe>\n"},
	{"attack: HTML between marks", "**<img src=x onerror=y>**", "<img src=x onerror=y>\n"},
	{"attack: a link's text with HTML", "[<b>x</b>](https://x.example)", "<b>x</b> (https://x.example)\n"},
	{"attack: a reference defined elsewhere", "[x][y]\n[y]: javascript:z", "[x][y]\n[y]: javascript:z\n"},
	{"attack: an address between angles", "<javascript:x>", "<javascript:x>\n"},
	{"Instructions: letters beyond ASCII", "Zoë *Müller* – “quoted”", "Zoë Müller – “quoted”\n"},
	{"Instructions: marks alone", "**", "**\n"},
	{"Instructions: many marks", "*****", "*****\n"},
	{"Instructions: a rule", "---", "---\n"},
};
/* clang-format on */

Test(instructions, plain)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *plain = NULL;
		struct hf_err err = {0};
		cr_assert_eq(hf_instructions_plain(rows[i].text, &plain, &err), HF_OK, "%s: %s", rows[i].what,
			     err.text);
		cr_expect_str_eq(plain, rows[i].want, "%s: \"%s\"", rows[i].what, plain);
	}
}

Test(instructions, refused)
{
	static const struct {
		const char *what, *text;
		size_t len;
	} bad[] = {
		{"D10: nothing", "", 0},
		{"D10: white space alone", " \n\t\n", 4},
		{"attack: an escape sequence of terminals", "a\x1b[2Jb", 6},
		{"attack: a bell", "a\ab", 3},
		{"attack: a backspace hides a word", "not\b\b\bnow", 9},
		{"attack: a carriage return writes over the line", "do not\rdo", 9},
		{"attack: an end in the middle", "a\0b", 3},
		{"attack: a control of the second set",
		 "a\xc2\x9b"
		 "2J",
		 5},
		{"attack: a text turned round",
		 "a\xe2\x80\xaf"
		 "b\xe2\x80\xae"
		 "c",
		 9},
		{"attack: not UTF-8", "a\xff", 2},
		{"attack: a character in too many bytes", "a\xc0\xaf", 3},
		{"attack: half a character", "a\xe2\x82", 3},
		{"attack: a surrogate", "a\xed\xa0\x80", 4},
		{"JSON: no character", "a\xef\xbf\xbf", 4},
	};
	for (size_t i = 0; i < HF_LEN(bad); i++) {
		struct hf_err err = {0};
		char *plain = (char *)"untouched";
		cr_expect_eq(hf_instructions_check(bad[i].text, bad[i].len, &err), HF_E_SHAPE, "%s", bad[i].what);
		cr_expect_neq(err.text[0], '\0', "%s: says why", bad[i].what);
		if (strlen(bad[i].text) != bad[i].len)
			continue;
		cr_expect_eq(hf_instructions_plain(bad[i].text, &plain, NULL), HF_E_SHAPE, "%s", bad[i].what);
		cr_expect_str_eq(plain, "untouched", "%s: untouched unless HF_OK", bad[i].what);
	}
}

/* What most would make a careless reader slow or wide, to the full length that is allowed. */
Test(instructions, largest)
{
	static const char *const units[] = {"a",   "*",	    "_a ",  "*a ",   "[",     "](",	   "[a](",
					    "**a", "*a* ",  "\\",   "\\*",   "#",     "# a\n",	   "\n",
					    "- ",  "- a\n", "*_a ", "**_*a", "a\n\n", "[a](http:", "[a](tel:1)"};
	static char text[HF_INSTRUCTIONS_MAX + 2];
	for (size_t i = 0; i < HF_LEN(units); i++) {
		hf_auto_free char *plain = NULL, *more = NULL;
		size_t len = strlen(units[i]);
		text[0] = 'a';
		for (size_t k = 1; k <= HF_INSTRUCTIONS_MAX; k++)
			text[k] = units[i][(k - 1) % len];
		text[HF_INSTRUCTIONS_MAX + 1] = '\0';
		cr_expect_eq(hf_instructions_plain(text, &more, NULL), HF_E_SIZE, "Instructions: 16,385 bytes");
		cr_expect_null(more);
		text[HF_INSTRUCTIONS_MAX] = '\0';
		cr_assert_eq(hf_instructions_plain(text, &plain, NULL), HF_OK, "Instructions: 16,384 of %s", units[i]);
		cr_expect_leq(strlen(plain), HF_INSTRUCTIONS_MAX + 1, "%s: it does not grow", units[i]);
		cr_expect_eq(plain[strlen(plain) - 1], '\n');
	}
}

Test(instructions, digest)
{
	struct hf_digest digest, other;
	char hex[HF_DIGEST_HEX_SIZE];
	cr_assert_eq(hf_instructions_digest("abc", &digest), HF_OK);
	cr_expect_str_eq(hf_digest_hex(&digest, hex),
			 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-4, SHA-256");
	cr_assert_eq(hf_instructions_digest("abc ", &other), HF_OK);
	cr_expect_neq(hf_digest_cmp(&digest, &other), 0, "D10: a text that is changed at all asks again");
}
