/* SPDX-License-Identifier: MIT */
/*
 * Owns the HTTP server: who is let in, and the way of a request through the gate to its answer.
 * Must never have a thread, read a body that the gate has refused, or answer one user twice while another waits.
 */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>

#include "controller/web/api.h"
#include "controller/web/gate.h"
#include "controller/web/shares.h"
#include "controller/web/web.h"

#define MEMORY_EACH 32768 /* bytes of a connection's head and buffers; bodies are kept apart */
#define COME_AT_ONCE 64	  /* then those who are in have their turn: a millisecond */
#define FROM_PORT ((hf_user)-2) /* who came by the port: no user of the machine has this number */
#define SAY_MS 60000	  /* between two lines about those who were sent away */

struct hf_web {
	struct hf_controller *c;
	struct MHD_Daemon *daemon;
	int fd, port_fd; /* where they come; -1: nowhere */
	struct hf_watch *come, *come_by_port, *watch, *timer, *late;
	struct hf_shares shares;
	size_t n_away;	 /* sent away since it was said */
	int64_t said_at; /* boot-time ms; 0: never */
};

/* The body of one request while it comes in. */
struct incoming {
	char *body;
	size_t len;
	bool too_long;
};

static enum MHD_Result note_field(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	hf_gate_note(arg, name, value);
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
	MHD_add_response_header(response, "Content-Type", answer.kind ? answer.kind : "application/json");
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

/* A value with an end mark in it would be read short. */
static enum MHD_Result note_member(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_len,
				   const char *value, size_t value_len)
{
	struct hf_query *query = arg;
	(void)kind;
	query->too_many = query->too_many || query->n == HF_QUERY_MAX;
	if (query->too_many)
		return MHD_NO;
	query->v[query->n].name = strlen(name) == name_len ? name : "";
	query->v[query->n++].value = value && strlen(value) == value_len ? value : NULL;
	return MHD_YES;
}

/* request: method, path and who asks. */
static enum MHD_Result finish(struct hf_web *web, struct MHD_Connection *connection, struct hf_web_request *request,
			      const struct incoming *in)
{
	request->body = in->body ? in->body : "";
	request->body_len = in->len;
	if (in->too_long)
		return refuse(connection, 413);
	MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, note_member, &request->query);
	return send_answer(connection, hf_web_answer(web->c, request));
}

static struct hf_guest *guest_of(struct hf_web *web, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	return info ? hf_shares_find(&web->shares, info->connect_fd) : NULL;
}

/* The first call of a whole request makes it wait for its turn, the second comes when that has come. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *len, void **request_state)
{
	struct hf_web *web = arg;
	struct hf_web_request request;
	struct hf_guest *guest;
	(void)version;
	if (!*request_state)
		return begin(connection, method, request_state);
	if (*len)
		return take_body(*request_state, data, len);
	guest = guest_of(web, connection);
	if (!guest)
		return MHD_NO;
	if (!guest->turn) {
		hf_shares_ask(&web->shares, guest, connection);
		MHD_suspend_connection(connection);
		return MHD_YES;
	}
	guest->turn = false;
	request = (struct hf_web_request){
		.method = method, .path = url, .speaker = {guest->uid}, .from_port = guest->uid == FROM_PORT};
	return finish(web, connection, &request, *request_state);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct hf_guest *guest = what == MHD_CONNECTION_NOTIFY_CLOSED ? guest_of(arg, connection) : NULL;
	(void)context;
	if (guest)
		hf_shares_leave(guest);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **request_state,
			 enum MHD_RequestTerminationCode why)
{
	struct incoming *in = *request_state;
	struct hf_guest *guest = guest_of(arg, connection);
	(void)why;
	if (guest)
		guest->since = hf_clock_boot().ms;
	if (in)
		free(in->body);
	free(in);
	*request_state = NULL;
}

/* A service that cannot wake itself would be deaf, and nobody would see it. */
static void arm(struct hf_web *web, struct hf_watch *timer, int64_t ms)
{
	if (hf_timer_arm(timer, ms) != HF_OK)
		hf_controller_stop(web->c, HF_E_SYSTEM);
}

/* One request is answered; then the loop's other watches have their turn, and with them those who come. */
static void run(struct hf_web *web)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	struct hf_guest *guest;
	MHD_run(web->daemon);
	guest = hf_shares_turn(&web->shares);
	if (guest) {
		MHD_resume_connection(guest->connection);
		MHD_run(web->daemon);
		arm(web, web->timer, -1);
	} else if (MHD_get_timeout(web->daemon, &ms) == MHD_YES) {
		arm(web, web->timer, ms ? (int64_t)ms : -1);
	} else {
		arm(web, web->timer, 0);
	}
}

static void on_ready(void *arg, uint32_t events)
{
	(void)events;
	run(arg);
}

/* Whoever has not got all of a request here, or not taken all of its answer, in this time. */
static void on_late(void *arg, uint32_t events)
{
	struct hf_web *web = arg;
	int64_t now = hf_clock_boot().ms, next = INT64_MAX;
	struct hf_guest *guest = hf_shares_late(&web->shares, web->shares.v, now, &next);
	(void)events;
	while (guest) {
		shutdown(guest->fd, SHUT_RDWR);
		guest->since = now;
		guest = hf_shares_late(&web->shares, guest, now, &next);
	}
	arm(web, web->late, next == INT64_MAX ? 0 : next > now ? next - now : -1);
}

static void say_away(struct hf_web *web, hf_user uid, int64_t now)
{
	web->n_away++;
	if (web->said_at != 0 && now - web->said_at < SAY_MS)
		return;
	hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = "share"),
		     "connections=%zu were sent away; the last is of user %u: each has at most %d at once", web->n_away,
		     (unsigned)uid, HF_SHARE_MAX);
	web->n_away = 0;
	web->said_at = now;
}

/* A place for one more; of a user who has their share it is that of the oldest that has asked nothing whole yet. */
static struct hf_guest *make_place(struct hf_web *web, int fd, hf_user uid, int64_t now)
{
	struct hf_guest *guest = hf_shares_enter(&web->shares, fd, uid, now), *oldest;
	if (guest)
		return guest;
	say_away(web, uid, now);
	oldest = hf_shares_oldest(&web->shares, uid);
	if (!oldest)
		return NULL;
	shutdown(oldest->fd, SHUT_RDWR);
	MHD_run(web->daemon);
	return hf_shares_enter(&web->shares, fd, uid, now);
}

/* False: nobody waits. */
static bool let_in(struct hf_web *web, int door)
{
	static const struct sockaddr nowhere = {.sa_family = AF_UNIX};
	int64_t now = hf_clock_boot().ms;
	hf_auto_fd int fd = -1;
	struct hf_guest *guest;
	hf_user uid;
	if (hf_sock_accept(door, &fd, &uid, NULL) != HF_OK)
		return false;
	if (door == web->port_fd)
		uid = FROM_PORT;
	guest = make_place(web, fd, uid, now);
	if (!guest)
		return true;
	/* The library closes what it does not take, too. */
	if (MHD_add_connection(web->daemon, hf_steal_fd(&fd), &nowhere, sizeof(nowhere)) != MHD_YES)
		hf_shares_leave(guest);
	return true;
}

static void let_all_in(struct hf_web *web, int door)
{
	int left = COME_AT_ONCE;
	while (left-- > 0 && let_in(web, door))
		continue;
	run(web);
	on_late(web, 0);
}

static void on_come(void *arg, uint32_t events)
{
	struct hf_web *web = arg;
	(void)events;
	let_all_in(web, web->fd);
}

static void on_come_by_port(void *arg, uint32_t events)
{
	struct hf_web *web = arg;
	(void)events;
	let_all_in(web, web->port_fd);
}

static enum hf_rc start_daemon(struct hf_web *web, struct hf_err *err)
{
	web->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, web,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HF_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_EACH, MHD_OPTION_NOTIFY_COMPLETED, on_completed, web, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, web, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!web->daemon)
		return hf_err_set(err, HF_E_SYSTEM, "the interface cannot be served");
	return HF_OK;
}

static enum hf_rc watch(struct hf_web *web, struct hf_err *err)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	enum hf_rc rc = hf_loop_add_timer(web->c->loop, on_ready, web, &web->timer);
	if (rc == HF_OK)
		rc = hf_loop_add_timer(web->c->loop, on_late, web, &web->late);
	if (rc == HF_OK)
		rc = info ? hf_loop_add_fd(web->c->loop, info->epoll_fd, on_ready, web, &web->watch) : HF_E_SYSTEM;
	if (rc == HF_OK)
		rc = hf_loop_add_fd(web->c->loop, web->fd, on_come, web, &web->come);
	if (rc == HF_OK && web->port_fd >= 0)
		rc = hf_loop_add_fd(web->c->loop, web->port_fd, on_come_by_port, web, &web->come_by_port);
	return rc == HF_OK ? HF_OK : hf_err_set(err, rc, "the interface cannot be watched");
}

enum hf_rc hf_web_new(struct hf_controller *c, const struct hf_doors *doors, struct hf_web **ret_web,
		      struct hf_err *err)
{
	struct hf_web *web = calloc(1, sizeof(*web));
	enum hf_rc rc;
	if (!web)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the interface");
	web->c = c;
	web->fd = doors->fd;
	web->port_fd = doors->port_fd;
	hf_shares_init(&web->shares);
	rc = start_daemon(web, err);
	if (rc == HF_OK)
		rc = watch(web, err);
	if (rc != HF_OK) {
		web->fd = web->port_fd = -1;
		hf_web_free(&web);
		return rc;
	}
	*ret_web = web;
	return HF_OK;
}

/* The library must not be stopped while it holds somebody back. */
static void let_all_go(struct hf_web *web)
{
	struct hf_guest *guest;
	while ((guest = hf_shares_turn(&web->shares)))
		MHD_resume_connection(guest->connection);
	MHD_stop_daemon(web->daemon);
}

void hf_web_free(struct hf_web **web)
{
	if (!web || !*web)
		return;
	hf_watch_remove(&(*web)->come);
	hf_watch_remove(&(*web)->come_by_port);
	hf_watch_remove(&(*web)->watch);
	hf_watch_remove(&(*web)->timer);
	hf_watch_remove(&(*web)->late);
	if ((*web)->daemon)
		let_all_go(*web);
	hf_fd_close(&(*web)->fd);
	hf_fd_close(&(*web)->port_fd);
	free(*web);
	*web = NULL;
}
