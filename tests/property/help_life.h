/* SPDX-License-Identifier: MIT */
/*
 * help_life.h - a layer that lives on a machine of the tests, and what the dice tell it to do there
 */
#ifndef HOLDFAST_TESTS_LIFE_H
#define HOLDFAST_TESTS_LIFE_H

#include "agent/enforce/enforce.h"

#define TEST_LIFE_RELEASE 3 /* the plan in which nothing is shut */

struct test_life {
	const struct hf_layer_ops *ops;
	struct hf_loop *loop;
	struct hf_layer *layer; /* NULL: the agent is not there */
};

/*
 * test_life_begin, test_life_end - an agent is there, if none was; it is gone
 *
 * What cannot be opened fails the test.
 */
void test_life_begin(struct test_life *life, const struct hf_enforce_conf *conf);
void test_life_end(struct test_life *life);

/*
 * test_life_obey - shut one of three sets of sites, or with TEST_LIFE_RELEASE none
 *
 * @machine_wide  for everybody
 */
void test_life_obey(struct test_life *life, uint64_t which, bool machine_wide);

#endif
