/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line an event, to standard error; knows strings, never things
 */
#ifndef HOLDFAST_LOG_H
#define HOLDFAST_LOG_H

#include <holdfast/err.h>

/* Values are those of syslog, so that a service manager reads the <N> prefix. */
enum hf_log_level { HF_LOG_ERROR = 3, HF_LOG_WARNING = 4, HF_LOG_NOTICE = 5, HF_LOG_INFO = 6, HF_LOG_DEBUG = 7 };

/* What a line is about, each a word of a machine: never the name, the login or an address of a person. NULL: none. */
struct hf_log_about {
	const char *lockdown; /* its id; the first 16 characters are printed */
	const char *device;   /* NULL: the one whose log it is (hf_log_device), if it is one's */
	const char *reason;   /* why, of what was refused or failed: hf_rc_name, or a word as plain */
};

#define HF_ABOUT(...) (&(const struct hf_log_about){__VA_ARGS__})

/*
 * hf_log_init - from which level on lines are printed
 *
 * What is written to standard error does not wait from now on, by whomever in this program.
 * @most     the least important level that is printed
 */
void hf_log_init(enum hf_log_level most);

/*
 * hf_log_device - every line from now on is of this device, unless it is about another
 *
 * @device   copied; "": of none
 */
void hf_log_device(const char *device);

/*
 * hf_log - print one line: `<level>event=WORD text`; control characters become '?'; keeps errno
 *
 * Never waits: a line that finds no room is dropped and counted, and the next one that finds room is told the count first.
 * @event    a word of names.h
 */
void hf_log(enum hf_log_level level, const char *event, const char *fmt, ...) HF_PRINTF(3, 4);

/*
 * hf_log_about - the same, of something: `<level>event=WORD lockdown=ID device=ID reason=WORD text`, without what is not said
 *
 * What would make a second word of one becomes '?'.
 * @about    borrowed for the call; HF_ABOUT(.reason = ...)
 */
void hf_log_about(enum hf_log_level level, const char *event, const struct hf_log_about *about, const char *fmt, ...)
	HF_PRINTF(4, 5);

#endif
