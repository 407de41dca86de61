/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's memory on disk, damaged in every way that a power cut or a bad sector can damage it.
 * Must never accept that a lockdown is forgotten.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/disk/store.h"
#include "tests/help/folder.h"
#include "tests/help/judged.h"

#define STEP 17 /* bytes between two places of damage: each field of the slot is hit, and every order in it */
#define HEADER 56

static struct council council;
static char folder[TEST_FOLDER_SIZE];

static void set_up(void)
{
	council_open(&council);
	test_folder_make(folder);
}

static void tear_down(void)
{
	test_folder_remove(folder);
	council_close(&council);
}

TestSuite(store, .init = set_up, .fini = tear_down);

/* A device that knows of one emergency. */
static void locked_memory(struct hf_memory *memory)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest raise;
	struct hf_ack ack = {.person = "comms-2", .at = {COUNCIL_T + 7}};
	bool grew = false;

	memset(memory, 0, sizeof(*memory));
	council_begin(&council, &memory->known);
	raise = judged_order(&memory->known, &council, &order, COMMS_1);
	memory->refused[HF_E_TOO_FEW] = 3;
	memory->counter = 41;
	memory->holding = true;
	cr_assert_eq(hf_started_add(&memory->seen, &raise), HF_OK);
	ack.lockdown = raise;
	cr_assert_eq(hf_acks_add(&memory->shown, &ack, &grew), HF_OK);
	cr_assert_eq(hf_acks_add(&memory->acked, &ack, &grew), HF_OK);
}

static void save(struct hf_memory *memory)
{
	hf_auto_store struct hf_store *store = NULL;

	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_save(store, memory, NULL), HF_OK);
}

/* Is the emergency still known, or is at least said that something may be missing? */
static bool still_locked(void)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory memory = {0};
	bool doubt = false;

	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	if (hf_store_load(store, &memory, &doubt, NULL) != HF_OK)
		return true; /* the keeper then locks everything: see test_keeper */
	return doubt || memory.unknown || memory.known.orders.n == 1;
}

static void damage(int slot, long at, unsigned char with)
{
	char path[PATH_MAX], name[16];
	FILE *file;
	int c;

	snprintf(name, sizeof(name), "slot-%d", slot);
	file = fopen(test_path(path, folder, name), "r+");
	cr_assert_not_null(file);
	fseek(file, at, SEEK_SET);
	c = fgetc(file);
	fseek(file, at, SEEK_SET);
	fputc(c ^ with, file);
	fclose(file);
}

static long used(const struct hf_memory *memory)
{
	hf_auto_json json_t *json = hf_memory_encode(memory, 1);
	hf_auto_free char *text = json_dumps(json, JSON_COMPACT);

	return (long)strlen(text) + HEADER;
}

Test(store, comes_back_as_it_was)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_store struct hf_store *store = NULL;
	bool doubt = true;

	locked_memory(&memory);
	save(&memory);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	cr_expect_not(doubt, "nothing is damaged");
	cr_expect_eq(back.known.orders.n, 1, "D9.2: the lockdown outlives a restart");
	cr_expect_eq(back.refused[HF_E_TOO_FEW], 3, "what was refused stays counted");
	cr_expect_eq(back.seen.n, 1, "who saw it");
	cr_expect_eq(back.shown.n, 1, "D10: who opened its instructions");
	cr_assert_eq(back.acked.n, 1, "D10: who acknowledged them");
	cr_expect_not_null(hf_acks_find(&back.acked, &memory.acked.v[0]));
	cr_expect_eq(back.acked.v[0].at.s, COUNCIL_T + 7);
	cr_expect_eq(back.counter, 41 + HF_COUNTER_AHEAD, "counters that may have been used are not used again");
	cr_expect(back.holding && !back.unknown);
}

Test(store, either_slot_damaged_at_any_byte_forgets_no_lockdown)
{
	hf_auto_memory struct hf_memory memory = {0};
	long end;

	locked_memory(&memory);
	save(&memory);
	end = used(&memory);
	for (int slot = 0; slot < 2; slot++) {
		for (long at = slot; at < end; at += STEP) {
			damage(slot, at, 0xff);
			cr_expect(still_locked(), "slot %d damaged at byte %ld", slot, at);
			damage(slot, at, 0xff);
		}
	}
}

Test(store, either_slot_cut_off_anywhere_forgets_no_lockdown)
{
	hf_auto_memory struct hf_memory memory = {0};

	locked_memory(&memory);
	for (int slot = 0; slot < 2; slot++) {
		for (long at = 0; at < 3000; at += 211) {
			char path[PATH_MAX];

			save(&memory);
			cr_assert_eq(truncate(test_path(path, folder, slot ? "slot-1" : "slot-0"), at), 0);
			cr_expect(still_locked(), "slot %d cut off at byte %ld", slot, at);
		}
	}
}

Test(store, either_slot_deleted_forgets_no_lockdown)
{
	hf_auto_memory struct hf_memory memory = {0};
	char path[PATH_MAX];

	locked_memory(&memory);
	for (int slot = 0; slot < 2; slot++) {
		save(&memory);
		cr_assert_eq(unlink(test_path(path, folder, slot ? "slot-1" : "slot-0")), 0);
		cr_expect(still_locked(), "slot %d deleted", slot);
	}
}

Test(store, first_copy_torn_in_mid_save_is_doubted)
{
	hf_auto_memory struct hf_memory open = {0}, locked = {0};
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory back = {0};
	bool doubt = false;

	council_begin(&council, &open.known);
	save(&open);
	locked_memory(&locked);
	save(&locked);
	save(&open);
	/* The power went while the first copy of something newer was being written over the older slot. */
	damage(0, 100, 0xff);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	cr_expect(doubt, "what was being written may have been a raise");
}

Test(store, second_copy_torn_is_no_doubt)
{
	hf_auto_memory struct hf_memory locked = {0}, back = {0};
	hf_auto_store struct hf_store *store = NULL;
	bool doubt = true;

	locked_memory(&locked);
	save(&locked);
	damage(1, 100, 0xff);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	cr_expect_not(doubt, "the first copy says the same");
	cr_expect_eq(back.known.orders.n, 1);
}

Test(store, a_disk_that_refuses_leaves_the_memory_of_before)
{
	hf_auto_memory struct hf_memory open = {0}, locked = {0};
	struct rlimit none = {0, RLIM_INFINITY}, before;
	hf_auto_store struct hf_store *store = NULL;

	council_begin(&council, &open.known);
	locked_memory(&locked);
	save(&locked);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	cr_expect_neq(hf_store_save(store, &open, NULL), HF_OK, "a write that failed is a failed save");
	cr_expect_eq(open.counter_saved, 0, "and reserves no counters");
	setrlimit(RLIMIT_FSIZE, &before);
	cr_expect(still_locked(), "what was known still loads");
}

Test(store, an_altered_order_in_a_whole_slot_is_refused)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_json json_t *json = NULL;
	json_t *signature;
	int copy = 0;

	locked_memory(&memory);
	json = hf_memory_encode(&memory, 1);
	cr_assert_eq(hf_memory_decode(json, &back, &copy, NULL), HF_OK, "as it was it is whole");
	signature = json_object_get(json_object_get(json, "known"), "trust");
	cr_assert_not_null(signature);
	json_array_clear(json_object_get(signature, "signatures"));
	cr_expect_neq(hf_memory_decode(json, &back, &copy, NULL), HF_OK,
		      "attack: a trust without its roots' signatures");
}

/* clang-format off */
static const struct { const char *what, *member, *value; enum hf_rc want; } members[] = {
	{ "a memory of before there were any",      "acknowledged", NULL, HF_OK },
	{ "a row without a person",                 "acknowledged", "[{\"at\": 1}]", HF_E_SHAPE },
	{ "no list",                                "shown", "{}", HF_E_SHAPE },
};
/* clang-format on */

Test(store, damaged_acknowledgements_are_not_taken_for_none)
{
	for (size_t i = 0; i < HF_LEN(members); i++) {
		hf_auto_memory struct hf_memory memory = {0}, back = {0};
		hf_auto_json json_t *json = NULL;
		int copy = 0;

		locked_memory(&memory);
		json = hf_memory_encode(&memory, 1);
		cr_assert_eq(json_object_del(json, members[i].member), 0);
		if (members[i].value)
			json_object_set_new(json, members[i].member, json_loads(members[i].value, 0, NULL));
		cr_expect_eq(hf_memory_decode(json, &back, &copy, NULL), members[i].want, "%s", members[i].what);
	}
}

Test(store, counters_go_on_from_the_clock_when_memory_is_lost)
{
	struct hf_memory memory = {0};

	hf_memory_counter_begin(&memory, (struct hf_wall){COUNCIL_T});
	cr_expect_eq(memory.counter, COUNCIL_T, "a report of a device that lost its memory is no rollback");
	memory.counter = COUNCIL_T + 500;
	hf_memory_counter_begin(&memory, (struct hf_wall){0});
	cr_expect_eq(memory.counter, COUNCIL_T + 500, "a clock at 1970 takes nothing back");
}

/* Opens the store with a third copy beside the folder, and its number in another place. */
static struct hf_store *open_three(void)
{
	struct hf_store *store = NULL;
	char copy[PATH_MAX], seal[PATH_MAX];

	cr_assert_eq(hf_store_open(test_path(copy, folder, "state"), &store, NULL), HF_OK);
	cr_assert_eq(hf_store_third(store, test_path(copy, folder, "copy/memory"), test_path(seal, folder, "saves"), NULL),
		     HF_OK);
	return store;
}

static void save_three(struct hf_memory *memory)
{
	hf_auto_store struct hf_store *store = open_three();

	cr_assert_eq(hf_store_save(store, memory, NULL), HF_OK);
}

static void lose(const char *name)
{
	char path[PATH_MAX];

	cr_assert_eq(unlink(test_path(path, folder, name)), 0, "%s", name);
}

static void set_seal(const char *text)
{
	char path[PATH_MAX];

	cr_assert_eq(hf_fs_replace(test_path(path, folder, "saves"), text, strlen(text), 0600, NULL), HF_OK);
}

/* clang-format off */
static const struct { const char *what, *seal; enum hf_rc want; } thirds[] = {
	{ "both slots are lost, the third copy is whole and the newest", NULL,   HF_OK },
	{ "a later save had begun",                                      "3\n",  HF_E_ABSENT },
	{ "attack: an older number",                                     "1\n",  HF_E_ABSENT },
	{ "a seal without its end",                                      "2",    HF_E_ABSENT },
	{ "a seal that is no number",                                    "2x\n", HF_E_ABSENT },
	{ "an empty seal",                                               "",     HF_E_ABSENT },
};
/* clang-format on */

Test(store, third_copy_is_trusted_alone_only_with_the_sealed_number)
{
	for (size_t i = 0; i < HF_LEN(thirds); i++) {
		hf_auto_memory struct hf_memory memory = {0}, back = {0};
		hf_auto_store struct hf_store *store = NULL;
		bool doubt = true;

		test_folder_remove(folder);
		test_folder_make(folder);
		locked_memory(&memory);
		save_three(&memory);
		save_three(&memory);
		cr_expect_eq(memory.saves, 2);
		lose("state/slot-0");
		lose("state/slot-1");
		if (thirds[i].seal)
			set_seal(thirds[i].seal);
		store = open_three();
		cr_expect_eq(hf_store_load(store, &back, &doubt, NULL), thirds[i].want, "%s", thirds[i].what);
		cr_expect_eq(hf_store_restored(store), thirds[i].want == HF_OK, "%s", thirds[i].what);
		if (thirds[i].want == HF_OK)
			cr_expect(!doubt && back.known.orders.n == 1 && back.saves == 2, "%s", thirds[i].what);
	}
}

Test(store, a_doubtful_slot_is_no_doubt_beside_the_third_copy)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_store struct hf_store *store = NULL;
	bool doubt = true;

	locked_memory(&memory);
	save_three(&memory);
	lose("state/slot-0");
	store = open_three();
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	cr_expect_not(doubt);
}

Test(store, an_older_third_copy_is_never_the_newest)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	char from[PATH_MAX], to[PATH_MAX];
	hf_auto_store struct hf_store *store = NULL;
	bool doubt = true;

	locked_memory(&memory);
	save_three(&memory);
	cr_assert_eq(rename(test_path(from, folder, "copy/memory"), test_path(to, folder, "old")), 0);
	save_three(&memory);
	cr_assert_eq(rename(test_path(from, folder, "old"), test_path(to, folder, "copy/memory")), 0);
	lose("state/slot-0");
	lose("state/slot-1");
	store = open_three();
	cr_expect_neq(hf_store_load(store, &back, &doubt, NULL), HF_OK, "attack: an old copy is put in its place");
}

/* A device that knows nothing, and the raise that it hears then. */
static struct hf_envelope *append_raise(struct hf_memory *memory, bool holding)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_free char *text = NULL;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_envelope *raise = council_order(&council, &order, COMMS_1);
	size_t len = 0;

	council_begin(&council, &memory->known);
	cr_assert_eq(hf_envelope_encode(raise, &text, &len, NULL), HF_OK);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_expect_eq(hf_store_append(store, text, len, holding, NULL), HF_E_ABSENT, "there is nothing to append it to");
	cr_assert_eq(hf_store_save(store, memory, NULL), HF_OK);
	cr_assert_eq(hf_store_append(store, text, len, holding, NULL), HF_OK);
	return raise;
}

static void load(struct hf_memory *ret_memory, bool *ret_doubt)
{
	hf_auto_store struct hf_store *store = NULL;

	*ret_doubt = false;
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, ret_memory, ret_doubt, NULL), HF_OK);
}

Test(store, what_was_appended_is_known_after_being_killed_before_the_save)
{
	for (int holding = 0; holding < 2; holding++) {
		hf_auto_memory struct hf_memory memory = {0}, back = {0};
		hf_auto_envelope struct hf_envelope *raise = append_raise(&memory, holding);
		(void)raise; /* it lives as long as what was appended is looked at */
		bool doubt = true;

		load(&back, &doubt);
		cr_expect_eq(back.known.orders.n, 1, "D9.2: the raise outlives it");
		cr_expect_eq(back.holding, holding, "and whether something was blocked by then");
		cr_expect_not(doubt);
		test_folder_remove(folder);
		test_folder_make(folder);
	}
}

Test(store, a_save_has_what_was_appended_and_ends_it)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0}, later = {0};
	hf_auto_envelope struct hf_envelope *raise = append_raise(&memory, true);
	(void)raise; /* it lives as long as what was appended is looked at */
	bool doubt = true;

	load(&back, &doubt);
	save(&back);
	damage(0, 0, 0);
	load(&later, &doubt);
	cr_expect_eq(later.known.orders.n, 1);
	hf_memory_done(&later);
	council_begin(&council, &later.known);
	save(&later);
	hf_memory_done(&back);
	load(&back, &doubt);
	cr_expect_eq(back.known.orders.n, 0, "an enrolment anew is not followed by what an earlier life appended");
}

/* The power went while the next save was writing its first copy over the older slot. */
static void cut_off_the_next_save(bool marked)
{
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_memory struct hf_memory back = {0};
	bool doubt = false;

	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	if (marked)
		hf_store_all_appended(store);
	damage(0, 100, 0xff);
}

Test(store, a_save_of_what_was_appended_may_be_cut_off_without_doubt)
{
	for (int marked = 0; marked < 2; marked++) {
		hf_auto_memory struct hf_memory memory = {0}, back = {0};
		hf_auto_envelope struct hf_envelope *raise = append_raise(&memory, true);
		(void)raise; /* it lives as long as what was appended is looked at */
		bool doubt = false;

		cut_off_the_next_save(marked);
		load(&back, &doubt);
		cr_expect_eq(back.known.orders.n, 1, "D9.2: the raise outlives it");
		cr_expect_eq(doubt, !marked, "without the mark the save may have held something that was not appended");
		test_folder_remove(folder);
		test_folder_make(folder);
	}
}

Test(store, a_mark_says_nothing_of_what_came_after_it)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_store struct hf_store *store = NULL;
	hf_auto_envelope struct hf_envelope *raise = append_raise(&memory, true);
	(void)raise; /* it lives as long as what was appended is looked at */
	bool doubt = false;

	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_load(store, &back, &doubt, NULL), HF_OK);
	hf_store_all_appended(store);
	cr_assert_eq(hf_store_append(store, "{}", 2, true, NULL), HF_OK);
	damage(0, 100, 0xff);
	hf_memory_done(&back);
	load(&back, &doubt);
	cr_expect(doubt, "the slot may have held what came after");
}

static void damage_news(long at)
{
	char path[PATH_MAX];
	FILE *file = fopen(test_path(path, folder, "news"), "r+");

	cr_assert_not_null(file);
	fseek(file, at, SEEK_SET);
	fputc('?', file);
	fclose(file);
}

Test(store, an_appended_order_that_was_altered_is_not_believed)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_envelope struct hf_envelope *raise = append_raise(&memory, true);
	(void)raise; /* it lives as long as what was appended is looked at */
	bool doubt = true;

	damage_news(300);
	load(&back, &doubt);
	cr_expect_eq(back.known.orders.n, 0, "as if it had been cut off");
	cr_expect_not(back.holding, "what the layers hold is then something that was not written down");
}

Test(store, a_message_of_nobody_in_the_news_is_refused_again)
{
	hf_auto_memory struct hf_memory memory = {0}, back = {0};
	hf_auto_store struct hf_store *store = NULL;
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_envelope struct hf_envelope *raise = council_order(&council, &order, IT_1);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	bool doubt = true;

	council_begin(&council, &memory.known);
	cr_assert_eq(hf_envelope_encode(raise, &text, &len, NULL), HF_OK);
	cr_assert_eq(hf_store_open(folder, &store, NULL), HF_OK);
	cr_assert_eq(hf_store_save(store, &memory, NULL), HF_OK);
	cr_assert_eq(hf_store_append(store, text, len, false, NULL), HF_OK);
	load(&back, &doubt);
	cr_expect_eq(back.known.orders.n, 0, "attack: the disk is believed no more than the bus");
}
