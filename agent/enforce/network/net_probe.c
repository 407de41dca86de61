/* SPDX-License-Identifier: MIT */
/*
 * Owns the child that tries to reach what is shut on the network.
 * Must never wait without an end, nor send a byte off this machine when all is well.
 */
#include "agent/enforce/network/net_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"
#include "agent/enforce/network/names/hello.h"

#define NOBODY 65534
#define PORT 443
#define OWN_ADDRESS "127.72.70.1" /* a loopback address where nobody else listens */
#define OWN_PORT 8443		  /* one of those on which names are looked at */
#define WAIT_MS 400		  /* this machine's own answer comes in less than one */
#define STEP_MS 2
#define CHILD_MS 2000
#define HELLO_MAX 512

static int connect_addr(const struct hf_addr *addr, uint16_t port)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	bool v4 = hf_addr_is_v4(addr);
	memcpy(&six.sin6_addr, addr->b, sizeof(six.sin6_addr));
	memcpy(&four.sin_addr, addr->b + 12, sizeof(four.sin_addr));
	hf_auto_fd int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr *to = v4 ? (const struct sockaddr *)&four : (const struct sockaddr *)&six;
	if (fd < 0 || (connect(fd, to, v4 ? sizeof(four) : sizeof(six)) != 0 && errno != EINPROGRESS))
		return -1;
	return hf_steal_fd(&fd);
}

static int error_of(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* A network that is down refuses too, but says otherwise. */
static enum hf_try try_of(int error)
{
	if (error == ECONNREFUSED || error == ECONNRESET)
		return HF_TRY_REFUSED;
	return error == 0 ? HF_TRY_PASSED : HF_TRY_UNKNOWN;
}

static void try_addrs(const struct hf_net_trial *trial, enum hf_try tries[HF_NET_PROBE_MAX])
{
	struct pollfd polls[HF_NET_PROBE_MAX];
	for (size_t i = 0; i < trial->n; i++) {
		polls[i] = (struct pollfd){.fd = connect_addr(&trial->v[i], PORT), .events = POLLOUT};
		tries[i] = polls[i].fd < 0 ? try_of(errno) : HF_TRY_PASSED;
	}
	for (size_t i = 0; i < trial->n; i++) {
		/* Who is not refused at once is on the way. */
		if (polls[i].fd >= 0 && poll(&polls[i], 1, WAIT_MS) == 1)
			tries[i] = try_of(error_of(polls[i].fd));
		hf_fd_close(&polls[i].fd);
	}
}

/* The shortest hello that a server would read: one cipher, one extension. */
static size_t make_hello(const char *host, uint8_t hello[HELLO_MAX])
{
	static const uint8_t middle[] = {0, 0, 2, 0x13, 0x01, 1, 0};
	uint8_t n = (uint8_t)strnlen(host, 253);
	uint8_t *at = hello + 11;
	uint8_t body = (uint8_t)(n > 190 ? 0 : n);
	memset(hello, 0, HELLO_MAX);
	memset(at, 0x48, 32);
	at += 32;
	memcpy(at, middle, sizeof(middle));
	at += sizeof(middle);
	const uint8_t extension[] = {0, (uint8_t)(body + 9), 0, 0, 0,	(uint8_t)(body + 5),
				     0, (uint8_t)(body + 3), 0, 0, body};
	memcpy(at, extension, sizeof(extension));
	at += sizeof(extension);
	memcpy(at, host, body);
	at += body;
	size_t len = (size_t)(at - hello);
	const uint8_t head[] = {0x16,
				3,
				1,
				(uint8_t)((len - 5) >> 8),
				(uint8_t)(len - 5),
				1,
				0,
				(uint8_t)((len - 9) >> 8),
				(uint8_t)(len - 9),
				3,
				3};
	memcpy(hello, head, sizeof(head));
	return len;
}

/* The listener takes bytes without anybody reading them: that they arrived is seen in the sender's own queue. */
static enum hf_try arrival(int fd)
{
	for (int ms = 0; ms < WAIT_MS; ms += STEP_MS) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int waiting = 1;
		if (poll(&p, 1, STEP_MS) == 1)
			return try_of(error_of(fd));
		if (ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting == 0)
			return HF_TRY_PASSED;
	}
	return HF_TRY_UNKNOWN;
}

static enum hf_try try_name(const char *host)
{
	struct hf_addr own;
	uint8_t hello[HELLO_MAX];
	size_t len = make_hello(host, hello);
	if (hf_addr_parse(OWN_ADDRESS, &own) != HF_OK)
		return HF_TRY_UNKNOWN;
	hf_auto_fd int fd = connect_addr(&own, OWN_PORT);
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	if (fd < 0 || poll(&p, 1, WAIT_MS) != 1 || error_of(fd) != 0 ||
	    send(fd, hello, len, MSG_NOSIGNAL) != (ssize_t)len)
		return HF_TRY_UNKNOWN;
	return arrival(fd);
}

static int listen_here(void)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(OWN_PORT)};
	const int on = 1;
	hf_auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || inet_pton(AF_INET, OWN_ADDRESS, &own.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0 || listen(fd, 8) != 0)
		return -1;
	return hf_steal_fd(&fd);
}

static _Noreturn void be_user(const struct hf_net_trial *trial, bool names, int out)
{
	struct hf_net_saw saw = {.ran = true};
	sigset_t none;
	hf_child_keep(out);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
	    setresuid(trial->uid, trial->uid, trial->uid) != 0)
		_exit(126);
	try_addrs(trial, saw.addrs);
	if (names) {
		saw.name = try_name(trial->host);
		saw.other = try_name(HF_NET_PROBE_OTHER);
	}
	_exit(write(out, &saw, sizeof(saw)) == (ssize_t)sizeof(saw) ? 0 : 126);
}

static void end_child(pid_t child)
{
	int status;
	hf_auto_fd int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	if (pidfd < 0 || poll(&p, 1, WAIT_MS) != 1)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
}

static void try_here(const struct hf_net_trial *trial, struct hf_net_saw *ret_saw)
{
	int ends[2];
	memset(ret_saw, 0, sizeof(*ret_saw));
	hf_auto_fd int listener = trial->host ? listen_here() : -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	hf_auto_fd int in = ends[0];
	hf_auto_fd int out = ends[1];
	pid_t child = fork();
	if (child == 0)
		be_user(trial, listener >= 0, out);
	hf_fd_close(&out);
	if (child < 0)
		return;
	struct hf_net_saw saw = {.ran = false};
	struct pollfd p = {.fd = in, .events = POLLIN};
	if (poll(&p, 1, CHILD_MS) == 1 && read(in, &saw, sizeof(saw)) == (ssize_t)sizeof(saw))
		*ret_saw = saw;
	end_child(child);
	if (ret_saw->ran && listener >= 0)
		ret_saw->name_root = try_name(trial->host);
}

/* A trial as it is sent. */
struct sent {
	hf_user uid;
	uint32_t n;
	struct hf_addr v[HF_NET_PROBE_MAX];
	char host[HF_HOST_SIZE]; /* "": none */
};

bool hf_net_trial(struct hf_hands_message *message)
{
	struct sent sent;
	struct hf_net_trial trial = {0};
	struct hf_net_saw saw;
	if (message->len != sizeof(sent))
		return false;
	memcpy(&sent, message->data, sizeof(sent));
	if (sent.n > HF_NET_PROBE_MAX || !memchr(sent.host, '\0', sizeof(sent.host)))
		return false;
	trial.uid = sent.uid;
	trial.n = sent.n;
	memcpy(trial.v, sent.v, sizeof(trial.v));
	trial.host = sent.host[0] ? sent.host : NULL;
	try_here(&trial, &saw);
	message->len = sizeof(saw);
	memcpy(message->data, &saw, sizeof(saw));
	return true;
}

void hf_net_probe(struct hf_hands *hands, const struct hf_net_trial *trial, struct hf_net_saw *ret_saw)
{
	struct hf_hands_message message = {.word = HF_HANDS_NETWORK, .len = sizeof(struct sent)};
	struct sent sent = {.uid = trial->uid, .n = (uint32_t)trial->n};
	memcpy(sent.v, trial->v, sizeof(sent.v));
	enum hf_rc rc = trial->host ? hf_str_copy(sent.host, sizeof(sent.host), trial->host) : HF_OK;
	memcpy(message.data, &sent, sizeof(sent));
	if (rc == HF_OK)
		rc = hf_hands_ask(hands, &message);
	if (rc == HF_E_ABSENT) {
		try_here(trial, ret_saw);
		return;
	}
	memset(ret_saw, 0, sizeof(*ret_saw));
	if (rc == HF_OK && message.error == 0 && message.len == sizeof(*ret_saw))
		memcpy(ret_saw, message.data, sizeof(*ret_saw));
}
