/* SPDX-License-Identifier: MIT */
/*
 * Owns the one line that an event leaves on standard error.
 * Must never know what the words mean, change errno, or let a text make a second line.
 */
#include <holdfast/log.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 2048 /* below PIPE_BUF: lines of two threads never mix */

static const char *log_program = "holdfast";
static enum hf_log_level log_most = HF_LOG_INFO;

void hf_log_init(const char *program, enum hf_log_level most)
{
	log_program = program;
	log_most = most;
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

void hf_log(enum hf_log_level level, const char *event, const char *fmt, ...)
{
	char line[LINE_SIZE];
	int keep = errno;
	va_list args;
	size_t len;
	ssize_t n;

	if (level > log_most)
		return;
	len = used(0, snprintf(line, sizeof(line) - 1, "<%d>%s: event=%s ", (int)level, log_program, event));
	errno = keep;
	va_start(args, fmt);
	len = used(len, vsnprintf(line + len, sizeof(line) - 1 - len, fmt, args));
	va_end(args);
	make_harmless(line, len);
	line[len++] = '\n';
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
	errno = keep;
}
