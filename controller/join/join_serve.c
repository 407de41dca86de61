/* SPDX-License-Identifier: MIT */
/*
 * Owns the two sides of the door and the book between them.
 * Must never hold a key of the council, believe what it carries, or write down what a stranger says.
 */
#include "controller/join/join_serve.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>

#include "controller/conf/settings.h"
#include "controller/join/join_answer.h"
#include "controller/join/join_book.h"
#include "controller/office/client.h"
#include "controller/web/gate.h"
#include "controller/web/web.h"

#define MEMORY_EACH 32768 /* bytes of a connection's head and buffers; bodies are kept apart */
#define GUESTS_MAX 512	  /* laptops at once: a wave of 500 that is switched on in one minute */
#define GUESTS_EACH 256	  /* of one address, which may be a whole office behind one router */
#define TERMINALS_MAX 32
#define SLOW_S 20    /* from one byte to the next: a laptop on a train */
#define THREADS 4    /* three laptops whose answer is fetched do not keep the fourth waiting */
#define KEY_FILE_MAX 16384
#define FULL_S 300   /* how soon a laptop asks again for which there was no room */
#define PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct side {
	struct hf_join_serve *serve;
	bool desk;
};

struct hf_join_serve {
	struct hf_loop *loop;
	const struct hf_join_conf *conf;
	pthread_mutex_t lock; /* of the book */
	struct hf_join_book book;
	int alone; /* lock of the folder */
	struct side sides[2];
	struct MHD_Daemon *door, *desk;
	char path[HF_CONF_TEXT_SIZE + 16];
	char *key, *certificate;
	atomic_bool failed;
};

/* The body of one request while it comes in. */
struct coming {
	char body[HF_BODY_MAX];
	size_t len;
	bool too_long;
};

/* One answer. */
struct said {
	unsigned status;
	json_t *json; /* taken over */
	int64_t retry_s;
};

static struct said say_json(unsigned status, json_t *json)
{
	return (struct said){.status = json ? status : 503, .json = json};
}

static struct said refuse_with(unsigned status, const char *reason, const char *message)
{
	return say_json(status, json_pack("{s:s, s:s}", "error", reason, "message", message));
}

static struct said fail_with(enum hf_rc rc, const struct hf_err *err)
{
	return refuse_with(rc == HF_E_ABSENT ? 404 : rc == HF_E_MEMORY || rc == HF_E_SYSTEM ? 503 : 400, hf_rc_name(rc),
			   err->text[0] ? err->text : "there is no memory");
}

static void stop_loop(void *arg)
{
	hf_loop_stop(arg);
}

/* Under the lock. What could not be written was not done: the next life does not know it. */
static enum hf_rc keep_book(struct hf_join_serve *serve, struct hf_err *err)
{
	hf_auto_json json_t *book = hf_join_book_save(&serve->book);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = book && hf_json_bytes(book, &text, &len) == HF_OK ? HF_OK
									: hf_err_set(err, HF_E_MEMORY, "no memory for the book");

	if (rc == HF_OK)
		rc = hf_fs_replace(serve->path, text, len, 0600, err);
	if (rc != HF_OK) {
		atomic_store(&serve->failed, true);
		(void)!hf_loop_post(serve->loop, stop_loop, serve->loop);
	}
	return rc;
}

/* Of an IPv6 address its network: whoever has one address there has all of them. */
static void source_of(struct MHD_Connection *connection, char source[HF_JOIN_SOURCE_SIZE])
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	struct in6_addr v6;

	(void)!hf_str_copy(source, HF_JOIN_SOURCE_SIZE, "?");
	if (!address)
		return;
	if (address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, source, HF_JOIN_SOURCE_SIZE);
	} else if (address->sa_family == AF_INET6) {
		v6 = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		if (IN6_IS_ADDR_V4MAPPED(&v6)) {
			inet_ntop(AF_INET, &v6.s6_addr[12], source, HF_JOIN_SOURCE_SIZE);
			return;
		}
		memset(&v6.s6_addr[8], 0, 8);
		inet_ntop(AF_INET6, &v6, source, HF_JOIN_SOURCE_SIZE);
	}
}

static struct said wait_for_it(const struct hf_digest *id, int64_t retry_s)
{
	char words[HF_JOIN_WORDS_SIZE];
	struct said said = say_json(202, json_pack("{s:s, s:s, s:I}", "state", "pending", "words", hf_join_words(id, words),
					      "retry_s", (json_int_t)retry_s));

	said.retry_s = retry_s;
	return said;
}

/* From the controller, without the lock: it may be slow. */
static struct said fetch(struct hf_join_serve *serve, const struct hf_digest *id, const json_t *answered,
			 const struct hf_pub *pub)
{
	const struct hf_office office = {.socket = serve->conf->controller};
	hf_auto_json json_t *council = NULL;
	hf_auto_json json_t *states = NULL;
	char path[HF_ID_SIZE + 32];
	struct hf_err err = {""};
	json_t *bundle;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/v1/council?device=%s",
				      json_string_value(json_object_get(answered, "device")));

	if (rc == HF_OK)
		rc = hf_client_get(&office, path, &council, &err);
	if (rc == HF_OK)
		rc = hf_client_get(&office, "/v1/states", &states, &err);
	if (rc != HF_OK)
		hf_log_about(HF_LOG_WARNING, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(rc)),
			     "a laptop that was approved waits for the controller: %s", err.text);
	bundle = rc == HF_OK ? hf_join_answer(council, states, answered, pub) : NULL;
	return bundle ? say_json(200, json_pack("{s:s, s:o}", "state", "approved", "bundle", bundle))
		      : wait_for_it(id, serve->conf->retry_s);
}

static json_t *answered_of(const struct hf_join_book *book, const struct hf_join_row *row)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s}", "device", row->device, "host", book->place.host, "port",
			 (json_int_t)book->place.port, "ca", book->place.ca, "certificate", row->certificate);
}

static void say_new(const struct hf_join_row *row, struct hf_wall now)
{
	char words[HF_JOIN_WORDS_SIZE];

	if (row->first.s == now.s && row->last.s == now.s)
		hf_log(HF_LOG_INFO, HF_EV_ACCEPTED, "batch=%s source=%s words=%s asks to join", row->batch, row->source,
		       hf_join_words(&row->id, words));
}

/* POST /v1/join: what anybody may ask. */
static struct said take_ask(struct hf_join_serve *serve, struct MHD_Connection *connection, const struct coming *in)
{
	hf_auto_join_ask struct hf_join_ask ask = {0};
	hf_auto_json json_t *answered = NULL;
	char source[HF_JOIN_SOURCE_SIZE];
	const struct hf_join_guest guest = {&ask, source, hf_clock_wall()};
	struct hf_join_told told = {HF_JOIN_REFUSED, NULL};
	struct hf_digest id = {{0}};
	struct hf_err err = {""};
	enum hf_rc rc = hf_join_ask_read(in->body, in->len, &ask, &err);
	struct said said;

	if (rc != HF_OK)
		return fail_with(rc, &err);
	source_of(connection, source);
	pthread_mutex_lock(&serve->lock);
	rc = hf_join_book_ask(&serve->book, &guest, &told);
	if (told.row) {
		id = told.row->id;
		say_new(told.row, guest.now);
	}
	if (told.row && told.said == HF_JOIN_APPROVED)
		answered = answered_of(&serve->book, told.row);
	pthread_mutex_unlock(&serve->lock);
	if (rc != HF_OK)
		return fail_with(rc, &err);
	switch (told.said) {
	case HF_JOIN_REFUSED:
		return refuse_with(403, "void", "this token is not known here, is over, or has no use left: ask IT for another");
	case HF_JOIN_FULL:
		said = refuse_with(429, "size", "too many wait who came from there: it is tried again later");
		said.retry_s = FULL_S;
		return said;
	case HF_JOIN_WAITS:
		return wait_for_it(&id, serve->conf->retry_s);
	case HF_JOIN_APPROVED:
		return answered ? fetch(serve, &id, answered, &ask.pub) : wait_for_it(&id, serve->conf->retry_s);
	}
	return refuse_with(403, "void", "no");
}

static struct said show_joins(struct hf_join_serve *serve)
{
	json_t *shown;

	pthread_mutex_lock(&serve->lock);
	shown = hf_join_book_show(&serve->book, hf_clock_wall());
	pthread_mutex_unlock(&serve->lock);
	return say_json(200, shown);
}

static struct said add_token(struct hf_join_serve *serve, json_t *doc)
{
	struct hf_err err = {""};
	enum hf_rc rc;

	pthread_mutex_lock(&serve->lock);
	rc = hf_join_book_batch(&serve->book, doc, &err);
	if (rc == HF_OK)
		rc = keep_book(serve, &err);
	pthread_mutex_unlock(&serve->lock);
	return rc == HF_OK ? say_json(200, json_pack("{s:O}", "batch", json_object_get(doc, "batch"))) : fail_with(rc, &err);
}

static struct said end_token(struct hf_join_serve *serve, json_t *doc)
{
	const char *batch;
	const struct hf_json_member members[] = {{.name = "batch", .kind = HF_JSON_ID, .ret = &batch}};
	struct hf_err err = {""};
	enum hf_rc rc = hf_json_take(doc, members, HF_LEN(members), &err);

	pthread_mutex_lock(&serve->lock);
	if (rc == HF_OK)
		rc = hf_join_book_end(&serve->book, batch, &err);
	if (rc == HF_OK)
		rc = keep_book(serve, &err);
	pthread_mutex_unlock(&serve->lock);
	return rc == HF_OK ? say_json(200, json_pack("{s:O}", "batch", json_object_get(doc, "batch"))) : fail_with(rc, &err);
}

/* Under the lock. One that is refused does not keep the others waiting. */
static json_t *answer_each(struct hf_join_book *book, const json_t *answers, int64_t *ret_n)
{
	json_t *refused = json_array(), *one;
	size_t i;

	json_array_foreach(answers, i, one)
	{
		struct hf_err err = {""};

		if (hf_join_book_answer(book, one, hf_clock_wall(), &err) == HF_OK)
			(*ret_n)++;
		else
			(void)json_array_append_new(refused, json_pack("{s:O?, s:s}", "id", json_object_get(one, "id"), "message",
								       err.text));
	}
	return refused;
}

/* POST /v1/joins: what IT approved. It opens nothing: each laptop judges what it is given. */
static struct said answer_joins(struct hf_join_serve *serve, json_t *doc)
{
	json_t *place, *answers, *refused = NULL;
	const struct hf_json_member members[] = {
		{.name = "place", .kind = HF_JSON_OBJECT, .ret = &place},
		{.name = "answers", .kind = HF_JSON_ARRAY, .ret = &answers, .max = HF_JOIN_ANSWERED_MAX},
	};
	int64_t n = 0;
	struct hf_err err = {""};
	enum hf_rc rc = hf_json_take(doc, members, HF_LEN(members), &err);

	pthread_mutex_lock(&serve->lock);
	if (rc == HF_OK)
		rc = hf_join_book_place(&serve->book, place, &err);
	if (rc == HF_OK)
		refused = answer_each(&serve->book, answers, &n);
	if (rc == HF_OK)
		rc = keep_book(serve, &err);
	pthread_mutex_unlock(&serve->lock);
	if (rc == HF_OK)
		return say_json(200, json_pack("{s:I, s:o}", "answered", (json_int_t)n, "refused", refused));
	json_decref(refused);
	return fail_with(rc, &err);
}

static unsigned user_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t len = sizeof(who);

	if (info)
		(void)getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
	return who.uid;
}

static struct said take_desk(struct hf_join_serve *serve, struct MHD_Connection *connection, const char *path,
			     const struct coming *in)
{
	static const struct {
		const char *path;
		struct said (*fn)(struct hf_join_serve *serve, json_t *doc);
	} posts[] = {{"/v1/tokens", add_token}, {"/v1/tokens/end", end_token}, {"/v1/joins", answer_joins}};
	hf_auto_json json_t *doc = NULL;
	struct hf_err err = {""};
	enum hf_rc rc;

	for (size_t i = 0; i < HF_LEN(posts); i++) {
		if (strcmp(path, posts[i].path) != 0)
			continue;
		rc = hf_json_read(in->body, in->len, HF_BODY_MAX, &doc, &err);
		if (rc != HF_OK)
			return fail_with(rc, &err);
		hf_log(HF_LOG_NOTICE, HF_EV_CHANGED, "uid=%u %s", user_of(connection), posts[i].path);
		return posts[i].fn(serve, doc);
	}
	return refuse_with(404, "absent", "there is nothing at this address");
}

static struct said route(const struct side *side, struct MHD_Connection *connection, const char *method, const char *path,
			 const struct coming *in)
{
	const bool post = strcmp(method, "POST") == 0;

	if (in->too_long)
		return refuse_with(413, "size", "that is more than is taken here");
	if (!side->desk)
		return post && strcmp(path, "/v1/join") == 0 ? take_ask(side->serve, connection, in)
							     : refuse_with(404, "absent", "there is nothing at this address");
	if (post)
		return take_desk(side->serve, connection, path, in);
	return strcmp(path, "/v1/joins") == 0 ? show_joins(side->serve)
					      : refuse_with(404, "absent", "there is nothing at this address");
}

static enum MHD_Result send_said(struct MHD_Connection *connection, struct said said)
{
	hf_auto_json json_t *json = said.json;
	struct MHD_Response *response;
	enum MHD_Result result;
	char *text = NULL, retry[24];
	size_t len = 0;

	if (!json || hf_json_bytes(json, &text, &len) != HF_OK)
		return MHD_NO;
	response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	/* What is refused for its form may have left half a request on the wire: nothing after it is listened to. */
	if (said.status != 200 && said.status != 202 && said.status != 403 && said.status != 429)
		MHD_add_response_header(response, "Connection", "close");
	if (said.retry_s > 0 && hf_str_printf(retry, sizeof(retry), "%lld", (long long)said.retry_s) == HF_OK)
		MHD_add_response_header(response, "Retry-After", retry);
	result = MHD_queue_response(connection, said.status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result note_head(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	hf_gate_note(arg, name, value);
	return MHD_YES;
}

static enum MHD_Result let_in_one(struct MHD_Connection *connection, const char *method, void **state)
{
	struct hf_gate_request head = {.method = method};
	unsigned status;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, note_head, &head);
	status = hf_gate_judge(&head);
	if (status)
		return send_said(connection, refuse_with(status, "shape", "this request is not taken here"));
	*state = calloc(1, sizeof(struct coming));
	return *state ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_asked(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
				const char *version, const char *data, size_t *len, void **state)
{
	const struct side *side = arg;
	struct coming *in = *state;

	(void)version;
	if (!in)
		return let_in_one(connection, method, state);
	if (*len) {
		const size_t most = side->desk ? HF_BODY_MAX : HF_JOIN_ASK_MAX;

		in->too_long = in->too_long || *len > most - in->len;
		if (!in->too_long) {
			memcpy(in->body + in->len, data, *len);
			in->len += *len;
		}
		*len = 0;
		return MHD_YES;
	}
	return send_said(connection, route(side, connection, method, url, in));
}

static void on_done(void *arg, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	(void)arg;
	(void)connection;
	(void)why;
	if (*state)
		explicit_bzero(*state, sizeof(struct coming));
	free(*state);
	*state = NULL;
}

/* The library writes to a standard error that nobody reads; what is wrong with a stranger's TLS is nobody's news. */
static void on_library(void *arg, const char *fmt, va_list args)
{
	(void)arg;
	(void)fmt;
	(void)args;
}

static bool address_of(const struct hf_join_conf *conf, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ret;

	memset(ret, 0, sizeof(*ret));
	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)conf->port);
	if (inet_pton(AF_INET, conf->address, &v4->sin_addr) == 1)
		return true;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)conf->port);
	return inet_pton(AF_INET6, conf->address[0] ? conf->address : "::", &v6->sin6_addr) == 1;
}

static enum hf_rc open_door(struct hf_join_serve *serve, struct hf_err *err)
{
	const struct hf_join_conf *conf = serve->conf;
	struct sockaddr_storage address;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG;

	if (!address_of(conf, &address))
		return hf_err_set(err, HF_E_SHAPE, "listen.address is no address: %s", conf->address);
	if (address.ss_family == AF_INET6)
		flags |= conf->address[0] ? MHD_USE_IPv6 : MHD_USE_DUAL_STACK;
	serve->sides[0] = (struct side){serve, false};
	serve->door = MHD_start_daemon(
		flags, (uint16_t)conf->port, NULL, NULL, on_asked, &serve->sides[0], MHD_OPTION_EXTERNAL_LOGGER, on_library,
		NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_MEM_KEY, serve->key, MHD_OPTION_HTTPS_MEM_CERT,
		serve->certificate, MHD_OPTION_HTTPS_PRIORITIES, PRIORITIES, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)GUESTS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)GUESTS_EACH,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SLOW_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_EACH,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL, MHD_OPTION_END);
	if (serve->door)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM,
			  "it cannot be listened at port %lld: is it taken, or are %s and %s no certificate and its key?",
			  (long long)conf->port, conf->certificate, conf->key);
}

static enum hf_rc open_desk(struct hf_join_serve *serve, struct hf_err *err)
{
	hf_auto_free struct hf_settings *settings = calloc(1, sizeof(*settings));
	hf_auto_fd int fd = -1;
	enum hf_rc rc;

	if (!settings || hf_str_copy(settings->socket_path, sizeof(settings->socket_path), serve->conf->socket) != HF_OK ||
	    hf_str_copy(settings->socket_group, sizeof(settings->socket_group), serve->conf->group) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the socket");
	rc = hf_web_listen(settings, (hf_user)-1, &fd, err);
	if (rc != HF_OK)
		return rc;
	serve->sides[1] = (struct side){serve, true};
	serve->desk = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_asked,
				       &serve->sides[1], MHD_OPTION_EXTERNAL_LOGGER, on_library, NULL,
				       MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)TERMINALS_MAX,
				       MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SLOW_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				       (size_t)MEMORY_EACH, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
				       on_done, NULL, MHD_OPTION_END);
	if (!serve->desk)
		return hf_err_set(err, HF_E_SYSTEM, "%s cannot be served", serve->conf->socket);
	(void)hf_steal_fd(&fd);
	return HF_OK;
}

static enum hf_rc read_book(struct hf_join_serve *serve, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *doc = NULL;
	struct hf_err why = {""};
	size_t len = 0;
	enum hf_rc rc = hf_str_printf(serve->path, sizeof(serve->path), "%s/book.json", serve->conf->state);

	if (rc == HF_OK)
		rc = hf_fs_read(serve->path, HF_JOIN_BOOK_FILE_MAX, &text, &len, &why);
	if (rc == HF_E_ABSENT)
		return HF_OK;
	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_JOIN_BOOK_FILE_MAX, &doc, &why);
	if (rc == HF_OK)
		rc = hf_join_book_load(&serve->book, doc, &why);
	return rc == HF_OK ? rc
			   : hf_err_set(err, rc, "%s cannot be read (%s): put it aside and make the tokens anew", serve->path,
					why.text);
}

static enum hf_rc read_tls(struct hf_join_serve *serve, struct hf_err *err)
{
	size_t len = 0;
	enum hf_rc rc = hf_fs_guarded(serve->conf->key, NULL, S_IRWXO | S_IWGRP, err);

	if (rc == HF_OK)
		rc = hf_fs_read(serve->conf->key, KEY_FILE_MAX, &serve->key, &len, err);
	return rc == HF_OK ? hf_fs_read(serve->conf->certificate, KEY_FILE_MAX, &serve->certificate, &len, err) : rc;
}

static enum hf_rc begin_serving(struct hf_join_serve *serve, struct hf_err *err)
{
	enum hf_rc rc = hf_fs_mkdirs(serve->conf->state, 0700, err);

	if (rc == HF_OK)
		rc = hf_fs_lock(serve->conf->state, "holdfast-joind", &serve->alone, err);
	if (rc == HF_OK)
		rc = read_book(serve, err);
	if (rc == HF_OK)
		hf_fs_sweep(serve->path);
	if (rc == HF_OK)
		rc = read_tls(serve, err);
	if (rc == HF_OK)
		rc = open_desk(serve, err);
	return rc == HF_OK ? open_door(serve, err) : rc;
}

enum hf_rc hf_join_serve_new(struct hf_loop *loop, const struct hf_join_conf *conf, struct hf_join_serve **ret,
			     struct hf_err *err)
{
	struct hf_join_serve *serve = calloc(1, sizeof(*serve));
	enum hf_rc rc;

	if (!serve)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the door");
	serve->loop = loop;
	serve->conf = conf;
	serve->alone = -1;
	pthread_mutex_init(&serve->lock, NULL);
	rc = begin_serving(serve, err);
	if (rc == HF_OK)
		*ret = serve;
	else
		hf_join_serve_free(&serve);
	return rc;
}

bool hf_join_serve_failed(const struct hf_join_serve *serve)
{
	return serve && atomic_load(&serve->failed);
}

void hf_join_serve_free(struct hf_join_serve **serve)
{
	struct hf_join_serve *s = serve ? *serve : NULL;

	if (!s)
		return;
	if (s->door)
		MHD_stop_daemon(s->door);
	if (s->desk)
		MHD_stop_daemon(s->desk);
	hf_join_book_done(&s->book);
	pthread_mutex_destroy(&s->lock);
	if (s->key)
		explicit_bzero(s->key, strlen(s->key));
	free(s->key);
	free(s->certificate);
	hf_fd_close(&s->alone);
	free(s);
	*serve = NULL;
}
