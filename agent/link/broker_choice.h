/* SPDX-License-Identifier: MIT */
/*
 * broker_choice.h - which broker the link stays with, and which one it tries beside that
 */
#ifndef HOLDFAST_AGENT_LINK_BROKER_CHOICE_H
#define HOLDFAST_AGENT_LINK_BROKER_CHOICE_H

#include <holdfast/brokers.h>
#include <holdfast/json.h>

#define HF_CHOICE_MAX 32 /* the agent tells of 24, and the enrolment's stands beside them */

/* One that may be joined; its texts belong to the choice. */
struct hf_choice_row {
	struct hf_broker broker;
	bool trusted; /* it gave a fresh whole state once, or is that of the enrolment */
	bool listed;  /* the council's list has it now */
};

/* What the agent told. Start it zeroed; the first row is that of the enrolment. */
struct hf_choice {
	json_t *told; /* owns the texts of all rows but the first */
	struct hf_choice_row v[HF_CHOICE_MAX];
	size_t n;
	struct hf_broker last; /* with which this device stayed before; its host NULL: that of the enrolment */
	bool leave;	       /* two have said which brokers there are: one that is not listed is left */
};

/*
 * hf_choice_begin - nothing is told: the broker of the enrolment alone may be joined
 *
 * @enrolment  its texts are borrowed
 */
void hf_choice_begin(struct hf_choice *choice, const struct hf_broker *enrolment);

/*
 * hf_choice_take - take over what the agent told, HF_LOCAL_BROKERS
 *
 * Returns   HF_OK; HF_E_JSON, HF_E_SHAPE, HF_E_SIZE: what was told before stays; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_choice_take(struct hf_choice *choice, const void *buf, size_t len, struct hf_err *err);

/*
 * hf_choice_row_of - the row of this broker
 *
 * Returns   belongs to the choice; NULL when it may not be joined
 */
const struct hf_choice_row *hf_choice_row_of(const struct hf_choice *choice, const struct hf_broker *broker);

/*
 * hf_choice_left - is this broker to be left for another, though it works
 */
bool hf_choice_left(const struct hf_choice *choice, const struct hf_broker *present);

/*
 * hf_choice_next - which one to try now beside the present one
 *
 * In turn one that is trusted and one that is not, each in its order, so that ones that nobody knows hold up none that
 * worked, however many they are.
 * @turn     how many were tried before
 * Returns   belongs to the choice; NULL when there is no other
 */
const struct hf_broker *hf_choice_next(const struct hf_choice *choice, const struct hf_broker *present, size_t turn);

/*
 * hf_choice_done - free, zero
 */
void hf_choice_done(struct hf_choice *choice);

#endif
