/* SPDX-License-Identifier: MIT */
/*
 * Holds the strict reader and the table of members to the contract's JSON section.
 * Must never trust jansson's own parser, but as a second opinion.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/json.h>

#define D6 "[[[[[["
#define U6 "]]]]]]"

static enum hf_rc read_text(const char *text, json_t **ret)
{
	return hf_json_read(text, strlen(text), 65536, ret, NULL);
}

Test(json, read)
{
	static const struct {
		const char *what, *text;
		enum hf_rc want;
	} rows[] = {
		{"JSON: empty object", "{}", HF_OK},
		{"JSON: space around", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n", HF_OK},
		{"JSON: words", "{\"a\":[true,false,null]}", HF_OK},
		{"JSON: numbers", "{\"a\":[0,-0,-1,9223372036854775807,-9223372036854775808]}", HF_OK},
		{"JSON: escapes", "{\"a\":\"\\\"\\\\\\/\\n\\t\\u00e9\\ud83d\\ude00\\u00E9\"}", HF_OK},
		{"JSON: UTF-8 of every length", "{\"a\":\"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}", HF_OK},
		{"JSON: newline and tab as escapes", "{\"a\":\"\\n\\t\"}", HF_OK},
		{"JSON: depth 12",
		 "{\"a\":" D6 "[[[[["
		 "]]]]]" U6 "}",
		 HF_OK},
		{"JSON: depth 13", "{\"a\":" D6 D6 U6 U6 "}", HF_E_JSON},
		{"JSON: depth 13 of objects",
		 "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
		 "\"a\":{}}}}}}}}}}}}}",
		 HF_E_JSON},
		{"brackets in a text are no depth", "{\"a\":\"" D6 D6 D6 "\"}", HF_OK},
		{"nothing", "", HF_E_JSON},
		{"space alone", "  ", HF_E_JSON},
		{"list at the top", "[]", HF_E_JSON},
		{"text at the top", "\"a\"", HF_E_JSON},
		{"number at the top", "1", HF_E_JSON},
		{"byte order mark", "\xef\xbb\xbf{}", HF_E_JSON},
		{"something behind", "{}x", HF_E_JSON},
		{"a second object behind", "{}{}", HF_E_JSON},
		{"cut after the brace", "{", HF_E_JSON},
		{"cut after a name", "{\"a\"", HF_E_JSON},
		{"cut after a colon", "{\"a\":", HF_E_JSON},
		{"cut after a value", "{\"a\":1", HF_E_JSON},
		{"cut after a comma", "{\"a\":1,", HF_E_JSON},
		{"cut in a text", "{\"a\":\"b", HF_E_JSON},
		{"cut in an escape", "{\"a\":\"\\", HF_E_JSON},
		{"cut in a longer escape", "{\"a\":\"\\u00", HF_E_JSON},
		{"cut in a character", "{\"a\":\"\xe2\x82", HF_E_JSON},
		{"cut in a list", "{\"a\":[1", HF_E_JSON},
		{"cut in a word", "{\"a\":tru", HF_E_JSON},
		{"cut after a sign", "{\"a\":-", HF_E_JSON},
		{"comma behind the last member", "{\"a\":1,}", HF_E_JSON},
		{"comma behind the last element", "{\"a\":[1,]}", HF_E_JSON},
		{"comma in front", "{,\"a\":1}", HF_E_JSON},
		{"no comma", "{\"a\":1 \"b\":2}", HF_E_JSON},
		{"no colon", "{\"a\" 1}", HF_E_JSON},
		{"name without quotes", "{a:1}", HF_E_JSON},
		{"quotes of another kind", "{'a':1}", HF_E_JSON},
		{"comment", "{/* a */}", HF_E_JSON},
		{"brackets that do not pair", "{\"a\":[}", HF_E_JSON},
		{"a member twice", "{\"a\":1,\"a\":2}", HF_E_JSON},
		{"a member twice, once as an escape", "{\"a\":1,\"\\u0061\":2}", HF_E_JSON},
		{"a member twice, deep down", "{\"b\":[{\"a\":1,\"a\":1}]}", HF_E_JSON},
		{"real number", "{\"a\":1.0}", HF_E_JSON},
		{"exponent", "{\"a\":1e3}", HF_E_JSON},
		{"capital exponent", "{\"a\":1E3}", HF_E_JSON},
		{"leading zero", "{\"a\":01}", HF_E_JSON},
		{"leading zero below 0", "{\"a\":-01}", HF_E_JSON},
		{"plus", "{\"a\":+1}", HF_E_JSON},
		{"hex", "{\"a\":0x1}", HF_E_JSON},
		{"one more than 64 bits", "{\"a\":9223372036854775808}", HF_E_JSON},
		{"one less than 64 bits", "{\"a\":-9223372036854775809}", HF_E_JSON},
		{"far more than 64 bits", "{\"a\":18446744073709551617}", HF_E_JSON},
		{"no number", "{\"a\":NaN}", HF_E_JSON},
		{"no end", "{\"a\":Infinity}", HF_E_JSON},
		{"word in capitals", "{\"a\":True}", HF_E_JSON},
		{"word with a tail", "{\"a\":nullx}", HF_E_JSON},
		{"escape of no meaning", "{\"a\":\"\\x41\"}", HF_E_JSON},
		{"escape with a sign", "{\"a\":\"\\u+041\"}", HF_E_JSON},
		{"half a pair, high", "{\"a\":\"\\ud83d\"}", HF_E_JSON},
		{"half a pair, low", "{\"a\":\"\\ude00\"}", HF_E_JSON},
		{"two highs", "{\"a\":\"\\ud83d\\ud83d\"}", HF_E_JSON},
		{"high and a letter", "{\"a\":\"\\ud83dx\"}", HF_E_JSON},
		{"UTF-8: overlong", "{\"a\":\"\xc0\xaf\"}", HF_E_JSON},
		{"UTF-8: overlong, three bytes", "{\"a\":\"\xe0\x80\xaf\"}", HF_E_JSON},
		{"UTF-8: overlong, four bytes", "{\"a\":\"\xf0\x80\x80\xaf\"}", HF_E_JSON},
		{"UTF-8: surrogate", "{\"a\":\"\xed\xa0\x80\"}", HF_E_JSON},
		{"UTF-8: beyond the last", "{\"a\":\"\xf4\x90\x80\x80\"}", HF_E_JSON},
		{"UTF-8: stray second byte", "{\"a\":\"\x80\"}", HF_E_JSON},
		{"UTF-8: Latin 1", "{\"a\":\"\xe9\"}", HF_E_JSON},
		{"newline as it is", "{\"a\":\"b\nc\"}", HF_E_JSON},
		{"tab as it is", "{\"a\":\"b\tc\"}", HF_E_JSON},
		{"carriage return", "{\"a\":\"\\r\"}", HF_E_JSON},
		{"backspace", "{\"a\":\"\\b\"}", HF_E_JSON},
		{"form feed", "{\"a\":\"\\f\"}", HF_E_JSON},
		{"zero", "{\"a\":\"\\u0000\"}", HF_E_JSON},
		{"escape character", "{\"a\":\"\\u001b\"}", HF_E_JSON},
		{"delete", "{\"a\":\"\x7f\"}", HF_E_JSON},
		{"C1 control", "{\"a\":\"\xc2\x9b\"}", HF_E_JSON},
		{"control in a name", "{\"\\u0007\":1}", HF_E_JSON},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		json_t *json = NULL;
		cr_expect_eq(read_text(rows[i].text, &json), rows[i].want, "%s", rows[i].what);
		cr_expect_eq(json != NULL, rows[i].want == HF_OK, "%s: untouched unless HF_OK", rows[i].what);
		json_decref(json);
	}
}

/* Trojan source: text that does not look as it reads; in texts, in names, raw and escaped. */
Test(json, characters_that_hide)
{
	static const struct {
		unsigned first, last;
		bool ok;
	} rows[] = {
		{0x20, 0x7e, true},	 {0x7f, 0x9f, false},	  {0xa0, 0x61b, true},	   {0x61c, 0x61c, false},
		{0x61d, 0x200d, true},	 {0x200e, 0x200f, false}, {0x2010, 0x2029, true},  {0x202a, 0x202e, false},
		{0x202f, 0x2065, true},	 {0x2066, 0x2069, false}, {0x206a, 0xd7ff, true},  {0xe000, 0xfdcf, true},
		{0xfdd0, 0xfdef, false}, {0xfdf0, 0xfffd, true},  {0xfffe, 0xffff, false},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		for (unsigned c = rows[i].first; c <= rows[i].last; c++) {
			char text[64];
			json_t *json = NULL;
			if (c == '"' || c == '\\')
				continue;
			cr_assert_eq(hf_str_printf(text, sizeof(text), "{\"a\":\"b\\u%04x\"}", c), HF_OK);
			cr_expect_eq(read_text(text, &json) == HF_OK, rows[i].ok, "JSON: U+%04X in a text", c);
			json_decref(json);
			json = NULL;
			cr_assert_eq(hf_str_printf(text, sizeof(text), "{\"b\\u%04x\":1}", c), HF_OK);
			cr_expect_eq(read_text(text, &json) == HF_OK, rows[i].ok, "JSON: U+%04X in a name", c);
			json_decref(json);
		}
	}
	json_t *json = NULL;
	cr_expect_eq(read_text("{\"a\":\"\xe2\x80\xae\"}", &json), HF_E_JSON, "JSON: U+202E as it is");
	cr_expect_eq(read_text("{\"a\":\"\xf0\x9f\xbf\xbf\"}", &json), HF_E_JSON, "JSON: U+1FFFF, no character");
	cr_expect_eq(read_text("{\"a\":\"\xf4\x8f\xbf\xbe\"}", &json), HF_E_JSON, "JSON: U+10FFFE, no character");
	cr_expect_null(json);
}

Test(json, values_come_out_as_they_went_in)
{
	json_t *json = NULL;
	cr_assert_eq(read_text("{\"a\":\"\\u0041\\ud83d\\ude00\\n\",\"b\":[-7,{\"c\":null}],\"d\":true}", &json),
		     HF_OK);
	cr_expect_str_eq(json_string_value(json_object_get(json, "a")), "A\xf0\x9f\x98\x80\n", "JSON: escapes");
	cr_expect_eq(json_integer_value(json_array_get(json_object_get(json, "b"), 0)), -7, "JSON: a number");
	cr_expect(json_is_null(json_object_get(json_array_get(json_object_get(json, "b"), 1), "c")), "JSON: null");
	cr_expect(json_is_true(json_object_get(json, "d")), "JSON: true");

	hf_auto_free char *text = NULL;
	size_t len = 0;
	cr_assert_eq(hf_json_bytes(json, &text, &len), HF_OK);
	cr_expect_str_eq(text, "{\"a\":\"A\xf0\x9f\x98\x80\\n\",\"b\":[-7,{\"c\":null}],\"d\":true}",
			 "Envelope: compact, members in the order in which they were set");
	cr_expect_eq(len, strlen(text));
	json_decref(json);
}

Test(json, size_comes_first)
{
	json_t *json = NULL;
	cr_expect_eq(hf_json_read("{}", 2, 2, &json, NULL), HF_OK, "JSON: exactly as large as allowed");
	json_decref(json);
	json = NULL;
	cr_expect_eq(hf_json_read("no JSON", 7, 6, &json, NULL), HF_E_SIZE, "JSON: size is told before anything else");
	cr_expect_eq(hf_json_read("{}\0", 3, 6, &json, NULL), HF_E_JSON, "a zero byte behind");
	cr_expect_eq(hf_json_read("{\"a\":1\0}", 8, 8, &json, NULL), HF_E_JSON, "a zero byte behind a number");
	cr_expect_eq(hf_json_read("{\"a\":\"\0\"}", 9, 9, &json, NULL), HF_E_JSON, "a zero byte in a text");
	cr_expect_null(json);
}

struct taken {
	const char *id, *text, *line;
	int64_t number;
	struct hf_wall wall;
	struct hf_digest digest;
	uint8_t key[32];
	bool flag;
	struct hf_strs ids, names, accounts, lines;
	json_t *array, *object;
	const char *maybe;
};

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define RIGHT                                                                                                          \
	"{\"id\":\"a-1\",\"text\":\"b\\nc\",\"line\":\"\",\"number\":9,\"wall\":5,\"digest\":\"" HEX64                 \
	"\",\"key\":\"" KEY32 "\",\"flag\":true,\"ids\":[\"*\"],\"names\":[\"a\",\"b\"],\"accounts\":[\"x:A\"],"       \
	"\"lines\":[\"l l\"],\"array\":[1],"                                                                           \
	"\"object\":{}}"

#define N_ROWS 15

static void table(struct taken *t, struct hf_json_member rows[N_ROWS])
{
	const struct hf_json_member all[N_ROWS] = {
		{"id", HF_JSON_ID, &t->id, 0, false},
		{"text", HF_JSON_TEXT, &t->text, 4, false},
		{"line", HF_JSON_LINE0, &t->line, 4, false},
		{"number", HF_JSON_INT, &t->number, 9, false},
		{"wall", HF_JSON_WALL, &t->wall, 0, false},
		{"digest", HF_JSON_DIGEST, &t->digest, 0, false},
		{"key", HF_JSON_BYTES32, t->key, 0, false},
		{"flag", HF_JSON_BOOL, &t->flag, 0, false},
		{"ids", HF_JSON_IDS, &t->ids, 2, false},
		{"names", HF_JSON_NAMES, &t->names, 2, false},
		{"accounts", HF_JSON_ACCOUNTS, &t->accounts, 2, false},
		{"lines", HF_JSON_LINES, &t->lines, 2, false},
		{"array", HF_JSON_ARRAY, &t->array, 2, false},
		{"object", HF_JSON_OBJECT, &t->object, 0, false},
		{"maybe", HF_JSON_LINE, &t->maybe, 4, true},
	};
	memcpy(rows, all, sizeof(all));
}

static void taken_done(struct taken *t)
{
	hf_strs_done(&t->ids);
	hf_strs_done(&t->names);
	hf_strs_done(&t->accounts);
	hf_strs_done(&t->lines);
}

Test(json, take_and_put)
{
	struct taken t = {0};
	struct hf_json_member rows[N_ROWS];
	json_t *json = NULL;
	cr_assert_eq(read_text(RIGHT, &json), HF_OK);
	table(&t, rows);
	cr_assert_eq(hf_json_take(json, rows, N_ROWS, NULL), HF_OK);
	cr_expect_str_eq(t.id, "a-1");
	cr_expect_str_eq(t.text, "b\nc");
	cr_expect_str_eq(t.line, "");
	cr_expect_eq(t.number, 9);
	cr_expect_eq(t.wall.s, 5);
	cr_expect_eq(t.key[31], 31);
	cr_expect(t.flag);
	cr_expect(hf_strs_covers(&t.ids, "anything"));
	cr_expect_eq(t.names.n, 2);
	cr_expect_eq(json_array_size(t.array), 1);
	cr_expect_null(t.maybe, "an optional member that is absent leaves its place as it was");

	json_t *back = hf_json_put(rows, N_ROWS - 1);
	cr_expect(json_equal(json, back), "the same table puts what it takes");
	json_decref(back);
	taken_done(&t);
	json_decref(json);
}

Test(json, take_refuses)
{
	static const struct {
		const char *what, *name, *value; /* JSON; NULL: the member is missing */
		enum hf_rc want;
	} rows[] = {
		{"JSON: a member that is not listed", "more", "1", HF_E_SHAPE},
		{"JSON: a missing member", "id", NULL, HF_E_SHAPE},
		{"JSON: an optional member", "maybe", "\"m\"", HF_OK},
		{"JSON: an optional member that is wrong", "maybe", "1", HF_E_SHAPE},
		{"id of another type", "id", "1", HF_E_SHAPE},
		{"id with capitals", "id", "\"A\"", HF_E_SHAPE},
		{"null for a text", "text", "null", HF_E_SHAPE},
		{"text as long as allowed", "text", "\"abcd\"", HF_OK},
		{"text too long", "text", "\"abcde\"", HF_E_SIZE},
		{"text too long in bytes", "text", "\"\xc3\xa9\xc3\xa9\xc3\xa9\"", HF_E_SIZE},
		{"text empty", "text", "\"\"", HF_E_SHAPE},
		{"line with newline", "line", "\"a\\nb\"", HF_E_SHAPE},
		{"line with tab", "line", "\"a\\tb\"", HF_E_SHAPE},
		{"number too large", "number", "10", HF_E_SHAPE},
		{"number below 0", "number", "-1", HF_E_SHAPE},
		{"number as text", "number", "\"1\"", HF_E_SHAPE},
		{"true for a number", "number", "true", HF_E_SHAPE},
		{"Time: the last", "wall", "253402300799", HF_OK},
		{"Time: one more", "wall", "253402300800", HF_E_SHAPE},
		{"Time: before 1970", "wall", "-1", HF_E_SHAPE},
		{"digest in capitals", "digest", "\"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"",
		 HF_E_BASE64},
		{"digest too short", "digest", "\"00\"", HF_E_BASE64},
		{"digest of another type", "digest", "0", HF_E_SHAPE},
		{"key of 31 bytes", "key", "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\"", HF_E_BASE64},
		{"key of 33 bytes", "key", "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\"", HF_E_BASE64},
		{"key with bits left over", "key", "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\"", HF_E_BASE64},
		{"flag as a number", "flag", "1", HF_E_SHAPE},
		{"ids: empty", "ids", "[]", HF_OK},
		{"ids: one too many", "ids", "[\"a\",\"b\",\"c\"]", HF_E_SIZE},
		{"ids: one twice", "ids", "[\"a\",\"a\"]", HF_E_SHAPE},
		{"ids: star is not alone", "ids", "[\"*\",\"a\"]", HF_E_SHAPE},
		{"ids: a number", "ids", "[1]", HF_E_SHAPE},
		{"ids: a text for a list", "ids", "\"a\"", HF_E_SHAPE},
		{"names: no star", "names", "[\"*\"]", HF_E_SHAPE},
		{"accounts: star alone", "accounts", "[\"*\"]", HF_OK},
		{"accounts: an id is none", "accounts", "[\"a\"]", HF_E_SHAPE},
		{"lines: empty line", "lines", "[\"\"]", HF_E_SHAPE},
		{"lines: two lines in one", "lines", "[\"a\\nb\"]", HF_E_SHAPE},
		{"array: one too many", "array", "[1,2,3]", HF_E_SIZE},
		{"array: an object", "array", "{}", HF_E_SHAPE},
		{"object: an array", "object", "[]", HF_E_SHAPE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct taken t = {0};
		struct hf_json_member members[N_ROWS];
		struct hf_err err = {0};
		json_t *json = NULL;
		cr_assert_eq(read_text(RIGHT, &json), HF_OK);
		if (rows[i].value)
			json_object_set_new(json, rows[i].name, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(json, rows[i].name);
		table(&t, members);
		cr_expect_eq(hf_json_take(json, members, N_ROWS, &err), rows[i].want, "%s: %s", rows[i].what, err.text);
		cr_expect(rows[i].want == HF_OK || strstr(err.text, rows[i].name), "%s: names the member",
			  rows[i].what);
		taken_done(&t);
		json_decref(json);
	}
	struct hf_json_member members[N_ROWS];
	struct taken t = {0};
	table(&t, members);
	cr_expect_eq(hf_json_take(NULL, members, N_ROWS, NULL), HF_E_SHAPE, "no object at all");
}
