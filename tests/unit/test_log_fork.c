/* SPDX-License-Identifier: MIT */
/*
 * Owns that a journal of a controller or a memory of a device which was cut or damaged is seen, reported and shown.
 * Must never let it hold an order back, or a replaying broker raise it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/clock.h>

#include "controller/log_witness.h"
#include "controller/own_words.h"
#include "controller/web/show_attention.h"
#include "controller/web/show_devices.h"
#include "tests/help/device.h"
#include "tests/unit/help_server.h"

/* A state of this number and log; the root is 32 such bytes. */
static enum hf_rc hear_log(struct hf_known *known, const struct council *council, int64_t seq, int64_t size, int root)
{
	struct hf_state doc = council_state_doc(council, seq, NULL, 0);
	struct hf_envelope *envelope;
	enum hf_rc rc;

	doc.log_size = size;
	memset(doc.log_root.b, root, sizeof(doc.log_root.b));
	envelope = council_state(council, &doc, CONTROLLER);
	rc = council_hear(known, envelope, NULL);
	hf_envelope_free(&envelope);
	return rc;
}

Test(log_fork, is_judged_in_order_of_seq)
{
	council_auto struct council council;
	hf_auto_known struct hf_known known;
	static const struct {
		const char *what;
		int64_t seq, size;
		int root;
		enum hf_rc want;
	} rows[] = {
		{"the first", 10, 40, 1, HF_OK},
		{"it grew", 11, 41, 2, HF_OK},
		{"attack: an old state replayed", 10, 40, 1, HF_E_ROLLBACK},
		{"attack: an older one that was never heard", 5, 50, 5, HF_E_ROLLBACK},
		{"nothing new", 12, 41, 2, HF_OK},
		{"attack: shorter", 13, 7, 3, HF_E_LOG_FORK},
		{"it is the newest now", 14, 8, 4, HF_OK},
		{"attack: the longer one replayed", 12, 41, 2, HF_E_ROLLBACK},
		{"attack: as long, another head", 15, 8, 9, HF_E_LOG_FORK},
		{"attack: begun anew", 16, 0, 0, HF_E_LOG_FORK},
	};

	council_open(&council);
	council_begin(&council, &known);
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hear_log(&known, &council, rows[i].seq, rows[i].size, rows[i].root), rows[i].want, "%s",
			     rows[i].what);
	cr_assert_eq(known.n_controllers, 1);
	cr_expect_eq(known.controllers[0].log.was_size, 41, "the first of them stays said");
	cr_expect_eq(known.controllers[0].log.fork_seq, 13);
}

Test(log_fork, is_remembered_and_its_orders_count)
{
	struct device *device = device_open(0, NULL);
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	hf_auto_envelope struct hf_envelope *raise = council_order(&device->council, &order, COMMS_1);
	struct hf_envelope *envelope;
	struct hf_state doc;
	const struct hf_report *report;
	hf_auto_json json_t *view = NULL;

	device->seq = 20;
	device_hear(NULL, 0, NULL, 0); /* of log_size 21 */
	doc = council_state_doc(&device->council, ++device->seq, &raise, 1);
	doc.log_size = 2;
	envelope = council_state(&device->council, &doc, CONTROLLER);
	device_hear_envelope("state/main", envelope);
	hf_envelope_free(&envelope);
	cr_expect_gt(device_n_shut(), 0, "D9.1: no order is held back by it");
	device_restart();
	report = device_report();
	cr_assert_eq(report->n_logs, 1, "each controller's log is reported");
	cr_expect_str_eq(report->logs[0].controller, "main");
	cr_expect_eq(report->logs[0].seen.size, 2);
	cr_expect_eq(report->logs[0].seen.was_size, 21, "and what it was before");
	cr_assert_eq(report->n_refused, 1);
	cr_expect_eq(report->refused[0].reason, HF_E_LOG_FORK);
	view = hf_keeper_answer(device->keeper, DEVICE_COMMS_2, &(struct hf_question){.ask = HF_ASK_STATUS});
	cr_expect_eq(json_array_size(json_object_get(view, "attention")), 1, "and people of the device can tell IT");
	device_close();
}

/* One report of a device, of this controller's journal, made when it knew of this state; 0: of none. */
static void say_log_of(struct server *server, int64_t counter, const struct hf_log_seen *seen, int64_t state_seq)
{
	struct hf_pub pub = hf_key_pub(server->c.key);
	char key[HF_KEYID_SIZE];
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = counter,
				.at = {COUNCIL_T + counter},
				.controller = state_seq ? "main" : "",
				.state_seq = state_seq,
				.logs = {{"main", hf_pub_keyid(&pub, key), *seen}},
				.n_logs = 1};

	server_report(server, NULL, &doc, DEVICE);
}

static void say_log(struct server *server, int64_t counter, const struct hf_log_seen *seen)
{
	say_log_of(server, counter, seen, 0);
}

static size_t n_attention(const struct server *server)
{
	hf_auto_json json_t *unheard = hf_show_unheard(&server->c), *list = hf_show_attention(&server->c, unheard);

	return json_array_size(list);
}

static bool attention_says(const struct server *server, const char *words)
{
	hf_auto_json json_t *unheard = hf_show_unheard(&server->c), *list = hf_show_attention(&server->c, unheard);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strstr(json_string_value(one), words))
			return true;
	}
	return false;
}

Test(log_fork, a_controller_learns_from_devices_that_it_lost_its_journal)
{
	struct server server;
	struct hf_log_seen seen = {.seq = 5};

	server_open(&server);
	seen.size = (int64_t)server_records(&server);
	seen.root = hf_merkle_root(hf_journal_tree(server.c.journal));
	say_log(&server, 1, &seen);
	cr_expect_eq(n_attention(&server), 0, "what it saw is what is there");
	for (uint8_t flip = 0; flip < 2; flip++) {
		hf_own_say(&server.c, HF_RECORD_START, json_object());
		seen.root.b[9] ^= flip;
		say_log(&server, 2 + flip, &seen);
		cr_expect_eq(n_attention(&server), flip, "as many records as it saw, %s, and more were added since",
			     flip ? "but others" : "and the same");
	}
	seen.size = 700;
	say_log(&server, 4, &seen);
	cr_expect_eq(n_attention(&server), 1, "the journal and both marks were taken away, and begun anew");
	cr_expect(attention_says(&server, "up to 700 entries were seen"),
		  "both numbers");
	cr_expect(attention_says(&server, "it is not proved yet"), "a report alone proves nothing");
	seen.was_seq = 7;
	seen.was_size = 701;
	seen.fork_seq = seen.seq = 8;
	seen.size = 3;
	say_log(&server, 5, &seen);
	cr_expect(attention_says(&server, "up to 701 entries were seen"), "and it was cut, as this device saw");
	server_close(&server);
}

/* What a device hands over: a state of this key, with a log of so many records. */
static enum hf_rc hand_over(struct server *server, int64_t size, int root, bool own)
{
	struct hf_state doc = council_state_doc(&server->council, 70, NULL, 0);
	hf_auto_json json_t *json = NULL;
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	hf_auto_free char *text = NULL;
	size_t len = 0;

	doc.log_size = size;
	memset(doc.log_root.b, root, sizeof(doc.log_root.b));
	if (root == 0)
		doc.log_root = hf_merkle_root(hf_journal_tree(server->c.journal));
	json = hf_state_encode(&doc);
	if (own)
		cr_assert(hf_envelope_of_json(HF_DOC_STATE, json, &envelope, NULL) == HF_OK &&
			  hf_envelope_sign(envelope, server->c.key, NULL) == HF_OK);
	else
		envelope = council_state(&server->council, &doc, SPARE);
	cr_assert_eq(hf_envelope_encode(envelope, &text, &len, NULL), HF_OK);
	return hf_log_witness_hear(&server->c, text, len, NULL);
}

/* Attack: one stolen device key says what it likes of the journal. */
Test(log_fork, only_a_state_of_the_controllers_key_proves_it)
{
	struct server server;
	int64_t records;

	server_open(&server);
	records = (int64_t)server_records(&server);
	cr_expect_eq(hand_over(&server, 1204, 1, false), HF_E_CONTROLLER, "another key");
	cr_expect_eq(hand_over(&server, records, 0, true), HF_E_ABSENT, "it is this very journal");
	cr_expect_eq(hf_log_witness_hear(&server.c, "{}", 2, NULL), HF_E_SHAPE, "anything else");
	cr_expect_eq(n_attention(&server), 0);
	cr_expect_eq(hand_over(&server, records - 1, 7, true), HF_OK, "another root, long ago");
	cr_expect_eq(n_attention(&server), 1);
	cr_expect_eq(hand_over(&server, 1204, 1, true), HF_OK, "longer than this one");
	cr_expect(attention_says(&server, "had 1204 entries, and this journal has "), "an honest restore is named");
	cr_expect_eq(hand_over(&server, 1000, 1, true), HF_OK);
	cr_expect(attention_says(&server, "had 1204 entries"), "the largest tells the most");
	server.c.log_proof.epoch = 7;
	cr_expect_eq(n_attention(&server), 0, "the roots have acted since");
	server_close(&server);
}

/* What is answered in the next state. */
static struct hf_log_turn turn_after(struct server *server, int64_t counter, const struct hf_log_seen *seen, int64_t state_seq)
{
	say_log_of(server, counter, seen, state_seq);
	return hf_log_witness_turn(&server->c);
}

Test(log_fork, a_device_that_waits_has_its_turn_and_one_that_disagrees_is_asked)
{
	struct server server;
	struct hf_log_seen seen = {.seq = 5, .size = 1};
	struct hf_log_from from[HF_LOG_FROM_MAX];
	struct hf_log_turn turn;

	server_open(&server);
	cr_assert_eq(hf_journal_head_at(server.c.journal, 1, &seen.root, NULL), HF_OK);
	turn = turn_after(&server, 1, &seen, 5);
	cr_expect_eq(turn.n, 0, "it holds what it heard last: of a version before proofs, or nothing is new");
	turn = turn_after(&server, 2, &seen, 9);
	cr_assert_eq(turn.n, 1, "it has heard of more, and waits");
	cr_assert_eq(hf_log_witness_prove(&server.c, &turn, from), 1);
	cr_expect(from[0].size == 1 && from[0].proof.n > 0, "the journal goes on from there");
	seen.size = 700;
	turn = turn_after(&server, 3, &seen, 9);
	cr_assert_eq(turn.n, 1);
	cr_assert_eq(hf_log_witness_prove(&server.c, &turn, from), 1);
	cr_expect(from[0].size == 700 && from[0].proof.n == 0, "it has seen what is not here: it is asked");
	cr_expect_eq(hand_over(&server, 700, 1, true), HF_OK);
	turn = hf_log_witness_turn(&server.c);
	cr_expect_eq(turn.n, 0, "and no more when somebody has shown it");
	server_close(&server);
}

static const char *first_word(const struct server *server, json_t **ret_page)
{
	const struct hf_devices_ask all = {.limit = 10, .any_state = true, .any_standing = true};
	json_t *rows;

	cr_assert_eq(hf_show_devices(&server->c, &all, ret_page, NULL), HF_OK);
	rows = json_object_get(*ret_page, "devices");
	return json_string_value(json_array_get(json_object_get(json_array_get(rows, 0), "attention"), 0));
}

/* A device whose third copy stood in is shown for 14 days, by this controller's clock. */
Test(log_fork, a_device_whose_memory_was_damaged_is_shown)
{
	static const struct {
		const char *what;
		int64_t ago;
		bool shown;
	} rows[] = {
		{"just now", 0, true},
		{"13 days ago", 13 * COUNCIL_DAY, true},
		{"its clock ran ahead", -40 * COUNCIL_DAY, true},
		{"15 days ago", 15 * COUNCIL_DAY, false},
	};
	struct server server;
	struct hf_report doc = {.council = COUNCIL_NAME, .device = COUNCIL_DEVICE, .controller = ""};

	server_open(&server);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *page = NULL;
		const char *word;

		doc.counter++;
		doc.restored.s = hf_clock_wall().s - rows[i].ago;
		server_report(&server, NULL, &doc, DEVICE);
		word = first_word(&server, &page);
		cr_expect_eq(n_attention(&server), rows[i].shown, "status: %s", rows[i].what);
		cr_expect(rows[i].shown ? word && strcmp(word, "memory-damaged") == 0 : !word, "devices: %s",
			  rows[i].what);
	}
	server_close(&server);
}

/* D9.1: an officer whose login is misspelt is shut, and somebody has to hear of it. */
Test(log_fork, a_device_that_does_not_know_a_login_is_named)
{
	static const int64_t unknown[] = {0, 2, 0};
	struct server server;
	struct hf_report doc = {.council = COUNCIL_NAME, .device = COUNCIL_DEVICE, .controller = ""};

	server_open(&server);
	for (size_t i = 0; i < HF_LEN(unknown); i++) {
		doc.counter++;
		doc.unknown_logins = unknown[i];
		server_report(&server, NULL, &doc, DEVICE);
		cr_expect_eq(n_attention(&server), unknown[i] > 0, "%zu", i);
	}
	server_close(&server);
}

/* What begins anew has forgotten its devices: "0 devices, posting is as usual" while laptops are shut. */
Test(log_fork, devices_that_are_not_known_here_are_named)
{
	struct server server;
	struct hf_report doc = {.council = COUNCIL_NAME, .device = "d9", .counter = 1, .controller = ""};
	struct hf_assignment assignment;
	hf_auto_json json_t *named = NULL, *none = NULL;
	char id[HF_ID_SIZE];

	server_open(&server);
	server_report(&server, NULL, &doc, STRANGER);
	server_report(&server, NULL, &doc, STRANGER);
	named = hf_show_strangers(&server.c);
	cr_expect_eq(json_array_size(named), 1);
	cr_expect_str_eq(json_string_value(json_array_get(named, 0)), "d9");
	cr_expect_eq(n_attention(&server), 1);
	assignment = council_assignment_doc(&server.council);
	assignment.device = "d9";
	assignment.pub = council_pub(&server.council, STRANGER);
	cr_assert_eq(server_post(&server, council_assignment(&server.council, &assignment, IT_1), NULL, NULL), HF_OK);
	none = hf_show_strangers(&server.c);
	cr_expect_eq(json_array_size(none), 0, "it is taken in");
	cr_expect_eq(n_attention(&server), 0);
	for (int i = 0; i < 2 * HF_STRANGERS_MAX; i++) {
		cr_assert_lt(snprintf(id, sizeof(id), "x%d", i), (int)sizeof(id));
		hf_strangers_note(&server.c.strangers, id);
	}
	cr_expect_eq(server.c.strangers.n, HF_STRANGERS_MAX, "attack: names without end");
	server_close(&server);
}

/* An older copy of the journal was put back: every trust and register that is written on it is refused by the devices. */
Test(log_fork, devices_that_hold_a_later_trust_or_register_are_named)
{
	static const struct {
		const char *what;
		int64_t epoch, version;
		size_t n;
	} rows[] = {
		{"they hold what the controller has", 1, 1, 0},
		{"they have not heard of it yet", 0, 0, 0},
		{"a later trust", 2, 1, 1},
		{"a later register", 1, 7, 1},
		{"both", 3, 7, 2},
	};
	struct server server;
	struct hf_report doc = {.council = COUNCIL_NAME, .device = COUNCIL_DEVICE, .controller = ""};

	server_open(&server);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_json json_t *none = json_array(), *list = NULL;

		doc.counter++;
		doc.trust_epoch = rows[i].epoch;
		doc.register_version = rows[i].version;
		server_report(&server, NULL, &doc, DEVICE);
		cr_expect_eq(n_attention(&server), rows[i].n, "%s", rows[i].what);
		list = hf_show_attention(&server.c, none);
		for (size_t k = 0; k < rows[i].n; k++)
			cr_expect(strstr(json_string_value(json_array_get(list, k)), COUNCIL_DEVICE " holds the "),
				  "%s: %s", rows[i].what, json_string_value(json_array_get(list, k)));
	}
	server_close(&server);
}

Test(log_fork, a_lockdown_that_devices_hold_is_not_as_usual)
{
	struct server server;
	struct hf_report_lockdown held = {{{7}}, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, HF_STANDING_ENFORCED_VERIFIED};
	struct hf_report doc = {.council = COUNCIL_NAME,
				.device = COUNCIL_DEVICE,
				.counter = 1,
				.controller = "",
				.lockdowns = &held,
				.n_lockdowns = 1};
	hf_auto_json json_t *unheard = NULL;

	server_open(&server);
	server_report(&server, NULL, &doc, DEVICE);
	unheard = hf_show_unheard(&server.c);
	cr_expect_eq(json_array_size(unheard), 1, "D9.2: the laptop is shut, whatever this controller knows");
	cr_expect_eq(n_attention(&server), 1);
	held.standing = HF_STANDING_RELEASED_VERIFIED;
	doc.counter = 2;
	server_report(&server, NULL, &doc, DEVICE);
	cr_expect_eq(n_attention(&server), 0, "what was released is over");
	server_close(&server);
}
