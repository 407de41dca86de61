/* SPDX-License-Identifier: MIT */
/*
 * schedulers_ask.h - what is asked of schedulers by whoever has their keys
 */
#ifndef HOLDFAST_CONTROLLER_SCHEDULERS_ASK_H
#define HOLDFAST_CONTROLLER_SCHEDULERS_ASK_H

#include "controller/web/api.h"

/*
 * hf_schedulers_post - what is to be done in one, what is done, and how it stands
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "Schedulers"
 */
struct hf_web_answer hf_schedulers_post(struct hf_controller *c, const struct hf_web_request *request);

#endif
