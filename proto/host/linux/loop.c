/* SPDX-License-Identifier: MIT */
/*
 * Owns the waiting of a program: file descriptors, timers, signals, and the queue that other threads post to.
 * Must never call anything on another thread than the one that runs it, nor call a watch that was removed.
 */
#include <holdfast/loop.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define POSTS_MAX 65536		    /* as loop.h says */
#define BATCH 32		    /* events taken from the kernel at once */
#define POSTS_AT_ONCE 16	    /* then whatever else is watched has its turn */
#define FAR_AWAY (INT64_C(1) << 40) /* seconds: a date that no clock is set to */

enum kind { KIND_FD, KIND_TIMER, KIND_CLOCK, KIND_SIGNALS, KIND_POSTS };

struct hf_watch {
	struct hf_loop *loop;
	struct hf_watch *prev, *next;
	enum kind kind;
	int fd;
	bool dead;
	hf_watch_fn fn;
	void *arg;
};

struct post {
	struct post *next;
	hf_post_fn fn;
	void *arg;
};

struct hf_loop {
	int epoll_fd;
	bool stop, busy;
	struct hf_watch *live, *dead;
	struct hf_watch *posts_watch;
	pthread_mutex_t mutex; /* guards what follows */
	struct post *first, **last;
	size_t n_posts;
	bool closed;
};

static void unlink_watch(struct hf_watch *w)
{
	if (w->prev)
		w->prev->next = w->next;
	else
		w->loop->live = w->next;
	if (w->next)
		w->next->prev = w->prev;
}

static void free_watch(struct hf_watch *w)
{
	if (w->kind != KIND_FD)
		hf_fd_close(&w->fd);
	free(w);
}

static void free_dead(struct hf_loop *loop)
{
	while (loop->dead) {
		struct hf_watch *w = loop->dead;

		loop->dead = w->next;
		free_watch(w);
	}
}

void hf_watch_remove(struct hf_watch **watch)
{
	struct hf_watch *w = watch ? *watch : NULL;

	if (!w)
		return;
	*watch = NULL;
	if (w->dead)
		return;
	epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	unlink_watch(w);
	/* An event for it may wait in the batch at hand, so its memory stays until that is done. */
	w->dead = true;
	w->next = w->loop->dead;
	w->loop->dead = w;
	if (!w->loop->busy)
		free_dead(w->loop);
}

static uint32_t to_epoll(uint32_t events)
{
	return (events & HF_LOOP_READ ? EPOLLIN : 0u) | (events & HF_LOOP_WRITE ? EPOLLOUT : 0u);
}

static uint32_t from_epoll(uint32_t events)
{
	return (events & EPOLLIN ? HF_LOOP_READ : 0u) | (events & EPOLLOUT ? HF_LOOP_WRITE : 0u) |
	       (events & (EPOLLHUP | EPOLLERR) ? HF_LOOP_GONE : 0u);
}

/* On failure a file descriptor that would have become the watch's own is left to the caller. */
static enum hf_rc add_watch(struct hf_loop *loop, const struct hf_watch *like, struct hf_watch **ret_watch)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct hf_watch *w = malloc(sizeof(*w));

	if (!w)
		return HF_E_MEMORY;
	*w = *like;
	w->loop = loop;
	ev.data.ptr = w;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) != 0) {
		free(w);
		return HF_E_SYSTEM;
	}
	w->next = loop->live;
	if (w->next)
		w->next->prev = w;
	loop->live = w;
	if (ret_watch)
		*ret_watch = w;
	return HF_OK;
}

/* As add_watch(), for a file descriptor that belongs to the watch and is closed on failure. */
static enum hf_rc add_own_watch(struct hf_loop *loop, const struct hf_watch *like, struct hf_watch **ret_watch)
{
	hf_auto_fd int fd = like->fd;
	enum hf_rc rc = fd < 0 ? HF_E_SYSTEM : add_watch(loop, like, ret_watch);

	if (rc == HF_OK)
		hf_steal_fd(&fd);
	return rc;
}

enum hf_rc hf_loop_add_fd(struct hf_loop *loop, int fd, hf_watch_fn fn, void *arg, struct hf_watch **ret_watch)
{
	struct hf_watch like = {.kind = KIND_FD, .fd = fd, .fn = fn, .arg = arg};

	return add_watch(loop, &like, ret_watch);
}

enum hf_rc hf_watch_events(struct hf_watch *watch, uint32_t events)
{
	struct epoll_event ev = {.events = to_epoll(events), .data.ptr = watch};

	return epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev) == 0 ? HF_OK : HF_E_SYSTEM;
}

enum hf_rc hf_loop_add_timer(struct hf_loop *loop, hf_watch_fn fn, void *arg, struct hf_watch **ret_watch)
{
	struct hf_watch like = {.kind = KIND_TIMER, .fn = fn, .arg = arg};

	like.fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	return add_own_watch(loop, &like, ret_watch);
}

enum hf_rc hf_timer_arm(struct hf_watch *timer, int64_t ms)
{
	struct itimerspec at = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}};

	/* What should have happened in the past happens at once; 0 would disarm. */
	if (ms < 0)
		at.it_value = (struct timespec){.tv_nsec = 1};
	return timerfd_settime(timer->fd, 0, &at, NULL) == 0 ? HF_OK : HF_E_SYSTEM;
}

/* Set to a date that never comes, a timer tells when somebody sets the clock. */
static bool await_new_clock(int fd)
{
	const struct itimerspec far = {.it_value.tv_sec = FAR_AWAY};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) == 0;
}

enum hf_rc hf_loop_add_clock(struct hf_loop *loop, hf_watch_fn fn, void *arg, struct hf_watch **ret_watch)
{
	struct hf_watch like = {.kind = KIND_CLOCK, .fn = fn, .arg = arg};

	like.fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (like.fd >= 0 && !await_new_clock(like.fd))
		hf_fd_close(&like.fd);
	return add_own_watch(loop, &like, ret_watch);
}

void hf_loop_hold_hangup(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

enum hf_rc hf_loop_add_signals(struct hf_loop *loop, hf_watch_fn fn, void *arg)
{
	struct hf_watch like = {.kind = KIND_SIGNALS, .fn = fn, .arg = arg};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return HF_E_SYSTEM;
	like.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return add_own_watch(loop, &like, NULL);
}

static void wake(struct hf_loop *loop)
{
	uint64_t one = 1;
	ssize_t n;

	/* It can only fail when the counter is full: then the loop wakes anyway. */
	do
		n = write(loop->posts_watch->fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

enum hf_rc hf_loop_post(struct hf_loop *loop, hf_post_fn fn, void *arg)
{
	struct post *p = malloc(sizeof(*p));
	bool accepted;

	if (!p)
		return HF_E_MEMORY;
	*p = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&loop->mutex);
	accepted = !loop->closed && loop->n_posts < POSTS_MAX;
	if (accepted) {
		*loop->last = p;
		loop->last = &p->next;
		if (loop->n_posts++ == 0)
			wake(loop);
	}
	pthread_mutex_unlock(&loop->mutex);
	if (!accepted)
		free(p);
	return accepted ? HF_OK : HF_E_SIZE;
}

static bool run_one_post(struct hf_loop *loop)
{
	struct post *p;

	pthread_mutex_lock(&loop->mutex);
	p = loop->first;
	if (p) {
		loop->first = p->next;
		loop->n_posts--;
		if (!loop->first)
			loop->last = &loop->first;
	}
	pthread_mutex_unlock(&loop->mutex);
	if (!p)
		return false;
	p->fn(p->arg);
	free(p);
	return true;
}

/* Those that are posted meanwhile wait for the next turn, so that a busy thread does not keep others out. */
static void run_posts(struct hf_loop *loop)
{
	size_t turn, left;

	pthread_mutex_lock(&loop->mutex);
	turn = loop->n_posts < POSTS_AT_ONCE ? loop->n_posts : POSTS_AT_ONCE;
	pthread_mutex_unlock(&loop->mutex);
	while (turn-- > 0 && !loop->stop && run_one_post(loop))
		continue;
	pthread_mutex_lock(&loop->mutex);
	left = loop->n_posts;
	if (left > 0)
		wake(loop);
	pthread_mutex_unlock(&loop->mutex);
}

static void call_signals(struct hf_watch *w)
{
	struct signalfd_siginfo info;

	while (!w->dead && read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		w->fn(w->arg, info.ssi_signo);
}

static void call_clock(struct hf_watch *w)
{
	uint64_t count;

	if (read(w->fd, &count, sizeof(count)) < 0 && errno != ECANCELED)
		return;
	await_new_clock(w->fd);
	w->fn(w->arg, HF_LOOP_READ);
}

static void call(struct hf_watch *w, uint32_t events)
{
	uint64_t count;
	bool fired;

	if (w->dead)
		return;
	switch (w->kind) {
	case KIND_FD:
		w->fn(w->arg, events);
		return;
	case KIND_CLOCK:
		call_clock(w);
		return;
	case KIND_SIGNALS:
		call_signals(w);
		return;
	case KIND_TIMER:
	case KIND_POSTS:
		/* A timer that an earlier call of this batch armed anew has nothing to read. */
		fired = read(w->fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
		if (fired && w->kind == KIND_TIMER)
			w->fn(w->arg, events);
		else if (fired)
			run_posts(w->loop);
		return;
	}
}

enum hf_rc hf_loop_run(struct hf_loop *loop, struct hf_err *err)
{
	struct epoll_event events[BATCH];

	loop->stop = false;
	while (!loop->stop) {
		int n = epoll_wait(loop->epoll_fd, events, BATCH, -1);

		if (n < 0 && errno != EINTR)
			return hf_err_set(err, HF_E_SYSTEM, "cannot wait for events: %m");
		loop->busy = true;
		for (int i = 0; i < n && !loop->stop; i++)
			call(events[i].data.ptr, from_epoll(events[i].events));
		loop->busy = false;
		free_dead(loop);
	}
	return HF_OK;
}

void hf_loop_stop(struct hf_loop *loop)
{
	loop->stop = true;
}

static enum hf_rc add_posts(struct hf_loop *loop)
{
	struct hf_watch like = {.kind = KIND_POSTS};

	like.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return add_own_watch(loop, &like, &loop->posts_watch);
}

enum hf_rc hf_loop_new(struct hf_loop **ret_loop, struct hf_err *err)
{
	struct hf_loop *loop = calloc(1, sizeof(*loop));
	enum hf_rc rc = HF_E_SYSTEM;

	if (!loop)
		return hf_err_set(err, HF_E_MEMORY, "no memory for an event loop");
	pthread_mutex_init(&loop->mutex, NULL);
	loop->last = &loop->first;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd >= 0)
		rc = add_posts(loop);
	if (rc != HF_OK) {
		rc = hf_err_set(err, rc, "cannot make an event loop: %m");
		hf_loop_free(&loop);
		return rc;
	}
	*ret_loop = loop;
	return HF_OK;
}

void hf_loop_free(struct hf_loop **loop)
{
	struct hf_loop *l = loop ? *loop : NULL;

	if (!l)
		return;
	pthread_mutex_lock(&l->mutex);
	l->closed = true;
	pthread_mutex_unlock(&l->mutex);
	while (run_one_post(l))
		continue;
	while (l->live) {
		struct hf_watch *w = l->live;

		hf_watch_remove(&w);
	}
	hf_fd_close(&l->epoll_fd);
	pthread_mutex_destroy(&l->mutex);
	free(l);
	*loop = NULL;
}
