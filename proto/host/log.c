/* SPDX-License-Identifier: MIT */
/*
 * Owns the one line that an event leaves on standard error, and the count of those that found no room.
 * Must never know what the words mean, change errno, wait, or let a text make a second line.
 */
#include <holdfast/log.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <holdfast/names.h>
#include <holdfast/str.h>

#include "proto/host/log_end.h"

#define LINE_SIZE 2048	  /* below PIPE_BUF: lines of two threads never mix */
#define WORD_MAX 64	  /* as long as an id */
#define LOCKDOWN_SHOWN 16 /* of 64: as screens and officers say it */

struct head {
	enum hf_log_level level;
	const char *event;
};

static char log_device[HF_ID_SIZE]; /* whose log it is; "" when it is no device's */
static enum hf_log_level log_most = HF_LOG_INFO;
static atomic_ulong log_dropped; /* of every thread, since it was last said */

void hf_log_init(enum hf_log_level most)
{
	log_most = most;
	hf_log_end_own();
}

void hf_log_device(const char *device)
{
	if (hf_str_copy(log_device, sizeof(log_device), device) != HF_OK)
		log_device[0] = '\0';
}

/* A terminal also obeys U+0080 to U+009F, which are two bytes in UTF-8. */
static void make_harmless(char *text, size_t len)
{
	unsigned char *s = (unsigned char *)text;

	for (size_t i = 0; i < len; i++) {
		bool c1 = s[i] == 0xc2 && i + 1 < len && s[i + 1] >= 0x80 && s[i + 1] < 0xa0;

		if (s[i] < 0x20 || s[i] == 0x7f || c1)
			s[i] = '?';
		if (c1)
			s[++i] = '?';
	}
}

/* The length that is used after printing n characters behind at; the line is cut, not lost. */
static size_t used(size_t at, int n)
{
	size_t room = LINE_SIZE - 2 - at;

	if (n < 0)
		return at;
	return at + ((size_t)n > room ? room : (size_t)n);
}

/* One word that a machine reads; nothing in it makes another. */
static size_t put_word(char *line, size_t len, const char *name, const char *word)
{
	size_t from;

	if (!word || !word[0])
		return len;
	len = used(len, snprintf(line + len, LINE_SIZE - 1 - len, "%s=", name));
	from = len;
	len = used(len, snprintf(line + len, LINE_SIZE - 1 - len, "%.*s ", WORD_MAX, word));
	for (; from + 1 < len; from++) {
		if (!isalnum((unsigned char)line[from]) && !strchr("._:-", line[from]))
			line[from] = '?';
	}
	return len;
}

/* The line, with its end; @line has LINE_SIZE bytes. Returns its length. */
static size_t HF_PRINTF(4, 0)
	compose(char *line, const struct head *head, const struct hf_log_about *about, const char *fmt, va_list args)
{
	char lockdown[LOCKDOWN_SHOWN + 1] = "";
	int keep = errno;
	size_t len = used(0, snprintf(line, LINE_SIZE - 1, "<%d>event=%s ", (int)head->level, head->event));

	if (about->lockdown)
		memcpy(lockdown, about->lockdown, strnlen(about->lockdown, LOCKDOWN_SHOWN));
	len = put_word(line, len, "lockdown", lockdown);
	len = put_word(line, len, "device", about->device ? about->device : log_device);
	len = put_word(line, len, "reason", about->reason);
	errno = keep; /* for %m */
	len = used(len, vsnprintf(line + len, LINE_SIZE - 1 - len, fmt, args));
	make_harmless(line, len);
	line[len++] = '\n';
	return len;
}

/* Before the first line that finds room again; false: there is still none. */
static bool say_dropped(void)
{
	unsigned long n = atomic_exchange(&log_dropped, 0);
	char line[256];
	int len;

	if (n == 0)
		return true;
	len = snprintf(line, sizeof(line),
		       "<%d>event=" HF_EV_DROPPED " lines=%lu: nobody read the log, and nothing waits for it\n",
		       (int)HF_LOG_WARNING, n);
	if (len > 0 && (size_t)len < sizeof(line) && hf_log_end_put(line, (size_t)len))
		return true;
	atomic_fetch_add(&log_dropped, n);
	return false;
}

static void HF_PRINTF(3, 0)
	print_line(const struct head *head, const struct hf_log_about *about, const char *fmt, va_list args)
{
	char line[LINE_SIZE];
	int keep = errno;
	size_t len;

	if (head->level > log_most)
		return;
	len = compose(line, head, about, fmt, args);
	if (!say_dropped() || !hf_log_end_put(line, len))
		atomic_fetch_add(&log_dropped, 1);
	errno = keep;
}

void hf_log(enum hf_log_level level, const char *event, const char *fmt, ...)
{
	const struct head head = {level, event};
	va_list args;

	va_start(args, fmt);
	print_line(&head, HF_ABOUT(.reason = NULL), fmt, args);
	va_end(args);
}

void hf_log_about(enum hf_log_level level, const char *event, const struct hf_log_about *about, const char *fmt, ...)
{
	const struct head head = {level, event};
	va_list args;

	va_start(args, fmt);
	print_line(&head, about, fmt, args);
	va_end(args);
}
