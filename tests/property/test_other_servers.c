/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: whatever a real nginx or Squid takes for a listed name is refused where a listed site lives, and at the
 * council's proxy. Each is a process of its own that says of every opening whose it was: nginx as a site, and as what
 * passes TLS on by its name; Squid as a proxy, and before a site. HF_SEED plays a run again. Must never leave one
 * running.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include <holdfast/str.h>

#include "tests/property/help_beside.h"

#define NGINX "/usr/sbin/nginx"
#define NGINX_STREAM "/usr/lib/nginx/modules/ngx_stream_module.so"
#define SQUID "/usr/sbin/squid"
#define OPENINGS 4000

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

TestSuite(servers, .init = openings_begin, .timeout = 300);

static void start_nginx(void)
{
	static char text[8192], conf[PATH_MAX];
	const char *folder = beside_folder;
	test_folder_make(beside_folder);
	cr_assert_eq(hf_str_printf(text, sizeof(text), nginx_conf, folder, folder, folder, folder, folder, folder,
				   folder, folder, folder),
		     HF_OK);
	beside_write("conf", text);
	test_path(conf, beside_folder, "conf");
	char *words[] = {(char[]){NGINX}, (char[]){"-p"}, beside_folder, (char[]){"-c"}, conf, NULL};
	beside_start(words);
}

Test(servers, nginx)
{
	if (beside_lacks(NGINX) || beside_lacks(NGINX_STREAM))
		return;
	start_nginx();
	const union place place = beside_file("http");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, false);
		opening_compare("nginx", &opening, strstr(beside_ask(&place, &opening), "LISTED"));
	}
	beside_stop();
	openings_judge(OPENINGS);
}

Test(servers, nginx_before_tls)
{
	if (beside_lacks(NGINX) || beside_lacks(NGINX_STREAM))
		return;
	start_nginx();
	const union place place = beside_file("tls");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		const char *name = strstr(beside_ask(&place, &opening), "NAME=");
		opening_compare("nginx's ssl_preread", &opening,
				name && opening_is_listed(name + 5, strcspn(name + 5, ";")));
	}
	beside_stop();
	openings_judge(OPENINGS);
}

static void start_squid(const union place *proxy, const union place *site)
{
	static char text[8192], conf[PATH_MAX];
	const char *folder = beside_folder;
	test_folder_make(beside_folder);
	cr_assert_eq(hf_str_printf(text, sizeof(text), squid_conf, ntohs(proxy->port.sin_port),
				   ntohs(site->port.sin_port), folder, folder),
		     HF_OK);
	beside_write("conf", text);
	test_path(conf, beside_folder, "conf");
	char *words[] = {(char[]){SQUID}, (char[]){"-N"}, (char[]){"-f"}, conf, NULL};
	beside_start(words);
}

static void beside_squid(bool to_proxy)
{
	if (beside_lacks(SQUID))
		return;
	const union place proxy = beside_port(), site = beside_port();
	start_squid(&proxy, &site);
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, to_proxy);
		const char *answer = beside_ask(to_proxy ? &proxy : &site, &opening);
		opening_compare(to_proxy ? "Squid" : "Squid before a site", &opening, strstr(answer, "LISTED"));
	}
	beside_stop();
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
