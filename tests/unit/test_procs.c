/* SPDX-License-Identifier: MIT */
/*
 * What is read from /proc, also when a process lies about its name. Policy D9.2: running tools stand still, and
 * nothing else does.
 * Must never depend on a process of somebody else.
 */
#include <criterion/criterion.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/machine/procs.h"
#include "tests/help/command.h"

/* clang-format off */
static const struct {
	const char *what, *text;
	enum hf_rc rc;
	uint64_t start;
} STATS[] = {
	{ "usual", "7 (sh) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 2", HF_OK, 4711 },
	{ "a name that looks like the rest", "7 (a) S 1 1 1 0 -1 1 1 0 0 0 0 0 0 0 20 0 1 0 66 (b) R 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1",
	  HF_OK, 4711 },
	{ "cut off", "7 (sh) S 1 1", HF_E_SHAPE, 0 },
	{ "no name", "7", HF_E_SHAPE, 0 },
	{ "no number", "7 (sh) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 x", HF_E_SHAPE, 0 },
};

typedef enum hf_rc (*parse_fn)(const char *text, char *ret_path, size_t size);

static const struct {
	const char *what;
	parse_fn parse;
	const char *text, *path;
} PATHS[] = {
	{ "v2 alone", hf_proc_cgroup_parse, "0::/user.slice/a.scope\n", "/user.slice/a.scope" },
	{ "v2 beside v1", hf_proc_cgroup_parse, "9:name=systemd:/\n1:cpu:/x\n0::/app\n", "/app" },
	{ "the root", hf_proc_cgroup_parse, "0::/\n", "/" },
	{ "a name like the mark", hf_proc_cgroup_parse, "10::/no\n0::/yes\n", "/yes" },
	{ "none", hf_proc_cgroup_parse, "1:cpu:/x\n", NULL },
	{ "nothing", hf_proc_cgroup_parse, "", NULL },
	{ "usual", hf_cgroup2_mount_parse, "31 23 0:28 / /sys rw - sysfs sysfs rw\n41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
	  "/sys/fs/cgroup" },
	{ "with tags", hf_cgroup2_mount_parse, "41 31 0:38 / /c rw shared:4 master:2 - cgroup2 none rw\n", "/c" },
	{ "a blank in it", hf_cgroup2_mount_parse, "41 31 0:38 / /a\\040b rw - cgroup2 none rw\n", "/a b" },
	{ "v1 alone", hf_cgroup2_mount_parse, "38 31 0:35 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", NULL },
	{ "nothing", hf_cgroup2_mount_parse, "", NULL },
};

static const struct {
	const char *what, *exe, *cmdline; /* '|' stands for an end mark */
	uint64_t ino; /* of the script; 0: none. The fake below knows /s (1) and /other (2) as files */
} SCRIPTS[] = {
	{ "a script",                      "/usr/bin/python3.11", "python3|/s|", 1 },
	{ "options before it",             "/usr/bin/python3.11", "python3|-I|-u|/s|", 1 },
	{ "an option with a value",        "/usr/bin/python3.11", "python3|-W|ignore|/s|", 1 },
	{ "another script's argument",     "/usr/bin/python3.11", "python3|/other|/s|", 2 },
	{ "text instead of a script",      "/usr/bin/python3.11", "python3|-c|print()|/s|", 0 },
	{ "a module instead of a script",  "/usr/bin/python3.11", "python3|-m|http|/s|", 0 },
	{ "perl",                          "/usr/bin/perl",       "perl|/s|", 1 },
	{ "a shell",                       "/usr/bin/dash",       "/bin/sh|/s|x|", 1 },
	{ "replaced by an upgrade",        "/usr/bin/python3.11 (deleted)", "python3|/s|", 1 },
	{ "no interpreter: an editor",     "/usr/bin/vim.basic",  "vim|/s|", 0 },
	{ "a name that begins like one",   "/usr/bin/shotwell",   "shotwell|/s|", 0 },
	{ "no argument",                   "/usr/bin/python3.11", "python3|", 0 },
	{ "no end mark",                   "/usr/bin/python3.11", "python3|/s", 0 },
	{ "nothing",                       "/usr/bin/python3.11", "", 0 },
};

static const struct {
	const char *what, *exe, *cmdline, *name;
} MODULES[] = {
	{ "a module",                     "/usr/bin/python3.11", "python3|-m|toot|post|", "toot" },
	{ "one inside it",                "/usr/bin/python3.11", "python3|-m|toot.tui.app|", "toot" },
	{ "options before it",            "/usr/bin/python3.11", "python3|-W|ignore|-I|-X|dev|-m|toot|", "toot" },
	{ "attack: all in one word",      "/usr/bin/python3.11", "python3|-Imtoot|", "toot" },
	{ "attack: the value in it too",  "/usr/bin/python3.11", "python3|-Wignore|-um|toot|", "toot" },
	{ "the argument of a script",     "/usr/bin/python3.11", "python3|/x|-m|toot|", NULL },
	{ "the argument of text",         "/usr/bin/python3.11", "python3|-c|x|-m|toot|", NULL },
	{ "no name",                      "/usr/bin/python3.11", "python3|-m|", NULL },
	{ "an empty name",                "/usr/bin/python3.11", "python3|-m||", NULL },
	{ "no end mark",                  "/usr/bin/python3.11", "python3|-m|toot", NULL },
	{ "no interpreter",               "/usr/bin/vim.basic",  "vim|-m|toot|", NULL },
	{ "nothing",                      "/usr/bin/python3.11", "", NULL },
};
/* clang-format on */

Test(procs, modules)
{
	for (size_t i = 0; i < HF_LEN(MODULES); i++) {
		char name[16] = "";
		const struct hf_command command = test_command(MODULES[i].exe, MODULES[i].cmdline);
		enum hf_rc rc = hf_module_of(&command, name, sizeof(name));
		cr_expect_eq(rc, MODULES[i].name ? HF_OK : HF_E_ABSENT, "%s: %s", MODULES[i].what, hf_rc_name(rc));
		cr_expect_str_eq(name, MODULES[i].name ? MODULES[i].name : "", "%s", MODULES[i].what);
	}
	char tight[4];
	const struct hf_command command = test_command("/usr/bin/python3", "python3|-m|toot|");
	cr_expect_eq(hf_module_of(&command, tight, sizeof(tight)), HF_E_SIZE);
}

Test(procs, start_times)
{
	for (size_t i = 0; i < HF_LEN(STATS); i++) {
		uint64_t start = 0;
		enum hf_rc rc = hf_proc_start_parse(STATS[i].text, &start);
		cr_expect_eq(rc, STATS[i].rc, "%s: %s", STATS[i].what, hf_rc_name(rc));
		cr_expect_eq(start, STATS[i].start, "%s", STATS[i].what);
	}
}

Test(procs, users)
{
	uid_t ids[4] = {9, 9, 9, 9};
	cr_assert_eq(hf_proc_ids_parse("Name:\tUid:\t0\nState:\tS\nUid:\t1000\t0\t1001\t1002\nGid:\t5\n", ids), HF_OK);
	cr_expect_eq(ids[0], 1000, "a process cannot name itself into another user");
	cr_expect_eq(ids[1], 0);
	cr_expect_eq(ids[2], 1001);
	cr_expect_eq(ids[3], 1002);
	cr_expect_eq(hf_proc_ids_parse("Name:\tx\nUid:\t1\t2\n", ids), HF_E_SHAPE);
	cr_expect_eq(ids[0], 1000, "untouched unless ok");
}

Test(procs, control_groups_and_mounts)
{
	for (size_t i = 0; i < HF_LEN(PATHS); i++) {
		char path[64] = "", tight[4];
		enum hf_rc rc = PATHS[i].parse(PATHS[i].text, path, sizeof(path));
		cr_expect_eq(rc, PATHS[i].path ? HF_OK : HF_E_ABSENT, "%s", PATHS[i].what);
		if (PATHS[i].path)
			cr_expect_str_eq(path, PATHS[i].path, "%s: %s", PATHS[i].what, path);
		if (strlen(path) >= sizeof(tight))
			cr_expect_eq(PATHS[i].parse(PATHS[i].text, tight, sizeof(tight)), HF_E_SIZE, "%s",
				     PATHS[i].what);
	}
}

static enum hf_rc fake_resolve(void *arg, const char *argument, struct hf_file_id *ret_id)
{
	(void)arg;
	bool script = strcmp(argument, "/s") == 0;
	if (!script && strcmp(argument, "/other") != 0)
		return HF_E_ABSENT;
	*ret_id = (struct hf_file_id){.dev = 1, .ino = script ? 1 : 2};
	return HF_OK;
}

Test(procs, scripts)
{
	for (size_t i = 0; i < HF_LEN(SCRIPTS); i++) {
		struct hf_file_id id = {0, 0};
		const struct hf_command command = test_command(SCRIPTS[i].exe, SCRIPTS[i].cmdline);
		enum hf_rc rc = hf_script_of(&command, fake_resolve, NULL, &id);
		cr_expect_eq(rc, SCRIPTS[i].ino ? HF_OK : HF_E_ABSENT, "%s: %s", SCRIPTS[i].what, hf_rc_name(rc));
		cr_expect_eq(id.ino, SCRIPTS[i].ino, "%s", SCRIPTS[i].what);
	}
}

Test(procs, this_process)
{
	uint64_t start = 0;
	uid_t ids[4] = {1, 1, 1, 1};
	cr_assert_eq(hf_proc_start(getpid(), &start), HF_OK);
	cr_expect_gt(start, 0);
	cr_assert_eq(hf_proc_ids(getpid(), ids), HF_OK);
	cr_expect_eq(ids[0], getuid());
	cr_expect_eq(hf_proc_start(1 << 22, &start), HF_E_ABSENT, "no number is that high");
	struct hf_file_id id;
	cr_expect_eq(hf_file_id("/proc/self/exe", &id), HF_OK);
	cr_expect_eq(hf_file_id("/proc", &id), HF_E_TYPE, "a folder is no program");
	cr_expect_eq(hf_file_id("/proc/none", &id), HF_E_ABSENT);
}
