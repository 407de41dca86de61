/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - one character of UTF-8, strictly, and which characters may be shown to people
 */
#ifndef HOLDFAST_UTF8_H
#define HOLDFAST_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * hf_utf8_read - the character at the beginning of some bytes, in its shortest form, no surrogate
 *
 * @p, @len  bytes, at least one
 * @ret_c    untouched when there is none
 * Returns   its length in bytes, 1 to 4; 0 when no character begins there
 * Source    RFC 3629 section 4
 */
size_t hf_utf8_read(const uint8_t *p, size_t len, uint32_t *ret_c);

/*
 * hf_utf8_shown - may this character stand in a text that is shown: nothing that hides, turns round or moves what is
 * read
 *
 * Returns   true or false
 * Source    proto/README.md "JSON"
 */
bool hf_utf8_shown(uint32_t c);

/*
 * hf_utf8_cut - how many bytes of a text are shown where there is room for so many: it ends between two characters
 *
 * @text     UTF-8, with an end mark
 * Returns   at most `most`
 */
size_t hf_utf8_cut(const char *text, size_t most);

#endif
