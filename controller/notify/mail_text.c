/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of a message.
 * Must never let a value begin a header line of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/bytes.h>
#include <holdfast/day.h>
#include <holdfast/str.h>

#include "controller/notify/mail_text.h"
#include "controller/telling/mail_address.h"

#define LINE_MAX_QP 76 /* RFC 2045 section 6.7 (5) */
#define WORD_BYTES 39  /* of one encoded word of a header: 52 characters of base64, 75 with its frame */
#define SHORT_ID 12

static bool header_ok(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* RFC 2047: as many words as it takes, each of whole characters. */
static void put_subject(FILE *out, const char *subject)
{
	char word[HF_BASE64_LEN(WORD_BYTES) + 1];
	size_t len = strlen(subject);
	fputs("Subject:", out);
	while (len > 0) {
		size_t n = len < WORD_BYTES ? len : WORD_BYTES;
		while (n < len && n > 1 && ((unsigned char)subject[n] & 0xc0) == 0x80)
			n--;
		if (hf_base64_encode((const uint8_t *)subject, n, word, sizeof(word)) != HF_OK)
			word[0] = '\0';
		fprintf(out, " =?utf-8?B?%s?=\r\n", word);
		subject += n;
		len -= n;
	}
}

static void put_date(FILE *out, struct hf_wall t)
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[HF_WALL_TEXT_SIZE];
	int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
	(void)sscanf(hf_wall_text(t, text), "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second);
	fprintf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[t.s / 86400 % 7], day, months[(month + 11) % 12],
		year, hour, minute, second);
}

/* Blanks at the end of a line are lost on the way; a dot at its beginning is a server's own. */
static bool plain_in_body(const char *at, size_t column)
{
	unsigned char c = (unsigned char)*at;
	if (c == ' ' || c == '\t')
		return at[1] != '\n' && at[1] != '\0';
	return c > ' ' && c < 0x7f && c != '=' && !(c == '.' && column == 0);
}

static void put_body(FILE *out, const char *body)
{
	size_t column = 0;
	for (; *body; body++) {
		size_t width = plain_in_body(body, column) ? 1 : 3;
		if (*body == '\n') {
			fputs("\r\n", out);
			column = 0;
			continue;
		}
		if (column + width > LINE_MAX_QP - 1) {
			fputs("=\r\n", out);
			column = 0;
			width = plain_in_body(body, column) ? 1 : 3;
		}
		if (width == 1)
			fputc(*body, out);
		else
			fprintf(out, "=%02X", (unsigned)(unsigned char)*body);
		column += width;
	}
	if (column > 0)
		fputs("\r\n", out);
}

static void put_mail(FILE *out, const struct hf_mail *mail)
{
	const char *domain = strrchr(mail->from, '@');
	fprintf(out, "From: Holdfast <%s>\r\nTo: <%s>\r\n", mail->from, mail->to);
	put_subject(out, mail->subject);
	put_date(out, mail->made);
	fprintf(out, "Message-ID: <holdfast.%" PRId64 ".%" PRId64 ".%.*s@%s>\r\n", mail->made.s, mail->id, SHORT_ID,
		mail->lockdown, domain ? domain + 1 : "holdfast.invalid");
	fputs("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	      out);
	put_body(out, mail->body);
}

enum hf_rc hf_mail_text(const struct hf_mail *mail, char **ret, size_t *ret_len, struct hf_err *err)
{
	char address[HF_MAIL_SIZE], *text = NULL;
	size_t len = 0;
	FILE *out;
	enum hf_rc rc = hf_mail_address(mail->to, address, err);
	if (rc == HF_OK)
		rc = hf_mail_address(mail->from, address, err);
	if (rc == HF_OK && (!header_ok(mail->subject) || !header_ok(mail->lockdown) || !mail->subject[0]))
		rc = hf_err_set(err, HF_E_SHAPE, "a subject is one line, and this is none");
	if (rc != HF_OK)
		return rc;
	out = open_memstream(&text, &len);
	if (out)
		put_mail(out, mail);
	if (!out || fclose(out) != 0) {
		free(text);
		return hf_err_set(err, HF_E_MEMORY, "no memory for a message");
	}
	*ret = text;
	*ret_len = len;
	return HF_OK;
}
