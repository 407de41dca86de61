/* SPDX-License-Identifier: MIT */
/*
 * help_agent.h - one device of the simulated council: its person, its clock, its link, its lid, and all that it knows
 *
 * What it knows is kept twice: by the code under test, which hears signed messages, and in the oracle's memory.
 */
#ifndef TESTS_SIM_HELP_AGENT_H
#define TESTS_SIM_HELP_AGENT_H

#include <holdfast/known.h>
#include <holdfast/posture.h>

#include "tests/sim/help_oracle.h"

#define MESSAGES_MAX 16384
#define PENDING_MAX 32

/* One page of one state, as it goes over the bus. */
struct message {
	char *text;
	size_t len;
	bool carries[DEEDS_MAX];
	int64_t seq, issued;
	int page, pages;
};

/* Everything that was ever said; the newest state is v[newest] and what follows. */
struct post {
	struct message v[MESSAGES_MAX];
	size_t n, newest;
};

/* clang-format off */
enum clock_kind { CLOCK_RIGHT, CLOCK_NEARLY, CLOCK_FAST, CLOCK_SLOW, CLOCK_1970, CLOCK_2038, CLOCK_JUMPS, CLOCK_DRIFTS };
/* clang-format on */

struct agent {
	size_t number;
	struct whose whose;
	struct hf_envelope *assignment; /* of its enrolment: kept when all else is lost */
	uint64_t dice;			/* where its dice stand: no agent's fate hangs on how many there are */
	/* its clock */
	enum clock_kind clock;
	int64_t error;	/* of its clock, in seconds */
	int64_t booted; /* by the true time */
	/* its lid and its link */
	unsigned loss, late, twice; /* of a thousand messages */
	bool always_on, awake, online, woke, lazy;
	int64_t closed_until, away_until;
	struct {
		int64_t at;
		size_t message;
	} pending[PENDING_MAX];
	size_t n_pending;
	/* what it knows */
	struct hf_known known;
	struct hf_ack acks[ACKS_MAX];
	struct memory memory;
	int64_t heard_seq;
	uint64_t heard_pages;
	int64_t shut_from[LOCKS_MAX]; /* the latest `from` that it was ever shut by, while awake; or -1 */
	/* what was last found, and what it hangs on */
	struct view view;
	bool said[LOCKS_MAX]; /* what it last told the controller that it holds */
	bool dirty;	      /* it learned or forgot something since */
	size_t local_at, issued_at;
	bool looked; /* it was awake since */
};

/* What happened to all agents. */
struct fates {
	size_t heard, lost, late, twice, replayed, spoilt, refused, restarts, losses, jumps, closed, away, read;
};

extern struct fates fates;

/*
 * agent_begin, agent_done - enrol a device, and scrap it
 *
 * @number   says what person, clock and link it has
 * Owner     the caller's
 * Returns   nothing: what fails ends the test
 * Source    proto/README.md "Enrolment"
 */
void agent_begin(struct agent *agent, const struct story *story, size_t number, uint64_t seed);
void agent_done(struct agent *agent);

/*
 * agent_hour - an hour of its life: lid, clock, restart, loss of its disk, and what it hears
 *
 * @now      the true time
 * Owner     the caller's
 * Source    proto/README.md "The join", "Time"
 */
void agent_hour(struct agent *agent, const struct story *story, const struct post *post, int64_t now);

/*
 * agent_local - what its clock shows
 *
 * Returns   UTC seconds, right or wrong
 * Source    proto/README.md "Time"
 */
int64_t agent_local(const struct agent *agent, int64_t now);

/*
 * agent_tidy - was its clock always right, to the second
 *
 * Returns   true or false
 */
bool agent_tidy(const struct agent *agent);

/*
 * agent_heard_newest - has it heard every page of the newest state
 *
 * Returns   true or false
 * Source    proto/README.md "State"
 */
bool agent_heard_newest(const struct agent *agent, const struct post *post);

/*
 * agent_look - what the code under test makes of it; if it is awake, what is in force has begun
 *
 * @ret_view  every byte is set
 * Owner     the caller's
 * Returns   how many lockdowns opened early: that it was shut by, without a release, before their true end
 * Source    policy D9.2, D10; proto/README.md "Time"
 */
size_t agent_look(struct agent *agent, const struct story *story, int64_t now, struct view *ret_view);

#endif
