/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: whatever a real nginx or Squid takes for a listed name is refused where a listed site lives, and at the
 * council's proxy. Each is a process of its own that says of every opening whose it was: nginx as a site, and as what
 * passes TLS on by its name; Squid as a proxy, and before a site. HF_SEED plays a run again. Must never leave one
 * running.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/str.h>

#include "tests/help/folder.h"
#include "tests/property/help_openings.h"

#define NGINX "/usr/sbin/nginx"
#define NGINX_STREAM "/usr/lib/nginx/modules/ngx_stream_module.so"
#define SQUID "/usr/sbin/squid"
#define OPENINGS 4000
#define NOBODY 65534
#define TRIES 3000 /* of 10 ms: a server that has not come up by then does not */
#define ANSWER_MOST 65536

/* clang-format off */
static const char nginx_conf[] =
	"load_module " NGINX_STREAM ";\n"
	"daemon off; master_process off; pid %s/pid; error_log /dev/null crit;\n"
	"events { worker_connections 64; }\n"
	"http { access_log off; keepalive_timeout 0; client_body_temp_path %s/a; proxy_temp_path %s/b;\n"
	"fastcgi_temp_path %s/c; uwsgi_temp_path %s/d; scgi_temp_path %s/e;\n"
	"server { listen unix:%s/http default_server; location / { return 200 other; } }\n"
	"server { listen unix:%s/http; server_name .x.com; location / { return 200 LISTED; } } }\n"
	"stream { server { listen unix:%s/tls; ssl_preread on; return \"NAME=$ssl_preread_server_name;\"; } }\n";
static const char squid_conf[] =
	"http_port 127.0.0.1:%u\nhttp_port 127.0.0.1:%u accel vhost\n"
	"pid_filename none\ncache_log %s/log\naccess_log none\ncache_store_log none\ncache deny all\ncoredump_dir %s\n"
	"pinger_enable off\nmemory_cache_shared off\nclient_persistent_connections off\nhalf_closed_clients on\n"
	"shutdown_lifetime 0 seconds\nvisible_hostname proxy.example\n"
	"acl listed dstdomain -n .x.com\ndeny_info 307:http://LISTED.invalid/ listed\n"
	"http_access deny listed\nhttp_access deny all\n";
/* clang-format on */

static struct opening opening;
static char folder[TEST_FOLDER_SIZE], answer[ANSWER_MOST + 1];
static pid_t server;

static void write_conf(const char *text)
{
	char path[128];
	cr_assert_eq(hf_str_printf(path, sizeof(path), "%s/conf", folder), HF_OK);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* As nobody, and it ends with us however we end. */
static void become_server(char *const *words)
{
	int quiet = open("/dev/null", O_RDWR);
	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(126);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || dup2(quiet, 0) < 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0)
		_exit(126);
	execv(words[0], words);
	_exit(127);
}

static void start_server(char *const *words)
{
	cr_assert(geteuid() != 0 || chown(folder, NOBODY, NOBODY) == 0);
	server = fork();
	cr_assert_geq(server, 0);
	if (server == 0)
		become_server(words);
}

static void stop_server(void)
{
	cr_expect_eq(waitpid(server, NULL, WNOHANG), 0, "the server lived until it was ended");
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	test_folder_remove(folder);
}

/* Where a server listens: a socket of its folder, or a port. */
union place {
	struct sockaddr any;
	struct sockaddr_un file;
	struct sockaddr_in port;
};

static union place file_place(const char *name)
{
	union place place = {.file = {.sun_family = AF_UNIX}};
	cr_assert_eq(hf_str_printf(place.file.sun_path, sizeof(place.file.sun_path), "%s/%s", folder, name), HF_OK);
	return place;
}

static socklen_t place_len(const union place *place)
{
	return place->any.sa_family == AF_UNIX ? sizeof(place->file) : sizeof(place->port);
}

/* A port that was free a moment ago. */
static union place port_place(void)
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

/* Give it the opening, whole, and nothing after it; what it says is in answer. */
static void ask_server(const union place *place)
{
	int fd = connect_to(place);
	ssize_t n;
	size_t len = 0;
	bool sent = send(fd, opening.v, opening.n, MSG_NOSIGNAL) >= 0 && shutdown(fd, SHUT_WR) == 0;
	while (len < ANSWER_MOST && (n = recv(fd, answer + len, ANSWER_MOST - len, 0)) > 0)
		len += (size_t)n;
	cr_expect(sent || errno != EAGAIN, "the server takes what it is sent");
	answer[len] = '\0';
	close(fd);
}

static bool is_missing(const char *program)
{
	if (access(program, R_OK) == 0)
		return false;
	cr_skip_test("%s is not there: deploy/packages has it", program);
	return true;
}

TestSuite(servers, .init = openings_begin, .timeout = 300);

static void start_nginx(void)
{
	static char text[8192], conf[128];
	test_folder_make(folder);
	cr_assert_eq(hf_str_printf(text, sizeof(text), nginx_conf, folder, folder, folder, folder, folder, folder,
				   folder, folder, folder),
		     HF_OK);
	write_conf(text);
	cr_assert_eq(hf_str_printf(conf, sizeof(conf), "%s/conf", folder), HF_OK);
	char *words[] = {(char[]){NGINX}, (char[]){"-p"}, folder, (char[]){"-c"}, conf, NULL};
	start_server(words);
}

Test(servers, nginx)
{
	if (is_missing(NGINX) || is_missing(NGINX_STREAM))
		return;
	start_nginx();
	const union place place = file_place("http");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, false);
		ask_server(&place);
		opening_compare("nginx", &opening, strstr(answer, "LISTED"));
	}
	stop_server();
	openings_judge(OPENINGS);
}

Test(servers, nginx_before_tls)
{
	if (is_missing(NGINX) || is_missing(NGINX_STREAM))
		return;
	start_nginx();
	const union place place = file_place("tls");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		ask_server(&place);
		const char *name = strstr(answer, "NAME=");
		opening_compare("nginx's ssl_preread", &opening,
				name && opening_is_listed(name + 5, strcspn(name + 5, ";")));
	}
	stop_server();
	openings_judge(OPENINGS);
}

static void start_squid(const union place *proxy, const union place *site)
{
	static char text[8192], conf[128];
	test_folder_make(folder);
	cr_assert_eq(hf_str_printf(text, sizeof(text), squid_conf, ntohs(proxy->port.sin_port),
				   ntohs(site->port.sin_port), folder, folder),
		     HF_OK);
	write_conf(text);
	cr_assert_eq(hf_str_printf(conf, sizeof(conf), "%s/conf", folder), HF_OK);
	char *words[] = {(char[]){SQUID}, (char[]){"-N"}, (char[]){"-f"}, conf, NULL};
	start_server(words);
}

static void beside_squid(bool to_proxy)
{
	if (is_missing(SQUID))
		return;
	const union place proxy = port_place(), site = port_place();
	start_squid(&proxy, &site);
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, to_proxy);
		ask_server(to_proxy ? &proxy : &site);
		opening_compare(to_proxy ? "Squid" : "Squid before a site", &opening, strstr(answer, "LISTED"));
	}
	stop_server();
	openings_judge(OPENINGS);
}

Test(servers, squid)
{
	beside_squid(true);
}

Test(servers, squid_before_a_site)
{
	beside_squid(false);
}
