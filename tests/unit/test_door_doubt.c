/* SPDX-License-Identifier: MIT */
/*
 * Owns what becomes of an order when the disk fails while it is recorded: said to be unknown, published by nobody, and
 * known after the next start. Policy D5.6-5.7, D9.1.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "controller/web/api.h"
#include "tests/unit/help_failing_disk.h"
#include "tests/unit/help_server.h"

static struct server server;
static struct hf_err err;

static void setup(void)
{
	failing_disk_begin();
	server_open(&server);
}

static void teardown(void)
{
	server_close(&server);
	failing_disk_end();
}

TestSuite(door_doubt, .init = setup, .fini = teardown);

static struct hf_envelope *raise_now(void)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	return council_order(&server.council, &order, COMMS_1);
}

static enum hf_outcome found(const struct hf_digest *digest)
{
	struct hf_found it;
	cr_assert_eq(hf_door_find(&server.c, digest, &it, &err), HF_OK, "%s", err.text);
	cr_expect_eq(it.envelope != NULL, it.outcome != HF_OUTCOME_ABSENT);
	return it.outcome;
}

Test(door_doubt, nobody_is_told_that_it_is_recorded_or_not_before_the_next_start)
{
	struct hf_taken taken;
	struct hf_envelope *raise = raise_now();
	struct hf_digest id = raise->digest;
	failing_disk_set(DISK_SYNC, 0, SQLITE_IOERR_FSYNC);
	cr_assert_eq(server_post(&server, raise, &taken, &err), HF_E_UNSURE, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_UNKNOWN);
	cr_expect_eq(hf_digest_cmp(&taken.digest, &id), 0, "by which it can be asked for");
	cr_expect_eq(server.c.fatal, HF_E_UNSURE, "it stops, and is started again");
	cr_expect_eq(found(&id), HF_OUTCOME_ABSENT, "what is not certainly recorded is not known, nor published");
	failing_disk_set(DISK_WELL, 0, 0);
	cr_assert_eq(server_post(&server, raise_now(), &taken, &err), HF_E_SYSTEM, "until then nothing is recorded: %s",
		     err.text);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(found(&id), HF_OUTCOME_RECORDED, "the next life knows");
	cr_assert_eq(server_post(&server, raise_now(), &taken, &err), HF_OK, "%s", err.text);
	cr_expect_eq(taken.outcome, HF_OUTCOME_KNOWN, "D9.1: and whoever orders it again has ordered it once");
}

/* What is said over the socket; freed by the caller. */
static struct hf_web_answer asked(struct hf_envelope *envelope)
{
	hf_auto_free char *text = NULL;
	struct hf_web_request request = {.method = "POST", .path = "/v1/envelopes"};
	struct hf_web_answer said;
	cr_assert_eq(hf_envelope_encode(envelope, &text, &request.body_len, NULL), HF_OK);
	request.body = text;
	said = hf_web_answer(&server.c, &request);
	hf_envelope_free(&envelope);
	return said;
}

Test(door_doubt, the_answer_is_500_with_the_digest_by_which_to_ask_and_503_is_certain)
{
	struct hf_envelope *raise = raise_now();
	struct hf_web_answer said;
	char hex[HF_DIGEST_HEX_SIZE];
	hf_digest_hex(&raise->digest, hex);
	failing_disk_set(DISK_SYNC, 0, SQLITE_IOERR_FSYNC);
	said = asked(raise);
	cr_expect_eq(said.status, 500);
	cr_expect(strstr(said.text, hex) && strstr(said.text, "\"outcome\":\"unknown\"") &&
			  strstr(said.text, "\"error\":\"unknown\""),
		  "%s", said.text);
	free(said.text);
	said = asked(raise_now());
	cr_expect_eq(said.status, 503, "%s", said.text);
	free(said.text);
}

Test(door_doubt, on_a_full_disk_it_is_certain)
{
	struct hf_taken taken;
	struct hf_envelope *raise = raise_now();
	struct hf_digest id = raise->digest;
	failing_disk_set(DISK_WRITE, 0, SQLITE_FULL);
	cr_assert_eq(server_post(&server, raise, &taken, &err), HF_E_SYSTEM, "%s", err.text);
	cr_expect_eq(server.c.fatal, HF_OK, "it goes on");
	failing_disk_set(DISK_WELL, 0, 0);
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(found(&id), HF_OUTCOME_ABSENT, "and it is never found");
}

Test(door_doubt, each_that_was_posted_is_found_by_its_digest)
{
	struct hf_digest id = server.council.trust->digest, reg = server.council.reg->digest;
	struct hf_envelope *raise = raise_now();
	struct hf_order order;
	struct hf_taken taken;
	cr_expect_eq(found(&id), HF_OUTCOME_RECORDED, "a trust");
	cr_expect_eq(found(&reg), HF_OUTCOME_RECORDED, "a register");
	id = server.council.assignment->digest;
	cr_expect_eq(found(&id), HF_OUTCOME_RECORDED, "an assignment");
	id = raise->digest;
	cr_expect_eq(found(&id), HF_OUTCOME_ABSENT, "what was never posted");
	cr_assert_eq(server_post(&server, raise, &taken, &err), HF_OK, "%s", err.text);
	order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	cr_assert_eq(server_post(&server, council_order(&server.council, &order, COMMS_1), &taken, &err), HF_OK);
	cr_expect_eq(taken.outcome, HF_OUTCOME_DRAFT);
	cr_expect_eq(found(&taken.digest), HF_OUTCOME_DRAFT, "what waits");
}
