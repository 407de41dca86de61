/* SPDX-License-Identifier: MIT */
/*
 * letter.h - what somebody is told, in words
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_LETTER_H
#define HOLDFAST_TELLING_LETTER_H

#include <holdfast/lockdowns.h>

#include "controller/telling/telling.h"

#define HF_SMS_MAX 600		  /* bytes; four text messages in one, where a phone shows them as one */
#define HF_SUBJECT_MAX 250	  /* bytes; one line of a mailbox */
#define HF_TEMPLATE_MAX 32768	  /* bytes: the longest page that anybody reads in an emergency, many times over */

/* An order that was told before of the same lockdown. */
struct hf_letter_earlier {
	struct hf_digest digest;
	struct hf_wall at; /* when it was written */
};

/* What a letter is about. Borrowed; what is not known is NULL. */
struct hf_letter_matter {
	const char *council;
	const struct hf_order *order; /* the raise, amendment or release; NULL: of a test, or of a draft that is no order */
	const struct hf_digest *lockdown;
	const struct hf_strs *signers; /* people */
	const struct hf_contacts *people;
	const char *waits; /* of a draft: what it is */
	const struct hf_letter_earlier *earlier;
	size_t n_earlier;
	const struct hf_digest *ended; /* by a release: each lockdown */
	size_t n_ended;
	int64_t size;	   /* of the record when this was written */
	struct hf_digest root;
};

struct hf_letter {
	char *subject, *body; /* malloc'ed */
};

#define hf_auto_letter __attribute__((cleanup(hf_letter_done)))

/*
 * hf_letter_write - write one letter
 *
 * The first word of the subject says if it is an exercise, whatever a template says; the last lines of the body are the
 * record's size and root, so that every mailbox is a witness.
 * A text message has neither subject nor last lines.
 * @tell     of which kind, to whom, by which channel
 * @template NULL: the built-in one, which needs nothing that a matter of its kind lacks. Its first line is
 *           "Subject: ...", then an empty one
 * @ret      zeroed before; to hf_letter_done; untouched unless HF_OK
 * Returns   HF_OK; as hf_render; HF_E_SHAPE it has no subject
 * Source    policy D9.3; controller/API.md "Templates"
 */
HF_NODISCARD enum hf_rc hf_letter_write(const struct hf_letter_matter *matter, const struct hf_tell *tell,
					const char *template, struct hf_letter *ret, struct hf_err *err);

/*
 * hf_letter_done - free, zero
 */
void hf_letter_done(struct hf_letter *letter);

#endif
