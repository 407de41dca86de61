/* SPDX-License-Identifier: MIT */
/*
 * gate.h - what a request must look like before anybody looks at what it asks
 *
 * Pure.
 */
#ifndef HOLDFAST_CONTROLLER_GATE_H
#define HOLDFAST_CONTROLLER_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/envelope.h>

/* The largest body: one envelope, with the room that a pretty-printing client takes. */
#define HF_BODY_MAX (HF_MESSAGE_MAX + 4096)

/* What stands at the head of a request. */
struct hf_gate_request {
	const char *method;
	size_t n_lengths;	/* Content-Length fields */
	const char *length;	/* the value of one of them; NULL when none */
	bool transfer_encoding; /* any Transfer-Encoding field */
	size_t n_hosts;
};

/*
 * hf_gate_note - one more field of the head
 *
 * @request  begins zeroed, but for its method; value is kept, and lives as long as that does
 */
void hf_gate_note(struct hf_gate_request *request, const char *name, const char *value);

/*
 * hf_gate_judge - may this request pass
 *
 * Two readers of one request must not see two different ones: no Transfer-Encoding, one Content-Length at most, one
 * Host at most, whole decimal length.
 * Returns   0 it may; else the HTTP status of the refusal: 400, 405, 413
 * Source    tests/FACTS.md "HTTP"; RFC 9112 section 6
 */
unsigned hf_gate_judge(const struct hf_gate_request *request);

#endif
