/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of what a device may say of itself.
 * Must never let "verified" stand for anything that no layer saw.
 */
#include <criterion/criterion.h>

#include "agent/enforce/enforce.h"
#include "agent/rules/standing.h"
#include "tests/help/council.h"

/* clang-format off */
static const struct grip_row {
	const char *what;
	bool addresses, programs; /* what the plan blocks */
	bool machine_wide;
	enum hf_layer_state browser, program;
	bool tampered;
	enum hf_grip want;
} grips[] = {
	{ "nothing to block, nothing blocked",           false, false, true, HF_LAYER_IDLE, HF_LAYER_IDLE, false, HF_GRIP_FREE },
	{ "nothing to block, one layer off",             false, false, true, HF_LAYER_OFF, HF_LAYER_IDLE, false, HF_GRIP_FREE },
	{ "released, the browser not yet seen open",     false, false, true, HF_LAYER_ARMED, HF_LAYER_IDLE, false, HF_GRIP_LETTING },
	{ "released, a layer failed to open",            false, false, true, HF_LAYER_IDLE, HF_LAYER_FAILED, false, HF_GRIP_LETTING },
	{ "both seen to hold",                           true, true, true, HF_LAYER_VERIFIED, HF_LAYER_VERIFIED, false, HF_GRIP_HELD },
	{ "only addresses, only the browser works",      true, false, true, HF_LAYER_VERIFIED, HF_LAYER_IDLE, false, HF_GRIP_HELD },
	{ "only addresses, the other layer is off",      true, false, true, HF_LAYER_VERIFIED, HF_LAYER_OFF, false, HF_GRIP_HELD },
	{ "D9.2: programs are listed, their layer is off", true, true, true, HF_LAYER_VERIFIED, HF_LAYER_OFF, false, HF_GRIP_PART },
	{ "browser done and not yet seen",               true, true, true, HF_LAYER_ARMED, HF_LAYER_VERIFIED, false, HF_GRIP_PART },
	{ "one layer failed",                            true, true, true, HF_LAYER_VERIFIED, HF_LAYER_FAILED, false, HF_GRIP_PART },
	{ "both layers failed",                          true, true, true, HF_LAYER_FAILED, HF_LAYER_FAILED, false, HF_GRIP_NONE },
	{ "both layers off",                             true, true, true, HF_LAYER_OFF, HF_LAYER_OFF, false, HF_GRIP_NONE },
	{ "a layer that should work idles",              true, true, true, HF_LAYER_IDLE, HF_LAYER_IDLE, false, HF_GRIP_NONE },
	{ "attack: a policy file was deleted",           true, true, true, HF_LAYER_VERIFIED, HF_LAYER_VERIFIED, true, HF_GRIP_TAMPERED },
	{ "D9.1: the browser gives way to the exempt",   true, false, false, HF_LAYER_IDLE, HF_LAYER_IDLE, false, HF_GRIP_HELD },
	{ "D9.1: and programs are still to be held",     true, true, false, HF_LAYER_IDLE, HF_LAYER_ARMED, false, HF_GRIP_PART },
};
/* clang-format on */

Test(standing, grip_is_what_the_layers_saw)
{
	const char *address = "x.com", *program = "/usr/bin/toot";

	for (size_t i = 0; i < HF_LEN(grips); i++) {
		const struct grip_row *r = &grips[i];
		struct hf_strs addresses = {&address, r->addresses}, programs = {&program, r->programs};
		struct hf_block block = {
			.tool = "t", .addresses = &addresses, .programs = &programs, .machine_wide = r->machine_wide};
		struct hf_plan plan = {&block, r->addresses || r->programs};
		struct hf_layer_seen seen[] = {
			{"browser", hf_layer_browser.has_work, {.state = r->browser, .tampered = r->tampered}},
			{"programs", hf_layer_programs.has_work, {.state = r->program}},
		};

		cr_expect_eq(hf_grip_of(&plan, seen, 2), r->want, "%s", r->what);
	}
}

static bool always(const struct hf_block *block)
{
	return block->addresses->n > 0;
}

static bool never(const struct hf_block *block)
{
	(void)block;
	return false;
}

/* clang-format off */
static const struct others_row {
	const char *what;
	enum hf_layer_state browser, others, network;
	bool network_has_all;
	enum hf_grip want;
} others_rows[] = {
	{ "no other browser",                           HF_LAYER_VERIFIED, HF_LAYER_VERIFIED, HF_LAYER_OFF, true, HF_GRIP_PART },
	{ "no other browser, the network too",          HF_LAYER_VERIFIED, HF_LAYER_VERIFIED, HF_LAYER_VERIFIED, true, HF_GRIP_HELD },
	{ "attack: one from elsewhere runs",            HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_IDLE, false, HF_GRIP_PART },
	{ "attack: one could be started",               HF_LAYER_VERIFIED, HF_LAYER_ARMED, HF_LAYER_IDLE, false, HF_GRIP_PART },
	{ "one runs, the network holds all of it",      HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_VERIFIED, true, HF_GRIP_HELD },
	{ "one runs, the network holds not all of it",  HF_LAYER_VERIFIED, HF_LAYER_FAILED, HF_LAYER_VERIFIED, false, HF_GRIP_PART },
	{ "it is not looked for",                       HF_LAYER_VERIFIED, HF_LAYER_OFF, HF_LAYER_IDLE, false, HF_GRIP_HELD },
	{ "to look is not to hold",                     HF_LAYER_OFF, HF_LAYER_VERIFIED, HF_LAYER_IDLE, false, HF_GRIP_NONE },
};
/* clang-format on */

Test(standing, d9_2_a_browser_out_of_reach_is_not_held_unless_the_network_holds_it)
{
	const char *address = "x.com";
	struct hf_strs addresses = {&address, 1}, programs = {NULL, 0};
	struct hf_block block = {.tool = "t", .addresses = &addresses, .programs = &programs, .machine_wide = true};
	struct hf_plan plan = {&block, 1};

	for (size_t i = 0; i < HF_LEN(others_rows); i++) {
		const struct others_row *r = &others_rows[i];
		struct hf_layer_seen seen[] = {
			{HF_LAYER_NETWORK, r->network_has_all ? always : never, {.state = r->network}},
			{"browser", hf_layer_browser.has_work, {.state = r->browser}},
			{hf_layer_others.name, hf_layer_others.has_work, {.state = r->others}},
		};

		cr_expect_eq(hf_grip_of(&plan, seen, 3), r->want, "%s", r->what);
	}
}

/* clang-format off */
#define LIVE HF_MODE_LIVE
#define DRILL HF_MODE_EXERCISE
static const struct standing_row {
	const char *what;
	enum hf_phase phase;
	enum hf_mode mode;
	struct hf_standing_facts facts; /* bears, decided, exempt, settled, seen, grip, opened */
	enum hf_standing want;
} standings[] = {
	{ "scheduled",                        HF_PHASE_SCHEDULED, LIVE, { true, true, false, true, false, HF_GRIP_FREE, false }, HF_STANDING_RECEIVED },
	{ "in force elsewhere",               HF_PHASE_IN_FORCE, LIVE, { false, true, false, true, false, HF_GRIP_FREE, false }, HF_STANDING_RECEIVED },
	{ "nothing could be blocked",         HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, false, HF_GRIP_NONE, false }, HF_STANDING_RECEIVED },
	{ "part is blocked",                  HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, false, HF_GRIP_PART, false }, HF_STANDING_ENFORCED_UNVERIFIED },
	{ "part, and shown",                  HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, true, HF_GRIP_PART, false }, HF_STANDING_ENFORCED_UNVERIFIED },
	{ "D9.2 all is held",                 HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, false, HF_GRIP_HELD, false }, HF_STANDING_ENFORCED_VERIFIED },
	{ "D9.3 held, and shown",             HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, true, HF_GRIP_HELD, false }, HF_STANDING_MESSAGE_SEEN },
	{ "nothing here can post",            HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, false, HF_GRIP_FREE, false }, HF_STANDING_ENFORCED_VERIFIED },
	{ "no plan of it yet, nothing held",  HF_PHASE_IN_FORCE, LIVE, { true, false, false, false, false, HF_GRIP_FREE, false }, HF_STANDING_RECEIVED },
	{ "no plan of it yet, others held",   HF_PHASE_IN_FORCE, LIVE, { true, false, false, false, true, HF_GRIP_HELD, false }, HF_STANDING_ENFORCED_UNVERIFIED },
	{ "attack: undone and put right",     HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, true, HF_GRIP_TAMPERED, false }, HF_STANDING_TAMPERED },
	{ "D9.1 everybody is exempt",         HF_PHASE_IN_FORCE, LIVE, { true, true, true, true, false, HF_GRIP_HELD, false }, HF_STANDING_EXEMPT },
	{ "exercise is shown",                HF_PHASE_IN_FORCE, DRILL, { true, true, false, true, false, HF_GRIP_FREE, false }, HF_STANDING_ENFORCED_VERIFIED },
	{ "exercise beside a failed layer",   HF_PHASE_IN_FORCE, DRILL, { true, true, false, true, false, HF_GRIP_NONE, false }, HF_STANDING_ENFORCED_VERIFIED },
	{ "exercise, and read",               HF_PHASE_IN_FORCE, DRILL, { true, true, false, true, true, HF_GRIP_FREE, false }, HF_STANDING_MESSAGE_SEEN },
	{ "released and seen open",           HF_PHASE_RELEASED, LIVE, { true, true, false, true, true, HF_GRIP_FREE, false }, HF_STANDING_RELEASED_VERIFIED },
	{ "released, purdah holds on",        HF_PHASE_RELEASED, LIVE, { true, true, false, true, true, HF_GRIP_HELD, false }, HF_STANDING_RELEASED_VERIFIED },
	{ "released, the browser not yet",    HF_PHASE_RELEASED, LIVE, { true, true, false, true, true, HF_GRIP_LETTING, false }, HF_STANDING_RELEASED_UNVERIFIED },
	{ "released, the disk is full",       HF_PHASE_RELEASED, LIVE, { true, true, false, false, true, HF_GRIP_HELD, false }, HF_STANDING_RELEASED_UNVERIFIED },
	{ "released, tampering was found",    HF_PHASE_RELEASED, LIVE, { true, true, false, true, true, HF_GRIP_TAMPERED, false }, HF_STANDING_RELEASED_UNVERIFIED },
	{ "released, seen open, new: in part", HF_PHASE_RELEASED, LIVE, { true, true, false, true, true, HF_GRIP_PART, true }, HF_STANDING_RELEASED_VERIFIED },
	{ "released, seen open, undecided",   HF_PHASE_RELEASED, LIVE, { true, true, false, false, true, HF_GRIP_NONE, true }, HF_STANDING_RELEASED_VERIFIED },
	{ "seen open is of what is released", HF_PHASE_IN_FORCE, LIVE, { true, true, false, true, true, HF_GRIP_NONE, true }, HF_STANDING_RECEIVED },
	{ "purdah over",                      HF_PHASE_OVER, LIVE, { true, true, false, true, false, HF_GRIP_FREE, false }, HF_STANDING_RELEASED_VERIFIED },
	{ "exercise released, layer failed",  HF_PHASE_RELEASED, DRILL, { true, true, false, false, false, HF_GRIP_NONE, false }, HF_STANDING_RELEASED_VERIFIED },
};
/* clang-format on */

Test(standing, says_no_more_than_was_seen)
{
	for (size_t i = 0; i < HF_LEN(standings); i++) {
		const struct standing_row *r = &standings[i];
		struct hf_order order = {.mode = r->mode};
		struct hf_heard heard = {.order = &order};
		struct hf_lockdown lockdown = {.raise = &heard, .phase = r->phase};
		enum hf_standing got = hf_standing_of(&lockdown, &r->facts);

		cr_expect_eq(got, r->want, "%s: %s", r->what, hf_standing_name(got));
	}
}

/* clang-format off */
static const struct bears_row {
	const char *what;
	const char *group, *device_group;
	enum hf_phase phase, body_phase;
	bool want;
} bears_rows[] = {
	{ "every group",                        "*", "depot", HF_PHASE_IN_FORCE, HF_PHASE_IN_FORCE, true },
	{ "every group, a device of none",      "*", NULL, HF_PHASE_IN_FORCE, HF_PHASE_IN_FORCE, true },
	{ "its group",                          "depot", "depot", HF_PHASE_IN_FORCE, HF_PHASE_IN_FORCE, true },
	{ "another group",                      "civic-centre", "depot", HF_PHASE_IN_FORCE, HF_PHASE_IN_FORCE, false },
	{ "a group, a device of none",          "depot", NULL, HF_PHASE_IN_FORCE, HF_PHASE_IN_FORCE, false },
	{ "a body that is still to come",       "*", "depot", HF_PHASE_IN_FORCE, HF_PHASE_SCHEDULED, false },
	{ "all of it is released",              "*", "depot", HF_PHASE_RELEASED, HF_PHASE_IN_FORCE, true },
};
/* clang-format on */

Test(standing, bears_on_the_devices_of_its_groups)
{
	for (size_t i = 0; i < HF_LEN(bears_rows); i++) {
		const struct bears_row *r = &bears_rows[i];
		const char *group = r->group, *device_group = r->device_group;
		struct hf_order order = {.body.groups = {&group, 1}};
		struct hf_heard heard = {.order = &order};
		const struct hf_heard *body = &heard;
		struct hf_lockdown lockdown = {.raise = &heard,
					       .bodies = &body,
					       .phases = &r->body_phase,
					       .n_bodies = 1,
					       .phase = r->phase};
		struct hf_assignment assignment = {.groups = {&device_group, device_group ? 1 : 0}};

		cr_expect_eq(hf_lockdown_bears(&lockdown, COUNCIL_VERSIONS(&assignment)), r->want, "%s", r->what);
	}
}

Test(standing, spares_a_device_only_when_everybody_on_it_is_exempt_D9_1)
{
	const char *exempt = "comms-1";
	struct hf_order order = {.body.exempt = {&exempt, 1}};
	struct hf_heard heard = {.order = &order};
	const struct hf_heard *body = &heard;
	enum hf_phase phase = HF_PHASE_IN_FORCE;
	struct hf_lockdown lockdown = {.raise = &heard, .bodies = &body, .phases = &phase, .n_bodies = 1};
	struct hf_assignment assignment = {.people = {{"comms-1", "a", 1}, {"comms-2", "b", 1}}, .n_people = 1};

	lockdown.phase = HF_PHASE_IN_FORCE;
	cr_expect(hf_lockdown_spares(&lockdown, COUNCIL_VERSIONS(&assignment)), "D9.1: the officer's own device");
	assignment.n_people = 2;
	cr_expect_not(hf_lockdown_spares(&lockdown, COUNCIL_VERSIONS(&assignment)), "somebody else uses it, too");
	assignment.n_people = 0;
	cr_expect_not(hf_lockdown_spares(&lockdown, COUNCIL_VERSIONS(&assignment)), "a device of nobody is not exempt");
	cr_expect_not(hf_lockdown_spares(&lockdown, &(const struct hf_versions){0}), "nor is one that was never assigned");
}
