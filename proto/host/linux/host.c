/* SPDX-License-Identifier: MIT */
/*
 * Owns what the kernel says of the program that runs and of this boot.
 * Must never make up an answer that it does not have.
 */
#include <holdfast/host.h>

#include <limits.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_LEN 36

enum hf_rc hf_host_program(char *ret_path, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len <= 0)
		return HF_E_SYSTEM;
	path[len] = '\0';
	return hf_str_copy(ret_path, size, path);
}

enum hf_rc hf_host_boot_id(char *ret_id, size_t size)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(BOOT_ID_FILE, BOOT_ID_LEN + 1, &text, &len, NULL);

	if (rc != HF_OK)
		return rc;
	if (len < BOOT_ID_LEN)
		return HF_E_ABSENT;
	text[BOOT_ID_LEN] = '\0';
	return hf_str_copy(ret_id, size, text);
}

void hf_host_trim(void)
{
	(void)malloc_trim(0);
}
