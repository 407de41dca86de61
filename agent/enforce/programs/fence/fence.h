/* SPDX-License-Identifier: MIT */
/*
 * fence.h - the small process that answers "may this user open that listed file", and outlives the agent
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_H

/* What a fence is started with by an agent: its socket, listening. */
#define HF_FENCE_FD_LISTEN 3

/*
 * hf_fence_main - the whole life of `holdfast-agent fence [SOCKET]`
 *
 * Started by an agent, which names the socket, or by the service manager, which hands that over (holdfast-fence.socket)
 * and keeps what it holds in case that it dies. Answers for the fanotify group that the agent gives it until it is told
 * to end; a listed file for which it has no rule stays shut for everybody but root. Without a service manager it is a
 * pair of processes: one answers, the other holds the same descriptors and rules and waits for its death.
 * @argc, @argv  of the program: its name, "fence", the path of the socket
 * Owner     takes over the descriptor
 * Returns   the exit status: 0 told to end, or nobody gave it anything; 2 started by neither; 1 the machine refused
 * Source    policy D9.2
 */
int hf_fence_main(int argc, char **argv);

#endif
