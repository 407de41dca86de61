/* SPDX-License-Identifier: MIT */
/*
 * watch.h - the connection to the agent that stays: one blocked poll, no timer while the agent is there
 */
#ifndef HOLDFAST_AGENT_WINDOW_WATCH_H
#define HOLDFAST_AGENT_WINDOW_WATCH_H

#include <jansson.h>
#include <stdbool.h>

#include <holdfast/err.h>

struct hf_desk_watch;

/*
 * hf_desk_watch_new - come to the agent, and come again whenever it has been away
 *
 * While it is away the folder of its socket is watched; there is a look after five minutes all the same.
 * @path     of the people's socket
 * @event    each event of people.h; borrowed
 * @away     why there is no agent; it may be said again
 * Owner     ended by hf_desk_watch_free; path is copied
 * Returns   the watch
 */
struct hf_desk_watch *hf_desk_watch_new(const char *path, void (*event)(void *arg, const json_t *event),
					void (*away)(void *arg, const char *why), void *arg);

/*
 * hf_desk_watch_is_here - does the connection stand
 *
 * Returns   true or false; false of NULL
 */
bool hf_desk_watch_is_here(const struct hf_desk_watch *watch);

/*
 * hf_desk_watch_free - close it, set to NULL; accepts NULL
 */
void hf_desk_watch_free(struct hf_desk_watch **watch);

#endif
