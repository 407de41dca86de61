/* SPDX-License-Identifier: MIT */
/*
 * reserve.h - disk that is kept beside the journal, so that a full one still takes what people need
 *
 * For the files of this room alone.
 */
#ifndef HOLDFAST_CONTROLLER_RESERVE_H
#define HOLDFAST_CONTROLLER_RESERVE_H

#include <holdfast/err.h>

#include "controller/journal/journal.h"

/* The file `reserve` of the journal's folder: its blocks are given back when the journal needs them. */
struct hf_reserve {
	int fd; /* -1: there is none */
};

/*
 * hf_reserve_open - open the reserve of a folder; it may be short, and is made when `make` is set
 *
 * @ret_reserve  to hf_reserve_close; its fd stays -1 when there is none
 * Owner     see ret_reserve
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_reserve_open(const char *folder, bool make, struct hf_reserve *ret_reserve,
					struct hf_err *err);

/*
 * hf_reserve_fill - take from the disk what is missing
 *
 * Returns   true if the reserve is whole, or there is none to be kept
 */
bool hf_reserve_fill(struct hf_reserve *reserve);

/*
 * hf_reserve_give - give some of it back to the disk
 *
 * @urgency  how much of it this may use
 * Returns   true if the disk has more room now
 * Source    proto/README.md "Failing"
 */
bool hf_reserve_give(struct hf_reserve *reserve, enum hf_urgency urgency);

/*
 * hf_reserve_close - close it; the file stays
 *
 * Owner     ends
 */
void hf_reserve_close(struct hf_reserve *reserve);

#endif
