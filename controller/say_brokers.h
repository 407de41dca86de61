/* SPDX-License-Identifier: MIT */
/*
 * say_brokers.h - the lists of brokers that count, to all
 */
#ifndef HOLDFAST_CONTROLLER_SAY_BROKERS_H
#define HOLDFAST_CONTROLLER_SAY_BROKERS_H

#include "controller/controller.h"

/*
 * hf_say_brokers - say the list that two approved, and the newest that one alone approved since
 *
 * Each of these names what those before it added, so that no other is needed. What counts no longer is cleared.
 * Source    proto/README.md "Bus"
 */
void hf_say_brokers(struct hf_controller *c);

#endif
