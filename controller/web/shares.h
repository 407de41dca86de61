/* SPDX-License-Identifier: MIT */
/*
 * shares.h - who has which connections, for how long, and whose turn it is: no user's connections keep another's out
 *
 * Pure: no socket is touched.
 */
#ifndef HOLDFAST_CONTROLLER_SHARES_H
#define HOLDFAST_CONTROLLER_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <holdfast/user.h>

#define HF_SHARE_MAX 8		/* of one user: a terminal has one, a browser six */
#define HF_CONNECTIONS_MAX 512	/* 64 users, more than have an office; half of the files that a service may open */
#define HF_REQUEST_MS 30000	/* from the first of its bytes that could have come to the last of its answer's */

/* One connection. */
struct hf_guest {
	int fd; /* -1: free */
	hf_user uid;
	int64_t since; /* boot-time ms: when it came, or when its last answer was sent */
	uint64_t asked; /* its request waits for its turn: the lowest came first; 0: none waits */
	bool turn;	/* its turn has come */
	void *connection;
};

struct hf_shares {
	struct hf_guest v[HF_CONNECTIONS_MAX];
	uint64_t n_asked;
	hf_user last; /* who had the last turn */
};

/*
 * hf_shares_init - nobody is here
 */
void hf_shares_init(struct hf_shares *shares);

/*
 * hf_shares_enter - a place for a connection
 *
 * @now      boot-time ms
 * Returns   NULL: this user has their share, or there is no place at all
 */
struct hf_guest *hf_shares_enter(struct hf_shares *shares, int fd, hf_user uid, int64_t now);

/*
 * hf_shares_find - the guest with this file descriptor; NULL: none
 */
struct hf_guest *hf_shares_find(struct hf_shares *shares, int fd);

/*
 * hf_shares_leave - its place is free
 */
void hf_shares_leave(struct hf_guest *guest);

/*
 * hf_shares_ask - its request has come whole and waits for its turn
 */
void hf_shares_ask(struct hf_shares *shares, struct hf_guest *guest, void *connection);

/*
 * hf_shares_turn - whose request is next, which waits no longer; NULL: none waits
 *
 * Between two requests of one user each other user who waits has one answered.
 */
struct hf_guest *hf_shares_turn(struct hf_shares *shares);

/*
 * hf_shares_late - the first guest from @from on whose time is over; NULL: none
 *
 * @from     a guest, or the beginning of v
 * @ret_next the least boot-time ms at which one of those that were passed is over; untouched where none was
 */
struct hf_guest *hf_shares_late(struct hf_shares *shares, struct hf_guest *from, int64_t now, int64_t *ret_next);

#endif
