/* SPDX-License-Identifier: MIT */
/*
 * log_end.h - where the lines of the log go, without waiting
 */
#ifndef HOLDFAST_HOST_LOG_END_H
#define HOLDFAST_HOST_LOG_END_H

#include <stdbool.h>
#include <stddef.h>

/*
 * hf_log_end_own - from now on nothing that this program writes to standard error waits, whoever else has it too
 */
void hf_log_end_own(void);

/*
 * hf_log_end_put - one whole line, if there is room for it now
 *
 * @line, @len  at most PIPE_BUF bytes: it comes whole or not at all
 * Returns   false: it is dropped
 */
bool hf_log_end_put(const char *line, size_t len);

#endif
