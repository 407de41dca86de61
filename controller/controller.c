/* SPDX-License-Identifier: MIT */
/*
 * Owns what all of the controller asks of its state: the bench, the lockdowns in force, when to stop.
 * Must never change what is known, or hold an officer's key.
 */
#include <stdlib.h>

#include <holdfast/clock.h>

#include "controller/controller.h"

struct hf_bench hf_controller_bench(const struct hf_controller *c)
{
	return (struct hf_bench){.known = &c->known, .estate = &c->estate};
}

struct hf_listener hf_controller_listener(const struct hf_controller *c)
{
	return (struct hf_listener){.council = c->known.council,
				    .controller = c->settings->controller_id,
				    .seq = c->since == 0 ? INT64_MAX : c->seq,
				    .since = c->since};
}

enum hf_rc hf_controller_lockdowns(const struct hf_controller *c, struct hf_lockdowns *ret_lockdowns,
				   struct hf_err *err)
{
	return hf_known_lockdowns(&c->known, hf_clock_wall(), ret_lockdowns, err);
}

int64_t hf_controller_stale_s(const struct hf_controller *c)
{
	return c->settings->report_s * HF_STALE_REPORTS;
}

void hf_controller_stop(struct hf_controller *c, enum hf_rc why)
{
	c->fatal = why;
	if (c->loop)
		hf_loop_stop(c->loop);
}

void hf_controller_done(struct hf_controller *c)
{
	for (size_t i = 0; i < c->n_trusts; i++)
		hf_envelope_free(&c->trusts[i]);
	for (size_t i = 0; i < HF_PAGES_MAX; i++)
		hf_envelope_free(&c->said[i]);
	free(c->trusts);
	c->trusts = NULL;
	c->n_trusts = 0;
	if (c->begun)
		hf_known_done(&c->known);
	c->begun = false;
	hf_estate_done(&c->estate);
	hf_drafts_done(&c->drafts);
	hf_remarks_done(&c->remarks);
	hf_leavers_done(&c->leavers);
	hf_ack_book_done(&c->acks);
	hf_post_book_done(&c->posts);
	hf_recorded_done(&c->releases);
	hf_beside_done(&c->beside);
	hf_check_book_done(&c->checks);
	hf_held_book_done(&c->held);
	json_decref(c->schedulers.stands);
	c->schedulers.stands = NULL;
	free(c->erasures);
	c->erasures = NULL;
	c->n_erasures = c->erasures_room = 0;
	/* All that waited was flushed. */
	free(c->pending.journal);
	free(c->pending.rows);
}
