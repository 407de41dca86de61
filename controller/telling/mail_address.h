/* SPDX-License-Identifier: MIT */
/*
 * mail_address.h - an address that a message may go to
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_TELLING_MAIL_ADDRESS_H
#define HOLDFAST_TELLING_MAIL_ADDRESS_H

#include <holdfast/err.h>

#define HF_MAIL_SIZE 321 /* 64 before the @, 255 behind it (RFC 5321 section 4.5.3.1), the @ and the end mark */

/*
 * hf_mail_address - read an address, and write its domain as mail servers know it
 *
 * Before the @ stand letters, digits and the signs that need no quotes, all of ASCII; behind it a domain of any script.
 * CR, LF, NUL, blanks, quotes, brackets and commas are in none, so no address can say a line of its own to a server.
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SHAPE it is no such address
 * Source    RFC 5321 section 4.1.2; RFC 5891
 */
HF_NODISCARD enum hf_rc hf_mail_address(const char *text, char ret[HF_MAIL_SIZE], struct hf_err *err);

#endif
