/* SPDX-License-Identifier: MIT */
/*
 * Owns the counting of connections by user, their time, and the order in which requests are answered.
 * Must never let one user's connections or requests keep another's out.
 */
#include "controller/web/shares.h"

void hf_shares_init(struct hf_shares *shares)
{
	*shares = (struct hf_shares){0};
	for (size_t i = 0; i < HF_CONNECTIONS_MAX; i++)
		shares->v[i].fd = -1;
}

struct hf_guest *hf_shares_enter(struct hf_shares *shares, int fd, hf_user uid, int64_t now)
{
	struct hf_guest *place = NULL;
	size_t n_same = 0;

	for (size_t i = 0; i < HF_CONNECTIONS_MAX; i++) {
		struct hf_guest *guest = &shares->v[i];

		n_same += guest->fd >= 0 && guest->uid == uid;
		if (guest->fd < 0 && !place)
			place = guest;
	}
	if (!place || n_same >= HF_SHARE_MAX)
		return NULL;
	*place = (struct hf_guest){.fd = fd, .uid = uid, .since = now};
	return place;
}

struct hf_guest *hf_shares_find(struct hf_shares *shares, int fd)
{
	for (size_t i = 0; i < HF_CONNECTIONS_MAX && fd >= 0; i++) {
		if (shares->v[i].fd == fd)
			return &shares->v[i];
	}
	return NULL;
}

void hf_shares_leave(struct hf_guest *guest)
{
	*guest = (struct hf_guest){.fd = -1};
}

void hf_shares_ask(struct hf_shares *shares, struct hf_guest *guest, void *connection)
{
	guest->asked = ++shares->n_asked;
	guest->connection = connection;
}

static bool is_before(const struct hf_shares *shares, const struct hf_guest *a, const struct hf_guest *b)
{
	return a->uid == b->uid ? a->asked < b->asked : hf_user_before(shares->last, a->uid, b->uid);
}

struct hf_guest *hf_shares_turn(struct hf_shares *shares)
{
	struct hf_guest *next = NULL;

	for (size_t i = 0; i < HF_CONNECTIONS_MAX; i++) {
		struct hf_guest *guest = &shares->v[i];

		if (guest->fd >= 0 && guest->asked > 0 && (!next || is_before(shares, guest, next)))
			next = guest;
	}
	if (next) {
		shares->last = next->uid;
		next->asked = 0;
		next->turn = true;
	}
	return next;
}

struct hf_guest *hf_shares_late(struct hf_shares *shares, struct hf_guest *from, int64_t now, int64_t *ret_next)
{
	for (struct hf_guest *guest = from; guest < shares->v + HF_CONNECTIONS_MAX; guest++) {
		int64_t end = guest->since + HF_REQUEST_MS;

		if (guest->fd < 0)
			continue;
		if (end <= now)
			return guest;
		if (*ret_next > end)
			*ret_next = end;
	}
	return NULL;
}
