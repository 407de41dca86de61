/* SPDX-License-Identifier: MIT */
/*
 * Release restores exactly what was there: the browser layer, whatever happens before. Policy D9.3; seeded: the number
 * of a failing run is in its message.
 * Must never touch the machine's own policy folders.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "tests/help/dice.h"
#include "tests/help/folder.h"
#include "tests/property/help_life.h"
#include "tests/property/help_picture.h"

#define RUNS 60		  /* each some 0.1 s: every policy file is synced to disk */
#define RUNS_EXTENSION 12 /* has more files */
#define STEPS 24
#define FOLDERS HF_POLICY_BROWSERS

/* One machine: the policy folders, a loop, and an agent that lives or does not. */
struct machine {
	char root[TEST_FOLDER_SIZE];
	char folders[FOLDERS][128];
	char extension[128];
	char self[512]; /* where the agent would be: beside what its extension is made from */
	struct test_life life;
};

static void foreign(const char *folder)
{
	static const char *const names[] = {"00-first.json", "corp.json", "zzzzz.json", "~last.json", "broken"};
	static const char *const texts[] = {"{\"URLBlocklist\":[\"games.example\"]}", "{\"URLAllowlist\":[\"x.com\"],}",
					    "{", "{\"HomepageLocation\":\"https://a.example\",\"n\":1.5}", ""};
	char path[PATH_MAX];
	test_foreign_write(test_path(path, folder, names[below(HF_LEN(names))]), texts[below(HF_LEN(texts))]);
}

static void be_born(struct machine *m)
{
	const struct hf_enforce_conf conf = {.policies = {m->folders[0], m->folders[1], m->folders[2], m->folders[3]},
					     .extension = m->extension,
					     .state = m->root,
					     .fence_socket = "",
					     .cgroup = "",
					     .self = m->self};
	test_life_begin(&m->life, &conf);
}

static void tamper(struct machine *m, const char *folder)
{
	char path[256];
	struct hf_err err;
	snprintf(path, sizeof(path), "%s/zzzz-holdfast-%s.json", folder,
		 m->life.ops == &hf_layer_browser ? "lockdown"
		 : below(2)		     ? "told"
					     : "extension");
	if (access(path, F_OK) != 0)
		return;
	if (below(2))
		unlink(path);
	else
		cr_assert_eq(hf_fs_replace(path, "{}", 2, 0666, &err), HF_OK);
}

static void stop_now(void *arg)
{
	hf_loop_stop(arg);
}

/* True when it was somebody else who changed a file. */
static bool step(struct machine *m)
{
	struct hf_saw saw;
	const char *folder = m->folders[below(FOLDERS)];
	switch (below(7)) {
	case 0:
		foreign(folder);
		return true;
	case 1:
		test_life_end(&m->life);
		break;
	case 2:
		tamper(m, folder);
		break;
	case 3:
		be_born(m);
		m->life.ops->probe(m->life.layer, &saw);
		break;
	case 4:
		cr_assert_eq(hf_loop_post(m->life.loop, stop_now, m->life.loop), HF_OK);
		cr_assert_eq(hf_loop_run(m->life.loop, NULL), HF_OK);
		break;
	case 5:
		be_born(m);
		test_life_obey(&m->life, TEST_LIFE_RELEASE, true);
		break;
	default:
		be_born(m);
		test_life_obey(&m->life, below(TEST_LIFE_RELEASE), true);
		break;
	}
	return false;
}

/* What others have, and our base file: the layer's own files alone may come and go. */
static void without_ours(const char *folder, struct test_picture *picture)
{
	test_picture_take(folder, picture);
	size_t kept = 0;
	for (size_t i = 0; i < picture->n; i++) {
		if (strstr(picture->v[i].name, "zzzz-holdfast-"))
			free(picture->v[i].bytes);
		else
			picture->v[kept++] = picture->v[i];
	}
	picture->n = kept;
}

static void play(struct machine *m, uint64_t number)
{
	for (int i = 0; i < STEPS; i++) {
		struct test_picture before[FOLDERS];
		for (int f = 0; f < FOLDERS; f++)
			without_ours(m->folders[f], &before[f]);
		bool theirs = step(m);
		for (int f = 0; f < FOLDERS; f++) {
			struct test_picture after;
			without_ours(m->folders[f], &after);
			cr_assert(theirs || test_picture_same(&before[f], &after),
				  "run %d, step %d: a file of somebody else, or our base, was changed", (int)number, i);
			test_picture_done(&before[f]);
			test_picture_done(&after);
		}
	}
}

static void run(struct machine *m, uint64_t number)
{
	struct hf_saw saw;
	dice_at = number * 2654435761U + 1;
	be_born(m);
	play(m, number);
	struct test_picture before[FOLDERS];
	for (int f = 0; f < FOLDERS; f++)
		without_ours(m->folders[f], &before[f]);
	be_born(m);
	test_life_obey(&m->life, TEST_LIFE_RELEASE, true);
	m->life.ops->probe(m->life.layer, &saw);
	for (int f = 0; f < FOLDERS; f++) {
		struct test_picture after;
		test_picture_take(m->folders[f], &after);
		size_t ours = 0;
		for (size_t i = 0; i < after.n; i++)
			ours += strstr(after.v[i].name, "zzzz-holdfast-") ? 1 : 0;
		cr_assert_eq(ours, m->life.ops == &hf_layer_extension ? 1 : 0,
			     "D9.3 run %d: of our files only that which installs the extension stays", (int)number);
		test_picture_done(&after);
		without_ours(m->folders[f], &after);
		cr_assert(test_picture_same(&before[f], &after), "D9.3 run %d: after the release %s is not what it was",
			  (int)number, m->folders[f]);
		test_picture_done(&before[f]);
		test_picture_done(&after);
		test_folder_remove(m->folders[f]);
		cr_assert_eq(mkdir(m->folders[f], 0755), 0);
	}
	test_life_end(&m->life);
}

/* The build folder is two above this program: build/tests/NAME. */
static void find_self(struct machine *m)
{
	char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	cr_assert_gt(n, 0);
	path[n] = '\0';
	for (int up = 0; up < 2; up++)
		*strrchr(path, '/') = '\0';
	snprintf(m->self, sizeof(m->self), "%s/holdfast-agent", path);
}

static void play_all(const struct hf_layer_ops *ops, uint64_t runs)
{
	struct machine m = {.life = {.ops = ops}};
	char path[256];
	find_self(&m);
	test_folder_make(m.root);
	snprintf(m.extension, sizeof(m.extension), "%s/packed", m.root);
	for (int f = 0; f < FOLDERS; f++) {
		snprintf(m.folders[f], sizeof(m.folders[f]), "%s/%d/policies/managed", m.root, f);
		cr_assert_eq(hf_fs_mkdirs(m.folders[f], 0755, NULL), HF_OK);
	}
	cr_assert_eq(hf_loop_new(&m.life.loop, NULL), HF_OK);
	for (uint64_t number = 0; number < runs; number++)
		run(&m, number);
	hf_loop_free(&m.life.loop);
	for (int f = 0; f < FOLDERS; f++) {
		snprintf(path, sizeof(path), "%s/%d/policies", m.root, f);
		cr_expect_eq(test_folder_count(path), 1, "no temp file is left beside the folder");
	}
	/* Besides them the extension alone may have its folder and its key there. */
	cr_expect_eq(test_folder_count(m.root), FOLDERS + (ops == &hf_layer_extension ? 2 : 0));
	test_folder_remove(m.root);
}

Test(release, browser_policies_are_exactly_what_they_were)
{
	play_all(&hf_layer_browser, RUNS);
}

Test(release, extension_leaves_nothing_but_itself)
{
	play_all(&hf_layer_extension, RUNS_EXTENSION);
}
