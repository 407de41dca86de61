/* SPDX-License-Identifier: MIT */
/*
 * Owns files that lie on no disk.
 * Must never be seen by another process.
 */
#include <holdfast/fs.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <holdfast/str.h>

enum hf_rc hf_fs_in_memory(const char *text, int *ret_fd, char ret_path[HF_FS_MEMORY_SIZE], struct hf_err *err)
{
	size_t len = strlen(text);

	*ret_fd = memfd_create("holdfast", MFD_CLOEXEC);
	if (*ret_fd < 0 || write(*ret_fd, text, len) != (ssize_t)len)
		return hf_err_set(err, HF_E_SYSTEM, "a file in memory cannot be made: %m");
	if (hf_str_printf(ret_path, HF_FS_MEMORY_SIZE, "/proc/self/fd/%d", *ret_fd) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "a file in memory has no name");
	return HF_OK;
}
