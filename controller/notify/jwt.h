/* SPDX-License-Identifier: MIT */
/*
 * jwt.h - the token that GOV.UK Notify wants with each request
 *
 * Pure: no clock, no I/O.
 */
#ifndef HOLDFAST_NOTIFY_JWT_H
#define HOLDFAST_NOTIFY_JWT_H

#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_JWT_SIZE 512
#define HF_GOVUK_ID_SIZE 37 /* a UUID and the end mark */

/* An API key of GOV.UK Notify, taken apart. */
struct hf_govuk_key {
	char service[HF_GOVUK_ID_SIZE];
	char secret[HF_GOVUK_ID_SIZE];
};

/*
 * hf_govuk_key_read - read a key as GOV.UK Notify shows it: a name, the service's id and the secret, with hyphens between
 *
 * @text     blanks and ends of lines around it count for nothing
 * @ret      untouched unless HF_OK; to be cleansed
 * Returns   HF_OK; HF_E_SHAPE it is no such key
 * Source    GOV.UK Notify, its documentation of authorisation
 */
HF_NODISCARD enum hf_rc hf_govuk_key_read(const char *text, struct hf_govuk_key *ret, struct hf_err *err);

/*
 * hf_jwt_make - a token of this moment, by HMAC-SHA256
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_SYSTEM
 * Source    RFC 7519; RFC 7515 section 3.1
 */
HF_NODISCARD enum hf_rc hf_jwt_make(const struct hf_govuk_key *key, struct hf_wall now, char ret[HF_JWT_SIZE],
				    struct hf_err *err);

#endif
