/* SPDX-License-Identifier: MIT */
/*
 * outlive.h - start another part of the agent's own program, as a process that outlives it
 */
#ifndef HOLDFAST_AGENT_ENFORCE_COMMON_OUTLIVE_H
#define HOLDFAST_AGENT_ENFORCE_COMMON_OUTLIVE_H

#include <stdbool.h>
#include <stddef.h>

#include <holdfast/err.h>

#define HF_OUTLIVE_FDS_MAX 2
#define HF_OUTLIVE_FD 3 /* the first of those descriptors, in the process that is started; the others follow it */

/* What is started. Borrowed. */
struct hf_outlive {
	const char *self;	     /* path of the agent's program */
	const char *const *argv;     /* its arguments, the name first, NULL last */
	int fds[HF_OUTLIVE_FDS_MAX]; /* what it holds from the beginning */
	size_t n_fds;
};

/*
 * hf_outlive_start - start it: no child of the agent, in no session of it, with no variable and no other descriptor
 *
 * Owner     the descriptors stay the caller's
 * Returns   HF_OK it was forked (that it runs is seen when it answers); HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_outlive_start(const struct hf_outlive *what, struct hf_err *err);

/*
 * hf_outlive_listen - the socket with which such a process begins; one that was killed may show its end a moment before
 * its socket is closed; hf_outlive_connect - to one that runs, and is root's as the agent is
 *
 * @ret_fd   untouched unless HF_OK
 * Owner     the caller's
 * Returns   as hf_sock_listen, hf_sock_connect; HF_E_SYSTEM somebody else listens there
 */
HF_NODISCARD enum hf_rc hf_outlive_listen(const char *path, int *ret_fd, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_outlive_connect(const char *path, int *ret_fd, struct hf_err *err);

/*
 * hf_outlive_listens - is this descriptor a socket that listens; hf_outlive_managed - is it the service manager who
 * listens where this one is connected to: then the socket is not the agent's to remove, and a process that is gone
 * comes again by itself
 *
 * Returns   true or false
 * Source    unix(7), systemd.socket(5)
 */
bool hf_outlive_listens(int fd);
bool hf_outlive_managed(int fd);

/*
 * hf_child_keep - in a child of the agent, first: of what it inherited it keeps this one descriptor, and 0 to 2
 *
 * An agent that is killed meanwhile leaves no lock, socket or mark held by its child. Safe after a fork.
 * @fd       -1: none
 * Source    close_range(2)
 */
void hf_child_keep(int fd);

/*
 * hf_outlive_wait - until something can be read or written
 *
 * @events   of poll(2)
 * @ms       at the most
 * Returns   whether it can
 */
bool hf_outlive_wait(int fd, short events, int ms);

/*
 * hf_outlive_detach - by the process itself, first: nothing of the agent's is kept, and it is not chosen when memory
 * runs out
 *
 * @name     that ps shows
 * Owner     the whole process is changed
 * Returns   HF_OK; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_outlive_detach(const char *name);

#endif
