/* SPDX-License-Identifier: MIT */
/*
 * Owns the command line of the programs that a service manager runs.
 * Must never start one with a word that it does not know.
 */
#include <holdfast/program.h>

#include <getopt.h>
#include <stdio.h>

int hf_program_read(int argc, char **argv, struct hf_program *program)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "f:nhV", options, NULL)) != -1) {
		if (c == 'f')
			program->file = optarg;
		else if (c == 'n')
			program->print = true;
		else if (c == 'h')
			return fputs(program->help, stdout) < 0;
		else if (c == 'V')
			return printf("%s %s\n", program->name, HF_VERSION) < 0;
		else
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: '%s' is not expected here: see %s --help\n", program->name, argv[optind], program->name);
	return 2;
}
