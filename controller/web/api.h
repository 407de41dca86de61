/* SPDX-License-Identifier: MIT */
/*
 * api.h - requests to answers, without a socket
 */
#ifndef HOLDFAST_CONTROLLER_API_H
#define HOLDFAST_CONTROLLER_API_H

#include <holdfast/json.h>
#include <holdfast/user.h>

#include "controller/controller.h"
#include "controller/web/query.h"

/* One request that has passed the gate. */
struct hf_web_request {
	const char *method; /* "GET", "POST" */
	const char *path;   /* without its query */
	struct hf_query query;
	const char *body;
	size_t body_len;
	struct hf_speaker speaker; /* who the kernel says is at the other end */
	bool from_port; /* came by the port of the figures: nobody knows who, and there is nothing else for them */
};

/* One answer. */
struct hf_web_answer {
	unsigned status;
	char *text; /* malloc'ed; NULL: no memory */
	size_t len;
	const char *kind; /* of the text; NULL: JSON */
};

/*
 * hf_web_answer - do what a request asks
 *
 * Owner     the text is the caller's
 * Source    controller/API.md
 */
struct hf_web_answer hf_web_answer(struct hf_controller *c, const struct hf_web_request *request);

/*
 * hf_web_refuse - the answer that refuses
 *
 * @reason   one word
 * @message  one sentence
 * Owner     as hf_web_answer
 * Source    controller/API.md
 */
struct hf_web_answer hf_web_refuse(unsigned status, const char *reason, const char *message);

/*
 * hf_web_fail - the answer that says why it was not done, or that nobody can tell whether it was
 *
 * @rc       not HF_OK
 * Owner     as hf_web_answer
 * Source    controller/API.md
 */
struct hf_web_answer hf_web_fail(enum hf_rc rc, const struct hf_err *err);

/*
 * hf_web_json - the answer that is this object
 *
 * @json     taken over; NULL: no memory
 * Owner     as hf_web_answer
 */
struct hf_web_answer hf_web_json(unsigned status, json_t *json);

#endif
