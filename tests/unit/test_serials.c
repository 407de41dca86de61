/* SPDX-License-Identifier: MIT */
/*
 * Owns that the serial number of the disk under / is found on every kind of disk that laptops have, and none is invented.
 * Must never take a number that the tree does not have, or end on a tree that goes round. (Attack: a disk image in another
 * laptop is told from the first by it.)
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/machine/serials.h"
#include "tests/help/folder.h"

#define FILES_MAX 6
#define LINKS_MAX 4

static char root[TEST_FOLDER_SIZE];

/* A file and its text, or a link and where it points. */
struct entry {
	const char *path, *text;
};

static void make_path(char path[PATH_MAX], const char *name)
{
	char *end;

	test_path(path, root, name);
	end = strrchr(path, '/');
	*end = '\0';
	cr_assert_eq(hf_fs_mkdirs(path, 0700, NULL), HF_OK, "%s", path);
	*end = '/';
}

static void put_file(const struct entry *file)
{
	char path[PATH_MAX];

	make_path(path, file->path);
	cr_assert_eq(hf_fs_replace(path, file->text, strlen(file->text), 0600, NULL), HF_OK, "%s", path);
}

static void put_link(const struct entry *link)
{
	char path[PATH_MAX];

	make_path(path, link->path);
	cr_assert_eq(symlink(link->text, path), 0, "%s", path);
}

/* A system whose / was mounted from this node: a file system that spans disks says no more. */
static void mount_root(unsigned major_number, unsigned minor_number)
{
	const struct entry mounts = {"proc/self/mounts", "proc /proc proc rw 0 0\n/dev/root / btrfs rw 0 0\n"};
	char node[PATH_MAX];

	put_file(&mounts);
	make_path(node, "dev/root");
	if (mknod(node, S_IFBLK | 0600, makedev(major_number, minor_number)) != 0)
		cr_skip_test("only root makes a node of a disk");
}

static const struct {
	const char *what;
	unsigned major_number, minor_number;
	struct entry files[FILES_MAX], links[LINKS_MAX];
	const char *want;
} rows[] = {
	{"a partition of a SATA disk", 8, 2,
	 {{"sys/devices/pci/block/sda/sda2/partition", "2\n"},
	  {"sys/devices/pci/block/sda/device/wwid", "t10.ATA     WDC WD10SPZX  WD-WX11A0001\n"}},
	 {{"sys/dev/block/8:2", "../../devices/pci/block/sda/sda2"}},
	 "t10.ATA     WDC WD10SPZX  WD-WX11A0001"},
	{"a whole disk of a virtual machine", 254, 0,
	 {{"sys/devices/pci/block/vda/serial", "vol-0a1b2c3d\n"}},
	 {{"sys/dev/block/254:0", "../../devices/pci/block/vda"}},
	 "vol-0a1b2c3d"},
	{"a partition of an NVMe disk", 259, 2,
	 {{"sys/devices/pci/nvme/nvme0/nvme0n1/nvme0n1p2/partition", "2\n"},
	  {"sys/devices/pci/nvme/nvme0/serial", "S4EWNX0R123456      \n"},
	  {"sys/devices/pci/nvme/nvme0/nvme0n1/wwid", "eui.0025385b01234567\n"}},
	 {{"sys/dev/block/259:2", "../../devices/pci/nvme/nvme0/nvme0n1/nvme0n1p2"},
	  {"sys/devices/pci/nvme/nvme0/nvme0n1/device", "../../nvme0"}},
	 "S4EWNX0R123456"},
	{"an NVMe disk that has a name of its own alone", 259, 2,
	 {{"sys/devices/pci/nvme/nvme0/nvme0n1/nvme0n1p2/partition", "2\n"},
	  {"sys/devices/pci/nvme/nvme0/nvme0n1/wwid", "eui.0025385b01234567\n"}},
	 {{"sys/dev/block/259:2", "../../devices/pci/nvme/nvme0/nvme0n1/nvme0n1p2"}},
	 "eui.0025385b01234567"},
	{"a logical volume on an encrypted partition", 253, 1,
	 {{"sys/devices/pci/block/sda/sda3/partition", "3\n"},
	  {"sys/devices/pci/block/sda/device/wwid", "naa.5000c500a1b2c3d4\n"},
	  {"sys/devices/virtual/block/dm-1/dm/name", "vg-root\n"},
	  {"sys/devices/virtual/block/dm-0/dm/name", "luks\n"}},
	 {{"sys/dev/block/253:1", "../../devices/virtual/block/dm-1"},
	  {"sys/devices/virtual/block/dm-1/slaves/dm-0", "../../dm-0"},
	  {"sys/devices/virtual/block/dm-0/slaves/sda3", "../../../../pci/block/sda/sda3"}},
	 "naa.5000c500a1b2c3d4"},
	{"a memory card", 179, 2,
	 {{"sys/devices/mmc/block/mmcblk0/mmcblk0p2/partition", "2\n"},
	  {"sys/devices/mmc/block/mmcblk0/device/serial", "0x1a2b3c4d\n"}},
	 {{"sys/dev/block/179:2", "../../devices/mmc/block/mmcblk0/mmcblk0p2"}},
	 "0x1a2b3c4d"},
	{"a disk that has no number", 8, 2,
	 {{"sys/devices/pci/block/sda/sda2/partition", "2\n"}},
	 {{"sys/dev/block/8:2", "../../devices/pci/block/sda/sda2"}},
	 ""},
	{"a number that is no text", 8, 0,
	 {{"sys/devices/pci/block/sda/device/serial", "\x01\x02\x03\x04\x05\n"}},
	 {{"sys/dev/block/8:0", "../../devices/pci/block/sda"}},
	 ""},
	{"a word that many disks say, and a name of its own behind it", 8, 0,
	 {{"sys/devices/pci/block/sda/device/serial", "Default string\n"},
	  {"sys/devices/pci/block/sda/device/wwid", "naa.5000c500a1b2c3d4\n"}},
	 {{"sys/dev/block/8:0", "../../devices/pci/block/sda"}},
	 "naa.5000c500a1b2c3d4"},
	{"what cannot be read: a folder in its place", 8, 0,
	 {{"sys/devices/pci/block/sda/device/serial/x", "WD-WX11A\n"}},
	 {{"sys/dev/block/8:0", "../../devices/pci/block/sda"}},
	 ""},
	{"no disk of that number", 8, 2, {{NULL, NULL}}, {{NULL, NULL}}, ""},
	{"volumes that stand on each other", 253, 0,
	 {{"sys/devices/virtual/block/dm-1/dm/name", "a\n"}, {"sys/devices/virtual/block/dm-0/dm/name", "b\n"}},
	 {{"sys/dev/block/253:0", "../../devices/virtual/block/dm-0"},
	  {"sys/devices/virtual/block/dm-0/slaves/dm-1", "../../dm-1"},
	  {"sys/devices/virtual/block/dm-1/slaves/dm-0", "../../dm-0"}},
	 ""},
};

Test(serials, the_disk_under_root_is_found_on_every_kind_of_disk)
{
	for (size_t i = 0; i < HF_LEN(rows); i++) {
		struct hf_serials serials;

		test_folder_make(root);
		mount_root(rows[i].major_number, rows[i].minor_number);
		for (size_t k = 0; k < FILES_MAX && rows[i].files[k].path; k++)
			put_file(&rows[i].files[k]);
		for (size_t k = 0; k < LINKS_MAX && rows[i].links[k].path; k++)
			put_link(&rows[i].links[k]);
		hf_serials_read(root, &serials);
		cr_expect_str_eq(serials.disk, rows[i].want, "%s: '%s'", rows[i].what, serials.disk);
		cr_expect_str_eq(serials.board, "", "%s", rows[i].what);
		test_folder_remove(root);
	}
}

Test(serials, a_root_that_is_on_no_disk_has_no_number)
{
	static const char *const mounts[] = {"", "overlay / overlay rw 0 0\n", "/dev/gone / ext4 rw 0 0\n"};

	for (size_t i = 0; i < HF_LEN(mounts); i++) {
		const struct entry file = {"proc/self/mounts", mounts[i]};
		struct hf_serials serials;

		test_folder_make(root);
		put_file(&file);
		hf_serials_read(root, &serials);
		cr_expect_str_eq(serials.disk, "", "'%s'", mounts[i]);
		test_folder_remove(root);
	}
}

Test(serials, this_machine_says_the_same_each_time)
{
	struct hf_serials one, two;

	hf_serials_read("", &one);
	hf_serials_read("", &two);
	cr_expect_str_eq(one.id, two.id);
	cr_expect_str_eq(one.board, two.board);
	cr_expect_str_eq(one.disk, two.disk);
	cr_expect_null(strchr(one.disk, '\n'), "one line");
}
