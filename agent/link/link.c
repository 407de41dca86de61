/* SPDX-License-Identifier: MIT */
/*
 * Owns the carrying of messages between broker and agent.
 * Must never look into a message of the broker's, nor send it anything but this device's own report and question.
 */
#include "agent/link/link.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <holdfast/bus.h>
#include <holdfast/envelope.h>
#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/sock.h>
#include <holdfast/topic.h>

#include "agent/link/resolve.h"
#include "agent/talk/link_sockets.h"

#define AGENT_PAUSE_MS 1000 /* between two tries to reach the agent */
#define QUEUE_MAX                                                                                                      \
	(4 * 1024 * 1024) /* bytes for an agent that is busy; the controller says everything again each beat */
#define N_TOPICS 7

/* A frame that the agent had no room for yet. */
struct waiting {
	struct waiting *next;
	size_t len;
	char bytes[];
};

struct hf_link {
	struct hf_loop *loop;
	struct hf_link_conf conf;
	char report_topic[HF_TOPIC_SIZE], ask_topic[HF_TOPIC_SIZE];
	char topics[N_TOPICS][HF_TOPIC_SIZE];
	struct hf_bus *bus;
	bool up;
	char *unsent; /* the newest report that came while there was no broker */
	size_t unsent_len;
	int fd; /* the agent; -1: not there */
	struct hf_watch *watch, *retry;
	struct hf_resolver *resolver;
	struct waiting *first, **last;
	size_t queued;
	char trouble[sizeof(((struct hf_err *)0)->text)]; /* what was last said of it; "" when all is well */
	char frame[HF_SOCK_MESSAGE_MAX];
};

enum hf_rc hf_link_drop(const char *user, struct hf_err *err)
{
	struct passwd entry, *found = NULL;
	char room[4096];

	if (geteuid() == 0) {
		if (getpwnam_r(user, &entry, room, sizeof(room), &found) != 0 || !found)
			return hf_err_set(err, HF_E_ABSENT,
					  "there is no user '%s': make it, or set `user` in link.conf", user);
		if (found->pw_uid == 0)
			return hf_err_set(err, HF_E_USAGE, "the link must not run as root: set `user` in link.conf");
		if (setgroups(0, NULL) != 0 || setresgid(found->pw_gid, found->pw_gid, found->pw_gid) != 0 ||
		    setresuid(found->pw_uid, found->pw_uid, found->pw_uid) != 0)
			return hf_err_set(err, HF_E_SYSTEM, "cannot become user '%s': %s", user, strerror(errno));
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || geteuid() == 0 || setresuid(0, 0, 0) == 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot give up the rights of root");
	return HF_OK;
}

static void forget_queue(struct hf_link *link)
{
	while (link->first) {
		struct waiting *next = link->first->next;

		free(link->first);
		link->first = next;
	}
	link->last = &link->first;
	link->queued = 0;
}

/* The same trouble is said once, however often it is tried. */
static void say_trouble(struct hf_link *link, const char *what, const char *why)
{
	bool same = strncmp(link->trouble, why, sizeof(link->trouble) - 1) == 0;

	hf_log(same ? HF_LOG_DEBUG : HF_LOG_WARNING, HF_EV_BUS, "%s: %s", what, why);
	memset(link->trouble, 0, sizeof(link->trouble));
	memcpy(link->trouble, why, strnlen(why, sizeof(link->trouble) - 1));
}

static void try_later(struct hf_link *link)
{
	if (hf_timer_arm(link->retry, AGENT_PAUSE_MS) != HF_OK) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"), "cannot wait for the agent");
		hf_loop_stop(link->loop);
	}
}

/* Agent and broker; both are joined anew a little later. */
static void leave(struct hf_link *link)
{
	hf_watch_remove(&link->watch);
	hf_fd_close(&link->fd);
	forget_queue(link);
	hf_bus_free(&link->bus);
	link->up = false;
	try_later(link);
}

static void lose_agent(struct hf_link *link, const char *why)
{
	say_trouble(link, "the agent is away", why);
	leave(link);
}

/* Sends what waits, as far as the agent has room. */
static void send_queue(struct hf_link *link)
{
	struct hf_err err = {""};
	enum hf_rc rc = HF_OK;

	while (link->first && rc == HF_OK) {
		struct waiting *w = link->first;

		rc = hf_sock_send(link->fd, w->bytes, w->len, &err);
		if (rc != HF_OK)
			break;
		link->first = w->next;
		if (!link->first)
			link->last = &link->first;
		link->queued -= w->len;
		free(w);
	}
	if (rc != HF_OK && rc != HF_E_ABSENT)
		lose_agent(link, err.text);
	else if (hf_watch_events(link->watch, link->first ? HF_LOOP_READ | HF_LOOP_WRITE : HF_LOOP_READ) != HF_OK)
		lose_agent(link, "its socket cannot be watched");
}

static void queue(struct hf_link *link, const char *bytes, size_t len)
{
	struct waiting *w;

	if (link->queued + len > QUEUE_MAX) {
		hf_log(HF_LOG_WARNING, HF_EV_BUS,
		       "the agent does not keep up: a message is dropped; it will be said again");
		return;
	}
	w = malloc(sizeof(*w) + len);
	if (!w)
		return;
	w->next = NULL;
	w->len = len;
	memcpy(w->bytes, bytes, len);
	*link->last = w;
	link->last = &w->next;
	link->queued += len;
	send_queue(link);
}

/*
 * Nothing that was retained was cleared: that is news to nobody. What is local no broker says. A state that the broker
 * kept for all is that of the last news, older than the beats since: what is newest it keeps for the slice.
 */
static bool is_for_agent(const struct hf_bus_message *m)
{
	struct hf_topic topic;

	if (m->len == 0 || strncmp(m->topic, HF_LOCAL_ROOT, strlen(HF_LOCAL_ROOT)) == 0)
		return false;
	return !m->retain || hf_topic_parse(m->topic, &topic) != HF_OK || topic.kind != HF_TOPIC_STATE;
}

static void on_bus_message(void *arg, const struct hf_bus_message *m)
{
	struct hf_link *link = arg;
	struct hf_frame frame = {.payload = m->buf, .payload_len = m->len};
	size_t frame_len = 0;

	if (link->fd < 0 || !is_for_agent(m))
		return;
	if (hf_str_copy(frame.topic, sizeof(frame.topic), m->topic) != HF_OK ||
	    hf_frame_make(&frame, link->frame, sizeof(link->frame), &frame_len) != HF_OK) {
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "a message of %zu bytes is too long for the agent", m->len);
		return;
	}
	queue(link, link->frame, frame_len);
}

static void publish(struct hf_link *link, const char *topic, const void *buf, size_t len)
{
	struct hf_err err = {""};

	if (hf_bus_publish(link->bus, &(struct hf_bus_message){topic, buf, len, false}, &err) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "cannot publish: %s", err.text);
}

static void on_bus_up(void *arg)
{
	struct hf_link *link = arg;

	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "connected to the broker");
	link->up = true;
	link->trouble[0] = '\0';
	if (link->unsent_len > 0)
		publish(link, link->report_topic, link->unsent, link->unsent_len);
	free(hf_steal_ptr(&link->unsent));
	link->unsent_len = 0;
}

static void on_bus_down(void *arg, const char *why)
{
	struct hf_link *link = arg;

	say_trouble(link, "no broker", why);
	link->up = false;
}

/* Reports grow old: of those that came while there was no broker only the newest is worth sending. */
static void keep_newest(struct hf_link *link, const struct hf_frame *frame)
{
	char *copy = malloc(frame->payload_len + 1);

	if (!copy)
		return;
	memcpy(copy, frame->payload, frame->payload_len);
	free(link->unsent);
	link->unsent = copy;
	link->unsent_len = frame->payload_len;
}

/* What the agent wants to know of the network, which it does not have. */
static void resolve_names(struct hf_link *link, const struct hf_frame *frame)
{
	hf_auto_json json_t *question = NULL;
	struct hf_err err = {""};
	json_t *one;
	size_t i;

	if (hf_json_read(frame->payload, frame->payload_len, HF_SOCK_MESSAGE_MAX, &question, &err) != HF_OK) {
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "the agent asks for no names: %s", err.text);
		return;
	}
	json_array_foreach(json_object_get(question, "names"), i, one)
	{
		if (json_is_string(one) && hf_resolver_ask(link->resolver, json_string_value(one)) != HF_OK)
			hf_log(HF_LOG_DEBUG, HF_EV_BUS, "%s is not looked up now", json_string_value(one));
	}
}

static void on_resolved(void *arg, const char *host, const struct hf_strs *addresses)
{
	struct hf_link *link = arg;
	hf_auto_json json_t *answer = json_pack("{s:{s:o}}", "addresses", host, hf_json_from_strs(addresses));
	hf_auto_free char *text = NULL;
	struct hf_frame frame = {.topic = HF_LOCAL_ADDRESSES};
	size_t frame_len = 0;

	if (link->fd < 0 || !answer || hf_json_bytes(answer, &text, &frame.payload_len) != HF_OK)
		return;
	frame.payload = text;
	if (hf_frame_make(&frame, link->frame, sizeof(link->frame), &frame_len) == HF_OK)
		queue(link, link->frame, frame_len);
}

static void carry_out(struct hf_link *link, const struct hf_frame *frame)
{
	bool report = strcmp(frame->topic, link->report_topic) == 0;

	if (strcmp(frame->topic, HF_LOCAL_NAMES) == 0)
		resolve_names(link, frame);
	else if (!report && strcmp(frame->topic, link->ask_topic) != 0)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "the agent may not publish to %s", frame->topic);
	else if (link->up)
		publish(link, frame->topic, frame->payload, frame->payload_len);
	else if (report)
		keep_newest(link, frame);
}

static void on_agent(void *arg, uint32_t events)
{
	struct hf_link *link = arg;
	struct hf_frame frame;
	struct hf_err err = {""};
	size_t len = 0;
	enum hf_rc rc;

	if (events & HF_LOOP_WRITE)
		send_queue(link);
	if (link->fd < 0)
		return;
	rc = hf_sock_receive(link->fd, link->frame, sizeof(link->frame), &len, &err);
	if (rc == HF_E_ABSENT)
		return;
	if (rc != HF_OK || len == 0)
		lose_agent(link, rc == HF_OK ? "it closed" : err.text);
	else if (hf_frame_split(link->frame, len, &frame) == HF_OK)
		carry_out(link, &frame);
}

static enum hf_rc join_broker(struct hf_link *link, struct hf_err *err)
{
	const struct hf_link_conf *c = &link->conf;
	const char *topics[N_TOPICS];
	const struct hf_bus_conf bus = {
		.host = c->host,
		.port = (int)c->port,
		.ca_file = c->ca,
		.cert_file = c->certificate,
		.key_file = c->key,
		.client_id = c->device,
		.protocol = (int)c->protocol,
		.keepalive_s = (int)c->keepalive_s,
		.message_max = HF_MESSAGE_MAX,
		.topics = topics,
		.n_topics = N_TOPICS,
	};
	const struct hf_bus_calls calls = {on_bus_up, on_bus_down, on_bus_message, link};

	for (size_t i = 0; i < N_TOPICS; i++)
		topics[i] = link->topics[i];
	return hf_bus_new(link->loop, &bus, &calls, &link->bus, err);
}

static void reach_agent(struct hf_link *link)
{
	struct hf_err err = {""};
	enum hf_rc rc = hf_sock_connect(link->conf.socket, &link->fd, &err);

	if (rc == HF_OK)
		rc = hf_loop_add_fd(link->loop, link->fd, on_agent, link, &link->watch);
	if (rc == HF_OK)
		rc = join_broker(link, &err);
	if (rc == HF_OK) {
		hf_log(HF_LOG_NOTICE, HF_EV_BUS, "connected to the agent");
		return;
	}
	say_trouble(link, "not connected", err.text);
	hf_watch_remove(&link->watch);
	hf_fd_close(&link->fd);
	try_later(link);
}

/* The agent removes it when it leaves this device for good; there is nobody to carry anything for then. */
static bool is_retired(const struct hf_link *link)
{
	return access(link->conf.key, F_OK) != 0 && errno == ENOENT;
}

static void on_retry(void *arg, uint32_t events)
{
	struct hf_link *link = arg;

	(void)events;
	if (is_retired(link)) {
		hf_log(HF_LOG_NOTICE, HF_EV_STOP, "this device is retired: its key is gone");
		hf_loop_stop(link->loop);
		return;
	}
	reach_agent(link);
}

static enum hf_rc name_topics(struct hf_link *link, struct hf_err *err)
{
	static const char *const ends[] = {"trust/+", "register/#", "state/#"}, *const own[] = {"assignment/#", "answer", "recover"};
	const char *council = link->conf.council, *device = link->conf.device;
	int64_t slice = 0;
	enum hf_rc rc = hf_slice_of(device, &slice);

	if (rc == HF_OK)
		rc = hf_str_printf(link->topics[HF_LEN(ends) + HF_LEN(own)], HF_TOPIC_SIZE, HF_TOPIC_ROOT "/%s/beat/%" PRId64 "/#", council,
				   slice);
	for (size_t i = 0; i < HF_LEN(ends) && rc == HF_OK; i++)
		rc = hf_str_printf(link->topics[i], HF_TOPIC_SIZE, HF_TOPIC_ROOT "/%s/%s", council, ends[i]);
	for (size_t i = 0; i < HF_LEN(own) && rc == HF_OK; i++)
		rc = hf_str_printf(link->topics[HF_LEN(ends) + i], HF_TOPIC_SIZE, HF_TOPIC_ROOT "/%s/device/%s/%s",
				   council, device, own[i]);
	if (rc == HF_OK)
		rc = hf_str_printf(link->report_topic, HF_TOPIC_SIZE, HF_TOPIC_ROOT "/%s/device/%s/report", council,
				   device);
	if (rc == HF_OK)
		rc = hf_str_printf(link->ask_topic, HF_TOPIC_SIZE, HF_TOPIC_ROOT "/%s/device/%s/ask", council, device);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "council and device make a topic that is too long");
}

enum hf_rc hf_link_new(struct hf_loop *loop, const struct hf_link_conf *conf, struct hf_link **ret_link,
		       struct hf_err *err)
{
	hf_auto_link struct hf_link *link = calloc(1, sizeof(*link));
	enum hf_rc rc;

	if (!link)
		return hf_err_set(err, HF_E_MEMORY, "no memory for the link");
	link->loop = loop;
	link->conf = *conf;
	link->fd = -1;
	link->last = &link->first;
	rc = name_topics(link, err);
	if (rc == HF_OK && hf_loop_add_timer(loop, on_retry, link, &link->retry) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "the link cannot have a timer: %m");
	if (rc == HF_OK)
		rc = hf_resolver_new(loop, on_resolved, link, &link->resolver, err);
	if (rc != HF_OK)
		return rc;
	reach_agent(link);
	*ret_link = hf_steal_ptr(&link);
	return HF_OK;
}

enum hf_rc hf_link_reload(struct hf_link *link, const struct hf_link_conf *conf, struct hf_err *err)
{
	struct hf_link_conf before = link->conf;
	enum hf_rc rc;

	link->conf = *conf;
	rc = name_topics(link, err);
	if (rc != HF_OK) {
		link->conf = before;
		(void)!name_topics(link, NULL);
		return rc;
	}
	link->trouble[0] = '\0';
	hf_log(HF_LOG_NOTICE, HF_EV_RELOAD, "the settings are read again: agent and broker are joined anew");
	leave(link);
	return HF_OK;
}

void hf_link_free(struct hf_link **link)
{
	struct hf_link *l = *link;

	if (!l)
		return;
	hf_bus_free(&l->bus);
	hf_resolver_free(&l->resolver);
	hf_watch_remove(&l->watch);
	hf_watch_remove(&l->retry);
	hf_fd_close(&l->fd);
	forget_queue(l);
	free(l->unsent);
	free(l);
	*link = NULL;
}
