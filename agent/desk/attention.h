/* SPDX-License-Identifier: MIT */
/*
 * attention.h - what has been brought before a person's eyes, so that nothing is missed and nothing nags; pure
 */
#ifndef HOLDFAST_AGENT_DESK_ATTENTION_H
#define HOLDFAST_AGENT_DESK_ATTENTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define HF_DESK_SAID_MAX 256 /* lines: more lockdowns than one device shows in years */

/* Two sets of lines: what was shown in this session, and the all-clears that were said. */
struct hf_desk_attention {
	char **shown, **said;
	size_t n_shown, n_said;
};

#define hf_auto_attention __attribute__((cleanup(hf_desk_attention_done)))

/*
 * hf_desk_notice - is there something in this view that was never brought before this person's eyes
 *
 * A lockdown that has come into force or changed; an all-clear that was not said; a posting that is asked of this
 * person, or that has ended another way than they know. From then on it has been.
 * @view     of the question `status`
 * Owner     copied
 * Returns   true: the window is to be brought up
 */
bool hf_desk_notice(struct hf_desk_attention *a, const json_t *view);

/*
 * hf_desk_is_said - was the all-clear of this lockdown said; hf_desk_say_clear - all that this view holds have been
 *
 * @id       of the lockdown
 * Owner     copied
 * Returns   true or false; true if it was anything new
 * Source    policy D9.3
 */
bool hf_desk_is_said(const struct hf_desk_attention *a, const char *id);
bool hf_desk_say_clear(struct hf_desk_attention *a, const json_t *view);

/*
 * hf_desk_clear_of - the one all-clear of this view that is still to be said
 *
 * Owner     borrowed from the view
 * Returns   the row; NULL there is none
 * Source    policy D9.3
 */
const json_t *hf_desk_clear_of(const struct hf_desk_attention *a, const json_t *view);

/*
 * hf_desk_view_speaks - is there anything in this view that a window may stand for
 *
 * @view     of the question `status`
 * Returns   true: something is shut, in force or being exercised here, or an all-clear was not said
 */
bool hf_desk_view_speaks(const struct hf_desk_attention *a, const json_t *view);

/*
 * hf_desk_said_read - take in what an earlier session has said, a line each; hf_desk_said_text - the same to be kept
 *
 * @text     NULL: nothing was kept; what is no id is left out
 * Owner     copied; the caller's to free
 * Returns   nothing; NULL no memory
 * Source    policy D9.3
 */
void hf_desk_said_read(struct hf_desk_attention *a, const char *text);
char *hf_desk_said_text(const struct hf_desk_attention *a);

/*
 * hf_desk_attention_done - free what it owns; zero the struct
 */
void hf_desk_attention_done(struct hf_desk_attention *a);

#endif
