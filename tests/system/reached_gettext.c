/* SPDX-License-Identifier: MIT */
/*
 * Owns the look-ups of a real program while a system test runs it, as a library for LD_PRELOAD: they are written down.
 * Must never be installed, nor hand back anything but what gettext found.
 */
#include <dlfcn.h>
#include <libintl.h>

#include "tests/help/reached.h"

#undef gettext
#undef dcgettext
#undef dcngettext

char *dcgettext(const char *domain, const char *english, int category)
{
	char *(*next)(const char *, const char *, int) =
		(char *(*)(const char *, const char *, int))dlsym(RTLD_NEXT, "dcgettext");

	test_reached(english);
	return next(domain, english, category);
}

char *gettext(const char *english)
{
	char *(*next)(const char *) = (char *(*)(const char *))dlsym(RTLD_NEXT, "gettext");

	test_reached(english);
	return next(english);
}

char *dcngettext(const char *domain, const char *one, const char *many, unsigned long n, int category)
{
	char *(*next)(const char *, const char *, const char *, unsigned long, int) =
		(char *(*)(const char *, const char *, const char *, unsigned long, int))dlsym(RTLD_NEXT, "dcngettext");

	test_reached(one);
	return next(domain, one, many, n, category);
}
