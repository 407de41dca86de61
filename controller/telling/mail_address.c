/* SPDX-License-Identifier: MIT */
/*
 * Owns what is an address of e-mail.
 * Must never let through what a server could take for a second command.
 */
#include <idn2.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/telling/mail_address.h"

#define LOCAL_MAX 64
#define DOMAIN_MAX 255
#define ATOM_SIGNS "!#$%&'*+-/=?^_`{|}~."

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Atoms with single dots between them. */
static bool local_ok(const char *text, size_t len)
{
	if (len == 0 || len > LOCAL_MAX || text[0] == '.' || text[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((!is_alnum(text[i]) && !strchr(ATOM_SIGNS, text[i])) || text[i] == '\0' ||
		    (text[i] == '.' && text[i + 1] == '.'))
			return false;
	return true;
}

/* As it is looked up: labels of letters, digits and hyphens. */
static bool domain_ok(const char *ascii)
{
	size_t len = strlen(ascii);
	if (len == 0 || len > DOMAIN_MAX || ascii[0] == '.' || ascii[0] == '-' || ascii[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((!is_alnum(ascii[i]) && ascii[i] != '-' && ascii[i] != '.') ||
		    (ascii[i] == '.' && ascii[i + 1] == '.'))
			return false;
	return true;
}

static void free_ascii(char **ascii)
{
	idn2_free(*ascii);
}

#define auto_ascii __attribute__((cleanup(free_ascii)))

enum hf_rc hf_mail_address(const char *text, char ret[HF_MAIL_SIZE], struct hf_err *err)
{
	auto_ascii char *ascii = NULL;
	const char *at = strrchr(text, '@');
	enum hf_rc rc = HF_E_SHAPE;
	if (at && local_ok(text, (size_t)(at - text)) &&
	    idn2_to_ascii_8z(at + 1, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK && domain_ok(ascii))
		rc = hf_str_printf(ret, HF_MAIL_SIZE, "%.*s@%s", (int)(at - text), text, ascii);
	return rc == HF_OK ? HF_OK : hf_err_set(err, HF_E_SHAPE, "'%.80s' is no address of e-mail", text);
}
