/* SPDX-License-Identifier: MIT */
/*
 * Owns how the last state is kept at the broker for each slice, and that no page of one before stays there.
 * Must never make or sign a state.
 */
#include <string.h>

#include "controller/say.h"
#include "controller/say_slices.h"

static void say_page(struct hf_controller *c, int64_t slice, int64_t page)
{
	struct hf_topic topic = {.kind = HF_TOPIC_BEAT, .slice = slice, .number = page};

	memcpy(topic.id, c->settings->controller_id, sizeof(topic.id));
	if (page >= c->n_pages)
		hf_say_document(c, &topic, NULL);
	else if (c->said[page])
		hf_say_document(c, &topic, c->said[page]);
}

void hf_say_slices(struct hf_controller *c)
{
	size_t n = hf_slices_turn(c->estate.n);
	int64_t slice, page;
	struct hf_err err = {""};

	while (n-- > 0 && hf_slices_next(&c->slices, c->kept_pages, &slice, &page))
		say_page(c, slice, page);
	if (c->slices.left > 0 || c->kept_pages == c->n_pages)
		return;
	c->kept_pages = c->n_pages;
	if (hf_journal_set_number(c->journal, HF_NUMBER_PAGES, c->kept_pages, &err) != HF_OK)
		hf_say_failed("the end of a page", HF_E_SYSTEM, &err);
}
