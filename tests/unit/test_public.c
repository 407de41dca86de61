/* SPDX-License-Identifier: MIT */
/*
 * Holds keys and JSON to what others published: Wycheproof's signatures, JSONTestSuite's files (tests/public/README.md).
 * Must never pass because the data was not found.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/json.h>
#include <holdfast/key.h>
#include <holdfast/str.h>

#define SIGNATURES 151
#define FILES 318
#define JSON_MAX 1048576 /* the largest is of 250,000 bytes */

static json_t *rows_of(const char *file, const char *member)
{
	char path[512];
	json_t *all, *rows;

	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/tests/public/%s", HF_SOURCE_DIR, file), HF_OK);
	all = json_load_file(path, 0, NULL);
	rows = json_incref(json_object_get(all, member));
	cr_assert(rows, "%s has its rows", file);
	json_decref(all);
	return rows;
}

static const char *text_of(json_t *row, const char *member)
{
	const char *text = json_string_value(json_object_get(row, member));

	return text ? text : "";
}

/* Malleated, truncated, of another message, with S out of range: of 151 the 88 that are valid are taken. */
Test(public, wycheproof_ed25519)
{
	hf_auto_json json_t *rows = rows_of("ed25519-wycheproof.json", "rows");
	json_t *row;
	size_t i, n_valid = 0;

	cr_expect_eq(json_array_size(rows), SIGNATURES);
	json_array_foreach(rows, i, row)
	{
		const char *msg = text_of(row, "msg"), *sig = text_of(row, "sig");
		size_t len = strlen(msg) / 2;
		uint8_t *bytes = malloc(len + 1), made[HF_SIG_LEN];
		bool valid = json_is_true(json_object_get(row, "valid"));
		struct hf_pub pub;
		bool taken;

		cr_assert_eq(hf_hex_decode(text_of(row, "public"), pub.b, sizeof(pub.b)), HF_OK);
		cr_assert_eq(hf_hex_decode(msg, bytes, len), HF_OK);
		taken = hf_hex_decode(sig, made, sizeof(made)) == HF_OK && hf_pub_verify(&pub, bytes, len, made);
		cr_expect_eq(taken, valid, "row %d: %s", (int)json_integer_value(json_object_get(row, "id")),
			     text_of(row, "about"));
		n_valid += valid;
		free(bytes);
	}
	cr_expect_eq(n_valid, 88u);
}

/* Right JSON that the contract does not take: proto/README.md "JSON". */
/* clang-format off */
static const struct {
	const char *name, *clause;
} stricter[] = {
	{ "y_number", "whole numbers only" },
	{ "y_number_0e+1", "whole numbers only" },
	{ "y_number_0e1", "whole numbers only" },
	{ "y_number_double_close_to_zero", "whole numbers only" },
	{ "y_number_int_with_exp", "whole numbers only" },
	{ "y_number_real_capital_e", "whole numbers only" },
	{ "y_number_real_capital_e_neg_exp", "whole numbers only" },
	{ "y_number_real_capital_e_pos_exp", "whole numbers only" },
	{ "y_number_real_exponent", "whole numbers only" },
	{ "y_number_real_fraction_exponent", "whole numbers only" },
	{ "y_number_real_neg_exp", "whole numbers only" },
	{ "y_number_real_pos_exponent", "whole numbers only" },
	{ "y_number_simple_real", "whole numbers only" },
	{ "y_object_duplicated_key", "no member twice" },
	{ "y_object_duplicated_key_and_value", "no member twice" },
	{ "y_object_escaped_null_in_key", "no control characters" },
	{ "y_object_extreme_numbers", "whole numbers only" },
	{ "y_string_allowed_escapes", "no control characters" },
	{ "y_string_escaped_control_character", "no control characters" },
	{ "y_string_escaped_noncharacter", "no non-characters" },
	{ "y_string_last_surrogates_1_and_2", "no non-characters" },
	{ "y_string_nonCharacterInUTF-8_U+10FFFF", "no non-characters" },
	{ "y_string_nonCharacterInUTF-8_U+FFFF", "no non-characters" },
	{ "y_string_null_escape", "no control characters" },
	{ "y_string_unescaped_char_delete", "no control characters" },
	{ "y_string_unicode_U+10FFFE_nonchar", "no non-characters" },
	{ "y_string_unicode_U+1FFFE_nonchar", "no non-characters" },
	{ "y_string_unicode_U+FDD0_nonchar", "no non-characters" },
	{ "y_string_unicode_U+FFFE_nonchar", "no non-characters" },
	{ "y_string_with_del_character", "no control characters" },
	{ "y_structure_lonely_negative_real", "whole numbers only" },
};
/* clang-format on */

static bool is_stricter(const char *name)
{
	for (size_t i = 0; i < HF_LEN(stricter); i++)
		if (strcmp(stricter[i].name, name) == 0)
			return true;
	return false;
}

/* The bytes of a file, inside an object: `{"a":` bytes `}`, as the contract has objects at the top alone. */
static char *bytes_of(json_t *row, size_t *ret_len)
{
	static const char before[] = "{\"a\":";
	const char *unit64 = text_of(row, "begins"), *rest64 = text_of(row, "base64");
	size_t times = (size_t)json_integer_value(json_object_get(row, "times")), len = sizeof(before) - 1, n = 0;
	uint8_t unit[64];
	char *all;

	cr_assert_eq(hf_base64_decode(unit64, strlen(unit64), unit, sizeof(unit), &n), HF_OK);
	all = malloc(len + n * times + strlen(rest64) + 2);
	memcpy(all, before, len);
	for (size_t i = 0; i < times; i++, len += n)
		memcpy(all + len, unit, n);
	cr_assert_eq(hf_base64_decode(rest64, strlen(rest64), (uint8_t *)all + len, strlen(rest64) + 1, &n), HF_OK);
	len += n;
	all[len++] = '}';
	*ret_len = len;
	return all;
}

static bool is_taken(const char *bytes, size_t len)
{
	hf_auto_json json_t *value = NULL;

	return hf_json_read(bytes, len, JSON_MAX, &value, NULL) == HF_OK;
}

/* y_ is taken, n_ is refused; what JSON leaves open (i_) the contract refuses: it has no second reading. */
Test(public, json_test_suite)
{
	hf_auto_json json_t *rows = rows_of("json-parsing.json", "files");
	json_t *row;
	size_t i, n_stricter = 0;

	cr_expect_eq(json_array_size(rows), FILES);
	json_array_foreach(rows, i, row)
	{
		const char *name = text_of(row, "name");
		bool want = name[0] == 'y' && !is_stricter(name);
		size_t len = 0, outer = strlen("{\"a\":");
		char *bytes = bytes_of(row, &len);

		cr_expect_eq(is_taken(bytes, len), want, "%s", name);
		cr_expect(name[0] == 'y' || !is_taken(bytes + outer, len - outer - 1), "%s by itself", name);
		n_stricter += is_stricter(name);
		free(bytes);
	}
	cr_expect_eq(n_stricter, HF_LEN(stricter), "each exception is of a file");
}
