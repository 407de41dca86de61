/* SPDX-License-Identifier: MIT */
/*
 * Owns the question to holdfastd whether the journal and its copy are whole.
 * Must never open either: the journal has one reader's code, and its own user.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/str.h>

#include "controller/cli/doctor/server_look.h"
#include "controller/office/client.h"

#define ANSWER_MOST 65536

enum hf_rc hf_look_controller_program(char path[HF_DOCTOR_PATH])
{
	enum hf_rc rc = hf_host_program(path, HF_DOCTOR_PATH);
	char *slash = rc == HF_OK ? strrchr(path, '/') : NULL;
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		return HF_E_ABSENT;
	rc = hf_str_printf(path + len, HF_DOCTOR_PATH - len, "/holdfastd");
	return rc == HF_OK && access(path, X_OK) != 0 ? HF_E_ABSENT : rc;
}

static int start_reader(const char *const *argv, int out, pid_t *ret_pid)
{
	static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	posix_spawn_file_actions_t actions;
	int refused = posix_spawn_file_actions_init(&actions);

	if (refused != 0)
		return refused;
	refused = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (refused == 0)
		refused = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (refused == 0)
		refused = posix_spawn(ret_pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
				      (char *const *)(uintptr_t)environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return refused;
}

static enum hf_rc ask_reader(const char *const *argv, json_t **ret, struct hf_err *err)
{
	hf_auto_free char *text = NULL;
	size_t len = 0;
	pid_t pid;
	int pipes[2], refused;
	enum hf_rc rc;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return hf_err_set(err, HF_E_SYSTEM, "%s", strerror(errno));
	refused = start_reader(argv, pipes[1], &pid);
	hf_fd_close(&pipes[1]);
	rc = refused == 0 ? hf_fs_read_fd(pipes[0], ANSWER_MOST, &text, &len, err)
			  : hf_err_set(err, HF_E_SYSTEM, "%s could not be started: %s.", argv[0], strerror(refused));
	hf_fd_close(&pipes[0]);
	while (refused == 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (rc == HF_OK && len == 0)
		return hf_err_set(err, HF_E_SYSTEM, "`%s --check-journal` says why it could not be looked at.", argv[0]);
	return rc == HF_OK ? hf_json_read(text, len, ANSWER_MOST, ret, err) : rc;
}

static void take_answer(const json_t *said, struct hf_journal_seen *seen)
{
	const char *why = hf_client_text(said, "error", NULL);

	seen->absent = strcmp(hf_client_text(said, "reason", ""), hf_rc_name(HF_E_ABSENT)) == 0;
	seen->records = hf_client_number(said, "records");
	seen->made.s = hf_client_number(said, "made");
	seen->whole = why ? HF_SEEN_NO : HF_SEEN_YES;
	seen->of_this = json_is_boolean(json_object_get(said, "of_this"))
				? (json_is_true(json_object_get(said, "of_this")) ? HF_SEEN_YES : HF_SEEN_NO)
				: HF_SEEN_NOT;
	if (why)
		(void)hf_err_set(&seen->why, HF_E_SHAPE, "%s", why);
}

static void not_looked(struct hf_server_facts *ret, const char *why)
{
	(void)hf_err_set(&ret->journal.why, HF_E_ROLE, "%s", why);
	(void)hf_err_set(&ret->copy.why, HF_E_ROLE, "%s", why);
}

void hf_look_journal(const struct hf_server_look *look, struct hf_server_facts *ret)
{
	char program[HF_DOCTOR_PATH];
	const char *argv[] = {program, "-f", look->conf, "--check-journal", "--copy", look->backup, NULL};
	hf_auto_json json_t *answer = NULL;
	struct hf_err why = {""};
	enum hf_rc rc;

	(void)!hf_str_copy(ret->copy_path, sizeof(ret->copy_path), look->backup);
	if (!look->root) {
		not_looked(ret, hf_text("this user may not look; root may."));
		return;
	}
	if (hf_look_controller_program(program) != HF_OK) {
		not_looked(ret, hf_text("the program holdfastd is not on this machine."));
		return;
	}
	rc = ask_reader(argv, &answer, &why);
	if (rc != HF_OK) {
		not_looked(ret, why.text);
		return;
	}
	take_answer(json_object_get(answer, "journal"), &ret->journal);
	take_answer(json_object_get(answer, "copy"), &ret->copy);
}
