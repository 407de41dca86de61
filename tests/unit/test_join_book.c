/* SPDX-License-Identifier: MIT */
/*
 * Joining: a token, the shares of a door's book, and which laptops match the council's list. Attacks: a stolen token, one
 * serial number for two keys, a door that shows other words than those of the keys.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/digest.h>

#include "controller/join/join_answer.h"
#include "controller/join/join_book.h"
#include "controller/office/join_match.h"

#define NOW ((struct hf_wall){1000000})
#define CSR "-----BEGIN CERTIFICATE REQUEST-----\n"

static const uint8_t SECRET[HF_JOIN_SECRET_LEN] = {7};

static json_t *batch_of_uses(const char *name, int64_t uses, const char *serial)
{
	struct hf_digest digest;

	cr_assert_eq(hf_digest_of(SECRET, sizeof(SECRET), &digest), HF_OK);
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:[s], s:s*}", "batch", name, "secret", hf_json_from_digest(&digest), "uses",
			 (json_int_t)uses, "used", (json_int_t)0, "until", (json_int_t)NOW.s + 100, "groups", "staff", "serial",
			 serial);
}

/* A laptop with a key of this number. Each has a public key of its own; they are real ones. */
static struct hf_join_ask laptop_of(uint8_t number, const char *serial)
{
	const uint8_t seed[32] = {number, 1};
	hf_auto_key struct hf_key *key = NULL;
	struct hf_join_ask ask = {.csr = CSR, .serial = serial, .name = "pc"}, read;
	char *text = NULL;
	json_t *put;
	size_t len;

	cr_assert_eq(hf_key_from_seed(seed, &key), HF_OK);
	memcpy(ask.secret, SECRET, sizeof(SECRET));
	ask.pub = hf_key_pub(key);
	put = hf_join_ask_put(&ask);
	cr_assert_eq(hf_json_bytes(put, &text, &len), HF_OK);
	cr_assert_eq(hf_join_ask_read(text, len, &read, NULL), HF_OK);
	json_decref(put);
	free(text);
	return read;
}

static enum hf_join_said ask_book(struct hf_join_book *book, struct hf_join_ask ask, const char *source, int64_t later)
{
	const struct hf_join_guest guest = {&ask, source, {NOW.s + later}};
	struct hf_join_told told = {HF_JOIN_FULL, NULL};

	cr_assert_eq(hf_join_book_ask(book, &guest, &told), HF_OK);
	cr_expect_eq(told.row != NULL, told.said == HF_JOIN_WAITS || told.said == HF_JOIN_APPROVED);
	hf_join_ask_done(&ask);
	return told.said;
}

static void add_batch(struct hf_join_book *book, const char *name, int64_t uses, const char *serial)
{
	hf_auto_json json_t *doc = batch_of_uses(name, uses, serial);

	cr_assert_eq(hf_join_book_batch(book, doc, NULL), HF_OK);
}

static enum hf_rc answer_book(struct hf_join_book *book, struct hf_join_ask ask, const char *device)
{
	struct hf_digest id;
	char hex[HF_DIGEST_HEX_SIZE];
	hf_auto_json json_t *doc = NULL;

	cr_assert_eq(hf_join_id(&ask.pub, ask.csr, &id), HF_OK);
	doc = json_pack("{s:s, s:s, s:s}", "id", hf_digest_hex(&id, hex), "device", device, "certificate", "PEM");
	hf_join_ask_done(&ask);
	return hf_join_book_answer(book, doc, NOW, NULL);
}

Test(join, token_and_ask_come_back_as_they_were)
{
	static const char *const bad[] = {
		"{}", "[]", "", "{\"council\":\"c\",\"secret\":\"AA==\",\"host\":\"h\",\"port\":1,\"trust\":\"\",\"ca\":\"x\"}"};
	struct hf_join_token token = {.council = "c", .host = "h", .port = 0, .ca = "pem"}, read = {0};
	struct hf_join_ask ask;
	hf_auto_json json_t *put = hf_join_token_put(&token);
	char *text = NULL;
	size_t len;

	for (size_t i = 0; i < HF_LEN(bad); i++) {
		cr_expect_neq(hf_join_token_read(bad[i], strlen(bad[i]), &read, NULL), HF_OK, "%s", bad[i]);
		cr_expect_neq(hf_join_ask_read(bad[i], strlen(bad[i]), &ask, NULL), HF_OK, "%s", bad[i]);
	}
	cr_assert_eq(hf_json_bytes(put, &text, &len), HF_OK);
	cr_expect_eq(hf_join_token_read(text, len, &read, NULL), HF_E_SHAPE, "no port");
	free(text);
	cr_assert_eq(json_object_set_new(put, "port", json_integer(8884)), 0);
	cr_assert_eq(hf_json_bytes(put, &text, &len), HF_OK);
	cr_assert_eq(hf_join_token_read(text, len, &read, NULL), HF_OK);
	cr_expect_str_eq(read.ca, "pem");
	cr_expect_eq(read.port, 8884);
	hf_join_token_done(&read);
	free(text);
	ask = laptop_of(1, "S");
	cr_expect_str_eq(ask.serial, "S");
	hf_join_ask_done(&ask);
}

Test(join, words_are_of_both_keys)
{
	struct hf_digest id = {{0}}, of[3];
	struct hf_pub a = {{1}}, b = {{2}};
	char words[HF_JOIN_WORDS_SIZE];

	cr_expect_str_eq(hf_join_words(&id, words), "babab-babab-babab-babab");
	memset(&id, 0xff, sizeof(id));
	cr_expect_str_eq(hf_join_words(&id, words), "zuzuz-zuzuz-zuzuz-zuzuz");
	cr_assert_eq(hf_join_id(&a, "x", &of[0]), HF_OK);
	cr_assert_eq(hf_join_id(&b, "x", &of[1]), HF_OK);
	cr_assert_eq(hf_join_id(&a, "y", &of[2]), HF_OK);
	cr_expect(hf_digest_cmp(&of[0], &of[1]) != 0 && hf_digest_cmp(&of[0], &of[2]) != 0);
}

Test(join, a_token_lets_ask_and_nothing_else)
{
	struct hf_join_book book = {0};
	struct hf_join_ask stranger = laptop_of(9, "S9");

	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_REFUSED, "no token is known");
	add_batch(&book, "wave", 1, NULL);
	memset(stranger.secret, 1, sizeof(stranger.secret));
	cr_expect_eq(ask_book(&book, stranger, "a", 0), HF_JOIN_REFUSED, "another secret");
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 100), HF_JOIN_REFUSED, "its days are over");
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "b", 1), HF_JOIN_WAITS, "again, from elsewhere");
	cr_expect_eq(book.n_rows, 1);
	cr_expect_str_eq(book.rows[0].source, "b");
	cr_expect_eq(ask_book(&book, laptop_of(2, "S2"), "a", 0), HF_JOIN_WAITS, "who asks uses nothing up");
	cr_expect_eq(answer_book(&book, laptop_of(1, "S1"), "d1"), HF_OK);
	cr_expect_eq(answer_book(&book, laptop_of(1, "S1"), "d1"), HF_E_ABSENT, "once");
	cr_expect_eq(answer_book(&book, laptop_of(2, "S2"), "d2"), HF_E_VOID, "approvals do");
	cr_expect_eq(answer_book(&book, laptop_of(3, "S3"), "d3"), HF_E_ABSENT, "who never asked");
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 5000), HF_JOIN_APPROVED, "whenever it comes for it");
	cr_expect_eq(ask_book(&book, laptop_of(2, "S2"), "a", 0), HF_JOIN_REFUSED);
	cr_expect_eq(book.refused, 4);
	cr_expect_eq(hf_join_book_end(&book, "wave", NULL), HF_OK);
	cr_expect_eq(hf_join_book_end(&book, "wave", NULL), HF_E_ABSENT);
	cr_expect_eq(book.n_rows, 1, "who waited with it is forgotten");
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_APPROVED, "who was approved stays so");
	hf_join_book_done(&book);
}

Test(join, a_token_of_one_laptop)
{
	struct hf_join_book book = {0};
	hf_auto_json json_t *twice = batch_of_uses("solo", 1, NULL);

	add_batch(&book, "solo", 1, "S1");
	cr_expect_eq(hf_join_book_batch(&book, twice, NULL), HF_E_FORK);
	cr_expect_eq(ask_book(&book, laptop_of(2, "S2"), "a", 0), HF_JOIN_REFUSED);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	hf_join_book_done(&book);
}

/* Attack: one address asks for all the room. */
Test(join, a_share_for_each_source)
{
	struct hf_join_book book = {0};
	struct hf_join_ask ask = laptop_of(1, "S");
	const struct hf_join_guest guest = {&ask, "a", NOW};
	struct hf_join_told told = {HF_JOIN_WAITS, NULL};
	char csr[16];
	size_t n = 0;

	add_batch(&book, "wave", 1, NULL);
	ask.csr = csr;
	while (told.said == HF_JOIN_WAITS && n < HF_JOIN_WAITING_MAX) {
		cr_assert_eq(hf_str_printf(csr, sizeof(csr), "csr %zu", n++), HF_OK);
		cr_assert_eq(json_object_set_new(ask.doc, "csr", json_string(csr)), 0);
		cr_assert_eq(hf_join_book_ask(&book, &guest, &told), HF_OK);
	}
	cr_expect_eq(told.said, HF_JOIN_FULL);
	cr_expect_eq(book.n_rows, HF_JOIN_WAITING_MAX / 2);
	cr_expect_eq(book.full, 1);
	cr_expect_eq(ask_book(&book, laptop_of(2, "S2"), "b", 0), HF_JOIN_WAITS, "another one has room");
	add_batch(&book, "later", 1, NULL);
	book.batches[0].until.s += 2 * HF_JOIN_GONE_S;
	cr_expect_eq(ask_book(&book, laptop_of(3, "S3"), "a", HF_JOIN_GONE_S + 1), HF_JOIN_WAITS, "who asks no more has left");
	cr_expect_eq(book.n_rows, 1);
	hf_join_ask_done(&ask);
	hf_join_book_done(&book);
}

Test(join, what_is_written_down_comes_back)
{
	struct hf_join_book book = {0}, again = {0};
	hf_auto_json json_t *place = json_pack("{s:s, s:i, s:s}", "host", "h", "port", 1, "ca", "PEM"), *saved = NULL;

	add_batch(&book, "wave", 5, NULL);
	cr_assert_eq(hf_join_book_place(&book, place, NULL), HF_OK);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	cr_expect_eq(ask_book(&book, laptop_of(2, "S2"), "a", 0), HF_JOIN_WAITS);
	cr_assert_eq(answer_book(&book, laptop_of(1, "S1"), "d1"), HF_OK);
	saved = hf_join_book_save(&book);
	cr_assert_eq(hf_join_book_load(&again, saved, NULL), HF_OK);
	cr_expect_eq(again.n_rows, 1, "strangers are not written down");
	cr_expect_eq(again.batches[0].used, 1);
	cr_expect_str_eq(again.place.host, "h");
	cr_expect_eq(ask_book(&again, laptop_of(1, "S1"), "a", 0), HF_JOIN_APPROVED);
	cr_assert_eq(json_object_set_new(saved, "more", json_true()), 0);
	hf_join_book_done(&again);
	cr_expect_eq(hf_join_book_load(&again, saved, NULL), HF_E_SHAPE);
	hf_join_book_done(&again);
	hf_join_book_done(&book);
}

struct match_row {
	const char *what;
	uint8_t number;
	const char *serial;
	enum hf_join_verdict verdict;
};

Test(join, who_is_in_the_list)
{
	static const struct match_row rows[] = {
		{"in the list", 1, "S1", HF_JOIN_MATCH},	 {"as written otherwise", 2, "s2", HF_JOIN_MATCH},
		{"not in it", 3, "S9", HF_JOIN_STRANGER},	 {"no serial number", 4, "", HF_JOIN_STRANGER},
		{"one of two keys", 5, "S3", HF_JOIN_CONTESTED}, {"the other of them", 6, "S3", HF_JOIN_CONTESTED},
		{"twice in the list", 7, "S4", HF_JOIN_DUPLICATE}, {"no use left", 8, "S5", HF_JOIN_SPENT},
	};
	struct hf_join_book book = {0};
	hf_auto_assets struct hf_assets assets = {0};
	hf_auto_matched struct hf_join_matched matched = {0};
	const struct hf_assigned none = {0};

	add_batch(&book, "wave", 2, NULL);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(ask_book(&book, laptop_of(rows[i].number, rows[i].serial), "a", 0), HF_JOIN_WAITS);
	cr_assert_eq(hf_assets_read(strdup("Serial,Device,Person,Login,Groups,Note\n"
					   "S1,d1,ann,ann,staff; field staff,x\nS2,d2,,,,\nS1,d1,ben,b,staff,\n"
					   "S3,d3,,,,\nS4,d4,,,,\nS4,d5,,,,\nS5,d6,,,,\nS6,d7,,,,\n"),
				    &assets, NULL),
		     HF_OK);
	cr_assert_eq(hf_join_match(hf_join_book_show(&book, NOW), &assets, &none, &matched, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(matched.v[i].verdict, rows[i].verdict, "%s: %s", rows[i].what,
			     hf_join_verdict_text(matched.v[i].verdict));
	cr_expect_eq(matched.v[0].asset->people.n, 2, "a line for each of its people");
	cr_expect_str_eq(matched.v[0].asset->people.v[1], "ben:b");
	cr_expect_eq(matched.v[0].asset->groups.n, 2, "each group once");
	cr_expect_eq(matched.missing, 1, "d7 has not asked");
	hf_join_book_done(&book);
}

/* Attack: who has a stolen token writes the serial number otherwise, or the door does not say that two ask. */
Test(join, two_keys_for_one_laptop_are_contested_whatever_the_door_says)
{
	struct hf_join_book book = {0};
	hf_auto_assets struct hf_assets assets = {0};
	const struct hf_assigned none = {0};
	json_t *shown, *row;
	size_t i;

	add_batch(&book, "wave", 9, NULL);
	cr_expect_eq(ask_book(&book, laptop_of(1, "ab12"), "thief", 0), HF_JOIN_WAITS);
	cr_expect_eq(ask_book(&book, laptop_of(2, "AB12"), "own", 0), HF_JOIN_WAITS);
	cr_assert_eq(hf_assets_read(strdup("serial,device,person,login,groups\nAB12,d1,,,\n"), &assets, NULL), HF_OK);
	shown = hf_join_book_show(&book, NOW);
	json_array_foreach(json_object_get(shown, "requests"), i, row)
		cr_expect(json_is_true(json_object_get(row, "contested")), "the door says so itself");
	for (int lie = 0; lie < 2; lie++) {
		hf_auto_matched struct hf_join_matched matched = {0};
		json_t *copy = json_deep_copy(shown);

		json_array_foreach(json_object_get(copy, "requests"), i, row)
			cr_assert_eq(json_object_set_new(row, "contested", json_boolean(!lie)), 0);
		cr_assert_eq(hf_join_match(copy, &assets, &none, &matched, NULL), HF_OK);
		cr_expect_eq(matched.counts[HF_JOIN_CONTESTED], 2, "neither is taken in by the list");
	}
	json_decref(shown);
	hf_join_book_done(&book);
}

/* Attack: what a door says is shown on IT's terminal. */
Test(join, groups_of_the_door_are_ids_or_nothing)
{
	struct hf_join_book book = {0};
	const struct hf_assets none = {0};
	const struct hf_assigned nobody = {0};
	hf_auto_matched struct hf_join_matched matched = {0};
	json_t *shown, *row;

	add_batch(&book, "wave", 2, NULL);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	shown = hf_join_book_show(&book, NOW);
	row = json_array_get(json_object_get(shown, "requests"), 0);
	cr_assert_eq(json_object_set_new(row, "groups", json_pack("[s]", "\033[2J")), 0);
	cr_expect_eq(hf_join_match(shown, &none, &nobody, &matched, NULL), HF_E_SHAPE);
	hf_join_book_done(&book);
}

/* Its token ran out while it waited; IT makes another, as it is told to. */
Test(join, a_laptop_that_waits_is_of_the_token_that_it_asks_with)
{
	struct hf_join_book book = {0};

	add_batch(&book, "old", 1, NULL);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	book.batches[0].used = 1;
	cr_expect_eq(answer_book(&book, laptop_of(1, "S1"), "d1"), HF_E_VOID);
	book.batches[0].secret.b[0] ^= 1;
	add_batch(&book, "new", 1, NULL);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	cr_expect_eq(book.n_rows, 1);
	cr_expect_str_eq(book.rows[0].batch, "new");
	cr_expect_eq(answer_book(&book, laptop_of(1, "S1"), "d1"), HF_OK);
	cr_expect_eq(book.batches[1].used, 1);
	hf_join_book_done(&book);
}

/* Attack: a door that was taken over shows words that are on another laptop's screen. */
Test(join, words_are_worked_out_and_never_believed)
{
	struct hf_join_book book = {0};
	const struct hf_assets none = {0};
	const struct hf_assigned nobody = {0};
	json_t *shown;

	add_batch(&book, "wave", 2, NULL);
	cr_expect_eq(ask_book(&book, laptop_of(1, "S1"), "a", 0), HF_JOIN_WAITS);
	shown = hf_join_book_show(&book, NOW);
	for (int lie = 0; lie < 2; lie++) {
		hf_auto_matched struct hf_join_matched matched = {0};
		json_t *copy = json_deep_copy(shown), *row = json_array_get(json_object_get(copy, "requests"), 0);

		if (lie)
			cr_assert_eq(json_object_set_new(row, "words", json_string("babab-babab-babab-babab")), 0);
		cr_expect_eq(hf_join_match(copy, &none, &nobody, &matched, NULL), lie ? HF_E_SHAPE : HF_OK);
	}
	json_decref(shown);
	hf_join_book_done(&book);
}

Test(join, nothing_is_answered_before_an_assignment_is_in_effect)
{
	const struct hf_pub pub = {{1}};
	hf_auto_json json_t *council = json_pack("{s:s, s:[], s:{}, s:[]}", "council", "c", "trusts", "register", "assignments");
	hf_auto_json json_t *states = json_pack("{s:[]}", "states"), *answered = json_object();

	cr_expect_null(hf_join_answer(council, states, answered, &pub));
}
