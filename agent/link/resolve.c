/* SPDX-License-Identifier: MIT */
/*
 * Owns the thread that looks names up for the link.
 * Must never make the loop wait, nor leave the thread anything of the loop's that may go before it.
 */
#include "agent/link/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/json.h>

#define HOST_SIZE 254

/*
 * Loop and thread share a pair of sockets and nothing else: the loop can let go at any moment, also while a look-up
 * takes half a minute. That is why the answer does not come by hf_loop_post, which needs a loop that is still there.
 */
struct question {
	char host[HOST_SIZE];
};

struct answer {
	char host[HOST_SIZE];
	size_t n;
	char v[HF_RESOLVE_MAX][INET6_ADDRSTRLEN];
};

struct hf_resolver {
	hf_resolved_fn fn;
	void *arg;
	int fd;
	struct hf_watch *watch;
	json_t *waiting; /* hosts, the first of which the thread looks up while busy */
	bool busy;
};

static void note(struct answer *answer, const struct addrinfo *found)
{
	char text[INET6_ADDRSTRLEN];
	const void *address;

	if (found->ai_family == AF_INET)
		address = &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr;
	else if (found->ai_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;
	else
		return;
	if (answer->n == HF_RESOLVE_MAX || !inet_ntop(found->ai_family, address, text, sizeof(text)))
		return;
	for (size_t i = 0; i < answer->n; i++) {
		if (strcmp(answer->v[i], text) == 0)
			return;
	}
	memcpy(answer->v[answer->n++], text, sizeof(text));
}

/* One socket type is enough: others would give the same addresses again. */
static void look_up(struct answer *answer, const char *host)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return;
	for (const struct addrinfo *one = found; one; one = one->ai_next)
		note(answer, one);
	freeaddrinfo(found);
}

static void *live(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct question question;
	struct answer answer;
	char www[HOST_SIZE + 4];

	while (recv(fd, &question, sizeof(question), 0) == (ssize_t)sizeof(question)) {
		memset(&answer, 0, sizeof(answer));
		memcpy(answer.host, question.host, sizeof(answer.host));
		look_up(&answer, question.host);
		if (hf_str_printf(www, sizeof(www), "www.%s", question.host) == HF_OK)
			look_up(&answer, www);
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) != (ssize_t)sizeof(answer))
			break;
	}
	close(fd);
	return NULL;
}

/* One at a time, so that what waits waits here, where it is counted. */
static void ask_next(struct hf_resolver *resolver)
{
	struct question question = {""};
	const char *host = json_object_iter_key(json_object_iter(resolver->waiting));

	if (!resolver->busy && host && hf_str_copy(question.host, sizeof(question.host), host) == HF_OK)
		resolver->busy = send(resolver->fd, &question, sizeof(question), MSG_DONTWAIT | MSG_NOSIGNAL) ==
				 (ssize_t)sizeof(question);
}

static void on_answer(void *arg, uint32_t events)
{
	struct hf_resolver *resolver = arg;
	struct answer answer;
	const char *texts[HF_RESOLVE_MAX];
	struct hf_strs addresses = {texts, 0};

	(void)events;
	if (recv(resolver->fd, &answer, sizeof(answer), MSG_DONTWAIT) != (ssize_t)sizeof(answer))
		return;
	json_object_del(resolver->waiting, answer.host);
	resolver->busy = false;
	ask_next(resolver);
	for (; addresses.n < answer.n; addresses.n++)
		texts[addresses.n] = answer.v[addresses.n];
	resolver->fn(resolver->arg, answer.host, &addresses);
}

/* The thread takes no signal of the program's. */
static enum hf_rc start_thread(int fd)
{
	pthread_t thread;
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, NULL, live, (void *)(intptr_t)fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return HF_E_SYSTEM;
	pthread_detach(thread);
	return HF_OK;
}

enum hf_rc hf_resolver_new(struct hf_loop *loop, hf_resolved_fn fn, void *arg, struct hf_resolver **ret_resolver,
			   struct hf_err *err)
{
	hf_auto_resolver struct hf_resolver *resolver = calloc(1, sizeof(*resolver));
	int ends[2];

	if (!resolver)
		return hf_err_set(err, HF_E_MEMORY, "no memory to look names up");
	resolver->fd = -1;
	resolver->fn = fn;
	resolver->arg = arg;
	resolver->waiting = json_object();
	if (!resolver->waiting || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot look names up: %s", strerror(errno));
	resolver->fd = ends[0];
	if (hf_loop_add_fd(loop, resolver->fd, on_answer, resolver, &resolver->watch) != HF_OK ||
	    start_thread(ends[1]) != HF_OK) {
		close(ends[1]);
		return hf_err_set(err, HF_E_SYSTEM, "cannot look names up: no thread can be started");
	}
	*ret_resolver = hf_steal_ptr(&resolver);
	return HF_OK;
}

enum hf_rc hf_resolver_ask(struct hf_resolver *resolver, const char *host)
{
	if (strlen(host) >= HOST_SIZE || json_object_size(resolver->waiting) >= HF_RESOLVE_HOSTS_MAX)
		return HF_E_SIZE;
	if (!json_object_get(resolver->waiting, host) && json_object_set_new(resolver->waiting, host, json_true()) != 0)
		return HF_E_MEMORY;
	ask_next(resolver);
	return HF_OK;
}

void hf_resolver_free(struct hf_resolver **resolver)
{
	if (!*resolver)
		return;
	hf_watch_remove(&(*resolver)->watch);
	hf_fd_close(&(*resolver)->fd);
	json_decref((*resolver)->waiting);
	free(*resolver);
	*resolver = NULL;
}
