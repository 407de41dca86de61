/* SPDX-License-Identifier: MIT */
/*
 * Owns bounded strings, the shapes of ids, and lists of borrowed strings.
 * Must never cut a text in silence: it fits or it is refused.
 */
#include <holdfast/str.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLATFORM_MAX 32
#define HANDLE_MAX 64

void hf_free_ptr(void *address_of_pointer)
{
	void *p = hf_steal_ptr(address_of_pointer);
	free(p);
}

void *hf_steal_ptr(void *address_of_pointer)
{
	void *p;
	void *none = NULL;
	memcpy(&p, address_of_pointer, sizeof(p));
	memcpy(address_of_pointer, &none, sizeof(none));
	return p;
}

enum hf_rc hf_str_printf(char *dst, size_t size, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(dst, size, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < size)
		return HF_OK;
	dst[0] = '\0';
	return HF_E_SIZE;
}

enum hf_rc hf_str_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);
	if (len >= size) {
		dst[0] = '\0';
		return HF_E_SIZE;
	}
	memmove(dst, src, len + 1);
	return HF_OK;
}

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_id_char(char c)
{
	return is_lower_or_digit(c) || c == '-';
}

static bool is_handle_char(char c)
{
	return is_id_char(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
}

/* How many characters from here on are allowed ones; stops after max + 1, so that "too long" can be told. */
static size_t span(const char *s, bool (*allowed)(char), size_t max)
{
	size_t n = 0;
	while (n <= max && allowed(s[n]))
		n++;
	return n;
}

int64_t hf_str_digits(const char *s, size_t n)
{
	int64_t value = 0;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

bool hf_id_ok(const char *id)
{
	if (!id)
		return false;
	size_t n = span(id, is_id_char, HF_ID_MAX);
	return n >= 1 && n <= HF_ID_MAX && id[n] == '\0';
}

bool hf_account_ok(const char *account)
{
	if (!account)
		return false;
	size_t n = span(account, is_id_char, PLATFORM_MAX);
	if (n < 1 || n > PLATFORM_MAX || account[n] != ':')
		return false;
	const char *handle = account + n + 1;
	size_t m = span(handle, is_handle_char, HANDLE_MAX);
	return m >= 1 && m <= HANDLE_MAX && handle[m] == '\0';
}

bool hf_account_on(const char *account, const char *platform)
{
	size_t len = strlen(platform);
	return strncmp(account, platform, len) == 0 && account[len] == ':';
}

#define WORD_SIZE 64

size_t hf_str_slips(const char *a, const char *b)
{
	size_t before[WORD_SIZE], now[WORD_SIZE], n = strlen(b);
	if (n >= WORD_SIZE)
		return WORD_SIZE;
	for (size_t k = 0; k <= n; k++)
		before[k] = k;
	for (size_t i = 0; a[i]; i++) {
		now[0] = i + 1;
		for (size_t k = 0; k < n; k++) {
			size_t least = before[k] + (a[i] == b[k] ? 0 : 1);
			least = before[k + 1] + 1 < least ? before[k + 1] + 1 : least;
			now[k + 1] = now[k] + 1 < least ? now[k] + 1 : least;
		}
		memcpy(before, now, sizeof(before));
	}
	return before[n];
}

bool hf_strs_has(const struct hf_strs *strs, const char *s)
{
	for (size_t i = 0; i < strs->n; i++)
		if (strcmp(strs->v[i], s) == 0)
			return true;
	return false;
}

bool hf_strs_covers(const struct hf_strs *strs, const char *s)
{
	return hf_strs_has(strs, s) || (strs->n == 1 && strcmp(strs->v[0], "*") == 0);
}
