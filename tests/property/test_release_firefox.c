/* SPDX-License-Identifier: MIT */
/*
 * Release restores exactly what was there: the Firefox layer, whatever happens before. Policy D9.3; seeded: the number
 * of a failing run is in its message.
 * Must never touch the machine's own settings of Firefox.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/firefox/firefox_policy.h"
#include "agent/machine/browsers.h"
#include "agent/machine/proc_paths.h"
#include "tests/help/dice.h"
#include "tests/help/folder.h"
#include "tests/property/help_life.h"
#include "tests/property/help_picture.h"

#define RUNS 30 /* each some 0.1 s: every file is synced to disk */
#define STEPS 20

static const char BASE[] = "!holdfast.js";

/* One machine: a folder of settings, what others have in it, a loop, and an agent that lives or does not. */
struct machine {
	char root[TEST_FOLDER_SIZE];
	char etc[PATH_MAX];
	char policies[PATH_MAX];
	char path[PATH_MAX]; /* policies.json */
	char socket[PATH_MAX];
	struct test_life life;
	bool locked;
	bool has; /* others have a policies.json */
	struct test_picture theirs;
};

static bool is_ours(const struct machine *m)
{
	hf_auto_free char *text = NULL;
	size_t len;
	bool ours = false;
	return hf_fs_read(m->path, 65536, &text, &len, NULL) == HF_OK &&
	       hf_firefox_policies_ours(text, len, &ours) == HF_OK && ours;
}

/* Their file as it is now, without the one of ours that may stand beside it. */
static void remember(struct machine *m)
{
	struct test_picture all;
	test_picture_done(&m->theirs);
	test_picture_take(m->policies, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (strcmp(all.v[i].name, "policies.json") == 0)
			m->theirs.v[m->theirs.n++] = all.v[i];
		else
			free(all.v[i].bytes);
	}
}

static void foreign(struct machine *m)
{
	static const char *const texts[] = {"{\"policies\":{\"WebsiteFilter\":{\"Block\":[\"*://games.example/*\"]}}}",
					    "{\"policies\":{\"WebsiteFilter\":{\"Exceptions\":[\"<all_urls>\"]}}}", "{",
					    "{\"policies\":{\"DisableTelemetry\":true}, \"n\":1.5}", ""};
	test_foreign_write(m->path, texts[below(HF_LEN(texts))]);
	m->has = true;
	remember(m);
}

static void foreign_removed(struct machine *m)
{
	if (m->locked || is_ours(m))
		return;
	unlink(m->path);
	m->has = false;
	test_picture_done(&m->theirs);
}

static void tamper(struct machine *m)
{
	char path[PATH_MAX];
	switch (below(3)) {
	case 0:
		if (is_ours(m))
			unlink(m->path);
		break;
	case 1:
		unlink(test_path(path, m->etc, "holdfast.json"));
		break;
	default:
		cr_assert_eq(hf_fs_replace(test_path(path, m->etc, "holdfast.cfg"), "x", 1, 0666, NULL), HF_OK);
		break;
	}
}

/* An agent that died after it had given their file its second name, and before it wrote its own. */
static void died_midway(struct machine *m)
{
	char path[PATH_MAX];
	if (!m->life.layer && m->has && !is_ours(m) && access(m->path, F_OK) == 0) {
		unlink(test_path(path, m->policies, ".holdfast-theirs.json"));
		cr_assert_eq(link(m->path, path), 0);
	}
}

static void be_born(struct machine *m)
{
	const struct hf_enforce_conf conf = {.firefox_folder = m->etc,
					     .firefox_install = m->root,
					     .firefox_socket = m->socket,
					     .firefox_extension = "",
					     .state = m->root};
	test_life_begin(&m->life, &conf);
}

static void obey(struct machine *m, uint64_t which)
{
	test_life_obey(&m->life, which, below(4) > 0);
	m->locked = which != TEST_LIFE_RELEASE;
}

static void step(struct machine *m)
{
	struct hf_saw saw;
	switch (below(9)) {
	case 0:
		foreign(m);
		break;
	case 1:
		foreign_removed(m);
		break;
	case 2:
		test_life_end(&m->life);
		break;
	case 3:
		tamper(m);
		break;
	case 4:
		died_midway(m);
		break;
	case 5:
		be_born(m);
		hf_layer_firefox.probe(m->life.layer, &saw);
		break;
	case 6:
		be_born(m);
		obey(m, TEST_LIFE_RELEASE);
		break;
	default:
		be_born(m);
		obey(m, below(TEST_LIFE_RELEASE));
		break;
	}
}

static void see_firefox(void *arg, pid_t pid, const char *exe)
{
	bool *runs = arg;
	*runs = *runs || hf_firefox_runs(pid, exe);
}

/* While one runs on this machine, the layer waits for its engine before it looks at files once more. */
static bool firefox_runs(void)
{
	bool runs = false;
	cr_assert_eq(hf_proc_paths_each(see_firefox, &runs, NULL), HF_OK);
	return runs;
}

static void run(struct machine *m, uint64_t number)
{
	struct test_picture after;
	struct hf_saw saw;
	dice_at = number * 2654435761U + 1;
	m->has = m->locked = false;
	for (int i = 0; i < STEPS; i++)
		step(m);
	be_born(m);
	obey(m, TEST_LIFE_RELEASE);
	hf_layer_firefox.probe(m->life.layer, &saw);
	test_picture_take(m->policies, &after);
	cr_assert(test_picture_same(&m->theirs, &after),
		  "D9.3 run %d: after the release policies.json is not what it was", (int)number);
	test_picture_done(&after);
	test_picture_take(m->etc, &after);
	cr_assert(after.n == 1 && strcmp(after.v[0].name, "holdfast.cfg") == 0, "D9.3 run %d: something is left",
		  (int)number);
	cr_assert(after.v[0].len > 1000 || firefox_runs(), "run %d: the engine was not put right", (int)number);
	test_picture_done(&after);
	unlink(m->path);
	test_picture_done(&m->theirs);
	test_life_end(&m->life);
}

Test(release, firefox_settings_are_exactly_what_they_were)
{
	struct machine m = {.life = {.ops = &hf_layer_firefox}};
	char path[PATH_MAX];
	struct test_picture prefs;
	test_folder_make(m.root);
	test_path(m.etc, m.root, "etc");
	test_path(m.policies, m.etc, "policies");
	test_path(m.path, m.policies, "policies.json");
	test_path(m.socket, m.root, "s");
	cr_assert_eq(hf_loop_new(&m.life.loop, NULL), HF_OK);
	for (uint64_t number = 0; number < RUNS; number++)
		run(&m, number);
	test_picture_take(test_path(path, m.etc, "defaults/pref"), &prefs);
	cr_expect(prefs.n == 1 && strcmp(prefs.v[0].name, BASE) == 0);
	test_picture_done(&prefs);
	hf_loop_free(&m.life.loop);
	test_folder_remove(m.root);
}
