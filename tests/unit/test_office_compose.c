/* SPDX-License-Identifier: MIT */
/*
 * Owns from options to the payload of an order: defaults, wishes, refusals.
 * Must never change what was not asked for.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/office/compose.h"
#include "tests/unit/help_view.h"

/* The raise that these wishes make; NULL when they are refused. */
static struct hf_order *raised(struct desk *desk, const struct hf_wishes *wishes, struct hf_err *err)
{
	hf_auto_json json_t *payload = hf_compose_raise(&desk->view, HF_MODE_LIVE, "comms-1");
	hf_auto_envelope struct hf_envelope *envelope = NULL;
	struct hf_order *order = NULL;

	cr_assert_not_null(payload);
	if (hf_compose_apply(&desk->view, wishes, payload, err) == HF_OK &&
	    hf_compose_order(&desk->view, json_incref(payload), &envelope, err) == HF_OK)
		cr_assert_eq(hf_order_decode(envelope, &order, NULL), HF_OK);
	return order;
}

Test(office_compose, a_raise_is_of_everything_but_the_officer_who_raises_it)
{
	desk_auto struct desk desk;
	hf_auto_order struct hf_order *order = NULL;
	const struct hf_wishes wishes = {.reason = "Fire", .minutes = 15};

	desk_open(&desk);
	order = raised(&desk, &wishes, NULL);
	cr_assert_not_null(order);
	cr_expect(hf_strs_has(&order->body.accounts, "*") && hf_strs_has(&order->body.groups, "*"), "D9.1, D9.2");
	cr_assert_eq(order->body.exempt.n, 1);
	cr_expect_str_eq(order->body.exempt.v[0], "comms-1", "D9.1: the designated officer is never blocked");
	cr_expect_eq(order->body.level, HF_LEVEL_BLOCK);
	cr_expect_eq(order->body.until.s, 0, "it has no end but its release");
}

Test(office_compose, an_officers_fast_clock_does_not_put_the_start_off)
{
	desk_auto struct desk desk;
	hf_auto_order struct hf_order *order = NULL;
	const struct hf_wishes wishes = {.reason = "Fire", .minutes = 15};

	desk_open(&desk);
	desk.view.status = json_pack("{s:i}", "now", COUNCIL_T);
	order = raised(&desk, &wishes, NULL);
	cr_assert_not_null(order);
	cr_expect_eq(order->body.from.s, COUNCIL_T);
	cr_expect_eq(order->at.s, COUNCIL_T + 120);
}

static void warned(void *arg, const char *text)
{
	cr_expect(strstr(text, "two messages here: the last one counts"), "%s", text);
	++*(int *)arg;
}

Test(office_compose, wishes_are_taken)
{
	int n_warned = 0;
	desk_auto struct desk desk;
	hf_auto_order struct hf_order *order = NULL;
	const struct hf_wishes wishes = {
		.reason = "Fire",
		.contact = "Ring 4321",
		.minutes = 20,
		.accounts = {.v = {"x:CannockChaseDC"}, .n = 1},
		.groups = {.v = {"staff", "depot"}, .n = 2},
		.exempt = {.v = {"none"}, .n = 1},
		.holding = {.v = {{"x:CannockChaseDC", "comms-2", "Old."}, {"x:CannockChaseDC", "comms-1", "New: words."}},
			    .n = 2},
	};

	desk_open(&desk);
	desk.office.on_warning = warned;
	desk.office.arg = &n_warned;
	order = raised(&desk, &wishes, NULL);
	cr_assert_not_null(order);
	cr_expect_eq(n_warned, 1, "that one of the two is lost is said");
	cr_expect_eq(order->body.exempt.n, 0);
	cr_expect_eq(order->body.groups.n, 2);
	cr_expect_str_eq(order->body.contact, "Ring 4321");
	cr_assert_eq(order->body.n_holding, 1, "D9.3: one message an account");
	cr_expect_str_eq(order->body.holding[0].text, "New: words.");
	cr_expect_str_eq(order->body.holding[0].poster, "comms-1");
	cr_expect_eq(order->body.holding[0].minutes, 20);
}

Test(office_compose, what_makes_no_sense_is_refused)
{
	const struct {
		const char *what;
		struct hf_wishes wishes;
		const char *says;
	} rows[] = {
		{"no reason", {.minutes = 15}, "reason"},
		{"an unknown account", {.reason = "F", .accounts = {.v = {"x:nobody"}, .n = 1}}, "x:nobody"},
		{"an empty poster",
		 {.reason = "F", .minutes = 15, .holding = {.v = {{"x:CannockChaseDC", "", "Hi"}}, .n = 1}},
		 ""},
		{"a message for an unknown account",
		 {.reason = "F", .minutes = 15, .holding = {.v = {{"x:nobody", "comms-1", "Hi"}}, .n = 1}},
		 "x:nobody"},
		{"a window of no minutes",
		 {.reason = "F", .holding = {.v = {{"x:CannockChaseDC", "comms-1", "Hi"}}, .n = 1}},
		 "minutes"},
		{"text that is not UTF-8", {.reason = "F\xff"}, "Character 2 of the reason is not UTF-8"},
		{"text that turns round", {.reason = "Fi\xe2\x80\xae"}, "Character 3 of the reason (U+202E)"},
		{"a message with a bell",
		 {.reason = "F", .minutes = 15, .holding = {.v = {{"x:CannockChaseDC", "comms-1", "Caf\xc3\xa9\a"}}, .n = 1}},
		 "Character 5 of the message of x:CannockChaseDC (U+0007)"},
		{"a message of nothing",
		 {.reason = "F", .minutes = 15, .holding = {.v = {{"*", "comms-1", ""}}, .n = 1}},
		 "The message of x:CannockChaseDC is empty"},
		{"a time that is none", {.reason = "F", .from = "tomorrow"}, "The start must be"},
		{"an emergency with an end", {.reason = "F", .until = "2027-01-01T00:00:00Z"}, ""},
		{"a person's name with spaces", {.reason = "F", .exempt = {.v = {"Jane Doe"}, .n = 1}}, "exempt"},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		desk_auto struct desk desk;
		hf_auto_order struct hf_order *order = NULL;
		struct hf_err err = {0};

		desk_open(&desk);
		order = raised(&desk, &rows[i].wishes, &err);
		cr_expect_null(order, "%s", rows[i].what);
		cr_expect(err.text[0] && strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

Test(office_compose, an_amendment_changes_only_what_is_asked)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL;
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);
	const struct hf_wishes wishes = {.contact = "Ring 1", .minutes = 15};
	json_t *payload;

	desk_open(&desk);
	doc.body.exempt = COUNCIL_LIST("comms-2");
	raise = council_order(&desk.council, &doc, COMMS_1);
	cr_assert_eq(hf_view_hear(&desk.view, raise, NULL), HF_OK);
	cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
	cr_assert_eq(desk.view.lockdowns.n, 1);
	payload = hf_compose_amend(&desk.view, &desk.view.lockdowns.v[0]);
	cr_assert_eq(hf_compose_apply(&desk.view, &wishes, payload, NULL), HF_OK);
	cr_expect_str_eq(json_string_value(json_object_get(payload, "contact")), "Ring 1");
	cr_expect_str_eq(json_string_value(json_object_get(payload, "reason")), doc.body.reason);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(payload, "exempt"), 0)), "comms-2");
	cr_expect_eq(json_integer_value(json_object_get(payload, "rev")), 1);
	cr_expect_eq(json_integer_value(json_object_get(payload, "from")), doc.body.from.s);
	json_decref(payload);
}

/* The minutes of the one message of an amendment of a raise that gave 20. */
static void warned_of_rivals(void *arg, const char *text)
{
	cr_expect_str_eq(text, "2 amendments of revision 1 hold side by side; this one begins with one of them.");
	++*(int *)arg;
}

/* Two officers amended at once: whoever amends again is told that it cannot begin with both. */
Test(office_compose, an_amendment_upon_two_says_that_it_begins_with_one)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL, *fresh = NULL;
	struct hf_envelope *rivals[2];
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);
	const struct hf_wishes wishes = {.contact = "Ring 1", .minutes = 15};
	int n_warned = 0;

	desk_open(&desk);
	desk.office.on_warning = warned_of_rivals;
	desk.office.arg = &n_warned;
	raise = council_order(&desk.council, &doc, COMMS_1);
	cr_assert_eq(hf_view_hear(&desk.view, raise, NULL), HF_OK);
	for (size_t i = 0; i < HF_LEN(rivals); i++) {
		doc = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
		doc.body.contact = i ? "Ring 2" : "Ring 3";
		rivals[i] = council_order(&desk.council, &doc, COMMS_1);
		cr_assert_eq(hf_view_hear(&desk.view, rivals[i], NULL), HF_OK);
		hf_envelope_free(&rivals[i]);
	}
	cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
	cr_assert_eq(hf_compose_amendment(&desk.view, &desk.view.lockdowns.v[0], &wishes, &fresh, NULL), HF_OK);
	cr_expect_eq(n_warned, 1);
}

static int64_t minutes_after(int64_t wished, const char *account)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL;
	hf_auto_json json_t *payload = NULL;
	struct hf_holding holding = {"x:CannockChaseDC", "Old.", "comms-2", 20};
	struct hf_order doc = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_wishes wishes = {.minutes = wished, .holding = {.v = {{"", "comms-1", "New."}}, .n = 1}};
	json_t *one;

	desk_open(&desk);
	wishes.holding.v[0].account = account;
	doc.body.holding = &holding;
	doc.body.n_holding = 1;
	raise = council_order(&desk.council, &doc, COMMS_1);
	cr_assert_eq(hf_view_hear(&desk.view, raise, NULL), HF_OK);
	cr_assert_eq(hf_view_judge(&desk.view, NULL), HF_OK);
	payload = hf_compose_amend(&desk.view, &desk.view.lockdowns.v[0]);
	cr_assert_eq(hf_compose_apply(&desk.view, &wishes, payload, NULL), HF_OK);
	one = json_object_get(payload, "holding");
	return json_integer_value(json_object_get(json_array_get(one, json_array_size(one) - 1), "minutes"));
}

/* A text from an editor of another system, by way of "$(cat file)". */
Test(office_compose, a_text_with_marks_of_other_systems_is_only_its_text)
{
	desk_auto struct desk desk;
	hf_auto_order struct hf_order *order = NULL;
	const struct hf_wishes wishes = {
		.reason = "\xEF\xBB\xBF"
			  "Fire\r\nin the depot",
		.minutes = 15,
		.holding = {.v = {{"x:CannockChaseDC", "comms-2", "One.\r\nTwo."}}, .n = 1},
	};

	desk_open(&desk);
	order = raised(&desk, &wishes, NULL);
	cr_assert_not_null(order);
	cr_expect_str_eq(order->body.reason, "Fire\nin the depot");
	cr_expect_str_eq(order->body.holding[0].text, "One.\nTwo.");
}

Test(office_compose, an_amended_message_keeps_its_minutes)
{
	cr_expect_eq(minutes_after(HF_MINUTES_AS_BEFORE, "x:CannockChaseDC"), 20, "as they were");
	cr_expect_eq(minutes_after(30, "x:CannockChaseDC"), 30, "as is said");
	cr_expect_eq(minutes_after(HF_MINUTES_AS_BEFORE, "facebook:cannockchasedc"), 15, "of a message that is new");
}

/* D9.1: raised again within the second of its own all-clear, an emergency is a new one, not the one that was released.
 */
Test(office_compose, two_equal_orders_of_one_second_are_two)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *first = NULL, *second = NULL;
	hf_auto_json json_t *payload = NULL;
	int64_t at;

	desk_open(&desk);
	payload = hf_compose_raise(&desk.view, HF_MODE_LIVE, "comms-1");
	json_object_set_new(payload, "reason", json_string("Fire"));
	at = json_integer_value(json_object_get(payload, "at"));
	cr_assert_eq(hf_compose_order(&desk.view, json_incref(payload), &first, NULL), HF_OK);
	council_sign_more(&desk.council, first, COMMS_1);
	cr_assert_eq(hf_view_hear(&desk.view, first, NULL), HF_OK);
	cr_assert_eq(desk.view.known.orders.n, 1, "the first one is known");
	cr_assert_eq(hf_compose_order(&desk.view, json_incref(payload), &second, NULL), HF_OK);
	cr_expect_neq(hf_digest_cmp(&first->digest, &second->digest), 0, "each has an identity of its own");
	cr_expect_eq(json_integer_value(json_object_get(payload, "at")), at + 1);
}
