/* SPDX-License-Identifier: MIT */
/*
 * say.h - one document on the bus
 */
#ifndef HOLDFAST_CONTROLLER_SAY_H
#define HOLDFAST_CONTROLLER_SAY_H

#include <holdfast/topic.h>

#include "controller/controller.h"

/*
 * hf_say_document - publish one document
 *
 * What fails is logged; it is said again with the next beat or connect.
 * @topic     its council is filled in; an answer is not retained, all else is
 * @envelope  NULL: what is retained there is cleared
 * Source    proto/README.md "Bus"
 */
void hf_say_document(struct hf_controller *c, const struct hf_topic *topic, const struct hf_envelope *envelope);

/*
 * hf_say_failed - log what could not be said
 */
void hf_say_failed(const char *what, enum hf_rc rc, const struct hf_err *err);

#endif
