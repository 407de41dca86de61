/* SPDX-License-Identifier: MIT */
/*
 * Owns the officer's view of the tests.
 * Must never be linked into a program that ships.
 */
#include "tests/unit/help_view.h"

#include <stdlib.h>
#include <string.h>

void desk_open(struct desk *desk)
{
	memset(desk, 0, sizeof(*desk));
	council_open(&desk->council);
	council_begin(&desk->council, &desk->view.known);
	desk->view.office = &desk->office;
	desk->view.now = (struct hf_wall){COUNCIL_T + 120};
}

void desk_close(struct desk *desk)
{
	free(desk->text);
	hf_period_done(&desk->period);
	hf_view_done(&desk->view);
	council_close(&desk->council);
}
