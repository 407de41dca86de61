/* SPDX-License-Identifier: MIT */
/*
 * join_answer.h - what a laptop that was approved is given: its bundle, and what is in force now
 */
#ifndef HOLDFAST_CONTROLLER_JOIN_ANSWER_H
#define HOLDFAST_CONTROLLER_JOIN_ANSWER_H

#include <holdfast/json.h>
#include <holdfast/key.h>

/*
 * hf_join_answer - put together what the controller says of a device, and what was answered
 *
 * Nothing of it is judged here: the device does that.
 * @council  the controller's /v1/council?device=ID; borrowed
 * @states   the controller's /v1/states; borrowed
 * @answered {"device", "host", "port", "ca", "certificate"}; borrowed
 * @pub      the device's key
 * Owner     a new reference, the caller's
 * Returns   NULL no assignment for this key is in effect yet, or there is no register, or no memory
 * Source    proto/README.md "Joining"
 */
json_t *hf_join_answer(const json_t *council, const json_t *states, const json_t *answered, const struct hf_pub *pub);

#endif
