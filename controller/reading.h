/* SPDX-License-Identifier: MIT */
/*
 * reading.h - a report on its way: what its device's key says of it is found out on any thread, what it means on the loop's
 */
#ifndef HOLDFAST_CONTROLLER_READING_H
#define HOLDFAST_CONTROLLER_READING_H

#include "controller/controller.h"

struct hf_reading {
	char device[HF_ID_SIZE];
	struct hf_pub pub; /* that the device had when it came */
	char *buf;	   /* owned, as what is read from it */
	size_t len;
	enum hf_rc rc; /* HF_OK: it is verified */
	struct hf_err err;
	struct hf_envelope *envelope;
	struct hf_report *report;
	void (*take)(struct hf_controller *c, struct hf_reading *r); /* what follows from it, on the loop's thread */
	bool again;	      /* it was taken in a life before, and is read again: see controller/rereading.h */
	bool other;	      /* then: it is of another machine than the first */
	struct hf_wall heard; /* then: when */
	int64_t counter;      /* then: of the last that repeated it; 0: none did */
};

/*
 * hf_reading_read - what it says, and whether its device signed it: all that takes long
 *
 * Touches nothing but the reading: it may run on another thread.
 * Source    proto/README.md "Report"
 */
void hf_reading_read(struct hf_reading *r);

/*
 * hf_reading_done - free what it holds, zero it
 */
void hf_reading_done(struct hf_reading *r);

#endif
