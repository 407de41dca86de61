/* SPDX-License-Identifier: MIT */
/*
 * checks_ask.h - what is asked of the checklists
 */
#ifndef HOLDFAST_CONTROLLER_CHECKS_ASK_H
#define HOLDFAST_CONTROLLER_CHECKS_ASK_H

#include "controller/web/api.h"

/*
 * hf_checks_show, hf_checks_post - the items as they stand; one is done, or is not
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "Checklists"
 */
struct hf_web_answer hf_checks_show(struct hf_controller *c, const struct hf_web_request *request);
struct hf_web_answer hf_checks_post(struct hf_controller *c, const struct hf_web_request *request);

/*
 * hf_checks_count - {"open", "exercise", "access"}: how many items are open, for the status
 *
 * @list     of attention; a sentence is added where the council's file has a slip
 * Owner     a new reference, the caller's
 * Returns   NULL no memory
 */
json_t *hf_checks_count(const struct hf_controller *c, const struct hf_lockdowns *lockdowns, json_t *list);

#endif
