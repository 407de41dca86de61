/* SPDX-License-Identifier: MIT */
/*
 * open.h - how the host opens every file
 */
#ifndef PROTO_HOST_OPEN_H
#define PROTO_HOST_OPEN_H

#include <fcntl.h>

#ifndef O_BINARY
#define O_BINARY 0 /* where no byte of a file is changed anyway */
#endif

/* No child inherits it, and what is read is what is there. */
#define HF_OPEN (O_CLOEXEC | O_BINARY)

#endif
