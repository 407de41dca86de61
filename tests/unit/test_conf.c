/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of conf.c.
 * Must never read a real configuration.
 */
#include <holdfast/conf.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

struct settings {
	int64_t port, offset;
	bool verify;
	char host[HF_CONF_TEXT_SIZE], file[HF_CONF_TEXT_SIZE];
};

#define N_ROWS 5

static void fill_rows(struct hf_conf_row rows[N_ROWS], struct settings *s)
{
	memset(s, 0, sizeof(*s));
	strcpy(s->host, "untouched");
	rows[0] = (struct hf_conf_row){"bus.port", HF_CONF_INT, 1, 65535, "8883", &s->port};
	rows[1] = (struct hf_conf_row){"bus.offset", HF_CONF_INT, INT64_MIN, INT64_MAX, "-1", &s->offset};
	rows[2] = (struct hf_conf_row){"bus.verify", HF_CONF_BOOL, 0, 0, "yes", &s->verify};
	rows[3] = (struct hf_conf_row){"bus.host", HF_CONF_TEXT, 1, 20, NULL, s->host};
	rows[4] = (struct hf_conf_row){"bus.file", HF_CONF_PATH, 0, 255, "/etc/x", s->file};
}

static enum hf_rc read_conf(const char *text, struct settings *s, struct hf_err *err)
{
	struct hf_conf_row rows[N_ROWS];

	fill_rows(rows, s);
	err->text[0] = '\0';
	return hf_conf_read(text, rows, N_ROWS, err);
}

Test(conf, defaults_fill_what_the_file_leaves_out)
{
	struct settings s;
	struct hf_err err;

	cr_assert_eq(read_conf("bus.host = broker.example", &s, &err), HF_OK, "%s", err.text);
	cr_expect_eq(s.port, 8883);
	cr_expect_eq(s.offset, -1);
	cr_expect(s.verify);
	cr_expect_str_eq(s.host, "broker.example");
	cr_expect_str_eq(s.file, "/etc/x");
}

Test(conf, accepts)
{
	static const struct {
		const char *what, *text, *host;
		int64_t port;
	} rows[] = {
		{"comments and blank lines", "# a\n\n  # b = c\nbus.host=h\n", "h", 8883},
		{"spaces and tabs around", "\t bus.host \t=\t h i \t\n", "h i", 8883},
		{"lines of another system", "bus.host = h\r\nbus.port = 1\r\n", "h", 1},
		{"no newline at the end", "bus.port = 65535\nbus.host = h", "h", 65535},
		{"an equals sign in the value", "bus.host = a=b", "a=b", 8883},
		{"a hash in the value", "bus.host = a#b", "a#b", 8883},
		{"other letters", "bus.host = caf\303\251", "caf\303\251", 8883},
		{"longest text", "bus.host = 12345678901234567890", "12345678901234567890", 8883},
		{"smallest number", "bus.offset = -9223372036854775808\nbus.host = h", "h", 8883},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct settings s;
		struct hf_err err;

		cr_expect_eq(read_conf(rows[i].text, &s, &err), HF_OK, "%s: %s", rows[i].what, err.text);
		cr_expect_str_eq(s.host, rows[i].host, "%s", rows[i].what);
		cr_expect_eq(s.port, rows[i].port, "%s", rows[i].what);
	}
}

/* A mistyped setting is never "use the default". */
Test(conf, refuses_with_line_and_advice)
{
	static const struct {
		const char *what, *text, *says, *also;
	} rows[] = {
		{"unknown name", "bus.host = h\nbus.prot = 1\n", "line 2: ", "'bus.prot' is not a setting"},
		{"a name that only begins so", "bus.hosts = h", "line 1: ", "not a setting"},
		{"other case", "Bus.host = h", "line 1: ", "not a setting"},
		{"no name", "= h", "line 1: ", "not a setting"},
		{"twice", "bus.host = h\n\nbus.host = h\n", "line 3: ", "line 1 already"},
		{"no equals sign", "bus.host h", "line 1: ", "name = value"},
		{"number too large", "bus.host = h\nbus.port = 65536", "line 2: ", "from 1 to 65535, not '65536'"},
		{"number too small", "bus.port = 0", "line 1: ", "from 1 to 65535"},
		{"negative", "bus.port = -1", "line 1: ", "from 1 to 65535"},
		{"no number", "bus.port =", "line 1: ", "from 1 to 65535, not ''"},
		{"a sign alone", "bus.offset = -", "line 1: ", "whole number"},
		{"plus", "bus.port = +1", "line 1: ", "whole number"},
		{"hexadecimal", "bus.port = 0x10", "line 1: ", "whole number"},
		{"fraction", "bus.port = 1.5", "line 1: ", "whole number"},
		{"with a unit", "bus.port = 10s", "line 1: ", "whole number"},
		{"two numbers", "bus.port = 1 2", "line 1: ", "whole number"},
		{"beyond 64 bits", "bus.offset = 9223372036854775808", "line 1: ", "whole number"},
		{"far beyond", "bus.offset = 99999999999999999999999999999", "line 1: ", "whole number"},
		{"neither yes nor no", "bus.verify = maybe", "line 1: ", "yes or no, not 'maybe'"},
		{"other case of yes", "bus.verify = Yes", "line 1: ", "yes or no"},
		{"text too long", "bus.host = 123456789012345678901", "line 1: ", "from 1 to 20 characters, it has 21"},
		{"text missing", "bus.host =", "line 1: ", "it has 0"},
		{"path of this folder", "bus.file = etc/x", "line 1: ", "begins with '/'"},
		{"control character", "bus.host = a\033[2Jb", "line 1: ", "control character"},
		{"nothing at all", "", "bus.host is missing", "add a line `bus.host = ...`"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct settings s;
		struct hf_err err;

		cr_expect_eq(read_conf(rows[i].text, &s, &err), HF_E_SHAPE, "%s", rows[i].what);
		cr_expect_eq(strncmp(err.text, rows[i].says, strlen(rows[i].says)), 0, "%s: %s", rows[i].what,
			     err.text);
		cr_expect_not_null(strstr(err.text, rows[i].also), "%s: %s", rows[i].what, err.text);
		cr_expect_str_eq(s.host, "untouched", "%s: nothing is set unless all is right", rows[i].what);
		cr_expect_eq(s.port, 0, "%s", rows[i].what);
	}
}

Test(conf, a_text_longer_than_the_limit_is_refused)
{
	struct settings s;
	struct hf_err err;
	static char big[HF_CONF_FILE_MAX + 2];

	memset(big, '\n', HF_CONF_FILE_MAX + 1);
	cr_expect_eq(read_conf(big, &s, &err), HF_E_SHAPE);
	memcpy(big, "bus.host=h", 10);
	big[HF_CONF_FILE_MAX] = '\0';
	cr_expect_eq(read_conf(big, &s, &err), HF_OK, "%s", err.text);
}

Test(conf, a_value_that_does_not_fit_its_place_is_refused)
{
	char small[HF_CONF_TEXT_SIZE], text[400] = "name = ";
	struct hf_conf_row row = {"name", HF_CONF_TEXT, 0, 1000, NULL, small};

	memset(text + 7, 'x', 255);
	cr_expect_eq(hf_conf_read(text, &row, 1, NULL), HF_OK);
	cr_expect_eq(strlen(small), 255);
	text[7 + 255] = 'x';
	cr_expect_eq(hf_conf_read(text, &row, 1, NULL), HF_E_SHAPE, "whatever the table promises");
}

Test(conf, a_wrong_default_is_a_mistake_of_ours)
{
	int64_t port = 0;
	struct hf_conf_row row = {"port", HF_CONF_INT, 1, 10, "11", &port};
	struct hf_err err;

	cr_expect_eq(hf_conf_read("", &row, 1, &err), HF_E_USAGE, "%s", err.text);
	cr_expect_eq(port, 0);
}

/* The printed form can be read again and means the same. */
Test(conf, prints_what_it_reads)
{
	static const char want[] =
		"bus.port = 1883\nbus.offset = -1\nbus.verify = no\nbus.host = h i\nbus.file = /etc/x\n";
	struct hf_conf_row rows[N_ROWS];
	struct settings s;
	hf_auto_free char *got = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&got, &len);

	fill_rows(rows, &s);
	cr_assert_eq(hf_conf_read("bus.verify = no\nbus.host = h i\nbus.port = 01883\n", rows, N_ROWS, NULL), HF_OK);
	hf_conf_print(out, rows, N_ROWS);
	fclose(out);
	cr_expect_str_eq(got, want);
	fill_rows(rows, &s);
	cr_expect_eq(hf_conf_read(got, rows, N_ROWS, NULL), HF_OK);
	cr_expect_eq(s.port, 1883);
}
