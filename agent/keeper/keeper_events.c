/* SPDX-License-Identifier: MIT */
/*
 * Owns what the people who watch are told by themselves: that something changed, was refused them, or is to be ended.
 * Must never wait for anybody, nor tell one person what another tried.
 */
#include <string.h>

#include "agent/keeper/keeper_inside.h"

void hf_keeper_tell_people(struct hf_keeper *k)
{
	hf_auto_json json_t *event = json_pack("{s:s}", "event", "changed");

	if (event && k->conf.tell)
		k->conf.tell(k->conf.arg, NULL, event);
}

/* A program is listed by its path, or by that of a folder above it. */
static bool has_program(const struct hf_strs *programs, const char *path)
{
	for (size_t i = 0; i < programs->n; i++) {
		size_t len = strlen(programs->v[i]);

		if (strncmp(programs->v[i], path, len) == 0 && (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

static bool block_is_of(const struct hf_block *block, const char *tool)
{
	return strcmp(block->tool, tool) == 0 || has_program(block->programs, tool) ||
	       hf_strs_has(block->addresses, tool);
}

/* NULL: the plan shuts it no more, so there is nothing to tell. */
static const char *tool_name(const struct hf_keeper *k, const char *tool)
{
	const char *name = NULL;

	for (size_t i = 0; tool && i < k->told.plan.n_blocks; i++) {
		if (block_is_of(&k->told.plan.blocks[i], tool))
			name = k->told.plan.blocks[i].name;
	}
	return name;
}

void hf_keeper_blocked(void *arg, hf_user uid, const char *tool)
{
	struct hf_keeper *k = arg;
	const char *name = tool_name(k, tool);
	hf_auto_json json_t *event = name ? json_pack("{s:s, s:s}", "event", "blocked", "tool", name) : NULL;

	if (event && k->conf.tell)
		k->conf.tell(k->conf.arg, &uid, event);
}

void hf_keeper_ending(void *arg, hf_user uid, const char *tool, pid_t pid, int64_t left_s)
{
	struct hf_keeper *k = arg;
	const char *name = tool_name(k, tool);
	hf_auto_json json_t *event = name ? json_pack("{s:s, s:s, s:I, s:I}", "event", "ending", "tool", name, "left_s",
						      (json_int_t)left_s, "pid", (json_int_t)pid)
					  : NULL;

	if (event && k->conf.tell)
		k->conf.tell(k->conf.arg, &uid, event);
}
