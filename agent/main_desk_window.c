/* SPDX-License-Identifier: MIT */
/*
 * Owns the program holdfast-desk-window: what holdfast-desk starts it with.
 * Must never run with more rights than the person's own.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <holdfast/str.h>
#include <holdfast/text.h>
#include <holdfast/tongue.h>

#include "agent/window/desk.h"
#include "agent/window/window.h"

static const char help[] =
	HF_TEXT("holdfast-desk-window - the window of holdfast-desk, which starts it when there is something to say\n"
		"\n"
		"  holdfast-desk-window --socket PATH --linger SECONDS   told by holdfast-desk on standard input\n"
		"  holdfast-desk-window --check                          can a window be opened here?\n"
		"  holdfast-desk-window --help | --version\n");

/* Returns -1 to go on, else the exit status. */
static int take_option(int c, struct hf_desk_options *o)
{
	switch (c) {
	case 's':
		o->socket = optarg;
		return -1;
	case 'l':
		o->linger_s = hf_str_digits(optarg, strnlen(optarg, 6));
		return o->linger_s >= 1 ? -1 : 2;
	case 'c':
		return hf_desk_has_screen(NULL) == HF_OK ? 0 : 1;
	case 'h':
		return fputs(hf_text(help), stdout) < 0;
	case 'V':
		return puts("holdfast-desk-window " HF_VERSION) < 0;
	}
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'}, {"linger", required_argument, NULL, 'l'},
		{"check", no_argument, NULL, 'c'},	  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},	  {NULL, 0, NULL, 0},
	};
	struct hf_desk_options o = {.socket = NULL};
	struct hf_err err = {""};
	int c, status = -1;
	enum hf_rc rc;

	hf_tongue_begin("holdfast-desk");
	while (status < 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		status = take_option(c, &o);
	if (status >= 0)
		return status;
	if (optind != argc || !o.socket || getuid() == 0 || geteuid() == 0) {
		fputs(hf_text("holdfast-desk-window: holdfast-desk starts this; as root nobody does\n"), stderr);
		return 2;
	}
	rc = hf_desk_run(&o, &err);
	if (rc != HF_OK)
		fprintf(stderr, "holdfast-desk: %s\n", err.text);
	return rc == HF_OK ? 0 : 1;
}
