/* SPDX-License-Identifier: MIT */
/*
 * contacts.h - the people file: what people are called, and where they are told
 *
 * It lies beside the journal and nowhere else: no document carries it, no device has it. Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_CONTACTS_H
#define HOLDFAST_TELLING_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>

#include "controller/telling/mail_address.h"

#define HF_CONTACTS_MAX 4096		      /* holders, officers and Members of the largest council, many times over */
#define HF_CONTACTS_FILE_MAX (1024 * 1024)    /* bytes: 4,096 lines of 256 */
#define HF_MOBILE_SIZE 17		      /* a + and 15 digits (E.164), and the end mark */
#define HF_CONTACT_LIST "*list"		      /* in the place of a person: an address of the council's list */
#define HF_CONTACT_OUTSIDE "*outside"	      /* an administrator of an account, who is not of the council: no line of the file */
#define HF_CONTACT_MEMBER "*member"	      /* a Member of the council, who holds no account */

/* One line. Texts lie in the file's. */
struct hf_contact {
	const char *person; /* an id, HF_CONTACT_LIST or HF_CONTACT_MEMBER */
	const char *name, *title; /* "" where there is none */
	char mail[HF_MAIL_SIZE];     /* as servers know it; "": none */
	char mobile[HF_MOBILE_SIZE]; /* digits alone, a + may stand before them; "": none */
	bool consents; /* to be named where the record is handed out */
};

/* What was read. Start it zeroed. */
struct hf_contacts {
	char *text; /* owned */
	struct hf_contact *v;
	size_t n, room;
	size_t n_bad;	      /* lines that count for nothing */
	struct hf_err bad;    /* the first of them, as a sentence */
	size_t n_named;	      /* persons whose id says their name: ids go into documents and onto devices */
	const char *named;    /* the first of them */
};

#define hf_auto_contacts __attribute__((cleanup(hf_contacts_done)))

/*
 * hf_contacts_read - the people file: person,name,title,email,mobile,consent in each line, the first line may say so;
 * consent is "yes" or nothing
 *
 * A line that cannot be read counts for nothing, and hides no other.
 * @text     malloc'ed, with an end mark; taken over always
 * @ret      zeroed before; to hf_contacts_done, also when it fails
 * Owner     see ret
 * Returns   HF_OK, also with bad lines; HF_E_SIZE too many; HF_E_MEMORY
 * Source    RFC 4180
 */
HF_NODISCARD enum hf_rc hf_contacts_read(char *text, struct hf_contacts *ret, struct hf_err *err);

/*
 * hf_contacts_add - one more, whom no line of the file names
 *
 * @person   HF_CONTACT_OUTSIDE
 * @mail     an address; one that is none adds nobody
 * Owner     contacts that were found before must not be used any more
 * Returns   HF_OK; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_contacts_add(struct hf_contacts *contacts, const char *person, const char *mail);

/*
 * hf_contacts_mobile - read a number of a mobile telephone: blanks, hyphens, dots and brackets between digits count for nothing
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE it is no such number
 * Source    ITU-T E.164
 */
HF_NODISCARD enum hf_rc hf_contacts_mobile(const char *text, char ret[HF_MOBILE_SIZE], struct hf_err *err);

/*
 * hf_contacts_find - the line of a person
 *
 * Owner     belongs to the contacts
 * Returns   NULL when there is none
 */
const struct hf_contact *hf_contacts_find(const struct hf_contacts *contacts, const char *person);

/*
 * hf_contacts_done - free all, zero
 */
void hf_contacts_done(struct hf_contacts *contacts);

#endif
