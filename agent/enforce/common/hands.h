/* SPDX-License-Identifier: MIT */
/*
 * hands.h - what needs a right of root's that the agent's own unit does not have is done by a small process that has
 * little else (holdfast-hands.service); where the agent has the right it does it itself
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_HANDS_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_HANDS_H

#include <stddef.h>
#include <stdint.h>

#include <holdfast/err.h>
#include <holdfast/time.h>
#include <holdfast/user.h>

/* clang-format off */
enum hf_hands_word {
	HF_HANDS_RIGHTS,   /* which rights have you? -> the bits of capabilities(7) as number */
	HF_HANDS_GROUP,    /* fanotify_init(first, second) -> the group as descriptor */
	HF_HANDS_MARK,     /* fanotify_mark(one descriptor, first, second, of the other one) */
	HF_HANDS_GIVE,     /* the file of this descriptor is this user's (first) */
	HF_HANDS_PROGRAMS, /* try, as an ordinary user, to open listed files */
	HF_HANDS_NETWORK,  /* try, as an ordinary user, to reach listed addresses and names */
	HF_HANDS_PLACE,	   /* start a process of this user and group (first, second) that keeps a place, once this descriptor says so -> its number */
	HF_HANDS_WORDS
};
/* clang-format on */

#define HF_HANDS_FDS_MAX 2
#define HF_HANDS_DATA_MAX 2048 /* the longest is a name and eight addresses */

/* An order, or the answer to one. */
struct hf_hands_message {
	uint32_t word;
	int32_t error;		/* of an answer: errno, 0 it is done */
	uint64_t first, second; /* the numbers that go with it */
	unsigned char data[HF_HANDS_DATA_MAX];
	size_t len;
	int fds[HF_HANDS_FDS_MAX];
	size_t n_fds;
};

/* The way to them. */
struct hf_hands {
	const char *socket;	/* borrowed; NULL or "": there are none */
	int fd;			/* connection; -1: none now */
	struct hf_boot_ms deaf; /* they did not answer then: not asked again for a while; 0: they did */
};

/*
 * hf_hands_send, hf_hands_receive - one message whole
 *
 * @message  its descriptors stay the sender's; those that came are the receiver's
 * @ms       how long to wait at the most
 * Owner     see message
 * Returns   HF_OK; HF_E_ABSENT the other end is gone; HF_E_SHAPE it is none; HF_E_SYSTEM nothing in time
 */
HF_NODISCARD enum hf_rc hf_hands_send(int fd, const struct hf_hands_message *message, int ms);
HF_NODISCARD enum hf_rc hf_hands_receive(int fd, struct hf_hands_message *ret_message, int ms);

/*
 * hf_hands_ask - have them do it, and hear how it went
 *
 * @message  the order; then the answer, whose descriptors are the caller's
 * Owner     see message
 * Returns   HF_OK they answered: see its error; HF_E_ABSENT there are none; HF_E_SYSTEM they do not answer
 */
HF_NODISCARD enum hf_rc hf_hands_ask(struct hf_hands *hands, struct hf_hands_message *message);

/*
 * hf_hands_rights - which rights they have; hf_hands_leave - let go of them
 *
 * Returns   bits of capabilities(7); 0 where there are none
 */
uint64_t hf_hands_rights(struct hf_hands *hands);
void hf_hands_leave(struct hf_hands *hands);

/*
 * hf_watch_group - a fanotify group; hf_watch_mark - change its marks of one file; hf_give - give a file to a user
 *
 * With the agent's own right, or else by the hands.
 * @hands    NULL: there are none
 * @path     NULL: all of the group's marks (FAN_MARK_FLUSH)
 * Owner     the descriptor that is returned: the caller's, close-on-exec
 * Returns   as the call of the system does: -1 with errno
 * Source    fanotify_init(2), fanotify_mark(2), chown(2)
 */
int hf_watch_group(struct hf_hands *hands, unsigned int flags, unsigned int event_flags);
int hf_watch_mark(struct hf_hands *hands, int group, unsigned int how, uint64_t mask, const char *path);
int hf_give(struct hf_hands *hands, const char *path, hf_user uid);

#endif
