/* SPDX-License-Identifier: MIT */
/*
 * Owns the way from listed paths to files and rules.
 * Must never make a file open for somebody for whom one listing of it is shut.
 */
#include "agent/enforce/common/programs_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/rows.h>

#include "agent/enforce/common/attempts.h"
#include "agent/enforce/common/programs_folder.h"

#define OURS "holdfast"	   /* how the names of our programs begin */
#define PROBED "/bin/true" /* what must stay open is tried with it */
#define GUARD_EXTRA 64	 /* programs of ours beside the agent's */
#define MAPS_MAX 1048576 /* a line for each piece of each library: some 10 KB, with a sanitizer ten times that */

static enum hf_rc take_one(struct hf_listed *listed, const char *path, const struct hf_block *block, struct hf_err *err)
{
	if (hf_str_copy(listed->path, sizeof(listed->path), path) != HF_OK || block->n_open_for > HF_PAIRS_MAX)
		return hf_err_set(err, HF_E_SIZE, "The path of a program of %s is too long to be blocked: %.80s...",
				  block->name, path);
	listed->n_open_for = block->n_open_for;
	listed->tool = hf_attempt_tool(block->tool);
	memcpy(listed->open_for, block->open_for, sizeof(*block->open_for) * block->n_open_for);
	return HF_OK;
}

enum hf_rc hf_programs_list_take(struct hf_programs_list *list, const struct hf_plan *plan, struct hf_err *err)
{
	struct hf_programs_list fresh = {NULL, 0};
	size_t n = 0;
	for (size_t i = 0; i < plan->n_blocks; i++)
		n += plan->blocks[i].programs->n;
	if (n > HF_FILE_RULES_MAX)
		return hf_err_set(err, HF_E_SIZE, "More programs are listed (%zu) than can be blocked (%d)", n,
				  HF_FILE_RULES_MAX);
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

const struct hf_listed *hf_programs_list_of(const struct hf_programs_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		if (hf_path_below(list->v[i].path, path))
			return &list->v[i];
	}
	return NULL;
}

static void fill_users(struct hf_file_rule *rule, const struct hf_listed *listed)
{
	rule->n_users = (uint32_t)listed->n_open_for;
	for (size_t i = 0; i < listed->n_open_for; i++)
		rule->users[i] = listed->open_for[i];
}

static void narrow_users(struct hf_file_rule *rule, const struct hf_listed *listed)
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

static int order_rules(const void *one, const void *two)
{
	const struct hf_file_rule *a = one;
	const struct hf_file_rule *b = two;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return a->ino == b->ino ? 0 : a->ino < b->ino ? -1 : 1;
}

static bool is_guarded(const struct hf_programs_guard *guard, const struct hf_file_id *id)
{
	for (size_t i = 0; i < guard->n; i++) {
		if (guard->v[i].id.dev == id->dev && guard->v[i].id.ino == id->ino)
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
	qsort(found->v, found->n, sizeof(*found->v), order_rules);
	for (size_t i = 0; i < found->n; i++) {
		const struct hf_listed *listed = &list->v[found->v[i].open_for_all];
		if (kept > 0 && order_rules(&found->v[kept - 1], &found->v[i]) == 0) {
			narrow_users(&found->v[kept - 1], listed);
			continue;
		}
		found->v[kept] = found->v[i];
		found->v[kept].open_for_all = 0;
		found->v[kept].tool = listed->tool;
		fill_users(&found->v[kept++], listed);
	}
	found->n = kept;
}

/* One look at everything that is listed. */
struct finding {
	const struct hf_programs_list *list;
	const struct hf_programs_guard *guard;
	struct hf_programs_found found;
	size_t at; /* which listing */
	enum hf_rc rc;
};

static void note_trouble(struct finding *f, const char *what)
{
	snprintf(f->found.trouble, sizeof(f->found.trouble), "%.100s is listed, but %s", f->list->v[f->at].path, what);
}

static bool room_for_rule(struct finding *f)
{
	f->rc = f->found.n < HF_FILE_RULES_MAX
			? hf_rows_reserve(&f->found.v, &f->found.room, f->found.n + 1, sizeof(*f->found.v))
			: HF_E_SIZE;
	return f->rc == HF_OK;
}

static bool add_file(void *arg, const char *path, const struct hf_file_id *id)
{
	struct finding *f = arg;
	if (is_guarded(f->guard, id)) {
		note_trouble(f, "the agent itself needs that file");
		return true;
	}
	if (!room_for_rule(f))
		return false;
	struct hf_file_rule *rule = &f->found.v[f->found.n++];
	memset(rule, 0, sizeof(*rule));
	rule->dev = id->dev;
	rule->ino = id->ino;
	rule->open_for_all = (uint32_t)f->at; /* which listing: until merge_same has put its users in */
	memcpy(rule->path, path, strlen(path));
	return true;
}

static bool into_folder(void *arg, const char *path)
{
	(void)arg, (void)path;
	return true;
}

static bool holds_guarded(const struct hf_programs_guard *guard, const char *folder)
{
	for (size_t i = 0; i < guard->n; i++) {
		if (hf_path_below(folder, guard->v[i].path))
			return true;
	}
	return false;
}

static void add_folder(struct finding *f, const char *path)
{
	const struct hf_folder_calls calls = {.folder = into_folder, .file = add_file, .arg = f};
	hf_auto_free char *real = realpath(path, NULL);
	if (!real)
		return;
	if (hf_folder_is_everybodys(real)) {
		note_trouble(f, "many programs share that folder: list the tool's own");
	} else if (holds_guarded(f->guard, real)) {
		note_trouble(f, "the agent needs files of that folder: list the tool's own");
	} else if (hf_folder_walk(path, &calls) == HF_E_SIZE) {
		note_trouble(f, "it holds more, or deeper, files than can be blocked: list a smaller folder");
	}
}

static void add_listing(struct finding *f, bool folders)
{
	struct hf_file_id id;
	const char *path = f->list->v[f->at].path;
	enum hf_rc rc = hf_file_id(path, &id);
	if (rc == HF_OK && !folders)
		add_file(f, path, &id);
	else if (rc == HF_E_TYPE && folders && hf_is_folder(path))
		add_folder(f, path);
}

/* Single files first: no folder, however big, takes their room. */
enum hf_rc hf_programs_find(const struct hf_programs_list *list, const struct hf_programs_guard *guard,
			    struct hf_programs_found *ret_found, struct hf_err *err)
{
	struct finding f = {.list = list, .guard = guard};
	for (int folders = 0; folders < 2; folders++) {
		for (f.at = 0; f.at < list->n && f.rc == HF_OK; f.at++) {
			add_listing(&f, folders);
			if (f.rc == HF_E_SIZE)
				note_trouble(&f, "more files are listed than can be blocked");
		}
	}
	if (f.rc == HF_E_MEMORY) {
		hf_programs_found_done(&f.found);
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	}
	merge_same(&f.found, list);
	*ret_found = f.found;
	return HF_OK;
}

static bool found_has(const struct hf_programs_found *found, size_t n, const struct hf_file_rule *rule)
{
	return n > 0 && bsearch(rule, found->v, n, sizeof(*found->v), order_rules);
}

enum hf_rc hf_programs_keep_old(struct hf_programs_found *found, const struct hf_programs_list *list,
				const struct hf_file_rules *old, struct hf_err *err)
{
	size_t n = found->n;
	if (hf_rows_reserve(&found->v, &found->room, n + old->n, sizeof(*found->v)) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of blocked programs");
	for (size_t i = 0; i < old->n && found->n < HF_FILE_RULES_MAX; i++) {
		if (found_has(found, n, &old->v[i]))
			continue;
		struct hf_file_rule *rule = &found->v[found->n++];
		*rule = old->v[i];
		rule->open_for_all = !hf_programs_list_of(list, rule->path);
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

static void guard_one(struct hf_programs_guard *guard, size_t room, const char *path)
{
	struct hf_file_id id;
	if (guard->n == room || hf_file_id(path, &id) != HF_OK || is_guarded(guard, &id))
		return;
	char *real = realpath(path, NULL);
	if (real)
		guard->v[guard->n++] = (struct hf_guarded){id, real};
}

/* The link, the window and whatever else of ours stands in the folder of the agent's program. */
static void guard_beside(struct hf_programs_guard *guard, size_t room, const char *self)
{
	char path[HF_FILE_PATH_SIZE];
	size_t len = hf_str_copy(path, sizeof(path), self) == HF_OK && strrchr(path, '/')
			     ? (size_t)(strrchr(path, '/') - path) + 1
			     : 0;
	path[len] = '\0';
	DIR *dir = len > 0 ? opendir(path) : NULL;
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, OURS, strlen(OURS)) == 0 &&
		    hf_str_copy(path + len, sizeof(path) - len, entry->d_name) == HF_OK)
			guard_one(guard, room, path);
	}
	if (dir)
		closedir(dir);
	guard_one(guard, room, self);
}

enum hf_rc hf_programs_guard_make(const char *self, struct hf_programs_guard *ret_guard, struct hf_err *err)
{
	hf_auto_free char *maps = NULL;
	size_t len;
	char *rest;
	enum hf_rc rc = hf_fs_read("/proc/self/maps", MAPS_MAX, &maps, &len, err);
	if (rc != HF_OK)
		return rc;
	size_t room = count_lines(maps) + GUARD_EXTRA;
	struct hf_programs_guard guard = {calloc(room, sizeof(*guard.v)), 0};
	if (!guard.v)
		return hf_err_set(err, HF_E_MEMORY, "No memory for the list of the agent's own files");
	guard_one(&guard, room, PROBED);
	for (char *line = strtok_r(maps, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *path = strchr(line, '/');
		if (path)
			guard_one(&guard, room, path);
	}
	guard_beside(&guard, room, self);
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
	*found = (struct hf_programs_found){.v = NULL};
}

void hf_programs_guard_done(struct hf_programs_guard *guard)
{
	for (size_t i = 0; i < guard->n; i++)
		free(guard->v[i].path);
	free(guard->v);
	*guard = (struct hf_programs_guard){NULL, 0};
}
