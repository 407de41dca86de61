/* SPDX-License-Identifier: MIT */
/*
 * Owns the counter that all allocations of a test go through.
 * Must never fail an allocation while it is not armed, nor one of the test's own.
 */
#include "tests/oom/help_oom.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool armed;
	bool failed;
	bool hooked;
	bool all;
	size_t count;
	size_t fail_at;
} oom;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_reallocarray(void *ptr, size_t n, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_reallocarray(void *ptr, size_t n, size_t size);
char *__wrap_strdup(const char *s);

static bool fails(void)
{
	if (!oom.armed)
		return false;
	oom.count++;
	if (oom.count != oom.fail_at && !(oom.all && oom.fail_at > 0 && oom.count > oom.fail_at))
		return false;
	oom.failed = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __real_realloc(ptr, size);
}

void *__wrap_reallocarray(void *ptr, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(ptr, n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_malloc(size);
}

static void *crypto_realloc(void *ptr, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size == 0) {
		free(ptr);
		return NULL;
	}
	return __wrap_realloc(ptr, size);
}

static void crypto_free(void *ptr, const char *file, int line)
{
	(void)file;
	(void)line;
	free(ptr);
}

/* Before main and before Criterion: OpenSSL takes its functions only before its first allocation. */
__attribute__((constructor)) static void hook(void)
{
	oom.hooked = CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1;
	json_set_alloc_funcs(__wrap_malloc, free);
}

bool oom_hooked(void)
{
	return oom.hooked;
}

void oom_arm(size_t fail_at)
{
	oom.count = 0;
	oom.failed = false;
	oom.fail_at = fail_at;
	oom.all = false;
	oom.armed = true;
}

void oom_arm_from(size_t fail_from)
{
	oom_arm(fail_from);
	oom.all = true;
}

bool oom_disarm(size_t *ret_count)
{
	oom.armed = false;
	if (ret_count)
		*ret_count = oom.count;
	return oom.failed;
}
