/* SPDX-License-Identifier: MIT */
/*
 * Owns the real server that a test asks: its process, its folder, and what it said last.
 * Must never leave one running.
 */
#include "tests/property/help_beside.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/str.h>

#define NOBODY 65534
#define TRIES 3000 /* of 10 ms: a server that has not come up by then does not */
#define ANSWER_MOST 65536

char beside_folder[TEST_FOLDER_SIZE];
static char answer[ANSWER_MOST + 1];
static pid_t server;

bool beside_lacks(const char *program)
{
	if (access(program, R_OK) == 0)
		return false;
	cr_skip_test("%s is not there: deploy/packages has it", program);
	return true;
}

void beside_write(const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd = open(test_path(path, beside_folder, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* As nobody, who may not come by where it was built; and it ends with us however we end. */
static void become_server(char *const *words)
{
	int quiet = open("/dev/null", O_RDWR), program = open(words[0], O_PATH | O_CLOEXEC);
	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(126);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || dup2(quiet, 0) < 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0)
		_exit(126);
	fexecve(program, words, environ);
	_exit(127);
}

void beside_start(char *const *words)
{
	cr_assert(geteuid() != 0 || chown(beside_folder, NOBODY, NOBODY) == 0);
	server = fork();
	cr_assert_geq(server, 0);
	if (server == 0)
		become_server(words);
}

void beside_stop(void)
{
	cr_expect_eq(waitpid(server, NULL, WNOHANG), 0, "the server lived until it was ended");
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	test_folder_remove(beside_folder);
}

union place beside_file(const char *name)
{
	union place place = {.file = {.sun_family = AF_UNIX}};
	cr_assert_eq(hf_str_printf(place.file.sun_path, sizeof(place.file.sun_path), "%s/%s", beside_folder, name),
		     HF_OK);
	return place;
}

static socklen_t place_len(const union place *place)
{
	return place->any.sa_family == AF_UNIX ? sizeof(place->file) : sizeof(place->port);
}

union place beside_port(void)
{
	union place place = {.port = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(place.port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(fd >= 0 && bind(fd, &place.any, len) == 0 && getsockname(fd, &place.any, &len) == 0);
	close(fd);
	return place;
}

static int try_to_connect(const union place *place)
{
	static const struct timeval most = {.tv_sec = 20};
	int fd = socket(place->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)) == 0 &&
		  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) == 0);
	if (connect(fd, &place->any, place_len(place)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int connect_to(const union place *place)
{
	int fd = -1;
	for (int i = 0; i < TRIES && (fd = try_to_connect(place)) < 0; i++)
		usleep(10000);
	cr_assert_geq(fd, 0, "the server does not answer");
	return fd;
}

const char *beside_ask(const union place *place, const struct opening *opening)
{
	int fd = connect_to(place);
	ssize_t n;
	size_t len = 0;
	bool sent = send(fd, opening->v, opening->n, MSG_NOSIGNAL) >= 0 && shutdown(fd, SHUT_WR) == 0;
	while (len < ANSWER_MOST && (n = recv(fd, answer + len, ANSWER_MOST - len, 0)) > 0)
		len += (size_t)n;
	cr_expect(sent || errno != EAGAIN, "the server takes what it is sent");
	answer[len] = '\0';
	close(fd);
	return answer;
}
