/* SPDX-License-Identifier: MIT */
/*
 * page.h - what a person's window shows, item by item, without any toolkit; pure
 */
#ifndef HOLDFAST_AGENT_DESK_PAGE_H
#define HOLDFAST_AGENT_DESK_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_DESK_TIME_SIZE 64
#define HF_DESK_EXERCISE "EXERCISE: "

enum hf_desk_kind {
	HF_DESK_HEADLINE,   /* the first sentence: what this person can do now */
	HF_DESK_ALERT,	    /* something that wants their eyes now */
	HF_DESK_HEADING,    /* of a section */
	HF_DESK_SUBHEADING, /* inside it */
	HF_DESK_TEXT,
	HF_DESK_FACT, /* label and text: "Why", "A chemical fire" */
	HF_DESK_BULLET,
	HF_DESK_QUOTE, /* an officer's words that are to be copied or read with care */
	HF_DESK_FIELD, /* one line that the person may fill in */
	HF_DESK_BUTTON,
	HF_DESK_DRAFT, /* the place where a draft is checked */
	HF_DESK_KIND_COUNT
};

/* What a button does: a closed list; each but the first and last two is one question to the agent. */
enum hf_desk_act {
	HF_DESK_NOTHING,
	HF_DESK_PASS,
	HF_DESK_POSTED,
	HF_DESK_CANNOT,
	HF_DESK_ACKNOWLEDGE,
	HF_DESK_COPY,
	HF_DESK_CLOSE,
	HF_DESK_ACT_COUNT
};

/* The colour of the page. */
enum hf_desk_tone {
	HF_DESK_QUIET,
	HF_DESK_OPEN,
	HF_DESK_ASKED,
	HF_DESK_SHUT,
	HF_DESK_DRILL,
	HF_DESK_CLEAR,
	HF_DESK_TONE_COUNT
};

struct hf_desk_item {
	enum hf_desk_kind kind;
	enum hf_desk_act act;
	bool exercise;
	char *key;   /* two pages' items of one key are the same thing: what was typed there stays */
	char *label; /* of a fact, a field, a button (with `_` before its access key); "" */
	char *text; /* what is read; of a button to copy: what is copied; to acknowledge: the digest of what was read */
	char *spoken; /* what a screen reader says when it has changed; NULL: nothing */
	char *target; /* the account or lockdown that a button or field is about; "" */
	char *about;  /* the same in words, behind the label for a screen reader; "" */
};

struct hf_desk_page {
	enum hf_desk_tone tone;
	bool exercise; /* nothing but an exercise: every sentence says so */
	bool speaks;   /* there is something to say: a window may stand */
	bool ticks;    /* a countdown is on it */
	bool clears;   /* an all-clear is on it */
	char *title;
	struct hf_desk_item *v;
	size_t n, room;
};

#define hf_auto_page __attribute__((cleanup(hf_desk_page_done)))

/* Writes one page from its beginning to its end; a failure is kept until hf_desk_writer_end. */
struct hf_desk_writer {
	struct hf_desk_page page;
	char section[160]; /* keys of what follows begin so */
	bool exercise;	   /* what follows is about an exercise */
	bool failed;
};

/* How hf_desk_put writes one item; what is not named is empty. */
struct hf_desk_put {
	enum hf_desk_kind kind;
	enum hf_desk_act act;
	const char *label, *text, *spoken, *target;
	const char *about; /* NULL: the target */
};

/*
 * hf_desk_section - what follows belongs to this: a lockdown, an account
 *
 * @id       of it; too long: cut, which only makes keys less exact
 * Owner     copied
 */
void hf_desk_section(struct hf_desk_writer *w, const char *name, const char *id, bool exercise);

/*
 * hf_desk_put, hf_desk_say, hf_desk_fact, hf_desk_text, hf_desk_button - add one item; of an exercise each line of it
 * begins with the word EXERCISE; a failure stays in the writer
 *
 * hf_desk_put is the whole of it, the others are short for it.
 * Owner     copied
 */
void hf_desk_put(struct hf_desk_writer *w, const struct hf_desk_put *put);
void hf_desk_say(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *fmt, ...) HF_PRINTF(3, 4);
void hf_desk_fact(struct hf_desk_writer *w, const char *label, const char *fmt, ...) HF_PRINTF(3, 4);
void hf_desk_text(struct hf_desk_writer *w, enum hf_desk_kind kind, const char *text);
void hf_desk_button(struct hf_desk_writer *w, enum hf_desk_act act, const char *label, const char *target,
		    const char *text);

/*
 * hf_desk_writer_end - the page that was written; hf_desk_page_done - free it, zero the struct
 *
 * @ret_page  untouched unless HF_OK
 * Owner     the caller's; ends
 * Returns   HF_OK; HF_E_MEMORY, and the writer is empty
 */
HF_NODISCARD enum hf_rc hf_desk_writer_end(struct hf_desk_writer *w, struct hf_desk_page *ret_page, struct hf_err *err);
void hf_desk_page_done(struct hf_desk_page *page);

/*
 * hf_desk_time - a time as a person here says it: "Thursday 6 May 2027 at 07:00 BST"
 *
 * @text     room for HF_DESK_TIME_SIZE
 * Returns   text
 */
const char *hf_desk_time(struct hf_wall t, char text[HF_DESK_TIME_SIZE]);

/*
 * hf_desk_span - how long: "14 minutes 5 seconds", "1 second"
 *
 * @text     room for HF_DESK_TIME_SIZE
 * Returns   text
 */
const char *hf_desk_span(int64_t seconds, char text[HF_DESK_TIME_SIZE]);

#endif
