/* SPDX-License-Identifier: MIT */
/*
 * Holds the report document.
 * Must never judge whose it is.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/report.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_report struct hf_report *report = NULL;
	enum hf_rc rc = hf_report_decode(envelope, &report, err);
	cr_expect_eq(report != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (report) {
		cr_expect_eq(hf_digest_cmp(&report->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_report_encode(report);
	}
	return rc;
}

Test(report, document)
{
	sample_expect_document(decode, SAMPLE_REPORT, SAMPLE_STATE);
}

#define S50 "ssssssssssssssssssssssssssssssssssssssssssssssssss"
#define S200 S50 S50 S50 S50
#define LAYER(saw) "{\"name\":\"l\",\"state\":\"off\",\"saw\":\"" saw "\"}"
#define L LAYER("")

#define H31 "00000000000000000000000000000000000000000000000000000000000000"
#define ACK(lockdown, text, person, at)                                                                                \
	"{\"lockdown\":\"" lockdown H31 "\",\"text\":\"" text H31 "\",\"person\":\"" person "\",\"at\":" at "}"

#define POSTING(person, state, post, why)                                                                              \
	"{\"lockdown\":\"ab" H31 "\",\"account\":\"x:a\",\"person\":\"" person "\",\"state\":\"" state                 \
	"\",\"at\":5,\"post\":\"" post "\",\"why\":\"" why "\"}"

Test(report, rows)
{
	static const struct sample_row rows[] = {
		{"Report: the counter begins at 1", "counter", "0", HF_E_SHAPE},
		{"Failing: locked because what was known is lost", "unknown", "true", HF_OK},
		{"Report: unknown is true or false", "unknown", "0", HF_E_SHAPE},
		{"Report: no controller yet", "controller", "\"\"", HF_OK},
		{"Report: a controller that is no id", "controller", "\"Main\"", HF_E_SHAPE},
		{"Bytes: the state's digest", "state", "\"0\"", HF_E_BASE64},
		{"Report: no layer", "layers", "[]", HF_OK},
		{"Report: a layer's state that there is not", "layers.0.state", "\"fine\"", HF_E_SHAPE},
		{"Report: a layer without a name", "layers.0.name", "\"\"", HF_E_SHAPE},
		{"Report: what it saw, in two lines", "layers.0.saw", "\"a\\nb\"", HF_E_SHAPE},
		{"Report: the longest that it saw", "layers.0.saw", "\"" S200 "\"", HF_OK},
		{"Report: what it saw is too long", "layers.0.saw", "\"" S200 "s\"", HF_E_SIZE},
		{"Report: eight layers", "layers", "[" L "," L "," L "," L "," L "," L "," L "," L "]", HF_OK},
		{"Report: nine layers", "layers", "[" L "," L "," L "," L "," L "," L "," L "," L "," L "]", HF_E_SIZE},
		{"Report: only the controller says unreached", "lockdowns.0.standing", "\"unreached\"", HF_E_SHAPE},
		{"Report: only the controller says stale", "lockdowns.0.standing", "\"stale\"", HF_E_SHAPE},
		{"Report: tampered", "lockdowns.0.standing", "\"tampered\"", HF_OK},
		{"Report: a kind that there is not", "lockdowns.0.kind", "\"drought\"", HF_E_SHAPE},
		{"Report: an exercise", "lockdowns.0.mode", "\"exercise\"", HF_OK},
		{"Report: a mode that there is not", "lockdowns.0.mode", "\"test\"", HF_E_SHAPE},
		{"Report: an amendment", "lockdowns.0.rev", "3", HF_OK},
		{"Report: a lockdown with more", "lockdowns.0.more", "3", HF_E_SHAPE},
		{"attack: one lockdown with two standings", "lockdowns.+",
		 "{\"id\":\"abababababababababababababababababababababababababababababababab\",\"kind\":\"emergency\","
		 "\"mode\":\"live\",\"rev\":0,\"standing\":\"released-verified\"}",
		 HF_E_SHAPE},
		{"Report: nothing refused", "refused", "[]", HF_OK},
		{"Reasons: one that there is not", "refused.0.reason", "\"mood\"", HF_E_SHAPE},
		{"Reasons: ok is none", "refused.0.reason", "\"ok\"", HF_E_SHAPE},
		{"Reasons: one twice", "refused.0.reason", "\"rollback\"", HF_E_SHAPE},
		{"D10: acknowledged", "acknowledged", "[" ACK("ab", "cd", "comms-2", "5") "]", HF_OK},
		{"D10: by two", "acknowledged", "[" ACK("ab", "cd", "a", "5") "," ACK("ab", "cd", "b", "5") "]", HF_OK},
		{"D10: two texts of one lockdown", "acknowledged",
		 "[" ACK("ab", "cd", "a", "5") "," ACK("ab", "ce", "a", "5") "]", HF_OK},
		{"D10: one text of two lockdowns", "acknowledged",
		 "[" ACK("ab", "cd", "a", "5") "," ACK("ac", "cd", "a", "5") "]", HF_OK},
		{"D10: once and again", "acknowledged", "[" ACK("ab", "cd", "a", "5") "," ACK("ab", "cd", "a", "6") "]",
		 HF_E_SHAPE},
		{"D10: by everybody", "acknowledged", "[" ACK("ab", "cd", "*", "5") "]", HF_E_SHAPE},
		{"D10: at no time", "acknowledged", "[" ACK("ab", "cd", "a", "-5") "]", HF_E_SHAPE},
		{"Bytes: a lockdown's digest", "acknowledged", "[" ACK("AB", "cd", "a", "5") "]", HF_E_BASE64},
		{"D10: none is said by leaving it out", "acknowledged", "[]", HF_E_SHAPE},
		{"D10: acknowledged is a list", "acknowledged", "true", HF_E_SHAPE},
		{"D9.3: a window that is open", "postings", "[" POSTING("a", "open", "", "") "]", HF_OK},
		{"D9.3: posted, with its address", "postings",
		 "[" POSTING("a", "posted", "https://example.com/1", "") "]", HF_OK},
		{"D9.3: two persons", "postings",
		 "[" POSTING("a", "ended", "", "") "," POSTING("b", "cannot", "", "Ill") "]", HF_OK},
		{"attack: one window in two states", "postings",
		 "[" POSTING("a", "ended", "", "") "," POSTING("a", "open", "", "") "]", HF_E_SHAPE},
		{"attack: an address that acts", "postings", "[" POSTING("a", "posted", "javascript:alert(1)", "") "]",
		 HF_E_SHAPE},
		{"D9.3: a state that there is not", "postings", "[" POSTING("a", "asked", "", "") "]", HF_E_SHAPE},
		{"D9.3: none is said by leaving it out", "postings", "[]", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_REPORT, rows, HF_LEN(rows));
}

Test(report, every_word_goes_there_and_back)
{
	for (int s = 0; s < HF_STANDING_COUNT; s++) {
		struct hf_report_lockdown lockdown = {.standing = (enum hf_standing)s, .kind = HF_KIND_PURDAH};
		struct hf_report report = {.council = "c",
					   .device = "d",
					   .counter = 1,
					   .controller = "",
					   .lockdowns = &lockdown,
					   .n_lockdowns = 1,
					   .n_layers = 1};
		report.layers[0] =
			(struct hf_report_layer){"browser", (enum hf_layer_state)(s % HF_LAYER_STATE_COUNT), ""};
		hf_auto_json json_t *doc = hf_report_encode(&report);
		hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_REPORT, doc, "");
		hf_auto_report struct hf_report *back = NULL;
		struct hf_err err = {0};
		cr_assert_eq(hf_report_decode(envelope, &back, &err), HF_OK, "%s", err.text);
		cr_expect_eq((int)back->lockdowns[0].standing, s, "Report: %s", hf_standing_name((enum hf_standing)s));
		cr_expect_eq(back->lockdowns[0].kind, HF_KIND_PURDAH);
		cr_expect_eq(back->layers[0].state, report.layers[0].state, "Report: %s",
			     hf_layer_state_name(report.layers[0].state));
	}
}

Test(report, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_REPORT);
	sample_change(doc, "trust_epoch", "11");
	sample_change(doc, "register_version", "12");
	sample_change(doc, "acknowledged", "[" ACK("ab", "cd", "comms-2", "5") "]");
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_REPORT, doc, "");
	hf_auto_report struct hf_report *report = NULL;
	cr_assert_eq(hf_report_decode(envelope, &report, NULL), HF_OK);
	cr_assert_eq(report->n_acks, 1);
	cr_expect_eq(report->acks[0].lockdown.b[0], 0xab, "D10: which lockdown");
	cr_expect_eq(report->acks[0].text.b[0], 0xcd, "D10: which text");
	cr_expect_str_eq(report->acks[0].person, "comms-2", "D10: who");
	cr_expect_eq(report->acks[0].at.s, 5, "D10: when");
	cr_expect_str_eq(report->council, "cannock-chase");
	cr_expect_str_eq(report->device, "d1");
	cr_expect_eq(report->counter, 7);
	cr_expect_eq(report->at.s, SAMPLE_T);
	cr_expect_not(report->unknown);
	cr_expect_str_eq(report->controller, "main");
	cr_expect_eq(report->state_seq, 5);
	cr_expect_eq(report->state_digest.b[0], 0xab);
	cr_expect_eq(report->trust_epoch, 11);
	cr_expect_eq(report->register_version, 12);
	cr_assert_eq(report->n_layers, 2);
	cr_expect_str_eq(report->layers[0].name, "browser");
	cr_expect_eq(report->layers[0].state, HF_LAYER_VERIFIED);
	cr_expect_str_eq(report->layers[0].saw, "x.com was refused");
	cr_assert_eq(report->n_lockdowns, 1);
	cr_expect_eq(report->lockdowns[0].id.b[0], 0xab);
	cr_expect_eq(report->lockdowns[0].standing, HF_STANDING_ENFORCED_VERIFIED);
	cr_assert_eq(report->n_refused, 2);
	cr_expect_eq(report->refused[0].reason, HF_E_TOO_FEW);
	cr_expect_eq(report->refused[0].count, 2);
}
