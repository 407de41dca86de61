/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of outbox.c.
 * Must never need a broker.
 */
#include "proto/host/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

static void append(void *arg, const struct hf_outbox_entry *e)
{
	FILE *out = arg;

	fprintf(out, "%s=%.*s%s;", e->topic, (int)e->len, e->buf, e->retain ? "!" : "");
}

static void expect_sent(struct hf_outbox *box, const char *want)
{
	hf_auto_free char *got = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&got, &len);

	hf_outbox_empty(box, append, out);
	fclose(out);
	cr_expect_str_eq(got, want);
	cr_expect_eq(box->bytes, 0);
}

Test(outbox, keeps_the_order_and_is_empty_afterwards)
{
	struct hf_outbox box = {0};

	cr_assert_eq(hf_outbox_put(&box, "trust/1", "a", 1, true), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "state/c", "bb", 2, true), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "ask", NULL, 0, false), HF_OK);
	expect_sent(&box, "trust/1=a!;state/c=bb!;ask=;");
	expect_sent(&box, "");
	cr_assert_eq(hf_outbox_put(&box, "again", "x", 1, false), HF_OK);
	expect_sent(&box, "again=x;");
}

/* A night without a broker: what comes back must be the newest state, not the first. */
Test(outbox, the_newest_of_a_topic_takes_the_place_of_the_older)
{
	struct hf_outbox box = {0};

	cr_assert_eq(hf_outbox_put(&box, "state", "old", 3, false), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "other", "x", 1, false), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "state", "newest", 6, true), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "last", "y", 1, false), HF_OK);
	cr_assert_eq(hf_outbox_put(&box, "last", "z", 1, false), HF_OK);
	expect_sent(&box, "state=newest!;other=x;last=z;");
}

Test(outbox, a_beat_all_night_takes_no_more_than_one_message)
{
	struct hf_outbox box = {0};
	static char state[65536];

	for (int i = 0; i < 20000; i++)
		cr_assert_eq(hf_outbox_put(&box, "state", state, sizeof(state), true), HF_OK);
	cr_expect_leq(box.bytes, sizeof(state) + 5);
	hf_outbox_empty(&box, NULL, NULL);
}

Test(outbox, what_does_not_fit_is_refused_and_what_waits_stays)
{
	struct hf_outbox box = {0};
	static char mb[1024 * 1024];
	char topic[16];
	int n = 0;
	enum hf_rc rc = HF_OK;

	cr_assert_eq(hf_outbox_put(&box, "kept", "k", 1, false), HF_OK);
	while (rc == HF_OK && n < 100) {
		cr_assert_eq(hf_str_printf(topic, sizeof(topic), "t/%d", n++), HF_OK);
		rc = hf_outbox_put(&box, topic, mb, sizeof(mb), false);
	}
	cr_expect_eq(rc, HF_E_SIZE, "an outage does not take all memory");
	cr_expect_eq(n, 64, "%d", n);
	cr_expect_eq(strcmp(box.first->topic, "kept"), 0);
	hf_outbox_empty(&box, NULL, NULL);
}

Test(outbox, ten_thousand_topics_in_order)
{
	struct hf_outbox box = {0};
	const struct hf_outbox_entry *e;
	char topic[64];
	int n = 0;

	for (int i = 0; i < 20000; i++) {
		cr_assert_eq(hf_str_printf(topic, sizeof(topic), "device/%d/assignment", i % 10000), HF_OK);
		cr_assert_eq(hf_outbox_put(&box, topic, topic, strlen(topic), true), HF_OK);
	}
	for (e = box.first; e; e = e->next, n++) {
		cr_assert_eq(hf_str_printf(topic, sizeof(topic), "device/%d/assignment", n), HF_OK);
		cr_assert_str_eq(e->topic, topic);
	}
	cr_expect_eq(n, 10000);
	hf_outbox_empty(&box, NULL, NULL);
}
