/* SPDX-License-Identifier: MIT */
/*
 * Owns the form in which a topic and its message pass between link and agent.
 * Must never read past a frame, nor take a topic that is not text.
 */
#include <string.h>

#include "agent/talk/link_sockets.h"

enum hf_rc hf_frame_make(const struct hf_frame *in, char *frame, size_t size, size_t *ret_len)
{
	size_t topic_len = strlen(in->topic);

	if (topic_len + 1 > size || in->payload_len > size - topic_len - 1)
		return HF_E_SIZE;
	memcpy(frame, in->topic, topic_len);
	frame[topic_len] = '\n';
	if (in->payload_len > 0)
		memcpy(frame + topic_len + 1, in->payload, in->payload_len);
	*ret_len = topic_len + 1 + in->payload_len;
	return HF_OK;
}

enum hf_rc hf_frame_split(const char *frame, size_t len, struct hf_frame *ret)
{
	const char *end = len > 0 ? memchr(frame, '\n', len) : NULL;
	size_t topic_len = end ? (size_t)(end - frame) : 0;

	if (topic_len == 0 || topic_len >= HF_TOPIC_SIZE || memchr(frame, '\0', topic_len))
		return HF_E_SHAPE;
	memcpy(ret->topic, frame, topic_len);
	ret->topic[topic_len] = '\0';
	ret->payload = end + 1;
	ret->payload_len = len - topic_len - 1;
	return HF_OK;
}
