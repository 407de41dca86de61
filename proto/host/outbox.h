/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - what waits to be published until the broker is there (inside the host room only)
 */
#ifndef HOLDFAST_HOST_OUTBOX_H
#define HOLDFAST_HOST_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>

#define HF_OUTBOX_BYTES_MAX (64u * 1024 * 1024) /* 20,000 assignments of 3 KB */

struct hf_outbox_entry {
	struct hf_outbox_entry *next;
	char *topic; /* behind buf, in the same memory */
	char *buf;
	size_t len;
	bool retain;
};

/* All zero is empty. */
struct hf_outbox {
	struct hf_outbox_entry *first, **last;
	void *by_topic;
	size_t bytes;
};

typedef void (*hf_outbox_fn)(void *arg, const struct hf_outbox_entry *entry);

/*
 * hf_outbox_put - keep a message; one that waits under the same topic gives up its place to it
 *
 * @topic    with end mark
 * @buf      len bytes; may be NULL when len is 0
 * Owner     copied
 * Returns   HF_OK; HF_E_SIZE too much waits already; HF_E_MEMORY. On failure what waited still waits
 * Source    proto/README.md "Bus": the broker holds no truth, so only the newest of a topic is worth sending
 */
HF_NODISCARD enum hf_rc hf_outbox_put(struct hf_outbox *box, const char *topic, const void *buf, size_t len,
				      bool retain);

/*
 * hf_outbox_empty - give each message to fn, in order, and forget it
 *
 * @fn       may be NULL: then they are only forgotten
 * Owner     the entry belongs to the box and ends when fn returns
 */
void hf_outbox_empty(struct hf_outbox *box, hf_outbox_fn fn, void *arg);

#endif
