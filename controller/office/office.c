/* SPDX-License-Identifier: MIT */
/*
 * Owns the ways in which the office speaks to whoever sits at one of its faces: warnings, and hints at what to do there.
 * Must never know which face that is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <holdfast/str.h>
#include <holdfast/text.h>

#include "controller/office/office.h"

void hf_office_warn(const struct hf_office *office, const char *fmt, ...)
{
	hf_auto_free char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, hf_text(fmt), ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	office->on_warning(office->arg, text ? text : hf_text("There is not enough memory to say what is odd."));
}

const char *hf_office_hint(const struct hf_office *office, enum hf_hint hint)
{
	return office->hints && office->hints[hint] ? hf_text(office->hints[hint]) : "";
}
