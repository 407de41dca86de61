/* SPDX-License-Identifier: MIT */
/*
 * web.h - HTTP over the Unix socket: libmicrohttpd on the program's one loop
 */
#ifndef HOLDFAST_CONTROLLER_WEB_H
#define HOLDFAST_CONTROLLER_WEB_H

#include <holdfast/user.h>

#include "controller/controller.h"

struct hf_web;

/*
 * hf_web_listen - listen at the path of the settings
 *
 * A socket that nobody answers at is replaced. Mode 0660, of the group of the settings if they name one.
 * @user     owner of the socket, -1: as it is
 * @ret_fd   non-blocking, close-on-exec; the caller's; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_SIZE the path is too long; HF_E_ABSENT no such group
 * Source    controller/API.md
 */
HF_NODISCARD enum hf_rc hf_web_listen(const struct hf_settings *settings, hf_user user, int *ret_fd, struct hf_err *err);

/*
 * hf_web_new - serve the controller's interface on a listening socket
 *
 * Each user has a share of the connections and of the turns, each request a time (shares.h); a body is refused before
 * it is read when its length is above the limit.
 * @fd       taken over when HF_OK
 * @ret_web  to hf_web_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_web_new(struct hf_controller *c, int fd, struct hf_web **ret_web, struct hf_err *err);

/*
 * hf_web_free - stop serving, close the socket, set to NULL; accepts NULL
 */
void hf_web_free(struct hf_web **web);

#endif
