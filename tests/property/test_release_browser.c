/* SPDX-License-Identifier: MIT */
/*
 * Release restores exactly what was there: the browser layer, whatever happens before. Policy D9.3; seeded: the number
 * of a failing run is in its message.
 * Must never touch the machine's own policy folders.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/enforce.h"
#include "tests/property/help_picture.h"

#define RUNS 60		  /* each some 0.1 s: every policy file is synced to disk */
#define RUNS_EXTENSION 12 /* has more files */
#define STEPS 24
#define FOLDERS HF_POLICY_BROWSERS

/* One machine: the policy folders, a loop, and an agent that lives or does not. */
struct machine {
	char root[64];
	char folders[FOLDERS][128];
	char extension[128];
	char self[512]; /* where the agent would be: beside what its extension is made from */
	const struct hf_layer_ops *ops;
	struct hf_loop *loop;
	struct hf_layer *layer;
	uint64_t seed;
};

static uint64_t roll(struct machine *m, uint64_t sides)
{
	m->seed = m->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (m->seed >> 33) % sides;
}

static void foreign(struct machine *m, const char *folder)
{
	static const char *const names[] = {"00-first.json", "corp.json", "zzzzz.json", "~last.json", "broken"};
	static const char *const texts[] = {"{\"URLBlocklist\":[\"games.example\"]}", "{\"URLAllowlist\":[\"x.com\"],}",
					    "{", "{\"HomepageLocation\":\"https://a.example\",\"n\":1.5}", ""};
	static const mode_t modes[] = {0644, 0600, 0640, 0444};
	char path[256];
	const char *text = texts[roll(m, HF_LEN(texts))];
	snprintf(path, sizeof(path), "%s/%s", folder, names[roll(m, HF_LEN(names))]);
	cr_assert_eq(hf_fs_replace(path, text, strlen(text), modes[roll(m, HF_LEN(modes))], NULL), HF_OK);
	struct timespec mtime = {.tv_sec = 1500000000 + (time_t)roll(m, 400000000),
				 .tv_nsec = (long)roll(m, 999999999)};
	cr_assert_eq(utimensat(AT_FDCWD, path, (const struct timespec[2]){mtime, mtime}, 0), 0);
	if (geteuid() == 0)
		cr_assert_eq(chown(path, (uid_t)roll(m, 3), (gid_t)roll(m, 3)), 0);
}

static void ignore(void *arg)
{
	(void)arg;
}

static void be_born(struct machine *m)
{
	const struct hf_enforce_conf conf = {.policies = {m->folders[0], m->folders[1], m->folders[2], m->folders[3]},
					     .extension = m->extension,
					     .state = m->root,
					     .fence_socket = "",
					     .cgroup = "",
					     .self = m->self};
	const struct hf_layer_calls calls = {.changed = ignore};
	const struct hf_layer_home home = {.loop = m->loop, .conf = &conf, .calls = &calls};
	struct hf_err err = {""};
	if (!m->layer)
		cr_assert_eq(hf_layer_open(m->ops, &home, &m->layer, &err), HF_OK, "%s", err.text);
}

static void obey(struct machine *m, uint64_t which)
{
	static const char *sets[3][2] = {
		{"x.com", "mastodon.social"}, {"x.com", NULL}, {"facebook.com", "instagram.com"}};
	const struct hf_strs none = {.v = NULL, .n = 0};
	const struct hf_strs addresses = {.v = sets[which % 3], .n = which % 3 == 1 ? 1 : 2};
	struct hf_block block = {
		.tool = "t", .name = "T", .addresses = &addresses, .programs = &none, .machine_wide = true};
	const struct hf_plan plan = {.blocks = &block, .n_blocks = which == 3 ? 0 : 1};
	struct hf_err err = {""};
	cr_assert_eq(m->ops->apply(m->layer, &plan, &err), HF_OK, "%s", err.text);
}

static void tamper(struct machine *m, const char *folder)
{
	char path[256];
	struct hf_err err;
	snprintf(path, sizeof(path), "%s/zzzz-holdfast-%s.json", folder,
		 m->ops == &hf_layer_browser ? "lockdown"
		 : roll(m, 2)		     ? "told"
					     : "extension");
	if (access(path, F_OK) != 0)
		return;
	if (roll(m, 2))
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
	const char *folder = m->folders[roll(m, FOLDERS)];
	switch (roll(m, 7)) {
	case 0:
		foreign(m, folder);
		return true;
	case 1:
		hf_layer_close(m->ops, &m->layer);
		break;
	case 2:
		tamper(m, folder);
		break;
	case 3:
		be_born(m);
		m->ops->probe(m->layer, &saw);
		break;
	case 4:
		cr_assert_eq(hf_loop_post(m->loop, stop_now, m->loop), HF_OK);
		cr_assert_eq(hf_loop_run(m->loop, NULL), HF_OK);
		break;
	case 5:
		be_born(m);
		obey(m, 3);
		break;
	default:
		be_born(m);
		obey(m, roll(m, 3));
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

static void empty(const char *folder)
{
	struct test_picture picture;
	char path[256];
	test_picture_take(folder, &picture);
	for (size_t i = 0; i < picture.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, picture.v[i].name);
		unlink(path);
	}
	test_picture_done(&picture);
}

static void run(struct machine *m, uint64_t number)
{
	struct hf_saw saw;
	m->seed = number * 2654435761U + 1;
	be_born(m);
	play(m, number);
	struct test_picture before[FOLDERS];
	for (int f = 0; f < FOLDERS; f++)
		without_ours(m->folders[f], &before[f]);
	be_born(m);
	obey(m, 3);
	m->ops->probe(m->layer, &saw);
	for (int f = 0; f < FOLDERS; f++) {
		struct test_picture after;
		test_picture_take(m->folders[f], &after);
		size_t ours = 0;
		for (size_t i = 0; i < after.n; i++)
			ours += strstr(after.v[i].name, "zzzz-holdfast-") != NULL;
		cr_assert_eq(ours, m->ops == &hf_layer_extension ? 1 : 0,
			     "D9.3 run %d: of our files only that which installs the extension stays", (int)number);
		test_picture_done(&after);
		without_ours(m->folders[f], &after);
		cr_assert(test_picture_same(&before[f], &after), "D9.3 run %d: after the release %s is not what it was",
			  (int)number, m->folders[f]);
		test_picture_done(&before[f]);
		test_picture_done(&after);
		empty(m->folders[f]);
	}
	hf_layer_close(m->ops, &m->layer);
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

static void remove_tree(const char *path)
{
	struct test_picture left;
	char file[512];
	test_picture_take(path, &left);
	for (size_t i = 0; i < left.n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, left.v[i].name);
		unlink(file);
	}
	test_picture_done(&left);
	rmdir(path);
}

static void play_all(const struct hf_layer_ops *ops, uint64_t runs)
{
	struct machine m = {.layer = NULL, .ops = ops};
	char path[256];
	find_self(&m);
	snprintf(m.root, sizeof(m.root), "/tmp/hf-release-XXXXXX");
	cr_assert_not_null(mkdtemp(m.root));
	snprintf(m.extension, sizeof(m.extension), "%s/packed", m.root);
	for (int f = 0; f < FOLDERS; f++) {
		snprintf(m.folders[f], sizeof(m.folders[f]), "%s/%d/policies/managed", m.root, f);
		cr_assert_eq(hf_fs_mkdirs(m.folders[f], 0755, NULL), HF_OK);
	}
	cr_assert_eq(hf_loop_new(&m.loop, NULL), HF_OK);
	for (uint64_t number = 0; number < runs; number++)
		run(&m, number);
	hf_loop_free(&m.loop);
	for (int f = 0; f < FOLDERS; f++) {
		rmdir(m.folders[f]);
		snprintf(path, sizeof(path), "%s/%d/policies", m.root, f);
		cr_expect_eq(rmdir(path), 0, "no temp file is left beside the folder");
		snprintf(path, sizeof(path), "%s/%d/native-messaging-hosts", m.root, f);
		remove_tree(path);
		snprintf(path, sizeof(path), "%s/%d", m.root, f);
		rmdir(path);
	}
	remove_tree(m.extension);
	snprintf(path, sizeof(path), "%s/extension.key", m.root);
	unlink(path);
	cr_expect_eq(rmdir(m.root), 0);
}

Test(release, browser_policies_are_exactly_what_they_were)
{
	play_all(&hf_layer_browser, RUNS);
}

Test(release, extension_leaves_nothing_but_itself)
{
	play_all(&hf_layer_extension, RUNS_EXTENSION);
}
