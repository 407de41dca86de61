/* SPDX-License-Identifier: MIT */
/*
 * Owns that a device, with a real keeper, sees each way to rewrite a controller's journal (D5.6-5.7), keeps the proof and
 * hands it over.
 * Must never let that open or shut anything.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/help/device.h"
#include "tests/help/log_tree.h"

static struct device *device;
static struct log_tree tree;

/* A state of the journal as it is now, with a page that answers these sizes; ask: without a proof. */
static void hear_journal(const int64_t *sizes, size_t n, bool ask)
{
	struct hf_state doc = council_state_doc(&device->council, ++device->seq, NULL, 0);
	struct hf_log_from from[HF_LOG_FROM_MAX];
	hf_auto_envelope struct hf_envelope *first = NULL, *last = NULL;

	log_tree_say(&tree, &doc);
	doc.pages = n > 0 ? 2 : 1;
	first = council_state(&device->council, &doc, CONTROLLER);
	device_hear_envelope("state/main", first);
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		from[i] = ask ? (struct hf_log_from){.size = sizes[i]} : log_tree_prove(&tree, sizes[i]);
	doc.page = 1;
	doc.from = from;
	doc.n_from = n;
	last = council_state(&device->council, &doc, CONTROLLER);
	device_hear_envelope("state/main/1", last);
}

static const struct hf_log_seen *held(void)
{
	return &device->keeper->memory.known.controllers[0].log;
}

static size_t n_attention(void)
{
	hf_auto_json json_t *view = hf_keeper_answer(device->keeper, DEVICE_COMMS_2, &(struct hf_question){.ask = HF_ASK_STATUS});

	return json_array_size(json_object_get(view, "attention"));
}

/* It has heard a journal of 40 records, and a proof that it went on to 60. */
static void begin(void)
{
	device = device_open(0, NULL);
	device->seq = 100;
	log_tree_grow(&tree, 40);
	hear_journal(NULL, 0, false);
	log_tree_grow(&tree, 20);
	hear_journal((const int64_t[]){40}, 1, false);
	cr_assert_eq(held()->size, 60);
	cr_assert_eq(held()->fork_seq, 0);
}

static void end(void)
{
	log_tree_done(&tree);
	device_close();
}

/* It answers what is asked, or nothing at all; the device reports each time. Returns after how many states it was seen. */
static size_t states_until_fork(bool mute)
{
	size_t n = 0;

	for (; n < 12 && held()->fork_seq == 0; n++) {
		int64_t size = held()->size;
		bool waits = size < log_tree_size(&tree) && held()->n_told > 0;

		hear_journal(&size, waits && !mute, false);
		device->keeper->reported_at.ms = 0;
		hf_keeper_report(device->keeper, true);
	}
	return n;
}

struct rewriting {
	const char *what;
	size_t at, drop_put[2];
	bool chained;
};

static const struct rewriting rewritings[] = {
	{"one edited", 50, {1, 1}, false},	    {"one edited, and the chain made anew", 50, {1, 1}, true},
	{"one removed", 50, {1, 0}, true},	    {"two swapped", 50, {2, 2}, true},
	{"the last ones cut", 55, {5, 0}, false},   {"one put in", 50, {0, 1}, true},
	{"the whole chain made anew", 0, {1, 1}, true}, {"an old backup", 20, {40, 0}, false},
	{"emptied, and begun anew", 0, {60, 0}, false},
};

static void is_seen(const struct rewriting *r, size_t later, bool mute)
{
	struct log_tree other;
	const struct hf_report *report;
	size_t n;

	begin();
	other = log_tree_rewrite(&tree, r->at, r->drop_put, r->chained);
	log_tree_done(&tree);
	tree = other;
	log_tree_grow(&tree, later);
	n = states_until_fork(mute);
	cr_assert_neq(held()->fork_seq, 0, "%s, %zu records later, %s: nothing was seen", r->what, later,
		      mute ? "without a proof" : "with proofs");
	cr_expect_leq(n, mute ? 8 : 3, "%s, %zu records later: with state %zu", r->what, later, n);
	cr_expect_eq(device_n_shut(), 0, "nothing is shut by it");
	cr_expect_eq(n_attention(), 1, "its people can tell IT");
	report = device_report();
	cr_assert_eq(report->n_logs, 1);
	cr_expect_eq(report->logs[0].seen.was_size, 60, "%s: the report says what it was", r->what);
	end();
}

Test(device_witness, sees_each_rewriting_at_once_and_later)
{
	static const size_t later[] = {0, 1, 1000};

	for (size_t i = 0; i < HF_LEN(rewritings); i++)
		for (size_t k = 0; k < HF_LEN(later); k++)
			for (int mute = 0; mute <= 1; mute++)
				is_seen(&rewritings[i], later[k], mute);
}

static void put_back_old_backup(void)
{
	struct log_tree old = log_tree_rewrite(&tree, 20, (const size_t[2]){40, 0}, false);

	log_tree_done(&tree);
	tree = old;
	hear_journal(NULL, 0, false);
	cr_assert_neq(held()->fork_seq, 0);
}

Test(device_witness, keeps_both_states_and_hands_them_over)
{
	begin();
	hear_journal((const int64_t[]){60}, 1, true);
	cr_expect_eq(device->n_shown, 1, "asked for what it holds");
	cr_expect_eq(device->shown[0].size, 60);
	put_back_old_backup();
	cr_expect_eq(device->n_shown, 1, "nobody asked again");
	device_restart();
	cr_expect_eq(held()->was_size, 60, "a fork is on disk at once");
	hear_journal((const int64_t[]){7, 60}, 2, true);
	cr_assert_eq(device->n_shown, 3, "both sides, after a kill");
	cr_expect_eq(device->shown[1].size, 60);
	cr_expect_eq(device->shown[0].size, 20);
	hear_journal((const int64_t[]){7}, 1, true);
	cr_expect_eq(device->n_shown, 3, "others are asked");
	device_disk(false);
	hear_journal(NULL, 0, false);
	cr_expect_eq(held()->was_size, 60);
	end();
}

Test(device_witness, is_silent_when_the_roots_have_acted)
{
	struct hf_trust doc;
	hf_auto_envelope struct hf_envelope *next = NULL;

	begin();
	put_back_old_backup();
	cr_expect_eq(n_attention(), 1);
	device_pass_time(20 * COUNCIL_DAY * 1000LL);
	cr_expect_eq(n_attention(), 1, "time ends nothing");
	doc = council_trust_doc(&device->council);
	doc.epoch = 2;
	next = council_trust(&device->council, &doc, ROOT_1 | ROOT_2);
	device_hear_envelope("trust/2", next);
	cr_expect_eq(n_attention(), 0, "the next trust does");
	log_tree_grow(&tree, 3);
	hear_journal((const int64_t[]){20}, 1, false);
	cr_expect_eq(held()->size, 23, "and the journal that there is goes on from there");
	cr_expect_eq(held()->fork_seq, 0);
	end();
}
