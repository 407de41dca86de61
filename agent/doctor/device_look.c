/* SPDX-License-Identifier: MIT */
/*
 * Owns the look at a device: its files, its broker, its agent's own word.
 * Must never change anything, nor judge what it sees.
 */
#include "agent/doctor/device_look.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <holdfast/brokers.h>
#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/str.h>
#include <holdfast/text.h>

#include "agent/enforce/network/net_proxy_files.h"
#include "agent/machine/logins.h"
#include "agent/talk/answer.h"
#include "agent/talk/link_sockets.h"
#include "agent/talk/people.h"

#define ALL_ERASED "\r\033[K"
#define EVERY_MS 200

/* Paths that the facts borrow. */
struct looking {
	const struct hf_device_look *look;
	struct hf_link_conf link;
	char path[HF_DEVICE_FILES][HF_PATH_SIZE];
	size_t n_paths;
};

static void say_progress(const char *what)
{
	if (isatty(STDERR_FILENO) != 1)
		return;
	fputs(ALL_ERASED, stderr);
	if (what)
		fprintf(stderr, hf_text("Looking at %s ..."), what);
	fflush(stderr);
}

static const char *place_of(struct looking *l, const char *name)
{
	char *path = l->path[l->n_paths];

	if (l->n_paths == HF_DEVICE_FILES || hf_place(l->look->places->etc, name, path, NULL) != HF_OK)
		return NULL;
	l->n_paths++;
	return path;
}

static void look_at_file(struct hf_device_facts *ret, const char *path, const hf_user *user, unsigned denied)
{
	if (path && path[0] && ret->n_files < HF_DEVICE_FILES)
		ret->files[ret->n_files++] = hf_doctor_file(path, user, denied);
}

static void look_settings(struct looking *l, struct hf_device_facts *ret)
{
	const char *enrolment = place_of(l, "enrolment.json"), *conf = place_of(l, "link.conf");

	ret->enrolled = !enrolment || (access(enrolment, F_OK) != 0 && errno != ENOENT) ? HF_SEEN_NOT
			: access(enrolment, F_OK) == 0					 ? HF_SEEN_YES
											 : HF_SEEN_NO;
	ret->settings = conf ? hf_link_conf_read(conf, &l->link, &ret->settings_why) : HF_E_SIZE;
	if (ret->settings == HF_E_SYSTEM && geteuid() != 0)
		ret->settings = HF_E_ROLE;
}

static void look_files(struct looking *l, struct hf_device_facts *ret)
{
	const unsigned secret = S_IRWXG | S_IRWXO, kept = S_IWGRP | S_IWOTH;
	hf_user uid;
	const hf_user *link = hf_login_uid(l->link.user, &uid) ? &uid : NULL;

	look_at_file(ret, l->look->places->etc, NULL, kept);
	look_at_file(ret, place_of(l, "device.key"), NULL, secret);
	look_at_file(ret, l->look->conf->state, NULL, kept);
	if (ret->settings != HF_OK)
		return;
	look_at_file(ret, l->link.key, link, S_IRWXO | S_IWGRP);
	ret->certs[ret->n_certs++] = hf_doctor_certificate(l->link.certificate);
	ret->certs[ret->n_certs++] = hf_doctor_certificate(l->link.ca);
}

/* Of the list the one that the link is with, by the agent's word; else that of the enrolment, as it stands in the settings now. */
static void look_broker(struct looking *l, struct hf_device_facts *ret)
{
	const bool ours = access(l->link.key, R_OK) == 0 && access(l->link.certificate, R_OK) == 0;
	struct hf_broker_try who = {.host = l->link.host, .port = (int)l->link.port, .ca = l->link.ca,
				    .cert = ours ? l->link.certificate : NULL, .key = ours ? l->link.key : NULL,
				    .name = l->link.device};
	json_t *row = json_object_get(ret->view, "broker");
	hf_auto_fd int ca = -1;
	char path[HF_FS_MEMORY_SIZE];
	struct hf_broker now;

	if (row && hf_broker_take(row, &now, NULL) == HF_OK && strcmp(now.id, HF_BROKER_OF_ENROLMENT) != 0 &&
	    (!now.ca || hf_fs_in_memory(now.ca, &ca, path, NULL) == HF_OK)) {
		who.host = now.host;
		who.port = (int)now.port;
		who.ca = now.ca ? path : who.ca;
	}
	ret->broker = hf_doctor_broker(&who);
	ret->broker_looked = true;
}

static void look_agent(const struct hf_device_look *look, struct hf_device_facts *ret)
{
	const struct hf_question question = {.ask = HF_ASK_STATUS, .reads = false};
	const int64_t end = hf_clock_boot().ms + look->wait_ms;
	struct stat st;
	hf_user link;

	for (;;) {
		ret->agent = hf_people_ask(look->conf->person_socket, &question, &ret->view, &ret->agent_why);
		if ((ret->agent == HF_OK && !hf_said_true(ret->view, "stale")) || hf_clock_boot().ms >= end)
			break;
		json_decref(ret->view);
		ret->view = NULL;
		(void)poll(NULL, 0, EVERY_MS);
	}
	ret->socket = look->conf->link_socket;
	if (stat(ret->socket, &st) == 0)
		ret->socket_own = st.st_uid == 0 || (hf_login_uid(look->conf->link_user, &link) && st.st_uid == link) ? HF_SEEN_YES : HF_SEEN_NO;
}

static void look_clock(struct hf_device_facts *ret)
{
	struct timex kept = {.modes = 0};
	int state = adjtimex(&kept);

	if (state >= 0)
		ret->clock_kept = state == TIME_ERROR ? HF_SEEN_NO : HF_SEEN_YES;
}

static void look_proxies(const struct hf_device_look *look, struct hf_device_facts *ret)
{
	struct hf_net_proxies proxies = {.n = 0};

	ret->proxies_hidden = hf_net_proxies_find(look->enforce, &proxies, NULL) == HF_OK && proxies.hidden;
}

static void look_at_all(struct looking *l, struct hf_device_facts *ret)
{
	look_settings(l, ret);
	if (ret->enrolled == HF_SEEN_NO)
		return;
	say_progress(hf_text("the agent"));
	look_agent(l->look, ret);
	say_progress(hf_text("what the layers need of this machine"));
	look_proxies(l->look, ret);
	hf_look_kernel(l->look, ret);
	look_files(l, ret);
	say_progress(hf_text("the broker"));
	if (ret->settings == HF_OK)
		look_broker(l, ret);
	look_clock(ret);
	say_progress(NULL);
}

enum hf_rc hf_device_doctor(const struct hf_device_look *look, struct hf_findings *ret, struct hf_err *err)
{
	hf_auto_free struct looking *l = calloc(1, sizeof(*l));
	hf_auto_free struct hf_device_facts *facts = calloc(1, sizeof(*facts));

	if (!l || !facts)
		return hf_err_set(err, HF_E_MEMORY, "no memory to look at this device");
	l->look = look;
	look_at_all(l, facts);
	hf_find_device(ret, facts, hf_clock_wall());
	hf_device_facts_done(facts);
	return HF_OK;
}
