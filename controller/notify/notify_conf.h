/* SPDX-License-Identifier: MIT */
/*
 * notify_conf.h - the settings of holdfast-notify; they have the secrets of its channels
 */
#ifndef HOLDFAST_NOTIFY_NOTIFY_CONF_H
#define HOLDFAST_NOTIFY_NOTIFY_CONF_H

#include <stdio.h>

#include <holdfast/conf.h>

struct hf_notify_conf {
	char socket[HF_CONF_TEXT_SIZE];	 /* of the controller */
	char host[HF_CONF_TEXT_SIZE];	 /* of the mail server; its certificate has this name */
	int64_t port;
	char tls[HF_CONF_TEXT_SIZE];	 /* "starttls" or "implicit" */
	char ca[HF_CONF_TEXT_SIZE];	 /* PEM: who may say who the server is */
	char user[HF_CONF_TEXT_SIZE];	 /* "": it wants no login */
	char password[HF_CONF_TEXT_SIZE];
	char from[HF_CONF_TEXT_SIZE];	 /* the sender's address, as servers know it */
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
