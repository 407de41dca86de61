/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-agent: the order in which its parts start and stop.
 * Must never open a network connection.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/host.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/notify.h>
#include <holdfast/paths.h>
#include <holdfast/watchdog.h>

#include "agent/disk/store.h"
#include "agent/enforce/common/hands_process.h"
#include "agent/doctor/device_look.h"
#include "agent/enforce/network/names/names_process.h"
#include "agent/enforce/network/net_probe.h"
#include "agent/enforce/programs/fence/fence.h"
#include "agent/enforce/programs/programs_probe.h"
#include "agent/enforce/running/frozen_place.h"
#include "agent/keeper/keeper.h"
#include "agent/machine/logins.h"
#include "agent/machine/rights.h"
#include "agent/talk/link_sockets.h"
#include "agent/talk/people.h"
#include "agent/terminal/agent_commands.h"

#define LOCK_TRIES 20
#define LOCK_MS 50

/* Everything that `run` starts, in the order in which it starts. */
struct agent {
	const struct hf_agent_conf *conf;
	const char *etc;
	int lock; /* of the folder of its memory */
	char enrolment[HF_PATH_SIZE], key[HF_PATH_SIZE], self[HF_PATH_SIZE];
	char copy[HF_PATH_SIZE], seal[HF_PATH_SIZE];
	struct hf_hands hands;
	struct hf_loop *loop;
	struct hf_keeper *keeper;
	struct hf_links *links;
	struct hf_people *people;
};

/* The rest of the settings says where things are, and what is blocked stays where it was put. */
static void read_log_level(const struct agent *agent)
{
	hf_auto_free struct hf_agent_conf *conf = malloc(sizeof(*conf));
	char path[HF_PATH_SIZE];
	enum hf_log_level level;
	struct hf_err err = {""};
	enum hf_rc rc = conf ? hf_place(agent->etc, "agent.conf", path, &err)
			     : hf_err_set(&err, HF_E_MEMORY, "no memory for the settings");

	if (rc == HF_OK)
		rc = hf_agent_conf_read(path, conf, &err);
	if (rc == HF_OK)
		rc = hf_log_level_named(conf->log, &level, &err);
	if (rc == HF_OK)
		hf_log_init(level);
	hf_log(rc == HF_OK ? HF_LOG_NOTICE : HF_LOG_ERROR, HF_EV_RELOAD, "%s",
	       rc == HF_OK ? "the level of the log is read again; other settings are read at the start" : err.text);
}

static void on_signal(void *arg, uint32_t number)
{
	struct agent *agent = arg;

	if (number == SIGHUP)
		read_log_level(agent);
	else
		hf_loop_stop(agent->loop);
}

static void on_join(void *arg)
{
	struct agent *agent = arg;

	hf_keeper_joined(agent->keeper);
}

static void on_message(void *arg, const char *topic, const void *buf, size_t len)
{
	struct agent *agent = arg;

	if (strcmp(topic, HF_LOCAL_ADDRESSES) == 0)
		hf_keeper_learn(agent->keeper, buf, len);
	else if (strcmp(topic, HF_LOCAL_BROKER) == 0)
		hf_keeper_broker_joined(agent->keeper, buf, len);
	else
		hf_keeper_hear(agent->keeper, topic, buf, len);
}

static void on_send(void *arg, const char *topic, const void *buf, size_t len)
{
	struct agent *agent = arg;

	if (agent->links)
		hf_links_send(agent->links, topic, buf, len);
}

static void on_tell(void *arg, const hf_user *uid, const json_t *event)
{
	struct agent *agent = arg;

	if (agent->people)
		hf_people_tell(agent->people, uid, event);
}

static json_t *on_ask(void *arg, hf_user uid, const struct hf_question *question)
{
	struct agent *agent = arg;

	return hf_keeper_answer(agent->keeper, uid, question);
}

static enum hf_rc start_loop(struct agent *agent, struct hf_err *err)
{
	enum hf_rc rc = hf_loop_new(&agent->loop, err);

	if (rc == HF_OK && hf_loop_add_signals(agent->loop, on_signal, agent) != HF_OK)
		rc = hf_err_set(err, HF_E_SYSTEM, "cannot wait for signals");
	return rc;
}

static enum hf_rc make_folder_of(const char *path, struct hf_err *err)
{
	char folder[HF_PATH_SIZE];
	enum hf_rc rc = hf_str_copy(folder, sizeof(folder), path);
	char *slash = strrchr(folder, '/');

	if (rc != HF_OK)
		return hf_err_set(err, rc, "the path %.64s... is too long", path);
	if (!slash || slash == folder)
		return HF_OK;
	*slash = '\0';
	return hf_fs_mkdirs(folder, 0755, err);
}

/* After a reboot nothing is there; the layers want it before the first of them is told anything. */
static void make_fence_folder(const struct agent *agent)
{
	struct hf_err err = {""};

	if (make_folder_of(agent->conf->fence_socket, &err) != HF_OK)
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "folder"),
			     "the fence has no place for its socket: %s", err.text);
}

/* What a layer lacks it says itself; without this one the link comes to a socket that is not its own. */
static void know_rights(struct agent *agent)
{
	char names[HF_RIGHTS_SIZE];

	if (hf_rights_lack(HF_RIGHT_CHOWN & ~hf_hands_rights(&agent->hands), names))
		hf_log_about(HF_LOG_ERROR, HF_EV_FAILED, HF_ABOUT(.reason = "right"),
			     "the agent lacks %s: its link's socket cannot be given to the link's user", names);
}

static struct hf_enforce_conf enforce_conf(const struct agent *agent)
{
	const struct hf_agent_conf *c = agent->conf;
	hf_user found;

	return (struct hf_enforce_conf){
		.policies = {c->chromium, c->chrome, c->edge, c->brave},
		.extension = c->packed,
		.firefox_folder = c->firefox_folder,
		.firefox_install = c->firefox_install,
		.firefox_socket = c->firefox_socket,
		.firefox_extension = c->extension ? c->firefox_extension : "",
		.state = c->state,
		.fence_socket = c->fence_socket,
		.cgroup = c->cgroup,
		.self = agent->self,
		.names_socket = c->names_socket,
		.hands = &((struct agent *)(uintptr_t)agent)->hands,
		.lent = hf_hands_rights,
		.queue = (uint16_t)c->queue,
		.log_group = (uint16_t)c->log_group,
		.proxy = c->proxy,
		.link_uid = hf_login_uid(c->link_user, &found) ? found : 0,
		.countdown_s = c->countdown_s,
	};
}

static void on_leave(void *arg)
{
	struct agent *agent = arg;

	hf_loop_stop(agent->loop);
}

/* The layers stand in the order in which they are armed. */
static struct hf_keeper_conf keeper_conf(struct agent *agent)
{
	const struct hf_agent_conf *c = agent->conf;

	return (struct hf_keeper_conf){
		.state = c->state,
		.copy = agent->copy,
		.seal = agent->seal,
		.enrolment = agent->enrolment,
		.key = agent->key,
		.beat_s = c->beat_s,
		.ask_s = c->ask_s,
		.layers = {&hf_layer_network, &hf_layer_browser, &hf_layer_firefox, &hf_layer_others,
			   &hf_layer_extension, &hf_layer_programs, &hf_layer_running},
		.on = {c->network, c->browser, c->firefox, c->others, c->extension, c->programs, c->running},
		.n_layers = 7,
		.enforce = enforce_conf(agent),
		.wall = hf_clock_wall,
		.here = hf_presence_find,
		.send = on_send,
		.tell = on_tell,
		.leave = on_leave,
		.arg = agent,
	};
}

static enum hf_rc start_keeper(struct agent *agent, struct hf_err *err)
{
	const struct hf_keeper_conf conf = keeper_conf(agent);
	enum hf_rc rc = make_folder_of(agent->conf->firefox_socket, err);

	return rc == HF_OK ? hf_keeper_new(agent->loop, &conf, &agent->keeper, err) : rc;
}

static int on_give(void *arg, const char *path, hf_user uid)
{
	struct agent *agent = arg;

	return hf_give(&agent->hands, path, uid);
}

static enum hf_rc start_links(struct agent *agent, struct hf_err *err)
{
	const struct hf_links_conf conf = {
		agent->conf->link_socket, agent->conf->link_user, on_give, on_join, on_message, agent};
	enum hf_rc rc = make_folder_of(agent->conf->link_socket, err);

	return rc == HF_OK ? hf_links_new(agent->loop, &conf, &agent->links, err) : rc;
}

static enum hf_rc start_people(struct agent *agent, struct hf_err *err)
{
	const struct hf_people_conf conf = {agent->conf->person_socket, on_ask, agent};
	enum hf_rc rc = make_folder_of(conf.path, err);

	return rc == HF_OK ? hf_people_new(agent->loop, &conf, &agent->people, err) : rc;
}

static void stop(struct agent *agent)
{
	hf_people_free(&agent->people);
	hf_links_free(&agent->links);
	hf_keeper_free(&agent->keeper);
	hf_loop_free(&agent->loop);
	hf_hands_leave(&agent->hands);
	hf_fd_close(&agent->lock);
}

static enum hf_rc find_self(struct agent *agent, const struct hf_places *places, struct hf_err *err)
{
	enum hf_rc rc = hf_place(places->etc, "enrolment.json", agent->enrolment, err);

	if (hf_host_program(agent->self, sizeof(agent->self)) != HF_OK)
		return hf_err_set(err, HF_E_SYSTEM, "cannot find the path of this program");
	if (rc == HF_OK)
		rc = hf_place_third(places->etc, agent->conf->state, agent->copy, agent->seal, err);
	return rc == HF_OK ? hf_place(places->etc, "device.key", agent->key, err) : rc;
}

/* A child of one that was killed a moment ago may hold its lock until it has closed what it inherited. */
static enum hf_rc lock_state(struct agent *agent, struct hf_err *why)
{
	enum hf_rc rc = hf_fs_lock(agent->conf->state, "holdfast-agent", &agent->lock, why);

	for (int tries = 0; rc == HF_E_USAGE && tries < LOCK_TRIES; tries++) {
		poll(NULL, 0, LOCK_MS);
		rc = hf_fs_lock(agent->conf->state, "holdfast-agent", &agent->lock, why);
	}
	return rc;
}

/* Before anything is touched: a second agent leaves the first one's sockets, memory and blocks alone. */
static enum hf_rc start_alone(struct agent *agent, struct hf_err *err)
{
	struct hf_err why = {""};
	enum hf_rc rc = hf_fs_mkdirs(agent->conf->state, HF_STORE_MODE, &why);

	if (rc == HF_OK)
		rc = lock_state(agent, &why);
	if (rc == HF_E_USAGE)
		return hf_err_set(err, rc, "%s", why.text);
	/* Without its folder an agent keeps everything blocked: better two of them than none. */
	if (rc != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_STORE, "another agent could begin beside this one: %s", why.text);
	return HF_OK;
}

static enum hf_rc run(const struct hf_places *places, const struct hf_agent_conf *conf, struct hf_err *err)
{
	struct agent agent = {
		.conf = conf, .etc = places->etc, .lock = -1, .hands = {.socket = conf->hands_socket, .fd = -1}};
	struct hf_watchdog watchdog = {0};
	enum hf_rc rc;

	hf_loop_hold_hangup();
	rc = find_self(&agent, places, err);
	if (rc == HF_OK)
		rc = start_alone(&agent, err);
	if (rc == HF_OK)
		rc = start_loop(&agent, err);
	if (rc == HF_OK)
		know_rights(&agent);
	if (rc == HF_OK)
		make_fence_folder(&agent);
	if (rc == HF_OK)
		rc = start_keeper(&agent, err);
	if (rc == HF_OK) {
		/* First what was in force is in force again; then come those who have news, and those who ask. */
		hf_keeper_start(agent.keeper);
		rc = start_links(&agent, err);
	}
	if (rc == HF_OK)
		rc = start_people(&agent, err);
	if (rc == HF_OK)
		rc = hf_watchdog_start(&watchdog, agent.loop, err);
	if (rc == HF_OK) {
		hf_log(HF_LOG_NOTICE, HF_EV_START, "version=" HF_VERSION);
		if (hf_notify(HF_NOTIFY_READY, NULL) == HF_E_SYSTEM)
			hf_log(HF_LOG_WARNING, HF_EV_START,
			       "the service manager cannot be told that the agent is ready");
		rc = hf_loop_run(agent.loop, err);
	}
	stop(&agent);
	hf_log(HF_LOG_NOTICE, HF_EV_STOP, "stopped; what is blocked stays blocked");
	return rc;
}

static enum hf_rc forget_sockets(const struct hf_agent_conf *conf, struct hf_err *err)
{
	char folder[HF_PATH_SIZE];
	enum hf_rc rc = hf_fs_remove(conf->link_socket, err);

	if (rc == HF_OK)
		rc = hf_fs_remove(conf->person_socket, err);
	if (rc == HF_OK)
		rc = hf_fs_remove(conf->hands_socket, err);
	if (rc == HF_OK && hf_str_copy(folder, sizeof(folder), conf->person_socket) == HF_OK) {
		*strrchr(folder, '/') = '\0';
		(void)!rmdir(folder);
	}
	return rc;
}

/* After the agent has left, or where there never was one. */
static enum hf_rc forget(const struct hf_places *places, const struct hf_agent_conf *conf, struct hf_err *err)
{
	struct agent agent = {
		.conf = conf, .etc = places->etc, .lock = -1, .hands = {.socket = conf->hands_socket, .fd = -1}};
	struct hf_keeper_conf keeper;
	enum hf_rc rc = find_self(&agent, places, err);

	if (rc == HF_OK)
		rc = start_alone(&agent, err);
	if (rc == HF_OK)
		rc = start_loop(&agent, err);
	if (rc == HF_OK) {
		keeper = keeper_conf(&agent);
		rc = hf_keeper_forget(agent.loop, &keeper, err);
	}
	if (rc == HF_OK)
		rc = forget_sockets(conf, err);
	if (rc == HF_OK)
		rc = hf_enrol_forget(places, err);
	stop(&agent);
	return rc;
}

static enum hf_rc look(const struct hf_places *places, const struct hf_agent_conf *conf, int64_t wait_ms,
		       struct hf_findings *ret, struct hf_err *err)
{
	struct agent agent = {.conf = conf, .etc = places->etc, .lock = -1};
	struct hf_keeper_conf keeper;
	enum hf_rc rc = find_self(&agent, places, err);

	if (rc != HF_OK)
		return rc;
	keeper = keeper_conf(&agent);
	return hf_device_doctor(&(const struct hf_device_look){.places = places, .conf = conf, .ops = keeper.layers, .on = keeper.on,
							       .n_ops = keeper.n_layers, .enforce = &keeper.enforce, .wait_ms = wait_ms},
				ret, err);
}

/* The same program is also the processes that the layers programs, network and running have started, and the hands. */
int main(int argc, char **argv)
{
	static const struct hf_hands_trial trials[] = {{HF_HANDS_PROGRAMS, hf_programs_trial},
						       {HF_HANDS_NETWORK, hf_net_trial},
						       {HF_HANDS_PLACE, hf_frozen_place_order}};

	if (argc > 1 && strcmp(argv[1], "hands") == 0)
		return hf_hands_main(trials, HF_LEN(trials));
	if (argc > 1 && strcmp(argv[1], "fence") == 0)
		return hf_fence_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "names") == 0)
		return hf_names_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "place") == 0)
		return hf_frozen_place_main();
	return hf_commands_main(argc, argv, &(const struct hf_agent_parts){run, forget, look});
}
