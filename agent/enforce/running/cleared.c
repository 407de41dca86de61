/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of processes that need no second look.
 * Must never hold one of whom not all was seen, nor for a file that was not looked for in it.
 */
#include "agent/enforce/running/cleared.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <holdfast/rows.h>

static int by_number(const void *a, const void *b)
{
	const struct hf_cleared_proc *x = a, *y = b;
	return (x->proc.pid > y->proc.pid) - (x->proc.pid < y->proc.pid);
}

static const struct hf_cleared_proc *known(const struct hf_cleared_list *list, pid_t pid)
{
	const struct hf_cleared_proc wanted = {.proc.pid = pid};
	return list->n > 0 ? bsearch(&wanted, list->v, list->n, sizeof(*list->v), by_number) : NULL;
}

bool hf_cleared_has(const struct hf_cleared *cleared, const struct hf_proc *proc)
{
	const struct hf_cleared_proc *found = known(&cleared->known, proc->pid);
	return found && found->proc.start == proc->start;
}

bool hf_cleared_start(const struct hf_cleared *cleared, pid_t pid, uint64_t entry, uint64_t *ret_start)
{
	const struct hf_cleared_proc *found = known(&cleared->known, pid);
	if (!found || entry == 0 || found->entry != entry)
		return false;
	*ret_start = found->proc.start;
	return true;
}

void hf_cleared_note(struct hf_cleared *cleared, const struct hf_proc *proc, uint64_t entry)
{
	struct hf_cleared_list *now = &cleared->now;
	if (hf_rows_reserve(&now->v, &now->room, now->n + 1, sizeof(*now->v)) == HF_OK)
		now->v[now->n++] = (struct hf_cleared_proc){*proc, entry};
}

void hf_cleared_turn(struct hf_cleared *cleared)
{
	struct hf_cleared_list known = cleared->now;
	cleared->now = cleared->known;
	cleared->now.n = 0;
	cleared->known = known;
	if (known.n > 0)
		qsort(known.v, known.n, sizeof(*known.v), by_number);
}

void hf_cleared_forget(struct hf_cleared *cleared)
{
	cleared->known.n = cleared->now.n = 0;
}

static int64_t changed_at(const struct hf_file_rule *rule)
{
	struct stat st;
	bool same = stat(rule->path, &st) == 0 && st.st_dev == rule->dev && st.st_ino == rule->ino;
	return same ? st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec : 0;
}

static void forget_what(struct hf_cleared_for *what)
{
	for (size_t i = 0; i < what->n_paths; i++)
		free(what->paths[i]);
	free(what->paths);
	free(what->files);
	*what = (struct hf_cleared_for){.files = NULL};
}

static bool take_what(struct hf_cleared_for *what, const struct hf_file_rules *rules, const struct hf_programs_list *list)
{
	what->files = calloc(rules->n + 1, sizeof(*what->files));
	what->paths = calloc(list->n + 1, sizeof(*what->paths));
	if (!what->files || !what->paths)
		return false;
	for (; what->n_files < rules->n; what->n_files++) {
		const struct hf_file_rule *rule = &rules->v[what->n_files];
		what->files[what->n_files] = (struct hf_cleared_file){{rule->dev, rule->ino}, changed_at(rule)};
	}
	for (; what->n_paths < list->n; what->n_paths++) {
		what->paths[what->n_paths] = strdup(list->v[what->n_paths].path);
		if (!what->paths[what->n_paths])
			return false;
	}
	return true;
}

static int by_file(const void *one, const void *two)
{
	const struct hf_cleared_file *a = one, *b = two;
	if (a->id.dev != b->id.dev)
		return a->id.dev < b->id.dev ? -1 : 1;
	return (a->id.ino > b->id.ino) - (a->id.ino < b->id.ino);
}

static bool has_path(const struct hf_cleared_for *what, const char *path)
{
	for (size_t i = 0; i < what->n_paths; i++) {
		if (strcmp(what->paths[i], path) == 0)
			return true;
	}
	return false;
}

/* Is all of it in what was looked for before? */
static bool is_part(const struct hf_cleared_for *part, const struct hf_cleared_for *of)
{
	for (size_t i = 0; i < part->n_files; i++) {
		const struct hf_cleared_file *found =
			of->n_files ? bsearch(&part->files[i], of->files, of->n_files, sizeof(*of->files), by_file) : NULL;
		if (!found || found->changed_ns != part->files[i].changed_ns)
			return false;
	}
	for (size_t i = 0; i < part->n_paths; i++) {
		if (!has_path(of, part->paths[i]))
			return false;
	}
	return true;
}

void hf_cleared_look_for(struct hf_cleared *cleared, const struct hf_file_rules *rules, const struct hf_programs_list *list)
{
	struct hf_cleared_for what = {.files = NULL};
	bool taken = take_what(&what, rules, list);
	if (!taken || !is_part(&what, &cleared->what))
		hf_cleared_forget(cleared);
	if (!taken)
		forget_what(&what);
	forget_what(&cleared->what);
	cleared->what = what;
}

void hf_cleared_done(struct hf_cleared *cleared)
{
	forget_what(&cleared->what);
	free(cleared->known.v);
	free(cleared->now.v);
	memset(cleared, 0, sizeof(*cleared));
}
