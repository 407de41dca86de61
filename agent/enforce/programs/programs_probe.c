/* SPDX-License-Identifier: MIT */
/*
 * Owns the child that tries what an ordinary user could try.
 * Must never wait without an end, nor try anything with the agent's own rights.
 */
#include "agent/enforce/programs/programs_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "agent/enforce/common/outlive.h"
#include "agent/machine/procs.h"

#define WAIT_MS 1000 /* a fence answers in far less; the agent's loop stands meanwhile */
#define NOBODY 65534
#define OTHER_PROGRAM "/bin/true"
#define FDINFO_MAX 4194304 /* 16,384 marks of some 150 bytes, nearly twice over */

static bool is_in_rules(const struct hf_file_rules *rules, hf_user uid)
{
	for (size_t i = 0; i < rules->n; i++) {
		for (uint32_t j = 0; j < rules->v[i].n_users; j++) {
			if (rules->v[i].users[j] == uid)
				return true;
		}
	}
	return false;
}

/* A user for whom nothing is open, so that being refused is the only right answer. */
static hf_user probing_user(const struct hf_file_rules *rules)
{
	hf_user uid = NOBODY;
	while (is_in_rules(rules, uid))
		uid--;
	return uid;
}

static void try_all(const struct hf_file_rules *rules, size_t from, struct hf_programs_probe *probe)
{
	size_t tried = 0;
	for (size_t at = 0; at < rules->n && tried < HF_PROBE_OPENS_MAX; at++) {
		size_t i = (from + at) % rules->n;
		if (rules->v[i].open_for_all)
			continue;
		tried++;
		int fd = open(rules->v[i].path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd >= 0) {
			if (probe->n_opened++ == 0)
				probe->first_opened = i;
			close(fd);
		} else if (errno == EPERM) {
			if (probe->n_refused++ == 0)
				probe->first_refused = i;
		} else {
			probe->n_unreachable++;
		}
	}
}

static _Noreturn void be_nobody(const struct hf_file_rules *rules, size_t from, hf_user uid, int out)
{
	struct hf_programs_probe probe = {.answered = true, .pid = getpid()};
	char *argv[] = {(char *)(uintptr_t)OTHER_PROGRAM, NULL};
	char *environ_none[] = {NULL};
	sigset_t none;
	hf_child_keep(out);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(uid, uid, uid) != 0)
		_exit(126);
	try_all(rules, from, &probe);
	if (write(out, &probe, sizeof(probe)) != (ssize_t)sizeof(probe))
		_exit(126);
	execve(OTHER_PROGRAM, argv, environ_none);
	_exit(127);
}

static bool ended_well(pid_t child, int ms)
{
	int status = 1;
	hf_auto_fd int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	if (pidfd < 0 || poll(&p, 1, ms) != 1)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status == 0;
}

static void probe_here(const struct hf_file_rules *rules, size_t from, struct hf_programs_probe *ret_probe)
{
	int ends[2];
	memset(ret_probe, 0, sizeof(*ret_probe));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	hf_auto_fd int in = ends[0];
	hf_auto_fd int out = ends[1];
	hf_user uid = probing_user(rules);
	pid_t child = fork();
	if (child == 0)
		be_nobody(rules, from, uid, out);
	hf_fd_close(&out);
	if (child < 0)
		return;
	struct hf_programs_probe probe = {.answered = false};
	struct pollfd p = {.fd = in, .events = POLLIN};
	bool heard = poll(&p, 1, WAIT_MS) == 1 && read(in, &probe, sizeof(probe)) == (ssize_t)sizeof(probe);
	probe.others_start = ended_well(child, heard ? WAIT_MS : 0) && heard;
	probe.answered = heard;
	*ret_probe = probe;
}

bool hf_programs_trial(struct hf_hands_message *message)
{
	struct hf_file_rules rules = HF_FILE_RULES_NONE;
	struct hf_programs_probe probe;
	if (message->n_fds != 1 || hf_file_rules_open(message->fds[0], &rules, NULL) != HF_OK)
		return false;
	message->n_fds = 0;
	probe_here(&rules, (size_t)message->first, &probe);
	hf_file_rules_done(&rules);
	message->len = sizeof(probe);
	memcpy(message->data, &probe, sizeof(probe));
	return true;
}

void hf_programs_probe(struct hf_hands *hands, const struct hf_file_rules *rules, size_t from,
		       struct hf_programs_probe *ret_probe)
{
	struct hf_hands_message message = {.word = HF_HANDS_PROGRAMS, .first = from, .fds = {rules->fd}, .n_fds = 1};
	enum hf_rc rc = hf_hands_ask(hands, &message);
	if (rc == HF_E_ABSENT) {
		probe_here(rules, from, ret_probe);
		return;
	}
	memset(ret_probe, 0, sizeof(*ret_probe));
	if (rc == HF_OK && message.error == 0 && message.len == sizeof(*ret_probe))
		memcpy(ret_probe, message.data, sizeof(*ret_probe));
}

static int order_marks(const void *one, const void *two)
{
	const uint64_t *a = one;
	const uint64_t *b = two;
	return *a == *b ? 0 : *a < *b ? -1 : 1;
}

static bool mark_of_line(const char *line, uint64_t *ret_ino)
{
	const unsigned int want = FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM;
	unsigned int mask = 0;
	const char *at = strstr(line, " mask:");
	return sscanf(line, "fanotify ino:%" SCNx64 " ", ret_ino) == 1 && at && sscanf(at, " mask:%x", &mask) == 1 &&
	       (mask & want) == want;
}

enum hf_rc hf_marks_parse(char *fdinfo, struct hf_marks *ret_marks)
{
	size_t room = 1;
	char *rest;
	for (const char *at = fdinfo; *at; at++)
		room += *at == '\n';
	struct hf_marks marks = {calloc(room, sizeof(*marks.v)), 0};
	if (!marks.v)
		return HF_E_MEMORY;
	for (char *line = strtok_r(fdinfo, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		marks.n += mark_of_line(line, &marks.v[marks.n]);
	qsort(marks.v, marks.n, sizeof(*marks.v), order_marks);
	*ret_marks = marks;
	return HF_OK;
}

bool hf_marks_has(const struct hf_marks *marks, uint64_t ino)
{
	return marks->n > 0 && bsearch(&ino, marks->v, marks->n, sizeof(ino), order_marks);
}

static bool is_mark_missing(const struct hf_marks *marks, const struct hf_file_rule *rule)
{
	struct hf_file_id id;
	return !rule->open_for_all && !hf_marks_has(marks, rule->ino) && hf_file_id(rule->path, &id) == HF_OK &&
	       id.dev == rule->dev && id.ino == rule->ino;
}

enum hf_rc hf_programs_marked(int group, const struct hf_file_rules *rules, size_t *ret_missing, struct hf_err *err)
{
	char path[64];
	hf_auto_free char *text = NULL;
	size_t len;
	size_t missing = 0;
	struct hf_marks marks = {NULL, 0};
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/proc/self/fdinfo/%d", group);
	if (rc == HF_OK)
		rc = hf_fs_read(path, FDINFO_MAX, &text, &len, err);
	if (rc == HF_OK && hf_marks_parse(text, &marks) != HF_OK)
		rc = hf_err_set(err, HF_E_MEMORY, "No memory to look at the marks of listed programs");
	if (rc != HF_OK)
		return rc;
	for (size_t i = 0; i < rules->n; i++)
		missing += is_mark_missing(&marks, &rules->v[i]);
	free(marks.v);
	*ret_missing = missing;
	return HF_OK;
}
