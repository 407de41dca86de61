/* SPDX-License-Identifier: MIT */
/*
 * Owns one try to speak to the broker: in the clear, as nobody, as ourselves.
 * Must never say anything under a topic that anybody of the council hears.
 */
#include <holdfast/doctor.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <holdfast/clock.h>
#include <holdfast/names.h>
#include <holdfast/str.h>

#define PATIENCE_MS 5000 /* name, TCP, TLS and all answers together: it stands on the same machine, or a few hops away */
#define TURN_MS 100
#define KEEPALIVE_S 60
#define NOBODY "/doctor" /* no council is asked for under this name */
#define TOPIC_SIZE 160
#define WHY_SIZE 160

struct trying {
	struct mosquitto *mosq;
	int64_t end;
	bool answered, acknowledged, subscribed, heard;
	int connack, puback;
	const char *echo;
};

static void on_connack(struct mosquitto *mosq, void *arg, int code)
{
	struct trying *t = arg;

	(void)mosq;
	t->answered = true;
	t->connack = code;
}

static void on_puback(struct mosquitto *mosq, void *arg, int mid, int code, const mosquitto_property *properties)
{
	struct trying *t = arg;

	(void)mosq;
	(void)mid;
	(void)properties;
	t->acknowledged = true;
	t->puback = code;
}

static void on_suback(struct mosquitto *mosq, void *arg, int mid, int n, const int *granted)
{
	struct trying *t = arg;

	(void)mosq;
	(void)mid;
	(void)n;
	(void)granted;
	t->subscribed = true;
}

static void on_heard(struct mosquitto *mosq, void *arg, const struct mosquitto_message *message)
{
	struct trying *t = arg;

	(void)mosq;
	t->heard = t->heard || strcmp(message->topic, t->echo) == 0;
}

/* Until it has happened, the connection is lost, or patience is at an end. */
static int turn_until(struct trying *t, const bool *happened)
{
	int rc = MOSQ_ERR_SUCCESS;

	while (rc == MOSQ_ERR_SUCCESS && !*happened && hf_clock_boot().ms < t->end)
		rc = mosquitto_loop(t->mosq, TURN_MS, 1);
	return rc == MOSQ_ERR_SUCCESS && !*happened ? MOSQ_ERR_KEEPALIVE : rc;
}

static int publish_probe(struct trying *t, const char *topic)
{
	int rc = mosquitto_publish_v5(t->mosq, NULL, topic, 0, NULL, 1, false, NULL);

	t->acknowledged = false;
	return rc == MOSQ_ERR_SUCCESS ? turn_until(t, &t->acknowledged) : rc;
}

static int subscribe_all(struct trying *t)
{
	int rc = mosquitto_subscribe(t->mosq, NULL, "#", 0);

	t->subscribed = false;
	return rc == MOSQ_ERR_SUCCESS ? turn_until(t, &t->subscribed) : rc;
}

/* A report of a device that is not ours: no controller writes any, and no device that of another. */
static enum hf_seen try_for_others(struct trying *t, const struct hf_broker_try *try)
{
	char topic[TOPIC_SIZE];

	if (hf_str_printf(topic, sizeof(topic), HF_TOPIC_ROOT NOBODY "/device/not-%s/report", try->name) != HF_OK ||
	    publish_probe(t, topic) != MOSQ_ERR_SUCCESS)
		return HF_SEEN_NOT;
	return t->puback < 0x80 ? HF_SEEN_YES : HF_SEEN_NO;
}

/* Under a topic that we may write and not read: whatever comes back, came because of `#`. */
static enum hf_seen try_hear_all(struct trying *t, const struct hf_broker_try *try)
{
	char topic[TOPIC_SIZE];


	if (hf_str_printf(topic, sizeof(topic), HF_TOPIC_ROOT NOBODY "/device/%s%s", try->for_controller ? "not-" : "", try->name) != HF_OK ||
	    hf_str_printf(topic + strlen(topic), sizeof(topic) - strlen(topic), "/%s", try->for_controller ? "answer" : "ask") != HF_OK)
		return HF_SEEN_NOT;
	t->echo = topic;
	/* What was published comes before the answer to what is asked for after it. */
	if (subscribe_all(t) != MOSQ_ERR_SUCCESS || publish_probe(t, topic) != MOSQ_ERR_SUCCESS || subscribe_all(t) != MOSQ_ERR_SUCCESS)
		return HF_SEEN_NOT;
	t->echo = "";
	return t->heard ? HF_SEEN_YES : HF_SEEN_NO;
}

static int set_tls(struct mosquitto *mosq, const struct hf_broker_try *try)
{
	int rc = MOSQ_ERR_SUCCESS;

	if (!try->ca)
		return rc;
	rc = mosquitto_tls_set(mosq, try->ca, NULL, try->cert, try->key, NULL);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_tls_opts_set(mosq, 1, "tlsv1.3", NULL);
	return rc == MOSQ_ERR_SUCCESS && try->any_name ? mosquitto_tls_insecure_set(mosq, true) : rc;
}

static int connect_and_wait(struct trying *t, const struct hf_broker_try *try)
{
	int rc = set_tls(t->mosq, try);

	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_connect(t->mosq, try->host, try->port, KEEPALIVE_S);
	return rc == MOSQ_ERR_SUCCESS ? turn_until(t, &t->answered) : rc;
}

/* Whoever breaks off in the middle of TLS has been reached. */
static bool is_unreached(int rc, int number)
{
	return (rc == MOSQ_ERR_ERRNO && number != EPROTO && number != ECONNRESET && number != EPIPE) || rc == MOSQ_ERR_EAI || rc == MOSQ_ERR_KEEPALIVE || rc == MOSQ_ERR_NO_CONN;
}

static void say_why(char why[WHY_SIZE], const struct trying *t, int rc, int number)
{
	const char *text = rc == MOSQ_ERR_ERRNO	      ? strerror(number)
			   : rc != MOSQ_ERR_SUCCESS ? mosquitto_strerror(rc)
						    : mosquitto_reason_string(t->connack);

	if (why && hf_str_printf(why, WHY_SIZE, "%s", text) != HF_OK)
		why[0] = '\0';
}

static enum hf_tried try_it(struct trying *t, const struct hf_broker_try *try, enum hf_seen *ret_others, enum hf_seen *ret_all,
			    char why[WHY_SIZE])
{
	int rc = connect_and_wait(t, try), number = errno;

	if (rc != MOSQ_ERR_SUCCESS || t->connack != 0) {
		say_why(why, t, rc, number);
		return rc != MOSQ_ERR_SUCCESS && is_unreached(rc, number) ? HF_TRIED_UNREACHED : HF_TRIED_REFUSED;
	}
	if (ret_all)
		*ret_all = try_hear_all(t, try);
	/* The last: mosquitto 2.0.11 without a limit of queued messages ends the connection at the next packet. */
	if (ret_others)
		*ret_others = try_for_others(t, try);
	(void)mosquitto_disconnect(t->mosq);
	return HF_TRIED_LET_IN;
}

enum hf_tried hf_doctor_try(const struct hf_broker_try *try, enum hf_seen *ret_others, enum hf_seen *ret_all, char why[WHY_SIZE])
{
	struct trying t = {.end = hf_clock_boot().ms + PATIENCE_MS, .echo = ""};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	enum hf_tried tried = HF_TRIED_NOT;

	mosquitto_lib_init();
	t.mosq = mosquitto_new(NULL, true, &t);
	if (!t.mosq || mosquitto_int_option(t.mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != MOSQ_ERR_SUCCESS) {
		mosquitto_destroy(t.mosq);
		return HF_TRIED_NOT;
	}
	mosquitto_connect_callback_set(t.mosq, on_connack);
	mosquitto_publish_v5_callback_set(t.mosq, on_puback);
	mosquitto_subscribe_callback_set(t.mosq, on_suback);
	mosquitto_message_callback_set(t.mosq, on_heard);
	/* A broker that hangs up while we speak must not end this program. */
	(void)sigaction(SIGPIPE, &ignore, &before);
	tried = try_it(&t, try, ret_others, ret_all, why);
	mosquitto_destroy(t.mosq);
	(void)sigaction(SIGPIPE, &before, NULL);
	return tried;
}

struct hf_broker_seen hf_doctor_broker(const struct hf_broker_try *who)
{
	struct hf_broker_seen seen = {.host = who->host, .port = who->port};
	struct hf_broker_try other = *who;

	other.ca = other.cert = other.key = NULL;
	seen.plain = hf_doctor_try(&other, NULL, NULL, NULL);
	other.ca = who->ca;
	other.any_name = true;
	seen.nobody = hf_doctor_try(&other, NULL, NULL, NULL);
	if (!who->cert)
		return seen;
	seen.own = hf_doctor_try(who, &seen.for_others, &seen.hears_all, seen.why);
	other = *who;
	other.any_name = true;
	if (seen.own == HF_TRIED_REFUSED)
		seen.other_name = hf_doctor_try(&other, NULL, NULL, NULL);
	return seen;
}
