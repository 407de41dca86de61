/* SPDX-License-Identifier: MIT */
/*
 * parcel.h - one message on its way, whatever carries it, and what came of it
 */
#ifndef HOLDFAST_NOTIFY_PARCEL_H
#define HOLDFAST_NOTIFY_PARCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/time.h>

#define HF_PARCEL_LINE_MAX 300 /* bytes of what a server said; as the outbox keeps */
#define HF_REFERENCE_SIZE 64   /* a word, two numbers, 12 characters of an id, and the end mark */

/* What came of one message. */
/* clang-format off */
enum hf_parcel_result {
	HF_PARCEL_SENT,
	HF_PARCEL_REFUSED, /* for good */
	HF_PARCEL_LATER,   /* its last byte did not go out, or a server says that it did not take it */
	HF_PARCEL_UNKNOWN, /* it did, and no answer came */
	HF_PARCEL_STOPPED, /* no message can go this way: the login, key, address or certificate is wrong */
	HF_PARCEL_GIVEN_UP, /* it was not to be sent any more */
};
/* clang-format on */

struct hf_parcel_answer {
	enum hf_parcel_result result;
	bool reached; /* a server was there */
	long code;    /* of its last answer; 0: none */
	char line[HF_PARCEL_LINE_MAX + 1]; /* its first that refused, or why there is none */
};

/* May it go out now; asked when a server waits for the text, before its first byte. */
typedef bool (*hf_parcel_go_fn)(void *arg);

/* One message. Borrowed. */
struct hf_parcel {
	int64_t id;
	const char *address, *subject, *body; /* UTF-8 */
	const char *lockdown; /* 64 hex characters; zeros: of none */
	struct hf_wall made;  /* when it was written, whenever it is sent */
	bool tried;	      /* it may be there already */
	hf_parcel_go_fn go;
	void *arg;
};

/* What carries messages: one at a time, of one thread. */
struct hf_carrier {
	void *self; /* NULL: there is none */
	void (*send)(void *self, const struct hf_parcel *parcel, struct hf_parcel_answer *ret); /* fills ret always */
	void (*free)(void *self);
};

/*
 * hf_parcel_reference - the name of a message for other machines, the same each time that it is sent
 *
 * Letters, digits and hyphens: no dot, at which signed texts are divided.
 * @ret      room for it
 * Source    Standard Webhooks 1.0 "webhook-id"
 */
void hf_parcel_reference(const struct hf_parcel *parcel, char ret[HF_REFERENCE_SIZE]);

/*
 * hf_parcel_say - what a server said, or why there is none, as it is kept: one line of plain characters
 *
 * @len      of text; what does not fit is left out
 */
void hf_parcel_say(struct hf_parcel_answer *answer, const char *text, size_t len);

#endif
