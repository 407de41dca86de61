/* SPDX-License-Identifier: MIT */
/*
 * Owns the list of brokers: the document, and one row of it.
 * Must never judge who may write one, nor which of them counts: that is proto/law.
 */
#include <holdfast/brokers.h>

#include <stdlib.h>
#include <string.h>

#include "proto/wire/doc.h"

#define PORT_MAX 65535

static const char CERTIFICATE[] = "-----BEGIN CERTIFICATE-----\n";

/* clang-format off */
#define BROKERS_ROWS(b, list) {                                  \
	HF_ROW("council", ID,    &(b)->council, 0),              \
	HF_ROW("version", INT,   &(b)->version, HF_JSON_INT_MAX), \
	HF_ROW("issued",  WALL,  &(b)->issued,  0),              \
	HF_ROW("brokers", ARRAY, list,          HF_BROKERS_MAX), \
}
#define BROKER_ROWS(b) {                                         \
	HF_ROW("id",    ID,   &(b)->id,   0),                    \
	HF_ROW("host",  LINE, &(b)->host, HF_BROKER_HOST_MAX),   \
	HF_ROW("port",  INT,  &(b)->port, PORT_MAX),             \
	HF_ROW_IF("ca", TEXT, &(b)->ca,   HF_BROKER_CA_MAX, !(b)->ca), \
}
/* clang-format on */

bool hf_broker_host_ok(const char *host)
{
	size_t len = strlen(host);
	return len > 0 && len <= HF_BROKER_HOST_MAX && strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:_") == len &&
	       host[0] != '-' && host[0] != '.';
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool hf_broker_same(const struct hf_broker *a, const struct hf_broker *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port && same_text(a->ca, b->ca);
}

enum hf_rc hf_broker_take(json_t *row, struct hf_broker *ret_broker, struct hf_err *err)
{
	struct hf_broker broker = {0};
	const struct hf_json_member rows[] = BROKER_ROWS(&broker);
	enum hf_rc rc = hf_json_take(row, rows, HF_LEN(rows), err);
	if (rc == HF_OK && !hf_broker_host_ok(broker.host))
		rc = hf_err_set(err, HF_E_SHAPE,
				"\"%.100s\" is no host of a broker: lower-case letters, digits, dots and hyphens.",
				broker.host);
	if (rc == HF_OK && broker.port < 1)
		rc = hf_err_set(err, HF_E_SHAPE, "The port of the broker %s is 1 to %d.", broker.id, PORT_MAX);
	if (rc == HF_OK && broker.ca && strncmp(broker.ca, CERTIFICATE, strlen(CERTIFICATE)) != 0)
		rc = hf_err_set(err, HF_E_SHAPE, "The authority of the broker %s is no certificate in PEM.", broker.id);
	if (rc == HF_OK)
		*ret_broker = broker;
	return rc;
}

static enum hf_rc take_broker(json_t *value, void *doc, struct hf_err *err)
{
	struct hf_brokers *brokers = doc;
	struct hf_broker *b = &brokers->v[brokers->n];
	enum hf_rc rc = hf_broker_take(value, b, err);
	for (size_t i = 0; rc == HF_OK && i < brokers->n; i++) {
		const struct hf_broker *other = &brokers->v[i];
		if (strcmp(other->id, b->id) == 0 || (strcmp(other->host, b->host) == 0 && other->port == b->port))
			rc = hf_err_set(err, HF_E_SHAPE, "The broker %s stands in the list twice.", b->id);
	}
	if (rc == HF_OK)
		brokers->n++;
	return rc;
}

static enum hf_rc take_list(struct hf_brokers *brokers, json_t *list, struct hf_err *err)
{
	if (brokers->version < 1)
		return hf_err_set(err, HF_E_SHAPE, "The versions of a list of brokers begin at 1.");
	if (json_array_size(list) == 0)
		return hf_err_set(err, HF_E_SHAPE, "A list of brokers names at least one.");
	return hf_doc_each(list, take_broker, brokers, err);
}

enum hf_rc hf_brokers_decode(const struct hf_envelope *envelope, struct hf_brokers **ret_brokers, struct hf_err *err)
{
	hf_auto_brokers struct hf_brokers *brokers = NULL;
	json_t *list = NULL;
	enum hf_rc rc = hf_doc_alloc(1, sizeof(*brokers), &brokers, err);
	if (rc == HF_OK)
		rc = hf_doc_read(envelope, HF_DOC_BROKERS, &brokers->doc, err);
	if (rc != HF_OK)
		return rc;
	const struct hf_json_member rows[] = BROKERS_ROWS(brokers, &list);
	rc = hf_json_take(brokers->doc, rows, HF_LEN(rows), err);
	if (rc == HF_OK)
		rc = take_list(brokers, list, err);
	if (rc != HF_OK)
		return rc;
	brokers->digest = envelope->digest;
	*ret_brokers = hf_steal_ptr(&brokers);
	return HF_OK;
}

json_t *hf_broker_put(const struct hf_broker *broker)
{
	struct hf_broker copy = *broker; /* the table points to what may be written; nothing is */
	const struct hf_json_member rows[] = BROKER_ROWS(&copy);
	return hf_json_put(rows, HF_LEN(rows));
}

static json_t *row_to_json(const void *doc, size_t i)
{
	return hf_broker_put(&((const struct hf_broker *)doc)[i]);
}

json_t *hf_brokers_encode(const struct hf_brokers *brokers)
{
	struct hf_brokers copy = *brokers;
	hf_auto_json json_t *list = hf_doc_list(row_to_json, brokers->v, brokers->n);
	const struct hf_json_member rows[] = BROKERS_ROWS(&copy, &list);
	return hf_json_put(rows, HF_LEN(rows));
}

void hf_brokers_free(struct hf_brokers **brokers)
{
	if (!*brokers)
		return;
	json_decref((*brokers)->doc);
	free(*brokers);
	*brokers = NULL;
}
