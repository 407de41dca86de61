/* SPDX-License-Identifier: MIT */
/*
 * help_oracle.h - what the law gives to a device for what it could have known: by hand, from proto/README.md
 *
 * It is told what was given to a device and when the device looked. It never sees an envelope, and asks nothing of the
 * code under test.
 */
#ifndef TESTS_SIM_HELP_ORACLE_H
#define TESTS_SIM_HELP_ORACLE_H

#include <holdfast/lockdowns.h>

#include "tests/sim/help_story.h"

#define VIEW_TOOLS_MAX 16
#define VIEW_ACCOUNTS_MAX 16
#define ACKS_MAX 64

/* One lockdown as a device sees it. Bytes alone, so that two can be compared as memory. */
struct lock_view {
	uint8_t known; /* its raise is known and approved */
	uint8_t rev, bodies, in_force;
	uint8_t phase;	 /* enum hf_phase */
	uint8_t to_read; /* the person has still to acknowledge its instructions */
};

/* What a device makes of it for its person. */
struct view {
	uint8_t level; /* enum hf_level */
	uint8_t tools[VIEW_TOOLS_MAX], accounts[VIEW_ACCOUNTS_MAX];
	struct lock_view locks[LOCKS_MAX];
};

/* Whose device it is. */
struct whose {
	const char *person;
	const char *groups[2];
};

/* All that a device could have known. */
struct memory {
	bool given[DEEDS_MAX];
	int64_t issued;
	int64_t begun_from[LOCKS_MAX]; /* the latest `from` of those of its orders that were seen in force; or -1 */
	bool over[DEEDS_MAX];	       /* seen to have ended by time: that stays */
	struct {
		size_t lock, text;
	} acks[ACKS_MAX];
	size_t n_acks;
	bool lost; /* what was known is lost, and no whole state has come since */
};

/*
 * oracle_begin - a device that knows nothing
 *
 * Owner     the caller's
 */
void oracle_begin(struct memory *memory);

/*
 * oracle_look - the device is awake and looks at this time by its own clock: what is in force has begun
 *
 * Owner     the caller's
 * Source    proto/README.md "What is in force" 4
 */
void oracle_look(const struct story *story, int64_t local, struct memory *memory);

/*
 * oracle_until - when it is over by itself: an exercise, too, a week after it was written or was to begin
 *
 * Returns   0: never
 * Source    proto/README.md "What is in force" 5
 */
int64_t oracle_until(const struct deed *deed);

/*
 * oracle_released - has the device been given an approved release of this lockdown
 *
 * Returns   true or false
 * Source    proto/README.md "What is in force" 3
 */
bool oracle_released(const struct story *story, const struct memory *memory, size_t lock);

/*
 * oracle_view - what the device must make of it
 *
 * @ret_view  every byte is set
 * Owner     the caller's
 * Source    proto/README.md "What is in force", "Approval", "Acknowledging"; policy D9, D10
 */
void oracle_view(const struct story *story, const struct memory *memory, const struct whose *whose, int64_t local,
		 struct view *ret_view);

#endif
