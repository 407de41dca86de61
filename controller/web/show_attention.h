/* SPDX-License-Identifier: MIT */
/*
 * show_attention.h - what somebody must look into, as sentences for every screen
 */
#ifndef HOLDFAST_CONTROLLER_SHOW_ATTENTION_H
#define HOLDFAST_CONTROLLER_SHOW_ATTENTION_H

#include "controller/web/show.h"

/*
 * hf_show_attention - sentences; none: nothing is out of the ordinary
 *
 * @unheard  of hf_show_unheard: an estate is looked through once for both
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 * Source    controller/API.md "Status"
 */
json_t *hf_show_attention(const struct hf_controller *c, const json_t *unheard);

/*
 * hf_show_unheard - the live lockdowns that devices say hold, and that are not known here
 *
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 * Source    controller/API.md "Status"
 */
json_t *hf_show_unheard(const struct hf_controller *c);

/*
 * hf_show_strangers - the devices that report here and that are not known here
 *
 * Owner     a new reference, the caller's
 * Returns   the array; NULL no memory
 * Source    controller/API.md "Status"
 */
json_t *hf_show_strangers(const struct hf_controller *c);

#endif
