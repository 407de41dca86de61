/* SPDX-License-Identifier: MIT */
/*
 * Owns who is told what, in which words and when again (policy D9.3, D10), in tables.
 * Must never ask a clock.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "controller/telling/letter.h"
#include "controller/telling/render.h"
#include "controller/telling/event.h"
#include "controller/telling/id_names.h"
#include "controller/telling/retry.h"
#include "controller/telling/ways.h"

#define FILE_TEXT                                                                                                      \
	"person;name;title;email;mobile\r\nh1;Jo Bloggs;Officer;h1@example.org;\r\nh2;;;h2@b\xc3\xbc""cher.example;\n"      \
	"h3;;;;07700900000\nc1;;Head of Communications;c1@example.org;\n*list;;;all@example.org;\n*member;;;m1@example.org;\n"

static struct hf_err err;

Test(telling, addresses)
{
	static const struct {
		const char *what, *text, *want; /* NULL: refused */
	} rows[] = {
		{"a plain one", "jo.bloggs+x@example.org", "jo.bloggs+x@example.org"},
		{"a domain of another script", "a@b\xc3\xbc""cher.example", "a@xn--bcher-kva.example"},
		{"a machine of the same network", "root@localhost", "root@localhost"},
		{"nothing", "", NULL},
		{"no domain", "a@", NULL},
		{"no person", "@example.org", NULL},
		{"a line of its own for the server", "a@example.org\r\nRCPT TO:<b@example.org>", NULL},
		{"a line feed before the @", "a\nb@example.org", NULL},
		{"the end of a command", "a>b@example.org", NULL},
		{"two addresses", "a@example.org,b@example.org", NULL},
		{"a blank", "a b@example.org", NULL},
		{"quotes", "\"a\"@example.org", NULL},
		{"another script before the @", "\xc3\xa9@example.org", NULL},
		{"a source route", "@a.example:b@example.org", NULL},
		{"two dots", "a..b@example.org", NULL},
		{"two dots in the domain", "a@example..org", NULL},
		{"an address of a network", "a@[127.0.0.1]", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		char address[HF_MAIL_SIZE] = "";
		enum hf_rc rc = hf_mail_address(rows[i].text, address, &err);
		cr_expect_eq(rc, rows[i].want ? HF_OK : HF_E_SHAPE, "%s", rows[i].what);
		cr_expect_str_eq(address, rows[i].want ? rows[i].want : "", "%s", rows[i].what);
	}
}

Test(telling, times_between_two_tries)
{
	static const int64_t least[] = {5, 30, 120, 600, 1800, 1800};
	struct hf_wall at = {1000}, next;
	for (size_t i = 0; i < HF_LEN(least); i++) {
		cr_expect(hf_retry_next((int64_t)i + 1, (struct hf_wall){1000}, at, 0, &next), "try %zu", i);
		cr_expect_eq(next.s - at.s, least[i], "try %zu", i);
		cr_expect(hf_retry_next((int64_t)i + 1, (struct hf_wall){1000}, at, UINT32_MAX, &next));
		cr_expect(next.s - at.s >= least[i] && next.s - at.s <= least[i] + least[i] / 10, "a tenth more, try %zu", i);
		at = next;
	}
	cr_expect_not(hf_retry_next(9, (struct hf_wall){1000}, (struct hf_wall){1000 + 4 * 3600}, 0, &next), "four hours at most");
	cr_expect_not(hf_retry_next(9, (struct hf_wall){1000}, (struct hf_wall){1000 + 4 * 3600 - 1799}, 0, &next));
	cr_expect(hf_retry_next(9, (struct hf_wall){1000}, (struct hf_wall){1000 + 4 * 3600 - 1800}, 0, &next));
}

static void read_people(const char *text, struct hf_contacts *ret)
{
	char *copy = strdup(text);
	cr_assert_not_null(copy);
	cr_assert_eq(hf_contacts_read(copy, ret, &err), HF_OK, "%s", err.text);
}

Test(telling, the_people_file)
{
	static const struct {
		const char *what, *text;
		size_t n, n_bad;
		const char *says; /* of the first bad line */
		const char *named; /* whose id is a name */
	} rows[] = {
		{"as a spreadsheet writes it", FILE_TEXT, 6, 0, "", NULL},
		{"nobody", "", 0, 0, "", NULL},
		{"a bad address hides nobody else", "a1,,,nonsense,\na2,,,a2@example.org,\n", 1, 1, "line 1: 'nonsense' is no address", NULL},
		{"no id", "Jo Bloggs,,,a@example.org,\n", 0, 1, "line 1: 'Jo Bloggs' is neither", NULL},
		{"somebody twice", "a1,,,,\na1,,,,\n", 1, 1, "line 2: a1 stands there twice", NULL},
		{"a list without an address", "*list,,,,\n", 0, 1, "line 1: *list has no address", NULL},
		{"two lists", "*list,,,a@example.org,\n*list,,,b@example.org,\n", 2, 0, "", NULL},
		{"behind an open quote nobody", "a1,,,,\na2,\"x,,,\n", 1, 1, "line 2", NULL},
		{"a number that is none keeps the address", "a1,,,a1@example.org,call me\n", 1, 1, "line 1: 'call me' is no number", NULL},
		{"too short a number", "a1,,,,0770\n", 1, 1, "'0770' is no number", NULL},
		{"an id that is a name", "jo-bloggs,Jo Bloggs,,,\n", 1, 0, "", "jo-bloggs"},
		{"with a number", "bloggs2,Jo Bloggs,,,\n", 1, 0, "", "bloggs2"},
		{"a part of an office is none", "communications-1,Com Li,,,\n", 1, 0, "", NULL},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_contacts struct hf_contacts people = {0};
		read_people(rows[i].text, &people);
		cr_expect_eq(people.n, rows[i].n, "%s: %zu", rows[i].what, people.n);
		cr_expect_eq(people.n_bad, rows[i].n_bad, "%s: %zu", rows[i].what, people.n_bad);
		cr_expect(strstr(people.bad.text, rows[i].says), "%s: %s", rows[i].what, people.bad.text);
		cr_expect_str_eq(people.named ? people.named : "", rows[i].named ? rows[i].named : "", "%s", rows[i].what);
	}
}

/* One council for all rows: x has h1 and h2, facebook has h2, h3 and c1 until 500; c1 may raise. */
static struct hf_holder of_x[] = {{"h1", {0}}, {"h2", {0}}}, of_f[] = {{"h2", {0}}, {"h3", {0}}, {"c1", {500}}};
static struct hf_account accounts[] = {{"x:a", HF_ACCOUNT_CORPORATE, of_x, 2}, {"facebook:b", HF_ACCOUNT_CORPORATE, of_f, 3}};
static struct hf_register reg = {.accounts = accounts, .n_accounts = 2};
static const char *comms[] = {"comms"}, *elections[] = {"elections"};
static struct hf_person persons[] = {{.id = "c1", .roles = {comms, 1}}, {.id = "c2", .roles = {comms, 1}}};
static struct hf_trust trust = {.people = persons,
				.n_people = 2,
				.rules = {{HF_RULE_EMERGENCY, HF_RULE_RAISE, {comms, 1}, 1, false},
					  {HF_RULE_PURDAH, HF_RULE_RAISE, {elections, 1}, 1, false}},
				.n_rules = 2};
static const char *every[] = {"*"}, *x_alone[] = {"x:a"}, *h2_exempt[] = {"h2"};
static struct hf_holding holding = {"x:a", "Stay inside.", "h1", 15};

static struct hf_order order_of(enum hf_kind kind, const char **which, size_t n_holding)
{
	return (struct hf_order){.act = HF_ACT_RAISE,
				 .kind = kind,
				 .at = {90},
				 .body = {.accounts = {which, 1},
					  .reason = "Flood",
					  .contact = "01543",
					  .instructions = kind == HF_KIND_PURDAH ? "Nothing party political." : "",
					  .holding = &holding,
					  .n_holding = n_holding}};
}

static void say_told(const struct hf_tellings *told, char text[512])
{
	text[0] = '\0';
	for (size_t i = 0; i < told->n; i++) {
		size_t len = strlen(text);
		cr_assert_eq(hf_str_printf(text + len, 512 - len, "%s%s:%s@%lld", i ? " " : "", hf_told_name(told->v[i].what),
					   told->v[i].to->person, (long long)told->v[i].due.s), HF_OK);
	}
}

Test(telling, who_is_told)
{
	static const struct {
		const char *what;
		enum hf_kind kind;
		const char **accounts;
		size_t n_holding;
		int64_t from, until, now;
		bool exempt; /* h2 */
		const char *want;
		size_t n_without;
	} rows[] = {
		{"D9.3 every account, a poster", HF_KIND_EMERGENCY, every, 1, 100, 0, 100, false,
		 "poster:h1@100 holder:h2@100 holder:c1@100 council:*list@100", 2},
		{"D9.3 one account", HF_KIND_EMERGENCY, x_alone, 0, 100, 0, 100, false,
		 "holder:h1@100 holder:h2@100 officer:c1@100 council:*list@100", 1},
		{"D2.9 whose access is over holds nothing", HF_KIND_EMERGENCY, every, 0, 900, 0, 900, false,
		 "holder:h1@900 holder:h2@900 officer:c1@900 council:*list@900", 2},
		{"D9.1 who is exempt may post", HF_KIND_EMERGENCY, x_alone, 0, 100, 0, 100, true,
		 "holder:h1@100 officer:h2@100 officer:c1@100 council:*list@100", 1},
		{"D10 at the start, Members too, and a reminder to holders", HF_KIND_PURDAH, x_alone, 0, 300, 0, 100, false,
		 "instructions:h1@300 instructions:h2@300 instructions:*list@300 instructions:*member@300 reminder:h1@310 reminder:h2@310", 0},
		{"D10 no reminder to who is exempt", HF_KIND_PURDAH, x_alone, 0, 300, 0, 100, true,
		 "instructions:h1@300 instructions:h2@300 instructions:*list@300 instructions:*member@300 reminder:h1@310", 0},
		{"D10 nor after the end", HF_KIND_PURDAH, x_alone, 0, 300, 305, 100, false,
		 "instructions:h1@300 instructions:h2@300 instructions:*list@300 instructions:*member@300", 0},
		{"D10 one that has begun", HF_KIND_PURDAH, x_alone, 0, 50, 0, 100, false,
		 "instructions:h1@100 instructions:h2@100 instructions:*list@100 instructions:*member@100 reminder:h1@110 reminder:h2@110", 0},
	};
	hf_auto_contacts struct hf_contacts people = {0};
	read_people(FILE_TEXT, &people);
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_tellings struct hf_tellings told = {0};
		const struct hf_telling_ask ask = {&reg, &trust, &people, {rows[i].now}, 10, NULL};
		struct hf_order order = order_of(rows[i].kind, rows[i].accounts, rows[i].n_holding);
		char text[512];
		order.body.from.s = rows[i].from;
		order.body.until.s = rows[i].until;
		if (rows[i].exempt)
			order.body.exempt = (struct hf_strs){h2_exempt, 1};
		cr_expect_eq(hf_telling_raise(&ask, &order, &told), HF_OK);
		say_told(&told, text);
		cr_expect_str_eq(text, rows[i].want, "%s: %s", rows[i].what, text);
		cr_expect_eq(told.n_without, rows[i].n_without, "%s: %zu without an address", rows[i].what, told.n_without);
	}
}

Test(telling, a_draft_is_told_to_who_has_not_signed)
{
	hf_auto_contacts struct hf_contacts people = {0};
	hf_auto_tellings struct hf_tellings told = {0}, rest = {0};
	const char *c1[] = {"c1"}, *c2[] = {"c2"};
	const struct hf_strs roles = {comms, 1};
	read_people(FILE_TEXT, &people);
	const struct hf_telling_ask ask = {&reg, &trust, &people, {7}, 0, NULL};
	cr_expect_eq(hf_telling_draft(&ask, &roles, &(struct hf_strs){c2, 1}, &told), HF_OK);
	cr_expect(told.n == 1 && strcmp(told.v[0].to->person, "c1") == 0 && told.v[0].what == HF_TOLD_DRAFT);
	cr_expect_eq(hf_telling_draft(&ask, &roles, &(struct hf_strs){c1, 1}, &rest), HF_OK);
	cr_expect(rest.n == 0 && rest.n_without == 1 && strcmp(rest.without[0], "c2") == 0, "c2 has no address");
}

Test(telling, templates)
{
	static const struct hf_fill fills[] = {{"a", "{{b}} <b>&\x01\r\n"}, {"b", "x"}, {"none", ""}};
	static const struct {
		const char *what, *template, *want; /* NULL: refused */
		const char *says;
	} rows[] = {
		{"nothing to fill in", "as it is } {", "as it is } {", ""},
		{"a value is never a template, and no control character", "1{{a}}2{{b}}", "1{{b}} <b>&  \n2x", ""},
		{"nothing of that name", "a\n{{c}}", NULL, "line 2: there is nothing to put in place of '{{c}}'"},
		{"a name with blanks", "{{ b }}", NULL, "line 1"},
		{"it has nothing here", "{{none}}", NULL, "'{{none}}'"},
		{"it does not end", "x {{b", NULL, "'{{b'"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		hf_auto_free char *text = NULL;
		enum hf_rc rc = hf_render(rows[i].template, fills, HF_LEN(fills), &text, &err);
		cr_expect_eq(rc, rows[i].want ? HF_OK : HF_E_SHAPE, "%s", rows[i].what);
		if (rows[i].want && text)
			cr_expect_str_eq(text, rows[i].want, "%s: %s", rows[i].what, text);
		else
			cr_expect(strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

static struct hf_letter_matter matter_of(const struct hf_order *order, const struct hf_contacts *people)
{
	static const char *signer[] = {"c1"};
	static const struct hf_strs signers = {signer, 1};
	static const struct hf_digest lockdown = {{0xab}};
	return (struct hf_letter_matter){.council = "cannock-chase", .order = order, .lockdown = &lockdown, .signers = &signers,
					 .people = people, .waits = "The all-clear", .size = 1204, .root = {{0xcd}}};
}

Test(telling, every_built_in_letter)
{
	static const struct {
		enum hf_told_kind what;
		enum hf_kind kind;
		const char *subject, *body;
	} rows[] = {
		{HF_TOLD_POSTER, HF_KIND_EMERGENCY, "Please post one message now on x:a", "On x:a, within 15 minutes of opening the posting window:\n\nStay inside.\n"},
		{HF_TOLD_HOLDER, HF_KIND_EMERGENCY, "Please stop posting now: every account of the council", "Please do not post"},
		{HF_TOLD_OFFICER, HF_KIND_EMERGENCY, "Emergency lockdown", "Why: Flood"},
		{HF_TOLD_COUNCIL, HF_KIND_EMERGENCY, "Emergency lockdown", "Ordered by Head of Communications, 1970-01-01 00:01 GMT"},
		{HF_TOLD_OUTSIDE, HF_KIND_EMERGENCY, "Please stop posting now on an account that you share", "You administer one of these accounts."},
		{HF_TOLD_DRAFT, HF_KIND_EMERGENCY, "Your approval is waited for", "The all-clear waits"},
		{HF_TOLD_SECOND, HF_KIND_EMERGENCY, "It is over: you may post again", "Post again."},
		{HF_TOLD_INSTRUCTIONS, HF_KIND_PURDAH, "Pre-election period (purdah)", "Nothing party political."},
		{HF_TOLD_REMINDER, HF_KIND_PURDAH, "Please read the instructions", "Nothing party political."},
		{HF_TOLD_TEST, HF_KIND_EMERGENCY, "Test of messages", "nothing is to be done"},
	};
	hf_auto_contacts struct hf_contacts people = {0};
	read_people(FILE_TEXT, &people);
	for (size_t i = 0; i < HF_LEN(rows) * 2; i++) {
		const bool exercise = i % 2;
		const size_t r = i / 2;
		struct hf_order order = order_of(rows[r].kind, every, 1);
		const struct hf_letter_matter matter = matter_of(&order, &people);
		const struct hf_tell tell = {rows[r].what, &people.v[0], {1}, "mail", people.v[0].mail};
		hf_auto_letter struct hf_letter letter = {0};
		order.message = "Post again.";
		order.mode = exercise ? HF_MODE_EXERCISE : HF_MODE_LIVE;
		cr_assert_eq(hf_letter_write(&matter, &tell, NULL, &letter, &err), HF_OK, "%s: %s", hf_told_name(rows[r].what), err.text);
		cr_expect(strstr(letter.subject, rows[r].subject), "%s", letter.subject);
		cr_expect_eq(strncmp(letter.subject, "EXERCISE: ", 10) == 0, exercise, "the first word: %s", letter.subject);
		cr_expect(strstr(letter.body, rows[r].body), "%s: %s", hf_told_name(rows[r].what), letter.body);
		cr_expect(strstr(letter.body, "had 1204 entries") && strstr(letter.body, "\ncd00"), "the footer: %s", letter.body);
		cr_expect_not(strstr(letter.body, "{{"), "%s", letter.body);
	}
}

Test(telling, a_council_s_own_words)
{
	static const struct {
		const char *what, *template, *subject; /* NULL: refused */
	} rows[] = {
		{"a subject and a body", "Subject: Stop, {{name}}\n\n{{reason}}\n", "Stop, Jo Bloggs"},
		{"no subject", "Stop\n\nnow\n", NULL},
		{"an empty one", "Subject: \n\nnow\n", NULL},
		{"a body at once", "Subject: Stop\nnow\n", NULL},
		{"nothing", "", NULL},
		{"a value of several lines in the subject is one line", "Subject: {{instructions}}\n\nnow\n", "one two"},
	};
	hf_auto_contacts struct hf_contacts people = {0};
	struct hf_order order = order_of(HF_KIND_EMERGENCY, every, 0);
	const struct hf_letter_matter matter = matter_of(&order, &people);
	read_people(FILE_TEXT, &people);
	order.body.instructions = "one\ntwo";
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct hf_tell tell = {HF_TOLD_HOLDER, &people.v[0], {1}, "mail", people.v[0].mail};
		hf_auto_letter struct hf_letter letter = {0};
		enum hf_rc rc = hf_letter_write(&matter, &tell, rows[i].template, &letter, &err);
		cr_expect_eq(rc, rows[i].subject ? HF_OK : HF_E_SHAPE, "%s", rows[i].what);
		cr_expect_str_eq(letter.subject ? letter.subject : "", rows[i].subject ? rows[i].subject : "", "%s", rows[i].what);
	}
}

Test(telling, the_settings_of_channels)
{
	static const struct {
		const char *what, *sms, *hooks, *alerts, *says; /* NULL: taken */
	} rows[] = {
		{"e-mail alone", "", "", "", NULL},
		{"what needs somebody at once", "draft poster, officer", "teams slack", "cap", NULL},
		{"nothing of that name", "everything", "", "", "'everything' is nothing that people are told"},
		{"a name that is none", "", "Teams", "", "'Teams' is no name of a hook"},
		{"that of another channel", "", "sms", "", "'sms' is no name of a hook"},
		{"twice", "", "teams", "teams", "notify.alerts: the hook teams is named twice"},
		{"nine", "", "a b c d e f g h i", "", "more than 8 hooks"},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_ways ways;
		enum hf_rc rc = hf_ways_read(rows[i].sms, rows[i].hooks, rows[i].alerts, &ways, &err);
		cr_expect_eq(rc, rows[i].says ? HF_E_SHAPE : HF_OK, "%s", rows[i].what);
		cr_expect(!rows[i].says || strstr(err.text, rows[i].says), "%s: %s", rows[i].what, err.text);
	}
}

static void say_channels(const struct hf_tellings *told, char text[512])
{
	text[0] = '\0';
	for (size_t i = 0; i < told->n; i++) {
		size_t len = strlen(text);
		cr_assert_eq(hf_str_printf(text + len, 512 - len, "%s%s:%s", i ? " " : "", told->v[i].channel, told->v[i].address), HF_OK);
	}
}

Test(telling, by_which_channels)
{
	hf_auto_contacts struct hf_contacts people = {0};
	hf_auto_tellings struct hf_tellings told = {0}, draft = {0};
	const struct hf_strs roles = {comms, 1};
	struct hf_order order = order_of(HF_KIND_EMERGENCY, x_alone, 1);
	struct hf_ways ways;
	char text[512];
	read_people("h1,,,h1@example.org,07700 900-001\nh2,,,,+44 7700 900002\nc1,,,c1@example.org,(07700) 900003\n", &people);
	cr_assert_eq(hf_ways_read("draft poster holder", "teams", "cap", &ways, &err), HF_OK, "%s", err.text);
	const struct hf_telling_ask ask = {&reg, &trust, &people, {7}, 0, &ways};
	cr_assert_eq(hf_telling_raise(&ask, &order, &told), HF_OK);
	say_channels(&told, text);
	cr_expect_str_eq(text, "mail:h1@example.org sms:07700900001 sms:+447700900002 mail:c1@example.org teams:teams cap:cap", "%s", text);
	cr_expect_eq(told.n_without, 1, "c2 alone: who has a mobile and no address is told by it");
	cr_assert_eq(hf_telling_draft(&ask, &roles, &(struct hf_strs){NULL, 0}, &draft), HF_OK);
	say_channels(&draft, text);
	cr_expect_str_eq(text, "mail:c1@example.org sms:07700900003 teams:teams", "a draft is no alert: %s", text);
}

Test(telling, text_messages)
{
	hf_auto_contacts struct hf_contacts people = {0};
	read_people(FILE_TEXT, &people);
	for (enum hf_told_kind what = HF_TOLD_POSTER; what < HF_TOLD_COUNT; what++) {
		struct hf_order order = order_of(what == HF_TOLD_INSTRUCTIONS || what == HF_TOLD_REMINDER ? HF_KIND_PURDAH : HF_KIND_EMERGENCY, every, 1);
		const struct hf_letter_matter matter = matter_of(&order, &people);
		const struct hf_tell tell = {what, &people.v[0], {1}, "sms", "07700900001"};
		hf_auto_letter struct hf_letter letter = {0};
		order.message = "Post again.";
		order.mode = HF_MODE_EXERCISE;
		cr_assert_eq(hf_letter_write(&matter, &tell, NULL, &letter, &err), HF_OK, "%s: %s", hf_told_name(what), err.text);
		cr_expect_eq(strncmp(letter.body, "EXERCISE: ", 10), 0, "%s", letter.body);
		cr_expect(!strstr(letter.body, "entries") && !strstr(letter.body, "{{") && strlen(letter.body) <= HF_SMS_MAX, "%s", letter.body);
	}
}

Test(telling, a_long_text_message_is_cut_between_two_characters)
{
	hf_auto_contacts struct hf_contacts people = {0};
	struct hf_order order = order_of(HF_KIND_EMERGENCY, every, 0);
	const struct hf_letter_matter matter = matter_of(&order, &people);
	hf_auto_letter struct hf_letter letter = {0};
	char reason[2 * HF_SMS_MAX + 2] = "x";
	for (size_t i = 0; i < HF_SMS_MAX; i++)
		memcpy(reason + 1 + 2 * i, "\xc3\xa9", 3);
	read_people(FILE_TEXT, &people);
	order.body.reason = reason;
	const struct hf_tell tell = {HF_TOLD_OFFICER, &people.v[0], {1}, "sms", "07700900001"};
	cr_assert_eq(hf_letter_write(&matter, &tell, "{{reason}}", &letter, &err), HF_OK, "%s", err.text);
	cr_expect_eq(strlen(letter.body), HF_SMS_MAX - 1, "%zu", strlen(letter.body));
}

Test(telling, what_a_machine_is_told)
{
	static const struct {
		enum hf_told_kind what;
		enum hf_order_act act;
		const char *want;
	} rows[] = {
		{HF_TOLD_COUNCIL, HF_ACT_RAISE, "{\"type\":\"lockdown.raised\",\"timestamp\":9,\"data\":{\"council\":\"cannock-chase\",\"lockdowns\":[\"ab00"},
		{HF_TOLD_COUNCIL, HF_ACT_AMEND, "\"type\":\"lockdown.amended\""},
		{HF_TOLD_SECOND, HF_ACT_RELEASE, "\"type\":\"lockdown.released\""},
		{HF_TOLD_DRAFT, HF_ACT_RELEASE, "\"waits\":\"The all-clear\""},
		{HF_TOLD_TEST, HF_ACT_RAISE, "\"type\":\"test\""},
		{HF_TOLD_COUNCIL, HF_ACT_RAISE, "\"reason\":\"Flood\",\"level\":"},
		{HF_TOLD_SECOND, HF_ACT_RELEASE, "\"message\":\"Post again.\""},
		{HF_TOLD_COUNCIL, HF_ACT_AMEND, "\"earlier\":[{\"id\":\"cd00"},
		{HF_TOLD_COUNCIL, HF_ACT_RAISE, "\"subject\":\"S\",\"text\":\"B\""},
	};
	hf_auto_contacts struct hf_contacts people = {0};
	static const struct hf_letter_earlier earlier = {{{0xcd}}, {5}};
	char subject[] = "S", body[] = "B";
	struct hf_letter words = {subject, body};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_order order = order_of(HF_KIND_EMERGENCY, every, 0);
		struct hf_letter_matter matter = matter_of(&order, &people);
		const struct hf_tell tell = {rows[i].what, NULL, {9}, "teams", "teams"};
		hf_auto_letter struct hf_letter letter = {0};
		order.act = rows[i].act;
		order.message = "Post again.";
		matter.earlier = &earlier;
		matter.n_earlier = order.act == HF_ACT_AMEND;
		cr_assert_eq(hf_event_write(&matter, &tell, &words, &letter, &err), HF_OK, "%s", err.text);
		cr_expect(strstr(letter.body, rows[i].want), "row %zu: %s", i, letter.body);
	}
}

/* Ids go into signed documents that nobody can take back. */
Test(telling, ids_that_look_like_names)
{
	static const struct {
		const char *id;
		bool is;
	} rows[] = {{"anna-price", true}, {"price-anna", true}, {"ben2", true}, {"lee", true}, {"comms-1", false}, {"building-control", false}, {"annals", false}, {"team-benefits", false}, {"it-1", false}};
	for (size_t i = 0; i < HF_LEN(rows); i++)
		cr_expect_eq(hf_id_looks_like_name(rows[i].id), rows[i].is, "%s", rows[i].id);
	cr_expect(hf_id_says_name("press-okafor", "Ben Okafor") && !hf_id_says_name("press-1", "Ben Okafor") && !hf_id_says_name("ben-okafor", ""));
}
