/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of news.c: what is appended to a value, cut off, damaged, left over from another value.
 * Must never write outside its own folder. A full disk is in tests/system/test_full_disk.py.
 */
#include <holdfast/news.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "tests/help/folder.h"

#define ROOM 8192
#define SECTOR 512

static char folder[TEST_FOLDER_SIZE], path[PATH_MAX];
static char read_back[ROOM]; /* the records, a comma after each */

static void make_folder(void)
{
	test_folder_make(folder);
	test_path(path, folder, "news");
}

static void remove_folder(void)
{
	test_folder_remove(folder);
}

TestSuite(news, .init = make_folder, .fini = remove_folder);

static struct hf_news *open_news(void)
{
	struct hf_news *news = NULL;
	struct hf_err err = {""};

	cr_assert_eq(hf_news_open(folder, ROOM, &news, &err), HF_OK, "%s", err.text);
	return news;
}

static enum hf_rc note(void *arg, const void *buf, size_t len, struct hf_err *err)
{
	size_t at = strlen(read_back);

	(void)arg;
	(void)err;
	cr_assert_lt(at + len + 2, sizeof(read_back));
	memcpy(read_back + at, buf, len);
	memcpy(read_back + at + len, ",", 2);
	return HF_OK;
}

static const struct hf_news_taker taker = {.take = note};

static void append(int64_t base, const char *text)
{
	hf_auto_news struct hf_news *news = open_news();
	bool doubt = false;

	cr_assert_eq(hf_news_load(news, base, &taker, &doubt, NULL), HF_OK);
	cr_assert_eq(hf_news_append(news, base, text, strlen(text), NULL), HF_OK);
}

static void expect(int64_t base, const char *want, bool doubtful, const char *what)
{
	hf_auto_news struct hf_news *news = open_news();
	bool doubt = false;

	read_back[0] = '\0';
	cr_assert_eq(hf_news_load(news, base, &taker, &doubt, NULL), HF_OK, "%s", what);
	cr_expect_str_eq(read_back, want, "%s: '%.60s'", what, read_back);
	cr_expect_eq(doubt, doubtful, "%s: doubt is %d", what, doubt);
}

static void flip(off_t at)
{
	hf_auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	char c = 0;

	cr_assert_eq(pread(fd, &c, 1, at), 1);
	c ^= 0x10;
	cr_assert_eq(pwrite(fd, &c, 1, at), 1);
}

Test(news, what_is_appended_comes_back_in_its_order)
{
	expect(7, "", false, "a new file holds nothing");
	append(7, "one");
	append(7, "two");
	append(7, "");
	expect(7, "one,two,,", false, "also across restarts");
}

Test(news, what_follows_another_value_does_not_follow_this_one)
{
	append(7, "one");
	append(7, "two");
	append(7, "three");
	expect(8, "", false, "a value that was written anew has all of it");
	append(8, "four");
	expect(8, "four,", false, "what is left behind it was of the value before");
	expect(7, "", true, "and that one is not to be had any more");
}

/* D9.2 "across restarts": power goes at any byte of an append. */
Test(news, an_append_cut_off_after_any_byte_is_ignored)
{
	static char before[ROOM], after[ROOM];
	hf_auto_fd int fd = -1;

	append(7, "one");
	fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_eq(pread(fd, before, ROOM, 0), ROOM);
	append(7, "two, which is longer");
	cr_assert_eq(pread(fd, after, ROOM, 0), ROOM);
	for (size_t n = SECTOR; n < 2 * SECTOR; n++) {
		bool whole = memcmp(before + n, after + n, ROOM - n) == 0;

		cr_assert_eq(pwrite(fd, before, ROOM, 0), ROOM);
		cr_assert_eq(pwrite(fd, after, n, 0), (ssize_t)n);
		expect(7, whole ? "one,two, which is longer," : "one,", false, "cut off");
	}
}

/* clang-format off */
static const struct { const char *what; off_t at; const char *want; bool doubt; } damages[] = {
	{ "the name of the first",    2,            "",         true },
	{ "what the first follows",   15,           "",         true },
	{ "the place of the first",   23,           "",         true },
	{ "the length of the first",  31,           "",         true },
	{ "the digest of the first",  40,           "",         true },
	{ "the first itself",         64,           "",         true },
	{ "the second",               SECTOR + 65,  "one,",     true },
	{ "the last: as if cut off",  2 * SECTOR + 66, "one,two,", false },
	{ "what nobody wrote",        3 * SECTOR,   "one,two,three,", false },
};
/* clang-format on */

Test(news, a_record_damaged_before_a_later_one_is_doubt)
{
	append(7, "one");
	append(7, "two");
	append(7, "three");
	for (size_t i = 0; i < HF_LEN(damages); i++) {
		flip(damages[i].at);
		expect(7, damages[i].want, damages[i].doubt, damages[i].what);
		flip(damages[i].at);
	}
	expect(7, "one,two,three,", false, "as it was");
}

Test(news, an_append_after_one_that_was_cut_off_takes_its_place)
{
	append(7, "one");
	append(7, "two");
	flip(SECTOR + 64);
	append(7, "again");
	expect(7, "one,again,", false, "nothing is left of the one before");
}

Test(news, room_is_on_the_disk_and_ends)
{
	hf_auto_news struct hf_news *news = open_news();
	static const char large[ROOM];
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, ROOM);
	cr_expect_geq(st.st_blocks * 512, ROOM, "a full disk takes nothing of it");
	cr_expect_eq(hf_news_append(news, 7, large, ROOM - 64 + 1, NULL), HF_E_SIZE);
	cr_expect_eq(hf_news_append(news, 7, large, ROOM - 64, NULL), HF_OK, "all of the room can be used");
	cr_expect_eq(hf_news_append(news, 7, large, 1, NULL), HF_E_SIZE);
	cr_expect_eq(hf_news_append(news, 8, large, 1, NULL), HF_OK, "and is there again for the next value");
}

Test(news, cleared_is_empty)
{
	hf_auto_news struct hf_news *news = NULL;

	append(7, "one");
	append(7, "two");
	news = open_news();
	cr_assert_eq(hf_news_clear(news, NULL), HF_OK);
	append(7, "three");
	expect(7, "three,", false, "no second one follows it");
}

Test(news, a_link_in_its_place_is_refused)
{
	struct hf_news *news = NULL;

	cr_assert_eq(symlink("/dev/null", path), 0);
	cr_expect_eq(hf_news_open(folder, ROOM, &news, NULL), HF_E_SYSTEM);
	cr_expect_null(news);
}
