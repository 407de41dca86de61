/* SPDX-License-Identifier: MIT */
/*
 * Owns that text can be read on every colour of the window, by day and by night (WCAG 2.2, 1.4.3).
 * Must never take a colour for readable that is not.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "agent/desk/colours.h"

/* x^2.4 for 0..1 by square roots alone: x^2 * x^0.4, x^0.4 = fifth root of x^2, by Newton's steps. */
static double power_2_4(double x)
{
	double square = x * x, root = 1;

	for (int i = 0; x > 0 && i < 200; i++)
		root -= (root * root * root * root * root - square) / (5 * root * root * root * root);
	return square * (x > 0 ? root : 0);
}

static double channel(const char *hex)
{
	char two[3] = {hex[0], hex[1], '\0'};
	double c = (double)strtol(two, NULL, 16) / 255;

	return c <= 0.03928 ? c / 12.92 : power_2_4((c + 0.055) / 1.055);
}

static double luminance(const char *colour)
{
	cr_assert(strlen(colour) == 7 && colour[0] == '#', "%s", colour);
	return 0.2126 * channel(colour + 1) + 0.7152 * channel(colour + 3) + 0.0722 * channel(colour + 5);
}

static double contrast(const char *a, const char *b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

Test(desk_colours, contrast_is_as_the_guidelines_reckon_it)
{
	cr_expect_float_eq(contrast("#000000", "#ffffff"), 21.0, 0.001);
	cr_expect_float_eq(contrast("#777777", "#ffffff"), 4.478, 0.001);
}

Test(desk_colours, every_text_can_be_read)
{
	for (size_t i = 0; i < hf_desk_n_colours; i++) {
		for (int dark = 0; dark < 2; dark++) {
			const struct hf_desk_colour *c = &hf_desk_colours[i];

			cr_expect_geq(contrast(c->back[dark], c->text[dark]), 4.5, "%s %d", c->name, dark);
		}
	}
}

static bool is_there(const char *name)
{
	for (size_t i = 0; i < hf_desk_n_colours; i++) {
		if (strcmp(hf_desk_colours[i].name, name) == 0)
			return true;
	}
	return false;
}

Test(desk_colours, every_tone_has_a_colour_and_an_exercise_has_one_of_its_own)
{
	for (enum hf_desk_tone tone = 0; tone < HF_DESK_TONE_COUNT; tone++) {
		cr_expect(is_there(hf_desk_tone_class(tone)));
		for (int dark = 0; dark < 2 && tone != HF_DESK_DRILL; dark++)
			cr_expect_str_neq(hf_desk_colours[tone].back[dark], hf_desk_colours[HF_DESK_DRILL].back[dark]);
	}
}

Test(desk_colours, the_style_sheet_holds_them_and_the_scale)
{
	hf_auto_free char *day = hf_desk_css(false, 100), *night = hf_desk_css(true, 140);

	cr_assert(day && night);
	cr_expect(strstr(day, ".hf-desk { font-size: 100%; }"));
	cr_expect(strstr(night, ".hf-desk { font-size: 140%; }"));
	for (size_t i = 0; i < hf_desk_n_colours; i++) {
		cr_expect(strstr(day, hf_desk_colours[i].back[0]) && strstr(night, hf_desk_colours[i].back[1]));
	}
}
