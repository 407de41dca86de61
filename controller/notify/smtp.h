/* SPDX-License-Identifier: MIT */
/*
 * smtp.h - the channel e-mail: one message to one address at a time, over one connection, always with TLS
 */
#ifndef HOLDFAST_NOTIFY_SMTP_H
#define HOLDFAST_NOTIFY_SMTP_H

#include "controller/notify/notify_conf.h"
#include "controller/notify/parcel.h"

struct hf_smtp;

/* One message. */
struct hf_smtp_message {
	const char *to, *text;
	size_t len;
	hf_parcel_go_fn go;
	void *arg;
};

/*
 * hf_smtp_new, hf_smtp_free - one handle, of one thread
 *
 * @conf     kept, not copied
 * @stop     when it becomes true what goes on is given up, if its last byte is not out
 * Owner     the caller's, to hf_smtp_free, which sets to NULL and accepts NULL
 * Returns   NULL no memory
 */
struct hf_smtp *hf_smtp_new(const struct hf_notify_conf *conf, const atomic_bool *stop);
void hf_smtp_free(struct hf_smtp **smtp);

/*
 * hf_smtp_send - one transaction for one address
 *
 * @ret      filled always
 * Source    RFC 5321; tests/FACTS.md "Mail"
 */
void hf_smtp_send(struct hf_smtp *smtp, const struct hf_smtp_message *message, struct hf_parcel_answer *ret);

/*
 * hf_smtp_carrier - e-mail by SMTP
 *
 * @conf     a struct hf_notify_conf; kept, not copied
 * Owner     the caller's, to its own free
 * Returns   a carrier; its self NULL: no memory
 */
struct hf_carrier hf_smtp_carrier(const void *conf, const atomic_bool *stop);

#endif
