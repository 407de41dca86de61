/* SPDX-License-Identifier: MIT */
/*
 * Owns what a device's last word means: the ten states, one row a case.
 * Must never read a clock.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "controller/estate/estate.h"

#define NOW 10000
#define STALE 180
#define NONE HF_STANDING_COUNT /* the report does not speak of it */

/* One lockdown and one device that reported it, all by hand. */
struct scene {
	struct hf_order order;
	struct hf_heard heard;
	struct hf_lockdown lockdown;
	const char *groups[1], *mine[1];
	struct hf_assignment assignment;
	struct hf_edition version;
	struct hf_report_lockdown said;
	struct hf_report report;
	struct hf_device device;
	const struct hf_heard *body;
};

static void scene_init(struct scene *s, enum hf_phase phase, enum hf_standing standing, int age)
{
	memset(s, 0, sizeof(*s));
	s->groups[0] = "*";
	s->mine[0] = "office";
	s->order.kind = HF_KIND_EMERGENCY;
	s->order.mode = HF_MODE_LIVE;
	s->order.body.groups = (struct hf_strs){s->groups, 1};
	s->heard.order = &s->order;
	s->body = s->lockdown.raise = &s->heard;
	s->lockdown.bodies = &s->body;
	s->lockdown.n_bodies = 1;
	s->lockdown.phase = phase;
	memset(s->lockdown.id.b, 7, 32);
	s->assignment.device = "d1";
	s->assignment.groups = (struct hf_strs){s->mine, 1};
	s->device.assignment = &s->assignment;
	s->version.doc = &s->assignment;
	s->device.versions = (struct hf_versions){.v = &s->version, .n = 1};
	s->device.heard.s = NOW - age;
	s->said = (struct hf_report_lockdown){s->lockdown.id, HF_KIND_EMERGENCY, HF_MODE_LIVE, 0, standing};
	s->report.lockdowns = &s->said;
	s->report.n_lockdowns = standing == NONE ? 0 : 1;
	s->device.report = &s->report;
}

static enum hf_device_state standing_of(const struct scene *s)
{
	return hf_device_standing(&s->device, &s->lockdown, (struct hf_wall){NOW}, STALE);
}

Test(estate, each_word_of_a_report_is_one_state)
{
	static const struct {
		const char *what;
		enum hf_phase phase;
		enum hf_standing said;
		int age;
		enum hf_device_state want;
	} rows[] = {
		{"received", HF_PHASE_IN_FORCE, HF_STANDING_RECEIVED, 1, HF_DEVICE_RECEIVED},
		{"armed", HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_UNVERIFIED, 1, HF_DEVICE_ENFORCED_UNVERIFIED},
		{"verified", HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1, HF_DEVICE_ENFORCED_VERIFIED},
		{"seen", HF_PHASE_IN_FORCE, HF_STANDING_MESSAGE_SEEN, 1, HF_DEVICE_MESSAGE_SEEN},
		{"exempt", HF_PHASE_IN_FORCE, HF_STANDING_EXEMPT, 1, HF_DEVICE_EXEMPT},
		{"tampered", HF_PHASE_IN_FORCE, HF_STANDING_TAMPERED, 1, HF_DEVICE_TAMPERED},
		{"released, not seen", HF_PHASE_RELEASED, HF_STANDING_RELEASED_UNVERIFIED, 1,
		 HF_DEVICE_RELEASED_UNVERIFIED},
		{"released, seen", HF_PHASE_RELEASED, HF_STANDING_RELEASED_VERIFIED, 1, HF_DEVICE_RELEASED_VERIFIED},
		{"not spoken of", HF_PHASE_IN_FORCE, NONE, 1, HF_DEVICE_UNREACHED},
		{"not spoken of, long ago", HF_PHASE_IN_FORCE, NONE, STALE + 1, HF_DEVICE_UNREACHED},
		{"just in time", HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, STALE, HF_DEVICE_ENFORCED_VERIFIED},
		{"silent", HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, STALE + 1, HF_DEVICE_STALE},
		{"silent and tampered", HF_PHASE_IN_FORCE, HF_STANDING_TAMPERED, STALE + 1, HF_DEVICE_TAMPERED},
		{"still locked after the all-clear", HF_PHASE_RELEASED, HF_STANDING_ENFORCED_VERIFIED, 1,
		 HF_DEVICE_ENFORCED_VERIFIED},
		{"silent, still locked after the all-clear", HF_PHASE_RELEASED, HF_STANDING_ENFORCED_VERIFIED,
		 STALE + 1, HF_DEVICE_STALE},
		{"released for ever", HF_PHASE_RELEASED, HF_STANDING_RELEASED_VERIFIED, STALE + 1,
		 HF_DEVICE_RELEASED_VERIFIED},
		{"our clock was set back", HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, -999,
		 HF_DEVICE_ENFORCED_VERIFIED},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct scene s;
		scene_init(&s, rows[i].phase, rows[i].said, rows[i].age);
		cr_expect_eq(standing_of(&s), rows[i].want, "D9.2: %s: %s", rows[i].what,
			     hf_device_state_name(standing_of(&s)));
	}
}

Test(estate, a_report_counts_only_for_what_it_names)
{
	struct scene s;
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	s.said.id.b[0] ^= 1;
	cr_expect_eq(standing_of(&s), HF_DEVICE_UNREACHED, "D9.2: another lockdown");
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	s.said.mode = HF_MODE_EXERCISE;
	cr_expect_eq(standing_of(&s), HF_DEVICE_UNREACHED, "an exercise is never taken for the real thing");
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	s.said.kind = HF_KIND_PURDAH;
	cr_expect_eq(standing_of(&s), HF_DEVICE_UNREACHED, "D10: another kind");
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	s.lockdown.rev = 1;
	cr_expect_eq(standing_of(&s), HF_DEVICE_UNREACHED, "it has not spoken of the amendment yet");
	s.said.rev = 2;
	cr_expect_eq(standing_of(&s), HF_DEVICE_ENFORCED_VERIFIED, "it knows more than we do");
	s.device.report = NULL;
	cr_expect_eq(standing_of(&s), HF_DEVICE_UNREACHED, "it never reported");
}

Test(estate, scope_is_by_groups)
{
	struct scene s;
	scene_init(&s, HF_PHASE_IN_FORCE, NONE, 1);
	cr_expect(hf_device_in_scope(&s.device, &s.lockdown), "D9.2: every device");
	s.groups[0] = "museum";
	cr_expect_not(hf_device_in_scope(&s.device, &s.lockdown), "another group");
	s.groups[0] = "office";
	cr_expect(hf_device_in_scope(&s.device, &s.lockdown), "its group");
	s.groups[0] = "*";
	s.assignment.groups.n = 0;
	cr_expect(hf_device_in_scope(&s.device, &s.lockdown), "D9.2: a device of no group is covered by all");
}

static enum hf_device_state state_of(const struct scene *s, bool *ret_not_enforced)
{
	struct hf_lockdown one = s->lockdown;
	struct hf_lockdowns all = {.v = &one, .n = 1};
	struct hf_estate_view view = {&all, {NOW}, STALE};
	return hf_device_state_of(&s->device, &view, ret_not_enforced);
}

Test(estate, the_state_that_is_shown)
{
	static const struct {
		const char *what;
		enum hf_phase phase;
		enum hf_mode mode;
		enum hf_standing said;
		int age;
		enum hf_device_state want;
		bool not_enforced;
	} rows[] = {
		{"verified", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_ENFORCED_VERIFIED, 1,
		 HF_DEVICE_ENFORCED_VERIFIED, false},
		{"seen", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_MESSAGE_SEEN, 1, HF_DEVICE_MESSAGE_SEEN, false},
		{"exempt", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_EXEMPT, 1, HF_DEVICE_EXEMPT, false},
		{"armed is not enough", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_ENFORCED_UNVERIFIED, 1,
		 HF_DEVICE_ENFORCED_UNVERIFIED, true},
		{"received is not enough", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_RECEIVED, 1, HF_DEVICE_RECEIVED,
		 true},
		{"not spoken of", HF_PHASE_IN_FORCE, HF_MODE_LIVE, NONE, 1, HF_DEVICE_UNREACHED, true},
		{"open in a lockdown", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_RELEASED_VERIFIED, 1,
		 HF_DEVICE_RELEASED_VERIFIED, true},
		{"silent", HF_PHASE_IN_FORCE, HF_MODE_LIVE, HF_STANDING_ENFORCED_VERIFIED, 999, HF_DEVICE_STALE, true},
		{"an exercise", HF_PHASE_IN_FORCE, HF_MODE_EXERCISE, HF_STANDING_RECEIVED, 1, HF_DEVICE_RECEIVED,
		 false},
		{"after the all-clear", HF_PHASE_RELEASED, HF_MODE_LIVE, HF_STANDING_RELEASED_VERIFIED, 1,
		 HF_DEVICE_RELEASED_VERIFIED, false},
		{"silent after the all-clear", HF_PHASE_RELEASED, HF_MODE_LIVE, HF_STANDING_RELEASED_VERIFIED, 999,
		 HF_DEVICE_STALE, true},
		{"came after the all-clear", HF_PHASE_RELEASED, HF_MODE_LIVE, NONE, 1, HF_DEVICE_RECEIVED, false},
		{"quiet, in touch", HF_PHASE_OVER, HF_MODE_LIVE, NONE, 1, HF_DEVICE_RECEIVED, false},
		{"quiet, silent", HF_PHASE_OVER, HF_MODE_LIVE, NONE, 999, HF_DEVICE_STALE, true},
	};
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct scene s;
		bool not_enforced = !rows[i].not_enforced;
		scene_init(&s, rows[i].phase, rows[i].said, rows[i].age);
		s.order.mode = s.said.mode = rows[i].mode;
		enum hf_device_state got = state_of(&s, &not_enforced);
		cr_expect_eq(got, rows[i].want, "D9.2: %s: %s", rows[i].what, hf_device_state_name(got));
		cr_expect_eq(not_enforced, rows[i].not_enforced, "D9.2: %s: on the list of the not enforced",
			     rows[i].what);
	}
}

Test(estate, a_device_that_never_reported_is_unreached_also_in_quiet_times)
{
	struct scene s;
	bool not_enforced = false;
	scene_init(&s, HF_PHASE_OVER, NONE, 1);
	s.device.report = NULL;
	cr_expect_eq(state_of(&s, &not_enforced), HF_DEVICE_UNREACHED, "unreached");
	cr_expect(not_enforced, "it comes first");
}

Test(estate, silent_is_who_was_not_heard_whatever_they_said)
{
	/* clang-format off */
	static const struct { const char *what; enum hf_standing said; int age; bool reported, silent; } rows[] = {
		{ "heard a second ago, and not of this lockdown", NONE,                          1,         true,  false },
		{ "heard a second ago",                           HF_STANDING_ENFORCED_VERIFIED, 1,         true,  false },
		{ "heard long ago",                               HF_STANDING_ENFORCED_VERIFIED, STALE + 1, true,  true },
		{ "never heard",                                  NONE,                          1,         false, true },
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct scene s;

		scene_init(&s, HF_PHASE_IN_FORCE, rows[i].said, rows[i].age);
		if (!rows[i].reported)
			s.device.report = NULL;
		struct hf_lockdowns all = {.v = &s.lockdown, .n = 1};
		struct hf_estate_view view = {&all, {NOW}, STALE};
		cr_expect_eq(hf_device_silent(&s.device, &view), rows[i].silent, "%s", rows[i].what);
	}
}

Test(estate, the_weakest_of_several_live_lockdowns_is_shown)
{
	struct scene s, t;
	bool not_enforced = false;
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	scene_init(&t, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	t.lockdown.id.b[0] = 9;
	struct hf_lockdown both[] = {s.lockdown, t.lockdown};
	struct hf_lockdowns all = {.v = both, .n = 2};
	struct hf_estate_view view = {&all, {NOW}, STALE};
	cr_expect_eq(hf_device_state_of(&s.device, &view, &not_enforced), HF_DEVICE_UNREACHED,
		     "D10 inside D9: it spoke of one of the two alone");
	cr_expect(not_enforced, "D9.2: so it comes first");
}

Test(estate, a_device_on_which_only_some_layers_hold_is_partly_enforced)
{
	/* clang-format off */
	static const struct {
		const char *what;
		enum hf_device_state state;
		enum hf_layer_state layers[3]; /* network, browser, programs */
		size_t want;
		const char *first;
	} rows[] = {
		{ "D9.2: two hold, one failed", HF_DEVICE_ENFORCED_UNVERIFIED, { HF_LAYER_FAILED, HF_LAYER_VERIFIED, HF_LAYER_VERIFIED }, 1, "network" },
		{ "D9.2: one holds, one failed, one is off", HF_DEVICE_ENFORCED_UNVERIFIED, { HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_OFF }, 2, "browser" },
		{ "none holds: that is not partly", HF_DEVICE_ENFORCED_UNVERIFIED, { HF_LAYER_FAILED, HF_LAYER_OFF, HF_LAYER_ARMED }, 0, NULL },
		{ "not yet seen, nothing failed", HF_DEVICE_ENFORCED_UNVERIFIED, { HF_LAYER_VERIFIED, HF_LAYER_ARMED, HF_LAYER_IDLE }, 0, NULL },
		{ "all that has work holds", HF_DEVICE_ENFORCED_VERIFIED, { HF_LAYER_VERIFIED, HF_LAYER_OFF, HF_LAYER_VERIFIED }, 0, NULL },
		{ "tampered is said by itself", HF_DEVICE_TAMPERED, { HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_VERIFIED }, 0, NULL },
	};
	/* clang-format on */
	static const char *const names[] = {"network", "browser", "programs"};
	const char *found[HF_LAYERS_MAX];

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_report report = {.n_layers = 3};
		size_t n;

		for (size_t l = 0; l < 3; l++)
			report.layers[l] = (struct hf_report_layer){names[l], rows[i].layers[l], ""};
		n = hf_device_partly(&report, rows[i].state, found);
		cr_expect_eq(n, rows[i].want, "%s: %zu", rows[i].what, n);
		if (n > 0 && rows[i].first)
			cr_expect_str_eq(found[0], rows[i].first, "%s", rows[i].what);
	}
	cr_expect_eq(hf_device_partly(NULL, HF_DEVICE_ENFORCED_UNVERIFIED, found), 0, "it has said nothing");
}

Test(estate, counts_are_by_distinct_device_and_add_up)
{
	enum { N = 4 };
	struct scene scenes[N];
	struct hf_device devices[N];
	struct hf_estate estate = {.v = devices, .n = N, .room = N};
	size_t counts[HF_DEVICE_STATE_COUNT], sum = 0;
	static const enum hf_standing said[N] = {HF_STANDING_ENFORCED_VERIFIED, HF_STANDING_ENFORCED_VERIFIED, NONE,
						 HF_STANDING_TAMPERED};
	for (size_t i = 0; i < N; i++) {
		scene_init(&scenes[i], HF_PHASE_IN_FORCE, said[i], 1);
		devices[i] = scenes[i].device;
	}
	size_t n = hf_estate_count(&estate, &scenes[0].lockdown, (struct hf_wall){NOW}, STALE, counts);
	for (size_t i = 0; i < HF_DEVICE_STATE_COUNT; i++)
		sum += counts[i];
	cr_expect_eq(n, N, "D9.2: all in scope");
	cr_expect_eq(sum, N, "counts add up");
	cr_expect_eq(counts[HF_DEVICE_ENFORCED_VERIFIED], 2, "verified");
	cr_expect_eq(counts[HF_DEVICE_UNREACHED], 1, "unreached");
	cr_expect_eq(counts[HF_DEVICE_TAMPERED], 1, "tampered");
}

Test(estate, what_is_news_in_a_report)
{
	struct scene s, t;
	scene_init(&s, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	scene_init(&t, HF_PHASE_IN_FORCE, HF_STANDING_ENFORCED_VERIFIED, 1);
	cr_expect(hf_report_news(NULL, &t.report), "D5.6: the first report");
	t.report.counter = 9;
	cr_expect_not(hf_report_news(&s.report, &t.report), "D5.6: the same again fills no journal");
	t.said.standing = HF_STANDING_TAMPERED;
	cr_expect(hf_report_news(&s.report, &t.report), "D5.6: tampered with");
	t.said.standing = HF_STANDING_ENFORCED_VERIFIED;
	t.report.refused[0] = (struct hf_report_refused){HF_E_TOO_FEW, 1};
	t.report.n_refused = 1;
	cr_expect(hf_report_news(&s.report, &t.report), "D5.6: an attack was refused");
	t.report.n_refused = 0;
	t.report.unknown = true;
	cr_expect(hf_report_news(&s.report, &t.report), "D5.6: its knowledge was lost");
}

Test(estate, two_messages_of_one_account_are_no_news_each_time)
{
	struct hf_posting said[] = {
		{.account = "x:a", .person = "p", .state = HF_POSTING_POSTED, .post = "", .text = {{1}}},
		{.account = "x:a", .person = "p", .state = HF_POSTING_OPEN, .post = "", .text = {{2}}},
	};
	struct hf_posting now[] = {said[0], said[1]};
	struct hf_report before = {.postings = said, .n_postings = HF_LEN(said)};
	struct hf_report after = {.postings = now, .n_postings = HF_LEN(now)};

	cr_expect_not(hf_report_news(&before, &after), "D5.6: the same again fills no journal");
	now[1].state = HF_POSTING_ENDED;
	cr_expect(hf_report_news(&before, &after), "the second message goes on");
}

static void assign(struct hf_estate *estate, const char *device, int64_t number, uint8_t key)
{
	static const struct hf_trust trust = {.council = "c"};
	struct hf_edition version = {.doc = calloc(1, sizeof(*version.doc)), .two = true};
	version.doc->device = device;
	version.doc->version = number;
	memset(version.doc->pub.b, key, 32);
	cr_assert_eq(hf_estate_assign(estate, &trust, &version, NULL), HF_OK);
	cr_assert_null(version.doc, "taken over");
}

Test(estate, one_row_a_device_in_order)
{
	struct hf_estate estate = {0};
	char names[100][8];
	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "d%02d", (i * 37) % 100);
		assign(&estate, names[i], 1, (uint8_t)i);
	}
	assign(&estate, "d50", 2, 250);
	cr_expect_eq(estate.n, 100, "D2.3: one row a device");
	for (size_t i = 1; i < estate.n; i++)
		cr_expect_lt(strcmp(estate.v[i - 1].assignment->device, estate.v[i].assignment->device), 0, "sorted");
	struct hf_pub pub;
	memset(pub.b, 250, 32);
	cr_expect_eq(hf_estate_find_key(&estate, &pub), hf_estate_find(&estate, "d50"), "found by its new key");
	cr_expect_null(hf_estate_find(&estate, "d500"), "no such device");
	hf_estate_done(&estate);
}

Test(estate, a_new_key_has_said_nothing_yet)
{
	struct hf_estate estate = {0};
	struct hf_report *report = calloc(1, sizeof(*report));
	assign(&estate, "d1", 1, 1);
	hf_device_heard(hf_estate_find(&estate, "d1"), &report, (struct hf_wall){5});
	assign(&estate, "d1", 2, 1);
	cr_expect_not_null(hf_estate_find(&estate, "d1")->report, "same key: its word stands");
	assign(&estate, "d1", 3, 2);
	cr_expect_null(hf_estate_find(&estate, "d1")->report, "a device that was made anew has not spoken");
	hf_estate_done(&estate);
}
