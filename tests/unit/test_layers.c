/* SPDX-License-Identifier: MIT */
/*
 * Owns in which order layers are told, and what is said of one that cannot work on this machine.
 * Must never block anything on the machine it runs on.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

#include "agent/keeper/layers.h"

/* What two layers of this test did, in order, and whether the machine has what the second needs. */
static struct {
	char told[64];
	bool lacks;
	enum hf_layer_state sees;
} machine;

struct hf_layer {
	char mark;
};

static enum hf_rc open_a(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	(void)home, (void)err;
	layer->mark = 'a';
	return HF_OK;
}

static enum hf_rc open_b(struct hf_layer *layer, const struct hf_layer_home *home, struct hf_err *err)
{
	(void)home, (void)err;
	layer->mark = 'b';
	return HF_OK;
}

static enum hf_rc apply(struct hf_layer *layer, const struct hf_plan *plan, struct hf_err *err)
{
	size_t len = strlen(machine.told);

	(void)plan, (void)err;
	cr_assert_lt(len + 1, sizeof(machine.told));
	machine.told[len] = layer->mark;
	return HF_OK;
}

static void probe(struct hf_layer *layer, struct hf_saw *ret_saw)
{
	(void)layer;
	ret_saw->state = machine.sees;
}

static enum hf_rc maybe(const struct hf_enforce_conf *conf, struct hf_err *err)
{
	(void)conf;
	return machine.lacks ? hf_err_set(err, HF_E_SYSTEM, "this kernel lacks it") : HF_OK;
}

static const struct hf_layer_ops first = {.name = "a",
					  .needs = "nothing",
					  .size = sizeof(struct hf_layer),
					  .has_work = hf_layer_any_address,
					  .check = hf_layer_any_machine,
					  .open = open_a,
					  .apply = apply,
					  .probe = probe};
static const struct hf_layer_ops second = {.name = "b",
					   .needs = "a kernel",
					   .size = sizeof(struct hf_layer),
					   .has_work = hf_layer_any_program,
					   .check = maybe,
					   .open = open_b,
					   .apply = apply,
					   .probe = probe};

static struct hf_layers *both(struct hf_layers_conf *conf)
{
	struct hf_layers *layers = NULL;

	*conf = (struct hf_layers_conf){.ops = {&first, &second}, .on = {true, true}, .n = 2};
	cr_assert_eq(hf_layers_new(NULL, conf, &layers, NULL), HF_OK);
	return layers;
}

Test(layers, are_armed_in_their_order_and_let_go_in_the_reverse_of_it)
{
	const struct hf_plan none = {NULL, 0};
	struct hf_layers_conf conf;

	memset(&machine, 0, sizeof(machine));
	hf_auto_layers struct hf_layers *layers = both(&conf);
	cr_expect(hf_layers_apply(layers, &none, false));
	cr_expect_str_eq(machine.told, "ab", "D9.2: the network is shut before a tool is frozen");
	cr_expect(hf_layers_apply(layers, &none, true));
	cr_expect_str_eq(machine.told, "abba", "D9.3: what was shut first is opened last");
}

Test(layers, one_that_was_switched_off_while_it_held_lets_go)
{
	struct hf_layers_conf conf = {.ops = {&first, &second}, .on = {true, false}, .n = 2, .left_over = true};
	const struct hf_layer_seen *seen;
	struct hf_layers *layers = NULL;
	size_t n;

	memset(&machine, 0, sizeof(machine));
	machine.sees = HF_LAYER_ARMED;
	cr_assert_eq(hf_layers_new(NULL, &conf, &layers, NULL), HF_OK);
	cr_expect_str_eq(machine.told, "b", "D9.3: an all-clear must not find it shut for ever");
	for (int look = 0; look < 2; look++) {
		hf_layers_probe(layers, (struct hf_boot_ms){1}, 1);
		seen = hf_layers_seen(layers, &n);
		cr_expect_eq(seen[1].saw.state, HF_LAYER_OFF, "it is off, whatever it still lets go of");
		machine.sees = HF_LAYER_IDLE;
	}
	machine.sees = HF_LAYER_VERIFIED;
	hf_layers_probe(layers, (struct hf_boot_ms){1}, 1);
	cr_expect_eq(seen[1].saw.state, HF_LAYER_OFF);
	cr_expect_not(hf_layers_unsettled(layers), "closed once it had let go");
	hf_layers_free(&layers);
	memset(&machine, 0, sizeof(machine));
	conf.left_over = false;
	cr_assert_eq(hf_layers_new(NULL, &conf, &layers, NULL), HF_OK);
	cr_expect_str_eq(machine.told, "", "one that is off and left nothing is not touched");
	hf_layers_free(&layers);
}

/* clang-format off */
static const struct lack_row {
	const char *what;
	bool lacks, programs; /* the machine; the plan has work for the second layer */
	enum hf_layer_state want;
	bool applied;
} lacks[] = {
	{ "has what it needs, and work",                      false, true,  HF_LAYER_VERIFIED, true },
	{ "lacks it, and has work: failed, with the reason",  true,  true,  HF_LAYER_FAILED,   false },
	{ "lacks it, and has none: in the way of no all-clear", true, false, HF_LAYER_IDLE,    true },
};
/* clang-format on */

Test(layers, one_that_cannot_work_here_says_so_and_keeps_no_device_shut)
{
	const char *program = "/usr/bin/toot";

	for (size_t i = 0; i < HF_LEN(lacks); i++) {
		const struct lack_row *r = &lacks[i];
		struct hf_strs addresses = {NULL, 0}, programs = {&program, r->programs};
		struct hf_block block = {
			.tool = "t", .addresses = &addresses, .dedicated = &addresses, .programs = &programs};
		const struct hf_plan plan = {&block, 1};
		struct hf_layers_conf conf;
		const struct hf_layer_seen *seen;
		size_t n;

		memset(&machine, 0, sizeof(machine));
		machine.lacks = r->lacks;
		machine.sees = HF_LAYER_VERIFIED;
		hf_auto_layers struct hf_layers *layers = both(&conf);
		cr_expect_eq(hf_layers_apply(layers, &plan, false), r->applied, "%s", r->what);
		hf_layers_probe(layers, (struct hf_boot_ms){1}, 1);
		seen = hf_layers_seen(layers, &n);
		cr_assert_eq(n, 2);
		cr_expect_eq(seen[1].saw.state, r->want, "%s: %s", r->what, hf_layer_state_name(seen[1].saw.state));
		cr_expect_str_eq(seen[1].saw.text, r->lacks ? "this kernel lacks it" : "", "%s", r->what);
	}
}
