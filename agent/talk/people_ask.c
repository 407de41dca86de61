/* SPDX-License-Identifier: MIT */
/*
 * Owns the asking end of the people's socket.
 * Must never wait for ever for an agent that hangs.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/sock.h>

#include "agent/talk/people.h"

#define PATIENCE_MS 15000 /* it answers within a second, on a machine with ten times too much to do within ten */

static enum hf_rc wait_readable(int fd, struct hf_err *err)
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
static enum hf_rc receive_all(int fd, char *text, size_t *ret_len, struct hf_err *err)
{
	size_t len = 0, piece = 0;
	enum hf_rc rc;

	do {
		rc = wait_readable(fd, err);
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

static enum hf_rc connect_and_ask(const char *path, const struct hf_question *question, int *ret_fd, struct hf_err *err)
{
	hf_auto_json json_t *json = hf_question_encode(question);
	hf_auto_free char *asked = NULL;
	hf_auto_fd int fd = -1;
	size_t len = 0;
	enum hf_rc rc = json ? hf_json_bytes(json, &asked, &len) : HF_E_MEMORY;

	if (rc != HF_OK)
		return hf_err_set(err, rc, "no memory to ask the agent");
	rc = hf_sock_connect(path, &fd, err);
	if (rc == HF_E_ABSENT)
		return hf_err_set(err, rc,
				  "the agent is not running on this device; whatever is blocked stays blocked: ring IT "
				  "(it listens at %s)",
				  path);
	if (rc == HF_OK)
		rc = hf_sock_send(fd, asked, len, err);
	if (rc == HF_OK)
		*ret_fd = hf_steal_fd(&fd);
	return rc;
}

static enum hf_rc exchange(const char *path, const struct hf_question *question, char *text, size_t *ret_len,
			   struct hf_err *err)
{
	hf_auto_fd int fd = -1;
	enum hf_rc rc = connect_and_ask(path, question, &fd, err);

	return rc == HF_OK ? receive_all(fd, text, ret_len, err) : rc;
}

enum hf_rc hf_people_watch(const char *path, int *ret_fd, struct hf_err *err)
{
	return connect_and_ask(path, &(const struct hf_question){.ask = HF_ASK_WATCH}, ret_fd, err);
}

enum hf_rc hf_people_event(int fd, json_t **ret_event, struct hf_err *err)
{
	char text[HF_QUESTION_MAX];
	size_t len = 0;
	enum hf_rc rc = hf_sock_receive(fd, text, sizeof(text), &len, err);

	if (rc == HF_OK && len == 0)
		return hf_err_set(err, HF_E_SYSTEM, "the agent has gone; whatever is blocked stays blocked");
	return rc == HF_OK ? hf_json_read(text, len, sizeof(text), ret_event, err) : rc;
}

enum hf_rc hf_people_ask(const char *path, const struct hf_question *question, json_t **ret_answer, struct hf_err *err)
{
	hf_auto_free char *text = malloc(HF_PEOPLE_ANSWER_MAX);
	hf_auto_json json_t *answer = NULL;
	size_t len = 0;
	enum hf_rc rc;

	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "no memory to ask the agent");
	rc = exchange(path, question, text, &len, err);
	if (rc == HF_OK && len == 0)
		return hf_err_set(err, HF_E_SYSTEM, "the agent sent no answer: ask again in a moment");
	if (rc == HF_OK)
		rc = hf_json_read(text, len, HF_PEOPLE_ANSWER_MAX, &answer, err);
	if (rc == HF_OK)
		rc = hf_refusal_of(answer, err);
	if (rc == HF_OK)
		*ret_answer = json_incref(answer);
	return rc;
}
