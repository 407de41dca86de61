/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line an event, to standard error; knows strings, never things
 */
#ifndef HOLDFAST_LOG_H
#define HOLDFAST_LOG_H

#include <holdfast/err.h>

/* Values are those of syslog, so that a service manager reads the <N> prefix. */
enum hf_log_level { HF_LOG_ERROR = 3, HF_LOG_WARNING = 4, HF_LOG_NOTICE = 5, HF_LOG_INFO = 6, HF_LOG_DEBUG = 7 };

/*
 * hf_log_init - say who logs and from which level on
 *
 * What is written to standard error does not wait from now on, by whomever in this program.
 * @program  short name, kept as a pointer
 * @most     the least important level that is printed
 * Owner     program must outlive all logging
 */
void hf_log_init(const char *program, enum hf_log_level most);

/*
 * hf_log - print one line: `<level>program: event=WORD text`; control characters become '?'; keeps errno
 *
 * Never waits: a line that finds no room is dropped and counted, and the next one that finds room is told the count first.
 * @event    a word of names.h
 */
void hf_log(enum hf_log_level level, const char *event, const char *fmt, ...) HF_PRINTF(3, 4);

#endif
