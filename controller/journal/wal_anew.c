/* SPDX-License-Identifier: MIT */
/*
 * Owns that what is read of the write-ahead log is on disk.
 * Must never change a byte of it.
 */
#include "controller/journal/wal_anew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define AT_ONCE 65536 /* bytes */

static bool write_all(int fd, const char *bytes, size_t len, off_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, bytes + done, len - done, at + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool write_again(int fd)
{
	hf_auto_free char *bytes = malloc(AT_ONCE);
	off_t at = 0;
	ssize_t n = bytes ? 1 : -1;
	while (n > 0) {
		n = pread(fd, bytes, AT_ONCE, at);
		if (n > 0 && !write_all(fd, bytes, (size_t)n, at))
			return false;
		at += n;
	}
	return n == 0 && fsync(fd) == 0;
}

enum hf_rc hf_wal_write_anew(const char *path, struct hf_err *err)
{
	hf_auto_free char *log = NULL;
	hf_auto_fd int fd = -1;
	if (asprintf(&log, "%s-wal", path) < 0) {
		log = NULL;
		return hf_err_set(err, HF_E_MEMORY, "no memory for the journal %s", path);
	}
	fd = open(log, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return HF_OK;
	if (fd < 0 || !write_again(fd))
		return hf_err_set(err, HF_E_SYSTEM, "%s cannot be written down once more as it is: %m", log);
	return HF_OK;
}
