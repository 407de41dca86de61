/* SPDX-License-Identifier: MIT */
/*
 * Owns what is tried of the kernel: a child of our own frozen, a queue and a log that nothing is sent to.
 * Must never touch a process, a group, a queue or a rule that is not its own.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/doctor/device_look.h"
#include "agent/enforce/network/names/nfqueue.h"
#include "agent/enforce/network/refusals.h"
#include "agent/machine/procs.h"

#define UNUSED_QUEUE 65521 /* no rule of ours names it; whoever has it already keeps it */
#define UNUSED_GROUP 65521
#define FREEZE_MS 2000
#define LOOK_MS 10
#define AGENT "holdfast-agent"
#define MOUNTS_MOST (1024 * 1024)

static void works(struct hf_trial_seen *trial)
{
	trial->works = HF_SEEN_YES;
}

static void fails(struct hf_trial_seen *trial, const char *why)
{
	trial->works = HF_SEEN_NO;
	(void)hf_err_set(&trial->why, HF_E_SYSTEM, "%s", why);
}

/* ---- another user's process ---- */

struct seeing {
	size_t n, seen;
};

static void see_one(void *arg, pid_t pid)
{
	struct seeing *seeing = arg;
	uid_t ids[4];
	char path[PATH_MAX], link[64];
	ssize_t n;

	if (hf_proc_ids(pid, ids) != HF_OK || ids[0] == 0 || ids[0] == getuid() ||
	    hf_str_printf(link, sizeof(link), "/proc/%d/exe", (int)pid) != HF_OK)
		return;
	n = readlink(link, path, sizeof(path));
	if (n < 0 && errno == ENOENT)
		return;
	seeing->n++;
	seeing->seen += n >= 0;
}

static void look_others(struct hf_trial_seen *trial)
{
	struct seeing seeing = {0};
	struct hf_err why = {""};

	if (hf_procs_each(see_one, &seeing, &why) != HF_OK)
		fails(trial, why.text);
	else if (seeing.seen < seeing.n)
		fails(trial, strerror(EACCES));
	else
		works(trial);
}

/* ---- a child, frozen and thawed ---- */

static enum hf_rc group_file(const char *group, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *out = hf_str_printf(path, sizeof(path), "%s/%s", group, name) == HF_OK ? fopen(path, "we") : NULL;
	bool written;

	if (!out)
		return HF_E_SYSTEM;
	written = fputs(text, out) >= 0;
	return fclose(out) == 0 && written ? HF_OK : HF_E_SYSTEM;
}

static bool group_says(const char *group, const char *line)
{
	hf_auto_free char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;

	return hf_str_printf(path, sizeof(path), "%s/cgroup.events", group) == HF_OK &&
	       hf_fs_read(path, HF_PROC_TEXT_SIZE, &text, &len, NULL) == HF_OK && strstr(text, line);
}

static bool comes_to_say(const char *group, const char *line)
{
	const int64_t end = hf_clock_boot().ms + FREEZE_MS;

	while (!group_says(group, line)) {
		if (hf_clock_boot().ms >= end)
			return false;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return true;
}

static pid_t waiting_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	return pid;
}

static void freeze_child(const char *group, pid_t child, struct hf_trial_seen *trial)
{
	char text[16];

	if (hf_str_printf(text, sizeof(text), "%d", (int)child) != HF_OK || group_file(group, "cgroup.procs", text) != HF_OK ||
	    group_file(group, "cgroup.freeze", "1") != HF_OK || !comes_to_say(group, "frozen 1"))
		fails(trial, strerror(errno ? errno : ETIMEDOUT));
	else if (group_file(group, "cgroup.freeze", "0") != HF_OK || !comes_to_say(group, "frozen 0"))
		fails(trial, strerror(errno ? errno : ETIMEDOUT));
	else
		works(trial);
}

static enum hf_rc cgroup_mount(const char *said, char mount[PATH_MAX])
{
	hf_auto_free char *text = NULL;
	size_t len = 0;

	if (said[0])
		return hf_str_copy(mount, PATH_MAX, said);
	return hf_fs_read("/proc/self/mountinfo", MOUNTS_MOST, &text, &len, NULL) == HF_OK
		       ? hf_cgroup2_mount_parse(text, mount, PATH_MAX)
		       : HF_E_SYSTEM;
}

static void look_freezer(const char *cgroup, struct hf_trial_seen *trial)
{
	char mount[PATH_MAX], group[PATH_MAX];
	pid_t child;

	if (cgroup_mount(cgroup, mount) != HF_OK ||
	    hf_str_printf(group, sizeof(group), "%.4000s/holdfast-doctor-%d", mount, (int)getpid()) != HF_OK) {
		fails(trial, hf_text("no cgroup v2 is mounted"));
		return;
	}
	if (mkdir(group, 0755) != 0) {
		fails(trial, strerror(errno));
		return;
	}
	child = waiting_child();
	errno = 0;
	if (child > 0)
		freeze_child(group, child, trial);
	else
		fails(trial, strerror(errno));
	if (child > 0 && kill(child, SIGKILL) == 0)
		(void)waitpid(child, NULL, 0);
	(void)comes_to_say(group, "populated 0");
	(void)!rmdir(group);
}

/* ---- packets ---- */

static void look_queue(struct hf_trial_seen *trial)
{
	hf_auto_nfqueue struct hf_nfqueue *queue = NULL;
	struct hf_err why = {""};

	if (hf_nfqueue_open(UNUSED_QUEUE, &queue, &why) == HF_OK)
		works(trial);
	else
		fails(trial, why.text);
}

static void hear_nothing(void *arg, hf_user uid, const struct hf_addr *to, bool over)
{
	(void)arg;
	(void)uid;
	(void)to;
	(void)over;
}

static void look_log(struct hf_trial_seen *trial)
{
	struct hf_loop *loop = NULL;
	struct hf_err why = {""};
	struct hf_refusals refusals = {.group = UNUSED_GROUP, .fn = hear_nothing};

	if (hf_loop_new(&loop, &why) != HF_OK) {
		fails(trial, why.text);
		return;
	}
	refusals.loop = loop;
	errno = 0;
	hf_refusals_listen(&refusals);
	if (refusals.nl)
		works(trial);
	else
		fails(trial, strerror(errno ? errno : ENOSYS));
	hf_refusals_stop(&refusals);
	hf_loop_free(&loop);
}

/* ---- the agent's rights, and the machine of each layer ---- */

struct finding_agent {
	const char *word; /* its command */
	pid_t pid;
};

static void find_running(void *arg, pid_t pid)
{
	struct finding_agent *finding = arg;
	char comm[64] = "", args[HF_PROC_TEXT_SIZE];
	size_t len = 0;

	if (finding->pid || hf_proc_text(pid, "comm", comm, sizeof(comm), NULL) != HF_OK ||
	    strncmp(comm, AGENT, strlen(AGENT)) != 0 || hf_proc_text(pid, "cmdline", args, sizeof(args), &len) != HF_OK)
		return;
	if (len > strlen(args) + 1 && strcmp(args + strlen(args) + 1, finding->word) == 0)
		finding->pid = pid;
}

static bool rights_of(const char *word, uint64_t *ret)
{
	struct finding_agent finding = {.word = word};
	char status[HF_PROC_TEXT_SIZE];

	return hf_procs_each(find_running, &finding, NULL) == HF_OK && finding.pid &&
	       hf_proc_text(finding.pid, "status", status, sizeof(status), NULL) == HF_OK && hf_rights_parse(status, ret);
}

/* Its own, and those of its hands; hands that wait to be started by their socket lend what the agent itself then sees. */
static bool agent_rights(const char *hands, uint64_t *ret)
{
	uint64_t lent = 0;

	if (!rights_of("run", ret))
		return false;
	if (rights_of("hands", &lent))
		*ret |= lent;
	else if (access(hands, F_OK) == 0)
		*ret = UINT64_MAX;
	return true;
}

static void look_layers(const struct hf_device_look *look, struct hf_device_facts *ret, bool root)
{
	uint64_t has = 0;
	const bool known = agent_rights(look->conf->hands_socket, &has);

	for (size_t i = 0; i < look->n_ops; i++) {
		struct hf_layer_needs_seen *seen = &ret->layers[ret->n_layers];

		if (!look->on[i])
			continue;
		ret->n_layers++;
		seen->name = look->ops[i]->name;
		if (known || !look->ops[i]->rights)
			seen->rights = hf_rights_names(look->ops[i]->rights, has, seen->lacks) ? HF_SEEN_NO : HF_SEEN_YES;
		else if (ret->agent != HF_OK)
			seen->rights = HF_SEEN_YES; /* it does not run, which is said */
		if (root && look->ops[i]->check(look->enforce, &seen->machine.why) == HF_OK)
			works(&seen->machine);
		else if (root)
			seen->machine.works = HF_SEEN_NO;
	}
}

void hf_look_kernel(const struct hf_device_look *look, struct hf_device_facts *ret)
{
	const bool root = geteuid() == 0;

	look_layers(look, ret, root);
	if (!root)
		return;
	look_others(&ret->others_exe);
	look_freezer(look->conf->cgroup, &ret->frozen);
	look_queue(&ret->queue);
	look_log(&ret->logged);
}
