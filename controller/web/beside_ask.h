/* SPDX-License-Identifier: MIT */
/*
 * beside_ask.h - what is asked of the register beside
 */
#ifndef HOLDFAST_CONTROLLER_BESIDE_ASK_H
#define HOLDFAST_CONTROLLER_BESIDE_ASK_H

#include "controller/web/api.h"

/*
 * hf_beside_show, hf_beside_post - all of it; rows in place of others, by root of the server alone
 *
 * Owner     as hf_web_answer
 * Source    controller/API.md "The register beside"
 */
struct hf_web_answer hf_beside_show(struct hf_controller *c, const struct hf_web_request *request);
struct hf_web_answer hf_beside_post(struct hf_controller *c, const struct hf_web_request *request);

#endif
