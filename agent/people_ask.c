/* SPDX-License-Identifier: MIT */
/* Owns the asking end of the people's socket. */
/* Room agent. */
/* Must never wait for ever for an agent that hangs. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/sock.h>

#include "agent/people.h"

#define PATIENCE_MS 5000

static enum hf_rc wait_for(int fd, struct hf_err *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return HF_OK;
	return hf_err_set(err, HF_E_SYSTEM, "the agent does not answer: what is blocked stays blocked; ring IT");
}

/* All frames until the agent closes. */
static enum hf_rc gather(int fd, char *text, size_t *ret_len, struct hf_err *err)
{
	size_t len = 0, piece = 0;
	enum hf_rc rc;

	do {
		rc = wait_for(fd, err);
		if (rc == HF_OK && HF_PEOPLE_ANSWER_MAX - len < HF_PEOPLE_PIECE)
			rc = hf_err_set(err, HF_E_SIZE, "the agent's answer is too long");
		if (rc == HF_OK)
			rc = hf_sock_receive(fd, text + len, HF_PEOPLE_PIECE, &piece, err);
		if (rc != HF_OK && rc != HF_E_ABSENT)
			return rc;
		len += rc == HF_OK ? piece : 0;
	} while (rc == HF_E_ABSENT || piece > 0);
	*ret_len = len;
	return HF_OK;
}

enum hf_rc hf_people_ask(const char *path, bool reads, json_t **ret_view, struct hf_err *err)
{
	const char *question = reads ? "{\"ask\":\"status\",\"reads\":1}" : "{\"ask\":\"status\",\"reads\":0}";
	hf_auto_free char *text = malloc(HF_PEOPLE_ANSWER_MAX);
	hf_auto_fd int fd = -1;
	size_t len = 0;
	enum hf_rc rc;

	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "no memory to ask the agent");
	rc = hf_sock_connect(path, &fd, err);
	if (rc == HF_OK)
		rc = hf_sock_send(fd, question, strlen(question), err);
	if (rc == HF_OK)
		rc = gather(fd, text, &len, err);
	if (rc == HF_OK && len == 0)
		return hf_err_set(err, HF_E_SYSTEM, "the agent sent no answer: ask again in a moment");
	return rc == HF_OK ? hf_json_read(text, len, HF_PEOPLE_ANSWER_MAX, ret_view, err) : rc;
}
