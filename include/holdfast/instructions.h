/* SPDX-License-Identifier: MIT */
/*
 * instructions.h - the election officer's text: what may stand in it, and how it reads without marks
 */
#ifndef HOLDFAST_INSTRUCTIONS_H
#define HOLDFAST_INSTRUCTIONS_H

#include <stddef.h>

#include <holdfast/err.h>

/*
 * hf_instructions_check - can these bytes be instructions
 *
 * @text, @len  as read from a file, no end mark needed
 * Returns   HF_OK; HF_E_SIZE more than HF_INSTRUCTIONS_MAX bytes; HF_E_SHAPE empty, not UTF-8, or a character that a
 *           document may not have (control, direction, none at all)
 * Source    proto/README.md "Instructions"; policy D10
 */
HF_NODISCARD enum hf_rc hf_instructions_check(const char *text, size_t len, struct hf_err *err);

/*
 * hf_instructions_plain - the same text without its marks, to be shown as plain text
 *
 * A small part of Markdown: headings, lists, emphasis, paragraphs; [text](address) becomes "text (address)" if the
 * address is of http, https, mailto or tel. All else, raw HTML too, stays as it was written: it is text, and nothing in
 * it acts. Linear in the length of the text.
 * @text     hf_instructions_check passes, or the same error comes back
 * @ret      malloc'ed, ends with a newline; the caller's to free; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SIZE; HF_E_SHAPE; HF_E_MEMORY
 * Source    proto/README.md "Instructions"
 */
HF_NODISCARD enum hf_rc hf_instructions_plain(const char *text, char **ret, struct hf_err *err);

#endif
