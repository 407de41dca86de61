/* SPDX-License-Identifier: MIT */
/*
 * colours.h - the window's own colours and sizes, as a style sheet; pure
 */
#ifndef HOLDFAST_AGENT_DESK_COLOURS_H
#define HOLDFAST_AGENT_DESK_COLOURS_H

#include "agent/desk/page.h"

#define HF_DESK_SCALE_MIN 60 /* per cent of the person's own font size */
#define HF_DESK_SCALE_MAX 400
#define HF_DESK_SCALE_STEP 20

/* Every place where text stands on a colour of ours: its class in the style sheet, and "#rrggbb" by day and by night.
 */
struct hf_desk_colour {
	const char *name;
	const char *back[2], *text[2];
};

extern const struct hf_desk_colour hf_desk_colours[];
extern const size_t hf_desk_n_colours;

/*
 * hf_desk_tone_class - the name of a tone's colour
 *
 * Owner     static text
 * Returns   "shut" ...
 */
const char *hf_desk_tone_class(enum hf_desk_tone tone);

/*
 * hf_desk_css - the style sheet
 *
 * @dark     light text on a dark ground
 * @scale    per cent of the person's own font size
 * Owner     the caller's to free
 * Returns   the text; NULL no memory
 * Source    WCAG 2.2, 1.4.3 and 1.4.4
 */
char *hf_desk_css(bool dark, int scale);

#endif
