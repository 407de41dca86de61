/* SPDX-License-Identifier: MIT */
/*
 * notice_write.h - the messages of one document, written out: a value that is committed with it
 */
#ifndef HOLDFAST_CONTROLLER_NOTICE_WRITE_H
#define HOLDFAST_CONTROLLER_NOTICE_WRITE_H

#include "controller/controller.h"
#include "controller/journal/notice_rows.h"
#include "controller/telling/letter.h"

/* Somebody who was told the first time, by the outbox. */
struct hf_told_row {
	char person[HF_ID_SIZE], channel[HF_ID_SIZE], address[HF_MAIL_SIZE];
};

/* Templates of the council. */
struct hf_council_words {
	char *templates[HF_TOLD_COUNT]; /* NULL: there is none, or it cannot be used */
	bool looked[HF_TOLD_COUNT];
};

/* Start it zeroed, but for c. */
struct hf_notice_post {
	struct hf_controller *c;
	struct hf_contacts people;
	struct hf_letter *letters;
	size_t n_letters, letters_room;
	struct hf_notice_row *rows; /* point into people and told */
	size_t n_rows, rows_room;
	struct hf_digest *cancels;
	size_t n_cancels, cancels_room;
	struct hf_told_row *told;
	size_t n_told, told_room;
	struct hf_council_words words[2]; /* of e-mail, of text messages */
	struct hf_digest *ended; /* lockdowns that a release ends */
	size_t n_ended, ended_room;
	struct hf_letter_earlier *earlier;
	size_t n_earlier, earlier_room;
	struct hf_err trouble; /* the first thing that kept somebody from being told, or told in the council's words */
};

#define hf_auto_notice_post __attribute__((cleanup(hf_notice_post_done)))

/*
 * hf_notice_post_write - all messages of a document that is about to be recorded
 *
 * @kind     a draft, or what was approved
 * Returns   HF_OK, with post->trouble where somebody is not told; HF_E_MEMORY; HF_E_SYSTEM
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_notice_post_write(struct hf_notice_post *post, enum hf_record_kind kind,
					     const struct hf_envelope *envelope, struct hf_err *err);

/*
 * hf_notice_post_letter - one message of a matter
 *
 * Returns   HF_OK; HF_E_MEMORY; HF_E_SIZE
 */
HF_NODISCARD enum hf_rc hf_notice_post_letter(struct hf_notice_post *post, const struct hf_letter_matter *matter,
					      const struct hf_tell *tell, struct hf_err *err);

/*
 * hf_notice_post_done - free all
 */
void hf_notice_post_done(struct hf_notice_post *post);

#endif
