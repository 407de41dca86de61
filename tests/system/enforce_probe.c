/* SPDX-License-Identifier: MIT */
/*
 * Owns a program that drives one layer of blocking by lines of JSON, as the agent would.
 * Must never be installed: it believes whoever starts it.
 *
 * enforce_probe LAYER STATE SOCKET CGROUP CHROMIUM CHROME [NAME=VALUE...]    then one JSON object a line on standard
 * input:
 *   {"apply": [{"tool", "addresses": [], "programs": [], "open_for": [], "machine_wide": true}]}  -> {"apply": "ok"}
 *   {"ready": [as apply]}  -> {"ready": "ok"}      {"learn": {host: [address]}}  -> {"learn": "ok"}
 *   {"probe": true}  -> {"state", "tampered", "text"}      {"close": true}  -> {"close": "ok"} and the end
 *   {"names": true}  -> {"names": [host...]}
 * A line {"changed": true}, {"look_up": host}, {"blocked": uid, "tool"} or {"ending": uid, "tool", "pid", "left_s"} is printed whenever
 * the layer says so. HF_TEST_COUNTDOWN_S is the setting running.countdown_s, HF_TEST_LINK_UID the user of the link.
 * `enforce_probe fence` and `enforce_probe names` are the processes that layers start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "agent/enforce/enforce.h"
#include "agent/enforce/network/names/names_process.h"
#include "agent/enforce/programs/fence/fence.h"
#include "agent/enforce/running/frozen_place.h"

#define LINE_MAX_BYTES 1048576
#define BLOCKS_MAX 64
#define LISTS 3

struct driver {
	struct hf_loop *loop;
	const struct hf_layer_ops *ops;
	struct hf_layer *layer;
	char *line;
	size_t len;
};

static void print_answer(json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	printf("%s\n", text);
	fflush(stdout);
	free(text);
	json_decref(answer);
}

static void on_changed(void *arg)
{
	(void)arg;
	print_answer(json_pack("{s:b}", "changed", 1));
}

static void on_blocked(void *arg, uid_t uid, const char *tool)
{
	(void)arg;
	print_answer(json_pack("{s:I, s:s?}", "blocked", (json_int_t)uid, "tool", tool));
}

static void on_ending(void *arg, uid_t uid, const char *tool, pid_t pid, int64_t left_s)
{
	(void)arg;
	print_answer(json_pack("{s:I, s:s?, s:I, s:I}", "ending", (json_int_t)uid, "tool", tool, "pid", (json_int_t)pid,
		      "left_s", (json_int_t)left_s));
}

static void on_look_up(void *arg, const char *host)
{
	(void)arg;
	print_answer(json_pack("{s:s}", "look_up", host));
}

static void list_of(json_t *array, struct hf_strs *ret)
{
	ret->n = json_array_size(array);
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	for (size_t i = 0; ret->v && i < ret->n; i++)
		ret->v[i] = json_string_value(json_array_get(array, i));
}

static void block_of(json_t *row, struct hf_block *block, struct hf_strs lists[LISTS])
{
	json_t *users = json_object_get(row, "open_for");
	list_of(json_object_get(row, "addresses"), &lists[0]);
	list_of(json_object_get(row, "programs"), &lists[1]);
	list_of(json_object_get(row, "dedicated"), &lists[2]);
	block->tool = block->name = json_string_value(json_object_get(row, "tool"));
	block->addresses = &lists[0];
	block->programs = &lists[1];
	block->dedicated = &lists[2];
	block->machine_wide = !json_is_false(json_object_get(row, "machine_wide"));
	block->n_open_for = json_array_size(users);
	for (size_t i = 0; i < block->n_open_for; i++)
		block->open_for[i] = (uid_t)json_integer_value(json_array_get(users, i));
}

/* Both "apply" and "ready" take a plan. */
static void print_rows(struct driver *driver, const char *what, json_t *rows)
{
	static struct hf_block blocks[BLOCKS_MAX];
	static struct hf_strs lists[BLOCKS_MAX][LISTS];
	struct hf_err err = {""};
	struct hf_plan plan = {.blocks = blocks, .n_blocks = json_array_size(rows)};
	enum hf_rc rc = HF_OK;
	memset(blocks, 0, sizeof(blocks));
	for (size_t i = 0; i < plan.n_blocks; i++)
		block_of(json_array_get(rows, i), &blocks[i], lists[i]);
	if (strcmp(what, "apply") == 0)
		rc = driver->ops->apply(driver->layer, &plan, &err);
	else
		driver->ops->ready(driver->layer, &plan);
	print_answer(json_pack("{s:s, s:s}", what, hf_rc_name(rc), "text", err.text));
	for (size_t i = 0; i < plan.n_blocks; i++) {
		for (size_t l = 0; l < LISTS; l++)
			hf_strs_done(&lists[i][l]);
	}
}

static void obey(struct driver *driver, const char *line)
{
	json_t *command = json_loads(line, 0, NULL);
	struct hf_saw saw;
	if (json_object_get(command, "apply")) {
		print_rows(driver, "apply", json_object_get(command, "apply"));
	} else if (json_object_get(command, "ready")) {
		print_rows(driver, "ready", json_object_get(command, "ready"));
	} else if (json_object_get(command, "learn")) {
		driver->ops->learn(driver->layer, json_object_get(command, "learn"));
		print_answer(json_pack("{s:s}", "learn", "ok"));
	} else if (json_object_get(command, "names")) {
		json_t *names = json_array();
		driver->ops->names(driver->layer, names);
		print_answer(json_pack("{s:o}", "names", names));
	} else if (json_object_get(command, "probe")) {
		driver->ops->probe(driver->layer, &saw);
		print_answer(json_pack("{s:s, s:b, s:s}", "state", hf_layer_state_name(saw.state), "tampered", (int)saw.tampered,
			      "text", saw.text));
	} else {
		hf_loop_stop(driver->loop);
	}
	json_decref(command);
}

static void on_input(void *arg, uint32_t events)
{
	struct driver *driver = arg;
	(void)events;
	ssize_t n = read(STDIN_FILENO, driver->line + driver->len, LINE_MAX_BYTES - driver->len);
	if (n <= 0) {
		hf_loop_stop(driver->loop);
		return;
	}
	driver->len += (size_t)n;
	char *end;
	while ((end = memchr(driver->line, '\n', driver->len))) {
		*end = '\0';
		size_t used = (size_t)(end - driver->line) + 1;
		obey(driver, driver->line);
		driver->len -= used;
		memmove(driver->line, driver->line + used, driver->len);
	}
}

static int drive(struct driver *driver, const struct hf_enforce_conf *conf)
{
	const struct hf_layer_calls calls = {
		.changed = on_changed, .blocked = on_blocked, .ending = on_ending, .look_up = on_look_up, .arg = driver};
	struct hf_layer_home home = {.conf = conf, .calls = &calls};
	struct hf_err err = {""};
	if (hf_loop_new(&driver->loop, &err) != HF_OK || !(home.loop = driver->loop) ||
	    hf_layer_open(driver->ops, &home, &driver->layer, &err) != HF_OK ||
	    hf_loop_add_fd(driver->loop, STDIN_FILENO, on_input, driver, NULL) != HF_OK) {
		print_answer(json_pack("{s:s}", "failed", err.text));
		hf_loop_free(&driver->loop);
		return 1;
	}
	print_answer(json_pack("{s:s}", "open", "ok"));
	bool ran = hf_loop_run(driver->loop, &err) == HF_OK;
	hf_layer_close(driver->ops, &driver->layer);
	hf_loop_free(&driver->loop);
	print_answer(json_pack("{s:s}", "close", ran ? "ok" : err.text));
	return ran ? 0 : 1;
}

static const struct hf_layer_ops *layer_named(const char *name)
{
	static const struct hf_layer_ops *const all[] = {&hf_layer_network, &hf_layer_browser,	 &hf_layer_firefox,
							 &hf_layer_others,  &hf_layer_extension, &hf_layer_programs,
							 &hf_layer_running};
	for (size_t i = 0; i < HF_LEN(all); i++) {
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	return NULL;
}

/* The value of NAME=VALUE, "" when it is not given. */
static const char *more(char **arguments, const char *name)
{
	size_t len = strlen(name);
	for (; *arguments; arguments++) {
		if (strncmp(*arguments, name, len) == 0 && (*arguments)[len] == '=')
			return *arguments + len + 1;
	}
	return "";
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "place") == 0)
		return hf_frozen_place_main();
	if (argc > 1 && strcmp(argv[1], "fence") == 0)
		return hf_fence_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "names") == 0)
		return hf_names_main(argc, argv);
	const struct hf_layer_ops *ops = argc < 7 ? NULL : layer_named(argv[1]);
	if (!ops) {
		fprintf(stderr, "usage: enforce_probe LAYER STATE SOCKET CGROUP CHROMIUM CHROME [NAME=VALUE...]\n");
		return 2;
	}
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	const char *countdown = getenv("HF_TEST_COUNTDOWN_S");
	char names_socket[4096];
	snprintf(names_socket, sizeof(names_socket), "%s.names", argv[3]);
	const char *link_uid = getenv("HF_TEST_LINK_UID");
	const struct hf_enforce_conf conf = {.state = argv[2],
					     .names_socket = names_socket,
					     .queue = 4846,
					     .log_group = 4846,
					     .link_uid = link_uid ? (uid_t)atoi(link_uid) : 0,
					     .proxy = getenv("HF_TEST_PROXY"),
					     .fence_socket = argv[3],
					     .cgroup = argv[4],
					     .policies = {argv[5], argv[6]},
					     .firefox_folder = more(argv + 7, "firefox_folder"),
					     .firefox_install = more(argv + 7, "firefox_install"),
					     .firefox_socket = more(argv + 7, "firefox_socket"),
					     .firefox_extension = more(argv + 7, "firefox_extension"),
					     .self = self,
					     .countdown_s = countdown ? atoi(countdown) : 60};
	struct driver driver = {
		.ops = ops,
		.line = malloc(LINE_MAX_BYTES),
	};
	int status = driver.line ? drive(&driver, &conf) : 1;
	free(driver.line);
	return status;
}
