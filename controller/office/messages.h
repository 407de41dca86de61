/* SPDX-License-Identifier: MIT */
/*
 * messages.h - the holding messages that an officer wishes: by option, from a file, from a template of the council
 */
#ifndef HOLDFAST_OFFICE_MESSAGES_H
#define HOLDFAST_OFFICE_MESSAGES_H

#include "controller/office/office.h"

#define HF_EVERY_ACCOUNT "*" /* in place of an account: each of the order that is not named otherwise */

/* One message, and who posts it. */
struct hf_holding_wish {
	const char *account, *poster, *text;
};

struct hf_holding_wishes {
	struct hf_holding_wish v[HF_LIST_MAX];
	size_t n;
	const char *file;	   /* more of them; NULL: none */
	const char *template_name; /* of the council folder, and more of them; NULL: none */
	struct hf_list set;	   /* NAME=TEXT: what stands in the template for {NAME} */
};

/* One that was read. */
struct hf_message_read {
	char *account, *poster, *text;
};

/* Start it zeroed. */
struct hf_messages {
	struct hf_message_read *v;
	size_t n, room;
};

#define hf_auto_messages __attribute__((cleanup(hf_messages_done)))

/*
 * hf_messages_read - the messages of the template, then those of the file, then those by option
 *
 * A file, and a template, has ACCOUNT=POSTER:TEXT on each line; a line that begins with white space goes on with the text
 * above it, one that begins with `#` says nothing. In a template {NAME} stands for what is set, wherever it stands.
 * @ret       zeroed before; to hf_messages_done, also on failure
 * Owner     texts are copied
 * Returns   HF_OK; HF_E_USAGE a line that is none, a template or a place that there is not, a place that nothing is set
 *           for; HF_E_ABSENT no such file; HF_E_SIZE; HF_E_MEMORY
 * Source    policy D9.3
 */
HF_NODISCARD enum hf_rc hf_messages_read(const struct hf_office *office, const struct hf_holding_wishes *wishes,
					 struct hf_messages *ret, struct hf_err *err);

/*
 * hf_messages_wished - is any message wished at all
 */
bool hf_messages_wished(const struct hf_holding_wishes *wishes);

/*
 * hf_messages_has - is a message for this account among them
 *
 * @account  or HF_EVERY_ACCOUNT
 */
bool hf_messages_has(const struct hf_messages *messages, const char *account);

/*
 * hf_messages_done - free all, zero the struct
 */
void hf_messages_done(struct hf_messages *messages);

#endif
