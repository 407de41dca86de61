/* SPDX-License-Identifier: MIT */
/*
 * Owns nothing but a loop and a bus: does what lines on standard input say, prints what the bus says.
 * Must never decide whether that was right; test_bus.py does.
 *
 * bus_probe HOST PORT CA CERT KEY ID PROTOCOL KEEPALIVE MESSAGE_MAX TOPIC...
 *   pub TOPIC TEXT | keep TOPIC TEXT | size TOPIC BYTES | stall MS | free | (end of input)
 */
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/bus.h>
#include <holdfast/clock.h>
#include <holdfast/log.h>
#include <holdfast/str.h>

struct probe {
	struct hf_loop *loop;
	struct hf_bus *bus;
	struct hf_watch *input;
	bool freed;
};

static void say_up(void *arg)
{
	const struct probe *p = arg;

	printf("%s\n", p->freed ? "late up" : "up");
}

static void say_down(void *arg, const char *why)
{
	const struct probe *p = arg;

	printf("%s %s\n", p->freed ? "late down" : "down", why);
}

static void say_message(void *arg, const struct hf_bus_message *m)
{
	const struct probe *p = arg;
	const char *word = m->retain ? "kept message" : "message";
	int shown = m->len > 40 ? 40 : (int)m->len;

	printf("%s %s %zu %.*s\n", p->freed ? "late message" : word, m->topic, m->len, shown, (const char *)m->buf);
}

static void publish(struct probe *p, const char *topic, const char *text, size_t len, bool retain)
{
	struct hf_err err = {{0}};
	enum hf_rc rc = hf_bus_publish(p->bus, &(struct hf_bus_message){topic, text, len, retain}, &err);

	printf("published %s %s\n", hf_rc_name(rc), err.text);
}

static void publish_size(struct probe *p, const char *topic, size_t len)
{
	hf_auto_free char *text = malloc(len + 1);

	if (!text)
		return;
	memset(text, 'x', len);
	publish(p, topic, text, len, false);
}

static void end_bus(struct probe *p)
{
	int64_t before = hf_clock_boot().ms;

	hf_bus_free(&p->bus);
	p->freed = true;
	printf("freed %" PRId64 "\n", hf_clock_boot().ms - before);
}

static void obey(struct probe *p, char *line)
{
	char *verb = strtok(line, " "), *first = strtok(NULL, " "), *rest = strtok(NULL, "");

	if (!verb)
		return;
	if (strcmp(verb, "free") == 0)
		end_bus(p);
	else if (strcmp(verb, "stall") == 0 && first)
		poll(NULL, 0, atoi(first));
	else if (strcmp(verb, "size") == 0 && rest)
		publish_size(p, first, (size_t)atol(rest));
	else if (first)
		publish(p, first, !rest ? "" : rest, !rest ? 0 : strlen(rest), strcmp(verb, "keep") == 0);
}

static void on_input(void *arg, uint32_t events)
{
	struct probe *p = arg;
	static char text[8192];
	static size_t have;
	ssize_t n = read(STDIN_FILENO, text + have, sizeof(text) - 1 - have);
	char *end;

	(void)events;
	if (n <= 0) {
		hf_watch_remove(&p->input);
		hf_loop_stop(p->loop);
		return;
	}
	have += (size_t)n;
	text[have] = '\0';
	while ((end = strchr(text, '\n'))) {
		*end = '\0';
		obey(p, text);
		have -= (size_t)(end + 1 - text);
		memmove(text, end + 1, have + 1);
	}
}

int main(int argc, char **argv)
{
	struct probe p = {0};
	struct hf_err err = {{0}};
	struct hf_bus_calls calls = {say_up, say_down, say_message, &p};
	struct hf_bus_conf conf;
	enum hf_rc rc;

	if (argc < 10)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	hf_log_init(HF_LOG_INFO);
	conf = (struct hf_bus_conf){.host = argv[1],
				    .port = atoi(argv[2]),
				    .ca_file = argv[3],
				    .cert_file = argv[4],
				    .key_file = argv[5],
				    .client_id = argv[6],
				    .protocol = atoi(argv[7]),
				    .keepalive_s = atoi(argv[8]),
				    .message_max = (size_t)atol(argv[9]),
				    .topics = (const char *const *)argv + 10,
				    .n_topics = (size_t)argc - 10};
	rc = hf_loop_new(&p.loop, &err);
	if (rc == HF_OK)
		rc = hf_bus_new(p.loop, &conf, &calls, &p.bus, &err);
	if (rc == HF_OK)
		rc = hf_loop_add_fd(p.loop, STDIN_FILENO, on_input, &p, &p.input);
	if (rc == HF_OK)
		rc = hf_loop_run(p.loop, &err);
	if (rc != HF_OK)
		printf("failed %s %s\n", hf_rc_name(rc), err.text);
	end_bus(&p);
	hf_loop_free(&p.loop);
	return rc == HF_OK ? 0 : 1;
}
