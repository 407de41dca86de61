/* SPDX-License-Identifier: MIT */
/*
 * Owns the tongue of a test program: English, and what it says is written down.
 * Must never change a sentence.
 */
#include "tests/help/reached.h"

#include <holdfast/text.h>

static const char *one_of(const char *english)
{
	test_reached(english);
	return english;
}

static const char *some_of(const char *one, const char *many, unsigned long n)
{
	test_reached(one);
	return n == 1 ? one : many;
}

/* For the linker, which takes this file by it: nobody calls it. */
void test_reached_begin(void)
{
	static const struct hf_tongue tongue = {one_of, some_of};

	hf_text_speak(&tongue);
}

__attribute__((constructor)) static void begin(void)
{
	test_reached_begin();
}
