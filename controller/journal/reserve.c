/* SPDX-License-Identifier: MIT */
/*
 * Owns the disk that is kept back for what must be recorded on a full one.
 * Must never let what can wait use up what a release needs.
 *
 * How we read it
 *  A release is always possible. So its room is there before its raise: a file whose blocks are given back to the file
 *  system, a step at a time, when SQLite finds the disk full. What tightens may use the first part of it, drafts the
 *  next, and the rest is for what two have approved to loosen, and for the number of the state that says it.
 */
#include "controller/journal/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define STEP (1024 * 1024)  /* given back, and taken again, at once: some twenty records of the largest size */
#define WHOLE (16 * STEP)

/* What each leaves of it for those that are more urgent. */
static const off_t leaves[HF_URGENCY_COUNT] = {
	[HF_URGENT_NOT] = WHOLE,
	[HF_URGENT_TIGHTENS] = 10 * STEP, /* the shares of one key in all their records */
	[HF_URGENT_DRAFT] = 7 * STEP,	  /* first signatures of releases, of several people */
	[HF_URGENT_LOOSENS] = 3 * STEP,
	[HF_URGENT_NUMBER] = 0, /* the write-ahead log is written over from the start before it has used that much */
};

enum hf_rc hf_reserve_open(const char *folder, bool make, struct hf_reserve *ret_reserve, struct hf_err *err)
{
	hf_auto_fd int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;
	if (at < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open the folder %s: %m", folder);
	fd = openat(at, "reserve", O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
	if (fd < 0 && (make || errno != ENOENT))
		return hf_err_set(err, HF_E_SYSTEM, "cannot open %s/reserve: %m", folder);
	ret_reserve->fd = fd;
	return HF_OK;
}

static off_t size_of(const struct hf_reserve *reserve)
{
	struct stat st;
	return reserve->fd >= 0 && fstat(reserve->fd, &st) == 0 ? st.st_size : 0;
}

bool hf_reserve_fill(struct hf_reserve *reserve)
{
	if (reserve->fd < 0)
		return true;
	for (off_t at = size_of(reserve); at < WHOLE; at += STEP) {
		if (posix_fallocate(reserve->fd, at, STEP) == 0)
			continue;
		/* What could be had of it is not kept: it would be a reserve that nobody knows the size of. */
		(void)!ftruncate(reserve->fd, at);
		return false;
	}
	return true;
}

bool hf_reserve_give(struct hf_reserve *reserve, enum hf_urgency urgency)
{
	off_t size = size_of(reserve);
	/* Synced, since a file system may keep what was freed until then. */
	return size >= STEP && size - STEP >= leaves[urgency] && ftruncate(reserve->fd, size - STEP) == 0 &&
	       fsync(reserve->fd) == 0;
}

void hf_reserve_close(struct hf_reserve *reserve)
{
	hf_fd_close(&reserve->fd);
}
