/* SPDX-License-Identifier: MIT */
/*
 * paths.h - where an installed system has its folders, files and sockets: as the operating system wants it
 */
#ifndef HOLDFAST_PATHS_H
#define HOLDFAST_PATHS_H

#ifdef __linux__
#include "proto/host/linux/paths.h"
#else
#error "say in proto/host where the folders of this operating system are"
#endif

#endif
