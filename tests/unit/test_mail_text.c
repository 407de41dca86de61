/* SPDX-License-Identifier: MIT */
/*
 * Owns the form of a message for a mail server, and the settings of the program that sends it.
 * Must never send one.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/str.h>

#include "controller/notify/mail_text.h"
#include "controller/notify/notify_conf.h"
#include "tests/help/folder.h"

#define NEEDED "mail.host = mail.example.org\nmail.from = holdfast@example.org\n"

static struct hf_err err;

static enum hf_rc text_of(struct hf_mail mail, char **ret, size_t *ret_len)
{
	static const struct hf_mail usual = {.from = "holdfast@example.org", .to = "a@example.org", .subject = "S", .body = "B",
					     .lockdown = "0123456789abcdef", .id = 7, .made = {1796093563}};
	if (!mail.from)
		mail.from = usual.from;
	if (!mail.to)
		mail.to = usual.to;
	if (!mail.subject)
		mail.subject = usual.subject;
	if (!mail.body)
		mail.body = usual.body;
	mail.lockdown = usual.lockdown;
	mail.id = usual.id;
	mail.made = usual.made;
	return hf_mail_text(&mail, ret, ret_len, &err);
}

Test(mail_text, headers)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	cr_assert_eq(text_of((struct hf_mail){.subject = "caf\xc3\xa9"}, &text, &len), HF_OK, "%s", err.text);
	cr_expect_str_eq(text, "From: Holdfast <holdfast@example.org>\r\nTo: <a@example.org>\r\nSubject: =?utf-8?B?Y2Fmw6k=?=\r\n"
			       "Date: Tue, 01 Dec 2026 02:52:43 +0000\r\n"
			       "Message-ID: <holdfast.1796093563.7.0123456789ab@example.org>\r\n"
			       "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			       "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nB\r\n");
}

Test(mail_text, bodies)
{
	static const struct {
		const char *what, *body, *want;
	} rows[] = {
		{"lines end with CR LF", "a\nb\n", "a\r\nb\r\n"},
		{"a last line without an end", "a", "a\r\n"},
		{"no bare CR", "a\rb", "a=0Db\r\n"},
		{"a dot at the beginning", ".\n..", "=2E\r\n=2E.\r\n"},
		{"blanks at the end", "a \nb\t", "a=20\r\nb=09\r\n"},
		{"other characters", "\xc3\xa9=", "=C3=A9=3D\r\n"},
		{"a long line", "0123456789012345678901234567890123456789012345678901234567890123456789012345678",
		 "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n5678\r\n"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *text = NULL;
		size_t len = 0;
		cr_assert_eq(text_of((struct hf_mail){.body = rows[i].body}, &text, &len), HF_OK, "%s", err.text);
		cr_expect_str_eq(strstr(text, "\r\n\r\n") + 4, rows[i].want, "%s", rows[i].what);
		cr_expect_eq(len, strlen(text));
	}
}

Test(mail_text, nothing_begins_a_header_of_its_own)
{
	static const struct hf_mail rows[] = {
		{.subject = "a\r\nBcc: b@example.org"}, {.subject = "a\nb"},	    {.subject = "\x01"},
		{.subject = ""},		       {.to = "a@example.org\r\nX: y"}, {.from = "a@example.org\nX: y"},
		{.to = "a@example.org> SIZE=1"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char *text = NULL;
		size_t len = 0;
		cr_expect_eq(text_of(rows[i], &text, &len), HF_E_SHAPE, "row %zu", i);
		cr_expect_null(text);
	}
}

static enum hf_rc read_conf(const char *text, mode_t mode, struct hf_notify_conf *ret)
{
	char folder[TEST_FOLDER_SIZE], path[TEST_FOLDER_SIZE + 16];
	enum hf_rc rc;
	FILE *f;
	test_folder_make(folder);
	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/notify.conf", folder), HF_OK);
	f = fopen(path, "w");
	cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0);
	rc = hf_notify_conf_read(path, ret, &err);
	test_folder_remove(folder);
	return rc;
}

Test(mail_text, settings)
{
	static const struct {
		const char *what, *text;
		mode_t mode;
		enum hf_rc want;
		const char *says;
	} rows[] = {
		{"all that is needed", NEEDED, 0640, HF_OK, ""},
		{"others can read the password", NEEDED, 0644, HF_E_KEY, "notify.conf"},
		{"its group can write it", NEEDED, 0660, HF_E_KEY, "notify.conf"},
		{"no TLS is no choice", NEEDED "mail.tls = none\n", 0640, HF_E_SHAPE, "starttls or implicit"},
		{"a host with a login in it", "mail.host = a:b@c\nmail.from = a@b.example\n", 0640, HF_E_SHAPE, "mail.host"},
		{"a sender that is none", "mail.host = a\nmail.from = nobody\n", 0640, HF_E_SHAPE, "mail.from"},
		{"a user without a password", NEEDED "mail.user = a\n", 0640, HF_E_SHAPE, "belong together"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_notify_conf conf;
		err.text[0] = '\0';
		cr_expect_eq(read_conf(rows[i].text, rows[i].mode, &conf), rows[i].want, "%s: %s", rows[i].what, err.text);
		cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

Test(mail_text, the_password_is_printed_nowhere)
{
	struct hf_notify_conf conf;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	cr_assert_eq(read_conf(NEEDED "mail.user = a\nmail.password = sesame\n", 0640, &conf), HF_OK, "%s", err.text);
	hf_notify_conf_print(out, &conf);
	fclose(out);
	cr_expect(strstr(text, "mail.user = a\n") && strstr(text, "(kept back)") && !strstr(text, "sesame"), "%s", text);
	cr_expect_str_eq(conf.password, "sesame");
}
