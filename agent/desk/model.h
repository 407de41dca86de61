/* SPDX-License-Identifier: MIT */
/*
 * model.h - from what the agent said to the page that a person reads; pure
 */
#ifndef HOLDFAST_AGENT_DESK_MODEL_H
#define HOLDFAST_AGENT_DESK_MODEL_H

#include <jansson.h>

#include "agent/desk/attention.h"
#include "agent/desk/page.h"

/* A running tool that will be closed. */
struct hf_desk_ending {
	const char *tool;
	int64_t left_s;
};

/* All that a page is made of. Borrowed. */
struct hf_desk_facts {
	const json_t *view;	/* of the question `status`; NULL: not answered yet */
	const json_t *readings; /* of the question `instructions`; NULL: not answered yet */
	int64_t age_s;		/* seconds since the view was answered */
	const char *away;	/* why the agent cannot be asked now; "" it can */
	const char *tried;	/* the tool that this person was kept from just now; "" none */
	const char *did;	/* what came of the button that was pressed last; "" nothing */
	bool did_drill;		/* that was about an exercise */
	const struct hf_desk_ending *endings;
	size_t n_endings;
	const struct hf_desk_attention *attention; /* all-clears that were said are left out */
};

/*
 * hf_desk_model - the page of this moment
 *
 * Pure. The order is that of importance: what this person can do now; what wants their eyes; what is in force, an
 * emergency first, with what it asks of them; the newest all-clear that was not said; their accounts; what is coming;
 * the draft check; how fresh it is.
 * @ret_page  to hf_desk_page_done; untouched unless HF_OK
 * Returns   HF_OK; HF_E_MEMORY
 * Source    policy D9.1-D9.3, D10
 */
HF_NODISCARD enum hf_rc hf_desk_model(const struct hf_desk_facts *facts, struct hf_desk_page *ret_page,
				      struct hf_err *err);

#endif
