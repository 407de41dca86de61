/* SPDX-License-Identifier: MIT */
/*
 * programs_probe.h - looks, as an ordinary user, whether what is blocked is blocked and the rest is not
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_PROBE_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_PROGRAMS_PROBE_H

#include "agent/enforce/common/file_rules.h"
#include "agent/enforce/common/hands.h"

#define HF_PROBE_OPENS_MAX                                                                                             \
	256 /* at 0.1 ms each the agent's loop stands 25 ms; the marks of the others are looked at                     \
	     */

struct hf_programs_probe {
	bool answered;	   /* the probing process came to its end in time */
	bool others_start; /* an unlisted program started */
	size_t n_refused;
	size_t n_unreachable; /* an ordinary user cannot come near that file anyway */
	size_t n_opened;      /* should be 0 */
	size_t first_opened;  /* index of a rule */
	size_t first_refused; /* index of a rule */
	pid_t pid;	      /* of the process that tried */
};

/*
 * hf_programs_trial - the same for another process, as an order to the hands and its answer
 *
 * Returns   true; false: the order is none
 */
bool hf_programs_trial(struct hf_hands_message *message);

/*
 * hf_programs_probe - a child of no privilege tries to open the listed files and to start /bin/true
 *
 * Waits some milliseconds, and two seconds at most (one for the files, one for the other program).
 * @hands    whose child it is, where they are
 * @rules    those open for all are not tried; of more than HF_PROBE_OPENS_MAX those from `from` on
 * @ret_probe  filled in whatever happens
 */
void hf_programs_probe(struct hf_hands *hands, const struct hf_file_rules *rules, size_t from,
		       struct hf_programs_probe *ret_probe);

/*
 * hf_programs_marked - does the fanotify group bear the mark of each rule's file
 *
 * A file that its path does not lead to any more was replaced: its mark ends with its last use.
 * @ret_missing  how many do not; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proc(5) fdinfo
 */
HF_NODISCARD enum hf_rc hf_programs_marked(int group, const struct hf_file_rules *rules, size_t *ret_missing,
					   struct hf_err *err);

/* Files by their number, sorted. Start it zeroed; v is the owner's to free. */
struct hf_marks {
	uint64_t *v;
	size_t n;
};

/*
 * hf_marks_parse - the files that are marked, in the text of fdinfo, with both permission events
 *
 * @fdinfo   is cut into pieces
 * @ret_marks  untouched unless HF_OK
 * Owner     see struct hf_marks
 * Returns   HF_OK; HF_E_MEMORY
 * Source    proc(5) fdinfo
 */
HF_NODISCARD enum hf_rc hf_marks_parse(char *fdinfo, struct hf_marks *ret_marks);

/*
 * hf_marks_has - is this file among them
 *
 * @ino      of the file
 * Returns   true or false
 */
bool hf_marks_has(const struct hf_marks *marks, uint64_t ino);

#endif
