/* SPDX-License-Identifier: MIT */
/*
 * https.h - one request to one server at a time, always with TLS, to the address that was given and no other
 */
#ifndef HOLDFAST_NOTIFY_HTTPS_H
#define HOLDFAST_NOTIFY_HTTPS_H

#include "controller/notify/parcel.h"

#define HF_HTTPS_BODY_MAX 131072 /* bytes of an answer that are kept: one message as GOV.UK Notify repeats it, twice over */
#define HF_HTTPS_HEADERS_MAX 8

struct hf_https;

struct hf_https_request {
	const char *url, *ca; /* PEM: who may say who the server is */
	const char *proxy;    /* "": none */
	const char *headers[HF_HTTPS_HEADERS_MAX]; /* "Name: value"; NULL ends them */
	const char *body; /* NULL: it is a question, which changes nothing */
	size_t len;
	bool put; /* PUT, which may be said twice; else POST */
	hf_parcel_go_fn go; /* NULL: it needs no leave */
	void *arg;
};

struct hf_https_answer {
	long status; /* 0: none came */
	const char *body; /* its beginning; the handle's, until the next request */
	size_t len;
};

/*
 * hf_https_new, hf_https_free - one handle, of one thread
 *
 * @stop     when it becomes true what goes on is given up, if no byte of a request is out
 * @room     bytes of an answer that are kept: an answer of as many was perhaps longer
 * Owner     the caller's, to hf_https_free, which sets to NULL and accepts NULL
 * Returns   NULL no memory
 */
struct hf_https *hf_https_new(const atomic_bool *stop, size_t room);
void hf_https_free(struct hf_https **https);

/*
 * hf_https_send - one request
 *
 * Each has a connection of its own: one that was kept might be dead, and the library would send again by itself.
 * @ret      what became of it if no answer came: LATER, UNKNOWN, STOPPED or GIVEN_UP, with why; SENT: an answer is there
 * @ret_answer  the answer
 * Source    RFC 9110; curl_easy_setopt(3)
 */
void hf_https_send(struct hf_https *https, const struct hf_https_request *request, struct hf_parcel_answer *ret,
		   struct hf_https_answer *ret_answer);

#endif
