/* SPDX-License-Identifier: MIT */
/*
 * Owns what is known of the agent's own rights.
 * Must never take a right for granted that the kernel says is not there.
 */
#include "agent/machine/rights.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/machine/procs.h"

#define EFFECTIVE "\nCapEff:"

bool hf_rights_parse(const char *status, uint64_t *ret)
{
	const char *line = strstr(status, EFFECTIVE);
	char *end = NULL;
	uint64_t has = line ? strtoull(line + strlen(EFFECTIVE), &end, 16) : 0;

	if (!line || end == line + strlen(EFFECTIVE) || *end != '\n')
		return false;
	*ret = has;
	return true;
}

bool hf_rights_names(uint64_t needed, uint64_t has, char ret_names[HF_RIGHTS_SIZE])
{
	/* clang-format off */
	static const struct { uint64_t bit; const char *name; } rights[] = {
		{ HF_RIGHT_CHOWN, "CAP_CHOWN" },           { HF_RIGHT_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
		{ HF_RIGHT_KILL, "CAP_KILL" },             { HF_RIGHT_SETGID, "CAP_SETGID" },
		{ HF_RIGHT_SETUID, "CAP_SETUID" },         { HF_RIGHT_NET_ADMIN, "CAP_NET_ADMIN" },
		{ HF_RIGHT_SYS_PTRACE, "CAP_SYS_PTRACE" }, { HF_RIGHT_SYS_ADMIN, "CAP_SYS_ADMIN" },
	};
	/* clang-format on */
	size_t used = 0;

	ret_names[0] = '\0';
	for (size_t i = 0; i < HF_LEN(rights); i++) {
		if (!(needed & ~has & rights[i].bit) ||
		    hf_str_printf(ret_names + used, HF_RIGHTS_SIZE - used, "%s%s", used > 0 ? ", " : "",
				  rights[i].name) != HF_OK)
			continue;
		used = strlen(ret_names);
	}
	return (needed & ~has) != 0;
}

uint64_t hf_rights_own(void)
{
	char status[HF_PROC_TEXT_SIZE];
	uint64_t has;

	if (hf_proc_text(getpid(), "status", status, sizeof(status), NULL) != HF_OK || !hf_rights_parse(status, &has))
		return UINT64_MAX;
	return has;
}

bool hf_rights_lack(uint64_t needed, char ret_names[HF_RIGHTS_SIZE])
{
	return hf_rights_names(needed, hf_rights_own(), ret_names);
}
