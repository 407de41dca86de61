/* SPDX-License-Identifier: MIT */
/*
 * fence.h - the small process that answers "may this user open that listed file", and outlives the agent
 */
#ifndef HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_H
#define HOLDFAST_AGENT_ENFORCE_PROGRAMS_FENCE_FENCE_H

/* The file descriptors with which a fence is started. */
#define HF_FENCE_FD_GROUP 3  /* the fanotify group, which the agent holds too */
#define HF_FENCE_FD_LISTEN 4 /* its socket, listening */

/*
 * hf_fence_main - the whole life of `holdfast-agent fence SOCKET`; started by the agent alone
 *
 * Answers until it is told to end; a listed file for which it has no rule stays shut for everybody but root. It is a
 * pair of processes: one answers, the other holds the same descriptors and rules and waits for its death.
 * @argc, @argv  of the program: its name, "fence", the path of the socket
 * Owner     takes over the two descriptors
 * Returns   the exit status: 0 told to end; 2 not started by an agent; 1 the machine refused
 * Source    policy D9.2
 */
int hf_fence_main(int argc, char **argv);

#endif
