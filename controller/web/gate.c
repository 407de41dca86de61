/* SPDX-License-Identifier: MIT */
/*
 * Owns the gate before the routes.
 * Must never look at a body, or let anything through that two readers could read in two ways.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "controller/web/gate.h"

/* -1: not a whole decimal number, or longer than any body of ours. */
static long length_of(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || strspn(text, "0123456789") != len)
		return -1;
	return len > 9 ? HF_BODY_MAX + 1L : strtol(text, NULL, 10);
}

void hf_gate_note(struct hf_gate_request *request, const char *name, const char *value)
{
	if (strcasecmp(name, "Content-Length") == 0) {
		request->n_lengths++;
		request->length = value ? value : "";
	}
	request->transfer_encoding = request->transfer_encoding || strcasecmp(name, "Transfer-Encoding") == 0;
	request->n_hosts += strcasecmp(name, "Host") == 0;
}

unsigned hf_gate_judge(const struct hf_gate_request *request)
{
	long length = request->length ? length_of(request->length) : 0;
	bool get = strcmp(request->method, "GET") == 0, post = strcmp(request->method, "POST") == 0;
	if (!get && !post)
		return 405;
	if (request->transfer_encoding || request->n_lengths > 1 || request->n_hosts > 1 || length < 0)
		return 400;
	if (length > HF_BODY_MAX)
		return 413;
	if (get && length > 0)
		return 400;
	return 0;
}
