/* SPDX-License-Identifier: MIT */
/*
 * Owns the settings of holdfastd, read and printed; the one that ships is read, too.
 * Must never take a default for a setting that is wrong.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/conf/settings.h"

#define NEEDED "controller.key = /k\nbus.ca = /a\nbus.certificate = /c\nbus.key = /b\n"

static struct hf_err err;

Test(settings, defaults_and_what_is_set)
{
	struct hf_settings s;
	cr_assert_eq(hf_settings_read(NEEDED "beat_s = 1\nbus.protocol = 311\nuser = holdfast\n", &s, &err), HF_OK,
		     "%s", err.text);
	cr_expect_eq(s.beat_s, 1);
	cr_expect_eq(s.bus_protocol, 311);
	cr_expect_eq(s.report_s, 60, "a default");
	cr_expect_str_eq(s.user, "holdfast");
	cr_expect_str_eq(s.socket_path, "/run/holdfast/controller.sock");
}

Test(settings, a_wrong_one_is_never_a_default)
{
	static const struct {
		const char *what, *text, *says;
	} rows[] = {
		{"a missing one", "bus.ca = /a\n", "controller.key"},
		{"no beat", NEEDED "beat_s = 0\n", "beat_s"},
		{"a state would be valid for more than an hour", NEEDED "beat_s = 901\n", "beat_s"},
		{"no such protocol", NEEDED "bus.protocol = 4\n", "bus.protocol"},
		{"nor this one", NEEDED "bus.protocol = 6\n", "5 or 311"},
		{"a name with a slash", NEEDED "controller.id = a/b\n", "controller.id"},
		{"a relative path", NEEDED "state.folder = var\n", "state.folder"},
		{"an unknown one", NEEDED "beats = 1\n", "beats"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_settings s;
		cr_expect_eq(hf_settings_read(rows[i].text, &s, &err), HF_E_SHAPE, "%s", rows[i].what);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

static char *printed(struct hf_settings *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	cr_assert_not_null(out);
	hf_settings_print(out, s);
	fclose(out);
	return text;
}

Test(settings, the_one_that_ships_is_read_and_its_print_reads_again_the_same)
{
	struct hf_settings s, again;
	char *text = NULL, *first, *second;
	size_t len = 0;
	cr_assert_eq(hf_fs_read(HF_SOURCE_DIR "/deploy/controller.conf", HF_CONF_FILE_MAX, &text, &len, &err), HF_OK);
	cr_assert_eq(hf_settings_read(text, &s, &err), HF_OK, "%s", err.text);
	first = printed(&s);
	cr_assert_eq(hf_settings_read(first, &again, &err), HF_OK, "%s", err.text);
	second = printed(&again);
	cr_expect_str_eq(first, second, "the printed form parses again");
	free(text);
	free(first);
	free(second);
}
