/* SPDX-License-Identifier: MIT */
/*
 * names_link.h - the agent's end of the process of names: find it, reach or start it, tell it, notice its death
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NAMES_LINK_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NAMES_LINK_H

#include <holdfast/user.h>

#include "agent/enforce/network/names/shut_hosts.h"

/* clang-format off */
enum hf_names_word {
	HF_NAMES_TRIED,  /* a host that is shut */
	HF_NAMES_UNREAD, /* an address where one lives, with what could not be read */
	HF_NAMES_OVER,   /* more at once than a share, at this address */
	HF_NAMES_WORDS
};
/* clang-format on */

struct hf_names_link {
	const char *socket; /* borrowed */
	const char *self;   /* borrowed: path of the agent's program */
	uint16_t queue;
	int fd;	     /* connection; -1: none */
	int pidfd;   /* of the process; -1: none */
	bool strict; /* the process that is there knows what it must not let pass; one of an earlier version does not */
	bool holds;  /* it reads a queue; one that was started just now does not */
	bool managed; /* the service manager listens there, and has it started */
	void (*said)(void *arg, enum hf_names_word word, hf_user uid, const char *what);
	void *arg;
};

/*
 * hf_names_find - take over from a process that is there, and end one of an earlier version; hf_names_start - the same,
 * or have one read the queue: the service manager's where that listens at the socket, or else one that is started
 *
 * @link     socket, self, queue, said are set; fd and pidfd are -1
 * Owner     link's descriptors: hf_names_leave
 * Returns   HF_OK; HF_E_ABSENT none reads a queue; HF_E_SYSTEM it cannot be started, or one is there that does not
 * answer Source    policy D9.2: across restarts
 */
HF_NODISCARD enum hf_rc hf_names_find(struct hf_names_link *link, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_names_start(struct hf_names_link *link, struct hf_err *err);

/*
 * hf_names_set - these hosts are shut from now on; hf_names_ping - does it answer
 *
 * Returns   HF_OK; HF_E_ABSENT it is gone; HF_E_SYSTEM it does not answer, or refused the list; HF_E_MEMORY
 * Source    policy D9.2
 */
HF_NODISCARD enum hf_rc hf_names_set(struct hf_names_link *link, const struct hf_shut_hosts *shut, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_names_ping(struct hf_names_link *link, struct hf_err *err);

/*
 * hf_names_hear - what it says unasked: calls said
 *
 * Returns   HF_OK; HF_E_ABSENT it is gone
 */
HF_NODISCARD enum hf_rc hf_names_hear(struct hf_names_link *link);

/*
 * hf_names_end - end the process, also when it is stuck: all packets pass afterwards
 *
 * Owner     link's descriptors end
 * Source    policy D9.3
 */
void hf_names_end(struct hf_names_link *link);

/*
 * hf_names_leave - close the agent's descriptors; the process goes on
 */
void hf_names_leave(struct hf_names_link *link);

#endif
