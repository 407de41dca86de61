/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tell the service manager how it goes (the sd_notify protocol, by hand)
 */
#ifndef HOLDFAST_NOTIFY_H
#define HOLDFAST_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include <holdfast/err.h>

#define HF_NOTIFY_READY "READY=1"
#define HF_NOTIFY_STOPPING "STOPPING=1"
#define HF_NOTIFY_WATCHDOG "WATCHDOG=1"

/*
 * hf_notify - send one message to the service manager that started this program
 *
 * @state    one of HF_NOTIFY_*, or "STATUS=text"; several are parted by newlines
 * Returns   HF_OK; HF_E_ABSENT nobody asked to be told; HF_E_SIZE its address is too long; HF_E_SYSTEM
 * Source    sd_notify(3)
 */
HF_NODISCARD enum hf_rc hf_notify(const char *state, struct hf_err *err);

/*
 * hf_notify_watchdog_ms - how often to send HF_NOTIFY_WATCHDOG
 *
 * Returns   milliseconds, half of what the service manager grants; 0: it does not ask for it
 * Source    sd_watchdog_enabled(3)
 */
int64_t hf_notify_watchdog_ms(void);

/*
 * hf_notify_keep - the service manager holds this descriptor too, in place of another one that it held by that name: it
 * hands it to the next life of this program, whenever this one is killed; hf_notify_forget - it holds none of that name any more
 *
 * Nothing is done, and that is no error, where no service manager asked to be told.
 * @name     letters alone
 * Owner     fd stays the caller's
 * Source    sd_pid_notify_with_fds(3), FileDescriptorStoreMax= of systemd.service(5)
 */
void hf_notify_keep(const char *name, int fd);
void hf_notify_forget(const char *name);

/*
 * hf_notify_handed - the descriptor that the service manager handed to this program by that name: a socket of its own,
 * or one that was kept
 *
 * @ret_fd   close-on-exec; the caller's; untouched unless true
 * Owner     see ret_fd
 * Returns   true; false: there is none
 * Source    sd_listen_fds_with_names(3)
 */
bool hf_notify_handed(const char *name, int *ret_fd);

#endif
