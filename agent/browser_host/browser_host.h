/* SPDX-License-Identifier: MIT */
/*
 * browser_host.h - between one browser's extension (frames on two file descriptors) and the agent (the people's socket)
 */
#ifndef HOLDFAST_AGENT_BROWSER_HOST_BROWSER_HOST_H
#define HOLDFAST_AGENT_BROWSER_HOST_BROWSER_HOST_H

#include <holdfast/loop.h>

/*
 * hf_browser_host_run - carry words both ways until the browser closes its end
 *
 * To the extension: {"sites": the answer to HF_ASK_SITES}, at the start and with each change; {"agent": "absent"} when
 * no agent is there: it comes again by itself. From it: {"tried": host}, {"told": version}.
 * @socket   the people's socket; borrowed
 * @in, @out  of the browser: 4 bytes of length in the machine's order, then JSON
 * Returns   HF_OK the browser has gone; HF_E_SYSTEM; HF_E_SIZE a frame that is too long; HF_E_MEMORY
 * Source    Chrome's documentation of native messaging
 */
HF_NODISCARD enum hf_rc hf_browser_host_run(const char *socket, int in, int out, struct hf_err *err);

#endif
