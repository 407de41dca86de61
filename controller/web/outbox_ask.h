/* SPDX-License-Identifier: MIT */
/*
 * outbox_ask.h - what is asked of the outbox: by people, and by the program that sends
 */
#ifndef HOLDFAST_CONTROLLER_OUTBOX_ASK_H
#define HOLDFAST_CONTROLLER_OUTBOX_ASK_H

#include "controller/web/api.h"

/*
 * hf_outbox_show - a page of the outbox, newest last
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "The outbox"
 */
struct hf_web_answer hf_outbox_show(struct hf_controller *c, const struct hf_web_request *request);

/*
 * hf_outbox_post - take, begin, outcome by who sends alone; retry, drop, test, seen by others
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "The outbox"
 */
struct hf_web_answer hf_outbox_post(struct hf_controller *c, const struct hf_web_request *request);

/*
 * hf_outbox_say - what of the messages somebody must look into
 *
 * @list     sentences are added to it
 * Source    controller/API.md "Status"
 */
void hf_outbox_say(const struct hf_controller *c, json_t *list);

#endif
