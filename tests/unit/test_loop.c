/* SPDX-License-Identifier: MIT */
/*
 * Owns the tests of loop.c.
 * Must never wait without an end: every loop here has a timer that stops it.
 */
#include <holdfast/loop.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <holdfast/clock.h>
#include <holdfast/str.h>

#define TOO_LONG_MS 10000

struct box {
	struct hf_loop *loop;
	struct hf_watch *watch, *other, *guard;
	int calls, others, guards;
	uint32_t events;
	int fd[2], fd2[2];
};

static void on_guard(void *arg, uint32_t events)
{
	struct box *b = arg;

	(void)events;
	b->guards++;
	hf_loop_stop(b->loop);
}

static void make(struct box *b)
{
	*b = (struct box){0};
	cr_assert_eq(hf_loop_new(&b->loop, NULL), HF_OK);
	cr_assert_eq(hf_loop_add_timer(b->loop, on_guard, b, &b->guard), HF_OK);
	cr_assert_eq(hf_timer_arm(b->guard, TOO_LONG_MS), HF_OK);
	cr_assert_eq(pipe(b->fd), 0);
	cr_assert_eq(pipe(b->fd2), 0);
}

static void end(struct box *b)
{
	hf_loop_free(&b->loop);
	cr_expect_null(b->loop);
	close(b->fd[0]);
	close(b->fd[1]);
	close(b->fd2[0]);
	close(b->fd2[1]);
}

static void run(struct box *b)
{
	cr_assert_eq(hf_loop_run(b->loop, NULL), HF_OK);
	cr_assert_eq(b->guards, 0, "it had to be stopped");
}

static void count_and_stop(void *arg, uint32_t events)
{
	struct box *b = arg;

	b->calls++;
	b->events = events;
	hf_loop_stop(b->loop);
}

Test(loop, calls_for_a_file_descriptor)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd[0], count_and_stop, &b, &b.watch), HF_OK);
	cr_assert_eq(write(b.fd[1], "x", 1), 1);
	run(&b);
	cr_expect_eq(b.calls, 1);
	cr_expect_eq(b.events, HF_LOOP_READ);
	cr_expect_eq(hf_loop_add_fd(b.loop, b.fd[0], count_and_stop, &b, NULL), HF_E_SYSTEM,
		     "the same descriptor twice");
	end(&b);
}

Test(loop, events_can_change)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd[1], count_and_stop, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_watch_events(b.watch, HF_LOOP_WRITE), HF_OK);
	run(&b);
	cr_expect_eq(b.events, HF_LOOP_WRITE);
	end(&b);
}

Test(loop, says_that_the_other_end_is_gone)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd[1], count_and_stop, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_watch_events(b.watch, 0), HF_OK);
	cr_assert_eq(close(b.fd[0]), 0);
	b.fd[0] = -1;
	run(&b);
	cr_expect_eq(b.events, HF_LOOP_GONE, "without being asked");
	end(&b);
}

static void remove_both(void *arg, uint32_t events)
{
	struct box *b = arg;

	(void)events;
	b->calls++;
	hf_watch_remove(&b->watch);
	hf_watch_remove(&b->other);
	hf_watch_remove(&b->other);
	cr_expect_null(b->watch);
	cr_assert_eq(hf_timer_arm(b->guard, 50), HF_OK);
}

/* Both are ready in the same batch: whoever comes first removes himself and the other, who must not be called. */
Test(loop, a_watch_removed_inside_a_call_is_never_called)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd[0], remove_both, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd2[0], remove_both, &b, &b.other), HF_OK);
	cr_assert_eq(write(b.fd[1], "x", 1), 1);
	cr_assert_eq(write(b.fd2[1], "x", 1), 1);
	cr_assert_eq(hf_loop_run(b.loop, NULL), HF_OK);
	cr_expect_eq(b.calls, 1);
	cr_expect_eq(b.guards, 1, "the guard ended it");
	end(&b);
}

Test(loop, a_timer_fires_once_and_not_before_its_time)
{
	struct box b;
	int64_t before = hf_clock_boot().ms;

	make(&b);
	cr_assert_eq(hf_loop_add_timer(b.loop, count_and_stop, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_timer_arm(b.watch, 60), HF_OK);
	run(&b);
	cr_expect_geq(hf_clock_boot().ms - before, 60);
	cr_assert_eq(hf_timer_arm(b.guard, 100), HF_OK);
	cr_assert_eq(hf_loop_run(b.loop, NULL), HF_OK);
	cr_expect_eq(b.calls, 1, "once");
	end(&b);
}

Test(loop, arming_replaces_and_zero_disarms)
{
	static const struct {
		const char *what;
		int64_t first, then;
		int calls;
	} rows[] = {
		{"disarmed", 10, 0, 0},
		{"later instead of sooner", 10, TOO_LONG_MS, 0},
		{"sooner instead of later", TOO_LONG_MS, 10, 1},
		{"a time that has passed is now", TOO_LONG_MS, -5, 1},
	};

	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct box b;

		make(&b);
		cr_assert_eq(hf_loop_add_timer(b.loop, count_and_stop, &b, &b.watch), HF_OK);
		cr_assert_eq(hf_timer_arm(b.watch, rows[i].first), HF_OK);
		cr_assert_eq(hf_timer_arm(b.watch, rows[i].then), HF_OK);
		cr_assert_eq(hf_timer_arm(b.guard, 100), HF_OK);
		cr_assert_eq(hf_loop_run(b.loop, NULL), HF_OK);
		cr_expect_eq(b.calls, rows[i].calls, "%s", rows[i].what);
		end(&b);
	}
}

static void disarm_other(void *arg, uint32_t events)
{
	struct box *b = arg;

	(void)events;
	b->calls++;
	if (b->watch)
		cr_assert_eq(hf_timer_arm(b->watch, 0), HF_OK);
	if (b->other)
		cr_assert_eq(hf_timer_arm(b->other, 0), HF_OK);
	cr_assert_eq(hf_timer_arm(b->guard, 50), HF_OK);
}

Test(loop, a_timer_disarmed_in_the_same_batch_does_not_fire)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_timer(b.loop, disarm_other, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_loop_add_timer(b.loop, disarm_other, &b, &b.other), HF_OK);
	cr_assert_eq(hf_timer_arm(b.watch, -1), HF_OK);
	cr_assert_eq(hf_timer_arm(b.other, -1), HF_OK);
	cr_assert_eq(hf_loop_run(b.loop, NULL), HF_OK);
	cr_expect_eq(b.calls, 1);
	end(&b);
}

static void on_signal(void *arg, uint32_t number)
{
	struct box *b = arg;

	b->calls++;
	b->events |= 1u << number;
	if (b->calls == 3)
		hf_loop_stop(b->loop);
}

Test(loop, signals_come_through_the_loop)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_add_signals(b.loop, on_signal, &b), HF_OK);
	cr_assert_eq(raise(SIGTERM), 0);
	cr_assert_eq(raise(SIGINT), 0);
	cr_assert_eq(raise(SIGHUP), 0);
	run(&b);
	cr_expect_eq(b.events, 1u << SIGTERM | 1u << SIGINT | 1u << SIGHUP);
	end(&b);
}

/* ---- posts ---- */

struct note {
	struct box *box;
	int number;
	int *next; /* the number that is expected */
	bool last;
};

static void take_note(void *arg)
{
	struct note *note = arg;

	cr_expect_eq(note->number, *note->next, "order of posting: %d", note->number);
	++*note->next;
	note->box->calls++;
	if (note->last)
		hf_loop_stop(note->box->loop);
	free(note);
}

static enum hf_rc post(struct box *b, int number, int *next, bool last)
{
	struct note *note = malloc(sizeof(*note));
	enum hf_rc rc;

	cr_assert_not_null(note);
	*note = (struct note){b, number, next, last};
	rc = hf_loop_post(b->loop, take_note, note);
	if (rc != HF_OK)
		free(note);
	return rc;
}

struct poster {
	struct box *box;
	int next, many;
};

static void *post_many(void *arg)
{
	struct poster *p = arg;

	for (int i = 0; i < p->many; i++)
		while (post(p->box, i, &p->next, false) != HF_OK)
			usleep(100);
	return NULL;
}

static void check_done(void *arg, uint32_t events)
{
	struct box *b = arg;

	(void)events;
	if (b->calls == b->others)
		hf_loop_stop(b->loop);
	else
		cr_assert_eq(hf_timer_arm(b->watch, 5), HF_OK);
}

/* The one way back from a thread: nothing lost, nothing twice, each thread's in its order. */
Test(loop, posts_of_several_threads_arrive_in_each_ones_order)
{
	struct box b;
	pthread_t threads[4];
	struct poster posters[4];

	make(&b);
	b.others = 4 * 50000;
	cr_assert_eq(hf_loop_add_timer(b.loop, check_done, &b, &b.watch), HF_OK);
	cr_assert_eq(hf_timer_arm(b.watch, 5), HF_OK);
	for (int i = 0; i < 4; i++) {
		posters[i] = (struct poster){&b, 0, 50000};
		cr_assert_eq(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
	}
	run(&b);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(b.calls, b.others);
	end(&b);
}

Test(loop, a_full_queue_tells_the_poster)
{
	struct box b;
	int next = 0;

	make(&b);
	for (int i = 0; i < 65536; i++)
		cr_assert_eq(post(&b, i, &next, i == 65535), HF_OK);
	cr_expect_eq(post(&b, 65536, &next, false), HF_E_SIZE, "a thread that runs away does not take all memory");
	run(&b);
	cr_expect_eq(b.calls, 65536);
	cr_expect_eq(post(&b, 65536, &next, false), HF_OK, "there is room again");
	end(&b);
	cr_expect_eq(b.calls, 65537);
}

Test(loop, what_waits_when_the_loop_is_freed_is_still_run)
{
	struct box b;
	int next = 0;

	make(&b);
	for (int i = 0; i < 10; i++)
		cr_assert_eq(post(&b, i, &next, false), HF_OK);
	end(&b);
	cr_expect_eq(b.calls, 10, "what was handed over is freed by its owner");
}

Test(loop, what_waits_after_a_stop_is_run_by_the_next_run)
{
	struct box b;
	int next = 0;

	make(&b);
	cr_assert_eq(post(&b, 0, &next, true), HF_OK);
	cr_assert_eq(post(&b, 1, &next, true), HF_OK);
	run(&b);
	cr_expect_eq(b.calls, 1, "stopped at once");
	run(&b);
	cr_expect_eq(b.calls, 2);
	end(&b);
}

static void post_again(void *arg)
{
	struct box *b = arg;

	b->others++;
	(void)!hf_loop_post(b->loop, post_again, b);
}

/* A busy thread must not keep a signal or an officer out. */
Test(loop, posts_without_end_do_not_starve_the_others)
{
	struct box b;

	make(&b);
	cr_assert_eq(hf_loop_post(b.loop, post_again, &b), HF_OK);
	cr_assert_eq(hf_loop_add_fd(b.loop, b.fd[0], count_and_stop, &b, &b.watch), HF_OK);
	cr_assert_eq(write(b.fd[1], "x", 1), 1);
	run(&b);
	cr_expect_eq(b.calls, 1);
	end(&b);
}

Test(loop, free_takes_null)
{
	struct hf_loop *none = NULL;
	struct hf_watch *nothing = NULL;

	hf_loop_free(&none);
	hf_loop_free(NULL);
	hf_watch_remove(&nothing);
	hf_watch_remove(NULL);
	cr_expect_null(none, "freed is NULL");
}
