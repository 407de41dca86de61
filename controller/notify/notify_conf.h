/* SPDX-License-Identifier: MIT */
/*
 * notify_conf.h - the settings of holdfast-notify; they have the secrets of its channels
 */
#ifndef HOLDFAST_NOTIFY_NOTIFY_CONF_H
#define HOLDFAST_NOTIFY_NOTIFY_CONF_H

#include <stdio.h>

#include <holdfast/conf.h>

#define HF_NOTIFY_CA "/etc/ssl/certs/ca-certificates.crt" /* Debian's ca-certificates */

struct hf_notify_conf {
	char socket[HF_CONF_TEXT_SIZE];	 /* of the controller */
	char host[HF_CONF_TEXT_SIZE];	 /* of the mail server; its certificate has this name; "": there is none */
	int64_t port;
	char tls[HF_CONF_TEXT_SIZE];	 /* "starttls" or "implicit" */
	char ca[HF_CONF_TEXT_SIZE];	 /* PEM: who may say who the server is */
	char user[HF_CONF_TEXT_SIZE];	 /* "": it wants no login */
	char password[HF_CONF_TEXT_SIZE];
	char from[HF_CONF_TEXT_SIZE];	 /* the sender's address, as servers know it */
	char govuk_key[HF_CONF_TEXT_SIZE]; /* a file: the API key of GOV.UK Notify; "": it is not used */
	char govuk_url[HF_CONF_TEXT_SIZE];
	char govuk_ca[HF_CONF_TEXT_SIZE];
	char govuk_mail[HF_CONF_TEXT_SIZE]; /* template of e-mails; "": they go by the mail server */
	char govuk_sms[HF_CONF_TEXT_SIZE];  /* template of text messages; "": there are none */
	char govuk_subject[HF_CONF_TEXT_SIZE], govuk_body[HF_CONF_TEXT_SIZE]; /* blanks of the templates */
	char hooks[HF_CONF_TEXT_SIZE]; /* folder of the settings of hooks */
	char schedulers[HF_CONF_TEXT_SIZE]; /* folder of the settings of schedulers */
	char proxy[HF_CONF_TEXT_SIZE]; /* to GOV.UK Notify and hooks; "": none */
	int64_t log_level;
};

/*
 * hf_notify_conf_read - read the settings of a file that others cannot read
 *
 * @ret      untouched unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT; HF_E_KEY others may read or change it; HF_E_SHAPE, with the line
 * Source    holdfast-notify(8)
 */
HF_NODISCARD enum hf_rc hf_notify_conf_read(const char *path, struct hf_notify_conf *ret, struct hf_err *err);

/*
 * hf_notify_conf_print - all of them as they are in force, but for the password
 */
void hf_notify_conf_print(FILE *out, const struct hf_notify_conf *conf);

#endif
