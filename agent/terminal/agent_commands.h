/* SPDX-License-Identifier: MIT */
/*
 * agent_commands.h - what can be asked of holdfast-agent on its command line
 */
#ifndef HOLDFAST_AGENT_TERMINAL_AGENT_COMMANDS_H
#define HOLDFAST_AGENT_TERMINAL_AGENT_COMMANDS_H

#include <holdfast/findings.h>

#include "agent/conf/agent_conf.h"
#include "agent/enrol/enrol.h"

/* The agent itself, and what is left to be done when it has left a device. */
typedef enum hf_rc (*hf_run_fn)(const struct hf_places *places, const struct hf_agent_conf *conf, struct hf_err *err);
/* Looks at this device, waiting for an agent that is about to start for at most wait_ms; to hf_findings_done. */
typedef enum hf_rc (*hf_look_fn)(const struct hf_places *places, const struct hf_agent_conf *conf, int64_t wait_ms,
				 struct hf_findings *ret, struct hf_err *err);
struct hf_agent_parts {
	hf_run_fn run, forget;
	hf_look_fn look;
};

/*
 * hf_commands_main - read the command line, and do the one thing that it asks for
 *
 * Returns   the exit status: 0; 1 it failed, 2 it was asked for wrongly, with a sentence on standard error
 */
int hf_commands_main(int argc, char **argv, const struct hf_agent_parts *parts);

#endif
