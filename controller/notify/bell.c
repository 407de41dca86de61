/* SPDX-License-Identifier: MIT */
/*
 * Owns the waiting of threads.
 * Must never let one sleep on when it is to end.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "controller/notify/bell.h"

enum hf_rc hf_bell_start(struct hf_bell *bell, void *(*run)(void *arg), void *arg, struct hf_err *err)
{
	bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell->fd >= 0 && pthread_create(&bell->thread, NULL, run, arg) == 0)
		return HF_OK;
	hf_fd_close(&bell->fd);
	return hf_err_set(err, HF_E_SYSTEM, "the thread of the channel cannot be made");
}

void hf_bell_wait(const struct hf_bell *bell, int ms)
{
	struct pollfd rings = {.fd = bell->fd, .events = POLLIN};
	if (!bell->stop)
		(void)poll(&rings, 1, ms);
}

void hf_bell_stop(struct hf_bell *bell)
{
	static const uint64_t one = 1;
	bell->stop = true;
	(void)!write(bell->fd, &one, sizeof(one));
	pthread_join(bell->thread, NULL);
	hf_fd_close(&bell->fd);
}
