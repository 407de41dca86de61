/* SPDX-License-Identifier: MIT */
/*
 * Owns the process that judges new connections by the server that they ask for.
 * Must never refuse what it is not sure of, but where a listed site lives; nor keep more than a connection's first
 * bytes, or end without being told to.
 */
#include "agent/enforce/network/names/names_process.h"

#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>
#include <holdfast/notify.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"
#include "agent/enforce/network/names/flows.h"
#include "agent/enforce/network/names/nfqueue.h"
#include "agent/enforce/network/names/shut_hosts.h"

#define NOBODY UINT32_MAX /* whose socket is closed: the kernel hands over bytes of those alone who are shut out */
#define KEPT_QUEUE "queue" /* as the service manager calls them */
#define KEPT_STATE "state"
#define STATE_MAX 4194304 /* 8,192 hosts of 253 bytes, and users for whom they are open */
#define IDLE_MS 2000	  /* for whoever started it and has not given it a queue yet */
#define CLIENTS_MAX 4 /* one agent, and the one that takes over from it */
#define TOLD_MAX 32   /* whom and what the agent was told lately, so that a program that tries and tries is told once */
#define TOLD_S 5

struct told {
	hf_user uid;
	const char *word; /* one of the three that are said unasked */
	char what[HF_HOST_SIZE];
	int64_t at_s; /* 0: none */
};

struct names {
	struct hf_nfqueue *queue; /* NULL: none yet */
	uint16_t number;	  /* of it */
	int listener;
	int clients[CLIENTS_MAX]; /* -1: free */
	json_t *coming;		  /* hosts of a list that is not whole yet */
	struct hf_shut_hosts shut;
	struct told told[TOLD_MAX];
	const char *socket;  /* its own to remove; NULL: the service manager's, who keeps queue and hosts too */
	int64_t watchdog_ms; /* how often the service manager wants to hear of it; 0: never */
	bool came;	     /* an agent was there */
	bool end;
	char message[HF_SOCK_MESSAGE_MAX];
};

static struct hf_flows flows;

static int64_t now_s(void)
{
	struct timespec now;
	return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? (int64_t)now.tv_sec + 1 : 1;
}

static enum hf_rc send_json(int fd, json_t *object)
{
	hf_auto_json json_t *owned = object;
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = owned ? hf_json_bytes(owned, &text, &len) : HF_E_MEMORY;
	return rc == HF_OK ? hf_sock_send(fd, text, len, NULL) : rc;
}

/* Returns where to note it; NULL when it was told a moment ago. */
static struct told *place_to_tell(struct names *names, hf_user uid, const char *word, const char *what)
{
	struct told *oldest = &names->told[0];
	int64_t now = now_s();
	for (size_t i = 0; i < TOLD_MAX; i++) {
		struct told *told = &names->told[i];
		if (told->at_s != 0 && now - told->at_s < TOLD_S && told->uid == uid && strcmp(told->word, word) == 0 &&
		    strcmp(told->what, what) == 0)
			return NULL;
		if (told->at_s < oldest->at_s)
			oldest = told;
	}
	return oldest;
}

/* An agent that does not read misses it. */
static void tell_agents(struct names *names, hf_user uid, const char *word, const char *what)
{
	struct told *told = place_to_tell(names, uid, word, what);
	if (!told || hf_str_copy(told->what, sizeof(told->what), what) != HF_OK)
		return;
	told->uid = uid;
	told->word = word;
	told->at_s = now_s();
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (names->clients[i] >= 0 &&
		    send_json(names->clients[i], json_pack("{s:s, s:I}", word, what, "uid", (json_int_t)uid)) != HF_OK)
			continue;
	}
}

static bool may_reach(void *arg, hf_user uid, const char *host)
{
	struct names *names = arg;
	bool yes = hf_shut_hosts_may(&names->shut, uid, host);
	if (!yes && uid != NOBODY)
		tell_agents(names, uid, "tried", host);
	return yes;
}

static void tell_flow(void *arg, enum hf_flow_word word, hf_user uid, const struct hf_addr *to)
{
	char text[HF_ADDR_TEXT_SIZE];
	tell_agents(arg, uid, word == HF_FLOW_OVER ? "over" : "unread", hf_addr_print(to, text));
}

static struct hf_answer judge_packet(void *arg, const struct hf_packet *packet)
{
	/* clang-format off */
	static const struct hf_answer answers[HF_FLOW_COUNT] = {
		[HF_FLOW_WAIT]   = {.clear = HF_NAMES_MARK_STRICT},
		[HF_FLOW_PASS]   = {.clear = HF_NAMES_MARK_STRICT, .bits = HF_NAMES_MARK_SETTLED},
		[HF_FLOW_REFUSE] = {.clear = HF_NAMES_MARK_STRICT, .bits = HF_NAMES_MARK_SETTLED | HF_NAMES_MARK_REFUSE},
		[HF_FLOW_LATER]  = {.lose = true},
		[HF_FLOW_BEGUN]  = {.clear = HF_NAMES_MARK_STRICT, .bits = HF_NAMES_MARK_SETTLED},
	};
	/* clang-format on */
	const struct hf_sender sender = {packet->has_uid, packet->has_uid ? packet->uid : NOBODY,
					 (packet->mark & HF_NAMES_MARK_STRICT) != 0};
	struct hf_segment segment;
	(void)arg;
	if (!hf_segment_read(packet->data, packet->len, &segment))
		return answers[sender.strict ? HF_FLOW_REFUSE : HF_FLOW_PASS];
	segment.lost = packet->lost;
	segment.card = packet->card;
	return answers[hf_flows_take(&flows, &segment, &sender, now_s())];
}

/* For the next life of this process, if this one is killed. */
static void keep_state(const struct names *names)
{
	hf_auto_json json_t *state = hf_shut_hosts_to_json(&names->shut);
	hf_auto_free char *text = NULL;
	size_t len = 0;
	hf_auto_fd int fd = names->socket ? -1 : memfd_create("holdfast-names", MFD_CLOEXEC);
	if (fd < 0 || !state || json_object_set_new(state, "queue", json_integer(names->number)) != 0 ||
	    hf_json_bytes(state, &text, &len) != HF_OK || hf_fs_write(fd, text, len) != HF_OK)
		return;
	hf_notify_keep(KEPT_STATE, fd);
}

static enum hf_rc open_queue(struct names *names, json_int_t number, struct hf_err *err)
{
	if (number < 1 || number > UINT16_MAX)
		return hf_err_set(err, HF_E_SHAPE, "That is no number of a queue");
	if (names->queue && names->number == number)
		return HF_OK;
	hf_nfqueue_free(&names->queue);
	enum hf_rc rc = hf_nfqueue_open((uint16_t)number, &names->queue, err);
	if (rc != HF_OK)
		return rc;
	names->number = (uint16_t)number;
	hf_nfqueue_judge(names->queue, judge_packet, names);
	if (names->socket)
		return HF_OK;
	keep_state(names);
	hf_notify_keep(KEPT_QUEUE, hf_nfqueue_fd(names->queue));
	return HF_OK;
}

/* A list comes in parts; the last one makes it count. */
static enum hf_rc take_hosts(struct names *names, json_t *message, struct hf_err *err)
{
	struct hf_shut_hosts shut = {0};
	json_t *hosts = json_object_get(json_object_get(message, "shut"), "hosts");
	if (!json_is_array(hosts) || (!names->coming && !(names->coming = json_array())))
		return hf_err_set(err, HF_E_SHAPE, "That is no list of hosts");
	if (json_array_extend(names->coming, hosts) != 0)
		return hf_err_set(err, HF_E_MEMORY, "No memory for a list of hosts");
	if (!json_is_true(json_object_get(message, "last")))
		return HF_OK;
	hf_auto_json json_t *whole = json_pack("{s:o}", "hosts", names->coming);
	names->coming = NULL;
	enum hf_rc rc = hf_shut_hosts_from_json(whole, &shut, err);
	if (rc != HF_OK)
		return rc;
	hf_shut_hosts_done(&names->shut);
	names->shut = shut;
	keep_state(names);
	return HF_OK;
}

/* Before the answer: the agent may start another one at once. */
static void end_names(struct names *names)
{
	names->end = true;
	hf_notify_forget(KEPT_QUEUE);
	hf_notify_forget(KEPT_STATE);
	if (names->socket)
		unlink(names->socket);
	hf_fd_close(&names->listener);
	hf_nfqueue_free(&names->queue);
}

static enum hf_rc obey_agent(struct names *names, json_t *message, struct hf_err *err)
{
	if (json_object_get(message, "shut"))
		return take_hosts(names, message, err);
	if (json_object_get(message, "queue"))
		return open_queue(names, json_integer_value(json_object_get(message, "queue")), err);
	if (json_is_true(json_object_get(message, "end")))
		end_names(names);
	return HF_OK;
}

static void hear_agent(struct names *names, int *client)
{
	hf_auto_json json_t *message = NULL;
	size_t len = 0;
	struct hf_err err = {""};
	enum hf_rc rc = hf_sock_receive(*client, names->message, sizeof(names->message), &len, &err);
	if (rc == HF_E_ABSENT)
		return;
	if (rc == HF_OK && len > 0)
		message = json_loadb(names->message, len, JSON_REJECT_DUPLICATES, NULL);
	if (!message) {
		hf_fd_close(client);
		return;
	}
	rc = obey_agent(names, message, &err);
	if (send_json(*client, rc == HF_OK ? json_pack("{s:b, s:I, s:b, s:b}", "done", 1, "pid", (json_int_t)getpid(),
						       "strict", 1, "holds", (int)(names->queue != NULL))
					   : json_pack("{s:s}", "bad", err.text)) != HF_OK)
		hf_fd_close(client);
}

static void welcome_agent(struct names *names)
{
	hf_auto_fd int fd = -1;
	hf_user uid;
	if (hf_sock_accept(names->listener, &fd, &uid, NULL) != HF_OK || uid != geteuid())
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (names->clients[i] < 0) {
			names->clients[i] = hf_steal_fd(&fd);
			names->came = true;
			return;
		}
	}
}

static bool has_agents(const struct names *names)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (names->clients[i] >= 0)
			return true;
	}
	return false;
}

/* How long nothing may happen before it looks round. */
static int names_wait_ms(const struct names *names)
{
	if (!names->queue)
		return IDLE_MS;
	return names->watchdog_ms > 0 ? (int)names->watchdog_ms : -1;
}

/* Packets come before words of an agent: somebody waits for each. False: the queue is lost. */
static bool serve_names(struct names *names)
{
	struct pollfd polls[2 + CLIENTS_MAX] = {
		{.fd = names->queue ? hf_nfqueue_fd(names->queue) : -1, .events = POLLIN},
		{.fd = names->listener, .events = POLLIN}};
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		polls[2 + i] = (struct pollfd){.fd = names->clients[i], .events = POLLIN};
	int n = poll(polls, 2 + CLIENTS_MAX, names_wait_ms(names));
	if (n > 0 && polls[0].revents && hf_nfqueue_serve(names->queue) != HF_OK)
		return false;
	for (size_t i = 0; n > 0 && i < CLIENTS_MAX && !names->end; i++) {
		if (polls[2 + i].fd >= 0 && polls[2 + i].revents)
			hear_agent(names, &names->clients[i]);
	}
	if (n > 0 && polls[1].revents && !names->end)
		welcome_agent(names);
	if ((n == 0 || names->came) && !names->queue && !names->end && !has_agents(names))
		end_names(names);
	return true;
}

/* It reads what anybody sends: of root's rights it keeps the one to answer the kernel, and cannot gain another. */
static bool drop_rights(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = 1U << CAP_NET_ADMIN, .permitted = 1U << CAP_NET_ADMIN}};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_capset, &head, data) == 0;
}

/* What an earlier life held; a queue that nobody knows the hosts of is let go. */
static void take_kept_queue(struct names *names)
{
	hf_auto_free char *text = NULL;
	hf_auto_json json_t *state = NULL;
	hf_auto_fd int queue = -1, kept = -1;
	size_t len = 0;
	char path[64];
	if (!hf_notify_handed(KEPT_QUEUE, &queue) || !hf_notify_handed(KEPT_STATE, &kept) ||
	    hf_str_printf(path, sizeof(path), "/proc/self/fd/%d", kept) != HF_OK ||
	    hf_fs_read(path, STATE_MAX, &text, &len, NULL) != HF_OK ||
	    !(state = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL)))
		return;
	names->number = (uint16_t)json_integer_value(json_object_get(state, "queue"));
	json_object_del(state, "queue");
	if (hf_shut_hosts_from_json(state, &names->shut, NULL) != HF_OK ||
	    hf_nfqueue_inherit(queue, names->number, &names->queue, NULL) != HF_OK)
		return;
	hf_steal_fd(&queue);
	hf_nfqueue_judge(names->queue, judge_packet, names);
}

static int live_as_names(struct names *names)
{
	flows.may = may_reach;
	flows.say = tell_flow;
	flows.arg = names;
	if (hf_outlive_detach("holdfast-names") != HF_OK || !drop_rights())
		return 1;
	if (!names->socket)
		take_kept_queue(names);
	names->watchdog_ms = hf_notify_watchdog_ms();
	(void)!hf_notify(HF_NOTIFY_READY, NULL);
	while (!names->end && serve_names(names)) {
		if (names->watchdog_ms > 0)
			(void)!hf_notify(HF_NOTIFY_WATCHDOG, NULL);
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		hf_fd_close(&names->clients[i]);
	hf_nfqueue_free(&names->queue);
	hf_shut_hosts_done(&names->shut);
	json_decref(names->coming);
	return names->end ? 0 : 1;
}

int hf_names_main(int argc, char **argv)
{
	static struct names names = {.listener = HF_NAMES_FD_LISTEN};
	names.socket = argc == 3 ? argv[2] : NULL;
	if (!hf_outlive_listens(names.listener) || (!names.socket && !hf_notify_handed("listen", &names.listener))) {
		fprintf(stderr, "This is started by holdfast-agent or the service manager alone.\n");
		return 2;
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		names.clients[i] = -1;
	return live_as_names(&names);
}
