/* SPDX-License-Identifier: MIT */
/*
 * render.h - a template with its blanks filled in
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_RENDER_H
#define HOLDFAST_TELLING_RENDER_H

#include <stddef.h>

#include <holdfast/err.h>

#define HF_RENDERED_MAX 65536 /* bytes of one message: the longest instructions and texts of an order, twice over */

/* What stands in place of {{name}}. */
struct hf_fill {
	const char *name, *value; /* NULL or "": there is nothing to fill in, and a template that asks for it is refused */
};

/* A text that grows; start it zeroed. */
struct hf_page {
	char *text; /* malloc'ed; with an end mark once something was put */
	size_t len, room;
};

/*
 * hf_page_put - a text at the end of a page
 *
 * Returns   HF_OK; HF_E_SIZE HF_RENDERED_MAX; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_page_put(struct hf_page *page, const char *text);

/*
 * hf_render - fill in a template
 *
 * All that it does: {{name}} becomes its value. A value is never looked at for blanks, and what is no text for people
 * in it (control characters but the end of a line and a tab) becomes a blank.
 * @ret      malloc'ed; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE a blank that is not known, does not end, or has nothing to fill in: the sentence has its
 *           line; HF_E_SIZE; HF_E_MEMORY
 * Source    controller/API.md "Templates"
 */
HF_NODISCARD enum hf_rc hf_render(const char *template, const struct hf_fill *fills, size_t n_fills, char **ret,
				  struct hf_err *err);

#endif
