/* SPDX-License-Identifier: MIT */
/*
 * say_register.h - the register in force, said part by part
 */
#ifndef HOLDFAST_CONTROLLER_SAY_REGISTER_H
#define HOLDFAST_CONTROLLER_SAY_REGISTER_H

#include "controller/controller.h"

#define HF_NUMBER_PARTS "parts" /* beside the journal: how many may be retained */

/*
 * hf_register_turns - how many messages it takes: its parts, and those to be cleared of a register that had more
 *
 * Returns   0 when no register is in force
 * Source    proto/README.md "Bus"
 */
size_t hf_register_turns(const struct hf_controller *c);

/*
 * hf_say_register - say the one of these messages whose turn it is
 *
 * @turn     from 0; each once, in their order
 */
void hf_say_register(struct hf_controller *c, size_t turn);

#endif
