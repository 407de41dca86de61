/* SPDX-License-Identifier: MIT */
/*
 * Owns how a child of the agent does something and answers.
 * Must never leave a child behind, nor wait for one without end.
 */
#include "agent/enforce/common/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/fs.h>

#include "agent/enforce/common/outlive.h"

#define SILENT_MS 30000 /* names may be looked up at a directory that answers late */
#define DIED 127	/* no error of ours */

static _Noreturn void answer_as_child(hf_apart_act act, const void *arg, int out, pid_t agent)
{
	sigset_t none;
	hf_child_keep(out);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != agent)
		_exit(DIED);
	FILE *answer = fdopen(out, "w");
	if (!answer)
		_exit(DIED);
	enum hf_rc rc = act(arg, answer);
	_exit(fclose(answer) == 0 ? (int)rc : DIED);
}

/* All that comes until the child closes its end. */
static enum hf_rc hear_child(int in, FILE *text)
{
	char room[4096];
	for (;;) {
		if (!hf_outlive_wait(in, POLLIN, SILENT_MS))
			return HF_E_SYSTEM;
		ssize_t n = read(in, room, sizeof(room));
		if (n == 0)
			return ferror(text) ? HF_E_MEMORY : HF_OK;
		if (n < 0 && errno != EINTR)
			return HF_E_SYSTEM;
		if (n > 0)
			fwrite(room, 1, (size_t)n, text);
	}
}

static enum hf_rc end_child(pid_t child, enum hf_rc heard, enum hf_rc *ret)
{
	int status = 0;
	if (heard != HF_OK)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (heard == HF_OK && (!WIFEXITED(status) || WEXITSTATUS(status) == DIED))
		return HF_E_SYSTEM;
	*ret = (enum hf_rc)WEXITSTATUS(status);
	return heard;
}

static enum hf_rc start_child(hf_apart_act act, const void *arg, pid_t *ret_child, int *ret_in)
{
	int ends[2];
	pid_t agent = getpid();
	if (pipe2(ends, O_CLOEXEC) != 0)
		return HF_E_SYSTEM;
	hf_auto_fd int in = ends[0];
	hf_auto_fd int out = ends[1];
	pid_t child = fork();
	if (child == 0)
		answer_as_child(act, arg, out, agent);
	if (child < 0)
		return HF_E_SYSTEM;
	*ret_child = child;
	*ret_in = hf_steal_fd(&in);
	return HF_OK;
}

enum hf_rc hf_apart(hf_apart_act act, const void *arg, struct hf_apart_answer *ret_answer, struct hf_err *err)
{
	hf_auto_fd int in = -1;
	struct hf_apart_answer answer = {HF_OK, NULL};
	size_t len = 0;
	pid_t child;
	FILE *text = open_memstream(&answer.text, &len);
	if (!text)
		return hf_err_set(err, HF_E_MEMORY, "No memory for what a process of the agent's own answers");
	enum hf_rc rc = start_child(act, arg, &child, &in);
	if (rc == HF_OK) {
		rc = hear_child(in, text);
		rc = end_child(child, rc, &answer.rc);
	}
	if (fclose(text) != 0 && rc == HF_OK)
		rc = HF_E_MEMORY;
	if (rc == HF_OK) {
		*ret_answer = answer;
		return HF_OK;
	}
	free(answer.text);
	return hf_err_set(err, rc,
			  "A process of the agent's own does not answer; the machine lacks memory or processes");
}
