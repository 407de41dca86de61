/* SPDX-License-Identifier: MIT */
/*
 * window.h - the one window: shows a page, and says which button was pressed
 */
#ifndef HOLDFAST_AGENT_WINDOW_WINDOW_H
#define HOLDFAST_AGENT_WINDOW_WINDOW_H

#include <jansson.h>

#include "agent/desk/page.h"

struct hf_desk_window;

/* What the person does in it. Texts are borrowed. */
struct hf_desk_window_calls {
	void (*pressed)(void *arg, enum hf_desk_act act, const char *target, const char *text);
	void (*asks_words)(void *arg); /* for the draft check: hf_desk_window_words answers */
	void (*closed)(void *arg);     /* it is hidden now */
	void (*touched)(void *arg);    /* a key, the pointer, or the focus came or went */
	void *arg;
};

/*
 * hf_desk_has_screen - could a window be opened here; asked in a process of its own, so that nothing stays of it
 *
 * Returns   HF_OK; HF_E_ABSENT there is no display
 */
HF_NODISCARD enum hf_rc hf_desk_has_screen(struct hf_err *err);

/*
 * hf_desk_window_new - make it, not shown
 *
 * The first call in a process opens the display.
 * @ret_window  to hf_desk_window_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_ABSENT there is no display; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_desk_window_new(const struct hf_desk_window_calls *calls, struct hf_desk_window **ret_window,
					   struct hf_err *err);

/*
 * hf_desk_window_show - put a page into it: what has the same key stays where the person is
 *
 * @page     only read
 * Owner     copied
 * Source    WCAG 2.2, 3.2.5
 */
void hf_desk_window_show(struct hf_desk_window *window, const struct hf_desk_page *page);

/*
 * hf_desk_window_raise - bring it before the person's eyes; hf_desk_window_hide - take it away; hf_desk_window_is_up -
 * does it stand; hf_desk_window_has_focus - is the person in it
 *
 * @urgent   the desktop is asked to draw attention to it
 * Returns   nothing; true or false
 */
void hf_desk_window_raise(struct hf_desk_window *window, bool urgent);
void hf_desk_window_hide(struct hf_desk_window *window);
bool hf_desk_window_is_up(const struct hf_desk_window *window);
bool hf_desk_window_has_focus(const struct hf_desk_window *window);

/*
 * hf_desk_window_busy - a question is with the agent: no button can be pressed meanwhile
 */
void hf_desk_window_busy(struct hf_desk_window *window, bool busy);

/*
 * hf_desk_window_words - the words for the draft check have come, or why they have not
 *
 * @answer   of the question `words`; NULL: none
 * @why      when there is none
 * Source    policy D10
 */
void hf_desk_window_words(struct hf_desk_window *window, const json_t *answer, const char *why);

/*
 * hf_desk_window_free - close it, set to NULL; accepts NULL
 */
void hf_desk_window_free(struct hf_desk_window **window);

#endif
