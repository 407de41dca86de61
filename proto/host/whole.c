/* SPDX-License-Identifier: MIT */
/*
 * Owns reading and writing whole stretches of a file in place.
 * Must never take a part for the whole.
 */
#include "proto/host/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/str.h>

#define CHUNK 65536 /* bytes of zeros written at a time */

void hf_whole_put_number(unsigned char to[8], uint64_t n)
{
	for (int i = 7; i >= 0; i--, n >>= 8)
		to[i] = (unsigned char)n;
}

uint64_t hf_whole_get_number(const unsigned char from[8])
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | from[i];
	return n;
}

int hf_whole_read(int fd, void *buf, size_t len, off_t at)
{
	char *to = buf;

	while (len > 0) {
		ssize_t n = pread(fd, to, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? 1 : -1;
		to += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int hf_whole_write(int fd, const void *buf, size_t len, off_t at)
{
	const char *from = buf;

	while (len > 0) {
		ssize_t n = pwrite(fd, from, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		from += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Zeros are really written: space that is only reserved may still need more when it is filled on a full disk. */
enum hf_rc hf_whole_widen(int fd, size_t size)
{
	hf_auto_free char *zeros = calloc(1, CHUNK);
	struct stat st;

	if (!zeros)
		return HF_E_MEMORY;
	if (fstat(fd, &st) != 0)
		return HF_E_SYSTEM;
	for (size_t at = (size_t)st.st_size; at < size;) {
		size_t n = size - at < CHUNK ? size - at : CHUNK;

		if (hf_whole_write(fd, zeros, n, (off_t)at) != 0)
			return HF_E_SYSTEM;
		at += n;
	}
	return fsync(fd) == 0 ? HF_OK : HF_E_SYSTEM;
}
