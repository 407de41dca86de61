/* SPDX-License-Identifier: MIT */
/*
 * retention_people.h - contact data of people who have left, in the people file of the server
 */
#ifndef HOLDFAST_CLI_RETENTION_PEOPLE_H
#define HOLDFAST_CLI_RETENTION_PEOPLE_H

#include "controller/office/council_view.h"

/* Start it zeroed, but for days. */
struct hf_contacts_left {
	int64_t days;	 /* after these their contact data goes */
	json_t *gone;	 /* ids of who left longer ago */
	json_t *unknown; /* ids that no trust and no register ever had */
	char *text;	 /* the file without those who are gone */
	size_t len;
};

#define hf_auto_contacts_left __attribute__((cleanup(hf_contacts_left_done)))

/*
 * hf_contacts_find_left - read the people file, and find who is in no trust and holds nothing any more, since when
 *
 * Lists and Members are the council's own and stay, and so does a line that cannot be read.
 * @ret      its lists are filled
 * Owner     see ret, to hf_contacts_left_done
 * Returns   HF_OK; as hf_fs_read; as hf_history_read; HF_E_SHAPE a cell of several lines; HF_E_MEMORY
 * Source    controller/API.md "The outbox"; UK GDPR Article 5(1)(e)
 */
HF_NODISCARD enum hf_rc hf_contacts_find_left(const struct hf_view *view, const char *path, struct hf_contacts_left *ret,
					      struct hf_err *err);

/*
 * hf_contacts_say_left - say who that is
 */
void hf_contacts_say_left(FILE *out, const struct hf_contacts_left *left);

/*
 * hf_contacts_remove_left - write the file without them, whose it was before
 *
 * @path     NULL: there is nothing to be done
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_contacts_remove_left(const char *path, const struct hf_contacts_left *left, struct hf_err *err);

/*
 * hf_contacts_left_done - free all, zero the struct
 */
void hf_contacts_left_done(struct hf_contacts_left *left);

#endif
