/* SPDX-License-Identifier: MIT */
/*
 * web.h - HTTP over the Unix socket, and the figures over a port: libmicrohttpd on the program's one loop
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
 * hf_web_listen_port - listen at metrics.port of the loopback address, if the settings name one
 *
 * @ret_fd   non-blocking, close-on-exec; the caller's; -1: none is wanted; untouched unless HF_OK
 * Owner     see ret_fd
 * Returns   HF_OK; HF_E_SYSTEM
 * Source    controller/API.md "Metrics"
 */
HF_NODISCARD enum hf_rc hf_web_listen_port(const struct hf_settings *settings, int *ret_fd, struct hf_err *err);

/* Where they come who ask. */
struct hf_doors {
	int fd;	     /* the officers' socket */
	int port_fd; /* the port of the figures; -1: none */
};

/*
 * hf_web_new - serve the controller's interface on a listening socket, and its figures alone on a port
 *
 * Each user has a share of the connections and of the turns, each request a time (shares.h); a body is refused before
 * it is read when its length is above the limit.
 * @doors    taken over when HF_OK
 * @ret_web  to hf_web_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_SYSTEM; HF_E_MEMORY
 */
HF_NODISCARD enum hf_rc hf_web_new(struct hf_controller *c, const struct hf_doors *doors, struct hf_web **ret_web,
				   struct hf_err *err);

/*
 * hf_web_free - stop serving, close the socket, set to NULL; accepts NULL
 */
void hf_web_free(struct hf_web **web);

#endif
