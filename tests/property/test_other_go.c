/* SPDX-License-Identifier: MIT */
/*
 * Policy D9.2: whatever Go's crypto/tls and net/http, or the Caddy that is built of them, take for a listed name is
 * refused where a listed site lives, and at the council's proxy. HF_SEED plays a run again. Must never leave one
 * running.
 */
#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <string.h>

#include <holdfast/str.h>

#include "tests/property/help_beside.h"
#include "tests/property/help_cert.h"

#define CADDY "/usr/bin/caddy"
#define OPENINGS 10000
#define FEWER 4000
#define CONF_SIZE 8192
#define TLS_HANDSHAKE 0x16

/* clang-format off */
static const char caddy_conf[] =
	"{\"admin\": {\"disabled\": true, \"config\": {\"persist\": false}},"
	"\"logging\": {\"logs\": {\"default\": {\"level\": \"PANIC\"}}},"
	"\"storage\": {\"module\": \"file_system\", \"root\": \"%s\"},"
	"\"apps\": {\"tls\": {\"certificates\": {\"load_files\": [{\"certificate\": \"%s/crt\", \"key\": \"%s/key\"}]}},"
	"\"http\": {\"servers\": {\"site\": {\"listen\": [\"unix/%s/http\"], \"automatic_https\": {\"disable\": true}, \"routes\": ["
	"{\"match\": [{\"host\": [\"x.com\"]}], \"terminal\": true,"
	"\"handle\": [{\"handler\": \"static_response\", \"body\": \"LISTED\", \"close\": true}]},"
	"{\"handle\": [{\"handler\": \"static_response\", \"body\": \"other\", \"close\": true}]}]},"
	"\"tls\": {\"listen\": [\"unix/%s/tls\"], \"automatic_https\": {\"disable\": true}, \"protocols\": [\"h1\"],"
	"\"tls_connection_policies\": [{\"match\": {\"sni\": [\"x.com\"]}}]}}}}}\n";
/* clang-format on */

static struct opening opening;

TestSuite(go, .init = openings_begin, .timeout = 300);

static void start_go(void)
{
	char *words[] = {(char[]){HF_GO_READER}, beside_folder, NULL};
	test_folder_make(beside_folder);
	beside_start(words);
}

Test(go, tls)
{
	if (beside_lacks(HF_GO_READER))
		return;
	start_go();
	const union place place = beside_file("tls");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_tls(&opening);
		opening_compare("Go's crypto/tls", &opening, strstr(beside_ask(&place, &opening), "LISTED"));
	}
	beside_stop();
	openings_judge(OPENINGS);
}

static void beside_go(bool to_proxy)
{
	if (beside_lacks(HF_GO_READER))
		return;
	start_go();
	const union place place = beside_file("http");
	for (int i = 0; i < OPENINGS; i++) {
		opening_make_http(&opening, to_proxy);
		opening_compare("Go's net/http", &opening, strstr(beside_ask(&place, &opening), "LISTED"));
	}
	beside_stop();
	openings_judge(OPENINGS);
}

Test(go, http)
{
	beside_go(false);
}

Test(go, http_to_proxy)
{
	beside_go(true);
}

static void write_cert(void)
{
	char path[PATH_MAX];
	struct server_cert own = server_cert_make();
	FILE *to = fopen(test_path(path, beside_folder, "crt"), "we");
	cr_assert(to && PEM_write_X509(to, own.certificate) == 1 && fclose(to) == 0);
	to = fopen(test_path(path, beside_folder, "key"), "we");
	cr_assert(to && PEM_write_PrivateKey(to, own.key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(to) == 0);
	server_cert_done(&own);
}

static void start_caddy(void)
{
	static char text[CONF_SIZE], conf[PATH_MAX];
	const char *folder = beside_folder;
	test_folder_make(beside_folder);
	write_cert();
	cr_assert_eq(hf_str_printf(text, sizeof(text), caddy_conf, folder, folder, folder, folder, folder), HF_OK);
	beside_write("conf", text);
	test_path(conf, beside_folder, "conf");
	char *words[] = {(char[]){CADDY}, (char[]){"run"}, (char[]){"--config"}, conf, NULL};
	beside_start(words);
}

Test(go, caddy)
{
	if (beside_lacks(CADDY))
		return;
	start_caddy();
	const union place place = beside_file("http");
	for (int i = 0; i < FEWER; i++) {
		opening_make_http(&opening, false);
		opening_compare("Caddy", &opening, strstr(beside_ask(&place, &opening), "LISTED"));
	}
	beside_stop();
	openings_judge(FEWER);
}

/* Its certificate is of the listed name alone: a handshake with anybody else ends with an alert. */
Test(go, caddy_by_tls)
{
	if (beside_lacks(CADDY))
		return;
	start_caddy();
	const union place place = beside_file("tls");
	for (int i = 0; i < FEWER; i++) {
		opening_make_tls(&opening);
		opening_compare("Caddy by TLS", &opening, beside_ask(&place, &opening)[0] == TLS_HANDSHAKE);
	}
	beside_stop();
	openings_judge(FEWER);
}
