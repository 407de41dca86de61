/* SPDX-License-Identifier: MIT */
/*
 * Owns what the journal says when its disk fails at a commit: certainly not recorded, or nobody can tell.
 * Policy D5.6-5.7. Attack: an order that was told as refused is found at the next start (fsync(2): what could not be
 * synchronised is read as if it had been).
 * Must never fail a file that is not the journal's.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "controller/journal/journal.h"
#include "tests/help/folder.h"
#include "tests/unit/help_failing_disk.h"

static char folder[TEST_FOLDER_SIZE];
static struct hf_err err;
static int doubts;
static char why_not[256];

static void setup(void)
{
	test_folder_make(folder);
	failing_disk_begin();
	doubts = 0;
}

static void teardown(void)
{
	failing_disk_end();
	test_folder_remove(folder);
}

TestSuite(journal_doubt, .init = setup, .fini = teardown);

static void on_doubt(void *arg, const char *why)
{
	(void)arg;
	doubts++;
	snprintf(why_not, sizeof(why_not), "%s", why);
}

static struct hf_journal *open_journal(void)
{
	struct hf_journal *journal = NULL;
	cr_assert_eq(hf_journal_open(folder, &journal, &err), HF_OK, "%s", err.text);
	cr_assert_eq(hf_journal_replay(journal, NULL, NULL, &err), HF_OK, "%s", err.text);
	hf_journal_on_doubt(journal, on_doubt, NULL);
	return journal;
}

static enum hf_rc append(struct hf_journal *journal, const char *body)
{
	const struct hf_entry e = {.at = {1000}, .kind = HF_RECORD_ORDER, .body = body, .body_len = strlen(body)};
	return hf_journal_append(journal, &e, 1, &err);
}

static uint64_t reopened(struct hf_journal **journal)
{
	failing_disk_set(DISK_WELL, 0, 0);
	hf_journal_close(journal);
	*journal = open_journal();
	return hf_journal_tree(*journal)->size;
}

Test(journal_doubt, a_commit_whose_synchronisation_failed_is_unknown_and_nothing_more_is_written)
{
	hf_auto_journal struct hf_journal *journal = open_journal();
	cr_assert_eq(append(journal, "one"), HF_OK, "%s", err.text);
	failing_disk_set(DISK_SYNC, 0, SQLITE_IOERR_FSYNC);
	cr_expect_eq(append(journal, "two"), HF_E_UNSURE, "nobody can tell: %s", err.text);
	cr_expect_eq(doubts, 1, "who owns it is told once");
	cr_expect_not_null(strstr(why_not, "disk I/O error"), "and why: %s", why_not);
	failing_disk_set(DISK_WELL, 0, 0);
	cr_expect_eq(append(journal, "three"), HF_E_SYSTEM, "certainly not recorded: %s", err.text);
	cr_expect_not_null(strstr(err.text, "nothing more is written to the journal"), "%s", err.text);
	cr_expect_eq(hf_journal_set_number(journal, "seq", 7, &err), HF_E_SYSTEM, "nor is a number");
	cr_expect_eq(doubts, 1);
	cr_expect_eq(hf_journal_tree(journal)->size, 1, "and what is not certain is not in the tree that is published");
	cr_expect_eq(reopened(&journal), 2, "a start finds what the log truly has: here all of it");
	cr_expect_eq(append(journal, "four"), HF_OK, "and goes on: %s", err.text);
}

Test(journal_doubt, a_full_disk_is_certain)
{
	hf_auto_journal struct hf_journal *journal = open_journal();
	int i = 0;
	cr_assert_eq(append(journal, "one"), HF_OK, "%s", err.text);
	for (enum hf_rc rc = HF_E_SYSTEM; rc == HF_E_SYSTEM; i++) {
		failing_disk_set(DISK_WRITE, i, SQLITE_FULL);
		rc = append(journal, "two");
		cr_expect_eq(rc, failing_disk_struck() ? HF_E_SYSTEM : HF_OK, "at write %d of the log: %s", i + 1,
			     err.text);
		cr_expect_eq(hf_journal_tree(journal)->size, rc == HF_OK ? 2 : 1);
	}
	cr_expect_gt(i, 4, "a commit has several writes");
	cr_expect_eq(doubts, 0, "the controller goes on");
	cr_expect_eq(reopened(&journal), 2, "and no start ever finds what was refused");
}

Test(journal_doubt, a_write_that_failed_is_unknown_until_the_log_is_read_anew)
{
	hf_auto_journal struct hf_journal *journal = open_journal();
	int i = 0;
	cr_assert_eq(append(journal, "one"), HF_OK, "%s", err.text);
	for (enum hf_rc rc = HF_E_UNSURE; rc == HF_E_UNSURE; i++) {
		failing_disk_set(DISK_WRITE, i, SQLITE_IOERR_WRITE);
		rc = append(journal, "two");
		cr_expect_eq(rc, failing_disk_struck() ? HF_E_UNSURE : HF_OK, "at write %d of the log: %s", i + 1,
			     err.text);
		cr_expect_eq(reopened(&journal), rc == HF_OK ? 2 : 1, "at write %d of the log", i + 1);
	}
	cr_expect_eq(doubts, i - 1);
}

Test(journal_doubt, a_number_that_may_be_there_ends_it_too)
{
	hf_auto_journal struct hf_journal *journal = open_journal();
	int64_t seq = 0;
	failing_disk_set(DISK_SYNC, 0, SQLITE_IOERR_FSYNC);
	cr_expect_eq(hf_journal_set_number(journal, "seq", 7, &err), HF_E_UNSURE, "%s", err.text);
	cr_expect_eq(doubts, 1);
	reopened(&journal);
	cr_expect_eq(hf_journal_number(journal, "seq", &seq, &err), HF_OK);
	cr_expect_eq(seq, 7);
}

/* What a failed synchronisation left in memory alone is written down before it counts; where it cannot be, nothing
 * starts. */
Test(journal_doubt, a_log_that_cannot_be_written_anew_is_not_believed)
{
	hf_auto_journal struct hf_journal *journal = open_journal(), *second = NULL;
	char path[PATH_MAX];
	cr_assert_eq(append(journal, "one"), HF_OK, "%s", err.text);
	test_path(path, folder, "journal.db-wal");
	failing_disk_set(DISK_SYNC, 0, SQLITE_IOERR_FSYNC);
	cr_assert_eq(append(journal, "two"), HF_E_UNSURE, "%s", err.text);
	failing_disk_set(DISK_WELL, 0, 0);
	hf_journal_close(&journal);
	cr_assert_eq(access(path, F_OK), 0, "closing leaves the log as it is");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(hf_journal_open(folder, &second, &err), HF_E_SYSTEM, "a log that cannot be opened");
	cr_expect_not_null(strstr(err.text, "cannot be written down once more"), "%s", err.text);
	cr_assert_eq(rmdir(path), 0);
}
