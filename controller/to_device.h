/* SPDX-License-Identifier: MIT */
/*
 * to_device.h - what the controller says bit by bit: the state to each slice, trusts and register to all, to each device
 * its assignment, and the answer to its question
 */
#ifndef HOLDFAST_CONTROLLER_TO_DEVICE_H
#define HOLDFAST_CONTROLLER_TO_DEVICE_H

#include "controller/controller.h"

/*
 * hf_to_device_start - make ready; nothing is due yet
 *
 * Owner     the timer belongs to the loop
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_to_device_start(struct hf_controller *c, struct hf_err *err);

/*
 * hf_to_device_state, hf_to_device_all, hf_to_device_assignment, hf_to_device_answer - from now on the last state is due
 * to each slice, or all trusts, the register and each device's assignment, or this device's assignment, or the answer to
 * its question
 *
 * Slices, trusts and register are said one at a time, each when the broker has passed on the one before; slices and all
 * else take turns. All else is said some devices at a time, and only while little else waits for the broker: an order
 * never stands in line behind it. A device has one answer a second at most: trusts, register, its assignment and the last state, not
 * retained.
 * Source    proto/README.md "Bus"
 */
void hf_to_device_state(struct hf_controller *c);
void hf_to_device_all(struct hf_controller *c);
void hf_to_device_assignment(struct hf_controller *c, struct hf_device *device);
void hf_to_device_answer(struct hf_controller *c, struct hf_device *device);

#endif
