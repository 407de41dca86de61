/* SPDX-License-Identifier: MIT */
/*
 * link_sockets.h - the socket to which holdfast-link comes; each frame is `topic newline payload`, both ways
 *
 * What comes from there is as untrusted as the network.
 */
#ifndef HOLDFAST_AGENT_TALK_LINK_SOCKETS_H
#define HOLDFAST_AGENT_TALK_LINK_SOCKETS_H

#include <stddef.h>

#include <holdfast/err.h>
#include <holdfast/loop.h>
#include <holdfast/topic.h>
#include <holdfast/user.h>

#define HF_LINKS_MAX 4 /* brokers that one device may join at once */

struct hf_links;

#define hf_auto_links __attribute__((cleanup(hf_links_free)))

#define HF_BROKER_OF_ENROLMENT "enrolment" /* how a link calls the broker that this device was enrolled with */

/* Where links come, who may, and who is told of it. */
struct hf_links_conf {
	const char *path; /* of the socket */
	const char *user; /* login name that may come, beside root and the agent's own; it becomes the owner */
	int (*give)(void *arg, const char *path, hf_user uid); /* as chown(2), of the socket */
	void (*on_join)(void *arg); /* a link has come: it has heard nothing from this agent yet */
	void (*on_message)(void *arg, const char *topic, const void *buf, size_t len);
	void *arg;
};

/*
 * hf_links_new - listen for links
 *
 * @conf     copied
 * @ret_links  to hf_links_free; untouched unless HF_OK
 * Owner     the caller's
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE; HF_E_MEMORY
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_links_new(struct hf_loop *loop, const struct hf_links_conf *conf,
				     struct hf_links **ret_links, struct hf_err *err);

/*
 * hf_links_send - give a message to every link that is there
 *
 * A link that does not read is let go: it comes again.
 * Returns   how many took it
 */
size_t hf_links_send(struct hf_links *links, const char *topic, const void *buf, size_t len);

/*
 * hf_links_free - close all, set to NULL; accepts NULL
 *
 * @links    address of the pointer
 */
void hf_links_free(struct hf_links **links);

/* What travels in one frame. */
struct hf_frame {
	char topic[HF_TOPIC_SIZE];
	const void *payload;
	size_t payload_len;
};

/*
 * hf_frame_make, hf_frame_split - a topic and a message as one frame of a socket, and back
 *
 * @frame    in: room of size bytes, out: as received
 * @ret      its payload lies inside the frame; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SIZE no room; HF_E_SHAPE no newline after a topic of 1 .. HF_TOPIC_SIZE - 1 bytes
 */
HF_NODISCARD enum hf_rc hf_frame_make(const struct hf_frame *in, char *frame, size_t size, size_t *ret_len);
HF_NODISCARD enum hf_rc hf_frame_split(const char *frame, size_t len, struct hf_frame *ret);

#endif
