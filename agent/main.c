/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-agent: its commands, and for `run` the order in which its parts start and stop.
 * Must never open a network connection.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/clock.h>
#include <holdfast/fs.h>
#include <holdfast/log.h>
#include <holdfast/names.h>
#include <holdfast/notify.h>

#include "agent/terminal/check_draft.h"
#include "agent/agent_conf.h"
#include "agent/enforce/programs/fence/fence.h"
#include "agent/enforce/network/names/names_process.h"
#include "agent/enrol/enrol.h"
#include "agent/keeper/keeper.h"
#include "agent/talk/link_sockets.h"
#include "agent/machine/logins.h"
#include "agent/talk/people.h"
#include "agent/terminal/post.h"
#include "agent/terminal/read.h"
#include "agent/terminal/status.h"

static const char help[] =
	"holdfast-agent - keeps this device as the council's officers have approved\n"
	"\n"
	"  holdfast-agent status [--json]              what is in force here, why, and whom to ring\n"
	"  holdfast-agent instructions [LOCKDOWN] [--json]   the instructions of the pre-election period (purdah)\n"
	"  holdfast-agent acknowledge [LOCKDOWN] [--yes]     say that you have read them: then your tools open\n"
	"  holdfast-agent check-draft [FILE] [--json]        mark words that need a second look (not sent, not kept)\n"
	"  holdfast-agent pass ACCOUNT [--json]              the named poster: open the posting window, once\n"
	"  holdfast-agent posted ACCOUNT [--at URL] [--json] say that the holding message is posted; it closes\n"
	"  holdfast-agent cannot ACCOUNT [--why TEXT] [--json]   say that you cannot post it; it closes\n"
	"  holdfast-agent request --device ID [--out FILE]   make this device's keys; say what the council needs\n"
	"  holdfast-agent enrol BUNDLE [--yes] [--again]     keep what the council answered\n"
	"  holdfast-agent run                          keep this device (as root, by the service manager)\n"
	"  holdfast-agent conf                         print the settings as they are in force\n"
	"  holdfast-agent --help | --version\n"
	"\n"
	"Options for every command:\n"
	"  --etc DIR     settings, certificates and keys (" HF_ETC ")\n"
	"  --state DIR   for enrol: the agent's memory (" HF_AGENT_STATE ")\n"
	"  --user NAME   for request: who runs holdfast-link (" HF_LINK_USER ")\n";

struct arguments {
	struct hf_places places;
	struct hf_enrol_how how;
	const char *device, *out, *user;
	const char *operand;
	const char *post, *why;
	bool json;
	struct hf_agent_conf conf;
};

/* Everything that `run` starts, in the order in which it starts. */
struct agent {
	struct hf_agent_conf *conf;
	char enrolment[HF_PATH_SIZE], key[HF_PATH_SIZE], self[HF_PATH_SIZE];
	struct hf_loop *loop;
	struct hf_keeper *keeper;
	struct hf_links *links;
	struct hf_people *people;
};

static void on_signal(void *arg, uint32_t number)
{
	struct agent *agent = arg;

	(void)number;
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
	else
		hf_keeper_hear(agent->keeper, topic, buf, len);
}

static void on_send(void *arg, const char *topic, const void *buf, size_t len)
{
	struct agent *agent = arg;

	if (agent->links)
		hf_links_send(agent->links, topic, buf, len);
}

static void on_tell(void *arg, const uid_t *uid, const json_t *event)
{
	struct agent *agent = arg;

	if (agent->people)
		hf_people_tell(agent->people, uid, event);
}

static json_t *on_ask(void *arg, uid_t uid, const struct hf_question *question)
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

	if (rc != HF_OK || !slash || slash == folder)
		return rc;
	*slash = '\0';
	return hf_fs_mkdirs(folder, 0755, err);
}

/* After a reboot nothing is there; the layers want it before the first of them is told anything. */
static void make_fence_folder(const struct agent *agent)
{
	struct hf_err err = {""};

	if (make_folder_of(agent->conf->fence_socket, &err) != HF_OK)
		hf_log(HF_LOG_ERROR, HF_EV_FAILED, "the fence has no place for its socket: %s", err.text);
}

static enum hf_rc start_keeper(struct agent *agent, struct hf_err *err)
{
	const struct hf_agent_conf *c = agent->conf;
	uid_t found, link_uid = hf_login_uid(c->link_user, &found) ? found : 0;
	const struct hf_keeper_conf conf = {
		.state = c->state,
		.enrolment = agent->enrolment,
		.key = agent->key,
		.beat_s = c->beat_s,
		.ask_s = c->ask_s,
		.layers = {&hf_layer_network, &hf_layer_browser, &hf_layer_firefox, &hf_layer_others,
			   &hf_layer_extension, &hf_layer_programs, &hf_layer_running},
		.on = {c->network, c->browser, c->firefox, c->others, c->extension, c->programs, c->running},
		.n_layers = 7,
		.enforce = {.policies = {c->chromium, c->chrome, c->edge, c->brave},
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
			    .queue = (uint16_t)c->queue,
			    .log_group = (uint16_t)c->log_group,
			    .link_uid = link_uid,
			    .countdown_s = c->countdown_s},
		.wall = hf_clock_wall,
		.here = hf_presence_find,
		.send = on_send,
		.tell = on_tell,
		.arg = agent,
	};

	enum hf_rc rc = make_folder_of(c->firefox_socket, err);

	return rc == HF_OK ? hf_keeper_new(agent->loop, &conf, &agent->keeper, err) : rc;
}

static enum hf_rc start_links(struct agent *agent, struct hf_err *err)
{
	const struct hf_links_calls calls = {on_join, on_message, agent};
	enum hf_rc rc = make_folder_of(agent->conf->link_socket, err);

	if (rc != HF_OK)
		return rc;
	return hf_links_new(agent->loop, agent->conf->link_socket, agent->conf->link_user, &calls, &agent->links, err);
}

static enum hf_rc start_people(struct agent *agent, struct hf_err *err)
{
	enum hf_rc rc = make_folder_of(agent->conf->person_socket, err);

	return rc == HF_OK ? hf_people_new(agent->loop, agent->conf->person_socket, on_ask, agent, &agent->people, err)
			   : rc;
}

static void stop(struct agent *agent)
{
	hf_people_free(&agent->people);
	hf_links_free(&agent->links);
	hf_keeper_free(&agent->keeper);
	hf_loop_free(&agent->loop);
}

static enum hf_rc find_self(struct agent *agent, const struct hf_places *places, struct hf_err *err)
{
	ssize_t len = readlink("/proc/self/exe", agent->self, sizeof(agent->self) - 1);
	enum hf_rc rc = hf_place(places->etc, "enrolment.json", agent->enrolment, err);

	if (len <= 0)
		return hf_err_set(err, HF_E_SYSTEM, "cannot find the path of this program");
	agent->self[len] = '\0';
	return rc == HF_OK ? hf_place(places->etc, "device.key", agent->key, err) : rc;
}

static enum hf_rc run(struct arguments *arguments, struct hf_err *err)
{
	struct agent agent = {.conf = &arguments->conf};
	enum hf_rc rc = find_self(&agent, &arguments->places, err);

	if (rc == HF_OK)
		rc = start_loop(&agent, err);
	if (rc == HF_OK)
		make_fence_folder(&agent);
	if (rc == HF_OK)
		rc = start_keeper(&agent, err);
	if (rc == HF_OK) {
		/* First of all what was in force is in force again; then come those who have news, and those who ask.
		 */
		hf_keeper_start(agent.keeper);
		rc = start_links(&agent, err);
	}
	if (rc == HF_OK)
		rc = start_people(&agent, err);
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

static enum hf_rc do_status(struct arguments *a, struct hf_err *err)
{
	return hf_status(a->conf.person_socket, a->json, err);
}

static enum hf_rc do_instructions(struct arguments *a, struct hf_err *err)
{
	return hf_read_instructions(a->conf.person_socket, a->operand, a->json, err);
}

static enum hf_rc do_acknowledge(struct arguments *a, struct hf_err *err)
{
	return hf_read_acknowledge(a->conf.person_socket, a->operand, a->how.yes, err);
}

static enum hf_rc do_check_draft(struct arguments *a, struct hf_err *err)
{
	return hf_check_draft(a->conf.person_socket, a->operand, a->json, err);
}

static struct hf_post_how post_how(const struct arguments *a)
{
	return (struct hf_post_how){a->conf.person_socket, a->operand, a->post, a->why, a->json};
}

static enum hf_rc do_pass(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_pass(&how, err);
}

static enum hf_rc do_posted(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_posted(&how, err);
}

static enum hf_rc do_cannot(struct arguments *a, struct hf_err *err)
{
	const struct hf_post_how how = post_how(a);

	return hf_post_cannot(&how, err);
}

static enum hf_rc do_request(struct arguments *a, struct hf_err *err)
{
	if (!a->device)
		return hf_err_set(err, HF_E_USAGE, "say which device this is: --device ID");
	return hf_request(&a->places, a->device, a->user, a->out, err);
}

static enum hf_rc do_enrol(struct arguments *a, struct hf_err *err)
{
	a->how.bundle = a->operand;
	if (!a->how.bundle)
		return hf_err_set(err, HF_E_USAGE, "say which bundle: holdfast-agent enrol BUNDLE");
	return hf_enrol(&a->places, &a->how, err);
}

static enum hf_rc do_conf(struct arguments *a, struct hf_err *err)
{
	(void)err;
	hf_agent_conf_print(stdout, &a->conf);
	return HF_OK;
}

/* clang-format off */
static const struct command {
	const char *name;
	enum hf_rc (*fn)(struct arguments *arguments, struct hf_err *err);
	bool needs_conf;
	bool has_operand;
} commands[] = {
	{ "status",       do_status,       true,  false },
	{ "instructions", do_instructions, true,  true },
	{ "acknowledge",  do_acknowledge,  true,  true },
	{ "check-draft",  do_check_draft,  true,  true },
	{ "pass",         do_pass,         true,  true },
	{ "posted",       do_posted,       true,  true },
	{ "cannot",       do_cannot,       true,  true },
	{ "request",      do_request,      false, false },
	{ "enrol",        do_enrol,        false, true },
	{ "run",          run,             true,  false },
	{ "conf",         do_conf,         true,  false },
};

static const struct option options[] = {
	{ "etc",     required_argument, NULL, 'e' },
	{ "state",   required_argument, NULL, 's' },
	{ "device",  required_argument, NULL, 'd' },
	{ "out",     required_argument, NULL, 'o' },
	{ "user",    required_argument, NULL, 'u' },
	{ "at",      required_argument, NULL, 't' },
	{ "why",     required_argument, NULL, 'w' },
	{ "json",    no_argument,       NULL, 'j' },
	{ "yes",     no_argument,       NULL, 'y' },
	{ "again",   no_argument,       NULL, 'a' },
	{ "help",    no_argument,       NULL, 'h' },
	{ "version", no_argument,       NULL, 'V' },
	{ NULL,      0,                 NULL, 0 },
};
/* clang-format on */

static bool take_option(int c, struct arguments *a)
{
	switch (c) {
	case 'e':
		a->places.etc = optarg;
		return true;
	case 's':
		a->places.state = optarg;
		return true;
	case 'd':
		a->device = optarg;
		return true;
	case 'o':
		a->out = optarg;
		return true;
	case 'u':
		a->user = optarg;
		return true;
	case 't':
		a->post = optarg;
		return true;
	case 'w':
		a->why = optarg;
		return true;
	case 'j':
		return a->json = true;
	case 'y':
		return a->how.yes = true;
	case 'a':
		return a->how.again = true;
	}
	return false;
}

/* Returns -1 to go on, else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *a, const struct command **ret_command)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h')
			return fputs(help, stdout) < 0;
		if (c == 'V')
			return puts("holdfast-agent " HF_VERSION) < 0;
		if (!take_option(c, a))
			return 2;
	}
	for (size_t i = 0; i < HF_LEN(commands) && optind < argc; i++) {
		if (strcmp(argv[optind], commands[i].name) == 0)
			*ret_command = &commands[i];
	}
	if (!*ret_command) {
		fprintf(stderr, "holdfast-agent: say what to do: status, instructions, acknowledge, check-draft, "
				"pass, posted, cannot, request, enrol, run or conf (see --help)\n");
		return 2;
	}
	optind++;
	if ((*ret_command)->has_operand && optind < argc)
		a->operand = argv[optind++];
	if (optind == argc)
		return -1;
	fprintf(stderr, "holdfast-agent: '%s' is not expected here (see --help)\n", argv[optind]);
	return 2;
}

/* A device has settings from its enrolment on; before, each has its default. */
static enum hf_rc read_conf(struct arguments *a, struct hf_err *err)
{
	char path[HF_PATH_SIZE];
	enum hf_log_level level = HF_LOG_NOTICE;
	enum hf_rc rc = hf_place(a->places.etc, "agent.conf", path, err);

	if (rc == HF_OK)
		rc = hf_agent_conf_read(path, &a->conf, err);
	if (rc == HF_E_ABSENT)
		rc = hf_agent_conf_read(NULL, &a->conf, err);
	if (rc == HF_OK)
		rc = hf_log_level_named(a->conf.log, &level, err);
	hf_log_init("holdfast-agent", level);
	return rc;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.places = {HF_ETC, HF_AGENT_STATE}, .user = HF_LINK_USER};
	const struct command *command = NULL;
	struct hf_err err = {""};
	enum hf_rc rc = HF_OK;
	int status;

	if (argc > 1 && strcmp(argv[1], "fence") == 0)
		return hf_fence_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "names") == 0)
		return hf_names_main(argc, argv);
	status = read_arguments(argc, argv, &arguments, &command);
	if (status >= 0)
		return status;
	if (command->needs_conf)
		rc = read_conf(&arguments, &err);
	if (rc == HF_OK)
		rc = command->fn(&arguments, &err);
	if (rc != HF_OK)
		fprintf(stderr, "holdfast-agent: %s\n", err.text);
	return rc == HF_OK ? 0 : rc == HF_E_USAGE ? 2 : 1;
}
