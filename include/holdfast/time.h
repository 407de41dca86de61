/* SPDX-License-Identifier: MIT */
/*
 * time.h - the two times of the contract, which the compiler keeps apart
 *
 * Only proto/host/linux/clock.c makes them from the machine; everybody else gets them as arguments.
 */
#ifndef HOLDFAST_TIME_H
#define HOLDFAST_TIME_H

#include <stdint.h>

#include <holdfast/err.h>

/* UTC, seconds since 1970-01-01, as on the wire. 0 in an `until` means: no end. */
struct hf_wall {
	int64_t s;
};

/* Milliseconds since this machine booted, counted through suspend. */
struct hf_boot_ms {
	int64_t ms;
};

/* The largest time that a document may carry: 9999-12-31T23:59:59Z */
#define HF_WALL_MAX 253402300799

#define HF_WALL_TEXT_SIZE 32

/*
 * hf_wall_text - a time for people, "2026-05-07 21:00:05 UTC"
 *
 * @text     room for HF_WALL_TEXT_SIZE
 * Owner     the caller's buffer
 * Returns   text; "no end" for 0; "an impossible time" outside 1970..9999
 * Source    proto/README.md "Time"
 */
const char *hf_wall_text(struct hf_wall t, char text[HF_WALL_TEXT_SIZE]);

/*
 * hf_wall_parse - read "YYYY-MM-DDTHH:MM:SSZ" or whole seconds
 *
 * @text     text with end mark
 * @ret_t    the time; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE not a time of 1970..9999 (impossible dates included)
 * Source    proto/README.md "Time"
 */
HF_NODISCARD enum hf_rc hf_wall_parse(const char *text, struct hf_wall *ret_t);

#endif
