/* SPDX-License-Identifier: MIT */
/*
 * Owns the colours and the sizes of the window.
 * Must never put text on a colour that it cannot be read on (tests/unit/test_desk_colours.c).
 */
#include "agent/desk/colours.h"

#include <stdio.h>
#include <stdlib.h>

#include <holdfast/str.h>

/* clang-format off */
const struct hf_desk_colour hf_desk_colours[] = {
	{ "quiet",    { "#e8e8e6", "#3a3d40" }, { "#0b0c0c", "#ffffff" } },
	{ "open",     { "#1d5fa0", "#1d5fa0" }, { "#ffffff", "#ffffff" } },
	{ "asked",    { "#ffd84d", "#ffd84d" }, { "#0b0c0c", "#0b0c0c" } },
	{ "shut",     { "#9c1616", "#a51c1c" }, { "#ffffff", "#ffffff" } },
	{ "drill",    { "#4c2c92", "#5a38a8" }, { "#ffffff", "#ffffff" } },
	{ "clear",    { "#00642f", "#00642f" }, { "#ffffff", "#ffffff" } },
	{ "alert",    { "#fff3bf", "#4a3d00" }, { "#0b0c0c", "#ffffff" } },
	{ "exercise", { "#eee6fb", "#35235c" }, { "#0b0c0c", "#ffffff" } },
	{ "quote",    { "#ffffff", "#1c1e20" }, { "#0b0c0c", "#ffffff" } },
	{ "mark",     { "#ffd84d", "#ffd84d" }, { "#0b0c0c", "#0b0c0c" } },
};
/* clang-format on */
const size_t hf_desk_n_colours = HF_LEN(hf_desk_colours);

const char *hf_desk_tone_class(enum hf_desk_tone tone)
{
	static const char *const names[HF_DESK_TONE_COUNT] = {
		[HF_DESK_QUIET] = "quiet", [HF_DESK_OPEN] = "open",   [HF_DESK_ASKED] = "asked",
		[HF_DESK_SHUT] = "shut",   [HF_DESK_DRILL] = "drill", [HF_DESK_CLEAR] = "clear",
	};

	return names[tone];
}

/* Everything is sized in the person's own font, so that large print needs nothing more. */
static const char shapes[] = ".hf-item { padding: 2px 4px; }\n"
			     ".hf-headline { font-weight: bold; font-size: 1.3em; padding: 14px 10px; }\n"
			     ".hf-alert { font-weight: bold; padding: 8px 10px; border-left: 6px solid #c04000; }\n"
			     ".hf-heading { font-weight: bold; font-size: 1.2em; margin-top: 14px; }\n"
			     ".hf-subheading { font-weight: bold; margin-top: 8px; }\n"
			     ".hf-quote { padding: 8px 10px; border-left: 6px solid #5c6670; }\n"
			     ".hf-button { padding: 6px 12px; margin-top: 4px; }\n"
			     ".hf-live { font-size: 1px; }\n";

char *hf_desk_css(bool dark, int scale)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, ".hf-desk { font-size: %d%%; }\n%s", scale, shapes);
	for (size_t i = 0; i < hf_desk_n_colours; i++)
		fprintf(out, ".hf-on-%s { background-image: none; background-color: %s; color: %s; }\n",
			hf_desk_colours[i].name, hf_desk_colours[i].back[dark], hf_desk_colours[i].text[dark]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
