/* SPDX-License-Identifier: MIT */
/*
 * whole.h - reading and writing whole stretches of a file in place; for the files of this room alone
 */
#ifndef HOLDFAST_PROTO_HOST_WHOLE_H
#define HOLDFAST_PROTO_HOST_WHOLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <holdfast/err.h>

/*
 * hf_whole_read, hf_whole_write - len bytes at a place of a file, whole or not
 *
 * Returns   0 done; 1 the file is shorter (reading alone); -1 the disk refuses
 */
int hf_whole_read(int fd, void *buf, size_t len, off_t at);
int hf_whole_write(int fd, const void *buf, size_t len, off_t at);

/*
 * hf_whole_widen - make a file at least so long, with zeros that are really written
 *
 * Returns   HF_OK it is on disk; HF_E_SYSTEM, errno says why; HF_E_MEMORY
 * Source    tests/FACTS.md "Storage"
 */
HF_NODISCARD enum hf_rc hf_whole_widen(int fd, size_t size);

/*
 * hf_whole_put_number, hf_whole_get_number - a number as it stands in a header, big-endian
 *
 * Returns   the number
 */
void hf_whole_put_number(unsigned char to[8], uint64_t n);
uint64_t hf_whole_get_number(const unsigned char from[8]);

#endif
