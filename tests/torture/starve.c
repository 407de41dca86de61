/* SPDX-License-Identifier: MIT */
/*
 * Owns the allocator of a program that is to run out of memory, as a library for LD_PRELOAD: it counts, and from one
 * allocation on gives none.
 * Must never be installed, nor fail an allocation that it was not told to.
 *
 * HF_STARVE names a file of three 64-bit numbers, which both sides change while the program runs: how many allocations
 * there were, the first that fails (0: none), and the first that does no more.
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 32

struct orders {
	_Atomic int64_t count, from, until;
};

/* The C library's own, under the names that it keeps for whoever replaces them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct orders *orders;

/* Where it was when it crashed, for whoever reads the log. */
static void on_crash(int number)
{
	void *frames[FRAMES];
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
	raise(number);
}

static void watch_crashes(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
	const struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
	void *frame;
	backtrace(&frame, 1); /* it allocates the first time */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("HF_STARVE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *page = fd >= 0 ? mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (fd >= 0)
		close(fd);
	if (page == MAP_FAILED)
		_exit(3); /* a run in which nothing can fail would prove nothing */
	orders = page;
	watch_crashes();
}

static bool fails(void)
{
	if (!orders)
		return false;
	int64_t now = ++orders->count, from = orders->from;
	if (from == 0 || now < from || now >= orders->until)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
	void *got = aligned_alloc(alignment, size);
	if (!got)
		return ENOMEM;
	*ret = got;
	return 0;
}
