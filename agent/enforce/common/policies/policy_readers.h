/* SPDX-License-Identifier: MIT */
/*
 * policy_readers.h - which running browsers have read the policy since it changed last, and when to prod the others
 *
 * Pure: processes and times come as arguments.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_READERS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_POLICIES_POLICY_READERS_H

#include <holdfast/time.h>

#include "agent/machine/procs.h"

/* One running browser: its main process, which alone reads policies. */
struct hf_reader {
	struct hf_proc proc;
	struct hf_boot_ms since; /* waiting since: it was seen first, or the policy changed */
	bool read;		 /* what is wanted now */
	struct hf_boot_ms read_at;
	bool midway;	    /* has read the lockdown file and will read the base file next */
	bool born_into;	    /* was started after the change, so it reads before it shows anything */
	unsigned int prods; /* how often it was tried to make it read */
	bool alive;	    /* seen in the look that is going on */
};

struct hf_readers {
	struct hf_reader *v;
	size_t n, room;
	struct hf_boot_ms changed; /* when the policy changed last */
	struct hf_reader spare;	   /* stands in for one for which there is no memory: never has it read */
};

/* What is to be done now. */
struct hf_readers_due {
	size_t n_running;
	size_t n_waiting;  /* have not read it */
	pid_t one_waiting; /* 0: none */
	bool prod;	   /* write again now */
	bool fresh;	   /* with the time of now: slower, but noticed in any case */
	int64_t next_ms;   /* look again after so long; 0: no need */
};

/*
 * hf_readers_change - the policy is another one from now on: all must read again
 */
void hf_readers_change(struct hf_readers *readers, struct hf_boot_ms now);

/*
 * hf_readers_begin, hf_readers_saw, hf_readers_end - a look at all running browsers: those not seen in it are gone
 *
 * @ticks_s  clock ticks a second, in which a process's start is counted
 * Owner     the reader belongs to readers, until the next end
 * Returns   nothing; the reader
 */
void hf_readers_begin(struct hf_readers *readers);
struct hf_reader *hf_readers_saw(struct hf_readers *readers, const struct hf_proc *proc, struct hf_boot_ms now,
				 int64_t ticks_s);
void hf_readers_end(struct hf_readers *readers);

/* What a browser opened, and when. */
struct hf_reader_opened {
	bool locked;   /* a lockdown file is wanted; else none is */
	bool lockdown; /* it opened a lockdown file; else the base file, which it does after that */
	bool right;    /* the lockdown file has the wanted text */
};

/*
 * hf_readers_opened - a browser opened one of our files
 *
 * @now      when
 * Source    tests/FACTS.md "The device"
 */
void hf_readers_opened(struct hf_reader *reader, const struct hf_reader_opened *opened, struct hf_boot_ms now);

/*
 * hf_readers_due - who waits and what to do about it; counts the prod that it asks for
 *
 * @ret_due  filled in
 * Source    tests/FACTS.md "The device": again after 2 s, and at 2, 8 and 30 s of a new browser
 */
void hf_readers_due(struct hf_readers *readers, struct hf_boot_ms now, struct hf_readers_due *ret_due);

/*
 * hf_readers_done - free and zero
 */
void hf_readers_done(struct hf_readers *readers);

#endif
