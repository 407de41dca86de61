/* SPDX-License-Identifier: MIT */
/*
 * help_office.h - a controller in memory, for tests: the demo council's journal in a folder of its own, and no bus
 */
#ifndef HOLDFAST_TESTS_OFFICE_H
#define HOLDFAST_TESTS_OFFICE_H

#include "controller/controller.h"
#include "controller/door.h"
#include "tests/help/council.h"
#include "tests/help/folder.h"

struct office {
	struct council council;
	char folder[TEST_FOLDER_SIZE]; /* `council/` and the journal */
	struct hf_settings settings;
	struct hf_controller c;
};

/*
 * office_open, office_close - make the folder and import the council; end both
 *
 * What cannot be made fails the test.
 * Source    controller/API.md "First start"
 */
void office_open(struct office *office);
void office_close(struct office *office);

/*
 * office_restart - close the journal, forget everything, start again from disk
 *
 * Returns   as hf_recall_journal
 */
enum hf_rc office_restart(struct office *office, struct hf_err *err);

/*
 * office_post - post an envelope and free it
 *
 * @envelope   taken over
 * @ret_taken  may be NULL
 * Returns   as hf_door_take
 * Source    controller/API.md
 */
enum hf_rc office_post(struct office *office, struct hf_envelope *envelope, struct hf_taken *ret_taken,
		       struct hf_err *err);

/*
 * office_report - have a report come in, signed by who
 *
 * @topic    NULL: that of the device which it names
 */
void office_report(struct office *office, const char *topic, const struct hf_report *report, unsigned who);

/*
 * office_records - how many records the journal has
 */
uint64_t office_records(const struct office *office);

#endif
