/* SPDX-License-Identifier: MIT */
/*
 * Owns the orders in the files that stand for those of an earlier version.
 * Must never be changed so that it makes other bytes: the files hold them.
 */
#include "tests/help/written.h"

void written_open(struct written *w)
{
	struct hf_order order = council_raise_doc(HF_KIND_EMERGENCY);
	struct hf_digest id;

	council_open(&w->council);
	w->orders[0] = council_order(&w->council, &order, COMMS_1);
	w->amended = w->orders[0];
	order = council_amend_doc(HF_KIND_EMERGENCY, w->amended, 1);
	order.body.contact = "Communications duty officer, extension 4001";
	w->orders[1] = council_order(&w->council, &order, COMMS_1);
	order = council_raise_doc(HF_KIND_EMERGENCY);
	order.body.reason = "A flood.";
	w->orders[2] = council_order(&w->council, &order, COMMS_2);
	w->released = w->orders[2];
	id = w->released->digest;
	order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	w->orders[3] = council_order(&w->council, &order, COMMS_1 | MONITORING_1);
	order = council_raise_doc(HF_KIND_PURDAH);
	w->orders[4] = council_order(&w->council, &order, ELECTIONS_1);
	w->purdah = w->orders[4];
	id = w->amended->digest;
	order = council_release_doc(HF_KIND_EMERGENCY, &id, 1);
	w->half_released = council_order(&w->council, &order, COMMS_1);
}

void written_close(struct written *w)
{
	for (size_t i = 0; i < WRITTEN_ORDERS; i++)
		hf_envelope_free(&w->orders[i]);
	hf_envelope_free(&w->half_released);
	council_close(&w->council);
}
