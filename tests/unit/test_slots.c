/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of slots.c: torn, flipped, emptied, grown, shrunk.
 * Must never write outside its own folder. A full disk is in tests/system/test_full_disk.py.
 */
#include <holdfast/slots.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "tests/help/folder.h"

#define ROOM 4040 /* with its header a slot is eight sectors */
#define SECTOR 512
#define SLOT_MAX 8192

/* The bytes of one slot's file. */
struct image {
	char bytes[SLOT_MAX];
	size_t len;
};

static char folder[TEST_FOLDER_SIZE];
static char slot[2][PATH_MAX];

static void make_folder(void)
{
	test_folder_make(folder);
	test_path(slot[0], folder, "slot-0");
	test_path(slot[1], folder, "slot-1");
}

static void remove_folder(void)
{
	test_folder_remove(folder);
}

TestSuite(slots, .init = make_folder, .fini = remove_folder);

static struct hf_slots *open_slots(size_t room)
{
	struct hf_slots *slots = NULL;
	struct hf_err err = {{0}};
	enum hf_rc rc = hf_slots_open(folder, room, &slots, &err);

	cr_assert_eq(rc, HF_OK, "%s", err.text);
	return slots;
}

static void save(const char *value)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);

	cr_assert_eq(hf_slots_save(slots, value, strlen(value), NULL), HF_OK);
}

/* Loading looks at the disk anew each time; "" for nothing. */
static void load_again(struct hf_slots *slots, char *ret_value, size_t size, bool *ret_torn)
{
	hf_auto_free char *value = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_slots_load(slots, &value, &len, ret_torn, NULL);

	cr_assert(rc == HF_OK || rc == HF_E_ABSENT, "%s", hf_rc_name(rc));
	cr_assert_eq(hf_str_copy(ret_value, size, rc == HF_OK ? value : ""), HF_OK);
	cr_assert_eq(strlen(ret_value), len, "the length is the value's");
}

/* What a program that starts now would find. */
static void load(char *ret_value, size_t size, bool *ret_torn)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);

	load_again(slots, ret_value, size, ret_torn);
}

static void expect_value(const char *want, bool torn, const char *what)
{
	char got[SLOT_MAX];
	bool saw_torn = false;

	load(got, sizeof(got), &saw_torn);
	cr_expect_str_eq(got, want, "%s: '%.20s'", what, got);
	cr_expect_eq(saw_torn, torn, "%s: torn is %d", what, saw_torn);
}

static struct image image_of(int i)
{
	struct image image;
	hf_auto_fd int fd = open(slot[i], O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, image.bytes, sizeof(image.bytes));

	cr_assert_gt(n, 0);
	image.len = (size_t)n;
	return image;
}

static void put(int i, const struct image *image)
{
	hf_auto_fd int fd = open(slot[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	cr_assert_eq(write(fd, image->bytes, image->len), (ssize_t)image->len);
	cr_assert_eq(ftruncate(fd, (off_t)image->len), 0);
}

static void fill(char *value, size_t len, char with)
{
	memset(value, with, len);
	value[len] = '\0';
}

Test(slots, close_reopen_read_again)
{
	expect_value("", false, "new slots hold nothing");
	save("first");
	expect_value("first", false, "one value");
	save("second");
	expect_value("second", false, "the newer one");
	save("");
	expect_value("", false, "an empty value is a value");
	save("fourth");
	expect_value("fourth", false, "after many");
}

Test(slots, nothing_and_empty_are_two_answers)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);
	hf_auto_free char *value = NULL;
	size_t len = 77;

	cr_expect_eq(hf_slots_load(slots, &value, &len, NULL, NULL), HF_E_ABSENT, "absent is no error of the disk");
	cr_expect_eq(len, 77, "untouched unless ok");
	cr_assert_eq(hf_slots_save(slots, "", 0, NULL), HF_OK);
	cr_expect_eq(hf_slots_load(slots, &value, &len, NULL, NULL), HF_OK);
	cr_expect_eq(len, 0);
}

/* Two values that fill their room, and the file of slot 0 before and after the second was written. */
struct turn {
	char old[ROOM + 1], next[ROOM + 1];
	struct image before, after;
};

static void take_turn(struct turn *turn)
{
	fill(turn->old, ROOM, 'o');
	fill(turn->next, ROOM, 'n');
	save("oldest");
	save(turn->old);
	turn->before = image_of(0);
	save(turn->next);
	turn->after = image_of(0);
	cr_assert_eq(turn->after.len, 8 * SECTOR);
	cr_assert_neq(memcmp(turn->before.bytes, turn->after.bytes, turn->after.len), 0, "it was slot 0's turn");
}

static void expect_torn(struct hf_slots *reader, const struct image *torn, const char *want, size_t after)
{
	char got[SLOT_MAX];
	bool saw_torn;

	put(0, torn);
	load_again(reader, got, sizeof(got), &saw_torn);
	cr_assert_str_eq(got, want, "after %#zx", after);
}

/* D9.2 "across restarts": power goes at any byte of the write. */
Test(slots, a_write_torn_after_any_byte_loads_old_or_new)
{
	hf_auto_slots struct hf_slots *reader = open_slots(ROOM);
	static struct turn turn;

	take_turn(&turn);
	for (size_t n = 0; n <= turn.after.len; n++) {
		struct image torn = turn.before;
		memcpy(torn.bytes, turn.after.bytes, n);
		expect_torn(reader, &torn, n == turn.after.len ? turn.next : turn.old, n);
	}
}

/* A disk writes sectors in any order. */
Test(slots, any_subset_of_sectors_loads_old_or_new)
{
	hf_auto_slots struct hf_slots *reader = open_slots(ROOM);
	static struct turn turn;

	take_turn(&turn);
	for (unsigned subset = 0; subset < 256; subset++) {
		struct image torn = turn.before;
		for (unsigned s = 0; s < 8; s++)
			if (subset >> s & 1)
				memcpy(torn.bytes + s * SECTOR, turn.after.bytes + s * SECTOR, SECTOR);
		expect_torn(reader, &torn, subset == 255 ? turn.next : turn.old, subset);
	}
}

Test(slots, a_torn_first_write_is_nothing_never_a_part)
{
	struct image after, torn;
	char got[SLOT_MAX];
	bool saw_torn;

	save("the very first value");
	after = image_of(0);
	for (size_t n = 0; n < 76; n++) {
		torn = (struct image){.len = after.len};
		memcpy(torn.bytes, after.bytes, n);
		put(0, &torn);
		load(got, sizeof(got), &saw_torn);
		cr_assert_str_empty(got, "after %zu bytes: '%s'", n, got);
	}
}

Test(slots, any_flipped_bit_is_seen)
{
	hf_auto_slots struct hf_slots *reader = open_slots(ROOM);
	struct image good, bad;
	char got[SLOT_MAX];
	bool saw_torn;

	save("old");
	save("new");
	good = image_of(1);
	for (size_t bit = 0; bit < (56 + 3) * 8; bit++) {
		bad = good;
		bad.bytes[bit / 8] ^= (char)(1 << bit % 8);
		put(1, &bad);
		load_again(reader, got, sizeof(got), &saw_torn);
		cr_assert_str_eq(got, "old", "bit %zu", bit);
		cr_assert(saw_torn, "bit %zu", bit);
	}
}

Test(slots, either_slot_may_be_lost)
{
	static const struct {
		const char *what;
		int lost;
		const char *want;
	} rows[] = {{"the older one", 0, "new"}, {"the newer one", 1, "old"}};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct image garbage = {.len = SLOT_MAX}, empty = {.len = 0}, keep[2];

		save("old");
		save("new");
		save("old");
		save("new");
		keep[0] = image_of(0);
		keep[1] = image_of(1);
		memset(garbage.bytes, 0xa5, sizeof(garbage.bytes));
		put(rows[i].lost, &garbage);
		expect_value(rows[i].want, true, rows[i].what);
		put(rows[i].lost, &empty);
		expect_value(rows[i].want, true, rows[i].what);
		cr_assert_eq(unlink(slot[rows[i].lost]), 0);
		expect_value(rows[i].want, true, rows[i].what);
		put(0, &keep[0]);
		put(1, &keep[1]);
	}
}

/* The next save must heal the lost slot, not write over the good one. */
Test(slots, a_save_after_a_tear_goes_into_the_torn_slot)
{
	struct image garbage = {.len = SLOT_MAX}, good;

	memset(garbage.bytes, 0xa5, sizeof(garbage.bytes));
	for (int lost = 0; lost < 2; lost++) {
		save("old");
		save("new");
		put(lost, &garbage);
		good = image_of(!lost);
		save("healed");
		cr_expect_eq(memcmp(good.bytes, image_of(!lost).bytes, good.len), 0, "slot %d was not touched", !lost);
		expect_value("healed", false, "both are whole again");
		save("aligned");
	}
}

Test(slots, both_lost_is_absent)
{
	struct image garbage = {.len = SLOT_MAX};

	save("old");
	save("new");
	memset(garbage.bytes, 0xa5, sizeof(garbage.bytes));
	put(0, &garbage);
	put(1, &garbage);
	expect_value("", false, "nothing is made up; the caller knows what a lost memory means");
	save("again");
	expect_value("again", true, "one of them is still garbage");
}

/* A length from a broken header must not make a program ask for all memory. */
Test(slots, a_monstrous_length_is_not_believed)
{
	struct image bad;

	save("old");
	save("new");
	bad = image_of(1);
	memset(bad.bytes + 16, 0xff, 8);
	put(1, &bad);
	expect_value("old", true, "length 2^64-1");
}

Test(slots, values_grow_and_shrink)
{
	static const size_t sizes[] = {0, 1, ROOM, 3, ROOM - 1, ROOM, 0, 511, 512, 513, ROOM};
	static char value[ROOM + 1];

	for (size_t i = 0; i < HF_LEN(sizes); i++) {
		fill(value, sizes[i], (char)('a' + i));
		save(value);
		expect_value(value, false, "in turn");
	}
}

Test(slots, more_than_the_room_is_refused_and_changes_nothing)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);
	static char big[ROOM + 1];
	struct hf_err err = {{0}};

	cr_assert_eq(hf_slots_save(slots, "kept", 4, NULL), HF_OK);
	cr_expect_eq(hf_slots_save(slots, big, sizeof(big), &err), HF_E_SIZE);
	cr_expect_not_null(strstr(err.text, "4040"), "%s", err.text);
	expect_value("kept", false, "after the refusal");
}

Test(slots, room_that_is_added_is_used_and_found_again)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);
	static char value[2 * ROOM + 1];
	struct stat st;

	save("before");
	fill(value, 2 * ROOM, 'v');
	cr_expect_eq(hf_slots_save(slots, value, 2 * ROOM, NULL), HF_E_SIZE);
	cr_assert_eq(hf_slots_widen(slots, 2 * ROOM, NULL), HF_OK);
	cr_assert_eq(stat(slot[0], &st), 0);
	cr_expect_geq(st.st_blocks * 512, 2 * ROOM, "it is on the disk");
	cr_assert_eq(hf_slots_save(slots, value, 2 * ROOM, NULL), HF_OK);
	expect_value(value, false, "a program that asks for less room reads it all the same");
}

Test(slots, the_room_is_on_the_disk_from_the_beginning)
{
	hf_auto_slots struct hf_slots *slots = open_slots(1 << 20);
	struct stat st;

	cr_assert_not_null(slots);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(stat(slot[i], &st), 0);
		cr_expect_geq(st.st_blocks * 512, 1 << 20, "slot %d has %ld blocks", i, (long)st.st_blocks);
		cr_expect_eq(st.st_mode & 07777, 0600, "nobody else reads it");
	}
}

Test(slots, a_larger_room_later_keeps_the_value)
{
	hf_auto_slots struct hf_slots *slots = NULL;
	hf_auto_free char *value = NULL;
	static char big[20000];
	size_t len;

	save("kept");
	slots = open_slots(sizeof(big));
	cr_assert_eq(hf_slots_load(slots, &value, &len, NULL, NULL), HF_OK);
	cr_expect_str_eq(value, "kept");
	cr_expect_eq(hf_slots_save(slots, big, sizeof(big), NULL), HF_OK);
}

Test(slots, any_bytes_are_a_value)
{
	hf_auto_slots struct hf_slots *slots = open_slots(ROOM);
	hf_auto_free char *value = NULL;
	char all[256];
	size_t len;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	cr_assert_eq(hf_slots_save(slots, all, sizeof(all), NULL), HF_OK);
	cr_assert_eq(hf_slots_load(slots, &value, &len, NULL, NULL), HF_OK);
	cr_assert_eq(len, sizeof(all));
	cr_expect_eq(memcmp(value, all, len), 0);
	cr_expect_eq(value[len], '\0');
}

Test(slots, a_folder_that_is_not_there_and_a_link_are_errors)
{
	struct hf_slots *slots = NULL;
	struct hf_err err = {{0}};

	cr_expect_eq(hf_slots_open("/nonexistent-folder", ROOM, &slots, &err), HF_E_SYSTEM);
	cr_expect_not_null(strstr(err.text, "/nonexistent-folder"), "%s", err.text);
	cr_assert_eq(symlink("/dev/null", slot[0]), 0);
	cr_expect_eq(hf_slots_open(folder, ROOM, &slots, NULL), HF_E_SYSTEM, "attack: a slot that leads elsewhere");
	cr_expect_null(slots);
	hf_slots_close(&slots);
	hf_slots_close(NULL);
}
