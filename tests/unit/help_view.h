/* SPDX-License-Identifier: MIT */
/*
 * help_view.h - what an officer of the demo council knows, for tests: no folder, no controller
 */
#ifndef HOLDFAST_TESTS_VIEW_H
#define HOLDFAST_TESTS_VIEW_H

#include "controller/office/council_view.h"
#include "controller/office/period.h"
#include "tests/help/council.h"

struct desk {
	struct council council;
	struct hf_office office;
	struct hf_view view; /* two minutes after the council was made */
	struct hf_period period;
	char *text; /* what was read last; malloc'ed */
	size_t len;
};

#define desk_auto __attribute__((cleanup(desk_close)))

/*
 * desk_open, desk_close - begin with the council's trust and register; end
 */
void desk_open(struct desk *desk);
void desk_close(struct desk *desk);

#endif
