/* SPDX-License-Identifier: MIT */
/*
 * main.c - `holdfast`, the officer's terminal
 *
 * Room controller/cli.  Must never hold a rule or a word of its own.
 */
#include "controller/cli/cli.h"

int main(int argc, char **argv)
{
	return hf_cli_run(argc, argv);
}
