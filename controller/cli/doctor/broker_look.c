/* SPDX-License-Identifier: MIT */
/*
 * Owns the look at the broker: its settings, its rules, its process, who gets in.
 * Must never say anything to it that a device or a controller hears.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <holdfast/fs.h>
#include <holdfast/str.h>

#include "controller/cli/doctor/server_look.h"
#include "controller/cli/pki.h"

#define BROKER "mosquitto"
#define BROKER_CONF "/etc/mosquitto/mosquitto.conf"
#define TEXT_MOST (1024 * 1024)
#define LISTENS 0x0a /* proc_pid_net(5) */
#define PATH_SIZE 300

/* `name value` in mosquitto's settings; the last one counts. */
static bool setting_of(const char *text, const char *name, char value[HF_DOCTOR_PATH])
{
	size_t n = strlen(name);
	bool found = false;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *at = line + n;

		if (strncmp(line, name, n) != 0 || !isblank((unsigned char)*at))
			continue;
		at += strspn(at, " \t");
		found = hf_str_printf(value, HF_DOCTOR_PATH, "%.*s", (int)strcspn(at, "\r\n"), at) == HF_OK;
	}
	return found;
}

static enum hf_rc read_text(const char *path, char **ret)
{
	struct hf_file_seen seen = hf_doctor_file(path, NULL, 0);
	size_t len = 0;
	enum hf_rc rc = hf_fs_read(path, TEXT_MOST, ret, &len, NULL);

	return rc == HF_E_SYSTEM && (seen.rc == HF_E_ROLE || access(path, R_OK) != 0) ? HF_E_ROLE : rc;
}

/* Its settings, and where they say that its rules and its certificate are. */
static void look_settings(struct hf_server_look *look, struct hf_server_facts *ret)
{
	hf_auto_free char *text = NULL;

	(void)!hf_str_copy(ret->acl_path, sizeof(ret->acl_path), BROKER_CONF);
	ret->acl = read_text(BROKER_CONF, &text);
	if (ret->acl != HF_OK)
		return;
	(void)setting_of(text, "keyfile", look->broker_key);
	(void)setting_of(text, "certfile", look->broker_cert);
	ret->acl = HF_E_SHAPE;
	if (setting_of(text, "acl_file", ret->acl_path))
		ret->acl = read_text(ret->acl_path, &ret->acl_text);
}

static bool is_number(const char *name)
{
	return name[0] && name[strspn(name, "0123456789")] == '\0';
}

static enum hf_rc proc_text(const char *pid, const char *name, char **ret)
{
	char path[PATH_SIZE];
	size_t len = 0;
	enum hf_rc rc = hf_str_printf(path, sizeof(path), "/proc/%s/%s", pid, name);

	return rc == HF_OK ? hf_fs_read(path, TEXT_MOST, ret, &len, NULL) : rc;
}

/* The first process of this name; "": none runs. */
static void find_process_of(const char *name, char pid[16])
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	pid[0] = '\0';
	while (dir && !pid[0] && (entry = readdir(dir))) {
		hf_auto_free char *comm = NULL;

		if (is_number(entry->d_name) && proc_text(entry->d_name, "comm", &comm) == HF_OK &&
		    strncmp(comm, name, strlen(name)) == 0 && comm[strlen(name)] == '\n')
			(void)!hf_str_copy(pid, 16, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static bool has_socket(const char *pid, unsigned long inode)
{
	char path[PATH_SIZE], link[64], wanted[64];
	DIR *dir = hf_str_printf(path, sizeof(path), "/proc/%s/fd", pid) == HF_OK ? opendir(path) : NULL;
	const struct dirent *entry;
	bool found = false;

	if (hf_str_printf(wanted, sizeof(wanted), "socket:[%lu]", inode) != HF_OK)
		wanted[0] = '\0';
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t n = hf_str_printf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name) == HF_OK
				    ? readlink(path, link, sizeof(link) - 1)
				    : -1;

		if (n < 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, wanted) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void add_port(struct hf_broker_process *p, int port)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i] == port)
			return;
	if (p->n_ports < HF_DOCTOR_PORTS)
		p->ports[p->n_ports++] = port;
}

/* "  1: 0100007F:22B3 00000000:0000 0A ... inode": what listens, and is this process's. */
static void take_listeners(const char *pid, const char *table, struct hf_broker_process *p)
{
	for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned port = 0, state = 0;
		unsigned long inode = 0;

		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu", &port, &state,
			   &inode) == 3 &&
		    state == LISTENS && has_socket(pid, inode))
			add_port(p, (int)port);
	}
}

static void look_process(struct hf_broker_process *p)
{
	static const char *const tables[] = {"net/tcp", "net/tcp6"};
	hf_auto_free char *limits = NULL;
	const char *line;
	char pid[16];

	find_process_of(BROKER, pid);
	p->looked = HF_SEEN_YES;
	p->runs = pid[0] != '\0';
	if (!p->runs)
		return;
	line = proc_text(pid, "limits", &limits) == HF_OK ? strstr(limits, "Max open files") : NULL;
	p->files = line ? strtoull(line + strlen("Max open files"), NULL, 10) : 0;
	for (size_t i = 0; i < HF_LEN(tables); i++) {
		hf_auto_free char *table = NULL;

		if (proc_text(pid, tables[i], &table) == HF_OK)
			take_listeners(pid, table, p);
	}
}

static void try_ports(const struct hf_settings *s, struct hf_broker_process *p)
{
	for (size_t i = 0; i < p->n_ports; i++) {
		const struct hf_broker_try try = {.host = s->bus_host, .port = p->ports[i]};

		if (p->ports[i] != s->bus_port)
			p->plain[i] = hf_doctor_try(&try, NULL, NULL, NULL);
	}
}

/* A certificate for the machine itself alone is one that no laptop connects to. */
static enum hf_seen is_named(const char *path)
{
	enum hf_rc rc = hf_pki_reachable(path);

	return rc == HF_OK ? HF_SEEN_YES : rc == HF_E_ABSENT ? HF_SEEN_NO : HF_SEEN_NOT;
}

void hf_look_broker(struct hf_server_look *look, struct hf_server_facts *ret)
{
	const struct hf_settings *s = &look->settings;
	const bool ours = access(s->bus_key, R_OK) == 0 && access(s->bus_certificate, R_OK) == 0;
	const struct hf_broker_try who = {.host = s->bus_host, .port = (int)s->bus_port, .ca = s->bus_ca,
					  .cert = ours ? s->bus_certificate : NULL, .key = ours ? s->bus_key : NULL,
					  .name = s->controller_id, .for_controller = true};

	look_settings(look, ret);
	ret->broker = hf_doctor_broker(&who);
	ret->broker_named = is_named(look->broker_cert);
	if (look->root)
		look_process(&ret->process);
	try_ports(s, &ret->process);
}
