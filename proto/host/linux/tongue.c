/* SPDX-License-Identifier: MIT */
/*
 * Owns how translations are found here: GNU gettext, where the system keeps its catalogues.
 * Must never be begun by a program that runs as root for others: its language is nobody's.
 */
#include <holdfast/tongue.h>

#include <libintl.h>
#include <locale.h>
#include <stddef.h>

#include <holdfast/text.h>

static const char *one_of(const char *english)
{
	return gettext(english);
}

static const char *some_of(const char *one, const char *many, unsigned long n)
{
	return ngettext(one, many, n);
}

void hf_tongue_begin(const char *catalogue)
{
	static const struct hf_tongue tongue = {one_of, some_of};

	if (!setlocale(LC_MESSAGES, "") || !bindtextdomain(catalogue, HF_LOCALES) ||
	    !bind_textdomain_codeset(catalogue, "UTF-8") || !textdomain(catalogue))
		return;
	hf_text_speak(&tongue);
}
