/* SPDX-License-Identifier: MIT */
/*
 * export_face.h - to whom the record is handed out: what people are called there, and what may be read
 */
#ifndef HOLDFAST_CLI_EXPORT_FACE_H
#define HOLDFAST_CLI_EXPORT_FACE_H

#include "controller/office/personal.h"
#include "controller/office/story_tables.h"
#include "controller/telling/contacts.h"

enum hf_export_as { HF_EXPORT_TITLES, HF_EXPORT_IDS, HF_EXPORT_NAMES, HF_EXPORT_ALL };

struct hf_export_face {
	enum hf_export_as as;
	struct hf_contacts people;
	json_t *released;	   /* text: true, of those that a person has read and lets go; NULL: nobody reviewed any */
	struct hf_digest reviewed; /* of the file that says so; zeros: none */
	struct hf_story_face face; /* for the tables */
};

#define hf_auto_export_face __attribute__((cleanup(hf_export_face_done)))

/*
 * hf_export_face_read - read the people file, and the file of reviewed texts
 *
 * @people   NULL: that of the server, which need not be there
 * @reviewed NULL: none
 * @ret      zeroed but for `as`; it must stay where it is; to hf_export_face_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT; HF_E_SHAPE; HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY
 * Source    controller/API.md "The export"
 */
HF_NODISCARD enum hf_rc hf_export_face_read(struct hf_export_face *ret, const char *people, const char *reviewed,
					    struct hf_err *err);

/*
 * hf_export_as_name - "titles", "ids", "names", "names-all"
 *
 * Owner     static text
 * Returns   the word
 * Source    controller/API.md "The export"
 */
const char *hf_export_as_name(enum hf_export_as as);

/*
 * hf_export_may_show - may the content of an entry go out
 *
 * Returns   true or false
 * Source    controller/API.md "The export"
 */
bool hf_export_may_show(const struct hf_export_face *face, const struct hf_personal *personal);

/*
 * hf_export_review - write the texts that a person is to read before they go out: record,what,text,release
 *
 * @texts    text: its row of `texts`, each text once
 * Returns   HF_OK; HF_E_USAGE the file is there; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_export_review(const char *path, const json_t *texts, struct hf_err *err);

/*
 * hf_export_all_known - is every text of the review one of these: a text goes out as it is, or not at all
 *
 * @texts    as hf_export_review
 * Returns   HF_OK; HF_E_MISMATCH
 */
HF_NODISCARD enum hf_rc hf_export_all_known(const struct hf_export_face *face, const json_t *texts, struct hf_err *err);

/*
 * hf_export_face_done - free all
 */
void hf_export_face_done(struct hf_export_face *face);

#endif
