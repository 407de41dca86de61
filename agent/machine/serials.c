/* SPDX-License-Identifier: MIT */
/*
 * Owns reading what tells this machine from another one with the same disk image.
 * Must never take a word that many machines share for a serial number.
 */
#include "agent/machine/serials.h"

#include <dirent.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#define PRODUCT_MAX 128 /* more is no number of a label */
#define LAYERS_MAX 8   /* encrypted, on a logical volume, on an array, on a partition: four */

/* What firmware and emulators write where nobody gave a number. */
static bool says_nothing(const char *serial)
{
	static const char *const words[] = {"none",    "unknown",	 "not specified",	   "default string",
					    "invalid", "not applicable", "to be filled by o.e.m.", "uninitialized",
					    "system serial number"};
	size_t len = strlen(serial);

	if (len < 4 || strspn(serial, "0-. ") == len || strspn(serial, "fF-") == len)
		return true;
	for (size_t i = 0; i < HF_LEN(words); i++)
		if (strcasecmp(serial, words[i]) == 0)
			return true;
	return false;
}

/* The first line of a file, without blanks around it. */
static bool read_serial(const char *path, char ret[HF_SERIAL_SIZE])
{
	hf_auto_free char *text = NULL;
	size_t len = 0, end;
	char *at;

	if (hf_fs_read(path, HF_SERIAL_SIZE - 1, &text, &len, NULL) != HF_OK)
		return false;
	text[strcspn(text, "\n")] = '\0';
	at = text + strspn(text, " \t");
	for (end = strlen(at); end > 0 && (at[end - 1] == ' ' || at[end - 1] == '\t'); end--)
		at[end - 1] = '\0';
	for (const char *c = at; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return false;
	return !says_nothing(at) && hf_str_copy(ret, HF_SERIAL_SIZE, at) == HF_OK;
}

/* Of /: a file system that spans disks has no number of its own, and names what it was mounted from. */
static bool root_number(const char *root, dev_t *ret)
{
	char path[PATH_MAX], node[PATH_MAX];
	struct mntent *entry;
	struct stat st;
	FILE *mounts;
	bool found = false;

	if (!root[0] && stat("/", &st) == 0 && major(st.st_dev) != 0) {
		*ret = st.st_dev;
		return true;
	}
	if (hf_str_printf(path, sizeof(path), "%s/proc/self/mounts", root) != HF_OK)
		return false;
	mounts = setmntent(path, "re");
	while (mounts && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_dir, "/") == 0 &&
		    hf_str_printf(node, sizeof(node), "%s%s", root, entry->mnt_fsname) == HF_OK &&
		    stat(node, &st) == 0 && S_ISBLK(st.st_mode)) {
			*ret = st.st_rdev;
			found = true;
		}
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* What this device stands on: the disk of a partition, the first part of a volume. */
static bool go_below(char folder[PATH_MAX])
{
	char path[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir;

	if (hf_str_printf(path, sizeof(path), "%s/partition", folder) == HF_OK && stat(path, &st) == 0) {
		*strrchr(folder, '/') = '\0';
		return true;
	}
	if (hf_str_printf(path, sizeof(path), "%s/slaves", folder) != HF_OK)
		return false;
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		char below[PATH_MAX];

		found = entry->d_name[0] != '.' &&
			hf_str_printf(below, sizeof(below), "%s/%s", path, entry->d_name) == HF_OK &&
			realpath(below, folder);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void read_disk(const char *root, char ret[HF_SERIAL_SIZE])
{
	static const char *const names[] = {"serial", "device/serial", "device/wwid", "wwid"};
	char link[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
	dev_t number;

	if (!root_number(root, &number) ||
	    hf_str_printf(link, sizeof(link), "%s/sys/dev/block/%u:%u", root, major(number), minor(number)) != HF_OK ||
	    !realpath(link, folder))
		return;
	for (size_t depth = 0; depth < LAYERS_MAX; depth++) {
		for (size_t i = 0; i < HF_LEN(names); i++)
			if (hf_str_printf(path, sizeof(path), "%s/%s", folder, names[i]) == HF_OK &&
			    read_serial(path, ret))
				return;
		if (!go_below(folder))
			return;
	}
}

void hf_serials_read(const char *root, struct hf_serials *ret_serials)
{
	char path[PATH_MAX];

	memset(ret_serials, 0, sizeof(*ret_serials));
	if (hf_str_printf(path, sizeof(path), "%s/etc/machine-id", root) == HF_OK)
		(void)read_serial(path, ret_serials->id);
	if (hf_str_printf(path, sizeof(path), "%s/sys/class/dmi/id/product_uuid", root) == HF_OK)
		(void)read_serial(path, ret_serials->board);
	if (hf_str_printf(path, sizeof(path), "%s/sys/class/dmi/id/product_serial", root) == HF_OK)
		(void)read_serial(path, ret_serials->product);
	if (strlen(ret_serials->product) > PRODUCT_MAX)
		ret_serials->product[0] = '\0';
	read_disk(root, ret_serials->disk);
}
