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

#include "agent/enforce/enforce.h"
#include "agent/enforce/firefox/firefox_policy.h"
#include "agent/machine/browsers.h"
#include "tests/help/dice.h"
#include "tests/help/folder.h"
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
	struct hf_loop *loop;
	struct hf_layer *layer;
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
	if (!m->layer && m->has && !is_ours(m) && access(m->path, F_OK) == 0) {
		unlink(test_path(path, m->policies, ".holdfast-theirs.json"));
		cr_assert_eq(link(m->path, path), 0);
	}
}

static void ignore(void *arg)
{
	(void)arg;
}

static void be_born(struct machine *m)
{
	const struct hf_enforce_conf conf = {.firefox_folder = m->etc,
					     .firefox_install = m->root,
					     .firefox_socket = m->socket,
					     .firefox_extension = "",
					     .state = m->root};
	const struct hf_layer_calls calls = {.changed = ignore};
	const struct hf_layer_home home = {.loop = m->loop, .conf = &conf, .calls = &calls};
	struct hf_err err = {""};
	if (!m->layer)
		cr_assert_eq(hf_layer_open(&hf_layer_firefox, &home, &m->layer, &err), HF_OK, "%s", err.text);
}

static void obey(struct machine *m, uint64_t which)
{
	static const char *sets[3][2] = {
		{"x.com", "mastodon.social"}, {"x.com", NULL}, {"facebook.com", "instagram.com"}};
	const struct hf_strs none = {.v = NULL, .n = 0};
	const struct hf_strs addresses = {.v = sets[which % 3], .n = which % 3 == 1 ? 1 : 2};
	struct hf_block block = {
		.tool = "t", .name = "T", .addresses = &addresses, .programs = &none, .machine_wide = below(4) > 0};
	const struct hf_plan plan = {.blocks = &block, .n_blocks = which == 3 ? 0 : 1};
	struct hf_err err = {""};
	cr_assert_eq(hf_layer_firefox.apply(m->layer, &plan, &err), HF_OK, "%s", err.text);
	m->locked = which != 3;
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
		hf_layer_close(&hf_layer_firefox, &m->layer);
		break;
	case 3:
		tamper(m);
		break;
	case 4:
		died_midway(m);
		break;
	case 5:
		be_born(m);
		hf_layer_firefox.probe(m->layer, &saw);
		break;
	case 6:
		be_born(m);
		obey(m, 3);
		break;
	default:
		be_born(m);
		obey(m, below(3));
		break;
	}
}

static void see_firefox(void *arg, const struct hf_proc *proc)
{
	bool *runs = arg;
	*runs = *runs || hf_firefox_runs(proc->pid);
}

/* While one runs on this machine, the layer waits for its engine before it looks at files once more. */
static bool firefox_runs(void)
{
	bool runs = false;
	cr_assert_eq(hf_procs_each(see_firefox, &runs, NULL), HF_OK);
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
	obey(m, 3);
	hf_layer_firefox.probe(m->layer, &saw);
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
	hf_layer_close(&hf_layer_firefox, &m->layer);
}

Test(release, firefox_settings_are_exactly_what_they_were)
{
	struct machine m = {.layer = NULL};
	char path[PATH_MAX];
	struct test_picture prefs;
	test_folder_make(m.root);
	test_path(m.etc, m.root, "etc");
	test_path(m.policies, m.etc, "policies");
	test_path(m.path, m.policies, "policies.json");
	test_path(m.socket, m.root, "s");
	cr_assert_eq(hf_loop_new(&m.loop, NULL), HF_OK);
	for (uint64_t number = 0; number < RUNS; number++)
		run(&m, number);
	test_picture_take(test_path(path, m.etc, "defaults/pref"), &prefs);
	cr_expect(prefs.n == 1 && strcmp(prefs.v[0].name, BASE) == 0);
	test_picture_done(&prefs);
	hf_loop_free(&m.loop);
	test_folder_remove(m.root);
}
