/* SPDX-License-Identifier: MIT */
/*
 * Owns the threads that verify reports: a whole estate reports at once, and officers are answered meanwhile.
 * Must never let a thread touch anything but the reading in its hands, or change the order of one device's reports.
 */
#include "controller/readers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>

#define THREADS_MAX 4
#define WAITING_MAX (16 * 1024 * 1024) /* bytes that wait to be read or taken: a burst of some thousand reports */
#define AGAIN_MAX (64 * 1024 * 1024)   /* the same of reports of a life before, while nothing is served yet */
#define TAKE_MS 3		       /* then the loop's other watches have their turn, officers among them */

struct job {
	struct job *next;
	struct hf_reading reading;
};

struct queue {
	struct job *first, **last;
};

struct reader {
	struct hf_readers *all;
	pthread_t thread;
	pthread_cond_t wanted;
	struct queue queue;
};

struct hf_readers {
	struct hf_controller *c;
	int fd; /* says that something has been read */
	struct hf_watch *watch;
	struct reader v[THREADS_MAX];
	size_t n;
	size_t waiting, again; /* bytes of new reports, and of those of a life before; the loop's alone */
	pthread_mutex_t mutex; /* guards what follows, and the queues of the readers */
	pthread_cond_t was_read;
	struct queue done;
	bool closing;
};

static void put(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
}

static struct job *get(struct queue *queue)
{
	struct job *job = queue->first;

	if (job)
		queue->first = job->next;
	if (!queue->first)
		queue->last = &queue->first;
	return job;
}

static void free_job(struct job *job)
{
	hf_reading_done(&job->reading);
	free(job);
}

/* ---- on a reader's thread ---- */

static void say_read(struct hf_readers *all)
{
	const uint64_t one = 1;

	pthread_cond_signal(&all->was_read);
	/* It can only fail when the counter is full: then the loop wakes anyway. */
	(void)!write(all->fd, &one, sizeof(one));
}

static void *thread_main(void *arg)
{
	struct reader *reader = arg;
	struct hf_readers *all = reader->all;
	struct job *job;

	pthread_mutex_lock(&all->mutex);
	while (!all->closing) {
		job = get(&reader->queue);
		if (!job) {
			pthread_cond_wait(&reader->wanted, &all->mutex);
			continue;
		}
		pthread_mutex_unlock(&all->mutex);
		hf_reading_read(&job->reading);
		pthread_mutex_lock(&all->mutex);
		put(&all->done, job);
		say_read(all);
	}
	pthread_mutex_unlock(&all->mutex);
	return NULL;
}

/* ---- on the loop's thread ---- */

static struct job *get_done(struct hf_readers *all, bool wait)
{
	struct job *job;

	pthread_mutex_lock(&all->mutex);
	while (!(job = get(&all->done)) && wait)
		pthread_cond_wait(&all->was_read, &all->mutex);
	pthread_mutex_unlock(&all->mutex);
	return job;
}

static size_t *bytes_with(struct hf_readers *all, const struct hf_reading *reading)
{
	return reading->again ? &all->again : &all->waiting;
}

static bool take_one(struct hf_readers *all, bool wait)
{
	struct job *job = get_done(all, wait);

	if (!job)
		return false;
	*bytes_with(all, &job->reading) -= job->reading.len;
	job->reading.take(all->c, &job->reading);
	free_job(job);
	return true;
}

static void on_read(void *arg, uint32_t events)
{
	struct hf_readers *all = arg;
	const uint64_t one = 1;
	uint64_t count;
	int64_t end = hf_clock_boot().ms + TAKE_MS;
	bool more = true;

	(void)events;
	(void)!read(all->fd, &count, sizeof(count));
	while (more && hf_clock_boot().ms < end)
		more = take_one(all, false);
	if (more)
		(void)!write(all->fd, &one, sizeof(one));
}

/* One device's reports go the same way. */
static struct reader *reader_of(struct hf_readers *all, const char *device)
{
	size_t sum = 0;

	for (const char *p = device; *p; p++)
		sum = sum * 31 + (unsigned char)*p;
	return &all->v[sum % all->n];
}

enum hf_rc hf_readers_read(struct hf_readers *all, struct hf_reading *reading)
{
	size_t *bytes = bytes_with(all, reading), most = reading->again ? AGAIN_MAX : WAITING_MAX;
	struct reader *reader = reader_of(all, reading->device);
	struct job *job;

	while (*bytes > 0 && *bytes + reading->len > most)
		take_one(all, true);
	job = malloc(sizeof(*job));
	if (!job) {
		hf_reading_done(reading);
		return HF_E_MEMORY;
	}
	job->reading = *reading;
	*bytes += reading->len;
	pthread_mutex_lock(&all->mutex);
	put(&reader->queue, job);
	pthread_cond_signal(&reader->wanted);
	pthread_mutex_unlock(&all->mutex);
	return HF_OK;
}

/* The threads take no signal of the program's. */
static enum hf_rc start_threads(struct hf_readers *all)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t want = processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (size_t)processors;
	sigset_t every, before;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	for (; all->n < want; all->n++) {
		struct reader *reader = &all->v[all->n];

		reader->all = all;
		reader->queue.last = &reader->queue.first;
		pthread_cond_init(&reader->wanted, NULL);
		if (pthread_create(&reader->thread, NULL, thread_main, reader) != 0) {
			pthread_cond_destroy(&reader->wanted);
			break;
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return all->n > 0 ? HF_OK : HF_E_SYSTEM;
}

enum hf_rc hf_readers_new(struct hf_controller *c, struct hf_readers **ret_readers, struct hf_err *err)
{
	struct hf_readers *all = calloc(1, sizeof(*all));
	enum hf_rc rc;

	if (!all)
		return hf_err_set(err, HF_E_MEMORY, "no memory to read reports");
	all->c = c;
	all->done.last = &all->done.first;
	pthread_mutex_init(&all->mutex, NULL);
	pthread_cond_init(&all->was_read, NULL);
	all->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = all->fd < 0 ? HF_E_SYSTEM : hf_loop_add_fd(c->loop, all->fd, on_read, all, &all->watch);
	if (rc == HF_OK)
		rc = start_threads(all);
	if (rc != HF_OK) {
		hf_readers_free(&all);
		return hf_err_set(err, rc, "no thread can be started to read reports");
	}
	*ret_readers = all;
	return HF_OK;
}

static void end_threads(struct hf_readers *all)
{
	pthread_mutex_lock(&all->mutex);
	all->closing = true;
	for (size_t i = 0; i < all->n; i++)
		pthread_cond_signal(&all->v[i].wanted);
	pthread_mutex_unlock(&all->mutex);
	for (size_t i = 0; i < all->n; i++) {
		struct job *job;

		pthread_join(all->v[i].thread, NULL);
		pthread_cond_destroy(&all->v[i].wanted);
		while ((job = get(&all->v[i].queue)))
			free_job(job);
	}
}

void hf_readers_free(struct hf_readers **readers)
{
	struct hf_readers *all = *readers;

	if (!all)
		return;
	end_threads(all);
	while (take_one(all, false))
		continue;
	hf_watch_remove(&all->watch);
	hf_fd_close(&all->fd);
	pthread_cond_destroy(&all->was_read);
	pthread_mutex_destroy(&all->mutex);
	free(all);
	*readers = NULL;
}
