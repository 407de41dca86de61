/* SPDX-License-Identifier: MIT */
/*
 * agent_commands.h - what can be asked of holdfast-agent on its command line
 */
#ifndef HOLDFAST_AGENT_TERMINAL_AGENT_COMMANDS_H
#define HOLDFAST_AGENT_TERMINAL_AGENT_COMMANDS_H

#include "agent/conf/agent_conf.h"
#include "agent/enrol/enrol.h"

/* The agent itself, and what is left to be done when it has left a device. */
typedef enum hf_rc (*hf_run_fn)(const struct hf_places *places, const struct hf_agent_conf *conf, struct hf_err *err);
struct hf_agent_parts {
	hf_run_fn run, forget;
};

/*
 * hf_commands_main - read the command line, and do the one thing that it asks for
 *
 * Returns   the exit status: 0; 1 it failed, 2 it was asked for wrongly, with a sentence on standard error
 */
int hf_commands_main(int argc, char **argv, const struct hf_agent_parts *parts);

#endif
