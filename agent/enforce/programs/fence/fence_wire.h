/* SPDX-License-Identifier: MIT */
/*
 * fence_wire.h - the few words between agent and fence, each one packet, some with a file descriptor
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_WIRE_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_WIRE_H

#include <stdint.h>

#include <holdfast/err.h>

/* clang-format off */
enum hf_fence_word {
	HF_FENCE_TAKE,  /* agent: give me what you hold */
	HF_FENCE_TAKEN, /* fence: the fanotify group, and the rules when there are any; nothing: it holds none yet */
	HF_FENCE_SET,   /* agent: these rules from now on (one descriptor) */
	HF_FENCE_END,   /* agent: let everything go */
	HF_FENCE_DONE,  /* fence: it is so */
	HF_FENCE_BAD,   /* fence: those rules are not rules; the old ones stand */
	HF_FENCE_TELL,  /* agent: tell me on this connection who is refused; no answer */
	HF_FENCE_TRIED, /* fence: this user was refused this file (who) */
	HF_FENCE_HURT,  /* fence: the other one of the pair had been ended; there is another now */
	HF_FENCE_HOLD,  /* agent: hold this fanotify group, and answer for it (one descriptor) */
	HF_FENCE_WORD_COUNT
};
/* clang-format on */

#define HF_FENCE_FDS_MAX 2

/* Who was refused what. */
struct hf_fence_who {
	uint32_t uid;
	int32_t pid;
	uint64_t dev, ino; /* of the file */
};

struct hf_fence_message {
	enum hf_fence_word word;
	struct hf_fence_who who; /* of HF_FENCE_TRIED alone */
	int fds[HF_FENCE_FDS_MAX];
	int n_fds;
};

/*
 * hf_fence_send - say one word; waits at most until deadline for room
 *
 * @message  its descriptors stay the caller's
 * @ms       how long to wait, milliseconds
 * Returns   HF_OK; HF_E_ABSENT the other end is gone; HF_E_SYSTEM it does not listen
 */
HF_NODISCARD enum hf_rc hf_fence_send(int fd, const struct hf_fence_message *message, int ms, struct hf_err *err);

/*
 * hf_fence_receive - hear one word
 *
 * @ret_message  its descriptors (close-on-exec) are the caller's; untouched unless HF_OK
 * @ms       how long to wait, milliseconds
 * Returns   HF_OK; HF_E_ABSENT the other end is gone; HF_E_SHAPE not a word; HF_E_SYSTEM it says nothing
 */
HF_NODISCARD enum hf_rc hf_fence_receive(int fd, int ms, struct hf_fence_message *ret_message, struct hf_err *err);

/*
 * hf_fence_message_done - close what came with a word
 */
void hf_fence_message_done(struct hf_fence_message *message);

#endif
