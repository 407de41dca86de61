/* SPDX-License-Identifier: MIT */
/*
 * Owns how the register in force is said, and that no part of one before stays retained.
 * Must never say a part of a register that is not in force.
 */
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/say.h"
#include "controller/say_register.h"

size_t hf_register_turns(const struct hf_controller *c)
{
	size_t n = c->known.parts.n_in_force;
	return n > 0 && (size_t)c->n_parts > n ? (size_t)c->n_parts : n;
}

/* Remembered while they may be retained, so that they are cleared also after a new start. */
static void note_parts(struct hf_controller *c)
{
	int64_t n = (int64_t)c->known.parts.n_in_force;
	struct hf_err err = {""};
	if (n == c->n_parts)
		return;
	enum hf_rc rc = hf_journal_set_number(c->journal, HF_NUMBER_PARTS, n, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)), "%s", err.text);
	c->n_parts = n;
}

void hf_say_register(struct hf_controller *c, size_t turn)
{
	size_t turns = hf_register_turns(c);
	if (turn == 0 && c->known.parts.n_in_force > (size_t)c->n_parts)
		note_parts(c);
	hf_say_document(c, &(struct hf_topic){.kind = HF_TOPIC_REGISTER, .number = turn ? (int64_t)turn + 1 : 0},
			hf_parts_in_force(&c->known.parts, turn));
	if (turn + 1 == turns)
		note_parts(c);
}
