/* SPDX-License-Identifier: MIT */
/*
 * `holdfast`, the officer's terminal.
 * Must never hold a rule or a word of its own.
 */
#include "controller/cli/commands/commands.h"

int main(int argc, char **argv)
{
	return hf_cli_run(argc, argv);
}
