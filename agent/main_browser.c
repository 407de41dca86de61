/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-browser, which browsers start as the native host of the Holdfast extension.
 * Must never take a setting from the browser that starts it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/paths.h>

#include "agent/browser_host/browser_host.h"
#include "agent/conf/agent_conf.h"

static const char help[] = "holdfast-browser - carries words between the Holdfast extension of a browser and this "
			   "device's agent\n"
			   "\n"
			   "  A browser starts it, with arguments of its own. It ends with the browser.\n"
			   "  holdfast-browser --help | --version\n";

int main(int argc, char **argv)
{
	struct hf_agent_conf conf;
	struct hf_err err = {""};
	enum hf_rc rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(help, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("holdfast-browser " HF_VERSION) < 0;
	signal(SIGPIPE, SIG_IGN);
	rc = hf_agent_conf_read(HF_AGENT_CONF, &conf, &err);
	if (rc == HF_E_ABSENT)
		rc = hf_agent_conf_read(NULL, &conf, &err);
	if (rc == HF_OK)
		rc = hf_browser_host_run(conf.person_socket, STDIN_FILENO, STDOUT_FILENO, &err);
	if (rc != HF_OK)
		fprintf(stderr, "holdfast-browser: %s\n", err.text);
	return rc == HF_OK ? 0 : 1;
}
