/* SPDX-License-Identifier: MIT */
/*
 * say.h - one document on the bus
 */
#ifndef HOLDFAST_CONTROLLER_SAY_H
#define HOLDFAST_CONTROLLER_SAY_H

#include <holdfast/state.h>
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
 * hf_say_sign - a state, signed by this controller
 *
 * @ret_envelope  to hf_envelope_free; untouched unless HF_OK
 * Owner     see ret_envelope
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE
 * Source    proto/README.md "State"
 */
HF_NODISCARD enum hf_rc hf_say_sign(const struct hf_controller *c, const struct hf_state *state,
				    struct hf_envelope **ret_envelope, struct hf_err *err);

/*
 * hf_say_heard - say to one device alone that its last report was taken, by the state that was said last
 *
 * Nothing is said before the first state is.
 * Source    proto/README.md "State"
 */
void hf_say_heard(struct hf_controller *c, const struct hf_device *device);

/*
 * hf_say_failed - log what could not be said
 */
void hf_say_failed(const char *what, enum hf_rc rc, const struct hf_err *err);

#endif
