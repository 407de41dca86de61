/* SPDX-License-Identifier: MIT */
/*
 * names_process.h - the small process that looks at which server a new connection asks for, and outlives the agent
 *
 * The kernel hands it the first packets of the connections of users for whom something is shut. When it is not there
 * they pass by themselves, but for those that go where a listed site lives: they are refused. Where the service manager
 * keeps its queue (holdfast-names.service) they wait for its next life instead.
 */
#ifndef HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NAMES_PROCESS_H
#define HOLDFAST_AGENT_ENFORCE_NETWORK_NAMES_NAMES_PROCESS_H

#include <holdfast/sock.h>

#define HF_NAMES_FD_LISTEN 3 /* its socket, listening: with it the process is started by an agent */
#define HF_NAMES_PART 200    /* hosts in one message: 200 of 253 bytes fit into HF_SOCK_MESSAGE_MAX */

/*
 * Bits of a packet's mark by which it and the kernel's table talk; they stand from the queue to the next hook only. The
 * table says that a packet goes where a listed site lives: it passes only when the process has taken that bit away.
 */
#define HF_NAMES_MARK_SETTLED 0x10000000U
#define HF_NAMES_MARK_REFUSE 0x20000000U
#define HF_NAMES_MARK_STRICT 0x40000000U

/*
 * What agent and process say to each other, each one JSON object:
 *   {"shut": {"hosts": [...]}, "last": bool}   these from now on, in parts    -> {"done": true, "pid": number,
 *                                                                               "strict": true, "holds": bool},
 *                                                                               or {"bad": why}
 *   {"queue": number}                          answer for this queue          -> the same
 *   {"ping": true}                             are you there                  -> the same
 *   {"end": true}                              let everything pass, and end   -> {"done": true}
 * and unasked {"tried": host, "uid": number}: this user tried to reach that host; {"unread": address, "uid": number}:
 * what they sent there could not be read, and was refused; {"over": address, "uid": number}: they have more open at
 * once than is their share, and lost the oldest.
 */

/*
 * hf_names_main - the whole life of `holdfast-agent names [SOCKET]`
 *
 * Started by an agent, which names the socket, or by the service manager, which hands that over (holdfast-names.socket)
 * and keeps what it holds in case that it dies.
 * @argc, @argv  of the program: its name, "names", the path of the socket
 * Owner     takes over the descriptor
 * Returns   the exit status: 0 told to end, or nobody gave it anything; 2 started by neither; 1 the machine refused
 * Source    policy D9.2
 */
int hf_names_main(int argc, char **argv);

#endif
