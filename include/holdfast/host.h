/* SPDX-License-Identifier: MIT */
/*
 * host.h - what a program asks the machine about itself
 */
#ifndef HOLDFAST_HOST_H
#define HOLDFAST_HOST_H

#include <stddef.h>

#include <holdfast/err.h>

/*
 * hf_host_program - the whole path of the program that runs
 *
 * @ret_path, @size  room, with the end mark; of no use unless HF_OK
 * Returns   HF_OK; HF_E_SIZE; HF_E_SYSTEM
 * Source    proc_pid_exe(5)
 */
HF_NODISCARD enum hf_rc hf_host_program(char *ret_path, size_t size);

/*
 * hf_host_boot_id - a name of this boot, which no other boot of any machine has
 *
 * @ret_id, @size  room, with the end mark; of no use unless HF_OK
 * Returns   HF_OK; HF_E_ABSENT it cannot be named; HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY
 * Source    proc_sys_kernel(5); proto/README.md "Posting"
 */
HF_NODISCARD enum hf_rc hf_host_boot_id(char *ret_id, size_t size);

/*
 * hf_host_trim - give back to the machine what memory is free in this program
 *
 * Source    malloc_trim(3)
 */
void hf_host_trim(void);

#endif
