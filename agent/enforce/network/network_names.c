/* SPDX-License-Identifier: MIT */
/*
 * Owns that a process of names is there while hosts are shut.
 * Must never end one that answers before its user says so, nor keep it to itself that names pass.
 */
#include "agent/enforce/network/network_names.h"

#include "agent/enforce/common/saw.h"

enum hf_rc hf_net_names_open(struct hf_net_names *names, const struct hf_enforce_conf *conf)
{
	struct hf_names_link *link = &names->link;
	link->socket = names->socket;
	link->self = names->self;
	link->queue = conf->queue;
	link->fd = link->pidfd = -1;
	enum hf_rc rc = hf_str_copy(names->socket, sizeof(names->socket), conf->names_socket);
	return rc == HF_OK ? hf_str_copy(names->self, sizeof(names->self), conf->self) : rc;
}

/*
 * One that the service manager keeps goes on, or is started anew with its queue and its hosts: whoever told that life
 * to end would open. One that hangs is ended by its watchdog, and until then nobody's packets pass.
 */
static void lose_names(struct hf_net_names *names)
{
	if (!names->link.managed) {
		hf_net_names_end(names);
		return;
	}
	hf_net_names_close(names);
	names->trouble[0] = '\0';
}

static void on_names(void *arg, uint32_t events)
{
	struct hf_net_names *names = arg;
	(void)events;
	if (hf_names_hear(&names->link) == HF_OK)
		return;
	lose_names(names);
	names->lost(names->link.arg);
}

static enum hf_rc watch_names(struct hf_net_names *names)
{
	return hf_loop_add_fd(names->loop, names->link.fd, on_names, names, &names->watch);
}

void hf_net_names_find(struct hf_net_names *names)
{
	if (hf_names_find(&names->link, NULL) == HF_OK && watch_names(names) != HF_OK)
		hf_names_leave(&names->link);
}

static enum hf_rc start_names(struct hf_net_names *names, struct hf_err *err)
{
	if (names->link.fd >= 0)
		return HF_OK;
	hf_watch_remove(&names->watch);
	names->fresh = true;
	enum hf_rc rc = hf_names_start(&names->link, err);
	if (rc == HF_OK && watch_names(names) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "The process that looks at names cannot be watched");
	return rc;
}

void hf_net_names_keep(struct hf_net_names *names, const struct hf_shut_hosts *shut, const char *no_way)
{
	struct hf_err err = {""};
	hf_saw_cut(names->trouble, no_way);
	if (no_way[0])
		return;
	enum hf_rc rc = start_names(names, &err);
	if (rc == HF_OK)
		rc = hf_names_set(&names->link, shut, &err);
	if (rc == HF_OK)
		return;
	lose_names(names);
	hf_saw_cut(names->trouble, err.text);
}

bool hf_net_names_answers(struct hf_net_names *names)
{
	if (names->link.fd >= 0 && hf_names_ping(&names->link, NULL) == HF_OK)
		return true;
	if (names->link.fd >= 0)
		lose_names(names);
	return false;
}

void hf_net_names_judge(const struct hf_net_names *names, const struct hf_net_saw *seen, struct hf_saw *saw)
{
	if (names->trouble[0])
		hf_saw_say(saw, HF_LAYER_FAILED, "%s", names->trouble);
	else if (seen->name == HF_TRY_PASSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could ask a server for a name that is blocked");
	else if (seen->other == HF_TRY_REFUSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "An ordinary user could not ask for a name that is not blocked");
	else if (seen->name_root == HF_TRY_REFUSED)
		hf_saw_say(saw, HF_LAYER_FAILED, "Root could not ask for a name: what must stay open is shut");
	else if (seen->name != HF_TRY_REFUSED || seen->other != HF_TRY_PASSED)
		hf_saw_say(saw, HF_LAYER_ARMED, "Blocked; that names are refused could not be tried");
}

void hf_net_names_end(struct hf_net_names *names)
{
	hf_watch_remove(&names->watch);
	hf_names_end(&names->link);
	names->trouble[0] = '\0';
}

void hf_net_names_close(struct hf_net_names *names)
{
	hf_watch_remove(&names->watch);
	hf_names_leave(&names->link);
}
