/* SPDX-License-Identifier: MIT */
/*
 * Holds the order document to policy D9 and D10.
 * Must never judge who approved it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/order.h>

#include "tests/help/sample.h"

static enum hf_rc decode(const struct hf_envelope *envelope, json_t **ret_again, struct hf_err *err)
{
	hf_auto_order struct hf_order *order = NULL;
	enum hf_rc rc = hf_order_decode(envelope, &order, err);
	cr_expect_eq(order != NULL, rc == HF_OK, "untouched unless HF_OK");
	if (order) {
		cr_expect_eq(hf_digest_cmp(&order->digest, &envelope->digest), 0,
			     "Envelope: its digest is the envelope's");
		*ret_again = hf_order_encode(order);
	}
	return rc;
}

Test(order, documents)
{
	static const enum sample all[] = {SAMPLE_RAISE, SAMPLE_PURDAH, SAMPLE_AMEND, SAMPLE_RELEASE};
	for (size_t i = 0; i < HF_LEN(all); i++)
		sample_expect_document(decode, all[i], SAMPLE_STATE);
}

#define HEX64 "abababababababababababababababababababababababababababababababab"
#define TEXT_OF(account, of) "{\"account\":\"" account "\",\"text_of\":\"" of "\",\"poster\":\"comms-1\",\"minutes\":5}"
#define HOLDING(account, poster, minutes)                                                                              \
	"{\"account\":\"" account "\",\"text\":\"t\",\"poster\":\"" poster "\",\"minutes\":" minutes "}"

#define POLL(kind, day) "{\"kind\":\"" kind "\",\"poll\":\"" day "\"}"
#define POLLS(list) "{\"polls\":[" list "],\"calendar\":\"" HEX64 "\"}"
#define P1 POLL("principal", "2027-05-06")

Test(order, raise_emergency)
{
	static const struct sample_row rows[] = {
		{"Order: an act that there is not", "act", "\"suspend\"", HF_E_SHAPE},
		{"Order: an act that is a number", "act", "1", HF_E_SHAPE},
		{"Order: a release with the members of a raise", "act", "\"release\"", HF_E_SHAPE},
		{"Order: an amendment without its raise", "act", "\"amend\"", HF_E_SHAPE},
		{"Order: a kind that there is not", "kind", "\"drought\"", HF_E_SHAPE},
		{"Order: a mode that there is not", "mode", "\"test\"", HF_E_SHAPE},
		{"Order: an exercise", "mode", "\"exercise\"", HF_OK},
		{"D9.2: an emergency blocks", "level", "\"guard\"", HF_E_SHAPE},
		{"Order: open is no order", "level", "\"open\"", HF_E_SHAPE},
		{"D9.3: an emergency has no end but its release", "until", "1767225601", HF_E_SHAPE},
		{"D9.1: an emergency begins at once", "from", "1767225601", HF_E_SHAPE},
		{"D9.1: an emergency that began before it was written", "from", "1767225599", HF_OK},
		{"D9.1: no account at all", "accounts", "[]", HF_E_SHAPE},
		{"D9.2: no device at all", "groups", "[]", HF_E_SHAPE},
		{"Order: one account", "accounts", "[\"x:a\"]", HF_OK},
		{"Order: an account twice", "accounts", "[\"x:a\",\"x:a\"]", HF_E_SHAPE},
		{"Order: a platform for an account", "accounts", "[\"x\"]", HF_E_SHAPE},
		{"attack: everybody is exempt", "exempt", "[\"*\"]", HF_E_SHAPE},
		{"Order: no reason", "reason", "\"\"", HF_E_SHAPE},
		{"Order: whom to ring, in two lines", "contact", "\"a\\nb\"", HF_E_SHAPE},
		{"Order: nobody to ring", "contact", "\"\"", HF_E_SHAPE},
		{"D9.3: no holding message yet", "holding", "[]", HF_OK},
		{"D9.3: two messages for one account", "holding.+", HOLDING("x:CannockChaseDC", "comms-1", "5"),
		 HF_E_SHAPE},
		{"D9.3: a message for a second account", "holding.+", HOLDING("x:ccdc_sbc", "comms-1", "5"), HF_OK},
		{"D9.3: a message for every account", "holding.+", HOLDING("*", "comms-1", "5"), HF_E_SHAPE},
		{"D9.3: a message by everybody", "holding.+", HOLDING("x:a", "*", "5"), HF_E_SHAPE},
		{"D9.3: a window of no length", "holding.0.minutes", "0", HF_E_SHAPE},
		{"D9.3: the longest window", "holding.0.minutes", "240", HF_OK},
		{"D9.3: a window too long", "holding.0.minutes", "241", HF_E_SHAPE},
		{"D9.3: a message without words", "holding.0.text", "\"\"", HF_E_SHAPE},
		{"D9.3: the text of another account", "holding.+", TEXT_OF("x:ccdc_sbc", "x:CannockChaseDC"), HF_OK},
		{"D9.3: the text of an account that has none", "holding.+", TEXT_OF("x:ccdc_sbc", "x:a"), HF_E_SHAPE},
		{"D9.3: the text of its own", "holding.+", TEXT_OF("x:ccdc_sbc", "x:ccdc_sbc"), HF_E_SHAPE},
		{"D9.3: a text and that of another", "holding.0.text_of", "\"x:ccdc_sbc\"", HF_E_SHAPE},
		{"D9.3: neither", "holding.0.text", NULL, HF_E_SHAPE},
		{"D9.3: nobody is named", "holding.0.poster", NULL, HF_E_SHAPE},
		{"Order: a message with a picture", "holding.0.image", "\"x\"", HF_E_SHAPE},
		{"Order: a raise has no revision", "rev", "1", HF_E_SHAPE},
		{"D9.1: no poll brings an emergency", "timetable", POLLS(P1), HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_RAISE, rows, HF_LEN(rows));
}

Test(order, raise_purdah)
{
	static const struct sample_row rows[] = {
		{"D10: purdah may block", "level", "\"block\"", HF_OK},
		{"Order: open is no order", "level", "\"open\"", HF_E_SHAPE},
		{"D10: purdah has an end", "until", "0", HF_E_SHAPE},
		{"D10: it ends before it begins", "until", "1767311999", HF_E_SHAPE},
		{"D10: it ends as it begins", "until", "1767312000", HF_OK},
		{"D10: staff follow the instructions issued", "instructions", "\"\"", HF_E_SHAPE},
		{"D10: every device", "groups", "[\"*\"]", HF_OK},
		{"D10: computed from one poll", "timetable", POLLS(P1), HF_OK},
		{"D10: from a kind of a later version", "timetable", POLLS(POLL("abc-xyz-assembly", "2027-05-06")),
		 HF_OK},
		{"D10: from eight polls", "timetable",
		 POLLS(P1 "," P1 "," P1 "," P1 "," P1 "," P1 "," P1 "," POLL("parish", "2028-02-29")), HF_OK},
		{"D10: from nine polls", "timetable", POLLS(P1 "," P1 "," P1 "," P1 "," P1 "," P1 "," P1 "," P1 "," P1),
		 HF_E_SIZE},
		{"D10: from no poll", "timetable", POLLS(""), HF_E_SHAPE},
		{"D10: a day that there is not", "timetable", POLLS(POLL("principal", "2027-02-29")), HF_E_SHAPE},
		{"D10: a day in another form", "timetable", POLLS(POLL("principal", "6 May 2027")), HF_E_SHAPE},
		{"D10: a day and more", "timetable", POLLS(POLL("principal", "2027-05-061")), HF_E_SHAPE},
		{"D10: no day", "timetable", POLLS("{\"kind\":\"principal\"}"), HF_E_SHAPE},
		{"D10: a kind in capitals", "timetable", POLLS(POLL("GLA", "2027-05-06")), HF_E_SHAPE},
		{"D10: a kind with a digit", "timetable", POLLS(POLL("gla-2", "2027-05-06")), HF_E_SHAPE},
		{"D10: no kind", "timetable", POLLS(POLL("", "2027-05-06")), HF_E_SHAPE},
		{"D10: a kind too long", "timetable", POLLS(POLL("abcdefghijklmnopqrstuvwxyz-abcdef", "2027-05-06")),
		 HF_E_SIZE},
		{"D10: no calendar", "timetable", "{\"polls\":[" P1 "]}", HF_E_SHAPE},
		{"Bytes: the calendar's digest", "timetable", "{\"polls\":[" P1 "],\"calendar\":\"1\"}", HF_E_BASE64},
		{"D10: a timetable with more", "timetable",
		 "{\"polls\":[" P1 "],\"calendar\":\"" HEX64 "\",\"until\":1}", HF_E_SHAPE},
		{"JSON: null is not absent", "timetable", "null", HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_PURDAH, rows, HF_LEN(rows));
}

Test(order, amend)
{
	static const struct sample_row rows[] = {
		{"What is in force: a later revision", "rev", "2", HF_OK},
		{"What is in force: revision 0 is the raise", "rev", "0", HF_E_SHAPE},
		{"Order: an amendment is of one raise", "of", "[\"" HEX64 "\"]", HF_E_SHAPE},
		{"Bytes: of no digest", "of", "\"00\"", HF_E_BASE64},
		{"D9.3: an amendment may not end an emergency", "until", "1767225600", HF_E_SHAPE},
		{"D9.2: an amendment may not weaken an emergency to guard", "level", "\"guard\"", HF_E_SHAPE},
		{"attack: an amendment that leaves no account", "accounts", "[]", HF_E_SHAPE},
		{"attack: an amendment that exempts everybody", "exempt", "[\"*\"]", HF_E_SHAPE},
		{"D9.1: an amendment gives an emergency no timetable", "timetable", POLLS(P1), HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_AMEND, rows, HF_LEN(rows));
}

Test(order, release)
{
	static const struct sample_row rows[] = {
		{"Order: it releases nothing", "of", "[]", HF_E_SHAPE},
		{"Order: the same twice", "of", "[\"" HEX64 "\",\"" HEX64 "\"]", HF_E_SHAPE},
		{"attack: it releases everything", "of", "[\"*\"]", HF_E_BASE64},
		{"attack: it releases everything, as a text", "of", "\"*\"", HF_E_SHAPE},
		{"Order: a release has no level", "level", "\"block\"", HF_E_SHAPE},
		{"Order: a release has no revision", "rev", "1", HF_E_SHAPE},
		{"D10: a release has no timetable", "timetable", POLLS(P1), HF_E_SHAPE},
		{"D9.3: staff must be told", "message", "\"\"", HF_E_SHAPE},
		{"D9.3: the reason is recorded", "reason", "\"\"", HF_E_SHAPE},
		{"Order: kind is needed to be judged early", "kind", NULL, HF_E_SHAPE},
	};
	sample_expect_rows(decode, SAMPLE_RELEASE, rows, HF_LEN(rows));
}

/* Text of n letters, as JSON. */
static const char *letters(size_t n)
{
	static char text[40000];
	cr_assert_lt(n + 3, sizeof(text));
	memset(text, 'x', n + 2);
	text[0] = text[n + 1] = '"';
	text[n + 2] = '\0';
	return text;
}

Test(order, limits)
{
	static const struct {
		const char *what;
		enum sample which;
		const char *path;
		size_t most;
	} rows[] = {
		{"Order: reason", SAMPLE_RAISE, "reason", HF_REASON_MAX},
		{"Order: contact", SAMPLE_RAISE, "contact", HF_CONTACT_MAX},
		{"Order: instructions", SAMPLE_PURDAH, "instructions", HF_INSTRUCTIONS_MAX},
		{"Order: holding text", SAMPLE_RAISE, "holding.0.text", HF_HOLDING_TEXT_MAX},
		{"Order: message", SAMPLE_RELEASE, "message", HF_MESSAGE_TEXT_MAX},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct sample_row row = {rows[i].what, rows[i].path, letters(rows[i].most), HF_OK};
		sample_expect_rows(decode, rows[i].which, &row, 1);
		row.value = letters(rows[i].most + 1);
		row.want = HF_E_SIZE;
		sample_expect_rows(decode, rows[i].which, &row, 1);
	}
}

/* D9.3: 3,000 bytes each, 16,384 together, equal ones once; what was written with 1,000 each is read. */
Test(order, texts_together)
{
	static const struct {
		const char *what;
		int n, len, changed; /* of n texts of len bytes, how many differ from the first */
		enum hf_rc want;
	} rows[] = {
		{"five long ones", 5, 3000, 5, HF_OK},
		{"six long ones", 6, 3000, 6, HF_E_SIZE},
		{"nine that are equal", 9, 3000, 0, HF_OK},
		{"twenty of before", 20, 1000, 20, HF_OK},
		{"twenty, each longer than before", 20, 1001, 20, HF_E_SIZE},
	};

	for (size_t r = 0; r < HF_LEN(rows); r++) {
		hf_auto_json json_t *doc = sample_doc(SAMPLE_PURDAH);
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		hf_auto_order struct hf_order *order = NULL;
		hf_auto_json json_t *again = NULL;

		for (int i = 0; i < rows[r].n; i++) {
			char name[20], text[3001];

			memset(text, 'a', sizeof(text));
			text[rows[r].len] = '\0';
			text[0] = (char)('b' + (i < rows[r].changed ? i : 0));
			cr_assert_eq(hf_str_printf(name, sizeof(name), "x:a%d", i), HF_OK);
			json_array_append_new(json_object_get(doc, "holding"),
					      json_pack("{s:s,s:s,s:s,s:i}", "account", name, "text", text, "poster",
							"p", "minutes", 1));
		}
		envelope = sample_envelope(SAMPLE_PURDAH, doc, "");
		cr_expect_eq(hf_order_decode(envelope, &order, NULL), rows[r].want, "%s", rows[r].what);
		again = order ? hf_order_encode(order) : NULL;
		if (rows[r].changed == 0)
			cr_expect_str_eq(json_string_value(json_object_get(
						 json_array_get(json_object_get(again, "holding"), 8), "text_of")),
					 "x:a0", "%s: carried once", rows[r].what);
	}
}

Test(order, payload_limit)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_PURDAH);
	for (int i = 0; i < 33; i++) {
		char name[20];
		cr_assert_eq(hf_str_printf(name, sizeof(name), "x:a%d", i), HF_OK);
		json_t *one = json_pack("{s:s,s:o,s:s,s:i}", "account", name, "text",
					json_loads(letters(1000), JSON_DECODE_ANY, NULL), "poster", "p", "minutes", 1);
		json_array_append_new(json_object_get(doc, "holding"), one);
	}
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_PURDAH, doc, "");
	hf_auto_order struct hf_order *order = NULL;
	cr_assert_gt(envelope->payload_len, HF_ORDER_PAYLOAD_MAX);
	cr_expect_eq(hf_order_decode(envelope, &order, NULL), HF_E_SIZE, "Order: a payload is at most 32,768 bytes");
	cr_expect_null(order);
}

Test(order, what_comes_out)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_RAISE);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_RAISE, doc, "");
	hf_auto_order struct hf_order *order = NULL;
	cr_assert_eq(hf_order_decode(envelope, &order, NULL), HF_OK);
	cr_expect_eq(order->act, HF_ACT_RAISE);
	cr_expect_eq(order->kind, HF_KIND_EMERGENCY);
	cr_expect_eq(order->mode, HF_MODE_LIVE);
	cr_expect_eq(order->body.level, HF_LEVEL_BLOCK);
	cr_expect_eq(order->at.s, SAMPLE_T);
	cr_expect(hf_strs_covers(&order->body.accounts, "x:a"), "Order: a star covers every account");
	const struct hf_holding *holding = hf_order_holding(order, "x:CannockChaseDC");
	cr_assert_not_null(holding);
	cr_expect_str_eq(holding->poster, "comms-2", "D9.3: the named poster");
	cr_expect_str_eq(holding->text, "We know.\nMore soon.", "D9.3: the text");
	cr_expect_eq(holding->minutes, 15, "D9.3: the window");
	cr_expect_null(hf_order_holding(order, "x:ccdc_sbc"), "D9.3: no message for that account");
}

/* One table serves both ways, so a value in a wrong place would go back unseen: each has its own. */
Test(order, every_value_in_its_place)
{
	hf_auto_json json_t *doc = sample_doc(SAMPLE_RELEASE);
	hf_auto_envelope struct hf_envelope *envelope = sample_envelope(SAMPLE_RELEASE, doc, "");
	hf_auto_order struct hf_order *release = NULL, *amend = NULL, *purdah = NULL;
	cr_assert_eq(hf_order_decode(envelope, &release, NULL), HF_OK);
	cr_expect_eq(release->act, HF_ACT_RELEASE);
	cr_expect_str_eq(release->message, "You may post again.", "D9.3: the second message");
	cr_expect_str_eq(release->body.reason, "Over");
	cr_assert_eq(release->n_releases, 1);
	cr_expect_eq(release->releases[0].b[31], 0xab, "Order: what it releases");

	hf_auto_json json_t *doc_2 = sample_doc(SAMPLE_AMEND);
	hf_auto_envelope struct hf_envelope *envelope_2 = sample_envelope(SAMPLE_AMEND, doc_2, "");
	cr_assert_eq(hf_order_decode(envelope_2, &amend, NULL), HF_OK);
	cr_expect_eq(amend->act, HF_ACT_AMEND);
	cr_expect_eq(amend->rev, 1);
	cr_expect_eq(amend->of.b[0], 0xab, "Order: what it amends");

	hf_auto_json json_t *doc_3 = sample_doc(SAMPLE_PURDAH);
	sample_change(doc_3, "timetable", POLLS(P1 "," POLL("parish-by", "2027-05-13")));
	hf_auto_envelope struct hf_envelope *envelope_3 = sample_envelope(SAMPLE_PURDAH, doc_3, "");
	cr_assert_eq(hf_order_decode(envelope_3, &purdah, NULL), HF_OK);
	cr_expect_eq(purdah->kind, HF_KIND_PURDAH);
	cr_assert_eq(purdah->body.n_polls, 2);
	cr_expect_str_eq(purdah->body.polls[1].kind, "parish-by", "D10: which poll");
	cr_expect_str_eq(purdah->body.polls[1].day, "2027-05-13", "D10: its day");
	cr_expect_eq(purdah->body.calendar.b[0], 0xab, "D10: the calendar it was counted by");
	cr_expect_eq(purdah->body.level, HF_LEVEL_GUARD);
	cr_expect_eq(purdah->body.from.s, 1767312000);
	cr_expect_eq(purdah->body.until.s, 1769904000);
	cr_expect(hf_strs_has(&purdah->body.accounts, "x:CannockChaseDC"));
	cr_expect(hf_strs_has(&purdah->body.groups, "communications"));
	cr_expect(hf_strs_has(&purdah->body.exempt, "comms-1"));
	cr_expect_str_eq(purdah->body.reason, "Election");
	cr_expect_str_eq(purdah->body.contact, "Ring");
	cr_expect_str_eq(purdah->body.instructions, "Nothing party political.", "D10: the instructions");
}

Test(order, payload_that_is_no_document)
{
	static const struct {
		const char *what, *payload;
		enum hf_rc want;
	} rows[] = {
		{"JSON: words", "release", HF_E_JSON},
		{"JSON: a list", "[]", HF_E_JSON},
		{"JSON: something behind", "{}x", HF_E_JSON},
		{"Order: nothing in it", "{}", HF_E_SHAPE},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		hf_auto_order struct hf_order *order = NULL;
		cr_assert_eq(hf_envelope_new(HF_DOC_ORDER, rows[i].payload, strlen(rows[i].payload), &envelope, NULL),
			     HF_OK);
		cr_expect_eq(hf_order_decode(envelope, &order, NULL), rows[i].want, "%s", rows[i].what);
		cr_expect_null(order, "%s", rows[i].what);
	}
}

/* One limit, said the same way from both sides. */
Test(order, minutes_are_one_to_240_D9_3)
{
	static const char *const minutes[] = {"0", "241"};

	for (size_t i = 0; i < HF_LEN(minutes); i++) {
		hf_auto_json json_t *doc = sample_doc(SAMPLE_RAISE);
		hf_auto_envelope struct hf_envelope *envelope = NULL;
		hf_auto_order struct hf_order *order = NULL;
		struct hf_err err = {0};

		sample_change(doc, "holding.0.minutes", minutes[i]);
		envelope = sample_envelope(SAMPLE_RAISE, doc, "comms-1");
		cr_expect_eq(hf_order_decode(envelope, &order, &err), HF_E_SHAPE);
		cr_expect(strstr(err.text, "must be 1 to 240 minutes"), "%s", err.text);
	}
}
