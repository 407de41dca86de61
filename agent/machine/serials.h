/* SPDX-License-Identifier: MIT */
/*
 * serials.h - what of this machine another machine with the same disk image has not
 */
#ifndef HOLDFAST_AGENT_MACHINE_SERIALS_H
#define HOLDFAST_AGENT_MACHINE_SERIALS_H

#include <stddef.h>

#define HF_SERIAL_SIZE 256 /* a UUID, or what a disk calls itself */

/* "" where it cannot be read. */
struct hf_serials {
	char id[HF_SERIAL_SIZE];    /* of the installation; an image carries it along */
	char board[HF_SERIAL_SIZE]; /* of the mainboard, as its firmware says */
	char disk[HF_SERIAL_SIZE];  /* of the disk under the root file system */
	char product[HF_SERIAL_SIZE]; /* of the machine, as it stands on its label; at most 128 characters */
};

/*
 * hf_serials_read - read them anew
 *
 * @root     "" for this machine; the folder of another one, for tests
 * Source    machine-id(5), sysfs(5)
 */
void hf_serials_read(const char *root, struct hf_serials *ret_serials);

#endif
