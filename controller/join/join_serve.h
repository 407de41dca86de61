/* SPDX-License-Identifier: MIT */
/*
 * join_serve.h - the two sides of the door: laptops come by TLS, IT's terminal by a Unix socket
 */
#ifndef HOLDFAST_CONTROLLER_JOIN_SERVE_H
#define HOLDFAST_CONTROLLER_JOIN_SERVE_H

#include <stdbool.h>

#include <holdfast/loop.h>

#include "controller/join/join_conf.h"

struct hf_join_serve;

/*
 * hf_join_serve_new - read the book, listen on both sides
 *
 * Both have threads of the library. What a terminal is told as done is on disk; if it cannot be written, the program's
 * loop is stopped, and its next life goes on from what is written.
 * @loop     the program's
 * @conf     stays the caller's, for as long as it is served
 * @ret      to hf_join_serve_free; untouched unless HF_OK
 * Returns   HF_OK; HF_E_USAGE another one runs; reasons of hf_fs_read, hf_join_book_load; HF_E_SYSTEM
 * Source    holdfast-joind(8)
 */
HF_NODISCARD enum hf_rc hf_join_serve_new(struct hf_loop *loop, const struct hf_join_conf *conf,
					  struct hf_join_serve **ret, struct hf_err *err);

/*
 * hf_join_serve_failed - was it stopped because it could not write
 */
bool hf_join_serve_failed(const struct hf_join_serve *serve);

/*
 * hf_join_serve_free - stop, set to NULL; accepts NULL
 */
void hf_join_serve_free(struct hf_join_serve **serve);

#endif
