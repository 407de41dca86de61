/* SPDX-License-Identifier: MIT */
/*
 * export_ask.h - who exports what of the record is on the record before anything is handed out
 */
#ifndef HOLDFAST_CONTROLLER_EXPORT_ASK_H
#define HOLDFAST_CONTROLLER_EXPORT_ASK_H

#include "controller/web/api.h"

/*
 * hf_export_post - record an export, by root alone; answer with the head of the record that has it
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "The export"
 */
struct hf_web_answer hf_export_post(struct hf_controller *c, const struct hf_web_request *request);

#endif
