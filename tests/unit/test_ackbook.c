/* SPDX-License-Identifier: MIT */
/*
 * Owns who has acknowledged the instructions of a pre-election period, from a report to the answer for the officer.
 * Must never have a bus.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/reports.h"
#include "controller/web/api.h"
#include "tests/unit/help_server.h"

static struct server server;
static struct hf_err err;
static struct hf_digest purdah, text;

static void setup(void)
{
	struct hf_order raise = council_raise_doc(HF_KIND_PURDAH);
	struct hf_envelope *envelope;
	server_open(&server);
	envelope = council_order(&server.council, &raise, ELECTIONS_1);
	purdah = envelope->digest;
	cr_assert_eq(hf_instructions_digest(raise.body.instructions, &text), HF_OK);
	cr_assert_eq(server_post(&server, envelope, NULL, &err), HF_OK, "%s", err.text);
}

static void teardown(void)
{
	server_close(&server);
}

TestSuite(ackbook, .init = setup, .fini = teardown);

static void hear(const struct hf_report_ack *acks, size_t n)
{
	server_hear(&server, (struct hf_report){.device = COUNCIL_DEVICE, .acks = (struct hf_report_ack *)acks, .n_acks = n},
		    DEVICE);
}

static struct hf_report_ack ack_of(const char *person)
{
	return (struct hf_report_ack){purdah, text, person, {COUNCIL_T + 500}};
}

static json_t *ask(const char *lockdown, unsigned want)
{
	struct hf_web_request request = {.method = "GET",
					 .path = "/v1/acknowledgements",
					 .query = {.v = {{"lockdown", lockdown}}, .n = lockdown ? 1 : 0}};
	struct hf_web_answer answer = hf_web_answer(&server.c, &request);
	json_t *json = answer.text ? json_loadb(answer.text, answer.len, 0, NULL) : NULL;
	cr_expect_eq(answer.status, want, "%s: %u", lockdown ? lockdown : "none", answer.status);
	free(answer.text);
	return json;
}

static json_int_t acknowledged(void)
{
	char hex[HF_DIGEST_HEX_SIZE];
	json_t *json = ask(hf_digest_hex(&purdah, hex), 200);
	json_int_t n = json_integer_value(json_object_get(json, "acknowledged"));
	json_decref(json);
	return n;
}

Test(ackbook, d10_an_acknowledgement_is_recorded_and_shown)
{
	struct hf_report_ack ack = ack_of("comms-2");
	char hex[HF_DIGEST_HEX_SIZE];
	uint64_t before;
	json_t *json, *row;
	hear(NULL, 0);
	hf_reports_flush(&server.c);
	before = server_records(&server);
	json = ask(hf_digest_hex(&purdah, hex), 200);
	row = json_array_get(json_object_get(json, "rows"), 0);
	cr_expect_eq(json_integer_value(json_object_get(json, "people")), 1);
	cr_expect_str_eq(json_string_value(json_object_get(row, "person")), "comms-2");
	cr_expect(json_is_false(json_object_get(row, "acknowledged")), "D10: who has not is shown");
	json_decref(json);
	hear(&ack, 1);
	cr_expect_eq(server_records(&server), before + 1,
		     "D5.6: a new acknowledgement is journalled at once, waiting for no batch");
	hear(&ack, 1);
	cr_expect_eq(server_records(&server), before + 1, "D5.6: the same again is no news");
	json = ask(hf_digest_hex(&purdah, hex), 200);
	row = json_array_get(json_object_get(json, "rows"), 0);
	cr_expect(json_is_true(json_object_get(row, "acknowledged")), "D10: who has is shown");
	cr_expect_eq(json_integer_value(json_object_get(row, "at")), COUNCIL_T + 500, "with the device's time");
	cr_expect_str_eq(json_string_value(json_object_get(row, "device")), COUNCIL_DEVICE, "and the device");
	json_decref(json);
}

/* As when the power goes. */
static void lose_what_waits(void)
{
	struct hf_pending *p = &server.c.pending;
	while (p->n_journal > 0)
		free((char *)p->journal[--p->n_journal].body);
	while (p->n_rows > 0) {
		free((char *)p->rows[--p->n_rows].device);
		free((char *)p->rows[p->n_rows].body);
	}
}

/* An estate that reports at once has filled the queue: whoever acknowledges does not stand in line. */
Test(ackbook, d10_an_acknowledgement_goes_to_disk_before_what_waits)
{
	struct hf_report_ack ack = ack_of("comms-2");
	uint64_t before = server_records(&server);
	for (int i = 0; i < 10; i++)
		server_hear(&server, (struct hf_report){.device = COUNCIL_DEVICE, .unknown = i % 2 == 0}, DEVICE);
	cr_assert_eq(server.c.pending.n_journal, 10);
	server.c.pending.slice = 1;
	hear(&ack, 1);
	cr_expect_eq(server_records(&server), before + 1, "one record of those that wait");
	cr_expect_eq(server.c.pending.n_journal, 10);
	lose_what_waits();
	server_damage(&server, "DELETE FROM acknowledgement");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(acknowledged(), 1, "D5.6: and it is that of the acknowledgement");
}

Test(ackbook, d10_never_lost_when_a_device_says_less_later)
{
	struct hf_report_ack ack = ack_of("comms-2");
	hear(&ack, 1);
	hear(NULL, 0);
	cr_expect_eq(acknowledged(), 1, "D10: a pruned list takes nothing back");
	cr_assert_eq(server_restart(&server, &err), HF_OK, "%s", err.text);
	cr_expect_eq(acknowledged(), 1, "D5.6: nor does a restart");
}

Test(ackbook, d5_the_table_is_made_again_from_the_journal)
{
	static const char *const damages[] = {
		"DROP TABLE acknowledgement",
		"DELETE FROM acknowledgement",
		"UPDATE acknowledgement SET lockdown = 'damaged'",
	};
	struct hf_report_ack ack = ack_of("comms-2");
	hear(&ack, 1);
	hear(NULL, 0);
	hf_reports_flush(&server.c);
	for (size_t i = 0; i < HF_LEN(damages); i++) {
		server_damage(&server, damages[i]);
		cr_assert_eq(server_restart(&server, &err), HF_OK, "%s: %s", damages[i], err.text);
		cr_expect_eq(acknowledged(), 1, "D5.6: %s", damages[i]);
	}
}

Test(ackbook, d10_it_counts_for_that_lockdown_text_and_person_alone)
{
	struct hf_digest other = {{7}};
	struct {
		const char *what;
		struct hf_report_ack ack;
	} rows[] = {
		{"another lockdown", {other, text, "comms-2", {COUNCIL_T}}},
		{"another text", {purdah, other, "comms-2", {COUNCIL_T}}},
		{"somebody who does not use this device", {purdah, text, "comms-1", {COUNCIL_T}}},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hear(&rows[i].ack, 1);
		cr_expect_eq(server.c.acks.n, 0, "attack: %s", rows[i].what);
		cr_expect_eq(acknowledged(), 0, "attack: %s", rows[i].what);
	}
}

Test(ackbook, d10_another_text_asks_again_and_the_same_text_does_not)
{
	struct hf_report_ack ack = ack_of("comms-2");
	const struct hf_heard *raise = hf_orders_find(&server.c.known.orders, &purdah);
	struct hf_order amend = council_amend_doc(HF_KIND_PURDAH, raise->envelope, 1);
	hear(&ack, 1);
	amend.body.contact = "Ring 4321";
	cr_assert_eq(server_post(&server, council_order(&server.council, &amend, ELECTIONS_1), NULL, &err), HF_OK);
	cr_expect_eq(acknowledged(), 1, "D10: the same text stays acknowledged");
	amend.at.s++;
	amend.rev = 2;
	amend.body.instructions = "Another text.";
	cr_assert_eq(server_post(&server, council_order(&server.council, &amend, ELECTIONS_1), NULL, &err), HF_OK);
	cr_expect_eq(acknowledged(), 0, "D10: another text has to be read again");
	cr_assert_eq(hf_instructions_digest("Another text.", &ack.text), HF_OK);
	hear(&ack, 1);
	cr_expect_eq(acknowledged(), 1);
	cr_expect_eq(server.c.acks.n, 2, "D5.6: both stay on record");
}

Test(ackbook, d10_a_device_gone_mad_hides_no_acknowledgement)
{
	struct hf_report_ack ack = ack_of("comms-2");
	struct hf_device *device = hf_estate_find(&server.c.estate, COUNCIL_DEVICE);
	uint64_t before;
	hear(NULL, 0);
	hf_reports_flush(&server.c);
	device->bucket = 0;
	before = server_records(&server);
	hear(&ack, 1);
	cr_expect_eq(server_records(&server), before + 1,
		     "D5.6: it is recorded although the device has used up its share");
}

Test(ackbook, what_is_asked_wrongly_is_refused)
{
	static const char nobody[] = "abababababababababababababababababababababababababababababababab";
	struct hf_order emergency = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_envelope *envelope = council_order(&server.council, &emergency, COMMS_1);
	char hex[HF_DIGEST_HEX_SIZE];
	hf_digest_hex(&envelope->digest, hex);
	cr_assert_eq(server_post(&server, envelope, NULL, &err), HF_OK);
	json_decref(ask(NULL, 400));
	json_decref(ask("abab", 400));
	json_decref(ask(nobody, 404));
	json_decref(ask(hex, 400));
}
