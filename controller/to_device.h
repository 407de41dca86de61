/* SPDX-License-Identifier: MIT */
/*
 * to_device.h - what the controller says to one device: its assignment, and the answer to its question
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
 * hf_to_device_all, hf_to_device_assignment, hf_to_device_answer - from now on each device's assignment is due, or
 * this one's, or the answer to this device's question
 *
 * All of it is said some devices at a time, and only while little else waits for the broker: an order never stands in
 * line behind it. A device has one answer a second at most: trusts, register, its assignment and the last state, not
 * retained.
 * Source    proto/README.md "Bus"
 */
void hf_to_device_all(struct hf_controller *c);
void hf_to_device_assignment(struct hf_controller *c, struct hf_device *device);
void hf_to_device_answer(struct hf_controller *c, struct hf_device *device);

#endif
