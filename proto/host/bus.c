/* SPDX-License-Identifier: MIT */
/*
 * Owns the connection to the broker and the thread that libmosquitto lives in.
 * Must never call back on that thread, look into a message, or connect to a broker that has not proved its name.
 */
#include <holdfast/bus.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/rand.h>

#include <holdfast/bytes.h>
#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/str.h>

#include "proto/host/outbox.h"

#define QOS 1
#define TOPIC_MAX 1024		  /* a local message has room for no more (sock.h) */
#define PACKET_EXTRA 2048	  /* MQTT 5: topic and properties beside the message */
#define IDLE_WAIT_MS (600 * 1000) /* libmosquitto wakes by itself for the keepalive */
#define CONNECT_MS 10000	  /* name, TCP, TLS and the broker's answer together */
#define DOWN_LOOK_MS 5000	  /* how often the watchdog looks while there is no connection */
#define PAUSE_FIRST_MS 400	  /* a pause is half of it to all of it, by chance; then it doubles */
#define PAUSE_MOST_MS 10000
#define AWAY_SHARE 32 /* where nobody listens: a pause is at most this share of the time since the connection was lost */
#define STEADY_MS 5000		  /* a connection that held so long begins with the first pause again */
#define WAITING_MAX (1024 * 1024) /* bytes on their way to the loop; then the broker has to wait */
#define SEND_AT_ONCE 256	  /* unacknowledged messages in 3.1.1; in 5 the broker says */
#define POLITE_MS 800		  /* hf_bus_free: first by saying goodbye, ... */
#define CLIENT_RANDOM 16		  /* bytes */
#define CLIENT_SIZE 128		  /* an id, a word before it, and those in hex */
#define FORCED_MS 1000		  /* ... then by interrupting */
#define NUDGE_MS 20
#define NUDGE_SIGNAL SIGURG /* ignored by default, so a stray one harms nobody */

enum phase { PHASE_PAUSE, PHASE_CONNECTING, PHASE_UP };
enum tell { TELL_UP, TELL_DOWN, TELL_MESSAGE };

struct hf_bus {
	/* Fixed before the thread begins. */
	struct hf_loop *loop;
	struct hf_bus_calls calls;
	struct mosquitto *mosq;
	char *host;
	int port, protocol, keepalive_s;
	size_t message_max;
	char **topics;
	size_t n_topics;
	mosquitto_property *properties;

	/* The loop's thread alone. */
	struct hf_watch *watchdog;

	/* The bus thread alone. */
	bool accepted;	    /* the broker's answer has come and is yes */
	bool oversize_said; /* one line a connection */
	char refusal[160];  /* what the library or the broker said last */
	char last_why[320];
	unsigned failures;
	int64_t away_since; /* boot-time ms */
	bool nobody; /* the last try was refused at once: nobody listens there */

	atomic_llong heard;	 /* boot-time ms of the last packet from the broker */
	atomic_llong unanswered; /* messages that the library has, and the broker has not acknowledged */

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	pthread_t thread;
	int refs; /* the handle, the thread, and every message on its way to the loop */
	enum phase phase;
	int64_t phase_since;
	size_t waiting;
	bool closing, hard, ended;
	char kick[96]; /* why the watchdog wants a new connection; "" when it does not */
	struct hf_outbox outbox;
};

/* One call on its way to the loop's thread. */
struct item {
	struct hf_bus *bus;
	enum tell tell;
	size_t size; /* counted in waiting */
	size_t len;
	bool retain;
	char *topic; /* or why */
	char buf[];  /* len bytes, an end mark, then topic */
};

static _Thread_local const struct hf_bus *bus_of_this_thread;

/* ---- memory ---- */

static void destroy(struct hf_bus *bus)
{
	mosquitto_destroy(bus->mosq);
	mosquitto_property_free_all(&bus->properties);
	hf_outbox_empty(&bus->outbox, NULL, NULL);
	for (size_t i = 0; i < bus->n_topics; i++)
		free(bus->topics[i]);
	free(bus->topics);
	free(bus->host);
	pthread_cond_destroy(&bus->changed);
	pthread_mutex_destroy(&bus->mutex);
	free(bus);
}

static void unref(struct hf_bus *bus)
{
	int left;

	pthread_mutex_lock(&bus->mutex);
	left = --bus->refs;
	pthread_mutex_unlock(&bus->mutex);
	if (left == 0)
		destroy(bus);
}

/* ---- waiting; the mutex is held ---- */

static struct timespec in_ms(int64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* False when the time is over. */
static bool wait_until(struct hf_bus *bus, const struct timespec *at)
{
	return pthread_cond_timedwait(&bus->changed, &bus->mutex, at) == 0;
}

static void wait_ms(struct hf_bus *bus, int64_t ms)
{
	struct timespec at = in_ms(ms);

	wait_until(bus, &at);
}

/* Whatever system call the thread stands in returns; a signal that comes too early is why callers repeat it. */
static void nudge(struct hf_bus *bus)
{
	if (!bus->ended)
		pthread_kill(bus->thread, NUDGE_SIGNAL);
}

/* ---- on the loop's thread ---- */

static void arm_watchdog(struct hf_bus *bus, int64_t ms)
{
	if (hf_timer_arm(bus->watchdog, ms) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "timer"), "the bus has no watchdog: %m");
}

static int64_t silence_limit(const struct hf_bus *bus)
{
	return (int64_t)bus->keepalive_s * 1500;
}

/* How long until it is time to give the connection up; 0 or less: now. */
static int64_t patience(const struct hf_bus *bus)
{
	int64_t now = hf_clock_boot().ms;

	switch (bus->phase) {
	case PHASE_UP:
		return atomic_load(&bus->heard) + silence_limit(bus) - now;
	case PHASE_CONNECTING:
		return bus->phase_since + CONNECT_MS - now;
	case PHASE_PAUSE:
		break;
	}
	return DOWN_LOOK_MS;
}

/* The library counts on a clock that stops in suspend, and does not bound a connect: this clock goes on. */
static void on_watchdog(void *arg, uint32_t events)
{
	struct hf_bus *bus = arg;
	int64_t left;

	(void)events;
	pthread_mutex_lock(&bus->mutex);
	left = patience(bus);
	if (left <= 0) {
		snprintf(bus->kick, sizeof(bus->kick), "%s",
			 bus->phase == PHASE_UP ? "nothing has been heard for too long" : "it does not answer");
		nudge(bus);
		left = 1000;
	} else if (bus->phase != PHASE_UP && left > DOWN_LOOK_MS) {
		left = DOWN_LOOK_MS;
	}
	pthread_mutex_unlock(&bus->mutex);
	arm_watchdog(bus, left);
}

static void call(struct hf_bus *bus, const struct item *item)
{
	switch (item->tell) {
	case TELL_UP:
		arm_watchdog(bus, silence_limit(bus));
		bus->calls.on_up(bus->calls.arg);
		return;
	case TELL_DOWN:
		arm_watchdog(bus, DOWN_LOOK_MS);
		bus->calls.on_down(bus->calls.arg, item->topic);
		return;
	case TELL_MESSAGE:
		bus->calls.on_message(bus->calls.arg, &(struct hf_bus_message){item->topic, item->buf, item->len, item->retain});
		return;
	}
}

static void run_item(void *arg)
{
	struct item *item = arg;
	struct hf_bus *bus = item->bus;
	bool open;

	pthread_mutex_lock(&bus->mutex);
	bus->waiting -= item->size;
	open = !bus->closing;
	pthread_cond_broadcast(&bus->changed);
	pthread_mutex_unlock(&bus->mutex);
	if (open)
		call(bus, item);
	free(item);
	unref(bus);
}

/* ---- on the bus thread ---- */

/* Nothing is lost on the way: a loop that is behind makes this thread wait, and so the broker. */
static void deliver(struct hf_bus *bus, struct item *item)
{
	bool handed_over = false;

	pthread_mutex_lock(&bus->mutex);
	while (!bus->closing && !handed_over) {
		bool full = bus->waiting > 0 && bus->waiting + item->size > WAITING_MAX;

		handed_over = !full && hf_loop_post(bus->loop, run_item, item) == HF_OK;
		if (!handed_over)
			wait_ms(bus, 50);
	}
	if (handed_over) {
		bus->waiting += item->size;
		bus->refs++;
	}
	pthread_mutex_unlock(&bus->mutex);
	if (!handed_over)
		free(item);
}

static void call_owner(struct hf_bus *bus, enum tell what, const struct hf_bus_message *m)
{
	size_t topic_size = strlen(m->topic) + 1;
	size_t size = sizeof(struct item) + m->len + 1 + topic_size;
	struct item *item = malloc(size);

	if (!item) {
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = hf_rc_name(HF_E_MEMORY)),
			     "no memory for a message of %zu bytes", m->len);
		return;
	}
	*item = (struct item){.bus = bus, .tell = what, .size = size, .len = m->len, .retain = m->retain};
	if (m->len > 0)
		memcpy(item->buf, m->buf, m->len);
	item->buf[m->len] = '\0';
	item->topic = item->buf + m->len + 1;
	memcpy(item->topic, m->topic, topic_size);
	deliver(bus, item);
}

static void on_message(struct mosquitto *mosq, void *arg, const struct mosquitto_message *m)
{
	struct hf_bus *bus = arg;
	size_t len = m->payloadlen < 0 ? 0 : (size_t)m->payloadlen;

	(void)mosq;
	if (len <= bus->message_max && strlen(m->topic) <= TOPIC_MAX) {
		call_owner(bus, TELL_MESSAGE, &(struct hf_bus_message){m->topic, m->payload, len, m->retain});
		return;
	}
	if (!bus->oversize_said)
		hf_log_about(HF_LOG_WARNING, HF_EV_REFUSED, HF_ABOUT(.reason = hf_rc_name(HF_E_SIZE)),
			     "a message of %zu bytes under %.200s", len, m->topic);
	bus->oversize_said = true;
}

static void on_connect(struct mosquitto *mosq, void *arg, int code)
{
	struct hf_bus *bus = arg;
	const char *text = bus->protocol == 5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);

	(void)mosq;
	bus->accepted = code == 0;
	if (code != 0)
		snprintf(bus->refusal, sizeof(bus->refusal), "the broker refuses: %s", text);
}

static void on_disconnect(struct mosquitto *mosq, void *arg, int code, const mosquitto_property *properties)
{
	struct hf_bus *bus = arg;

	(void)mosq;
	(void)properties;
	/* Below that it is an error number of the library. */
	if (bus_of_this_thread == bus && code >= 0x80)
		snprintf(bus->refusal, sizeof(bus->refusal), "the broker says: %s", mosquitto_reason_string(code));
}

/* MQTT 5 alone tells of a refusal; 3.1.1 acknowledges and drops. */
static void on_publish(struct mosquitto *mosq, void *arg, int mid, int code, const mosquitto_property *properties)
{
	struct hf_bus *bus = arg;

	(void)mosq;
	(void)mid;
	(void)properties;
	atomic_fetch_sub(&bus->unanswered, 1);
	if (code >= 0x80)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "the broker refuses a message of ours: %s",
		       mosquitto_reason_string(code));
}

/* "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed": people need the end of it. */
static const char *plain(const char *text)
{
	const char *colons = strstr(text, "::");

	if (strncmp(text, "OpenSSL Error", 13) == 0 && colons)
		return colons + 2;
	return strncmp(text, "Error: ", 7) == 0 ? text + 7 : text;
}

/* The library tells of an answered ping, and of a certificate that is refused, nowhere else. */
static void on_log(struct mosquitto *mosq, void *arg, int level, const char *text)
{
	struct hf_bus *bus = arg;

	(void)mosq;
	if (bus_of_this_thread != bus)
		return;
	if (strstr(text, " received "))
		atomic_store(&bus->heard, hf_clock_boot().ms);
	if (level == MOSQ_LOG_ERR && bus->refusal[0] == '\0')
		snprintf(bus->refusal, sizeof(bus->refusal), "%s", plain(text));
}

/* The library keeps what it takes while the connection is being lost, and repeats it. Counted first: the answer may be
 * there before this returns. */
static int hand_over(struct hf_bus *bus, const struct hf_bus_message *m)
{
	int rc;

	atomic_fetch_add(&bus->unanswered, 1);
	rc = mosquitto_publish(bus->mosq, NULL, m->topic, (int)m->len, m->buf, QOS, m->retain);
	if (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_NO_CONN)
		atomic_fetch_sub(&bus->unanswered, 1);
	return rc;
}

static void send_waiting(void *arg, const struct hf_outbox_entry *e)
{
	struct hf_bus *bus = arg;
	int rc = hand_over(bus, &(struct hf_bus_message){e->topic, e->buf, e->len, e->retain});

	if (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_NO_CONN)
		hf_log(HF_LOG_WARNING, HF_EV_BUS, "cannot send %s: %s", e->topic, mosquitto_strerror(rc));
}

/* Not in on_connect: there the library has yet to repeat what was not acknowledged, and that is older. */
static int go_up(struct hf_bus *bus)
{
	int rc = MOSQ_ERR_SUCCESS;

	bus->accepted = false;
	for (size_t i = 0; i < bus->n_topics && rc == MOSQ_ERR_SUCCESS; i++)
		rc = mosquitto_subscribe(bus->mosq, NULL, bus->topics[i], QOS);
	if (rc != MOSQ_ERR_SUCCESS)
		return rc;
	bus->last_why[0] = '\0';
	bus->oversize_said = false;
	pthread_mutex_lock(&bus->mutex);
	bus->phase = PHASE_UP;
	bus->phase_since = hf_clock_boot().ms;
	hf_outbox_empty(&bus->outbox, send_waiting, bus);
	pthread_mutex_unlock(&bus->mutex);
	call_owner(bus, TELL_UP, &(struct hf_bus_message){.topic = ""});
	return MOSQ_ERR_SUCCESS;
}

static bool must_leave(struct hf_bus *bus)
{
	bool leave;

	pthread_mutex_lock(&bus->mutex);
	leave = bus->hard || bus->kick[0] != '\0' || (bus->closing && bus->phase != PHASE_UP);
	pthread_mutex_unlock(&bus->mutex);
	return leave;
}

static int serve_connection(struct hf_bus *bus)
{
	int rc = MOSQ_ERR_SUCCESS;

	while (rc == MOSQ_ERR_SUCCESS && !must_leave(bus)) {
		rc = mosquitto_loop(bus->mosq, IDLE_WAIT_MS, 1);
		if (rc == MOSQ_ERR_SUCCESS && bus->accepted)
			rc = go_up(bus);
	}
	return rc;
}

static void explain(const struct hf_bus *bus, int rc, int errnum, char *text, size_t size)
{
	char buf[128];

	if (bus->kick[0] != '\0')
		snprintf(text, size, "%s", bus->kick);
	else if (bus->refusal[0] != '\0')
		snprintf(text, size, "%s", bus->refusal);
	else if (rc == MOSQ_ERR_EAI)
		snprintf(text, size, "this name is not found");
	else if (rc == MOSQ_ERR_ERRNO && errnum != 0)
		snprintf(text, size, "%s", strerror_r(errnum, buf, sizeof(buf)));
	else
		snprintf(text, size, "%s", mosquitto_strerror(rc));
}

/* Says so once, not at every attempt that fails for the same reason. */
static void note_down(struct hf_bus *bus, int rc, int errnum)
{
	int64_t now = hf_clock_boot().ms;
	char what[192], why[320];
	bool was_up, steady;

	pthread_mutex_lock(&bus->mutex);
	was_up = bus->phase == PHASE_UP;
	steady = was_up && now - bus->phase_since >= STEADY_MS;
	bus->phase = PHASE_PAUSE;
	bus->phase_since = now;
	explain(bus, rc, errnum, what, sizeof(what));
	pthread_mutex_unlock(&bus->mutex);
	if (was_up)
		bus->away_since = now;
	bus->nobody = rc == MOSQ_ERR_ERRNO && errnum == ECONNREFUSED;
	bus->failures = steady || bus->nobody ? 0 : bus->failures + 1;
	snprintf(why, sizeof(why), "%s the broker %.80s port %d: %s", was_up ? "lost" : "cannot reach", bus->host,
		 bus->port, what);
	if (!was_up && strcmp(why, bus->last_why) == 0)
		return;
	memcpy(bus->last_why, why, sizeof(why));
	call_owner(bus, TELL_DOWN, &(struct hf_bus_message){.topic = why});
}

/*
 * Devices that lost the same broker must not all come back in the same moment, and one that cannot cope with them is
 * asked ever less often. Where nobody listens asking costs nobody anything: whoever restarts a broker has all of them
 * back at once, unless it was away for long.
 */
static int64_t pause_ms(const struct hf_bus *bus)
{
	int64_t most = PAUSE_FIRST_MS, share = (hf_clock_boot().ms - bus->away_since) / AWAY_SHARE;
	unsigned chance = 0, failures = bus->failures;

	if (bus->nobody && share > most)
		most = share;
	while (failures-- > 1 && most < PAUSE_MOST_MS)
		most *= 2;
	if (most > PAUSE_MOST_MS)
		most = PAUSE_MOST_MS;
	if (RAND_bytes((unsigned char *)&chance, sizeof(chance)) != 1)
		chance = (unsigned)hf_clock_boot().ms;
	return most / 2 + (int64_t)(chance % (unsigned)(most / 2));
}

static void rest(struct hf_bus *bus)
{
	struct timespec at = in_ms(pause_ms(bus));

	pthread_mutex_lock(&bus->mutex);
	while (!bus->closing && wait_until(bus, &at))
		continue;
	pthread_mutex_unlock(&bus->mutex);
}

/* False when it is time to end. */
static bool begin_connection(struct hf_bus *bus)
{
	bool go;

	bus->accepted = false;
	bus->refusal[0] = '\0';
	pthread_mutex_lock(&bus->mutex);
	go = !bus->closing;
	bus->kick[0] = '\0';
	bus->phase = PHASE_CONNECTING;
	bus->phase_since = hf_clock_boot().ms;
	pthread_mutex_unlock(&bus->mutex);
	return go;
}

static void *thread_main(void *arg)
{
	struct hf_bus *bus = arg;

	bus_of_this_thread = bus;
	bus->away_since = hf_clock_boot().ms;
	while (begin_connection(bus)) {
		int rc = mosquitto_connect_bind_v5(bus->mosq, bus->host, bus->port, bus->keepalive_s, NULL,
						   bus->properties);

		if (rc == MOSQ_ERR_SUCCESS)
			rc = serve_connection(bus);
		note_down(bus, rc, errno);
		rest(bus);
	}
	pthread_mutex_lock(&bus->mutex);
	bus->ended = true;
	pthread_cond_broadcast(&bus->changed);
	pthread_mutex_unlock(&bus->mutex);
	unref(bus);
	return NULL;
}

/* ---- making and ending; on the loop's thread ---- */

static void interrupted(int signal_number)
{
	(void)signal_number;
}

/* No SA_RESTART: the point is that a blocking connect() ends. */
static void prepare_process(void)
{
	struct sigaction action = {.sa_handler = interrupted};

	mosquitto_lib_init();
	sigaction(NUDGE_SIGNAL, &action, NULL);
}

/* An encrypted key must not make a service ask on a terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return 0;
}

static enum hf_rc check_conf(const struct hf_bus_conf *conf, struct hf_err *err)
{
	const char *files[] = {conf->ca_file, conf->cert_file, conf->key_file};

	if ((conf->protocol != 5 && conf->protocol != 311) || conf->port < 1 || conf->port > 65535 ||
	    conf->keepalive_s < 5 || conf->keepalive_s > 600)
		return hf_err_set(err, HF_E_USAGE,
				  "the bus needs protocol 5 or 311, a port, a keepalive of 5 to 600 s");
	for (size_t i = 0; i < HF_LEN(files); i++)
		if (access(files[i], R_OK) != 0)
			return hf_err_set(err, HF_E_SYSTEM, "cannot read %s, which the broker connection needs: %m",
					  files[i]);
	return HF_OK;
}

static enum hf_rc copy_conf(struct hf_bus *bus, const struct hf_bus_conf *conf)
{
	bus->port = conf->port;
	bus->protocol = conf->protocol;
	bus->keepalive_s = conf->keepalive_s;
	bus->message_max = conf->message_max;
	bus->host = strdup(conf->host);
	bus->topics = calloc(conf->n_topics + 1, sizeof(*bus->topics));
	if (!bus->host || !bus->topics)
		return HF_E_MEMORY;
	for (; bus->n_topics < conf->n_topics; bus->n_topics++) {
		bus->topics[bus->n_topics] = strdup(conf->topics[bus->n_topics]);
		if (!bus->topics[bus->n_topics])
			return HF_E_MEMORY;
	}
	return HF_OK;
}

static void set_callbacks(struct mosquitto *mosq)
{
	mosquitto_connect_callback_set(mosq, on_connect);
	mosquitto_disconnect_v5_callback_set(mosq, on_disconnect);
	mosquitto_message_callback_set(mosq, on_message);
	mosquitto_publish_v5_callback_set(mosq, on_publish);
	mosquitto_log_callback_set(mosq, on_log);
}

static int set_options(struct hf_bus *bus, const struct hf_bus_conf *conf)
{
	int version = conf->protocol == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
	int rc = mosquitto_threaded_set(bus->mosq, true);

	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_int_option(bus->mosq, MOSQ_OPT_PROTOCOL_VERSION, version);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_int_option(bus->mosq, MOSQ_OPT_TCP_NODELAY, 1);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_int_option(bus->mosq, MOSQ_OPT_SEND_MAXIMUM, SEND_AT_ONCE);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_tls_set(bus->mosq, conf->ca_file, NULL, conf->cert_file, conf->key_file, no_passphrase);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_tls_opts_set(bus->mosq, 1, "tlsv1.3", NULL);
	if (rc == MOSQ_ERR_SUCCESS && conf->protocol == 5)
		rc = mosquitto_property_add_int32(&bus->properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
						  (uint32_t)conf->message_max + PACKET_EXTRA);
	return rc;
}

/* Nobody else can guess it, and so nobody be thrown off by it; one that comes again takes the place of its own lost one. */
static enum hf_rc name_client(const char *who, char ret[CLIENT_SIZE], struct hf_err *err)
{
	unsigned char random[CLIENT_RANDOM];
	char hex[2 * CLIENT_RANDOM + 1];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return hf_err_set(err, HF_E_SYSTEM, "no random numbers for a client's name");
	hf_hex_encode(random, sizeof(random), hex);
	if (hf_str_printf(ret, CLIENT_SIZE, "%s-%s", who, hex) != HF_OK)
		return hf_err_set(err, HF_E_SIZE, "the client's name '%.40s' is too long", who);
	return HF_OK;
}

static enum hf_rc make_client(struct hf_bus *bus, const struct hf_bus_conf *conf, struct hf_err *err)
{
	char client[CLIENT_SIZE];
	enum hf_rc named = name_client(conf->client_id, client, err);
	int rc;

	if (named != HF_OK)
		return named;
	bus->mosq = mosquitto_new(client, true, bus);
	if (!bus->mosq)
		return hf_err_set(err, HF_E_SYSTEM, "cannot make an MQTT client named '%s': %m", client);
	set_callbacks(bus->mosq);
	rc = set_options(bus, conf);
	if (rc != MOSQ_ERR_SUCCESS)
		return hf_err_set(err, HF_E_SYSTEM, "cannot set up the broker connection: %s", mosquitto_strerror(rc));
	return HF_OK;
}

static struct hf_bus *new_bus(struct hf_loop *loop, const struct hf_bus_calls *calls)
{
	struct hf_bus *bus = calloc(1, sizeof(*bus));
	pthread_condattr_t attr;

	if (!bus)
		return NULL;
	bus->loop = loop;
	bus->calls = *calls;
	bus->refs = 1;
	pthread_mutex_init(&bus->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&bus->changed, &attr);
	pthread_condattr_destroy(&attr);
	return bus;
}

/* All signals but the nudge are for the loop's thread. */
static enum hf_rc start(struct hf_bus *bus, struct hf_err *err)
{
	sigset_t only_nudge, before;
	int rc;

	sigfillset(&only_nudge);
	sigdelset(&only_nudge, NUDGE_SIGNAL);
	pthread_sigmask(SIG_SETMASK, &only_nudge, &before);
	pthread_mutex_lock(&bus->mutex);
	rc = pthread_create(&bus->thread, NULL, thread_main, bus);
	bus->refs += rc == 0;
	pthread_mutex_unlock(&bus->mutex);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = rc;
	return rc == 0 ? HF_OK : hf_err_set(err, HF_E_SYSTEM, "cannot start the thread of the bus: %m");
}

enum hf_rc hf_bus_new(struct hf_loop *loop, const struct hf_bus_conf *conf, const struct hf_bus_calls *calls,
		      struct hf_bus **ret_bus, struct hf_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct hf_bus *bus;
	enum hf_rc rc = check_conf(conf, err);

	if (rc != HF_OK)
		return rc;
	pthread_once(&once, prepare_process);
	bus = new_bus(loop, calls);
	if (!bus || copy_conf(bus, conf) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "no memory for the broker connection");
	if (rc == HF_OK)
		rc = make_client(bus, conf, err);
	if (rc == HF_OK && hf_loop_add_timer(loop, on_watchdog, bus, &bus->watchdog) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot make the watchdog of the bus: %m");
	if (rc == HF_OK && hf_timer_arm(bus->watchdog, DOWN_LOOK_MS) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot start the watchdog of the bus: %m");
	if (rc == HF_OK)
		rc = start(bus, err);
	if (rc == HF_OK) {
		*ret_bus = bus;
	} else if (bus) {
		hf_watch_remove(&bus->watchdog);
		unref(bus);
	}
	return rc;
}

static enum hf_rc publish_now(struct hf_bus *bus, const struct hf_bus_message *m)
{
	int rc = hand_over(bus, m);

	switch (rc) {
	case MOSQ_ERR_SUCCESS:
	case MOSQ_ERR_NO_CONN: /* lost this moment: the library keeps it and repeats it */
		return HF_OK;
	case MOSQ_ERR_OVERSIZE_PACKET:
	case MOSQ_ERR_PAYLOAD_SIZE:
		return HF_E_SIZE;
	case MOSQ_ERR_NOMEM:
		return HF_E_MEMORY;
	default:
		return HF_E_SYSTEM;
	}
}

enum hf_rc hf_bus_publish(struct hf_bus *bus, const struct hf_bus_message *m, struct hf_err *err)
{
	enum hf_rc rc;

	if (m->len > bus->message_max || strlen(m->topic) > TOPIC_MAX)
		return hf_err_set(err, HF_E_SIZE, "a message of %zu bytes under %.80s is too large: at most %zu",
				  m->len, m->topic, bus->message_max);
	if (mosquitto_pub_topic_check(m->topic) != MOSQ_ERR_SUCCESS)
		return hf_err_set(err, HF_E_SYSTEM, "'%.80s' is no topic to publish under", m->topic);
	pthread_mutex_lock(&bus->mutex);
	if (bus->phase == PHASE_UP)
		rc = publish_now(bus, m);
	else
		rc = hf_outbox_put(&bus->outbox, m->topic, m->buf, m->len, m->retain);
	pthread_mutex_unlock(&bus->mutex);
	return rc == HF_OK ? rc : hf_err_set(err, rc, "cannot publish under %.80s (%s)", m->topic, hf_rc_name(rc));
}

size_t hf_bus_unanswered(const struct hf_bus *bus)
{
	long long n = atomic_load(&bus->unanswered);

	return n > 0 ? (size_t)n : 0;
}

/* Both with the mutex held, which they give up while they wait. */
static void end_politely(struct hf_bus *bus)
{
	struct timespec at = in_ms(POLITE_MS);

	bus->closing = true;
	pthread_cond_broadcast(&bus->changed);
	if (bus->phase != PHASE_UP)
		return;
	mosquitto_disconnect(bus->mosq);
	while (!bus->ended && wait_until(bus, &at))
		continue;
}

static void end_by_force(struct hf_bus *bus)
{
	bus->hard = true;
	for (int i = 0; i < FORCED_MS / NUDGE_MS && !bus->ended; i++) {
		nudge(bus);
		wait_ms(bus, NUDGE_MS);
	}
}

void hf_bus_free(struct hf_bus **bus)
{
	struct hf_bus *b = bus ? *bus : NULL;
	bool ended;

	if (!b)
		return;
	*bus = NULL;
	hf_watch_remove(&b->watchdog);
	pthread_mutex_lock(&b->mutex);
	end_politely(b);
	end_by_force(b);
	ended = b->ended;
	pthread_mutex_unlock(&b->mutex);
	/* A name server that does not answer cannot be interrupted: the thread ends by itself later, and calls nobody.
	 */
	if (ended)
		pthread_join(b->thread, NULL);
	else
		pthread_detach(b->thread);
	unref(b);
}
