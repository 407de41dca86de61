/* SPDX-License-Identifier: MIT */
/*
 * programs_list.c - owns the way from listed paths to files and rules.
 * Room: agent/enforce.
 * Must never make a file open for somebody for whom one listing of it is shut.
 */
#include "programs_list.h"

#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>

#define MAPS_MAX 1048576 /* a line for each piece of each library: some 10 KB, with a sanitizer ten times that */

static enum hf_rc take_one(struct hf_listed *listed, const char *path, const struct hf_block *block, struct hf_err *err)
{
	if (hf_str_copy(listed->path, sizeof(listed->path), path) != HF_OK || block->n_open_for > HF_DEVICE_PEOPLE_MAX)
		return hf_err_set(err, HF_E_SIZE, "The path of a program of %s is too long to be blocked: %.80s...",
				  block->name, path);
	listed->n_open_for = block->n_open_for;
	memcpy(listed->open_for, block->open_for, sizeof(*block->open_for) * block->n_open_for);
	return HF_OK;
}

enum hf_rc hf_programs_list_take(struct hf_programs_list *list, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_programs_list fresh = {NULL, 0};
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++)
		n += plan->blocks[i].programs->n;
	if (n > HF_FENCE_RULES_MAX)
		return hf_err_set(err, HF_E_SIZE, "More programs are listed (%zu) than can be blocked (%d)", n,
				  HF_FENCE_RULES_MAX);
	fresh.v = calloc(n ? n : 1, sizeof(*fresh.v));
	if (!fresh.v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	for (size_t i = 0; i < plan->n_blocks; i++) {
		const struct hf_block *block = &plan->blocks[i];
		for (size_t j = 0; j < block->programs->n; j++) {
			enum hf_rc rc = take_one(&fresh.v[fresh.n++], block->programs->v[j], block, err);
			if (rc != HF_OK) {
				hf_programs_list_done(&fresh);
				return rc;
			}
		}
	}
	hf_programs_list_done(list);
	*list = fresh;
	return HF_OK;
}

bool hf_programs_list_has(const struct hf_programs_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].path, path) == 0)
			return true;
	}
	return false;
}

static void fill_users(struct hf_fence_rule *rule, const struct hf_listed *listed)
{
	rule->n_users = (uint32_t)listed->n_open_for;
	for (size_t i = 0; i < listed->n_open_for; i++)
		rule->users[i] = listed->open_for[i];
}

static void narrow_users(struct hf_fence_rule *rule, const struct hf_listed *listed)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < rule->n_users; i++) {
		for (size_t j = 0; j < listed->n_open_for; j++) {
			if (rule->users[i] == listed->open_for[j]) {
				rule->users[kept++] = rule->users[i];
				break;
			}
		}
	}
	rule->n_users = kept;
}

static int compare(const void *one, const void *two)
{
	const struct hf_fence_rule *a = one;
	const struct hf_fence_rule *b = two;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return a->ino == b->ino ? 0 : a->ino < b->ino ? -1 : 1;
}

static bool is_guarded(const struct hf_programs_guard *guard, const struct hf_file_id *id)
{
	for (size_t i = 0; i < guard->n; i++) {
		if (guard->v[i].dev == id->dev && guard->v[i].ino == id->ino)
			return true;
	}
	return false;
}

/* Rules stand sorted by file, so that the same file is next to itself. */
static void merge_same(struct hf_programs_found *found, const struct hf_programs_list *list)
{
	size_t kept = 0;
	if (found->n == 0)
		return;
	qsort(found->v, found->n, sizeof(*found->v), compare);
	for (size_t i = 0; i < found->n; i++) {
		const struct hf_listed *listed = &list->v[found->v[i].open_for_all];
		if (kept > 0 && compare(&found->v[kept - 1], &found->v[i]) == 0) {
			narrow_users(&found->v[kept - 1], listed);
			continue;
		}
		found->v[kept] = found->v[i];
		found->v[kept].open_for_all = 0;
		fill_users(&found->v[kept++], listed);
	}
	found->n = kept;
}

enum hf_rc hf_programs_find(const struct hf_programs_list *list, const struct hf_programs_guard *guard,
			    struct hf_programs_found *ret_found, struct hf_err *err)
{
	struct hf_programs_found found = {NULL, 0, NULL};
	found.v = calloc(list->n ? list->n : 1, sizeof(*found.v));
	if (!found.v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	for (size_t i = 0; i < list->n; i++) {
		struct hf_file_id id;
		struct hf_fence_rule *rule = &found.v[found.n];
		if (hf_file_id(list->v[i].path, &id) != HF_OK)
			continue;
		if (is_guarded(guard, &id)) {
			found.guarded = list->v[i].path;
			continue;
		}
		rule->dev = id.dev;
		rule->ino = id.ino;
		rule->open_for_all = (uint32_t)i; /* which listing: until merge_same has put its users in */
		memcpy(rule->path, list->v[i].path, sizeof(rule->path));
		found.n++;
	}
	merge_same(&found, list);
	*ret_found = found;
	return HF_OK;
}

static bool found_has(const struct hf_programs_found *found, size_t n, const struct hf_fence_rule *rule)
{
	return n > 0 && bsearch(rule, found->v, n, sizeof(*found->v), compare);
}

enum hf_rc hf_programs_keep_old(struct hf_programs_found *found, const struct hf_programs_list *list,
				const struct hf_fence_rules *old, struct hf_err *err)
{
	size_t n = found->n;
	struct hf_fence_rule *v = realloc(found->v, (n + old->n + 1) * sizeof(*v));
	if (!v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	found->v = v;
	for (size_t i = 0; i < old->n; i++) {
		if (found_has(found, n, &old->v[i]))
			continue;
		struct hf_fence_rule *rule = &found->v[found->n++];
		*rule = old->v[i];
		rule->open_for_all = !hf_programs_list_has(list, rule->path);
	}
	return HF_OK;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

enum hf_rc hf_programs_guard_make(struct hf_programs_guard *ret_guard, struct hf_err *err)
{
	hf_auto_free char *maps = NULL;
	size_t len;
	char *rest;
	enum hf_rc rc = hf_fs_read("/proc/self/maps", MAPS_MAX, &maps, &len, err);
	if (rc != HF_OK)
		return rc;
	struct hf_programs_guard guard = {calloc(count_lines(maps), sizeof(*guard.v)), 0};
	if (!guard.v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of the agent's own files");
	for (char *line = strtok_r(maps, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *path = strchr(line, '/');
		struct hf_file_id id;
		if (path && hf_file_id(path, &id) == HF_OK && !is_guarded(&guard, &id))
			guard.v[guard.n++] = id;
	}
	*ret_guard = guard;
	return HF_OK;
}

void hf_programs_list_done(struct hf_programs_list *list)
{
	free(list->v);
	*list = (struct hf_programs_list){NULL, 0};
}

void hf_programs_found_done(struct hf_programs_found *found)
{
	free(found->v);
	*found = (struct hf_programs_found){NULL, 0, NULL};
}
