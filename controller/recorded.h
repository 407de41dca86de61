/* SPDX-License-Identifier: MIT */
/*
 * recorded.h - when a release was recorded with all its approvals: it takes effect then, not when it was written
 */
#ifndef HOLDFAST_CONTROLLER_RECORDED_H
#define HOLDFAST_CONTROLLER_RECORDED_H

#include <stddef.h>

#include <holdfast/lockdowns.h>

/* One release, by the clock of the controller that recorded it. */
struct hf_recorded_row {
	struct hf_digest digest;
	struct hf_wall at;
};

/* Sorted by digest, one a release of the journal. Start it zeroed. */
struct hf_recorded {
	struct hf_recorded_row *v;
	size_t n, room;
};

/*
 * hf_recorded_note - this order was recorded now; the first time counts, and of releases alone
 *
 * @orders   what is known since it was recorded: one that is not in it is in force nowhere
 * Owner     the book keeps a copy; without memory the release stays without its time
 * Source    controller/API.md "Status"
 */
void hf_recorded_note(struct hf_recorded *book, const struct hf_orders *orders, const struct hf_digest *digest,
		      struct hf_wall at);

/*
 * hf_recorded_at - when; hf_recorded_done - free it, zero the struct
 *
 * Returns   the time; 0 when it was not recorded here
 */
struct hf_wall hf_recorded_at(const struct hf_recorded *book, const struct hf_digest *digest);
void hf_recorded_done(struct hf_recorded *book);

#endif
