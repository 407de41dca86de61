/* SPDX-License-Identifier: MIT */
/*
 * Owns the agent's connection to its process of names, and how one is started.
 * Must never wait for it without an end.
 */
#include "agent/enforce/network/names/names_link.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/sock.h>

#include "agent/enforce/common/outlive.h"
#include "agent/enforce/network/names/names_process.h"

#define ANSWER_MS 3000 /* it answers in a millisecond, one that has to be started in some hundred */
#define END_TRIES 2
#define QUESTION_MOST 64 /* unasked messages that may lie before an answer */

static void hand_on(const struct hf_names_link *link, const json_t *message)
{
	/* clang-format off */
	static const char *const words[HF_NAMES_WORDS] = {
		[HF_NAMES_TRIED] = "tried", [HF_NAMES_UNREAD] = "unread", [HF_NAMES_OVER] = "over",
	};
	/* clang-format on */
	for (size_t i = 0; i < HF_NAMES_WORDS; i++) {
		const char *what = json_string_value(json_object_get(message, words[i]));
		if (what)
			link->said(link->arg, (enum hf_names_word)i,
				   (hf_user)json_integer_value(json_object_get(message, "uid")), what);
	}
}

/*
 * One message; those that come unasked are handed on. HF_E_ABSENT: it is gone; HF_E_SHAPE: nothing is there now;
 * HF_E_MEMORY: it said something that could not be kept.
 */
static enum hf_rc receive(struct hf_names_link *link, json_t **ret)
{
	char text[HF_SOCK_MESSAGE_MAX];
	size_t len = 0;
	enum hf_rc rc = hf_sock_receive(link->fd, text, sizeof(text), &len, NULL);
	if (rc == HF_E_ABSENT)
		return HF_E_SHAPE;
	if (rc != HF_OK || len == 0)
		return HF_E_ABSENT;
	json_error_t why;
	json_t *message = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!message)
		return json_error_code(&why) == json_error_out_of_memory ? HF_E_MEMORY : HF_E_ABSENT;
	hand_on(link, message);
	*ret = message;
	return HF_OK;
}

enum hf_rc hf_names_hear(struct hf_names_link *link)
{
	enum hf_rc rc = HF_OK;
	for (int i = 0; i < QUESTION_MOST && rc == HF_OK; i++) {
		hf_auto_json json_t *message = NULL;
		rc = receive(link, &message);
	}
	return rc == HF_E_ABSENT ? rc : HF_OK;
}

static enum hf_rc await_answer(struct hf_names_link *link, json_t **ret, struct hf_err *err)
{
	for (int i = 0; i < QUESTION_MOST && hf_outlive_wait(link->fd, POLLIN, ANSWER_MS); i++) {
		hf_auto_json json_t *message = NULL;
		enum hf_rc rc = receive(link, &message);
		if (rc == HF_E_ABSENT)
			return hf_err_set(err, HF_E_ABSENT, "The process that looks at names is gone");
		if (rc == HF_E_MEMORY)
			return hf_err_set(err, HF_E_MEMORY, "No memory for an answer");
		if (rc == HF_OK && !json_object_get(message, "uid")) {
			*ret = json_incref(message);
			return HF_OK;
		}
	}
	return hf_err_set(err, HF_E_SYSTEM, "The process that looks at names does not answer");
}

static enum hf_rc ask_names(struct hf_names_link *link, json_t *question, struct hf_err *err)
{
	hf_auto_json json_t *owned = question, *said = NULL;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	if (link->fd < 0)
		return hf_err_set(err, HF_E_ABSENT, "No process looks at names");
	if (!owned || hf_json_bytes(owned, &text, &len) != HF_OK)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a question");
	if (!hf_outlive_wait(link->fd, POLLOUT, ANSWER_MS) || hf_sock_send(link->fd, text, len, NULL) != HF_OK)
		return hf_err_set(err, HF_E_ABSENT, "The process that looks at names is gone");
	enum hf_rc rc = await_answer(link, &said, err);
	if (rc != HF_OK)
		return rc;
	if (link->pidfd < 0)
		link->pidfd = (int)syscall(SYS_pidfd_open, json_integer_value(json_object_get(said, "pid")), 0);
	link->strict = json_is_true(json_object_get(said, "strict"));
	link->holds = !json_is_false(json_object_get(said, "holds"));
	if (json_is_true(json_object_get(said, "done")))
		return HF_OK;
	const char *why = json_string_value(json_object_get(said, "bad"));
	return hf_err_set(err, HF_E_SYSTEM, "The process that looks at names refused its list: %s", why ? why : "");
}

enum hf_rc hf_names_ping(struct hf_names_link *link, struct hf_err *err)
{
	return ask_names(link, json_pack("{s:b}", "ping", 1), err);
}

static enum hf_rc connect_names(struct hf_names_link *link, struct hf_err *err)
{
	enum hf_rc rc = hf_outlive_connect(link->socket, &link->fd, err);
	if (rc == HF_OK)
		link->managed = hf_outlive_managed(link->fd);
	if (rc == HF_OK)
		rc = hf_names_ping(link, err);
	if (rc != HF_OK || link->strict)
		return rc;
	hf_names_end(link);
	return hf_err_set(err, HF_E_ABSENT, "The process that looks at names is of an earlier version");
}

/* HF_OK: one is there, whether it reads a queue or not. */
static enum hf_rc reach_names(struct hf_names_link *link, struct hf_err *err)
{
	enum hf_rc rc = connect_names(link, err);
	if (rc == HF_OK)
		return HF_OK;
	hf_names_leave(link);
	if (rc == HF_E_ABSENT && !link->managed)
		unlink(link->socket); /* of one that was killed */
	return rc == HF_E_ABSENT ? rc : HF_E_SYSTEM;
}

enum hf_rc hf_names_find(struct hf_names_link *link, struct hf_err *err)
{
	enum hf_rc rc = reach_names(link, err);
	if (rc != HF_OK || link->holds)
		return rc;
	hf_names_leave(link);
	return hf_err_set(err, HF_E_ABSENT, "The process that looks at names reads no queue");
}

static enum hf_rc start_names_process(const struct hf_names_link *link, struct hf_err *err)
{
	hf_auto_fd int listener = -1;
	const char *const argv[] = {"holdfast-agent", "names", link->socket, NULL};
	enum hf_rc rc = hf_outlive_listen(link->socket, &listener, err);
	const struct hf_outlive names = {.self = link->self, .argv = argv, .fds = {listener}, .n_fds = 1};
	return rc == HF_OK ? hf_outlive_start(&names, err) : rc;
}

enum hf_rc hf_names_start(struct hf_names_link *link, struct hf_err *err)
{
	hf_names_leave(link);
	link->managed = false;
	enum hf_rc rc = reach_names(link, err);
	if (rc == HF_E_ABSENT) {
		rc = start_names_process(link, err);
		if (rc == HF_OK)
			rc = connect_names(link, err);
	} else if (rc != HF_OK || link->holds) {
		return rc;
	}
	if (rc == HF_OK)
		rc = ask_names(link, json_pack("{s:i}", "queue", (int)link->queue), err);
	if (rc == HF_OK)
		return HF_OK;
	/* Its socket stays: one that lives is found by it, and a dead one is replaced. */
	hf_names_leave(link);
	return rc == HF_E_MEMORY
		       ? rc
		       : hf_err_set(err, HF_E_SYSTEM, "Server names cannot be looked at: the queue %u is not to be had",
				    (unsigned int)link->queue);
}

static json_t *part_of(json_t *hosts, size_t from, size_t n)
{
	hf_auto_json json_t *part = json_array();
	for (size_t i = from; i < from + n && i < json_array_size(hosts); i++) {
		if (json_array_append(part, json_array_get(hosts, i)) != 0)
			return NULL;
	}
	bool last = from + n >= json_array_size(hosts);
	return json_pack("{s:{s:O}, s:b}", "shut", "hosts", part, "last", (int)last);
}

enum hf_rc hf_names_set(struct hf_names_link *link, const struct hf_shut_hosts *shut, struct hf_err *err)
{
	hf_auto_json json_t *whole = hf_shut_hosts_to_json(shut);
	json_t *hosts = json_object_get(whole, "hosts");
	enum hf_rc rc = HF_OK;
	size_t from = 0;
	if (!whole)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a list of hosts");
	do {
		rc = ask_names(link, part_of(hosts, from, HF_NAMES_PART), err);
		from += HF_NAMES_PART;
	} while (rc == HF_OK && from < json_array_size(hosts));
	return rc;
}

/* It closes the connection when it ends. Nothing is allocated: it must end also when there is no memory. */
static bool ends(const struct hf_names_link *link)
{
	static const char end[] = "{\"end\": true}";
	char text[HF_SOCK_MESSAGE_MAX];
	size_t len = 0;
	if (!hf_outlive_wait(link->fd, POLLOUT, ANSWER_MS) ||
	    hf_sock_send(link->fd, end, sizeof(end) - 1, NULL) != HF_OK)
		return false;
	for (int i = 0; i < QUESTION_MOST && hf_outlive_wait(link->fd, POLLIN, ANSWER_MS); i++) {
		enum hf_rc rc = hf_sock_receive(link->fd, text, sizeof(text), &len, NULL);
		if (rc != HF_E_ABSENT && (rc != HF_OK || len == 0))
			return true;
	}
	return false;
}

/* One that the service manager starts anew still has its queue: then that one is told. */
void hf_names_end(struct hf_names_link *link)
{
	for (int tries = 0; link->fd >= 0 && tries < END_TRIES && !ends(link); tries++) {
		if (link->pidfd >= 0)
			syscall(SYS_pidfd_send_signal, link->pidfd, SIGKILL, NULL, 0);
		hf_names_leave(link);
		if (!link->managed)
			unlink(link->socket);
		else if (hf_outlive_connect(link->socket, &link->fd, NULL) == HF_OK)
			(void)!hf_names_ping(link, NULL);
	}
	hf_names_leave(link);
}

void hf_names_leave(struct hf_names_link *link)
{
	hf_fd_close(&link->fd);
	hf_fd_close(&link->pidfd);
}
