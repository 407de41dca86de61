/* SPDX-License-Identifier: MIT */
/*
 * Owns what this device does as a witness of the controllers' journals: keeps the proof, and hands it over when asked.
 * Must never change what is blocked by it, nor speak of it unasked but in reports.
 */
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "agent/keeper/keeper_inside.h"

static void hand_over_page(struct hf_keeper *k, const struct hf_witness_page *page)
{
	if (page->text)
		hf_keeper_send(k, HF_TOPIC_ASK, page->text, page->len);
}

/* Of a fork both sides; else what is held. */
static void hand_over(struct hf_keeper *k)
{
	for (size_t i = 0; i < k->witness.n; i++) {
		const struct hf_witness_row *row = &k->witness.v[i];
		bool fork = row->page[HF_WITNESS_WAS].text;

		hand_over_page(k, &row->page[fork ? HF_WITNESS_WAS : HF_WITNESS_HELD]);
		hand_over_page(k, &row->page[HF_WITNESS_NOW]);
	}
}

void hf_keeper_witness(struct hf_keeper *k, const struct hf_message *message, const struct hf_hearing *hearing)
{
	bool fork = false;

	if (hf_witness_hear(&k->witness, &k->memory.known, message, &fork) != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_MEMORY)),
			     "no memory to keep what proves what was seen of a journal");
	if (fork)
		hf_keeper_save_witness(k);
	if (hearing->asked)
		hand_over(k);
}
