/* SPDX-License-Identifier: MIT */
/*
 * Owns the connections of a whole estate to a broker: as many devices as are wanted, in one thread, by plain MQTT 3.1.1.
 * Must never judge anything, or be taken for a device: it verifies nothing; tests/bench/scale.py says what it measures.
 *
 * herd_probe PORT COUNCIL N - connects devices d00000 to d<N-1>, subscribes as holdfast-link does, and prints `ready`.
 * Then, on standard output, times in seconds of CLOCK_MONOTONIC:
 *   state NUMBER TIME TEXT   a state that no device had before has come to the first of them
 *   all NUMBER TIME          it has come to every device
 * On standard input:
 *   report FILE   device i sends line i of the file as its report; prints `sent TIME` and, when the broker has
 *                 acknowledged all, `acked TIME`
 *   ask I         device I asks; prints nothing
 *   count         prints `count MESSAGES BYTES DEVICES`: what has come since the last count, and to how many devices
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <holdfast/str.h>
#include <holdfast/topic.h>

#define STATES_MAX 4096 /* different states in one run */
#define IN_MAX 131072	/* bytes of a packet from the broker */
#define EVENTS 256
#define CONNECT_AT_ONCE 50 /* fewer than the broker's listening socket has room for */
#define STDIN_MARK UINT32_MAX

struct device {
	int fd;
	uint8_t *part; /* of a packet that has not come whole */
	size_t part_len;
	bool heard; /* since the last count */
};

struct state {
	uint64_t hash;
	size_t n;
};

static struct {
	const char *council;
	struct device *v;
	size_t n, n_ready, n_acked, n_sent;
	int epoll_fd;
	struct state states[STATES_MAX];
	size_t n_states;
	uint64_t messages, bytes;
} herd;

static void die(const char *what)
{
	fprintf(stderr, "herd_probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- packets out ---- */

struct packet {
	uint8_t b[IN_MAX];
	size_t len;
};

static struct packet out;

static void begin(uint8_t first)
{
	out.b[0] = first;
	out.len = 5; /* room for the longest length */
}

static void put(const void *bytes, size_t len)
{
	if (out.len + len > sizeof(out.b))
		die("a packet is too long");
	memcpy(out.b + out.len, bytes, len);
	out.len += len;
}

static void put_number(uint16_t number)
{
	put((uint8_t[]){(uint8_t)(number >> 8), (uint8_t)number}, 2);
}

static void put_text(const char *text)
{
	put_number((uint16_t)strlen(text));
	put(text, strlen(text));
}

/* The length takes as many bytes as it needs, so that the packet begins a little later. */
static void send_packet(const struct device *d)
{
	size_t left = out.len - 5, n = 0, at;
	uint8_t length[4];

	do {
		length[n] = left % 128 + (left >= 128 ? 128 : 0);
		left /= 128;
	} while (length[n++] >= 128);
	at = 4 - n;
	memcpy(out.b + at + 1, length, n);
	out.b[at] = out.b[0];
	if (send(d->fd, out.b + at, out.len - at, MSG_NOSIGNAL) != (ssize_t)(out.len - at))
		die("sending");
}

static void topic_of(size_t i, const char *end, char topic[128])
{
	if (hf_str_printf(topic, 128, "holdfast/1/%s/device/d%05zu/%s", herd.council, i, end) != HF_OK)
		die("a topic");
}

static void say_hello(size_t i)
{
	char id[16];

	if (hf_str_printf(id, sizeof(id), "d%05zu", i) != HF_OK)
		die("an id");
	begin(0x10);
	put_text("MQTT");
	put((uint8_t[]){4, 0x82}, 2); /* 3.1.1; a clean session, and a user's name */
	put_number(0);
	put_text(id);
	put_text(id);
	send_packet(&herd.v[i]);
}

static void subscribe(size_t i)
{
	static const char *const common[] = {"trust/+", "register", "state/#"};
	static const char *const own[] = {"assignment/#", "answer", "recover"};
	char topic[128], name[16];
	int64_t slice = 0;

	begin(0x82);
	put_number(1);
	for (size_t k = 0; k < HF_LEN(common); k++) {
		if (hf_str_printf(topic, sizeof(topic), "holdfast/1/%s/%s", herd.council, common[k]) != HF_OK)
			die("a topic");
		put_text(topic);
		put("\1", 1);
	}
	if (hf_str_printf(name, sizeof(name), "d%05zu", i) != HF_OK || hf_slice_of(name, &slice) != HF_OK ||
	    hf_str_printf(topic, sizeof(topic), "holdfast/1/%s/beat/%" PRId64 "/#", herd.council, slice) != HF_OK)
		die("a slice");
	put_text(topic);
	put("\1", 1);
	for (size_t k = 0; k < HF_LEN(own); k++) {
		topic_of(i, own[k], topic);
		put_text(topic);
		put("\1", 1);
	}
	send_packet(&herd.v[i]);
}

static void publish(size_t i, const char *end, const char *text, size_t len)
{
	char topic[128];

	topic_of(i, end, topic);
	begin(0x32);
	put_text(topic);
	put_number(2);
	put(text, len);
	send_packet(&herd.v[i]);
}

/* ---- packets in ---- */

static uint64_t hash_of(const uint8_t *b, size_t len)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * 1099511628211u;
	return h;
}

static void note_state(const uint8_t *text, size_t len)
{
	uint64_t hash = hash_of(text, len);
	size_t i = herd.n_states;

	while (i > 0 && herd.states[i - 1].hash != hash)
		i--;
	if (i == 0) {
		if (herd.n_states == STATES_MAX)
			die("too many states");
		herd.states[herd.n_states++] = (struct state){.hash = hash};
		i = herd.n_states;
		printf("state %zu %.6f %.*s\n", i, now(), (int)len, (const char *)text);
		fflush(stdout);
	}
	if (++herd.states[i - 1].n == herd.n) {
		printf("all %zu %.6f\n", i, now());
		fflush(stdout);
	}
}

static void take_message(struct device *d, uint8_t first, const uint8_t *b, size_t len)
{
	size_t topic_len = len >= 2 ? (size_t)(b[0] << 8 | b[1]) : 0, head = 2 + topic_len + (first & 6 ? 2 : 0);

	if (head > len)
		die("a message of the broker");
	if (first & 6) {
		begin(0x40);
		put(b + 2 + topic_len, 2);
		send_packet(d);
	}
	herd.messages++;
	herd.bytes += len;
	d->heard = true;
	if (len > head && (memmem(b + 2, topic_len, "/state/", 7) || memmem(b + 2, topic_len, "/beat/", 6)))
		note_state(b + head, len - head);
}

static void take_packet(struct device *d, uint8_t first, const uint8_t *b, size_t len)
{
	switch (first >> 4) {
	case 2:
		if (len != 2 || b[1] != 0)
			die("the broker refuses");
		subscribe((size_t)(d - herd.v));
		return;
	case 3:
		take_message(d, first, b, len);
		return;
	case 4:
		if (++herd.n_acked == herd.n_sent) {
			printf("acked %.6f\n", now());
			fflush(stdout);
		}
		return;
	case 9:
		herd.n_ready++;
		return;
	default:
		return;
	}
}

/* Bytes of the first packet, 0 when it is not whole. */
static size_t packet_len(const uint8_t *b, size_t len, size_t *ret_head)
{
	size_t left = 0;

	for (size_t i = 1; i < len && i <= 4; i++) {
		left |= (size_t)(b[i] & 127) << 7 * (i - 1);
		if (b[i] & 128)
			continue;
		*ret_head = i + 1;
		return i + 1 + left <= len ? i + 1 + left : 0;
	}
	return 0;
}

static void keep_part(struct device *d, const uint8_t *b, size_t len)
{
	free(d->part);
	d->part = NULL;
	d->part_len = len;
	if (!len)
		return;
	d->part = malloc(len);
	if (!d->part)
		die("no memory");
	memcpy(d->part, b, len);
}

static void hear(struct device *d)
{
	static uint8_t b[2 * IN_MAX];
	size_t len = d->part_len, at = 0, head = 0, whole;
	ssize_t n;

	if (len)
		memcpy(b, d->part, len);
	n = recv(d->fd, b + len, IN_MAX, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die("the broker is gone");
	len += (size_t)n;
	while ((whole = packet_len(b + at, len - at, &head)) > 0) {
		take_packet(d, b[at], b + at + head, whole - head);
		at += whole;
	}
	if (len - at > IN_MAX)
		die("a packet is too long");
	keep_part(d, b + at, len - at);
}

/* ---- what is asked for ---- */

static void report_all(const char *path)
{
	hf_auto_free char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		die(path);
	herd.n_acked = 0;
	herd.n_sent = herd.n;
	printf("sent %.6f\n", now());
	for (size_t i = 0; i < herd.n; i++) {
		ssize_t len = getline(&line, &room, file);

		if (len < 2)
			die("too few reports");
		publish(i, "report", line, (size_t)len - 1);
	}
	fclose(file);
	fflush(stdout);
}

static void count(void)
{
	size_t devices = 0;

	for (size_t i = 0; i < herd.n; i++) {
		devices += herd.v[i].heard;
		herd.v[i].heard = false;
	}
	printf("count %llu %llu %zu\n", (unsigned long long)herd.messages, (unsigned long long)herd.bytes, devices);
	fflush(stdout);
	herd.messages = herd.bytes = 0;
}

static void obey(void)
{
	char line[4096];

	if (!fgets(line, sizeof(line), stdin))
		exit(0);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "report ", 7) == 0)
		report_all(line + 7);
	else if (strncmp(line, "ask ", 4) == 0)
		publish(strtoul(line + 4, NULL, 10) % herd.n, "ask", "{}", 2);
	else if (strcmp(line, "count") == 0)
		count();
}

static void turn(int ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(herd.epoll_fd, events, EVENTS, ms);

	for (int i = 0; i < n; i++) {
		if (events[i].data.u32 == STDIN_MARK)
			obey();
		else
			hear(&herd.v[events[i].data.u32]);
	}
}

static void watch(int fd, uint32_t mark)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = mark};

	if (epoll_ctl(herd.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		die("epoll");
}

static void join(size_t i, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct device *d = &herd.v[i];

	d->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->fd < 0 || connect(d->fd, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
	    setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) != 0)
		die("connecting");
	watch(d->fd, (uint32_t)i);
	say_hello(i);
	while (i + 1 - herd.n_ready > CONNECT_AT_ONCE)
		turn(100);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	herd.council = argv[2];
	herd.n = strtoul(argv[3], NULL, 10);
	herd.v = calloc(herd.n + 1, sizeof(*herd.v));
	herd.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!herd.v || herd.epoll_fd < 0)
		die("starting");
	setvbuf(stdin, NULL, _IONBF, 0);
	for (size_t i = 0; i < herd.n; i++)
		join(i, (int)strtoul(argv[1], NULL, 10));
	while (herd.n_ready < herd.n)
		turn(100);
	printf("ready\n");
	fflush(stdout);
	watch(STDIN_FILENO, STDIN_MARK);
	for (;;)
		turn(-1);
}
