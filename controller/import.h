/* SPDX-License-Identifier: MIT */
/*
 * import.h - the first start of an empty journal
 */
#ifndef HOLDFAST_CONTROLLER_IMPORT_H
#define HOLDFAST_CONTROLLER_IMPORT_H

#include "controller/controller.h"

/*
 * hf_import_council - begin an empty journal with the documents of a council folder
 *
 * trust/1.json (the anchor), trust/N.json, register.json if there, assignments/NAME.json in order of their names
 * Returns   HF_OK all of them are recorded, in one commit; the first reason why not, with the file
 * Source    controller/API.md "First start"
 */
HF_NODISCARD enum hf_rc hf_import_council(struct hf_controller *c, const char *folder, struct hf_err *err);

#endif
