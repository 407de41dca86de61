/* SPDX-License-Identifier: MIT */
/*
 * fs.h - files: read with a bound, replace so that a crash leaves old or new
 */
#ifndef HOLDFAST_FS_H
#define HOLDFAST_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <holdfast/err.h>
#include <holdfast/user.h>

#define hf_auto_fd __attribute__((cleanup(hf_fd_close)))
void hf_fd_close(int *fd);
int hf_steal_fd(int *fd);

/*
 * hf_fs_read - a whole file of at most max bytes
 *
 * It waits for nobody: a named pipe or a device is no file; what a shell hands on (/dev/fd/N, /dev/stdin) is read to its end.
 * @ret, @ret_len  malloc'ed with an end mark that is not counted; the caller's; untouched unless HF_OK
 * Owner     see ret
 * Returns   HF_OK; HF_E_ABSENT no such file; HF_E_SIZE; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_fs_read(const char *path, size_t max, char **ret, size_t *ret_len, struct hf_err *err);

/*
 * hf_fs_in_memory - a text as a file that lies on no disk, for what takes the path of a file alone
 *
 * @ret_fd   the path is good while it is open; -1 before, also after a failure to hf_fd_close
 * @ret_path for this process alone
 * Owner     ret_fd is the caller's
 * Returns   HF_OK; HF_E_SYSTEM
 */
#define HF_FS_MEMORY_SIZE 32
HF_NODISCARD enum hf_rc hf_fs_in_memory(const char *text, int *ret_fd, char ret_path[HF_FS_MEMORY_SIZE], struct hf_err *err);

/*
 * hf_fs_read_fd - all that a file descriptor gives until its end, at most max bytes
 *
 * Owner     as hf_fs_read; fd stays open
 * Returns   as hf_fs_read
 */
HF_NODISCARD enum hf_rc hf_fs_read_fd(int fd, size_t max, char **ret, size_t *ret_len, struct hf_err *err);

/*
 * hf_fs_write - all of it, to what is open
 *
 * @len      bytes
 * Returns   HF_OK; HF_E_SYSTEM as errno says: some of it may have been written
 * Source    write(2)
 */
HF_NODISCARD enum hf_rc hf_fs_write(int fd, const void *buf, size_t len);

/*
 * hf_fs_replace - write a file so that a crash leaves the old or the new one, never a part
 *
 * Temp file in the same folder, write, fsync, rename, fsync of the folder. A failed sync is a failed write.
 * @mode     permissions of the new file
 * Returns   HF_OK; HF_E_SYSTEM (the old file stands, no temp file is left)
 */
HF_NODISCARD enum hf_rc hf_fs_replace(const char *path, const void *buf, size_t len, mode_t mode, struct hf_err *err);

/*
 * hf_fs_holds - is this a regular file of ours, of these permissions, with these bytes and no other
 *
 * It needs no memory, so that a file is never taken for another one, and written anew, for want of it.
 * Returns   false also when it is not there or cannot be read
 * Source    policy D9.3
 */
bool hf_fs_holds(const char *path, const void *buf, size_t len, mode_t mode);

/*
 * hf_fs_guarded - is this file or folder root's, ours, or this user's, and does nobody else have these permissions
 *
 * @user     may own it, too; NULL: nobody else
 * @denied   permission bits that it must not have, S_IWGRP | S_IWOTH
 * Returns   HF_OK; HF_E_ABSENT it is not there; HF_E_KEY it is in other hands, with what to do; HF_E_SYSTEM
 * Source    stat(2)
 */
enum hf_rc hf_fs_guarded(const char *path, const hf_user *user, mode_t denied, struct hf_err *err);

/*
 * hf_fs_sweep - remove the temp files of hf_fs_replace that a writer of this path left when it was killed
 *
 * Only for a path that one process writes, before it writes: another's temp file would be swept too.
 * What cannot be removed stays, and is no part of anything.
 * Source    policy D9.3
 */
void hf_fs_sweep(const char *path);

/*
 * hf_fs_remove, hf_fs_remove_in - remove a file, and what hf_fs_replace left of it; it need not be there
 *
 * @name     of the file in the folder
 * Returns   HF_OK it is not there; HF_E_SYSTEM
 * Source    unlink(2)
 */
HF_NODISCARD enum hf_rc hf_fs_remove(const char *path, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_fs_remove_in(const char *folder, const char *name, struct hf_err *err);

/*
 * hf_fs_remove_tree - remove a folder and all that is in it, as far as it can be; links are not followed
 *
 * Source    nftw(3)
 */
void hf_fs_remove_tree(const char *path);

/*
 * hf_fs_mkdirs - make a folder and those above it
 *
 * @mode     of those that are made
 * Returns   HF_OK (also when it is there); HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_fs_mkdirs(const char *path, mode_t mode, struct hf_err *err);

/*
 * hf_fs_lock - be the one program that has this folder, until the file descriptor is closed or the program ends
 *
 * Nothing is written. Only for a folder that nobody else may read: whoever can open it can hold it.
 * @who      the program, for the text
 * @ret_fd   close-on-exec; the caller's; untouched unless HF_OK
 * Owner     see ret_fd
 * Returns   HF_OK; HF_E_USAGE another has it; HF_E_SYSTEM it cannot be opened or locked
 * Source    flock(2)
 */
HF_NODISCARD enum hf_rc hf_fs_lock(const char *folder, const char *who, int *ret_fd, struct hf_err *err);

#endif
