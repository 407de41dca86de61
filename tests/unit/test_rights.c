/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of rights.c: a right that the kernel does not list is not there (policy D9.2).
 * Must never change its own rights.
 */
#include "agent/machine/rights.h"

#include <string.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

Test(rights, what_the_kernel_says_is_read)
{
	static const struct {
		const char *what, *status;
		bool good;
		uint64_t want;
	} rows[] = {
		{"all", "Name:\tx\nCapEff:\t000001ffffffffff\nCapBnd:\t0000000000000000\n", true, UINT64_C(0x1ffffffffff)},
		{"none", "CapInh:\t0\nCapEff:\t0000000000000000\n", true, 0},
		{"the bounding set is another one", "CapBnd:\t000001ffffffffff\n", false, 0},
		{"a name that looks like it", "Name:\tCapEff:\t0000000000000020\n", false, 0},
		{"no number", "x\nCapEff:\tmany\n", false, 0},
		{"cut off", "x\nCapEff:\t00000000", false, 0},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		uint64_t has = 7;

		cr_expect_eq(hf_rights_parse(rows[i].status, &has), rows[i].good, "%s", rows[i].what);
		cr_expect_eq(has, rows[i].good ? rows[i].want : 7, "%s", rows[i].what);
	}
}

Test(rights, what_is_missing_is_named)
{
	char names[HF_RIGHTS_SIZE];
	const uint64_t all = HF_RIGHT_CHOWN | HF_RIGHT_DAC_OVERRIDE | HF_RIGHT_KILL | HF_RIGHT_SETGID |
			     HF_RIGHT_SETUID | HF_RIGHT_NET_ADMIN | HF_RIGHT_SYS_PTRACE | HF_RIGHT_SYS_ADMIN;

	cr_expect(!hf_rights_names(all, all, names));
	cr_expect_str_eq(names, "");
	cr_expect(!hf_rights_names(0, 0, names), "nothing is needed");
	cr_expect(hf_rights_names(HF_RIGHT_KILL | HF_RIGHT_SYS_PTRACE, HF_RIGHT_SYS_ADMIN, names));
	cr_expect_str_eq(names, "CAP_KILL, CAP_SYS_PTRACE");
	cr_expect(hf_rights_names(all, 0, names));
	cr_expect_eq(strlen(names),
		     strlen("CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_NET_ADMIN, "
			    "CAP_SYS_PTRACE, CAP_SYS_ADMIN"),
		     "room for all of them: %s", names);
}
