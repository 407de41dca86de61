/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of what a doctor finds: of files, certificates and a broker, of a server, of the broker's rules.
 * Must never look at this machine.
 */
#include <holdfast/doctor.h>

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <holdfast/str.h>

#include "controller/cli/doctor/acl.h"
#include "controller/cli/doctor/server_facts.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

static const char rules[] = "user controller:c1\n"
			    "topic write holdfast/1/+/state/c1\n"
			    "pattern read holdfast/1/+/state/#\n"
			    "pattern read holdfast/1/+/device/%u/answer\n"
			    "pattern write holdfast/1/+/device/%u/report\n";

/* A server on which all is well. */
static struct hf_server_facts *sound(void)
{
	struct hf_server_facts *f = calloc(1, sizeof(*f));

	cr_assert(f);
	f->broker = (struct hf_broker_seen){"localhost", 8883, HF_TRIED_REFUSED, HF_TRIED_REFUSED, HF_TRIED_LET_IN, HF_TRIED_NOT,
					    HF_SEEN_NO, HF_SEEN_NO, ""};
	f->process = (struct hf_broker_process){.looked = HF_SEEN_YES, .runs = true, .files = 65536};
	f->acl_text = strdup(rules);
	f->broker_named = HF_SEEN_YES;
	f->journal = (struct hf_journal_seen){.whole = HF_SEEN_YES, .records = 9};
	f->copy = (struct hf_journal_seen){.whole = HF_SEEN_YES, .records = 9, .made = {NOW - DAY}, .of_this = HF_SEEN_YES};
	f->disk = (struct hf_disk_seen){"/var/lib/holdfast", HF_SEEN_YES, UINT64_C(1) << 30};
	f->clock_kept = HF_SEEN_YES;
	f->calendar_last.n = 21000;
	f->poll.n = 20900;
	f->council = HF_E_USAGE;
	f->bus_up = true;
	f->records = 9;
	f->left.looked = HF_SEEN_YES;
	f->files[f->n_files++] = (struct hf_file_seen){"/key", HF_OK, {""}};
	f->certs[f->n_certs++] = (struct hf_certificate_seen){{"/crt", HF_OK, {""}}, {NOW - DAY}, {NOW + 1000 * DAY}};
	return f;
}

static void no_settings(struct hf_server_facts *f)
{
	f->settings = HF_E_ABSENT;
}

static void settings_unseen(struct hf_server_facts *f)
{
	f->settings = HF_E_ROLE;
}

static void no_controller(struct hf_server_facts *f)
{
	f->controller = HF_E_ABSENT;
}

static void controller_unseen(struct hf_server_facts *f)
{
	f->controller = HF_E_ROLE;
}

static void bus_down(struct hf_server_facts *f)
{
	f->bus_up = false;
}

static void says_so(struct hf_server_facts *f)
{
	f->attention = json_pack("[s]", "the disk is full");
}

static void plain(struct hf_server_facts *f)
{
	f->broker.plain = HF_TRIED_LET_IN;
}

static void nobody(struct hf_server_facts *f)
{
	f->broker.nobody = HF_TRIED_LET_IN;
}

static void untried(struct hf_server_facts *f)
{
	f->broker.plain = HF_TRIED_NOT;
}

static void own_untried(struct hf_server_facts *f)
{
	f->broker.own = HF_TRIED_NOT;
}

static void unreached(struct hf_server_facts *f)
{
	f->broker.own = HF_TRIED_UNREACHED;
}

static void wrong_name(struct hf_server_facts *f)
{
	f->broker.own = HF_TRIED_REFUSED;
	f->broker.other_name = HF_TRIED_LET_IN;
}

static void refused(struct hf_server_facts *f)
{
	f->broker.own = HF_TRIED_REFUSED;
	f->broker.other_name = HF_TRIED_REFUSED;
}

static void for_others(struct hf_server_facts *f)
{
	f->broker.for_others = HF_SEEN_YES;
}

static void hears_all(struct hf_server_facts *f)
{
	f->broker.hears_all = HF_SEEN_YES;
}

static void no_answer(struct hf_server_facts *f)
{
	f->broker.hears_all = HF_SEEN_NOT;
}

static void acl_unseen(struct hf_server_facts *f)
{
	f->acl = HF_E_ROLE;
}

static void acl_none(struct hf_server_facts *f)
{
	f->acl = HF_E_SHAPE;
}

static void few_files(struct hf_server_facts *f)
{
	f->process.files = 1024;
}

static void too_few_files(struct hf_server_facts *f)
{
	f->process.files = 1024;
	f->devices = 1000;
}

static void process_unseen(struct hf_server_facts *f)
{
	f->process.looked = HF_SEEN_NOT;
}

static void second_port(struct hf_server_facts *f)
{
	f->process.ports[0] = 1883;
	f->process.plain[0] = HF_TRIED_LET_IN;
	f->process.n_ports = 1;
}

static void unnamed(struct hf_server_facts *f)
{
	f->broker_named = HF_SEEN_NO;
}

static void name_unseen(struct hf_server_facts *f)
{
	f->broker_named = HF_SEEN_NOT;
}

static void journal_damaged(struct hf_server_facts *f)
{
	f->journal.whole = HF_SEEN_NO;
}

static void journal_unseen(struct hf_server_facts *f)
{
	f->journal.whole = HF_SEEN_NOT;
}

static void journal_other(struct hf_server_facts *f)
{
	f->records = 12;
}

static void copy_other(struct hf_server_facts *f)
{
	f->copy.of_this = HF_SEEN_NO;
}

static void copy_old(struct hf_server_facts *f)
{
	f->copy.made.s = NOW - 2 * DAY;
}

static void copy_sealed_old(struct hf_server_facts *f)
{
	f->copy.whole = HF_SEEN_NO;
	f->copy.absent = true;
	f->tested = HF_SEEN_YES;
	f->tested_made.s = NOW - 35 * DAY;
}

static void copy_absent(struct hf_server_facts *f)
{
	f->copy.whole = HF_SEEN_NO;
	f->copy.absent = true;
}

static void copy_damaged(struct hf_server_facts *f)
{
	f->copy.whole = HF_SEEN_NO;
}

static void copy_unseen(struct hf_server_facts *f)
{
	f->copy.whole = HF_SEEN_NOT;
}

static void disk_full(struct hf_server_facts *f)
{
	f->disk.free_bytes = 1000;
}

static void disk_low(struct hf_server_facts *f)
{
	f->disk.free_bytes = UINT64_C(400) << 20;
}

static void disk_unseen(struct hf_server_facts *f)
{
	f->disk.looked = HF_SEEN_NOT;
}

static void clock_free(struct hf_server_facts *f)
{
	f->clock_kept = HF_SEEN_NO;
}

static void clock_unseen(struct hf_server_facts *f)
{
	f->clock_kept = HF_SEEN_NOT;
}

static void calendar_short(struct hf_server_facts *f)
{
	f->calendar_last.n = 20899;
}

static void calendar_broken(struct hf_server_facts *f)
{
	f->calendar = HF_E_SHAPE;
}

static void sticks(struct hf_server_facts *f)
{
	f->left.n_sticks = 4;
}

static void one_stick(struct hf_server_facts *f)
{
	f->left.n_sticks = 1;
}

static void people_keys(struct hf_server_facts *f)
{
	f->left.n_people = 1;
}

static void open_ca(struct hf_server_facts *f)
{
	strcpy(f->left.open_ca, "/etc/holdfast/broker/ca.key");
}

static void left_unseen(struct hf_server_facts *f)
{
	f->left.looked = HF_SEEN_NOT;
}

static void key_open(struct hf_server_facts *f)
{
	f->files[0].rc = HF_E_KEY;
}

static void key_gone(struct hf_server_facts *f)
{
	f->files[0].rc = HF_E_ABSENT;
}

static void key_unseen(struct hf_server_facts *f)
{
	f->files[0].rc = HF_E_ROLE;
}

static void ends_90(struct hf_server_facts *f)
{
	f->certs[0].until.s = NOW + 90 * DAY;
}

static void ends_91(struct hf_server_facts *f)
{
	f->certs[0].until.s = NOW + 91 * DAY;
}

static void ends_30(struct hf_server_facts *f)
{
	f->certs[0].until.s = NOW + 30 * DAY;
}

static void ends_7(struct hf_server_facts *f)
{
	f->certs[0].until.s = NOW + 7 * DAY;
}

static void ended(struct hf_server_facts *f)
{
	f->certs[0].until.s = NOW;
}

static void begins(struct hf_server_facts *f)
{
	f->certs[0].from.s = NOW + 1;
}

static void no_council(struct hf_server_facts *f)
{
	f->council = HF_E_ABSENT;
}

static void nothing(struct hf_server_facts *f)
{
	(void)f;
}

/* clang-format off */
static const struct row {
	const char *name;
	void (*plant)(struct hf_server_facts *facts);
	enum hf_weight weight;
	const char *what, *says; /* NULL: nothing is found */
} rows[] = {
	{ "nothing is wrong", nothing, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "no settings", no_settings, HF_WEIGHT_GRAVE, "settings", "settings cannot be read" },
	{ "settings that one may not see", settings_unseen, HF_WEIGHT_UNSEEN, "settings", "" },
	{ "the controller is down", no_controller, HF_WEIGHT_GRAVE, "controller", "does not answer" },
	{ "the socket is another's", controller_unseen, HF_WEIGHT_UNSEEN, "controller", "" },
	{ "the controller has no broker", bus_down, HF_WEIGHT_GRAVE, "controller-bus", "does not reach the broker" },
	{ "the controller's own word", says_so, HF_WEIGHT_WARNING, "attention", "the disk is full" },
	{ "attack: in the clear", plain, HF_WEIGHT_GRAVE, "broker-plain", "without encryption" },
	{ "attack: without a certificate", nobody, HF_WEIGHT_GRAVE, "broker-anonymous", "shows no certificate" },
	{ "nobody could be tried", untried, HF_WEIGHT_UNSEEN, "broker", "could not be tried" },
	{ "our certificate is root's", own_untried, HF_WEIGHT_UNSEEN, "broker", "may not use it" },
	{ "no broker", unreached, HF_WEIGHT_GRAVE, "broker-unreached", "is not reached" },
	{ "the broker's name", wrong_name, HF_WEIGHT_GRAVE, "broker-name", "another name" },
	{ "the broker refuses us", refused, HF_WEIGHT_GRAVE, "broker-refuses", "does not let our certificate in" },
	{ "attack: one speaks for another", for_others, HF_WEIGHT_GRAVE, "broker-for-others", "in the name of another" },
	{ "attack: one hears all", hears_all, HF_WEIGHT_GRAVE, "broker-hears-all", "asks for `#`" },
	{ "the broker is slow", no_answer, HF_WEIGHT_UNSEEN, "broker", "in time" },
	{ "rules that one may not see", acl_unseen, HF_WEIGHT_UNSEEN, "acl", "could not be read" },
	{ "no rules", acl_none, HF_WEIGHT_GRAVE, "acl", "no rules" },
	{ "few files", few_files, HF_WEIGHT_WARNING, "broker-files", "LimitNOFILE" },
	{ "fewer files than devices", too_few_files, HF_WEIGHT_GRAVE, "broker-files", "some are not let in" },
	{ "a process that one may not see", process_unseen, HF_WEIGHT_UNSEEN, "broker-files", "may not look" },
	{ "attack: a second port", second_port, HF_WEIGHT_GRAVE, "broker-plain", "port 1883" },
	{ "no name for laptops", unnamed, HF_WEIGHT_GRAVE, "broker-name", "no name" },
	{ "names that one may not see", name_unseen, HF_WEIGHT_UNSEEN, "broker-name", "could not be read" },
	{ "D5.6 the journal is damaged", journal_damaged, HF_WEIGHT_GRAVE, "journal", "not whole" },
	{ "D5.6 the journal is not looked at", journal_unseen, HF_WEIGHT_UNSEEN, "journal", "" },
	{ "D5.6 the journal is another", journal_other, HF_WEIGHT_GRAVE, "journal", "put another in its place" },
	{ "a copy of another journal", copy_other, HF_WEIGHT_GRAVE, "backup", "not of this journal" },
	{ "no copy, and the last sealed backup that was tried is old", copy_sealed_old, HF_WEIGHT_WARNING, "backup", "is 35 days old" },
	{ "an old copy", copy_old, HF_WEIGHT_WARNING, "backup", "2 days old" },
	{ "no copy", copy_absent, HF_WEIGHT_WARNING, "backup", "nobody can know" },
	{ "a damaged copy", copy_damaged, HF_WEIGHT_GRAVE, "backup", "worth nothing" },
	{ "a copy that is not looked at", copy_unseen, HF_WEIGHT_UNSEEN, "backup", "" },
	{ "a full disk", disk_full, HF_WEIGHT_GRAVE, "disk", "0 MiB" },
	{ "a disk that fills", disk_low, HF_WEIGHT_WARNING, "disk", "400 MiB" },
	{ "a disk that is not there", disk_unseen, HF_WEIGHT_UNSEEN, "disk", "/var/lib/holdfast" },
	{ "a clock that nobody keeps", clock_free, HF_WEIGHT_WARNING, "clock", "timedatectl" },
	{ "a clock that cannot be asked", clock_unseen, HF_WEIGHT_UNSEEN, "clock", "" },
	{ "D10 the calendar ends before the poll", calendar_short, HF_WEIGHT_WARNING, "calendar", "2027-03-23" },
	{ "D10 no calendar", calendar_broken, HF_WEIGHT_GRAVE, "calendar", "cannot be read" },
	{ "roots on the server", sticks, HF_WEIGHT_WARNING, "left-here", "4 keys" },
	{ "the key of the CA without a passphrase", open_ca, HF_WEIGHT_WARNING, "left-here", "has no passphrase" },
	{ "a root on the server", one_stick, HF_WEIGHT_WARNING, "left-here", "1 key of a root" },
	{ "an officer's key twice", people_keys, HF_WEIGHT_WARNING, "left-here", "1 key of an officer" },
	{ "folders that one may not see", left_unseen, HF_WEIGHT_UNSEEN, "left-here", "root may" },
	{ "a key that others read", key_open, HF_WEIGHT_GRAVE, "file", "" },
	{ "a key that is gone", key_gone, HF_WEIGHT_GRAVE, "file", "/key is not there" },
	{ "a key that one may not see", key_unseen, HF_WEIGHT_UNSEEN, "file", "/key" },
	{ "91 days", ends_91, HF_WEIGHT_GRAVE, NULL, NULL },
	{ "90 days", ends_90, HF_WEIGHT_WARNING, "certificate", "in 90 days" },
	{ "30 days", ends_30, HF_WEIGHT_WARNING, "certificate", "soon, in 30 days" },
	{ "7 days", ends_7, HF_WEIGHT_GRAVE, "certificate", "less than 8 days" },
	{ "at an end", ended, HF_WEIGHT_GRAVE, "certificate", "has ended" },
	{ "not begun", begins, HF_WEIGHT_GRAVE, "clock", "begins later than now" },
	{ "no folder of the council", no_council, HF_WEIGHT_GRAVE, "council", "folder cannot be read" },
};
/* clang-format on */

/* Without a trust nothing is known of people; that is one finding of its own here. */
static size_t but_people(const struct hf_findings *found, const struct hf_finding **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++)
		if (strcmp(found->v[i].what, "people") != 0) {
			*ret = &found->v[i];
			n++;
		}
	return n;
}

Test(doctor, finds_each_fault_of_a_server_and_nothing_else)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		const struct row *r = &rows[i];
		hf_auto_findings struct hf_findings found = {0};
		const struct hf_finding *one = NULL;
		struct hf_server_facts *facts = sound();

		r->plant(facts);
		hf_find_server(&found, facts, (struct hf_wall){NOW});
		cr_expect_eq(but_people(&found, &one), r->what ? 1 : 0, "%s: %zu", r->name, found.n);
		if (r->what && one) {
			cr_expect_eq(one->weight, r->weight, "%s", r->name);
			cr_expect_str_eq(one->what, r->what, "%s", r->name);
			cr_expect(strstr(one->said.text, r->says), "%s: %s", r->name, one->said.text);
		}
		cr_expect(!hf_findings_well(&found), "%s: what was not looked at is not well", r->name);
		hf_server_facts_done(facts);
		free(facts);
	}
}

Test(doctor, reads_the_rules_of_the_broker)
{
	/* clang-format off */
	const struct { const char *name, *text; struct hf_acl_wish wish; bool want; } wishes[] = {
		{ "its own report", rules, { "d1", "holdfast/1/c/device/d1/report", true }, true },
		{ "another's", rules, { "d1", "holdfast/1/c/device/d2/report", true }, false },
		{ "a state", rules, { "d1", "holdfast/1/c/state/c1", true }, false },
		{ "a state is heard", rules, { "d1", "holdfast/1/c/state/c1", false }, true },
		{ "the controller's state", rules, { "controller:c1", "holdfast/1/c/state/c1", true }, true },
		{ "nobody", rules, { NULL, "holdfast/1/c/state/c1", true }, false },
		{ "nobody has no name to be put in", rules, { NULL, "holdfast/1/c/device/d1/report", true }, false },
		{ "all", "pattern #\n", { "d1", "holdfast/1/c/device/d2/report", true }, true },
		{ "all of a client", "pattern write x/%c/y\n", { "d1", "x/z/y", true }, true },
		{ "both ways", "pattern readwrite x/#\n", { "d1", "x/y", false }, true },
		{ "denied", "pattern write x/#\npattern deny x/y\n", { "d1", "x/y", true }, false },
		{ "of everybody who shows no name", "topic x\n", { NULL, "x", true }, true },
		{ "and of nobody else", "topic x\n", { "d1", "x", true }, false },
		{ "in a comment", "# topic x\n", { NULL, "x", true }, false },
		{ "a line without a topic", "topic\nuser\n", { NULL, "x", true }, false },
		{ "no end of line", "topic x", { NULL, "x", false }, true },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(wishes); i++)
		cr_expect_eq(hf_acl_allows(wishes[i].text, &wishes[i].wish), wishes[i].want, "%s", wishes[i].name);
}

/* Emergencies are released by two of comms and monitoring; it takes devices in. */
static struct hf_trust *trust_of(struct hf_person *people, size_t n, int64_t need)
{
	static const char *const names[] = {"comms", "monitoring"};
	static struct hf_trust trust;

	trust = (struct hf_trust){.people = people, .n_people = n, .n_rules = 1};
	trust.rules[0] = (struct hf_rule){.kind = HF_RULE_EMERGENCY, .act = HF_RULE_RELEASE, .need = need};
	trust.rules[0].roles = (struct hf_strs){(const char **)(uintptr_t)names, 2};
	return &trust;
}

Test(doctor, knows_what_few_people_cannot_do)
{
	static const char *const comms[] = {"comms"}, *const coms[] = {"coms"};
	struct hf_person people[4] = {{.id = "a"}, {.id = "b"}, {.id = "c"}, {.id = "d"}};
	/* clang-format off */
	const struct { size_t n; int64_t need; bool slip; const char *says; } steps[] = {
		{ 3, 2, false, NULL }, { 2, 2, false, "All 2 people" }, { 1, 2, false, "too few people to give the all-clear" },
		{ 3, 1, false, "One person alone" }, { 4, 2, true, "which no rule knows" },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(people); i++)
		people[i].roles = (struct hf_strs){(const char **)(uintptr_t)comms, 1};
	for (size_t i = 0; i < HF_LEN(steps); i++) {
		hf_auto_findings struct hf_findings found = {0};
		struct hf_server_facts *facts = sound();

		if (steps[i].slip)
			people[0].roles = (struct hf_strs){(const char **)(uintptr_t)coms, 1};
		facts->trust = trust_of(people, steps[i].n, steps[i].need);
		facts->council = HF_OK;
		hf_find_server(&found, facts, (struct hf_wall){NOW});
		cr_expect_eq(found.n, steps[i].says ? 1 : 0, "%zu: %s", i, found.n ? found.v[0].said.text : "");
		if (steps[i].says && found.n)
			cr_expect(strstr(found.v[0].said.text, steps[i].says), "%s", found.v[0].said.text);
		hf_server_facts_done(facts);
		free(facts);
	}
}

Test(doctor, asks_for_roots_that_have_not_signed_for_a_year)
{
	const struct {
		int64_t at;
		const char *says;
	} steps[] = {{NOW - 364 * DAY, NULL}, {NOW - 365 * DAY, "365 days ago"}, {0, "never signed"}};
	struct hf_person person = {.id = "a"};

	for (size_t i = 0; i < HF_LEN(steps); i++) {
		hf_auto_findings struct hf_findings found = {0};
		struct hf_server_facts *facts = sound();

		facts->trust = trust_of(&person, 0, 2);
		facts->council = HF_OK;
		facts->n_roots = 1;
		facts->roots[0] = (struct hf_root_seen){"2cf17c78", {steps[i].at}};
		hf_find_people(&found, facts, (struct hf_wall){NOW});
		cr_expect_eq(found.n, steps[i].says ? 2 : 1, "too few people is one of them");
		if (steps[i].says && found.n == 2)
			cr_expect(strstr(found.v[1].said.text, steps[i].says), "%s", found.v[1].said.text);
		hf_server_facts_done(facts);
		free(facts);
	}
}

static void said(const struct hf_findings *found, char text[512])
{
	FILE *out = fmemopen(text, 512, "w");

	hf_findings_say(out, found);
	(void)fclose(out);
}

Test(doctor, says_what_is_grave_first_and_never_well_of_what_it_did_not_see)
{
	hf_auto_findings struct hf_findings found = {.looked = 7};
	hf_auto_json json_t *answer = NULL;
	char text[512];

	said(&found, text);
	cr_expect_str_eq(text, "All is well: 7 things were looked at.\n");
	cr_expect(hf_findings_well(&found));
	(void)hf_err_set(hf_finding_add(&found, HF_WEIGHT_UNSEEN, "c"), HF_E_ROLE, "third");
	said(&found, text);
	cr_expect_str_eq(text, "Not looked at: third\nNothing was found wrong; but not all could be looked at.\n");
	cr_expect(!hf_findings_well(&found));
	(void)hf_err_set(hf_finding_add(&found, HF_WEIGHT_WARNING, "b"), HF_E_ROLE, "second");
	said(&found, text);
	cr_expect(strstr(text, "1 thing is wrong, of 7 that were looked at.\n"), "%s", text);
	(void)hf_err_set(hf_finding_add(&found, HF_WEIGHT_GRAVE, "a"), HF_E_ROLE, "first");
	said(&found, text);
	cr_expect_str_eq(text, "GRAVE: first\nWarning: second\nNot looked at: third\n2 things are wrong, of 7 that were looked at.\n");
	answer = hf_findings_json(&found);
	cr_expect_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(answer, "findings"), 0), "weight")), "grave");
	found.lost = true;
	said(&found, text);
	cr_expect(strstr(text, "not enough memory"), "%s", text);
	cr_expect_null(hf_findings_json(&found), "half of it is not all of it");
}
