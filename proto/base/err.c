/* SPDX-License-Identifier: MIT */
/*
 * Owns the short names of all ways to fail and the text for people that goes with one.
 * Must never print, log or allocate: whoever gives up does that.
 */
#include <holdfast/err.h>
#include <holdfast/text.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/utf8.h>

#define HF_RC_NAME(code, name) [code] = name,
static const char *const RC_NAMES[HF_RC_COUNT] = {HF_RC_LIST(HF_RC_NAME)};
#undef HF_RC_NAME

const char *hf_rc_name(enum hf_rc rc)
{
	if ((unsigned)rc >= HF_RC_COUNT)
		return "?";
	return RC_NAMES[rc];
}

enum hf_rc hf_rc_from_name(const char *name, enum hf_rc *ret_rc)
{
	for (size_t i = 0; i < HF_RC_COUNT; i++) {
		if (strcmp(RC_NAMES[i], name) == 0) {
			*ret_rc = (enum hf_rc)i;
			return HF_OK;
		}
	}
	return HF_E_ABSENT;
}

/* Half a UTF-8 character at the cut would make the whole line unreadable to strict readers. */
static void cut_half_character(char *text, size_t len)
{
	size_t start = len;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0xc0)
		text[start - 1] = '\0';
}

/*
 * Parts of it can come from a stranger's message, or end within a character: one line, nothing that moves a cursor or
 * turns text round, and what strict readers take.
 */
static void make_plain(char *text)
{
	const char *end = text + strlen(text);
	for (char *at = text; at < end;) {
		uint32_t c = 0;
		size_t len = hf_utf8_read((const uint8_t *)at, (size_t)(end - at), &c);
		if (len == 0)
			*at++ = '?';
		else if (c == '\n' || c == '\t' || !hf_utf8_shown(c))
			memset(at, ' ', len);
		at += len;
	}
}

enum hf_rc hf_err_set(struct hf_err *err, enum hf_rc rc, const char *fmt, ...)
{
	if (!err)
		return rc;

	/* In a buffer of its own: an argument may be the old text of this very err. */
	char text[sizeof(err->text)];
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(text, sizeof(text), hf_text(fmt), args);
	va_end(args);
	if (len < 0)
		text[0] = '\0';
	if (len >= (int)sizeof(text))
		cut_half_character(text, sizeof(text) - 1);
	make_plain(text);
	memcpy(err->text, text, sizeof(text));
	return rc;
}
