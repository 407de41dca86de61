/* SPDX-License-Identifier: MIT */
/*
 * say_slices.h - the last state, said to the estate slice by slice
 */
#ifndef HOLDFAST_CONTROLLER_SAY_SLICES_H
#define HOLDFAST_CONTROLLER_SAY_SLICES_H

#include "controller/controller.h"

#define HF_NUMBER_PAGES "pages" /* beside the journal: how many may be retained */

/*
 * hf_say_slices - say as much of the last state as may be said together; once all have it, pages that none has any more
 * are forgotten
 *
 * Source    proto/README.md "Bus"
 */
void hf_say_slices(struct hf_controller *c);

#endif
