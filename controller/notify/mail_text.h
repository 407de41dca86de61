/* SPDX-License-Identifier: MIT */
/*
 * mail_text.h - a message as a mail server takes it
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_NOTIFY_MAIL_TEXT_H
#define HOLDFAST_NOTIFY_MAIL_TEXT_H

#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

/* One message. Borrowed. */
struct hf_mail {
	const char *from, *to; /* addresses, as servers know them */
	const char *subject, *body; /* UTF-8 */
	const char *lockdown; /* 64 hex characters; zeros: of none */
	int64_t id;
	struct hf_wall made; /* when it was written, whenever it is sent */
};

/*
 * hf_mail_text - headers and body, quoted-printable, every line ended by CR LF
 *
 * The Message-ID follows from the message alone, so that a mailbox that gets it twice can tell.
 * @ret, @ret_len  malloc'ed; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_SHAPE an address or subject with CR, LF or another control character; HF_E_MEMORY
 * Source    RFC 5322; RFC 2045 section 6.7; RFC 2047; RFC 3834 section 5
 */
HF_NODISCARD enum hf_rc hf_mail_text(const struct hf_mail *mail, char **ret, size_t *ret_len, struct hf_err *err);

#endif
