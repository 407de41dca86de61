/* SPDX-License-Identifier: MIT */
/*
 * Owns how a program finds out that it is the only one.
 * Must never touch what it asks for, or wait for another to let go.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include <holdfast/fs.h>

enum hf_rc hf_fs_lock(const char *folder, const char *who, int *ret_fd, struct hf_err *err)
{
	hf_auto_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot open the folder %s: %m", folder);
	do
		rc = flock(fd, LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc != 0 && errno == EWOULDBLOCK)
		return hf_err_set(err, HF_E_USAGE, "another %s runs with %s already: stop it first", who, folder);
	if (rc != 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot lock the folder %s: %m", folder);
	*ret_fd = hf_steal_fd(&fd);
	return HF_OK;
}
