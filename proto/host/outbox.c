/* SPDX-License-Identifier: MIT */
/*
 * Owns the messages that wait for the broker.
 * Must never grow without a bound in a long outage, nor send an older message after a newer one of its topic.
 */
#include "proto/host/outbox.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/str.h>

static int by_topic(const void *a, const void *b)
{
	return strcmp(((const struct hf_outbox_entry *)a)->topic, ((const struct hf_outbox_entry *)b)->topic);
}

static void free_nothing(void *node)
{
	(void)node;
}

static enum hf_rc copy(struct hf_outbox_entry *e, const char *topic, const void *buf, size_t len, bool retain)
{
	size_t topic_size = strlen(topic) + 1;
	char *memory = malloc(len + topic_size);

	if (!memory)
		return HF_E_MEMORY;
	if (len > 0)
		memcpy(memory, buf, len);
	memcpy(memory + len, topic, topic_size);
	*e = (struct hf_outbox_entry){.buf = memory, .topic = memory + len, .len = len, .retain = retain};
	return HF_OK;
}

static enum hf_rc append(struct hf_outbox *box, const struct hf_outbox_entry *like)
{
	struct hf_outbox_entry *e = malloc(sizeof(*e));

	if (!e)
		return HF_E_MEMORY;
	*e = *like;
	if (!tsearch(e, &box->by_topic, by_topic)) {
		free(e);
		return HF_E_MEMORY;
	}
	if (!box->last)
		box->last = &box->first;
	*box->last = e;
	box->last = &e->next;
	return HF_OK;
}

enum hf_rc hf_outbox_put(struct hf_outbox *box, const char *topic, const void *buf, size_t len, bool retain)
{
	struct hf_outbox_entry e, *old, **node;
	enum hf_rc rc;

	if (len + strlen(topic) > HF_OUTBOX_BYTES_MAX - box->bytes)
		return HF_E_SIZE;
	rc = copy(&e, topic, buf, len, retain);
	if (rc != HF_OK)
		return rc;
	node = tfind(&e, &box->by_topic, by_topic);
	if (!node) {
		rc = append(box, &e);
		if (rc == HF_OK)
			box->bytes += len + strlen(topic);
		else
			free(e.buf);
		return rc;
	}
	old = *node;
	box->bytes += len - old->len;
	free(old->buf);
	e.next = old->next;
	*old = e;
	return HF_OK;
}

void hf_outbox_empty(struct hf_outbox *box, hf_outbox_fn fn, void *arg)
{
	struct hf_outbox_entry *e = box->first;

	tdestroy(box->by_topic, free_nothing);
	*box = (struct hf_outbox){0};
	while (e) {
		struct hf_outbox_entry *next = e->next;

		if (fn)
			fn(arg, e);
		free(e->buf);
		free(e);
		e = next;
	}
}
