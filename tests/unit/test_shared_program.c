/* SPDX-License-Identifier: MIT */
/*
 * What else is shut along with a tool's program. Policy D9.1: whoever is exempt, and all other work, goes on.
 * Must never need the path to be there.
 */
#include "controller/office/shared_program.h"

#include <criterion/criterion.h>

#include <holdfast/str.h>

/* clang-format off */
static const struct { const char *path; enum hf_shared want; } rows[] = {
	{ "/usr/bin/toot",                               HF_SHARED_NOT },
	{ "/usr/lib/python3/dist-packages/toot",         HF_SHARED_NOT },
	{ "/opt/app/post",                               HF_SHARED_NOT },
	{ "/usr/bin/pythonista",                         HF_SHARED_NOT },
	{ "/usr/bin/python3",                            HF_SHARED_RUNNER },
	{ "/usr/bin/python3.11",                         HF_SHARED_RUNNER },
	{ "/opt/own/bin/node",                           HF_SHARED_RUNNER },
	{ "/bin/sh",                                     HF_SHARED_RUNNER },
	{ "bash",                                        HF_SHARED_RUNNER },
	{ "/usr/bin/sudo",                               HF_SHARED_SYSTEM },
	{ "/usr/lib64/ld-linux-x86-64.so.2",             HF_SHARED_SYSTEM },
	{ "/usr/bin",                                    HF_SHARED_FOLDER },
	{ "/usr/bin/",                                   HF_SHARED_FOLDER },
	{ "/",                                           HF_SHARED_FOLDER },
	{ "/usr/lib/python3/dist-packages",              HF_SHARED_FOLDER },
};
/* clang-format on */

Test(shared_program, by_its_name_alone)
{
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_shared_of(rows[i].path), rows[i].want, "%s", rows[i].path);
}
