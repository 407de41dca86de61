/* SPDX-License-Identifier: MIT */
/*
 * Owns the life of one layer in a test.
 * Must never choose where its files are.
 */
#include <criterion/criterion.h>

#include "tests/property/help_life.h"

static void ignore(void *arg)
{
	(void)arg;
}

void test_life_begin(struct test_life *life, const struct hf_enforce_conf *conf)
{
	const struct hf_layer_calls calls = {.changed = ignore};
	const struct hf_layer_home home = {.loop = life->loop, .conf = conf, .calls = &calls};
	struct hf_err err = {""};
	if (!life->layer)
		cr_assert_eq(hf_layer_open(life->ops, &home, &life->layer, &err), HF_OK, "%s", err.text);
}

void test_life_end(struct test_life *life)
{
	hf_layer_close(life->ops, &life->layer);
}

void test_life_obey(struct test_life *life, uint64_t which, bool machine_wide)
{
	static const char *sets[TEST_LIFE_RELEASE][2] = {
		{"x.com", "mastodon.social"}, {"x.com", NULL}, {"facebook.com", "instagram.com"}};
	const struct hf_strs none = {.v = NULL, .n = 0};
	const struct hf_strs addresses = {.v = sets[which % TEST_LIFE_RELEASE], .n = which % TEST_LIFE_RELEASE == 1 ? 1 : 2};
	struct hf_block block = {
		.tool = "t", .name = "T", .addresses = &addresses, .programs = &none, .machine_wide = machine_wide};
	const struct hf_plan plan = {.blocks = &block, .n_blocks = which == TEST_LIFE_RELEASE ? 0 : 1};
	struct hf_err err = {""};
	cr_assert_eq(life->ops->apply(life->layer, &plan, &err), HF_OK, "%s", err.text);
}
