/* SPDX-License-Identifier: MIT */
/*
 * Owns the routes.
 * Must never change anything but by the doors of the core.
 */
#include <stdlib.h>
#include <string.h>

#include "controller/door.h"
#include "controller/proofs_door.h"
#include "controller/web/api.h"
#include "controller/web/beside_ask.h"
#include "controller/web/checks_ask.h"
#include "controller/web/export_ask.h"
#include "controller/web/metrics.h"
#include "controller/web/outbox_ask.h"
#include "controller/web/show_devices.h"
#include "controller/web/schedulers_ask.h"

#define METRICS_PATH "/metrics"

typedef struct hf_web_answer (*route_fn)(struct hf_controller *c, const struct hf_web_request *request);

struct route {
	const char *method, *path;
	route_fn fn;
	const char *const *names; /* that its query may have; NULL: it looks itself */
};

/* Trust and register alone, with device= of nobody; or the assignments of one device beside them. */
static struct hf_web_answer get_council(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_err err = {""};
	const char *device = NULL;
	enum hf_rc rc = hf_query_text(&request->query, "device", &device, &err);
	if (rc == HF_OK && device && device[0] && !hf_id_ok(device))
		rc = hf_err_set(&err, HF_E_SHAPE, "device is the whole id of a device, or nothing for no assignment");
	if (rc != HF_OK)
		return hf_web_refuse(400, hf_rc_name(rc), err.text);
	return hf_web_json(200, hf_show_council(c, device));
}

static struct hf_web_answer get_orders(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return hf_web_json(200, hf_show_orders(c));
}

static struct hf_web_answer get_states(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return hf_web_json(200, hf_show_states(c));
}

static struct hf_web_answer get_status(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return hf_web_json(200, hf_show_status(c));
}

static struct hf_web_answer get_devices(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_devices_ask ask;
	struct hf_err err = {""};
	json_t *shown = NULL;
	enum hf_rc rc = hf_devices_ask_read(&request->query, &ask, &err);
	if (rc != HF_OK)
		return hf_web_refuse(400, hf_rc_name(rc), err.text);
	rc = hf_show_devices(c, &ask, &shown, &err);
	if (rc == HF_E_ABSENT)
		return hf_web_refuse(404, hf_rc_name(rc), err.text);
	return hf_web_json(200, shown);
}

static struct hf_web_answer get_drafts(struct hf_controller *c, const struct hf_web_request *request)
{
	(void)request;
	return hf_web_json(200, hf_show_drafts(c));
}

static struct hf_web_answer get_acknowledgements(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_digest id;
	struct hf_err err = {""};
	const char *lockdown = NULL;
	json_t *shown = NULL;
	enum hf_rc rc = hf_query_text(&request->query, "lockdown", &lockdown, &err);
	if (rc != HF_OK || !lockdown || hf_digest_from_hex(lockdown, &id) != HF_OK)
		return hf_web_refuse(400, "shape",
				     "say which lockdown, with all 64 characters of its id: ?lockdown=ID");
	rc = hf_show_acknowledgements(c, &id, &shown);
	if (rc == HF_E_ABSENT)
		return hf_web_refuse(404, "absent", "no lockdown with that id is known here");
	if (rc == HF_E_USAGE)
		return hf_web_refuse(400, "mismatch",
				     "nobody acknowledges the instructions of an emergency: it has none to open by");
	return hf_web_json(200, rc == HF_OK ? shown : NULL);
}

static struct hf_web_answer get_record(struct hf_controller *c, const struct hf_web_request *request)
{
	static const size_t bounds[3] = {0, 0, (size_t)HF_JSON_INT_MAX};
	struct hf_err err = {""};
	size_t after = 0;
	enum hf_query_wish all = HF_QUERY_ANY;
	json_t *shown = NULL;
	enum hf_rc rc = hf_query_number(&request->query, "after", bounds, &after, &err);
	if (rc == HF_OK)
		rc = hf_query_wish(&request->query, "all", &all, &err);
	if (rc != HF_OK)
		return hf_web_refuse(400, hf_rc_name(rc), err.text);
	rc = all == HF_QUERY_YES ? hf_show_rows(c, (int64_t)after, &shown, &err)
				 : hf_show_record(c, (int64_t)after, &shown, &err);
	return rc == HF_OK ? hf_web_json(200, shown) : hf_web_refuse(503, hf_rc_name(rc), err.text);
}

static struct hf_web_answer get_checkpoint(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_err err = {""};
	json_t *shown = NULL;
	enum hf_rc rc = hf_show_checkpoint(c, &shown, &err);
	(void)request;
	return rc == HF_OK ? hf_web_json(200, shown) : hf_web_refuse(503, hf_rc_name(rc), err.text);
}

static struct hf_web_answer get_proof(struct hf_controller *c, const struct hf_web_request *request)
{
	static const size_t bounds[3] = {0, 1, (size_t)HF_JSON_INT_MAX};
	struct hf_err err = {""};
	size_t seq = 0;
	json_t *shown = NULL;
	enum hf_rc rc = hf_query_number(&request->query, "record", bounds, &seq, &err);
	if (rc == HF_OK && seq == 0)
		rc = hf_err_set(&err, HF_E_SHAPE, "say of which record, by its number: ?record=N");
	if (rc != HF_OK)
		return hf_web_refuse(400, hf_rc_name(rc), err.text);
	rc = hf_show_proof(c, (int64_t)seq, &shown, &err);
	if (rc != HF_OK)
		return hf_web_refuse(rc == HF_E_ABSENT ? 404 : 503, hf_rc_name(rc), err.text);
	return hf_web_json(200, shown);
}

static struct hf_web_answer get_heads(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_err err = {""};
	const char *after = NULL;
	json_t *shown = NULL;
	enum hf_rc rc = hf_query_text(&request->query, "after", &after, &err);
	if (rc == HF_OK && after && !hf_id_ok(after))
		rc = hf_err_set(&err, HF_E_SHAPE, "after is the id of a device");
	if (rc != HF_OK)
		return hf_web_refuse(400, hf_rc_name(rc), err.text);
	rc = hf_show_heads(c, after, &shown, &err);
	return rc == HF_OK ? hf_web_json(200, shown) : hf_web_refuse(503, hf_rc_name(rc), err.text);
}

static struct hf_web_answer post_envelope(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_taken taken;
	struct hf_err err = {""};
	enum hf_rc rc = hf_door_take(c, request->body, request->body_len, &taken, &err);
	if (rc == HF_E_UNSURE)
		return hf_web_json(500, hf_show_unsure(&taken, err.text));
	if (rc != HF_OK)
		return hf_web_refuse(hf_door_is_ours(rc) ? 503 : 400, hf_rc_name(rc), err.text);
	return hf_web_json(200, hf_show_taken(&taken));
}

/* For whoever was not told what became of what they posted: the answer was lost, or the controller with it. */
static struct hf_web_answer get_envelope(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_digest digest;
	struct hf_err err = {""};
	struct hf_found found;
	const char *hex = NULL;
	enum hf_rc rc = hf_query_text(&request->query, "digest", &hex, &err);
	if (rc != HF_OK || !hex || hf_digest_from_hex(hex, &digest) != HF_OK)
		return hf_web_refuse(400, "shape", "say which, with all 64 characters of its digest: ?digest=DIGEST");
	rc = hf_door_find(c, &digest, &found, &err);
	return rc == HF_OK ? hf_web_json(200, hf_show_found(&digest, &found))
			   : hf_web_refuse(503, hf_rc_name(rc), err.text);
}

static struct hf_web_answer post_proofs(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_proofs_taken taken;
	struct hf_err err = {""};
	enum hf_rc rc = hf_proofs_take(c, request->body, request->body_len, &taken, &err);
	if (rc != HF_OK)
		return hf_web_fail(rc, &err);
	return hf_web_json(200, json_pack("{s:I, s:I, s:I}", "recorded", (json_int_t)taken.recorded, "known",
					  (json_int_t)taken.known, "absent", (json_int_t)taken.absent));
}

static struct hf_web_answer get_metrics(struct hf_controller *c, const struct hf_web_request *request)
{
	struct hf_web_answer a = {.status = 200, .kind = HF_METRICS_KIND};
	(void)request;
	if (hf_metrics_text(c, &a.text, &a.len) != HF_OK)
		return hf_web_refuse(503, hf_rc_name(HF_E_MEMORY), "there is no memory for the figures");
	return a;
}

static const char *const nothing[] = {NULL};
static const char *const of_device[] = {"device", NULL};
static const char *const of_lockdown[] = {"lockdown", NULL};
static const char *const of_outbox[] = {"lockdown", "after", NULL};
static const char *const after_record[] = {"after", NULL};
static const char *const some_record[] = {"after", "all", NULL};
static const char *const of_record[] = {"record", NULL};
static const char *const of_digest[] = {"digest", NULL};

static const struct route routes[] = {
	{"GET", "/v1/council", get_council, of_device},
	{"GET", "/v1/orders", get_orders, nothing},
	{"GET", "/v1/states", get_states, nothing},
	{"GET", "/v1/status", get_status, nothing},
	{"GET", "/v1/devices", get_devices, NULL},
	{"GET", "/v1/drafts", get_drafts, nothing},
	{"GET", "/v1/envelope", get_envelope, of_digest},
	{"GET", "/v1/record", get_record, some_record},
	{"GET", "/v1/checkpoint", get_checkpoint, nothing},
	{"GET", "/v1/proof", get_proof, of_record},
	{"GET", "/v1/heads", get_heads, after_record},
	{"POST", "/v1/envelopes", post_envelope, nothing},
	{"POST", "/v1/proofs", post_proofs, nothing},
	{"GET", "/v1/acknowledgements", get_acknowledgements, of_lockdown},
	{"GET", "/v1/outbox", hf_outbox_show, of_outbox},
	{"POST", "/v1/outbox", hf_outbox_post, nothing},
	{"GET", "/v1/checks", hf_checks_show, of_lockdown},
	{"POST", "/v1/checks", hf_checks_post, nothing},
	{"GET", "/v1/beside", hf_beside_show, nothing},
	{"POST", "/v1/beside", hf_beside_post, nothing},
	{"POST", "/v1/schedulers", hf_schedulers_post, nothing},
	{"POST", "/v1/exports", hf_export_post, nothing},
	{"GET", METRICS_PATH, get_metrics, nothing},
};

static struct hf_web_answer take_route(const struct route *route, struct hf_controller *c,
				       const struct hf_web_request *request)
{
	struct hf_web_answer answer;
	struct hf_err err = {""};
	if (route->names && hf_query_only(&request->query, route->names, &err) != HF_OK)
		return hf_web_refuse(400, hf_rc_name(HF_E_SHAPE), err.text);
	c->speaker = &request->speaker;
	answer = route->fn(c, request);
	c->speaker = NULL;
	return answer;
}

/* Strangers ask the door of laptops that join: who takes it over gets no more than what it puts into a bundle. */
static bool is_for_joiner(const struct hf_web_request *request)
{
	return strcmp(request->method, "GET") == 0 &&
	       (strcmp(request->path, "/v1/council") == 0 || strcmp(request->path, "/v1/states") == 0);
}

struct hf_web_answer hf_web_answer(struct hf_controller *c, const struct hf_web_request *request)
{
	bool found = false;
	if (c->joiner != 0 && request->speaker.uid == c->joiner && !is_for_joiner(request))
		return hf_web_refuse(403, "role", "holdfast-joind may ask for the council and for states, and for nothing else");
	for (size_t i = 0; i < HF_LEN(routes); i++) {
		if (strcmp(routes[i].path, request->path) != 0)
			continue;
		if (request->from_port && strcmp(routes[i].path, METRICS_PATH) != 0)
			continue;
		if (strcmp(routes[i].method, request->method) == 0)
			return take_route(&routes[i], c, request);
		found = true;
	}
	if (found)
		return hf_web_refuse(405, "method", "this address does not take that method");
	return hf_web_refuse(404, "absent", "there is nothing at this address");
}
