/* SPDX-License-Identifier: MIT */
/*
 * bus.h - the MQTT broker, held by libmosquitto in a thread of its own; everything comes back by hf_loop_post
 */
#ifndef HOLDFAST_BUS_H
#define HOLDFAST_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>

struct hf_bus;

struct hf_bus_conf {
	const char *host; /* an address or a name; its certificate must carry it */
	int port;
	const char *ca_file, *cert_file, *key_file;
	const char *client_id; /* who it is, for people; what no other client has is put behind it */
	int protocol;	 /* 5 or 311 */
	int keepalive_s; /* 5 .. 600 */
	size_t message_max;
	const char *const *topics; /* n_topics filters, subscribed on every connect */
	size_t n_topics;
};

struct hf_bus_message {
	const char *topic;
	const void *buf;
	size_t len;
	bool retain; /* the broker keeps it for those who come later; len 0 clears it. Of one that was heard: it was kept */
};

/* All called on the loop's thread. */
struct hf_bus_calls {
	void (*on_up)(void *arg);		     /* connected: subscriptions have been sent */
	void (*on_down)(void *arg, const char *why); /* lost, or not reached; it goes on trying by itself */
	void (*on_message)(void *arg, const struct hf_bus_message *message);
	void *arg;
};

/*
 * hf_bus_new - begin to connect, and go on trying for ever, with growing pauses and jitter
 *
 * TLS 1.3, certificate and name verified, client certificate. Clean sessions. QoS 1 out, QoS 1 subscriptions.
 * A watchdog on the boot-time clock reconnects after a suspend.
 * @conf      copied
 * @ret_bus   to hf_bus_free; untouched unless HF_OK
 * Owner     see ret_bus
 * Returns   HF_OK; HF_E_USAGE conf makes no sense; HF_E_SYSTEM certificate files cannot be read ...; HF_E_MEMORY
 * Source    tests/FACTS.md "The bus"; proto/README.md "Bus"
 */
HF_NODISCARD enum hf_rc hf_bus_new(struct hf_loop *loop, const struct hf_bus_conf *conf,
				   const struct hf_bus_calls *calls, struct hf_bus **ret_bus, struct hf_err *err);

/*
 * hf_bus_publish - send, or keep until connected again
 *
 * While there is no connection, a newer message takes the place of an older one under the same topic: the broker holds
 * no truth, and after a night without it only the newest counts. At most 64 MiB are kept.
 * Owner     copied
 * Returns   HF_OK accepted for sending; HF_E_SYSTEM; HF_E_SIZE larger than message_max, or too much waits; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_bus_publish(struct hf_bus *bus, const struct hf_bus_message *message, struct hf_err *err);

/*
 * hf_bus_unanswered - how many messages were handed over and are not acknowledged by the broker yet
 *
 * Whoever has much to say that can wait says it while this is small.
 * Returns   messages
 */
size_t hf_bus_unanswered(const struct hf_bus *bus);

/*
 * hf_bus_free - disconnect, end the thread (within 2 s), set to NULL; accepts NULL
 *
 * Before hf_loop_free. May be called inside its own calls.
 * Owner     ends; no call is made after it returns
 */
void hf_bus_free(struct hf_bus **bus);

#endif
