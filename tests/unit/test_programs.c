/* SPDX-License-Identifier: MIT */
/*
 * Which file is shut for whom, and what agent and fence accept from each other. Policy D9.1 (the designated officer's
 * way is never blocked), D9.2 (everybody else's is).
 * Must never mark a file: that is for the system tests.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/attempts.h"
#include "agent/enforce/common/programs_folder.h"
#include "agent/enforce/common/programs_list.h"
#include "agent/enforce/programs/fence/fence_wire.h"
#include "agent/enforce/programs/programs_probe.h"
#include "agent/enforce/running/freezer.h"

/* clang-format off */
static const struct {
	const char *what;
	uid_t ids[4];
	bool known, all, allowed;
} ASKERS[] = {
	{ "root",                                      { 0, 0, 0, 0 },             true,  false, true },
	{ "root, and no rule is known",                { 0, 0, 0, 0 },             false, false, true },
	{ "D9.1 one for whom it is open",              { 1001, 1001, 1001, 1001 }, true,  false, true },
	{ "D9.1 the same by a set-uid program",        { 1001, 0, 0, 0 },          true,  false, true },
	{ "D9.2 anybody else",                         { 1000, 1000, 1000, 1000 }, true,  false, false },
	{ "D9.2 anybody else by a set-uid program",    { 1000, 0, 0, 0 },          true,  false, false },
	{ "D9.2 somebody else's id kept in reserve",   { 1001, 1001, 1000, 1001 }, true,  false, false },
	{ "D9.2 somebody else's file-system id",       { 1001, 1001, 1001, 1000 }, true,  false, false },
	{ "D9.2 no rule is known",                     { 1001, 1001, 1001, 1001 }, false, false, false },
	{ "not listed any more",                       { 1000, 1000, 1000, 1000 }, true,  true,  true },
};

static const struct {
	const char *what, *text;
	bool marked;
} FDINFOS[] = {
	{ "both events", "fanotify ino:4f sdev:8 mflags:0 mask:50000 ignored_mask:0\n", true },
	{ "more events", "fanotify ino:4f sdev:8 mflags:0 mask:5003b ignored_mask:0\n", true },
	{ "only one of them", "fanotify ino:4f sdev:8 mflags:0 mask:40000 ignored_mask:0\n", false },
	{ "another file", "fanotify ino:4f0 sdev:8 mflags:0 mask:50000 ignored_mask:0\n", false },
	{ "second in the list", "fanotify ino:1 sdev:8 mflags:0 mask:1 ignored_mask:0\n"
	  "fanotify ino:4f sdev:8 mflags:0 mask:50000 ignored_mask:0\n", true },
	{ "nothing", "", false },
};
/* clang-format on */

Test(fence, who_may_open)
{
	const struct hf_file_rule shut = {.n_users = 1, .users = {1001}};
	const struct hf_file_rule open = {.open_for_all = 1};
	for (size_t i = 0; i < HF_LEN(ASKERS); i++) {
		const struct hf_file_rule *rule = ASKERS[i].all ? &open : ASKERS[i].known ? &shut : NULL;
		cr_expect_eq(hf_file_rule_allows(rule, ASKERS[i].ids), ASKERS[i].allowed, "%s", ASKERS[i].what);
	}
}

Test(fence, rules_are_found_by_file)
{
	struct hf_file_rule v[3] = {{.dev = 2, .ino = 1}, {.dev = 1, .ino = 9}, {.dev = 1, .ino = 3}};
	hf_auto_file_rules struct hf_file_rules rules = HF_FILE_RULES_NONE;
	cr_assert_eq(hf_file_rules_make(v, 3, &rules, NULL), HF_OK);
	cr_expect_eq(rules.n, 3);
	cr_expect_not_null(hf_file_rules_find(&rules, 2, 1));
	cr_expect_not_null(hf_file_rules_find(&rules, 1, 3));
	cr_expect_null(hf_file_rules_find(&rules, 1, 1), "the number of a file on another disk is another file");
	cr_expect_null(hf_file_rules_find(&(struct hf_file_rules){.fd = -1}, 1, 1), "an empty table knows nothing");
}

static enum hf_rc open_memory(const struct hf_file_rule *v, size_t bytes, bool seal)
{
	hf_auto_file_rules struct hf_file_rules rules = HF_FILE_RULES_NONE;
	hf_auto_fd int fd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	cr_assert_eq(write(fd, v, bytes), (ssize_t)bytes);
	if (seal)
		cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
	enum hf_rc rc = hf_file_rules_open(fd, &rules, NULL);
	if (rc == HF_OK)
		hf_steal_fd(&fd);
	return rc;
}

Test(fence, rules_that_are_not_rules_are_refused)
{
	static const struct hf_file_rule good[2] = {{.dev = 1, .ino = 1}, {.dev = 1, .ino = 2}};
	static const struct hf_file_rule twice[2] = {{.dev = 1, .ino = 1}, {.dev = 1, .ino = 1}};
	static const struct hf_file_rule crowd = {.n_users = HF_PAIRS_MAX + 1};
	static struct hf_file_rule endless;
	memset(endless.path, 'a', sizeof(endless.path));
	cr_expect_eq(open_memory(good, sizeof(good), true), HF_OK);
	cr_expect_eq(open_memory(good, sizeof(good), false), HF_E_SHAPE, "memory that can still be changed");
	cr_expect_eq(open_memory(good, sizeof(good) - 1, true), HF_E_SHAPE, "cut off");
	cr_expect_eq(open_memory(twice, sizeof(twice), true), HF_E_SHAPE, "a file twice");
	cr_expect_eq(open_memory(&crowd, sizeof(crowd), true), HF_E_SHAPE, "more users than there is room for");
	cr_expect_eq(open_memory(&endless, sizeof(endless), true), HF_E_SHAPE, "a path without an end");
	cr_expect_eq(open_memory(good, 0, true), HF_OK, "no rule at all is a table too");
	cr_expect_eq(hf_file_rules_open(0, &(struct hf_file_rules){.fd = -1}, NULL), HF_E_SHAPE, "no memory at all");
}

Test(fence, words)
{
	int ends[2];
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	struct hf_fence_message said = {.word = HF_FENCE_TAKEN, .fds = {0, 1}, .n_fds = 2};
	struct hf_fence_message heard = {.n_fds = 0};
	cr_assert_eq(hf_fence_receive(ends[1], 0, &heard, NULL), HF_E_SYSTEM, "nothing was said");
	cr_assert_eq(hf_fence_send(ends[0], &said, 0, NULL), HF_OK);
	cr_assert_eq(hf_fence_receive(ends[1], 0, &heard, NULL), HF_OK);
	cr_expect_eq(heard.word, HF_FENCE_TAKEN);
	cr_expect_eq(heard.n_fds, 2);
	hf_fence_message_done(&heard);
	said = (struct hf_fence_message){.word = HF_FENCE_TRIED, .who = {.uid = 1201, .pid = 7, .dev = 1, .ino = 2}};
	cr_assert_eq(hf_fence_send(ends[0], &said, 0, NULL), HF_OK);
	cr_assert_eq(hf_fence_receive(ends[1], 0, &heard, NULL), HF_OK);
	cr_expect(heard.word == HF_FENCE_TRIED && memcmp(&heard.who, &said.who, sizeof(said.who)) == 0);
	static const struct {
		const char *what;
		uint32_t v[3];
		size_t len;
	} bad[] = {
		{"another mark", {1, 0, 0}, 8},
		{"no such word", {0x31464648, 99, 0}, 8},
		{"too long", {0x31464648, 0, 0}, 12},
		{"too short", {0x31464648, 0, 0}, 4},
		{"attack: an attempt that names nobody", {0x31464648, HF_FENCE_TRIED, 0}, 8},
	};
	for (size_t i = 0; i < HF_LEN(bad); i++) {
		cr_assert_eq(send(ends[0], bad[i].v, bad[i].len, 0), (ssize_t)bad[i].len);
		cr_expect_eq(hf_fence_receive(ends[1], 0, &heard, NULL), HF_E_SHAPE, "%s", bad[i].what);
	}
	close(ends[0]);
	cr_expect_eq(hf_fence_receive(ends[1], 0, &heard, NULL), HF_E_ABSENT, "the other end is gone");
	cr_expect_eq(hf_fence_send(ends[1], &said, 0, NULL), HF_E_ABSENT);
	close(ends[1]);
}

/* clang-format off */
static const struct {
	const char *what;
	uid_t uid;
	const char *tool;
	int64_t at;
	bool told;
} TRIES[] = {
	{ "the first one",                      1201, "toot", 1000, true },
	{ "the next file of it",                1201, "toot", 1001, false },
	{ "another user's",                     1202, "toot", 1002, true },
	{ "another tool's",                     1201, "x",    1003, true },
	{ "still the same attempt",             1201, "toot", 2999, false },
	{ "the next attempt",                   1201, "toot", 3000, true },
	{ "a clock that stands",                1201, "toot", 3000, false },
};
/* clang-format on */

Test(fence, an_attempt_is_told_once)
{
	struct hf_attempts tried = {0};
	for (size_t i = 0; i < HF_LEN(TRIES); i++)
		cr_expect_eq(hf_attempts_is_new(&tried, TRIES[i].uid, hf_attempt_tool(TRIES[i].tool),
						(struct hf_boot_ms){TRIES[i].at}),
			     TRIES[i].told, "%s", TRIES[i].what);
	size_t told = 0;
	for (uid_t uid = 0; uid < 1000; uid++)
		told += hf_attempts_is_new(&tried, uid, 1, (struct hf_boot_ms){10000});
	cr_expect_eq(told, HF_ATTEMPTS_MAX, "attack: a thousand users at once");
}

Test(fence, marks_in_fdinfo)
{
	for (size_t i = 0; i < HF_LEN(FDINFOS); i++) {
		char text[256];
		struct hf_marks marks;
		cr_assert_eq(hf_str_copy(text, sizeof(text), FDINFOS[i].text), HF_OK);
		cr_assert_eq(hf_marks_parse(text, &marks), HF_OK);
		cr_expect_eq(hf_marks_has(&marks, 0x4f), FDINFOS[i].marked, "%s", FDINFOS[i].what);
		free(marks.v);
	}
}

/* A folder with the files a and b, and a link to a. */
static char folder[64];

static void make_folder(void)
{
	char path[128];
	snprintf(folder, sizeof(folder), "/tmp/hf-programs-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	for (const char *name = "ab"; *name; name++) {
		snprintf(path, sizeof(path), "%s/%c", folder, *name);
		cr_assert_eq(hf_fs_replace(path, "x", 1, 0755, NULL), HF_OK);
	}
	snprintf(path, sizeof(path), "%s/link", folder);
	cr_assert_eq(symlink("a", path), 0);
}

static void remove_folder(void)
{
	static const char *const names[] = {"a", "b", "link"};
	char path[128];
	for (size_t i = 0; i < HF_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static char paths[3][128];

/* Two tools: the first lists a and one that is not there, for 1001 and 1002; the second the link, for 1002. */
static void take_list(struct hf_programs_list *list)
{
	snprintf(paths[0], sizeof(paths[0]), "%s/a", folder);
	snprintf(paths[1], sizeof(paths[1]), "%s/none", folder);
	snprintf(paths[2], sizeof(paths[2]), "%s/link", folder);
	const char *first[] = {paths[0], paths[1]};
	const char *second[] = {paths[2]};
	const struct hf_strs none = {.v = NULL, .n = 0};
	const struct hf_strs programs[2] = {{.v = first, .n = 2}, {.v = second, .n = 1}};
	struct hf_block blocks[2] = {{.tool = "t",
				      .name = "T",
				      .addresses = &none,
				      .programs = &programs[0],
				      .open_for = {1001, 1002},
				      .n_open_for = 2},
				     {.tool = "u",
				      .name = "U",
				      .addresses = &none,
				      .programs = &programs[1],
				      .open_for = {1002},
				      .n_open_for = 1}};
	const struct hf_plan plan = {.blocks = blocks, .n_blocks = 2};
	cr_assert_eq(hf_programs_list_take(list, &plan, NULL), HF_OK);
}

Test(programs, a_file_listed_twice_is_open_only_for_whom_both_are, .init = make_folder, .fini = remove_folder)
{
	struct hf_programs_list list = {NULL, 0};
	struct hf_programs_found found;
	const struct hf_programs_guard none = {NULL, 0};
	take_list(&list);
	cr_assert_eq(list.n, 3);
	cr_assert_eq(hf_programs_find(&list, &none, &found, NULL), HF_OK);
	cr_expect_eq(found.n, 1, "a missing file is no file, the link is the same file");
	cr_expect_eq(found.v[0].n_users, 1, "D9.2 shut for 1001, for whom one tool is shut");
	cr_expect_eq(found.v[0].users[0], 1002);
	cr_expect_eq(found.v[0].open_for_all, 0);
	hf_programs_found_done(&found);
	hf_programs_list_done(&list);
}

Test(programs, the_agents_own_files_are_not_marked, .init = make_folder, .fini = remove_folder)
{
	struct hf_programs_list list = {NULL, 0};
	struct hf_programs_found found;
	struct hf_file_id id;
	take_list(&list);
	cr_assert_eq(hf_file_id(paths[0], &id), HF_OK);
	struct hf_guarded guarded = {id, paths[0]};
	const struct hf_programs_guard guard = {&guarded, 1};
	cr_assert_eq(hf_programs_find(&list, &guard, &found, NULL), HF_OK);
	cr_expect_eq(found.n, 0);
	cr_expect_not_null(strstr(found.trouble, "needs that file"), "it is said, not passed over: %s", found.trouble);
	hf_programs_found_done(&found);
	struct hf_programs_guard own;
	cr_assert_eq(hf_programs_guard_make("", &own, NULL), HF_OK);
	cr_assert_eq(hf_file_id("/proc/self/exe", &id), HF_OK);
	bool has = false;
	for (size_t i = 0; i < own.n; i++)
		has = has || (own.v[i].id.dev == id.dev && own.v[i].id.ino == id.ino);
	cr_expect(has, "this program is among its own files");
	hf_programs_guard_done(&own);
	hf_programs_list_done(&list);
}

Test(programs, replaced_files_stay_shut_and_unlisted_ones_open, .init = make_folder, .fini = remove_folder)
{
	struct hf_programs_list list = {NULL, 0};
	struct hf_programs_found found;
	const struct hf_programs_guard none = {NULL, 0};
	struct hf_file_rule v[2] = {{.dev = 77, .ino = 1}, {.dev = 77, .ino = 2}};
	hf_auto_file_rules struct hf_file_rules old = HF_FILE_RULES_NONE;
	take_list(&list);
	snprintf(v[0].path, sizeof(v[0].path), "%s", paths[0]);
	snprintf(v[1].path, sizeof(v[1].path), "/listed/once");
	cr_assert_eq(hf_file_rules_make(v, 2, &old, NULL), HF_OK);
	cr_assert_eq(hf_programs_find(&list, &none, &found, NULL), HF_OK);
	cr_assert_eq(hf_programs_keep_old(&found, &list, &old, NULL), HF_OK);
	cr_assert_eq(found.n, 3);
	cr_expect_eq(found.v[1].ino, 1);
	cr_expect_eq(found.v[1].open_for_all, 0, "D9.2 the file before the upgrade");
	cr_expect_eq(found.v[2].ino, 2);
	cr_expect_neq(found.v[2].open_for_all, 0, "D9.3 what is listed no more");
	hf_programs_found_done(&found);
	hf_programs_list_done(&list);
}

Test(programs, a_process_that_took_over_a_number_is_not_frozen)
{
	struct hf_freezer *freezer = NULL;
	struct hf_proc proc = {.pid = getppid()};
	cr_assert_eq(hf_freezer_open("/nowhere/at/all", "/nowhere", NULL, &freezer, NULL), HF_OK);
	cr_assert_eq(hf_proc_start(proc.pid, &proc.start), HF_OK);
	cr_expect_eq(hf_freezer_hold(freezer, &proc, NULL), HF_E_SYSTEM, "the right one would be moved, if it could");
	proc.start++;
	cr_expect_eq(hf_freezer_hold(freezer, &proc, NULL), HF_E_ABSENT, "it has another start: another process");
	struct hf_freezer_saw saw;
	cr_expect_eq(hf_freezer_keep(freezer, NULL, NULL, &saw, NULL), HF_OK);
	cr_expect_eq(saw.n_held, 0);
	hf_freezer_close(&freezer);
	cr_expect_null(freezer);
}

/* What must not be walked, or only so far. */
/* clang-format off */
static const struct {
	const char *what, *listed, *said; /* said: "" when it is walked */
	size_t n;
} FOLDERS[] = {
	{ "a package",                          "pkg",       "", 3 },
	{ "the same by a link",                 "alias",     "", 3 },
	{ "a folder in it alone",               "pkg/sub",   "", 1 },
	{ "D9.2 a file that is listed alone",   "pkg/one",   "", 1 },
	{ "attack: everything",                 "/",         "many programs share", 0 },
	{ "attack: what all programs share",    "/usr/lib",  "many programs share", 0 },
	{ "attack: the same by a link",         "usrlib",    "many programs share", 0 },
	{ "a folder that the agent needs",      "own",       "the agent needs files", 0 },
	{ "not there",                          "none",      "", 0 },
};
/* clang-format on */

static void make_at(const char *name, const char *to)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!to)
		cr_assert_eq(hf_fs_replace(path, "x", 1, 0755, NULL), HF_OK);
	else if (to[0])
		cr_assert_eq(symlink(to, path), 0);
	else
		cr_assert_eq(hf_fs_mkdirs(path, 0755, NULL), HF_OK);
}

static void make_package(void)
{
	static const struct {
		const char *name, *to;
	} rows[] = {{"pkg/sub", ""},
		    {"pkg/one", NULL},
		    {"pkg/two.py", NULL},
		    {"pkg/sub/three", NULL},
		    {"alias", "pkg"},
		    {"usrlib", "/usr/lib"},
		    {"own", ""},
		    {"own/agent", NULL},
		    {"away", ""},
		    {"away/other", NULL},
		    {"pkg/out", "../away"},
		    {"pkg/round", "."},
		    {"pkg/file", "../away/other"}};
	snprintf(folder, sizeof(folder), "/tmp/hf-programs-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	for (size_t i = 0; i < HF_LEN(rows); i++)
		make_at(rows[i].name, rows[i].to);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void remove_package(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void find_one(const char *listed, const struct hf_programs_guard *guard, struct hf_programs_found *ret_found)
{
	char path[256];
	struct hf_listed one = {.n_open_for = 0};
	const struct hf_programs_list list = {&one, 1};
	snprintf(path, sizeof(path), listed[0] == '/' ? "%s%s" : "%s/%s", listed[0] == '/' ? "" : folder, listed);
	cr_assert_eq(hf_str_copy(one.path, sizeof(one.path), path), HF_OK);
	cr_assert_eq(hf_programs_find(&list, guard, ret_found, NULL), HF_OK);
}

Test(programs, folders, .init = make_package, .fini = remove_package)
{
	char path[256];
	struct hf_guarded guarded = {.path = path};
	const struct hf_programs_guard guard = {&guarded, 1};
	snprintf(path, sizeof(path), "%s/own/agent", folder);
	cr_assert_eq(hf_file_id(path, &guarded.id), HF_OK);
	for (size_t i = 0; i < HF_LEN(FOLDERS); i++) {
		struct hf_programs_found found;
		find_one(FOLDERS[i].listed, &guard, &found);
		cr_expect_eq(found.n, FOLDERS[i].n, "%s: %zu", FOLDERS[i].what, found.n);
		cr_expect(FOLDERS[i].said[0] ? strstr(found.trouble, FOLDERS[i].said) != NULL : !found.trouble[0],
			  "%s: %s", FOLDERS[i].what, found.trouble);
		hf_programs_found_done(&found);
	}
}

Test(programs, a_folder_without_end, .init = make_package, .fini = remove_package)
{
	const struct hf_programs_guard none = {NULL, 0};
	struct hf_programs_found found;
	char path[256] = "deep";
	for (int i = 0; i <= HF_FOLDER_DEPTH_MAX + 1; i++) {
		make_at(path, "");
		strcat(path, "/d");
	}
	make_at("deep/file", NULL);
	find_one("deep", &none, &found);
	cr_expect_not_null(strstr(found.trouble, "deeper"), "%s", found.trouble);
	hf_programs_found_done(&found);
	make_at("many", "");
	for (int i = 0; i <= HF_FOLDER_FILES_MAX; i++) {
		snprintf(path, sizeof(path), "%s/many/%d", folder, i);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	}
	find_one("many", &none, &found);
	cr_expect_not_null(strstr(found.trouble, "more"), "%s", found.trouble);
	cr_expect_eq(found.n, HF_FOLDER_FILES_MAX, "D9.2 what there is room for is shut all the same");
	hf_programs_found_done(&found);
}

Test(programs, what_lies_below)
{
	/* clang-format off */
	static const struct { const char *folder, *path; bool below; } rows[] = {
		{ "/a", "/a", true }, { "/a", "/a/b", true }, { "/a", "/ab", false }, { "/a/b", "/a", false },
		{ "/", "/a", true },  { "", "/a", false },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_path_below(rows[i].folder, rows[i].path), rows[i].below, "%s %s", rows[i].folder,
			     rows[i].path);
}
