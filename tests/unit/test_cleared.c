/* SPDX-License-Identifier: MIT */
/*
 * Which processes need no second look. Policy D9.2: what runs stops; a list of those that may go on must never hold
 * another one by mistake.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/running/cleared.h"

static const struct hf_proc ONE = {7, 100}, AGAIN = {7, 200}, TWO = {3, 50};

Test(cleared, by_number_and_start)
{
	struct hf_cleared cleared = {.known = {NULL, 0, 0}};
	hf_cleared_note(&cleared, &ONE, 11);
	hf_cleared_note(&cleared, &TWO, 0);
	cr_expect(!hf_cleared_has(&cleared, &ONE), "the look has not ended");
	hf_cleared_turn(&cleared);
	cr_expect(hf_cleared_has(&cleared, &ONE) && hf_cleared_has(&cleared, &TWO), "in whatever order they came");
	cr_expect(!hf_cleared_has(&cleared, &AGAIN), "its number was given anew");
	hf_cleared_note(&cleared, &TWO, 0);
	hf_cleared_turn(&cleared);
	cr_expect(hf_cleared_has(&cleared, &TWO) && !hf_cleared_has(&cleared, &ONE), "who was not seen again has gone");
	hf_cleared_note(&cleared, &TWO, 0);
	hf_cleared_forget(&cleared);
	cr_expect(!hf_cleared_has(&cleared, &TWO));
	hf_cleared_turn(&cleared);
	cr_expect(!hf_cleared_has(&cleared, &TWO), "nor what the look that went on had noted");
	hf_cleared_done(&cleared);
}

Test(cleared, by_its_entry_alone)
{
	struct hf_cleared cleared = {.known = {NULL, 0, 0}};
	uint64_t start = 0;
	hf_cleared_note(&cleared, &ONE, 11);
	hf_cleared_note(&cleared, &TWO, 0);
	hf_cleared_turn(&cleared);
	cr_expect(hf_cleared_start(&cleared, ONE.pid, 11, &start) && start == ONE.start);
	cr_expect(!hf_cleared_start(&cleared, ONE.pid, 12, &start), "the entry is another's: who it is has to be looked at");
	cr_expect(!hf_cleared_start(&cleared, TWO.pid, 0, &start), "an entry without a number says nothing");
	cr_expect(!hf_cleared_start(&cleared, 5, 11, &start), "who was not clear is looked at");
	hf_cleared_done(&cleared);
}

static struct hf_file_rule rule_of(uint64_t dev, uint64_t ino, const char *path)
{
	struct hf_file_rule rule = {.dev = dev, .ino = ino};
	cr_assert(hf_str_copy(rule.path, sizeof(rule.path), path) == HF_OK);
	return rule;
}

/* Is somebody who was clear of these rules and paths clear still, once what is looked for has become that? */
static bool stays(struct hf_cleared *cleared, const struct hf_file_rules *rules, const struct hf_programs_list *list)
{
	hf_cleared_note(cleared, &ONE, 11);
	hf_cleared_turn(cleared);
	hf_cleared_look_for(cleared, rules, list);
	return hf_cleared_has(cleared, &ONE);
}

Test(cleared, of_what_was_looked_for)
{
	struct hf_file_rule v[] = {rule_of(1, 2, "/gone/a"), rule_of(1, 3, "/gone/b")};
	struct hf_listed listed[] = {{.path = "/opt/a"}, {.path = "/opt/b"}};
	const struct hf_file_rules all = {.fd = -1, .v = v, .n = 2}, one = {.fd = -1, .v = v, .n = 1};
	const struct hf_programs_list paths = {listed, 2}, path = {listed, 1};
	struct hf_cleared cleared = {.known = {NULL, 0, 0}};
	hf_cleared_look_for(&cleared, &all, &paths);
	cr_expect(stays(&cleared, &all, &paths), "the same");
	cr_expect(stays(&cleared, &one, &path), "less");
	cr_expect(!stays(&cleared, &all, &path), "a file more");
	cr_expect(!stays(&cleared, &all, &paths), "a path more");
	v[1].ino = 4;
	cr_expect(!stays(&cleared, &all, &paths), "another file in its place");
	hf_cleared_done(&cleared);
}

/* Attack: a file goes, and another gets its number: nobody was told who opens that one. */
Test(cleared, number_that_another_file_has)
{
	char path[] = "/tmp/hf-cleared-XXXXXX";
	hf_auto_fd int fd = mkstemp(path);
	struct stat st;
	cr_assert(fd >= 0 && fstat(fd, &st) == 0);
	struct hf_file_rule rule = rule_of(st.st_dev, st.st_ino, path);
	const struct hf_file_rules rules = {.fd = -1, .v = &rule, .n = 1};
	const struct hf_programs_list none = {NULL, 0};
	struct hf_cleared cleared = {.known = {NULL, 0, 0}};
	hf_cleared_look_for(&cleared, &rules, &none);
	cr_expect(stays(&cleared, &rules, &none));
	struct timespec before = st.st_ctim;
	while (st.st_ctim.tv_sec == before.tv_sec && st.st_ctim.tv_nsec == before.tv_nsec)
		cr_assert(fchmod(fd, 0600) == 0 && fstat(fd, &st) == 0);
	cr_expect(!stays(&cleared, &rules, &none), "the same number, changed later");
	cr_assert(unlink(path) == 0);
	cr_expect(!stays(&cleared, &rules, &none), "it is not at its path any more");
	hf_cleared_done(&cleared);
}
