/* SPDX-License-Identifier: MIT */
/*
 * Holds the register document to policy D2.
 * Must never judge who approved it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/register.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_register struct hf_register *reg = NULL;
	enum hf_rc rc = hf_register_decode(envelope, &reg, err);
	cr_expect_eq(reg != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (reg) {
		cr_expect_eq(hf_digest_cmp(&reg->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_register_encode(reg);
	}
	return rc;
}

Test(register, document)
{
	sample_expect_document(decode, SAMPLE_REGISTER, SAMPLE_TRUST);
}

#define ADDRESS(what, address, want)                                                                                   \
	{                                                                                                              \
		"Register: address, " what, "tools.0.addresses", "[\"" address "\"]", want                             \
	}
#define PROGRAM(what, program, want)                                                                                   \
	{                                                                                                              \
		"Register: program, " what, "tools.1.programs", "[\"" program "\"]", want                              \
	}
#define WORDS(what, words, want)                                                                                       \
	{                                                                                                              \
		"D10: words, " what, "words", "[" words "]", want                                                      \
	}
#define WORD(text, kind) "{\"text\":\"" text "\",\"kind\":\"" kind "\"}"
#define L10 "aaaaaaaaaa"
#define L60 L10 L10 L10 L10 L10 L10

Test(register, rows)
{
	static const struct sample_row rows[] = {
		{"Register: versions begin at 1", "version", "0", HF_E_SHAPE},
		{"Register: empty", "accounts", "[]", HF_OK},
		{"Register: no tools", "tools", "[]", HF_OK},
		{"Register: an account twice", "accounts.1.id", "\"x:CannockChaseDC\"", HF_E_SHAPE},
		{"Register: no account", "accounts.0.id", "\"CannockChaseDC\"", HF_E_SHAPE},
		{"Register: a star is no account", "accounts.0.id", "\"*\"", HF_E_SHAPE},
		{"Register: the longest account", "accounts.0.id", "\"" L10 L10 L10 "aa:" L60 "aaaa\"", HF_OK},
		{"Register: a kind that there is not", "accounts.0.kind", "\"private\"", HF_E_SHAPE},
		{"D2.3: a holder twice, with two ends", "accounts.0.holders.1.person", "\"comms-1\"", HF_E_SHAPE},
		{"D2.9: a holder without an end", "accounts.0.holders.1.until", NULL, HF_E_SHAPE},
		{"D2.3: every holder", "accounts.0.holders.1.person", "\"*\"", HF_E_SHAPE},
		{"Register: a tool twice", "tools.1.id", "\"x-web\"", HF_E_SHAPE},
		{"Register: a tool with more", "tools.1.more", "1", HF_E_SHAPE},
		{"Register: a tool's name in two lines", "tools.0.name", "\"a\\nb\"", HF_E_SHAPE},
		{"Register: a tool of nothing", "tools.1.programs", "[]", HF_E_SHAPE},
		{"Register: a tool for every platform", "tools.0.platforms", "[\"*\"]", HF_E_SHAPE},
		{"Register: a platform too long", "tools.0.platforms", "[\"" L10 L10 L10 "aaa\"]", HF_E_SHAPE},
		{"Register: dedicated, one of the addresses", "tools.0.dedicated", "[\"twitter.com\"]", HF_OK},
		{"Register: dedicated, no address", "tools.0.dedicated", "[\"facebook.com\"]", HF_E_SHAPE},
		{"Register: dedicated, twice", "tools.0.dedicated", "[\"x.com\",\"x.com\"]", HF_E_SHAPE},
		{"Register: dedicated, none", "tools.0.dedicated", "[]", HF_E_SHAPE},
		{"Register: dedicated, of a tool without addresses", "tools.1.dedicated", "[\"x.com\"]", HF_E_SHAPE},
		ADDRESS("a host", "x.com", HF_OK),
		ADDRESS("a host with digits and dashes", "a-1.b2.example", HF_OK),
		ADDRESS("the longest label", L60 "aaa.example", HF_OK),
		ADDRESS("a label too long", L60 "aaaa.example", HF_E_SHAPE),
		ADDRESS("a name too long", L60 "." L60 "." L60 "." L60 "." L10 "." L10, HF_E_SHAPE),
		ADDRESS("a scheme", "https://x.com", HF_E_SHAPE),
		ADDRESS("a path", "x.com/home", HF_E_SHAPE),
		ADDRESS("a port", "x.com:443", HF_E_SHAPE),
		ADDRESS("a star", "*.x.com", HF_E_SHAPE),
		ADDRESS("every page of the world", "*", HF_E_SHAPE),
		ADDRESS("capitals", "X.com", HF_E_SHAPE),
		ADDRESS("one label", "localhost", HF_E_SHAPE),
		ADDRESS("dot in front", ".x.com", HF_E_SHAPE),
		ADDRESS("dot behind", "x.com.", HF_E_SHAPE),
		ADDRESS("two dots", "x..com", HF_E_SHAPE),
		ADDRESS("dash in front", "-x.com", HF_E_SHAPE),
		ADDRESS("dash behind a label", "x-.com", HF_E_SHAPE),
		ADDRESS("letters beyond ASCII", "\xc3\xa9.com", HF_E_SHAPE),
		ADDRESS("digits in front", "4chan.example", HF_OK),
		ADDRESS("a number that is not last", "123.example", HF_OK),
		ADDRESS("almost a number", "x.0xg", HF_OK),
		ADDRESS("a network address", "192.0.2.4", HF_E_SHAPE),
		ADDRESS("attack: blocks nothing, a number at the end", "x.123", HF_E_SHAPE),
		ADDRESS("attack: blocks nothing, browsers make it 123.0.1.200", "123.456", HF_E_SHAPE),
		ADDRESS("attack: blocks nothing, browsers make it 127.0.0.1", "0x7f.1", HF_E_SHAPE),
		ADDRESS("attack: blocks nothing, a number of another base", "x.0x1f", HF_E_SHAPE),
		ADDRESS("attack: blocks nothing, a number without digits", "x.0x", HF_E_SHAPE),
		ADDRESS("another script as browsers write it", "xn--bcher-kva.example", HF_OK),
		ADDRESS("an underscore", "x_y.example", HF_E_SHAPE),
		ADDRESS("an address of the next protocol", "[::1]", HF_E_SHAPE),
		PROGRAM("a path", "/usr/bin/toot", HF_OK),
		PROGRAM("dots in a name", "/opt/..a/b..", HF_OK),
		PROGRAM("a path with a space", "/opt/My Tool/run", HF_OK),
		PROGRAM("relative", "toot", HF_E_SHAPE),
		PROGRAM("the root", "/", HF_E_SHAPE),
		PROGRAM("a folder", "/usr/bin/", HF_E_SHAPE),
		PROGRAM("two slashes", "/usr//bin/toot", HF_E_SHAPE),
		PROGRAM("two slashes in front", "//usr/bin/toot", HF_E_SHAPE),
		PROGRAM("up", "/usr/../bin/toot", HF_E_SHAPE),
		PROGRAM("up at the end", "/usr/bin/..", HF_E_SHAPE),
		PROGRAM("here", "/usr/./bin/toot", HF_E_SHAPE),
		PROGRAM("a newline", "/usr/bin/\\n", HF_E_SHAPE),
		WORDS("one", WORD("Jane Example", "member"), HF_OK),
		WORDS("a Member who is a candidate", WORD("Jane", "member") "," WORD("Jane", "candidate"), HF_OK),
		WORDS("capitals count", WORD("Jane", "member") "," WORD("jane", "member"), HF_OK),
		WORDS("one twice", WORD("Jane", "member") "," WORD("Jane", "member"), HF_E_SHAPE),
		WORDS("a kind that there is not", WORD("Jane", "mayor"), HF_E_SHAPE),
		WORDS("no kind", WORD("Jane", ""), HF_E_SHAPE),
		WORDS("no text", WORD("", "ward"), HF_E_SHAPE),
		WORDS("two lines", WORD("Norton\\nCanes", "ward"), HF_E_SHAPE),
		WORDS("the longest", WORD(L60 L10 L10 L10 L10, "ward"), HF_OK),
		WORDS("too long", WORD(L60 L10 L10 L10 L10 "a", "ward"), HF_E_SIZE),
		WORDS("with more", "{\"text\":\"a\",\"kind\":\"ward\",\"x\":1}", HF_E_SHAPE),
		WORDS("a text alone", "\"Jane\"", HF_E_SHAPE),
		WORDS("none is said by leaving it out", "", HF_E_SHAPE),
		{"D10: words, no list", "words", "{}", HF_E_SHAPE},
		{"D10: words, null", "words", "null", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_REGISTER, rows, HF_LEN(rows));
}

Test(register, every_kind_of_word_goes_there_and_back)
{
	for (int k = 0; k < HF_WORD_KIND_COUNT; k++) {
		struct hf_word word = {"w", (enum hf_word_kind)k};
		struct hf_register reg = {.council = "c", .version = 1, .words = &word, .n_words = 1};
		hf_auto_json json_t *doc = hf_register_encode(&reg);
		hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_REGISTER, doc, "");
		hf_auto_register struct hf_register *back = NULL;
		cr_assert_eq(hf_register_decode(envelope, &back, NULL), HF_OK, "D10: %s",
			     hf_word_kind_name((enum hf_word_kind)k));
		cr_expect_eq((int)back->words[0].kind, k);
	}
}

Test(register, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_REGISTER);
	sample_change(doc, "words", "[" WORD("Norton Canes", "ward") "," WORD("#VoteJane", "hashtag") "]");
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_REGISTER, doc, "");
	hf_auto_register struct hf_register *reg = NULL;
	cr_assert_eq(hf_register_decode(envelope, &reg, NULL), HF_OK);
	cr_assert_eq(reg->n_words, 2);
	cr_expect_str_eq(reg->words[0].text, "Norton Canes", "D10: what the draft check marks");
	cr_expect_eq(reg->words[0].kind, HF_WORD_WARD);
	cr_expect_eq(reg->words[1].kind, HF_WORD_HASHTAG);
	cr_expect_str_eq(reg->council, "cannock-chase");
	cr_expect_eq(reg->version, 1);
	cr_expect_eq(reg->issued.s, SAMPLE_T);
	cr_assert_eq(reg->n_accounts, 2);
	cr_expect_eq(reg->accounts[0].kind, HF_ACCOUNT_CORPORATE);
	cr_expect_eq(reg->accounts[1].kind, HF_ACCOUNT_CAMPAIGN);
	cr_expect_str_eq(reg->accounts[0].holders[1].person, "comms-2");
	cr_expect_eq(reg->accounts[0].holders[1].until.s, 1769904000, "D2.9: the end of access");
	cr_assert_eq(reg->n_tools, 2);
	cr_expect_str_eq(reg->tools[0].id, "x-web");
	cr_expect_str_eq(reg->tools[0].name, "X in the browser");
	cr_expect_str_eq(reg->tools[0].platforms.v[0], "x");
	cr_expect_str_eq(reg->tools[0].addresses.v[1], "twitter.com");
	cr_expect_eq(reg->tools[0].programs.n, 0);
}

Test(register, limits)
{
	static const struct {
		const char *what, *path, *form;
		int n;
		enum hf_rc want;
	} rows[] = {
		{"Register: 500 accounts", "accounts", "{\"id\":\"x:a%d\",\"kind\":\"corporate\",\"holders\":[]}", HF_ACCOUNTS_MAX,
		 HF_OK},
		{"Register: 501 accounts", "accounts", "{\"id\":\"x:a%d\",\"kind\":\"corporate\",\"holders\":[]}", HF_ACCOUNTS_MAX + 1,
		 HF_E_SIZE},
		{"Register: 64 holders", "accounts.0.holders", "{\"person\":\"p-%d\",\"until\":0}", 64, HF_OK},
		{"Register: 65 holders", "accounts.0.holders", "{\"person\":\"p-%d\",\"until\":0}", 65, HF_E_SIZE},
		{"Register: 64 addresses", "tools.0.addresses", "\"a%d.example\"", 64, HF_OK},
		{"Register: 65 addresses", "tools.0.addresses", "\"a%d.example\"", 65, HF_E_SIZE},
		{"D10: 1,000 words", "words", "{\"text\":\"w%d\",\"kind\":\"ward\"}", 1000, HF_OK},
		{"D10: 1,001 words", "words", "{\"text\":\"w%d\",\"kind\":\"ward\"}", 1001, HF_E_SIZE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		static char text[40000];
		size_t len = 1;
		text[0] = '[';
		for (int k = 0; k < rows[i].n; k++) {
			char one[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			cr_assert_eq(hf_str_printf(one, sizeof(one), rows[i].form, k), HF_OK);
#pragma GCC diagnostic pop
			cr_assert_eq(hf_str_printf(text + len, sizeof(text) - len, "%s%s", k ? "," : "", one), HF_OK);
			len += strlen(text + len);
		}
		cr_assert_eq(hf_str_copy(text + len, sizeof(text) - len, "]"), HF_OK);
		const struct sample_row row = {rows[i].what, rows[i].path, text, rows[i].want};
		sample_expect_rows(decode, SAMPLE_REGISTER, &row, 1);
	}
}

Test(register, looking_up)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_REGISTER);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_REGISTER, doc, "");
	hf_auto_register struct hf_register *reg = NULL;
	cr_assert_eq(hf_register_decode(envelope, &reg, NULL), HF_OK);
	cr_expect_str_eq(hf_register_tool(reg, "toot")->programs.v[0], "/usr/bin/toot");
	cr_expect_null(hf_register_tool(reg, "x"), "a platform is no tool");
	cr_expect_null(hf_register_account(reg, "x:cannockchasedc"), "capitals count");

	const struct hf_account *account = hf_register_account(reg, "x:CannockChaseDC");
	cr_assert_not_null(account);
	static const struct {
		const char *what, *person;
		int64_t now;
		bool held;
	} rows[] = {
		{"D2.3: a holder without an end", "comms-1", HF_WALL_MAX, true},
		{"D2.9: before the end", "comms-2", 1769903999, true},
		{"D2.9: the end itself", "comms-2", 1769904000, true},
		{"D2.9: past the end", "comms-2", 1769904001, false},
		{"D2.3: no holder", "it-1", 0, false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_account_held_by(account, rows[i].person, (struct hf_wall){rows[i].now}), rows[i].held,
			     "%s", rows[i].what);
}
