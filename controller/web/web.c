/* SPDX-License-Identifier: MIT */
/*
 * Owns the HTTP server: its limits, and the way of a request through the gate to its answer.
 * Must never have a thread, or read a body that the gate has refused.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/web/api.h"
#include "controller/web/gate.h"
#include "controller/web/web.h"

#define CONNECTIONS_MAX 64
#define SILENCE_S 30
#define MEMORY_EACH 32768 /* bytes of a connection's head and buffers; bodies are kept apart */

struct hf_web {
	struct hf_controller *c;
	struct MHD_Daemon *daemon;
	struct hf_watch *watch, *timer;
};

/* The body of one request while it comes in. */
struct incoming {
	char *body;
	size_t len;
	bool too_long;
};

static enum MHD_Result note_field(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct hf_gate_request *request = arg;
	(void)kind;
	if (strcasecmp(name, "Content-Length") == 0) {
		request->n_lengths++;
		request->length = value ? value : "";
	}
	request->transfer_encoding = request->transfer_encoding || strcasecmp(name, "Transfer-Encoding") == 0;
	request->n_hosts += strcasecmp(name, "Host") == 0;
	return MHD_YES;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct hf_web_answer answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	if (!answer.text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(answer.len, answer.text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(answer.text);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (answer.status == 405)
		MHD_add_response_header(response, "Allow", "GET, POST");
	/* What is refused may have left half a request on the wire: nothing after it is listened to. */
	if (answer.status != 200)
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, answer.status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status)
{
	switch (status) {
	case 405:
		return send_answer(connection, hf_web_refuse(405, "method", "only GET and POST are taken here"));
	case 413:
		return send_answer(connection, hf_web_refuse(413, "size", "an envelope has at most 65536 bytes"));
	default:
		return send_answer(connection, hf_web_refuse(400, "shape", "this request can be read in two ways"));
	}
}

/* The head has been read, the body has not. */
static enum MHD_Result begin(struct MHD_Connection *connection, const char *method, void **request_state)
{
	struct hf_gate_request head = {.method = method};
	struct incoming *in;
	unsigned status;
	MHD_get_connection_values(connection, MHD_HEADER_KIND, note_field, &head);
	status = hf_gate_judge(&head);
	if (status)
		return refuse(connection, status);
	in = calloc(1, sizeof(*in));
	if (!in)
		return MHD_NO;
	*request_state = in;
	return MHD_YES;
}

static enum MHD_Result take_body(struct incoming *in, const char *data, size_t *len)
{
	char *body;
	if (!in->too_long && in->len + *len > HF_BODY_MAX)
		in->too_long = true;
	if (!in->too_long) {
		body = realloc(in->body, in->len + *len);
		if (!body)
			return MHD_NO;
		memcpy(body + in->len, data, *len);
		in->body = body;
		in->len += *len;
	}
	*len = 0;
	return MHD_YES;
}

static enum MHD_Result finish(struct hf_web *web, struct MHD_Connection *connection, const char *url,
			      const char *method, const struct incoming *in)
{
	const char *only = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "not-enforced");
	struct hf_web_request request = {
		.method = method,
		.path = url,
		.not_enforced = only && strcmp(only, "1") == 0,
		.lockdown = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "lockdown"),
		.body = in->body ? in->body : "",
		.body_len = in->len};
	if (in->too_long)
		return refuse(connection, 413);
	return send_answer(connection, hf_web_answer(web->c, &request));
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *len, void **request_state)
{
	(void)version;
	if (!*request_state)
		return begin(connection, method, request_state);
	if (*len)
		return take_body(*request_state, data, len);
	return finish(arg, connection, url, method, *request_state);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **request_state,
			 enum MHD_RequestTerminationCode why)
{
	struct incoming *in = *request_state;
	(void)arg;
	(void)connection;
	(void)why;
	if (in)
		free(in->body);
	free(in);
	*request_state = NULL;
}

static void run(struct hf_web *web)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	MHD_run(web->daemon);
	if (MHD_get_timeout(web->daemon, &ms) != MHD_YES)
		(void)!hf_timer_arm(web->timer, 0);
	else if (hf_timer_arm(web->timer, ms ? (int64_t)ms : 1) != HF_OK)
		hf_controller_stop(web->c, HF_E_SYSTEM);
}

static void on_ready(void *arg, uint32_t events)
{
	(void)events;
	run(arg);
}

static enum hf_rc start_daemon(struct hf_web *web, int fd, struct hf_err *err)
{
	web->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, web, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_EACH,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, web, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!web->daemon)
		return hf_err_set(err, HF_E_SYSTEM, "the interface cannot be served");
	return HF_OK;
}

enum hf_rc hf_web_new(struct hf_controller *c, int fd, struct hf_web **ret_web, struct hf_err *err)
{
	struct hf_web *web = calloc(1, sizeof(*web));
	const union MHD_DaemonInfo *info;
	enum hf_rc rc;
	if (!web)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the interface");
	web->c = c;
	rc = start_daemon(web, fd, err);
	if (rc != HF_OK) {
		free(web);
		return rc;
	}
	info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	rc = hf_loop_add_timer(c->loop, on_ready, web, &web->timer);
	if (rc == HF_OK)
		rc = info ? hf_loop_add_fd(c->loop, info->epoll_fd, on_ready, web, &web->watch) : HF_E_SYSTEM;
	if (rc != HF_OK) {
		hf_web_free(&web);
		return hf_err_set(err, rc, "the interface cannot be watched");
	}
	*ret_web = web;
	return HF_OK;
}

void hf_web_free(struct hf_web **web)
{
	if (!web || !*web)
		return;
	hf_watch_remove(&(*web)->watch);
	hf_watch_remove(&(*web)->timer);
	MHD_stop_daemon((*web)->daemon);
	free(*web);
	*web = NULL;
}
