/* SPDX-License-Identifier: MIT */
/*
 * Owns the routes.
 * Must never change anything but by hf_door_take.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/door.h"
#include "controller/web/api.h"
#include "controller/web/show.h"

typedef struct hf_web_answer (*route_fn)(struct hf_controller *c, const struct hf_web_request *request);

struct route {
	const char *method, *path;
	route_fn fn;
};

static struct hf_web_answer answer_json(unsigned status, json_t *json)
{
	struct hf_web_answer a = {.status = status};
	if (!json || hf_json_bytes(json, &a.text, &a.len) != HF_OK)
		a.status = 503;
	json_decref(json);
	return a;
}

struct hf_web_answer hf_web_refuse(unsigned status, const char *reason, const char *message)
{
	return answer_json(status, json_pack("{s:s, s:s}", "error", reason, "message", message));
}

static struct hf_web_answer get_council(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return answer_json(200, hf_show_council(c));
}

static struct hf_web_answer get_orders(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return answer_json(200, hf_show_orders(c));
}

static struct hf_web_answer get_status(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return answer_json(200, hf_show_status(c));
}

static struct hf_web_answer get_devices(struct hf_controller *c, const struct hf_web_request *request)
{
	return answer_json(200, hf_show_devices(c, request->not_enforced));
}

static struct hf_web_answer get_drafts(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return answer_json(200, hf_show_drafts(c));
}

static struct hf_web_answer get_acknowledgements(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_digest id;
	json_t *shown = NULL;
	enum hf_rc rc;
	if (!request->lockdown || hf_digest_from_hex(request->lockdown, &id) != HF_OK)
		return hf_web_refuse(400, "shape",
				     "say which lockdown, with all 64 characters of its id: ?lockdown=ID");
	rc = hf_show_acknowledgements(c, &id, &shown);
	if (rc == HF_E_ABSENT)
		return hf_web_refuse(404, "absent", "no lockdown with that id is known here");
	if (rc == HF_E_USAGE)
		return hf_web_refuse(400, "mismatch",
				     "nobody acknowledges the instructions of an emergency: it has none to open by");
	return answer_json(200, rc == HF_OK ? shown : NULL);
}

static struct hf_web_answer post_envelope(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_taken taken;
	struct hf_err err = {""};
	enum hf_rc rc = hf_door_take(c, request->body, request->body_len, &taken, &err);
	bool ours = rc == HF_E_SYSTEM || rc == HF_E_MEMORY || rc == HF_E_STALE_HEAD || rc == HF_E_USAGE;
	if (rc != HF_OK)
		return hf_web_refuse(ours ? 503 : 400, hf_rc_name(rc), err.text);
	return answer_json(200, hf_show_taken(&taken));
}

static const struct route routes[] = {
	{"GET", "/v1/council", get_council},
	{"GET", "/v1/orders", get_orders},
	{"GET", "/v1/status", get_status},
	{"GET", "/v1/devices", get_devices},
	{"GET", "/v1/drafts", get_drafts},
	{"POST", "/v1/envelopes", post_envelope},
	{"GET", "/v1/acknowledgements", get_acknowledgements},
};

struct hf_web_answer hf_web_answer(struct hf_controller *c, const struct hf_web_request *request)
{
	bool found = false;
	for (size_t i = 0; i < HF_LEN(routes); i++) {
		if (strcmp(routes[i].path, request->path) != 0)
			continue;
		if (strcmp(routes[i].method, request->method) == 0)
			return routes[i].fn(c, request);
		found = true;
	}
	if (found)
		return hf_web_refuse(405, "method", "this address does not take that method");
	return hf_web_refuse(404, "absent", "there is nothing at this address");
}
