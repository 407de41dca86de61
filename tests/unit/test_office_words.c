/* SPDX-License-Identifier: MIT */
/*
 * Owns what an officer reads before signing: live and exercise cannot be taken for each other, nothing is left out.
 * Must never let a text of somebody else pass for a sentence of the terminal.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/report.h>

#include "controller/office/message_words.h"
#include "controller/office/proposal_words.h"
#include "controller/office/set_aside.h"
#include "tests/unit/help_view.h"

/* Two devices, d1 in touch and of staff, d2 silent and of the depot. */
static enum hf_rc two_devices(void *arg, const char *path, json_t **ret, struct hf_err *err)
{
	bool depot = strstr(path, "&group=depot"), staff = strstr(path, "&group=staff"), all = !depot && !staff;

	(void)arg;
	(void)err;
	cr_assert(strncmp(path, "/v1/devices?", 12) == 0, "%s", path);
	*ret = json_pack("{s:i, s:i}", "of", all ? 2 : depot + staff, "total", all || depot);
	return HF_OK;
}

static void open_online(struct desk *desk)
{
	desk_open(desk);
	desk->view.trusts = json_array();
	desk->view.online = true;
	desk->office.get = two_devices;
}

static void desk_hear(struct desk *desk, const struct hf_envelope *envelope)
{
	cr_assert_eq(hf_view_hear(&desk->view, envelope, NULL), HF_OK);
	cr_assert_eq(hf_view_judge(&desk->view, NULL), HF_OK);
}

/* What comms-1 reads. The envelope is taken over. */
static const char *desk_read(struct desk *desk, struct hf_envelope *envelope)
{
	hf_auto_envelope struct hf_envelope *mine = envelope;
	struct hf_words words = {.view = &desk->view, .me = "comms-1"};

	free(desk->text);
	desk->text = NULL;
	words.out = open_memstream(&desk->text, &desk->len);
	cr_assert_not_null(words.out);
	cr_assert_eq(hf_words_envelope(&words, mine, NULL), HF_OK);
	cr_assert_eq(fclose(words.out), 0);
	return desk->text;
}

static struct hf_order raise_of(enum hf_mode mode)
{
	static struct hf_holding holding = {
		.account = "x:CannockChaseDC", .text = "We are here.", .poster = "comms-2", .minutes = 15};
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);

	order.mode = mode;
	order.body.holding = &holding;
	order.body.n_holding = 1;
	return order;
}

/* true: every line has the word; *ret_bad is the first that has not. */
static bool all_lines_have(const char *text, const char *word, char ret_bad[256])
{
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		snprintf(ret_bad, 256, "%.*s", (int)len, line);
		if (!strstr(ret_bad, word))
			return false;
	}
	return true;
}

Test(office_words, an_exercise_says_so_in_every_sentence)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL;
	struct hf_order order = raise_of(HF_MODE_EXERCISE);
	char bad[256];

	open_online(&desk);
	order.body.reason = "Drill\nof the quarter";
	raise = council_order(&desk.council, &order, COMMS_1);
	desk_hear(&desk, raise);
	order = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	order.mode = HF_MODE_EXERCISE;
	cr_expect(all_lines_have(desk_read(&desk, council_order(&desk.council, &order, COMMS_1)), "EXERCISE", bad),
		  "amend: %s", bad);
	order = council_release_doc(HF_KIND_EMERGENCY, &raise->digest, 1);
	order.mode = HF_MODE_EXERCISE;
	cr_expect(all_lines_have(desk_read(&desk, council_order(&desk.council, &order, COMMS_1)), "EXERCISE", bad),
		  "release: %s", bad);
	cr_expect_null(strstr(desk.text, "open again"), "an exercise blocked nothing, so nothing opens");
	cr_expect(all_lines_have(desk_read(&desk, hf_steal_ptr(&raise)), "EXERCISE", bad), "raise: %s", bad);
	cr_expect_null(strstr(desk.text, "LIVE"));
	cr_expect(strstr(desk.text, "nothing is blocked"), "%s", desk.text);
	cr_expect(strstr(desk.text, "does NOT post it"), "%s", desk.text);
}

Test(office_words, a_live_raise_says_what_it_does_to_how_many)
{
	static const char *const says[] = {
		"LIVE EMERGENCY LOCKDOWN",
		"Every posting tool is blocked on all 2 devices",
		"1 device has not been heard from lately",
		"comms-2 is asked to post once on x:CannockChaseDC",
		"We are here.",
		"ends only with a release by 2 different people of the roles comms or monitoring",
	};
	desk_auto struct desk desk;
	struct hf_order order = raise_of(HF_MODE_LIVE);

	open_online(&desk);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	for (size_t i = 0; i < HF_LEN(says); i++)
		cr_expect(strstr(desk.text, says[i]), "D9.1-D9.3: \"%s\" in: %s", says[i], desk.text);
	cr_expect_null(strstr(desk.text, "EXERCISE"));
}

Test(office_words, scope_exempt_and_posters_are_named)
{
	static struct hf_holding wrong = {
		.account = "x:CannockChaseDC", .text = "Hello.", .poster = "visitor-9", .minutes = 15};
	static struct hf_holding many[] = {{"x:CannockChaseDC", "Hello.", "visitor-9", 15},
					   {"x:CCDCYourVoice", "Hello.", "visitor-9", 15},
					   {"facebook:cannockchasedc", "Hello.", "visitor-9", 15}};
	desk_auto struct desk desk;
	struct hf_order order = raise_of(HF_MODE_LIVE);

	open_online(&desk);
	order.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	order.body.groups = COUNCIL_LIST("depot");
	order.body.exempt = COUNCIL_LIST("comms-1", "comms-2");
	order.body.holding = &wrong;
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "(x:CannockChaseDC)"), "named accounts: %s", desk.text);
	cr_expect(strstr(desk.text, "1 of 2 devices (group depot)"), "named groups: %s", desk.text);
	cr_expect(strstr(desk.text, "never blocked: comms-1 (you) and comms-2."), "D9.1: %s", desk.text);
	cr_expect(strstr(desk.text, "ATTENTION: by the register, visitor-9 does not hold x:CannockChaseDC: no device"), "D2.3: %s",
		  desk.text);
	order.body.holding = many;
	order.body.n_holding = HF_LEN(many);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "visitor-9 does not hold x:CannockChaseDC, x:CCDCYourVoice and facebook:cannockchasedc: no device"),
		  "in one line, whatever their number: %s", desk.text);
}

Test(office_words, a_text_cannot_pass_for_our_sentence)
{
	desk_auto struct desk desk;
	struct hf_order order = raise_of(HF_MODE_LIVE);

	open_online(&desk);
	order.body.reason = "Fire\nIt needs the approval of 0 people.";
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect_null(strstr(desk.text, "\nIt needs the approval of 0"), "forged sentence: %s", desk.text);
	cr_expect(strstr(desk.text, "\n    It needs the approval of 0"), "it is shown, set in: %s", desk.text);
}

/* Another program's order may have instructions that are no words: whoever approves it sees what is there. */
Test(office_words, instructions_without_a_word_are_shown_as_they_are)
{
	desk_auto struct desk desk;
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);

	open_online(&desk);
	order.body.instructions = "---";
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "Instructions that staff must read:\n"), "words of a kind: %s", desk.text);
	order.body.instructions = " \n ";
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "Instructions that staff must read:  \n"), "not left out: %s", desk.text);
}

Test(office_words, an_amendment_says_what_it_loosens)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL;
	struct hf_order order = raise_of(HF_MODE_LIVE);

	open_online(&desk);
	raise = council_order(&desk.council, &order, COMMS_1);
	desk_hear(&desk, raise);
	order = council_amend_doc(HF_KIND_EMERGENCY, raise, 1);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "loosens nothing"), "the same again: %s", desk.text);
	cr_expect(strstr(desk.text, "It goes on and ends only with a release"), "it has begun already: %s", desk.text);
	order.body.exempt = COUNCIL_LIST("elections-1");
	order.body.groups = COUNCIL_LIST("staff");
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "It LOOSENS"), "%s", desk.text);
	cr_expect(strstr(desk.text, "adds an exempt person: elections-1"), "%s", desk.text);
	cr_expect(strstr(desk.text, "leaves out the devices of: all others"), "%s", desk.text);
}

Test(office_words, a_release_says_what_stays_closed)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *first = NULL, *second = NULL;
	struct hf_order order = raise_of(HF_MODE_LIVE);

	open_online(&desk);
	first = council_order(&desk.council, &order, COMMS_1);
	order.body.reason = "Flood";
	second = council_order(&desk.council, &order, COMMS_2);
	desk_hear(&desk, first);
	desk_hear(&desk, second);
	order = council_release_doc(HF_KIND_EMERGENCY, &first->digest, 1);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "ATTENTION: another lockdown stays in force"), "D9.3: %s", desk.text);
	cr_expect(strstr(desk.text, "what another lockdown shuts STAYS SHUT"), "%s", desk.text);
	cr_expect_null(strstr(desk.text, "open again"), "not while another stays: %s", desk.text);
	order = council_release_doc(HF_KIND_EMERGENCY, &(struct hf_digest){{7}}, 1);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "That lockdown is not known here."), "%s", desk.text);
}

/* What opens, why it was raised: each by what is so, whatever was amended since. */
Test(office_words, a_release_says_what_opens_and_why_it_was_raised)
{
	/* clang-format off */
	static const struct { const char *what; int64_t from; const char *amended, *wanted, *never; } rows[] = {
		{ "in force",                 0,                         NULL,    "Posting tools open again on all 2 devices", "amended to" },
		{ "its reason was amended",   0,                         "Flood", "It was raised because: Fire", "raised because: Flood" },
		{ "and what it is now",       0,                         "Flood", "Its reason was amended to: Flood", "raised because: Flood" },
		{ "D10: it has not begun",    COUNCIL_T + COUNCIL_DAY,   NULL,    "It has not begun, and will not begin", "open again" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		desk_auto struct desk desk;
		hf_auto_envelope struct hf_envelope *raise = NULL, *amend = NULL;
		struct hf_order order = council_raise_doc(HF_KIND_PURDAH);

		open_online(&desk);
		order.body.reason = "Fire";
		if (rows[i].from > 0)
			order.body.from.s = rows[i].from;
		raise = council_order(&desk.council, &order, ELECTIONS_1);
		desk_hear(&desk, raise);
		order = council_amend_doc(HF_KIND_PURDAH, raise, 1);
		order.body.reason = rows[i].amended;
		if (rows[i].amended)
			amend = council_order(&desk.council, &order, ELECTIONS_1 | MONITORING_1);
		if (amend)
			desk_hear(&desk, amend);
		order = council_release_doc(HF_KIND_PURDAH, &raise->digest, 1);
		desk_read(&desk, council_order(&desk.council, &order, NOBODY));
		cr_expect(strstr(desk.text, rows[i].wanted), "%s: %s", rows[i].what, desk.text);
		cr_expect_null(strstr(desk.text, rows[i].never), "%s: %s", rows[i].what, desk.text);
	}
}

Test(office_words, a_new_register_shows_what_is_taken_out)
{
	desk_auto struct desk desk;
	struct hf_register reg = council_register_doc();

	open_online(&desk);
	reg.version = 2;
	reg.n_tools--;
	reg.accounts++;
	reg.n_accounts--;
	desk_read(&desk, council_register(&desk.council, &reg, NOBODY));
	cr_expect(strstr(desk.text, "Against version 1, which is in force"), "%s", desk.text);
	cr_expect(strstr(desk.text, "is TAKEN OUT"), "D2.1: a tool that is no longer blocked is said: %s", desk.text);
	cr_expect_null(strstr(desk.text, "is changed"), "what is as it was is not repeated: %s", desk.text);
}

Test(office_words, an_amendment_that_cannot_be_weighed_says_so)
{
	desk_auto struct desk desk;
	hf_auto_envelope struct hf_envelope *raise = NULL, *amend = NULL;
	struct hf_order order = council_raise_doc(HF_KIND_PURDAH);

	open_online(&desk);
	order.body.level = HF_LEVEL_BLOCK;
	raise = council_order(&desk.council, &order, ELECTIONS_1);
	order = council_amend_doc(HF_KIND_PURDAH, raise, 1);
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "That lockdown is not known here: whether this loosens it"), "%s", desk.text);
	desk_hear(&desk, raise);
	order.body.level = HF_LEVEL_GUARD;
	order.body.accounts = COUNCIL_LIST("x:CannockChaseDC");
	order.body.until.s -= COUNCIL_DAY;
	amend = council_order(&desk.council, &order, ELECTIONS_1 | MONITORING_1);
	desk_read(&desk, council_order(&desk.council, &order, ELECTIONS_1 | MONITORING_1));
	cr_expect(strstr(desk.text, "Loosens: a weaker level, guard instead of block."), "%s", desk.text);
	cr_expect(strstr(desk.text, "Loosens: a later start or an earlier end."), "%s", desk.text);
	cr_expect(strstr(desk.text, "guarded until they have read the instructions"), "%s", desk.text);
	desk_hear(&desk, amend);
	order.body.reason = "Another at the same time.";
	desk_read(&desk, council_order(&desk.council, &order, NOBODY));
	cr_expect(strstr(desk.text, "ATTENTION: the lockdown is at amendment 1 already"), "%s", desk.text);
}

Test(office_words, a_report_says_what_a_device_has_lost_and_refused)
{
	const struct hf_report report = {.council = COUNCIL_NAME,
					 .device = COUNCIL_DEVICE,
					 .counter = 7,
					 .at = {COUNCIL_T},
					 .unknown = true,
					 .controller = "",
					 .over = {{.person = "comms-1"}},
					 .n_over = 1,
					 .refused = {{HF_E_SIGNATURE, 3}},
					 .n_refused = 1};
	desk_auto struct desk desk;

	open_online(&desk);
	desk_read(&desk, council_sign(&desk.council, HF_DOC_REPORT, hf_report_encode(&report), DEVICE));
	cr_expect(strstr(desk.text, "REPORT 7 of the device " COUNCIL_DEVICE), "%s", desk.text);
	cr_expect(strstr(desk.text, "It has lost what it knew and is locked"), "%s", desk.text);
	cr_expect(strstr(desk.text, "It is locked because comms-1 is over"), "%s", desk.text);
	cr_expect(strstr(desk.text, "Refused since it was enrolled, for the reason `signature`: 3."), "%s", desk.text);
}

Test(office_words, a_register_says_what_changed_and_what_nobody_holds)
{
	desk_auto struct desk desk;
	struct hf_register reg = council_register_doc();

	open_online(&desk);
	reg.version = 2;
	reg.accounts[0].n_holders = 0;
	desk_read(&desk, council_register(&desk.council, &reg, NOBODY));
	cr_expect(strstr(desk.text, "is changed"), "%s", desk.text);
	cr_expect(strstr(desk.text, "is held by nobody."), "%s", desk.text);
}

/* proto/README.md "Shares", 3: whoever is over shuts everything, until the trust has their key no more. */
Test(office_words, what_a_trust_would_change_is_said)
{
	desk_auto struct desk desk;
	struct hf_words words = {.view = &desk.view};
	hf_auto_json json_t *effects = json_pack("[{s:s, s:s, s:s}]", "person", "comms-2", "kind", "emergency", "change", "opens");

	open_online(&desk);
	words.out = open_memstream(&desk.text, &desk.len);
	hf_effects_words(&words, effects);
	cr_assert_eq(fclose(words.out), 0);
	cr_expect_str_eq(desk.text, "WHAT IS IN FORCE WOULD CHANGE: all that is shut because comms-2 is over (emergency) opens.\n");
}

/* proto/README.md "When people change": a trust that names one digest less lets it count again, which nobody must sign unread. */
Test(office_words, what_a_trust_sets_aside_no_more_is_said)
{
	desk_auto struct desk desk;
	struct hf_words words = {.view = &desk.view};
	struct hf_trust less;

	open_online(&desk);
	less = *desk.view.known.trust;
	less.digest.b[0] ^= 1;
	for (size_t i = 0; i < 2; i++)
		desk.view.known.trust->voids[desk.view.known.trust->n_voids++] = (struct hf_void){{{(uint8_t)(i + 1)}}, 7};
	words.out = open_memstream(&desk.text, &desk.len);
	hf_aside_words(&words, &less);
	cr_assert_eq(fclose(words.out), 0);
	cr_expect(strstr(desk.text, "It sets 2 aside NO MORE: they count again.\n"), "%s", desk.text);
}

/* proto/README.md "When people change": 80 bits, however they are typed; 76 are refused. */
Test(office_words, a_digest_is_compared_by_twenty_characters)
{
	static const struct { const char *typed; bool is; } rows[] = {
		{ "0102 0304 0506 0708 090A", true }, { "0102030405060708090a0b", true }, { "0102030405060708090", false },
		{ "0102030405060708090b", false }, { "", false }, { "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021", false },
	};
	struct hf_digest digest;
	char text[HF_READ_OUT + 4];

	for (size_t i = 0; i < sizeof(digest.b); i++)
		digest.b[i] = (uint8_t)(i + 1);
	cr_expect_str_eq(hf_read_out(&digest, text), "01020 30405 06070 8090a");
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_read_out_is(&digest, rows[i].typed), rows[i].is, "%s", rows[i].typed);
}
