/* SPDX-License-Identifier: MIT */
/*
 * smtp.h - the channel e-mail: one message to one address at a time, over one connection, always with TLS
 */
#ifndef HOLDFAST_NOTIFY_SMTP_H
#define HOLDFAST_NOTIFY_SMTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "controller/notify/notify_conf.h"

#define HF_SMTP_LINE_MAX 300 /* bytes of what a server said; as the outbox keeps */

struct hf_smtp;

/* What came of one message. */
/* clang-format off */
enum hf_smtp_result {
	HF_SMTP_SENT,
	HF_SMTP_REFUSED, /* for good */
	HF_SMTP_LATER,	 /* its last byte did not go out */
	HF_SMTP_UNKNOWN, /* it did, and no answer came */
	HF_SMTP_STOPPED, /* no message can go this way: the login or the certificate is wrong */
	HF_SMTP_GIVEN_UP, /* it was not to be sent any more */
};
/* clang-format on */

struct hf_smtp_answer {
	enum hf_smtp_result result;
	bool reached; /* a server was there */
	long code;    /* of its last line; 0: none */
	char line[HF_SMTP_LINE_MAX + 1]; /* its first of 4xx or 5xx, or why there is none */
};

/* May it go out now; asked when the server waits for the text, before its first byte. */
typedef bool (*hf_smtp_go_fn)(void *arg);

/* One message. */
struct hf_smtp_message {
	const char *to, *text;
	size_t len;
	hf_smtp_go_fn go;
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
void hf_smtp_send(struct hf_smtp *smtp, const struct hf_smtp_message *message, struct hf_smtp_answer *ret);

#endif
