/* SPDX-License-Identifier: MIT */
/*
 * Owns what was seen of all processes in the moment of one decision.
 * Must never outlive that decision: a number may be another process's soon, and a process another program.
 */
#include "agent/machine/proc_paths.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <holdfast/rows.h>

#include "agent/machine/procs.h"

struct seen {
	struct {
		pid_t pid;
		size_t at; /* of its path in text */
	} *v;
	char *text; /* paths, each with an end mark */
	size_t n, room, len, text_room;
	bool whole;
	enum hf_rc rc;
};

static struct seen shared;
static bool is_shared;

static void forget(struct seen *seen)
{
	free(seen->v);
	free(seen->text);
	*seen = (struct seen){.v = NULL};
}

static void see(void *arg, pid_t pid)
{
	struct seen *seen = arg;
	char exe[PATH_MAX];

	if (hf_proc_exe(pid, exe, sizeof(exe)) != HF_OK)
		return;
	size_t size = strlen(exe) + 1;
	if (hf_rows_reserve(&seen->v, &seen->room, seen->n + 1, sizeof(*seen->v)) != HF_OK ||
	    hf_rows_reserve(&seen->text, &seen->text_room, seen->len + size, 1) != HF_OK) {
		seen->rc = HF_E_MEMORY;
		return;
	}
	seen->v[seen->n].pid = pid;
	seen->v[seen->n++].at = seen->len;
	memcpy(seen->text + seen->len, exe, size);
	seen->len += size;
}

static enum hf_rc see_all(struct seen *seen, struct hf_err *err)
{
	enum hf_rc rc = hf_procs_each(see, seen, err);

	if (rc == HF_OK && seen->rc != HF_OK)
		rc = hf_err_set(err, seen->rc, "No memory for the list of running programs");
	seen->whole = rc == HF_OK;
	if (rc != HF_OK)
		forget(seen);
	return rc;
}

void hf_proc_paths_share(bool on)
{
	forget(&shared);
	is_shared = on;
}

enum hf_rc hf_proc_paths_each(hf_path_fn fn, void *arg, struct hf_err *err)
{
	struct seen own = {.v = NULL}, *seen = is_shared ? &shared : &own;
	enum hf_rc rc = seen->whole ? HF_OK : see_all(seen, err);

	for (size_t i = 0; rc == HF_OK && i < seen->n; i++)
		fn(arg, seen->v[i].pid, seen->text + seen->v[i].at);
	forget(&own);
	return rc;
}
