/* SPDX-License-Identifier: MIT */
/*
 * cap.h - an event as an alert of the Common Alerting Protocol, for the council's alerting system
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_NOTIFY_CAP_H
#define HOLDFAST_NOTIFY_CAP_H

#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_CAP_ID_SIZE 64

/* What an alert has beside its event. Borrowed. */
struct hf_cap_frame {
	const char *sender;	 /* the council, by a name that no other has */
	const char *restriction; /* whom it is for */
	const char *reference;	 /* names an alert of no order, such as a test */
	struct hf_wall made;	 /* when that was written */
};

/* An alert. */
struct hf_cap {
	char identifier[HF_CAP_ID_SIZE];
	char *xml; /* malloc'ed */
	size_t len;
};

/*
 * hf_cap_word_ok - may this stand as a sender or an identifier
 *
 * Returns   HF_OK; HF_E_SHAPE it is empty, or has a blank, a comma, < or & in it
 * Source    CAP 1.2 section 3.2.1
 */
HF_NODISCARD enum hf_rc hf_cap_word_ok(const char *word, struct hf_err *err);

/*
 * hf_cap_write - write an alert: scope Restricted always; Actual, Exercise or Test; Alert, Update or Cancel
 *
 * One order gives one alert, byte for byte, however often it is written: its identifier and time are the order's.
 * @event    JSON, see controller/API.md "Events"
 * @ret      its xml the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE a sender or identifier that is none, no restriction, or an event that is no alert (a draft);
 *           as hf_json_read; HF_E_MEMORY
 * Source    CAP 1.2 section 3.2
 */
HF_NODISCARD enum hf_rc hf_cap_write(const char *event, const struct hf_cap_frame *frame, struct hf_cap *ret,
				     struct hf_err *err);

#endif
