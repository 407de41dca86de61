/* SPDX-License-Identifier: MIT */
/*
 * sock.h - Unix sockets that keep message bounds (SOCK_SEQPACKET) and know who is at the other end
 */
#ifndef HOLDFAST_SOCK_H
#define HOLDFAST_SOCK_H

#include <stddef.h>
#include <sys/types.h>

#include <holdfast/err.h>
#include <holdfast/user.h>

#define HF_SOCK_MESSAGE_MAX (65536 + 1024) /* one bus message and its topic */

/*
 * hf_sock_listen - listen at a path; a dead socket that is left there is replaced, a live one is an error
 *
 * @mode     permissions of the socket file
 * @ret_fd   non-blocking, close-on-exec; the caller's; untouched unless HF_OK
 * Owner     see ret_fd
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE path too long
 */
HF_NODISCARD enum hf_rc hf_sock_listen(const char *path, mode_t mode, int *ret_fd, struct hf_err *err);

/*
 * hf_sock_accept - the next one who came, and the user at the other end
 *
 * @ret_uid  as the kernel says (SO_PEERCRED)
 * Owner     as hf_sock_listen
 * Returns   HF_OK; HF_E_ABSENT nobody waits; HF_E_SYSTEM
 * Source    proto/README.md "Who is trusted with what"
 */
HF_NODISCARD enum hf_rc hf_sock_accept(int listen_fd, int *ret_fd, hf_user *ret_uid, struct hf_err *err);

/*
 * hf_sock_connect - connect to a path
 *
 * Owner     as hf_sock_listen
 * Returns   HF_OK; HF_E_ABSENT nobody listens there; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_sock_connect(const char *path, int *ret_fd, struct hf_err *err);

/*
 * hf_sock_send, hf_sock_receive - one message whole
 *
 * @buf, @size  receive: room; a longer message is refused, never cut
 * @ret_len   bytes received; 0: the other end closed
 * Owner     the caller's buffers
 * Returns   HF_OK; HF_E_ABSENT nothing there now (non-blocking), or no room to send; HF_E_SIZE; HF_E_SYSTEM
 */
HF_NODISCARD enum hf_rc hf_sock_send(int fd, const void *buf, size_t len, struct hf_err *err);
HF_NODISCARD enum hf_rc hf_sock_receive(int fd, void *buf, size_t size, size_t *ret_len, struct hf_err *err);

/*
 * hf_sock_claim - be the one program that has this name, until the file descriptor is closed or the program ends
 *
 * The name is no file, so that nothing is touched and nothing is left behind. Anybody may take any name: one that a
 * user took who is neither root nor ours is not obeyed.
 * @name     as what it is for, with no secret in it
 * @ret_fd   close-on-exec; the caller's; -1: a stranger has it; untouched unless HF_OK
 * Owner     see ret_fd
 * Returns   HF_OK; HF_E_USAGE another of ours has it; HF_E_SIZE; HF_E_SYSTEM
 * Source    unix(7)
 */
HF_NODISCARD enum hf_rc hf_sock_claim(const char *name, int *ret_fd, struct hf_err *err);

#endif
