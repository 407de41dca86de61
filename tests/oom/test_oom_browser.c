/* SPDX-License-Identifier: MIT */
/*
 * Owns the proof that the browser layer leaves no moment without its file when memory runs out. Policy D9.2, D9.3.
 * Must never touch the machine's own policy folders.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/policies/policy_folder.h"
#include "agent/enforce/common/policies/policy_texts.h"
#include "agent/enforce/enforce.h"
#include "tests/help/folder.h"
#include "tests/oom/help_oom.h"

#define ALLOCATIONS_MAX 20000
#define STEP 3 /* each try syncs to disk some times */

static const struct hf_layer_ops *const OPS = &hf_layer_browser;
static const struct hf_strs NONE = {NULL, 0};
static char root[TEST_FOLDER_SIZE];
static char above[PATH_MAX], folder[PATH_MAX], file[PATH_MAX];
static struct hf_loop *loop;
static struct hf_layer *layer;
static enum hf_rc done;

static void changed(void *arg)
{
	(void)arg;
}

static enum hf_rc open_layer(void)
{
	const struct hf_enforce_conf conf = {.policies = {folder, "", "", ""}, .state = root};
	const struct hf_layer_calls calls = {.changed = changed};
	const struct hf_layer_home home = {.loop = loop, .conf = &conf, .calls = &calls};
	struct hf_err err = {""};
	enum hf_rc rc = hf_layer_open(OPS, &home, &layer, &err);

	cr_expect(rc == HF_OK || err.text[0], "%s without a text", hf_rc_name(rc));
	return rc;
}

static enum hf_rc apply(const char *one, const char *two)
{
	const char *v[] = {one, two};
	const struct hf_strs addresses = {.v = v, .n = 2};
	struct hf_block block = {
		.tool = "t", .name = "T", .addresses = &addresses, .programs = &NONE, .machine_wide = true};
	const struct hf_plan plan = {&block, one ? 1 : 0};
	struct hf_err err = {""};
	enum hf_rc rc = OPS->apply(layer, &plan, &err);

	cr_expect(rc == HF_OK || err.text[0], "%s without a text", hf_rc_name(rc));
	return rc;
}

/* Somebody else's file: what it allows would open what is blocked. */
static const char THEIRS[] = "{\"URLAllowlist\":[\"x.com/help\"],\"URLBlocklist\":[\"games.example\"]}";

static void set_up(void)
{
	char path[PATH_MAX];

	cr_assert(oom_hooked(), "OpenSSL allocated before it could be hooked");
	test_folder_make(root);
	test_path(above, root, "policies");
	test_path(folder, above, "managed");
	test_path(file, folder, HF_POLICY_LOCKDOWN);
	cr_assert_eq(hf_fs_mkdirs(folder, 0755, NULL), HF_OK);
	test_path(path, folder, "corp.json");
	cr_assert_eq(hf_fs_replace(path, THEIRS, strlen(THEIRS), 0644, NULL), HF_OK);
	cr_assert_eq(hf_loop_new(&loop, NULL), HF_OK);
	cr_assert_eq(open_layer(), HF_OK);
}

static void tear_down(void)
{
	hf_layer_close(OPS, &layer);
	hf_loop_free(&loop);
	test_folder_remove(root);
}

TestSuite(oom_browser, .init = set_up, .fini = tear_down);

static bool there(void)
{
	return access(file, F_OK) == 0;
}

/* Ours, beside theirs: all of it blocks and nothing that is allowed opens it. */
static void expect_whole(const char *what, size_t n, const char *address)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	cr_assert_eq(hf_fs_read(file, 65536, &text, &len, NULL), HF_OK, "D9.2 %s: allocation %zu fails: no file", what,
		     n);
	cr_expect(strstr(text, address) && strstr(text, "games.example"), "%s: allocation %zu fails: %s", what, n,
		  text);
	cr_expect(strstr(text, "URLAllowlist") && !strstr(text, "x.com/help"),
		  "attack %s: allocation %zu fails: what another policy allows stays open", what, n);
}

struct scene {
	const char *what;
	void (*begin)(void);
	void (*act)(void);
	void (*check)(const char *what, size_t n);
};

static void play_arming(const struct scene *scene, void (*arm)(size_t))
{
	bool failed = true;

	for (size_t n = 1; failed; n += STEP) {
		cr_assert_lt(n, ALLOCATIONS_MAX, "%s: it never ends", scene->what);
		scene->begin();
		arm(n);
		scene->act();
		failed = oom_disarm(NULL);
		cr_expect(failed || done == HF_OK, "%s: with all memory it fails", scene->what);
		scene->check(scene->what, n);
	}
}

static void play(const struct scene *scene)
{
	play_arming(scene, oom_arm);
	play_arming(scene, oom_arm_from);
}

static void be_open(void)
{
	cr_assert_eq(apply(NULL, NULL), HF_OK);
	cr_assert_not(there());
}

static void be_locked(void)
{
	cr_assert_eq(apply("mastodon.social", "x.com"), HF_OK);
	cr_assert(there());
}

static void lock(void)
{
	done = apply("mastodon.social", "x.com");
}

/* With HF_OK it is done; if not, the next telling does it. */
static void check_lock(const char *what, size_t n)
{
	if (done == HF_OK)
		expect_whole(what, n, "mastodon.social");
	cr_expect_eq(apply("mastodon.social", "x.com"), HF_OK, "%s: allocation %zu fails for good", what, n);
	expect_whole(what, n, "mastodon.social");
}

static void lock_other(void)
{
	done = apply("facebook.com", "x.com");
}

static void check_other(const char *what, size_t n)
{
	expect_whole(what, n, "x.com");
	cr_expect_eq(apply("facebook.com", "x.com"), HF_OK, "%s: allocation %zu fails for good", what, n);
	expect_whole(what, n, "facebook.com");
}

static void probe(void)
{
	struct hf_saw saw;

	OPS->probe(layer, &saw);
	done = saw.state == HF_LAYER_FAILED ? HF_E_MEMORY : HF_OK;
}

static void check_probe(const char *what, size_t n)
{
	if (done == HF_OK)
		expect_whole(what, n, "mastodon.social");
	probe();
	expect_whole(what, n, "mastodon.social");
}

static void be_tampered(void)
{
	be_locked();
	cr_assert_eq(unlink(file), 0);
}

static void release(void)
{
	done = apply(NULL, NULL);
}

static void check_release(const char *what, size_t n)
{
	cr_expect(done != HF_OK || !there(), "D9.3 %s: allocation %zu fails, done and still there", what, n);
	cr_expect_eq(apply(NULL, NULL), HF_OK);
	cr_expect_not(there(), "D9.3 %s: allocation %zu fails and it stays locked", what, n);
}

static void be_dead(void)
{
	be_locked();
	hf_layer_close(OPS, &layer);
}

static void be_born(void)
{
	done = open_layer();
}

static void check_born(const char *what, size_t n)
{
	expect_whole(what, n, "mastodon.social");
	cr_expect_eq(layer != NULL, done == HF_OK, "%s: untouched unless HF_OK", what);
	if (!layer)
		cr_assert_eq(open_layer(), HF_OK);
}

Test(oom_browser, lockdown_is_put_whole_or_told_again_D9_2)
{
	play(&(struct scene){"raise", be_open, lock, check_lock});
	play(&(struct scene){"other addresses", be_locked, lock_other, check_other});
}

Test(oom_browser, look_repairs_and_takes_nothing_away_D9_2)
{
	play(&(struct scene){"probe", be_locked, probe, check_probe});
	play(&(struct scene){"probe of what was removed", be_tampered, probe, check_probe});
	play(&(struct scene){"open after a crash", be_dead, be_born, check_born});
}

Test(oom_browser, release_removes_it_as_soon_as_there_is_memory_D9_3)
{
	play(&(struct scene){"release", be_locked, release, check_release});
}

/* Whoever asks why reads an answer, and not what stood there before. */
Test(oom_browser, a_folder_that_cannot_be_read_says_why)
{
	struct hf_policy_folder one;
	bool failed = true;

	cr_assert_eq(hf_policy_folder_open(&one, folder, "holdfast", NULL), HF_OK);
	for (size_t n = 1; failed; n++) {
		struct hf_err err = {""};
		enum hf_rc rc;

		oom_arm(n);
		rc = hf_policy_folder_stir(&one, &err);
		failed = oom_disarm(NULL);
		cr_expect(rc == HF_OK || err.text[0], "allocation %zu fails: %s without a text", n, hf_rc_name(rc));
	}
	hf_policy_folder_close(&one);
}
