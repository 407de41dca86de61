/* SPDX-License-Identifier: MIT */
/*
 * running_cut.c - owns the way from a process to its sockets.
 * Room: agent/enforce.
 * Must never end a connection of a process that it was not given.
 */
#include "running_cut.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "sockets.h"

#define ROOM_FIRST 64

static bool add(struct hf_cut *cut, uint64_t inode)
{
	if (cut->n == cut->room) {
		size_t room = cut->room ? cut->room * 2 : ROOM_FIRST;
		uint64_t *more = reallocarray(cut->inodes, room, sizeof(*more));
		if (!more)
			return false;
		cut->inodes = more;
		cut->room = room;
	}
	cut->inodes[cut->n++] = inode;
	return true;
}

static bool is_socket(DIR *dir, const char *name, uint64_t *ret_inode)
{
	char link[64];
	ssize_t n = readlinkat(dirfd(dir), name, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = '\0';
	return sscanf(link, "socket:[%" SCNu64 "]", ret_inode) == 1;
}

enum hf_rc hf_cut_add(struct hf_cut *cut, pid_t pid)
{
	char path[64];
	uint64_t inode;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = rc == HF_OK ? opendir(path) : NULL;
	struct dirent *entry;
	while (dir && rc == HF_OK && (entry = readdir(dir))) {
		if (is_socket(dir, entry->d_name, &inode) && !add(cut, inode))
			rc = HF_E_MEMORY;
	}
	if (dir)
		closedir(dir);
	return rc;
}

enum hf_rc hf_cut_done(struct hf_cut *cut, size_t *ret_n, struct hf_err *err)
{
	size_t n = 0;
	enum hf_rc rc = cut->n > 0 ? hf_sockets_destroy_inodes(cut->inodes, cut->n, &n, err) : HF_OK;
	free(cut->inodes);
	*cut = (struct hf_cut){.inodes = NULL};
	if (rc == HF_OK)
		*ret_n = n;
	return rc;
}
