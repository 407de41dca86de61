/* SPDX-License-Identifier: MIT */
/*
 * Owns the carrying of messages between broker and agent.
 * Must never look into a message of the broker's, nor send it anything but this device's own report and question.
 */
#include "agent/link/link.h"

#include <ctype.h>
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

#include "agent/link/broker_choice.h"
#include "agent/link/resolve.h"
#include "agent/talk/link_sockets.h"

#define AGENT_PAUSE_MS 1000 /* between two tries to reach the agent */
#define QUEUE_MAX                                                                                                      \
	(4 * 1024 * 1024) /* bytes for an agent that is busy; the controller says everything again each beat */
#define N_TOPICS 9
#define GONE_MS 5000   /* a broker that starts again is back by then: nobody goes elsewhere for that */
#define TRIAL_MS 40000 /* for one on trial: a controller says a state within its beat, and at once when it is asked */
#define TRIAL_DOUBLES 4 /* and up to sixteen times as long while none proves itself: thousands of devices do the same */

/* A frame that the agent had no room for yet. */
struct waiting {
	struct waiting *next;
	size_t len;
	char bytes[];
};

/* One broker that is joined: to stay, or on trial. */
struct joined {
	struct hf_link *link;
	json_t *row; /* owns the texts of broker; NULL: they are the link's own */
	struct hf_broker broker;
	struct hf_bus *bus;
	bool up;
	int ca_fd; /* the authority of its own, in memory; -1: it is the council's */
	char ca[HF_FS_MEMORY_SIZE];
};

struct hf_link {
	struct hf_loop *loop;
	struct hf_link_conf conf;
	char report_topic[HF_TOPIC_SIZE], ask_topic[HF_TOPIC_SIZE];
	char topics[N_TOPICS][HF_TOPIC_SIZE];
	char enrolment[sizeof(((struct hf_link_conf *)0)->host)]; /* its host, in lower case */
	struct hf_choice choice;
	struct joined *present, *trial; /* NULL: none */
	bool silent;  /* the agent hears nothing by the present one */
	bool seeking; /* the timer runs */
	size_t turn;  /* how many were on trial since one proved itself */
	struct hf_watch *seek;
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

static void leave_broker(struct joined **joined)
{
	if (!*joined)
		return;
	hf_bus_free(&(*joined)->bus);
	hf_fd_close(&(*joined)->ca_fd);
	json_decref((*joined)->row);
	free(*joined);
	*joined = NULL;
}

/* Agent and brokers; all are joined anew a little later, first the one that was stayed with. */
static void leave(struct hf_link *link)
{
	hf_watch_remove(&link->watch);
	hf_fd_close(&link->fd);
	forget_queue(link);
	leave_broker(&link->trial);
	if (link->present) {
		hf_bus_free(&link->present->bus);
		link->present->up = false;
	}
	link->silent = link->seeking = false;
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

/* What one on trial says is marked as such: the agent tells by it whether the council's server is behind it. */
static enum hf_rc name_frame(const struct joined *from, const char *topic, struct hf_frame *frame)
{
	bool trial = from == from->link->trial;

	return hf_str_printf(frame->topic, sizeof(frame->topic), "%s%s", trial ? HF_LOCAL_TRIAL : "", topic);
}

static void hand_over(struct hf_link *link, const struct hf_frame *frame)
{
	size_t frame_len = 0;

	if (hf_frame_make(frame, link->frame, sizeof(link->frame), &frame_len) == HF_OK)
		queue(link, link->frame, frame_len);
	else
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "a message of %zu bytes is too long for the agent", frame->payload_len);
}

static void on_bus_message(void *arg, const struct hf_bus_message *m)
{
	struct joined *from = arg;
	struct hf_frame frame = {.payload = m->buf, .payload_len = m->len};

	if (from->link->fd < 0 || !is_for_agent(m))
		return;
	if (name_frame(from, m->topic, &frame) == HF_OK)
		hand_over(from->link, &frame);
}

static void publish_by(struct joined *joined, const char *topic, const void *buf, size_t len)
{
	struct hf_err err = {""};

	if (joined && joined->up &&
	    hf_bus_publish(joined->bus, &(struct hf_bus_message){topic, buf, len, false}, &err) != HF_OK)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "cannot publish: %s", err.text);
}

/* Before anything that this one says. */
static void say_joined(struct joined *joined)
{
	hf_auto_json json_t *row = hf_broker_put(&joined->broker);
	hf_auto_json json_t *json =
		json_pack("{s:O, s:b}", "broker", row, "trial", joined == joined->link->trial);
	hf_auto_free char *text = NULL;
	struct hf_frame frame = {.topic = HF_LOCAL_BROKER};

	if (joined->link->fd < 0 || !json || hf_json_bytes(json, &text, &frame.payload_len) != HF_OK)
		return;
	frame.payload = text;
	hand_over(joined->link, &frame);
}

static void send_unsent(struct hf_link *link)
{
	if (!link->present->up)
		return;
	if (link->unsent_len > 0)
		publish_by(link->present, link->report_topic, link->unsent, link->unsent_len);
	free(hf_steal_ptr(&link->unsent));
	link->unsent_len = 0;
}

/* Is another one wanted beside the present one: that is gone, removed, or says nothing. */
static bool wants_other(const struct hf_link *link)
{
	return link->present && hf_choice_next(&link->choice, &link->present->broker, 0) &&
	       (!link->present->up || link->silent || hf_choice_left(&link->choice, &link->present->broker));
}

static void seek_in(struct hf_link *link, int64_t ms)
{
	if (hf_timer_arm(link->seek, ms) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"), "cannot wait for another broker");
	link->seeking = true;
}

/* One on trial goes when the present one is as it should be. */
static void seek_or_not(struct hf_link *link, int64_t ms)
{
	if (link->fd < 0)
		return;
	if (!wants_other(link)) {
		leave_broker(&link->trial);
		link->turn = 0;
	} else if (!link->seeking) {
		seek_in(link, ms);
	}
}

static void on_bus_up(void *arg)
{
	struct joined *joined = arg;
	struct hf_link *link = joined->link;

	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "connected to the broker %s%s", joined->broker.host,
	       joined == link->trial ? ", on trial" : "");
	joined->up = true;
	say_joined(joined);
	if (link->fd < 0 || joined != link->present) /* the agent has gone, and with it who was on trial */
		return;
	link->trouble[0] = '\0';
	send_unsent(link);
	seek_or_not(link, 1);
}

static void on_bus_down(void *arg, const char *why)
{
	struct joined *joined = arg;

	joined->up = false;
	if (joined != joined->link->present) {
		hf_log(HF_LOG_DEBUG, HF_EV_BUS, "no broker %s: %s", joined->broker.host, why);
		return;
	}
	say_trouble(joined->link, "no broker", why);
	seek_or_not(joined->link, GONE_MS);
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

	if (link->fd < 0 || !answer || hf_json_bytes(answer, &text, &frame.payload_len) != HF_OK)
		return;
	frame.payload = text;
	hand_over(link, &frame);
}

/* An authority of its own lies in memory: the link may write no file. */
static enum hf_rc put_authority(struct joined *joined, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_in_memory(joined->broker.ca, &joined->ca_fd, joined->ca, &why);

	return rc == HF_OK ? rc
			   : hf_err_set(err, rc, "the authority of the broker %s cannot be kept: %s", joined->broker.id, why.text);
}

static enum hf_rc join_broker(struct joined *joined, struct hf_err *err)
{
	struct hf_link *link = joined->link;
	const struct hf_link_conf *c = &link->conf;
	const char *topics[N_TOPICS];
	const struct hf_bus_conf bus = {
		.host = joined->broker.host,
		.port = (int)joined->broker.port,
		.ca_file = joined->broker.ca ? joined->ca : c->ca,
		.cert_file = c->certificate,
		.key_file = c->key,
		.client_id = c->device,
		.protocol = (int)c->protocol,
		.keepalive_s = (int)c->keepalive_s,
		.message_max = HF_MESSAGE_MAX,
		.topics = topics,
		.n_topics = N_TOPICS,
	};
	const struct hf_bus_calls calls = {on_bus_up, on_bus_down, on_bus_message, joined};

	for (size_t i = 0; i < N_TOPICS; i++)
		topics[i] = link->topics[i];
	return hf_bus_new(link->loop, &bus, &calls, &joined->bus, err);
}

/* Not joined yet. */
static enum hf_rc meet_broker(struct hf_link *link, const struct hf_broker *broker, struct joined **ret, struct hf_err *err)
{
	struct joined *joined = calloc(1, sizeof(*joined));
	enum hf_rc rc = HF_OK;

	if (!joined)
		return hf_err_set(err, HF_E_MEMORY, "no memory for a broker");
	joined->link = link;
	joined->ca_fd = -1;
	joined->broker = *broker;
	joined->row = hf_broker_put(broker);
	if (!joined->row || hf_broker_take(joined->row, &joined->broker, NULL) != HF_OK)
		rc = hf_err_set(err, HF_E_SHAPE, "%s is no host of a broker", broker->host);
	if (rc == HF_OK && joined->broker.ca)
		rc = put_authority(joined, err);
	if (rc == HF_OK)
		*ret = joined;
	else
		leave_broker(&joined);
	return rc;
}

static void try_next(struct hf_link *link)
{
	const struct hf_broker *next = hf_choice_next(&link->choice, &link->present->broker, link->turn++);
	struct hf_err err = {""};
	enum hf_rc rc;

	leave_broker(&link->trial);
	if (!next)
		return;
	rc = meet_broker(link, next, &link->trial, &err);
	if (rc == HF_OK)
		rc = join_broker(link->trial, &err);
	if (rc == HF_OK)
		hf_log(HF_LOG_NOTICE, HF_EV_BUS, "broker %s is tried beside %s", next->host, link->present->broker.host);
	else
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "broker %s cannot be tried: %s", next->host, err.text);
}

static void on_seek(void *arg, uint32_t events)
{
	struct hf_link *link = arg;
	size_t round = link->choice.n > 0 ? link->turn / (2 * link->choice.n) : 0;

	(void)events;
	link->seeking = false;
	if (link->fd < 0)
		return;
	if (!wants_other(link)) {
		seek_or_not(link, 1);
		return;
	}
	try_next(link);
	seek_in(link, (int64_t)TRIAL_MS << (round < TRIAL_DOUBLES ? round : TRIAL_DOUBLES));
}

/* The agent has heard a fresh whole state by the one on trial: from now on it is stayed with. */
static void stay_with_trial(struct hf_link *link, const struct hf_frame *frame)
{
	hf_auto_json json_t *row = NULL;
	struct hf_broker broker;

	if (hf_json_read(frame->payload, frame->payload_len, HF_SOCK_MESSAGE_MAX, &row, NULL) != HF_OK ||
	    hf_broker_take(row, &broker, NULL) != HF_OK || !link->trial || !link->trial->up ||
	    !hf_broker_same(&broker, &link->trial->broker))
		return;
	hf_log(HF_LOG_NOTICE, HF_EV_BUS, "broker %s is stayed with from now on, in place of %s", broker.host,
	       link->present->broker.host);
	leave_broker(&link->present);
	link->present = hf_steal_ptr(&link->trial);
	link->silent = false;
	link->trouble[0] = '\0';
	say_joined(link->present);
	send_unsent(link);
	seek_or_not(link, TRIAL_MS);
}

/* What was stayed with in the life before; only while nothing is heard by the present one yet. */
static void go_on_with_last(struct hf_link *link)
{
	const struct hf_broker *last = &link->choice.last;
	struct joined *next = NULL;
	struct hf_err err = {""};
	enum hf_rc rc;

	if (!last->host || link->present->up || hf_broker_same(last, &link->present->broker) ||
	    !hf_choice_row_of(&link->choice, last))
		return;
	rc = meet_broker(link, last, &next, &err);
	if (rc == HF_OK)
		rc = join_broker(next, &err);
	if (rc != HF_OK) {
		leave_broker(&next);
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "not with the broker of before: %s", err.text);
		return;
	}
	leave_broker(&link->present);
	link->present = next;
}

static void take_brokers(struct hf_link *link, const struct hf_frame *frame)
{
	struct hf_err err = {""};

	if (hf_choice_take(&link->choice, frame->payload, frame->payload_len, &err) != HF_OK) {
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "the agent's list of brokers is not taken: %s", err.text);
		return;
	}
	go_on_with_last(link);
	if (link->trial && !hf_choice_row_of(&link->choice, &link->trial->broker))
		leave_broker(&link->trial);
	seek_or_not(link, link->present->up ? 1 : GONE_MS);
}

static void take_silence(struct hf_link *link, const struct hf_frame *frame)
{
	hf_auto_json json_t *json = NULL;

	if (hf_json_read(frame->payload, frame->payload_len, HF_SOCK_MESSAGE_MAX, &json, NULL) != HF_OK)
		return;
	link->silent = json_is_true(json_object_get(json, "silent"));
	seek_or_not(link, 1);
}

/* Who is on trial is asked, too, and told nothing of this device. */
static void publish(struct hf_link *link, const struct hf_frame *frame, bool report)
{
	if (!report)
		publish_by(link->trial, frame->topic, frame->payload, frame->payload_len);
	if (link->present->up)
		publish_by(link->present, frame->topic, frame->payload, frame->payload_len);
	else if (report)
		keep_newest(link, frame);
}

static void carry_out(struct hf_link *link, const struct hf_frame *frame)
{
	bool report = strcmp(frame->topic, link->report_topic) == 0;

	if (strcmp(frame->topic, HF_LOCAL_NAMES) == 0)
		resolve_names(link, frame);
	else if (strcmp(frame->topic, HF_LOCAL_BROKERS) == 0)
		take_brokers(link, frame);
	else if (strcmp(frame->topic, HF_LOCAL_PROVEN) == 0)
		stay_with_trial(link, frame);
	else if (strcmp(frame->topic, HF_LOCAL_SILENT) == 0)
		take_silence(link, frame);
	else if (!report && strcmp(frame->topic, link->ask_topic) != 0)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "the agent may not publish to %s", frame->topic);
	else
		publish(link, frame, report);
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

static void reach_agent(struct hf_link *link)
{
	struct hf_err err = {""};
	enum hf_rc rc = hf_sock_connect(link->conf.socket, &link->fd, &err);

	if (rc == HF_OK)
		rc = hf_loop_add_fd(link->loop, link->fd, on_agent, link, &link->watch);
	if (rc == HF_OK)
		rc = join_broker(link->present, &err);
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
	static const char *const ends[] = {"trust/+", "register/#", "brokers/#", "state/#"}, *const own[] = {"assignment/#", "answer", "recover", "glass/+"};
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

/* A name means the same however it is written; a list has it in lower case. */
static enum hf_rc begin_with_enrolment(struct hf_link *link, struct hf_err *err)
{
	struct hf_broker broker = {.id = HF_BROKER_OF_ENROLMENT, .host = link->enrolment, .port = link->conf.port};

	for (size_t i = 0; i < sizeof(link->enrolment); i++)
		link->enrolment[i] = (char)tolower((unsigned char)link->conf.host[i]);
	hf_choice_done(&link->choice);
	hf_choice_begin(&link->choice, &broker);
	leave_broker(&link->present);
	return meet_broker(link, &broker, &link->present, err);
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
	if (rc == HF_OK)
		rc = begin_with_enrolment(link, err);
	if (rc == HF_OK && hf_loop_add_timer(loop, on_seek, link, &link->seek) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "the link cannot have a timer: %m");
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
	if (rc == HF_OK)
		rc = begin_with_enrolment(link, err);
	if (rc != HF_OK) {
		link->conf = before;
		(void)!name_topics(link, NULL);
		return begin_with_enrolment(link, NULL) == HF_OK ? rc : HF_E_SYSTEM;
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
	leave_broker(&l->trial);
	leave_broker(&l->present);
	hf_choice_done(&l->choice);
	hf_resolver_free(&l->resolver);
	hf_watch_remove(&l->watch);
	hf_watch_remove(&l->retry);
	hf_watch_remove(&l->seek);
	hf_fd_close(&l->fd);
	forget_queue(l);
	free(l->unsent);
	free(l);
	*link = NULL;
}
