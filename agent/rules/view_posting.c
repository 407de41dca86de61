/* SPDX-License-Identifier: MIT */
/*
 * Owns what people are told of a holding message: who was asked, and whether it is done.
 * Must never call posted what nobody has said to be posted.
 */
#include "agent/rules/view_posting.h"

#include <string.h>

#include <holdfast/windows.h>

/* How far it is. Texts are borrowed. */
struct progress {
	const char *state, *device, *post;
	struct hf_wall at;
	int64_t left_ms;
};

static struct progress progress_here(const struct hf_posting_window *w, const struct hf_memory *memory,
				     const struct hf_posting_time *now)
{
	return (struct progress){
		.state = hf_posting_state_name(w->state),
		.device = memory->known.device,
		.post = w->post,
		.at = w->at,
		.left_ms = now ? hf_posting_window_left_ms(w, now) : 0,
	};
}

static struct progress progress_there(const struct hf_claim *claim, const struct hf_memory *memory, bool you)
{
	bool elsewhere = you && claim->state < HF_POSTING_CANNOT && strcmp(claim->device, memory->known.device) != 0;

	return (struct progress){
		.state = elsewhere ? "elsewhere" : hf_posting_state_name(claim->state),
		.device = claim->device,
		.post = claim->post,
		.at = claim->at,
	};
}

static struct progress posting_progress(const struct hf_posting *which, const struct hf_memory *memory, bool you,
					const struct hf_posting_time *now)
{
	const struct hf_posting_window *w = hf_posting_windows_find(&memory->windows, which);
	const struct hf_claim *claim = hf_claims_find(&memory->known.claims, which);

	if (w)
		return progress_here(w, memory, now);
	if (claim)
		return progress_there(claim, memory, you);
	return (struct progress){.state = "asked", .device = "", .post = ""};
}

json_t *hf_view_posting(const struct hf_account_posture *account, const struct hf_memory *memory,
			const struct hf_posting_time *now)
{
	const struct hf_holding *h = account->holding;
	const struct hf_hold *hold = account->holding_of;
	struct hf_posting which;
	struct progress p;

	if (!h)
		return json_null();
	which = hf_posting_of(&hold->lockdown->id, h);
	p = posting_progress(&which, memory, account->poster, now);
	return json_pack("{s:o, s:s, s:s, s:s, s:b, s:I, s:s, s:s, s:I, s:I, s:s}", "lockdown",
			 hf_json_from_digest(&which.lockdown), "mode", hold->exercise ? "exercise" : "live", "text",
			 h->text, "poster", h->poster, "you", account->poster, "minutes", (json_int_t)h->minutes,
			 "state", p.state, "device", p.device, "at", (json_int_t)p.at.s, "left_s",
			 (json_int_t)((p.left_ms + 999) / 1000), "post", p.post);
}
