/* SPDX-License-Identifier: MIT */
/*
 * nfqueue.h - packets that the kernel hands over, one by one, to be let pass or not (NFQUEUE)
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NFQUEUE_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NFQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>
#include <holdfast/user.h>

struct hf_nfqueue;

#define hf_auto_nfqueue __attribute__((cleanup(hf_nfqueue_free)))

struct hf_packet {
	const uint8_t *data; /* from the IP header on, as far as it was captured */
	size_t len;
	size_t lost; /* bytes behind them */
	bool has_uid; /* false: its socket was closed already */
	hf_user uid;
	uint32_t mark;
	unsigned int card; /* by which it goes out, as the kernel numbers them */
};

struct hf_answer {
	bool lose;	/* its sender sends it again */
	uint32_t clear; /* bits that are taken out of its mark, and others that are put into it */
	uint32_t bits;
};

typedef struct hf_answer (*hf_packet_fn)(void *arg, const struct hf_packet *packet);

/*
 * hf_nfqueue_open - bind to a queue; when its owner ends packets pass it, when it is full they are lost
 *
 * Before hf_nfqueue_judge it is not served.
 * @number   of the queue
 * @ret_queue  untouched unless HF_OK
 * Owner     the caller's, to hf_nfqueue_free
 * Returns   HF_OK; HF_E_SYSTEM the kernel has none, or somebody else reads it; HF_E_MEMORY
 * Source    linux/netfilter/nfnetlink_queue.h
 */
HF_NODISCARD enum hf_rc hf_nfqueue_open(uint16_t number, struct hf_nfqueue **ret_queue, struct hf_err *err);

/*
 * hf_nfqueue_inherit - go on with a queue that an earlier life had opened: what waited meanwhile is answered, and what
 * that one had taken without an answer is lost, and sent again
 *
 * @fd       taken over when HF_OK
 * Owner     as hf_nfqueue_open
 * Returns   as hf_nfqueue_open
 * Source    linux/netfilter/nfnetlink_queue.h
 */
HF_NODISCARD enum hf_rc hf_nfqueue_inherit(int fd, uint16_t number, struct hf_nfqueue **ret_queue, struct hf_err *err);

/*
 * hf_nfqueue_judge - who judges its packets from now on
 *
 * Owner     arg stays the caller's
 */
void hf_nfqueue_judge(struct hf_nfqueue *queue, hf_packet_fn fn, void *arg);

/*
 * hf_nfqueue_fd - to wait for; hf_nfqueue_serve - answer the packets that wait now
 *
 * Owner     the descriptor stays the queue's
 * Returns   the descriptor; HF_OK, HF_E_SYSTEM it cannot be read any more
 */
int hf_nfqueue_fd(const struct hf_nfqueue *queue);
HF_NODISCARD enum hf_rc hf_nfqueue_serve(struct hf_nfqueue *queue);

/*
 * hf_nfqueue_free - let it go, set to NULL; accepts NULL
 */
void hf_nfqueue_free(struct hf_nfqueue **queue);

#endif
